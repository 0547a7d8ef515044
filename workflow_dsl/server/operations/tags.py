"""Tags of state machines and activities."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_dsl.local.one_state.api import ApiError
from workflow_dsl.server.account import Account
from workflow_dsl.server.arns import parse_arn
from workflow_dsl.server.errors import resource_missing
from workflow_dsl.server.operations.operation import Answer, Members, Operation

_MOST = 50  # Step Functions quotas, "Restrictions related to tagging"


def as_dict(tags: Sequence[Members]) -> dict[str, str]:
    """Return tags by their keys. Raises ApiError for too many."""
    found = {tag.get("key") or "": tag.get("value") or "" for tag in tags}
    if len(found) > _MOST:
        raise ApiError("TooManyTags", f"Too many tags: a resource has at most {_MOST}")
    return found


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
        added = as_dict(request["tags"])
        if len({*tags, *added}) > _MOST:
            raise ApiError("TooManyTags", f"Too many tags: a resource has at most {_MOST}")
        tags |= added
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
