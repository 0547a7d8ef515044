"""The permissions a state machine needs, against those its template gives it.

What a task needs is known by its integration (developer guide, "IAM policies for integrated services"); what a role
has, by its statements, SAM's policy templates (policy_templates.json, from the SAM translator) and a few of AWS's own
policies. Where a policy is not known here, nothing is said: it may hold everything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import NamedTuple

from workflow_dsl.asl import Json, Machine, State
from workflow_dsl.expressions.placeholders import is_known
from workflow_dsl.findings import MISSING_PERMISSION, Finding, Key, Where
from workflow_dsl.integrations import Integration, api, integration_of, optimized, sdk_services
from workflow_dsl.template import Resource, Template


class Need(NamedTuple):
    """An IAM action that a state needs for what it calls."""

    state: State
    action: str


# Services whose IAM actions have the names of the API's operations, and the operations that are exceptions; None for
# those that need other actions according to what they are given.
_SAME_NAMES = frozenset(
    "athena batch bedrock cloudformation codebuild databrew dynamodb ecs elasticmapreduce emr-containers "
    "emr-serverless events glue lambda mediaconvert polly rekognition sagemaker secretsmanager sns sqs ssm states "
    "textract transcribe translate".split()
)
_OTHER_NAMES: Mapping[str, str | None] = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "dynamodb:TransactWriteItems": None,
    "dynamodb:TransactGetItems": None,
    "dynamodb:ExecuteStatement": None,
    "dynamodb:ExecuteTransaction": None,
    "dynamodb:BatchExecuteStatement": None,
    "bedrock:Converse": "bedrock:InvokeModel",
    "s3:GetObject": "s3:GetObject",
    "s3:HeadObject": "s3:GetObject",
    "s3:PutObject": "s3:PutObject",
    "s3:DeleteObject": "s3:DeleteObject",
    "s3:ListObjects": "s3:ListBucket",
    "s3:ListObjectsV2": "s3:ListBucket",
}
# What waiting for the end of a job takes beside starting it.
_TO_WAIT = {"states": ("states:DescribeExecution", "states:StopExecution")}


def needed(machine: Machine) -> list[Need]:
    """The IAM actions that a machine's states need, in their order; only those that are certain."""
    return [Need(state, action) for state in machine.walk() for action in _of_state(state)]


def _of_state(state: State) -> Iterator[str]:
    resource = state.fields.get("Resource")
    if state.type != "Task" or not isinstance(resource, str):
        return
    called = integration_of(resource)
    if called is None:
        if resource.startswith("arn:") and ":lambda:" in resource:
            yield "lambda:InvokeFunction"
        return
    action = _action(called) if is_known(resource.partition(":states:")[2]) else None
    if action:
        yield action
        yield from _TO_WAIT.get(called.service, ()) if called.pattern.startswith(".sync") else ()


@cache
def _action(called: Integration) -> str | None:
    if called.is_sdk:
        folder = sdk_services().get(called.service)
        model = api(folder) if folder else None
        operation = model.actions.get(called.action) if model else None
    else:
        row = optimized().get(f"{called.service}:{called.action}", {})
        folder, operation = row.get("api", (None, None))
        model = api(folder) if folder else None
    if model is None or operation is None:
        return None
    name = f"{model.prefix}:{operation}"
    return _OTHER_NAMES.get(name, name if model.prefix in _SAME_NAMES else None)


def granted(template: Template, logical_id: str) -> list[str] | None:
    """The IAM actions, with wildcards, that a state machine's role has; None where that cannot be known."""
    properties = template.resources[logical_id].properties
    if any(resource.type == "AWS::Serverless::Connector" for resource in template.resources.values()):
        return None
    role = properties.get("Role", properties.get("RoleArn"))
    is_sam = template.resources[logical_id].type == "AWS::Serverless::StateMachine"
    if _has_connectors(template, logical_id) or (role is None and not is_sam):
        return None
    try:
        if role is None:
            return list(_policies(properties.get("Policies", [])))
        return list(_of_role(template, role))
    except _Unknown:
        return None


def _has_connectors(template: Template, logical_id: str) -> bool:
    resource = template.source.document["Resources"][logical_id]
    return "Connectors" in resource or "Connectors" in (resource.get("Properties") or {})


class _Unknown(Exception):
    """A policy that is not in the template."""


def _of_role(template: Template, role: Json) -> Iterator[str]:
    name = _referred(role)
    resource = template.resources.get(name or "")
    if resource is None or resource.type != "AWS::IAM::Role":
        raise _Unknown
    for other in template.resources.values():
        if other.type in _ATTACHED and _is_for(other, name):
            yield from _statements(other.properties.get("PolicyDocument"))
    yield from _policies(resource.properties.get("ManagedPolicyArns", []))
    for policy in _listed(resource.properties.get("Policies", [])):
        yield from _statements(policy.get("PolicyDocument") if isinstance(policy, dict) else None)


