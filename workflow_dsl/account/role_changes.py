"""The permissions that a deployment adds to a state machine's role, or takes from it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from workflow_dsl.application.template import Template
from workflow_dsl.definition.json import Json
from workflow_dsl.permissions.grants import granted, why_unknown
from workflow_dsl.permissions.patterns import pattern_matches, wildcards_match
from workflow_dsl.permissions.roles import role_of
from workflow_dsl.records import Record

_Permission = tuple[str, str]  # an action and a resource
_RESTRICTING = ("Condition", "NotAction", "NotResource")


class RoleChanges(Record):
    """Actions by resource that only the new or only the old template grants, as far as their statements are known.

    `role` has the old role and the new one where another role takes over. `unknown` is the reason why changed
    policies were not compared.
    """

    added: Mapping[str, list[str]]
    removed: Mapping[str, list[str]]
    role: tuple[str, str] | None = None
    is_restricted_otherwise: bool = False  # other conditions or denials
    unknown: str = ""


def role_changes(before: Template, after: Template, logical_id: str) -> RoleChanges:
    """Return how a deployment changes the permissions of a state machine's role; both templates have its values."""
    role = _role_text(before, logical_id), _role_text(after, logical_id)
    changed_role = role if role[0] != role[1] else None
    old, new = _permissions(before, logical_id), _permissions(after, logical_id)
    if old is None or new is None:
        is_same = _written(before, logical_id) == _written(after, logical_id)
        reason = why_unknown(after if new is None else before, logical_id)
        return RoleChanges({}, {}, changed_role, unknown="" if is_same else reason)
    restrictions = [frozenset(_restrictions(_written(side, logical_id))) for side in (before, after)]
    return RoleChanges(
        _by_resource(grant for grant in new if not _is_covered(grant, old)),
        _by_resource(grant for grant in old if not _is_covered(grant, new)),
        changed_role,
        restrictions[0] != restrictions[1],
    )


def _role_text(template: Template, logical_id: str) -> str:
    properties = template.resources[logical_id].properties
    role = properties.get("Role", properties.get("RoleArn"))
    return "the role that SAM creates" if role is None else _resource_name(template, role)


def _permissions(template: Template, logical_id: str) -> list[_Permission] | None:
    grants = granted(template, logical_id)
    if grants is None:
        return None
    return [
        (action, _resource_name(template, resource))
        for grant in grants
        for resource in (grant.resources or ("*",))
        for action in grant.actions
    ]


def _resource_name(template: Template, value: Json) -> str:
    """A resource as the stack has it; the name of what only the stack knows."""
    known = template.known(value)
    return known if isinstance(known, str) else str(template.value(value))


def _is_covered(permission: _Permission, granted: list[_Permission]) -> bool:
    action, resource = permission
    return any(_covers(a.lower(), action.lower()) and _covers_resource(r, resource) for a, r in granted)


def _covers_resource(pattern: str, resource: str) -> bool:
    if _is_name(pattern) is not _is_name(resource):  # a policy template has the name, a statement the ARN
        return pattern_matches(pattern, resource)
    return _covers(pattern, resource)


def _is_name(resource: str) -> bool:
    return resource != "*" and not resource.startswith("arn:")


def _covers(pattern: str, text: str) -> bool:
    return pattern == text or (not ("?" in pattern and "*" in text) and wildcards_match(pattern, text))


def _by_resource(permissions: Iterator[_Permission]) -> dict[str, list[str]]:
    actions: dict[str, list[str]] = {}
    for action, resource in permissions:
        if action not in actions.setdefault(resource, []):
            actions[resource].append(action)
    return actions


def _written(template: Template, logical_id: str) -> list[Json]:
    """The text of the template about a role: in the state machine, in the role, and in the policies that name it."""
    role = role_of(template, logical_id) or ""
    own = template.resources[logical_id].properties
    policies = [referrer for referrer in template.referrers(role) if referrer.type.startswith("AWS::IAM::")]
    properties = [
        resource.properties for resource in ([template.resources[role]] if role in template.resources else [])
    ]
    written = [*properties, *(policy.properties for policy in policies)]
    named = {name: own[name] for name in ("Policies", "PermissionsBoundary", "Tracing") if name in own}
    return [template.value(dict(document)) for document in (named, *written)]


def _restrictions(value: Json) -> Iterator[str]:
    """The statements that deny or have conditions, and boundaries."""
    if isinstance(value, list):
        for item in value:
            yield from _restrictions(item)
    elif isinstance(value, dict):
        is_restricting = value.get("Effect") == "Deny" or any(name in value for name in _RESTRICTING)
        if is_restricting or "PermissionsBoundary" in value:
            yield json.dumps(value if is_restricting else value["PermissionsBoundary"], sort_keys=True)
        for name, member in value.items():
            if name not in ("AssumeRolePolicyDocument", "Condition"):
                yield from _restrictions(member)
