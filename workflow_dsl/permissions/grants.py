"""What a template gives a state machine's role: SAM's policy templates, statements, policies of AWS, connectors.

policy_templates.json and connectors.json are condensed from the SAM translator, managed_policies.json from the
documents of AWS's own policies. Where a policy is not known here, nothing is said of the role: it may hold everything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NamedTuple

from workflow_dsl.application.template import Resource, Template, references
from workflow_dsl.application.template.resource_types import MACHINES
from workflow_dsl.application.template.values import as_list, dict_or_empty
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys
from workflow_dsl.permissions.tables import table

_Keys = Keys


class Grant(NamedTuple):
    """IAM actions, with wildcards, on resources as the template has them; None stands for any.

    `name` is that of a policy template or a policy of AWS, which is given as a whole; "" for a statement.
    """

    actions: tuple[str, ...]
    resources: tuple[Json, ...] | None
    keys: _Keys
    name: str = ""


class UnknownPolicy(Exception):
    """A policy that is not in the template."""


def role_of(template: Template, logical_id: str) -> str | None:
    """The role of a state machine: a resource of the template, or the one that SAM makes; None where it is neither."""
    resource = template.resources[logical_id]
    role = resource.properties.get("Role", resource.properties.get("RoleArn"))
    if role is None:
        return f"{logical_id}Role" if resource.type == "AWS::Serverless::StateMachine" else None
    names = set(references(role))
    name = names.pop() if len(names) == 1 else ""  # of two, which it is the stack decides
    is_here = name in template.resources and template.resources[name].type == "AWS::IAM::Role"
    return name if is_here and "Fn::If" not in role else None


def granted(template: Template, logical_id: str) -> list[Grant] | None:
    """What a state machine's role is given; None where that cannot be known."""
    role = role_of(template, logical_id)
    if role is None or _is_given_away(template, role):
        return None
    try:
        return list(_of_role(template, logical_id, role))
    except UnknownPolicy:
        return None


def _is_given_away(template: Template, role: str) -> bool:
    """Whether something gets a role that may give it more: another stack, or a resource of the account's own."""
    others = (each for each in template.resources.values() if each.type.startswith(_ADDING))
    return any(role in references(each.properties) for each in others)


_ADDING = ("Custom::", "AWS::CloudFormation::", "AWS::Serverless::Application")


def _of_role(template: Template, logical_id: str, role: str) -> Iterator[Grant]:
    resource = template.resources[logical_id]
    if role in template.resources:
        keys: _Keys = ("Resources", role, "Properties")
        properties = template.resources[role].properties
        yield from _policies(as_list(properties.get("ManagedPolicyArns")), (*keys, "ManagedPolicyArns"), template)
        for index, policy in enumerate(as_list(properties.get("Policies"))):
            document = dict_or_empty(policy).get("PolicyDocument")
            yield from _statements(document, (*keys, "Policies", index, "PolicyDocument"))
    else:
        keys = ("Resources", logical_id, "Properties")
        given = resource.properties.get("Policies")
        yield from _policies(as_list(given), (*keys, "Policies"), template, is_list=isinstance(given, list))
        if dict_or_empty(resource.properties.get("Tracing")).get("Enabled") is True:
            yield Grant(("xray:*",), None, (*keys, "Tracing"), "Tracing")  # SAM adds AWS's policy for it
    for other in template.resources.values():
        if other.type in _ATTACHED and _is_for(other, role, template):
            keys = ("Resources", other.logical_id, "Properties", "PolicyDocument")
            yield from _statements(other.properties.get("PolicyDocument"), keys)
    yield from _connected(template, logical_id)


_ATTACHED = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")


def _is_for(policy: Resource, role: str, template: Template) -> bool:
    """Whether a policy is attached to a role, by a reference or by the role's own name."""
    own = template.known(template.resources[role].properties.get("RoleName")) if role in template.resources else None
    roles = as_list(policy.properties.get("Roles", policy.properties.get("RoleName")))
    return any(role in references(each) or (own is not None and template.known(each) == own) for each in roles)


def _policies(given: list[Json], keys: _Keys, template: Template, *, is_list: bool = True) -> Iterator[Grant]:
    for index, policy in enumerate(given):
        yield from _policy(policy, (*keys, index) if is_list else keys, template)