_ATTACHED = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")


def _is_for(policy: Resource, role: str | None) -> bool:
    roles = policy.properties.get("Roles", policy.properties.get("RoleName"))
    return role in [_referred(each) for each in _listed(roles)]


def _referred(value: Json) -> str | None:
    """The resource that a Ref or GetAtt is to."""
    if not isinstance(value, dict):
        return None
    target = value.get("Ref", value.get("Fn::GetAtt"))
    first = target[0] if isinstance(target, list) and target else target
    return first.partition(".")[0] if isinstance(first, str) else None


def _policies(given: Json) -> Iterator[str]:
    for policy in _listed(given):
        if isinstance(policy, str):
            yield from _managed(policy)
        elif isinstance(policy, dict) and "Statement" in policy:
            yield from _statements(policy)
        elif isinstance(policy, dict) and len(policy) == 1 and next(iter(policy)) in _policy_templates():
            yield from _policy_templates()[next(iter(policy))]
        else:
            raise _Unknown


def _listed(value: Json) -> list[Json]:
    return value if isinstance(value, list) else [] if value is None else [value]


@cache
def _policy_templates() -> Mapping[str, list[str]]:
    found: Mapping[str, list[str]] = json.loads(Path(__file__).with_name("policy_templates.json").read_bytes())
    return found


_OF_AWS: Mapping[str, tuple[str, ...]] = {
    "AWSLambdaRole": ("lambda:InvokeFunction",),
    "AWSLambda_FullAccess": ("lambda:*", "states:*"),
    "AWSStepFunctionsFullAccess": ("states:*",),
    "AWSXRayDaemonWriteAccess": ("xray:*",),
    "AWSXrayFullAccess": ("xray:*",),
    "AWSXrayWriteOnlyAccess": ("xray:*",),
    "AdministratorAccess": ("*",),
    "AmazonDynamoDBFullAccess": ("dynamodb:*", "cloudwatch:*", "sns:*"),
    "AmazonEventBridgeFullAccess": ("events:*",),
    "AmazonS3FullAccess": ("s3:*",),
    "AmazonSNSFullAccess": ("sns:*",),
    "AmazonSQSFullAccess": ("sqs:*",),
    "CloudWatchEventsFullAccess": ("events:*",),
    "CloudWatchFullAccess": ("cloudwatch:*", "logs:*", "sns:*"),
    "CloudWatchLogsFullAccess": ("logs:*", "cloudwatch:*"),
}


def _managed(policy: str) -> tuple[str, ...]:
    name = policy.rpartition("/")[2]
    if name not in _OF_AWS:
        raise _Unknown
    return _OF_AWS[name]


def _statements(document: Json) -> Iterator[str]:
    if not isinstance(document, dict) or "Statement" not in document:
        raise _Unknown
    for statement in _listed(document["Statement"]):
        if not isinstance(statement, dict) or "Action" not in statement:
            raise _Unknown
        if statement.get("Effect", "Allow") == "Allow":
            for action in _listed(statement["Action"]):
                if not isinstance(action, str):
                    raise _Unknown
                yield action


def missing(template: Template, logical_id: str, machine: Machine) -> list[Finding]:
    """What a state machine calls without the permission, once for each action, at its resource in the template."""
    given = granted(template, logical_id)
    if given is None:
        return []
    properties = template.resources[logical_id].properties
    role = _referred(properties.get("Role", properties.get("RoleArn")))
    to = f"the policies of {role}" if role else "Policies"
    keys: tuple[Key, ...] = ("Resources", logical_id)
    has_policies = "Policies" in properties
    place = template.place(*keys, "Properties", "Policies") if has_policies else template.place(*keys)
    return [
        Finding(
            MISSING_PERMISSION,
            "warning",
            Where(keys, place=place),
            f'{logical_id}: "{state.name}" needs {action}, and the role has no such permission',
            f"add to {to}: Statement: [{{Effect: Allow, Action: {action}, Resource: ...}}]",
        )
        for action, state in _ungranted(needed(machine), given).items()
    ]


def _ungranted(needs: Iterable[Need], given: list[str]) -> dict[str, State]:
    """The actions that no pattern grants, each with the first state that needs it. IAM knows no letter case."""
    patterns = [each.lower() for each in given]
    found: dict[str, State] = {}
    for state, action in needs:
        if not any(fnmatchcase(action.lower(), pattern) for pattern in patterns):
            found.setdefault(action, state)
    return found
