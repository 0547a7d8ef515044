"""The resource-based policies of the template: whether one may let a role act on its resource.

IAM user guide, "AWS JSON policy elements: Principal". AWS acts for a state machine as its role, so a policy for a
service (`Principal: apigateway.amazonaws.com`) allows nothing to it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflow_dsl.application.template import Resource, Template, references
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, is_intrinsic
from workflow_dsl.definition.json import Json
from workflow_dsl.permissions.patterns import actions_overlap

_DOCUMENTS = {  # the property that has the statements; "" for a policy that is a statement itself
    "AWS::Lambda::Permission": "",
    "AWS::Lambda::ResourcePolicy": "PolicyDocument",
    "AWS::S3::BucketPolicy": "PolicyDocument",
    **dict.fromkeys(("AWS::SNS::TopicPolicy", "AWS::SNS::TopicInlinePolicy"), "PolicyDocument"),
    **dict.fromkeys(("AWS::SQS::QueuePolicy", "AWS::SQS::QueueInlinePolicy"), "PolicyDocument"),
    "AWS::Events::EventBusPolicy": "Statement",
    "AWS::SecretsManager::ResourcePolicy": "ResourcePolicy",
}


def has_own_policy(template: Template, logical_id: str, role: str, action: str) -> bool:
    """True if a resource-based policy of a resource may allow an action to a role."""
    return _may_be_allowed(template, template.referrers(logical_id), role, action)


def a_policy_may_allow(template: Template, role: str, action: str) -> bool:
    """True if a resource-based policy of any resource may allow an action to a role."""
    return _may_be_allowed(template, template.of_types(*_DOCUMENTS), role, action)


def _may_be_allowed(template: Template, resources: Iterable[Resource], role: str, action: str) -> bool:
    policies = (each for each in resources if each.type in _DOCUMENTS)
    return any(
        _is_open_to(role, set(references(policy.properties)), template)
        and any(_may_allow(statement, action) for statement in _statements(policy))
        for policy in policies
    )


def _is_open_to(role: str, names: set[str], template: Template) -> bool:
    """True if a policy that refers to these names names a role, or no role of the template."""
    others = (template.resources[name] for name in names if name in template.resources)
    return role in names or not any(other.type == "AWS::IAM::Role" for other in others)


def _statements(policy: Resource) -> Iterator[Json]:
    """The statements of a policy, None for one that only the stack has."""
    field = _DOCUMENTS[policy.type]
    document = policy.properties.get(field) if field else dict(policy.properties)
    if not isinstance(document, dict) or is_intrinsic(document):
        yield None
        return
    yield from as_list(document.get("Statement", document))


def _may_allow(statement: Json, action: str) -> bool:
    """True unless a statement is known to be about other actions, or to allow nothing to roles."""
    if not isinstance(statement, dict) or is_intrinsic(statement):
        return True
    principal = statement.get("Principal")
    is_service = isinstance(principal, str) and "amazonaws.com" in principal
    kinds = set(dict_or_empty(principal))
    is_for_roles = not is_service and not (kinds and kinds <= {"Service", "Federated", "CanonicalUser"})
    actions = as_list(statement.get("Action"))
    names = [each for each in actions if isinstance(each, str)]
    is_about = not actions or len(names) < len(actions) or any(actions_overlap(each, action) for each in names)
    return is_for_roles and is_about and statement.get("Effect", "Allow") != "Deny"
