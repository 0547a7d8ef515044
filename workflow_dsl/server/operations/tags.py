"""Tags of state machines and activities."""

from __future__ import annotations

from collections.abc import Mapping

from workflow_dsl.local.one_state.api import ApiError
from workflow_dsl.server.account import Account
from workflow_dsl.server.arns import parse_arn
from workflow_dsl.server.errors import resource_missing
from workflow_dsl.server.operations.operation import Answer, Members, Operation

_MOST = 50  # Step Functions quotas, "Restrictions related to tagging"


def tags_of(request: Members, earlier: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the tags of a request by their keys, with those that the resource had. Raises ApiError for too many."""
    tags = {**(earlier or {}), **{tag.get("key") or "": tag.get("value") or "" for tag in request.get("tags", [])}}
    if len(tags) > _MOST:
        raise ApiError("TooManyTags", f"Too many tags: a resource has at most {_MOST}")
    return tags


def _tags(account: Account, text: str) -> dict[str, str]:
    arn = parse_arn(text, "stateMachine", "activity")
    resource = (account.machines if arn.kind == "stateMachine" else account.activities).get(arn.text)
    if resource is None:
        raise resource_missing(arn.text)
    tags: dict[str, str] = resource.tags
    return tags


def tag(account: Account, request: Members) -> Answer:
    """Add tags, or change them."""
    with account.lock:
        tags = _tags(account, request["resourceArn"])
        tags |= tags_of(request, tags)
    return {}


def untag(account: Account, request: Members) -> Answer:
    """Remove tags."""
    with account.lock:
        tags = _tags(account, request["resourceArn"])
        for key in request["tagKeys"]:
            tags.pop(key, None)
    return {}


def list_tags(account: Account, request: Members) -> Answer:
    """Return the tags of a resource."""
    with account.lock:
        tags = dict(_tags(account, request["resourceArn"]))
    return {"tags": [{"key": key, "value": value} for key, value in tags.items()]}


OPERATIONS: dict[str, Operation] = {"TagResource": tag, "UntagResource": untag, "ListTagsForResource": list_tags}