def _policy(policy: Json, keys: _Keys, template: Template) -> Iterator[Grant]:
    name = next(iter(policy)) if isinstance(policy, dict) and len(policy) == 1 else ""
    if policy == {"Ref": "AWS::NoValue"}:
        return
    if isinstance(policy, str) or name in ("Fn::Sub", "Fn::Join"):
        yield _managed(str(template.value(policy)), keys)
    elif name == "Fn::If" and isinstance(policy[name], list):
        for each in policy[name][1:]:
            yield from _policy(each, keys, template)
    elif name == "Ref" and _is_policy(template, policy[name]):
        document = template.resources[policy[name]].properties.get("PolicyDocument")
        yield from _statements(document, ("Resources", policy[name], "Properties", "PolicyDocument"))
    elif isinstance(policy, dict) and "Statement" in policy:
        yield from _statements(policy, keys)
    elif name in table("policy_templates"):
        for parameter, actions in table("policy_templates")[name].items():
            value = dict_or_empty(policy[name]).get(parameter)
            yield Grant(tuple(actions), None if parameter == "*" else (value,), keys, name)
    else:
        raise UnknownPolicy


def _is_policy(template: Template, name: Json) -> bool:
    return isinstance(name, str) and name in template.resources and template.resources[name].type == _ATTACHED[1]


def _managed(policy: str, keys: _Keys) -> Grant:
    name = policy.rpartition("/")[2]
    is_of_aws = ":iam::aws:policy/" in policy or ":" not in policy
    if not is_of_aws or name not in table("managed_policies"):
        raise UnknownPolicy
    return Grant(tuple(table("managed_policies")[name]), None, keys, name)


def _statements(document: Json, keys: _Keys) -> Iterator[Grant]:
    if not isinstance(document, dict) or "Statement" not in document:
        raise UnknownPolicy
    statements = document["Statement"]
    for index, statement in enumerate(as_list(statements)):
        if not isinstance(statement, dict) or "Action" not in statement:
            raise UnknownPolicy
        actions = as_list(statement["Action"])
        effect = statement.get("Effect", "Allow")
        if not all(isinstance(action, str) for action in (*actions, effect)):
            raise UnknownPolicy
        if effect == "Allow":
            resources = None if "Resource" not in statement else tuple(as_list(statement["Resource"]))
            at = (*keys, "Statement", index) if isinstance(statements, list) else (*keys, "Statement")
            yield Grant(tuple(actions), resources, at)


def _connected(template: Template, logical_id: str) -> Iterator[Grant]:
    """What SAM's connectors from the state machine to others give its role."""
    own = dict_or_empty(template.source.document["Resources"][logical_id].get("Connectors"))
    for name, connector in own.items():
        yield from _connector(template, connector, ("Resources", logical_id, "Connectors", name))
    for resource in template.of_types("AWS::Serverless::Connector"):
        source = dict_or_empty(resource.properties.get("Source"))
        if source.get("Id") == logical_id:
            connector = {"Properties": resource.properties}
            yield from _connector(template, connector, ("Resources", resource.logical_id))
        elif "Id" not in source:  # named by its ARN or its role
            raise UnknownPolicy


def _connector(template: Template, connector: Json, keys: _Keys) -> Iterator[Grant]:
    properties = dict_or_empty(dict_or_empty(connector).get("Properties"))
    for destination in as_list(properties.get("Destination")):
        target = template.resources.get(str(dict_or_empty(destination).get("Id")))
        profile = table("connectors").get(target.type) if target else None
        if target is None or profile is None:
            raise UnknownPolicy
        for permission in as_list(properties.get("Permissions")):
            if not isinstance(permission, str):
                raise UnknownPolicy
            actions = tuple(profile.get(permission, ()))
            yield Grant(actions, ({"Fn::GetAtt": [target.logical_id, "Arn"]},), keys, "Connector")


def has_own_policy(template: Template, logical_id: str, role: str) -> bool:
    """Whether a resource has a policy of its own that may let a role in: one that names both."""
    roles = {each.logical_id for each in template.of_types("AWS::IAM::Role")}
    named = [set(references(resource.properties)) for resource in template.of_types(*_OF_RESOURCES)]
    return any(logical_id in found and (role in found or not found & roles) for found in named)


_OF_RESOURCES = (
    "AWS::Lambda::Permission",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
    "AWS::Events::EventBusPolicy",
    "AWS::SecretsManager::ResourcePolicy",
)


def is_shared(template: Template, role: str) -> bool:
    """Whether others than state machines have a role: by its trust, or by what refers to it."""
    made = template.resources.get(role)
    trusted = json.dumps(made.properties.get("AssumeRolePolicyDocument")) if made else ""
    users = [
        each.type
        for each in template.resources.values()
        if not each.type.startswith("AWS::IAM::") and role in references(each.properties)
    ]
    return trusted.count("amazonaws.com") > 1 or any(each not in MACHINES for each in users)
