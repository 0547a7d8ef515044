"""The grants of a state machine's role in its template: policy templates, statements, managed policies, connectors.

policy_templates.json is condensed from the SAM translator, managed_policies.json from the documents of AWS managed
policies. With an unknown policy the whole role is unknown: it may allow anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from workflow_dsl.application.template import Resource, Template, references
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.application.template.resource_types import MACHINES
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys
from workflow_dsl.permissions.connectors import UnknownConnector, connected
from workflow_dsl.permissions.patterns import actions_overlap
from workflow_dsl.permissions.roles import role_of
from workflow_dsl.permissions.tables import table


class Grant(NamedTuple):
    """IAM actions, with wildcards, on resources as they are written in the template; None stands for any resource.

    `name` is that of a policy template or managed policy, whose actions come together; "" for a statement. With
    `is_denied` the actions are denied without a condition.
    """

    actions: tuple[str, ...]
    resources: tuple[Json, ...] | None
    keys: Keys
    name: str = ""
    is_denied: bool = False


class UnknownPolicy(Exception):
    """A policy whose statements are not in the template; its text is the reason."""


def why_unknown(template: Template, logical_id: str) -> str:
    """Why the grants of a state machine's role are unknown; "" if they are known."""
    role = role_of(template, logical_id)
    if role is None:
        properties = template.resources[logical_id].properties
        is_selected = "Fn::If" in dict_or_empty(properties.get("Role", properties.get("RoleArn")))
        return "a condition selects its role" if is_selected else "its role is not in the template"
    others = _opaque_referrers(template, role)
    if others:
        return f"{others[0]} may add policies to {role}"
    try:
        list(_of_role(template, logical_id, role))
    except UnknownPolicy as problem:
        return str(problem)
    return ""


def granted(template: Template, logical_id: str) -> list[Grant] | None:
    """Return the grants of a state machine's role; None if they are unknown."""
    role = role_of(template, logical_id)
    if role is None or _may_get_more(template, role):
        return None
    try:
        return list(_of_role(template, logical_id, role))
    except UnknownPolicy:
        return None


def granted_to(template: Template, role: str) -> list[Grant] | None:
    """Return the grants of a role of the template; None if they are unknown."""
    if _may_get_more(template, role):
        return None
    try:
        return [*_of_own_role(template, role), *_of_attached_policies(template, role)]
    except UnknownPolicy:
        return None


def granted_to_function(template: Template, logical_id: str) -> list[Grant] | None:
    """Return the grants of a function's role; None if they are unknown."""
    properties = template.resources[logical_id].properties
    role = role_of(template, logical_id)
    if role is not None:
        return granted_to(template, role)
    if "Role" in properties or template.resources[logical_id].type != "AWS::Serverless::Function":
        return None
    generated = f"{logical_id}Role"
    if _may_get_more(template, generated):
        return None
    try:
        return [*_of_role(template, logical_id, generated), *_added_by_sam(template, logical_id)]
    except UnknownPolicy:
        return None


def _added_by_sam(template: Template, logical_id: str) -> Iterator[Grant]:
    """The grants that SAM adds to the role that it creates for a function: for its settings, and for event sources.

    SAM guide, "AWS::Serverless::Function", and the translator's `sam_resources.py`.
    """
    properties = template.resources[logical_id].properties
    events = [str(dict_or_empty(event).get("Type")) for event in dict_or_empty(properties.get("Events")).values()]
    if not _SOURCES_WITH_SECRETS.isdisjoint(events):
        raise UnknownPolicy("SAM adds the permissions of an event source")
    keys: Keys = ("Resources", logical_id, "Properties")
    names = [_SETTINGS[name] for name in _SETTINGS if properties.get(name)]
    names += [_EVENT_SOURCES[event] for event in events if event in _EVENT_SOURCES]
    for name in ("AWSLambdaBasicExecutionRole", *names):
        yield Grant(tuple(table("managed_policies")[name]), None, keys, name)
    if properties.get("DeadLetterQueue") or properties.get("EventInvokeConfig"):
        yield Grant(_TO_DESTINATIONS, None, keys, "EventInvokeConfig")


_SETTINGS = {"Tracing": "AWSXRayDaemonWriteAccess", "VpcConfig": "AWSLambdaVPCAccessExecutionRole"}
_EVENT_SOURCES = {
    "DynamoDB": "AWSLambdaDynamoDBExecutionRole",
    "Kinesis": "AWSLambdaKinesisExecutionRole",
    "MSK": "AWSLambdaMSKExecutionRole",
    "SQS": "AWSLambdaSQSQueueExecutionRole",
}
_SOURCES_WITH_SECRETS = frozenset(("DocumentDB", "MQ", "SelfManagedKafka"))
_TO_DESTINATIONS = ("events:PutEvents", "lambda:InvokeFunction", "sns:Publish", "sqs:SendMessage")


def grants_action(grants: list[Grant], action: str) -> bool:
    """True if grants may allow an action, whatever its resource."""
    return any(actions_overlap(each, action) for grant in grants if not grant.is_denied for each in grant.actions)


def _may_get_more(template: Template, role: str) -> bool:
    """True if a nested stack or a custom resource gets the role: it may add policies to it."""
    return bool(_opaque_referrers(template, role))


def _opaque_referrers(template: Template, role: str) -> list[str]:
    return [resource.logical_id for resource in template.referrers(role) if resource.type.startswith(_OPAQUE)]


_OPAQUE = ("Custom::", "AWS::CloudFormation::", "AWS::Serverless::Application")


def _of_role(template: Template, logical_id: str, role: str) -> Iterator[Grant]:
    if role in template.resources:
        yield from _of_own_role(template, role)
    else:
        yield from _of_generated_role(template, logical_id)
    yield from _of_attached_policies(template, role)


def _of_attached_policies(template: Template, role: str) -> Iterator[Grant]:
    """The grants of policies and connectors beside a role."""
    for resource in attached_policies(template, role):
        if resource in template.loops:
            raise UnknownPolicy(f"Fn::ForEach creates its policy {resource.logical_id}")
        keys = ("Resources", resource.logical_id, "Properties", "PolicyDocument")
        yield from _statements(resource.properties.get("PolicyDocument"), keys)
    try:
        for statement in connected(template, role):
            yield Grant(statement.actions, statement.resources, statement.keys, "Connector")
    except UnknownConnector as problem:
        raise UnknownPolicy(str(problem)) from None


def _of_own_role(template: Template, role: str) -> Iterator[Grant]:
    """The grants of a role of the template."""
    keys: Keys = ("Resources", role, "Properties")
    properties = template.resources[role].properties
    yield from _policies(as_list(properties.get("ManagedPolicyArns")), (*keys, "ManagedPolicyArns"), template)
    for index, policy in enumerate(as_list(properties.get("Policies"))):
        document = dict_or_empty(policy).get("PolicyDocument")
        yield from _statements(document, (*keys, "Policies", index, "PolicyDocument"))


def _of_generated_role(template: Template, logical_id: str) -> Iterator[Grant]:
    """The grants of the role that SAM creates for a state machine."""
    keys: Keys = ("Resources", logical_id, "Properties")
    properties = template.resources[logical_id].properties
    policies = properties.get("Policies")
    yield from _policies(as_list(policies), (*keys, "Policies"), template, is_list=isinstance(policies, list))
    if dict_or_empty(properties.get("Tracing")).get("Enabled") is True:
        yield Grant(("xray:*",), None, (*keys, "Tracing"), "Tracing")  # SAM adds AWS's policy for it


_MANAGED = "AWS::IAM::ManagedPolicy"
_ATTACHED = ("AWS::IAM::Policy", _MANAGED, "AWS::IAM::RolePolicy")


def attached_policies(template: Template, role: str) -> Iterator[Resource]:
    """The policies that are attached to a role, by a reference or by the role's name."""
    name = template.known(template.resources[role].properties.get("RoleName")) if role in template.resources else None
    candidates = template.referrers(role) if name is None else template.of_types(*_ATTACHED)
    for policy in candidates:
        roles = as_list(policy.properties.get("Roles", policy.properties.get("RoleName")))
        is_named = name is not None and any(template.known(value) == name for value in roles)
        if policy.type in _ATTACHED and (is_named or role in references(roles)):
            yield policy


def _policies(policies: list[Json], keys: Keys, template: Template, *, is_list: bool = True) -> Iterator[Grant]:
    for index, policy in enumerate(policies):
        yield from _policy(policy, (*keys, index) if is_list else keys, template)


def _policy(policy: Json, keys: Keys, template: Template) -> Iterator[Grant]:
    name = next(iter(policy)) if isinstance(policy, dict) and len(policy) == 1 else ""
    if policy == {"Ref": "AWS::NoValue"}:
        return
    if isinstance(policy, str) or name in ("Fn::Sub", "Fn::Join"):
        yield _managed(str(template.value(policy)), keys)
    elif name == "Fn::If" and isinstance(policy[name], list):
        for branch in policy[name][1:]:
            yield from _policy(branch, keys, template)
    elif name == "Ref" and _is_managed_policy(template, policy[name]):
        document = template.resources[policy[name]].properties.get("PolicyDocument")
        yield from _statements(document, ("Resources", policy[name], "Properties", "PolicyDocument"))
    elif isinstance(policy, dict) and "Statement" in policy:
        yield from _statements(policy, keys)
    elif name in table("policy_templates"):
        for parameter, actions in table("policy_templates")[name].items():
            value = dict_or_empty(policy[name]).get(parameter)
            if isinstance(value, str) and name in ENDING_IN_WILDCARD:
                value = f"{value}*"
            yield Grant(tuple(actions), None if parameter == "*" else (value,), keys, name)
    else:
        raise UnknownPolicy(f"its policy {name} is not in the template" if name else _NOT_WRITTEN)


def policy_templates() -> Mapping[str, frozenset[str]]:
    """SAM's policy templates, each with the parameters that it needs (SAM guide, "SAM policy templates")."""
    return {name: frozenset(parameters) - {"*"} for name, parameters in table("policy_templates").items()}


ENDING_IN_WILDCARD = ("LambdaInvokePolicy", "SNSCrudPolicy")  # SAM's templates end the name of their resource in `*`


def _is_managed_policy(template: Template, name: Json) -> bool:
    return isinstance(name, str) and name in template.resources and template.resources[name].type == _MANAGED


def _managed(policy: str, keys: Keys) -> Grant:
    name = policy.rpartition("/")[2]
    is_from_aws = ":iam::aws:policy/" in policy or ":" not in policy
    if not is_from_aws or name not in table("managed_policies"):
        raise UnknownPolicy(f"the statements of {policy} are not in the template")
    return Grant(tuple(table("managed_policies")[name]), None, keys, name)


_NOT_WRITTEN = "only the stack has some of its statements"


def _statements(document: Json, keys: Keys) -> Iterator[Grant]:
    if not isinstance(document, dict) or "Statement" not in document:
        raise UnknownPolicy(_NOT_WRITTEN)
    statements = document["Statement"]
    for index, statement in enumerate(as_list(statements)):
        if not isinstance(statement, dict) or "Action" not in statement:
            raise UnknownPolicy(_NOT_WRITTEN)
        actions = as_list(statement["Action"])
        effect = statement.get("Effect", "Allow")
        if not all(isinstance(action, str) for action in (*actions, effect)):
            raise UnknownPolicy(_NOT_WRITTEN)
        is_certain = "Condition" not in statement and "Resource" in statement  # what is denied for sure
        if effect == "Allow" or is_certain:
            resources = None if "Resource" not in statement else tuple(as_list(statement["Resource"]))
            keys_of_statement = (*keys, "Statement", index) if isinstance(statements, list) else (*keys, "Statement")
            yield Grant(tuple(actions), resources, keys_of_statement, is_denied=effect != "Allow")


def is_shared(template: Template, role: str) -> bool:
    """True if anything but a state machine uses the role, by the role's trust policy or by a reference."""
    resource = template.resources.get(role)
    trust = json.dumps(resource.properties.get("AssumeRolePolicyDocument")) if resource else ""
    users = (user.type for user in template.referrers(role) if not user.type.startswith("AWS::IAM::"))
    return trust.count("amazonaws.com") > 1 or any(type_ not in (*MACHINES, *_ALLOWING) for type_ in users)


# What names a role in order to allow it something, or to add to it.
_ALLOWING = (
    *("AWS::KMS::Key", "AWS::KMS::Grant", "AWS::S3::BucketPolicy", "AWS::SQS::QueuePolicy", "AWS::SNS::TopicPolicy"),
    *("AWS::Lambda::Permission", "AWS::SecretsManager::ResourcePolicy", "AWS::Serverless::Connector"),
)
