"""A stack as the account has it: its parameters, its resources, and its state machines with what runs under them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from workflow_dsl.account.access import Account, Refused, as_aws_answers
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError, Where, closest

MACHINE = "AWS::StepFunctions::StateMachine"
_REVIEWED, _DELETED = "REVIEW_IN_PROGRESS", "DELETE_COMPLETE"


@dataclass(frozen=True)
class DeployedStack:
    """A stack: what Ref gives for its resources, its parameters, and the ARNs of its state machines."""

    name: str
    arn: str
    status: str
    change_set: str | None
    parameters: Mapping[str, str | None]  # None for one that is not told
    physical: Mapping[str, str]
    machines: Mapping[str, str]  # ARNs by logical id
    changed: Mapping[str, datetime]  # by the logical id of a state machine


@dataclass(frozen=True)
class Route:
    """How much of an alias's executions a version gets, in percent."""

    version: str
    percent: int


@dataclass(frozen=True)
class DeployedMachine:
    """A state machine as the account describes it: its newest revision, and the versions that its aliases lead to."""

    arn: str
    type: str
    definition: str
    version: str | None = None  # the newest that is published
    aliases: Mapping[str, tuple[Route, ...]] = field(default_factory=dict)
    routed: Mapping[str, str] = field(default_factory=dict)  # definitions, by the version that an alias leads to


@as_aws_answers
def read_stack(account: Account, name: str) -> DeployedStack | None:
    """A stack by name; None where there is none of this name, or only the review of one. Raises FindingsError."""
    try:
        [found] = account.ask("cloudformation", "describe_stacks", StackName=name)["Stacks"]
    except Refused as problem:
        if problem.code == "ValidationError" and "does not exist" in problem.findings[0].message:
            return None
        raise
    if found["StackStatus"] in (_REVIEWED, _DELETED):
        return None
    resources = list(account.each("cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=name))
    there = [each for each in resources if each.get("PhysicalResourceId") and each["ResourceStatus"] != _DELETED]
    machines = [each for each in there if each["ResourceType"] == MACHINE]
    _ = found["StackId"].split(":")[5].split("/")[1]  # which says account, region and name
    return DeployedStack(
        name=found["StackName"],
        arn=found["StackId"],
        status=found["StackStatus"],
        change_set=_short(found.get("ChangeSetId")),
        parameters={each["ParameterKey"]: _value(each) for each in found.get("Parameters", [])},
        physical={each["LogicalResourceId"]: each["PhysicalResourceId"] for each in there},
        machines={each["LogicalResourceId"]: each["PhysicalResourceId"] for each in machines},
        changed={each["LogicalResourceId"]: each["LastUpdatedTimestamp"] for each in machines},
    )


def _value(parameter: Mapping[str, Json]) -> str | None:
    """What a parameter is, that of Systems Manager behind its name; None for a NoEcho one, which is told as stars."""
    value: str = parameter.get("ResolvedValue") or parameter.get("ParameterValue", "")
    return None if value == "****" else value


def no_stack(account: Account, name: str) -> FindingsError:
    """That there is no such stack, with the one that may be meant."""
    try:
        stacks = account.each("cloudformation", "list_stacks", "StackSummaries")
        names = [each["StackName"] for each in stacks if each["StackStatus"] not in (_REVIEWED, _DELETED)]
    except FindingsError:  # one may be allowed to look at a stack, and not at all of them
        names = []
    remedy = closest(name, names) or "deploy it first, or name another with --stack-name, --region or --profile"
    return FindingsError([Finding("NO_STACK", "error", Where(), f"there is no stack {name}", remedy)])


@as_aws_answers
def read_machine(account: Account, arn: str) -> DeployedMachine | None:
    """A state machine with its versions and aliases; None for one that is gone. Raises FindingsError."""
    try:
        found = account.ask("stepfunctions", "describe_state_machine", stateMachineArn=arn)
    except Refused as problem:
        if problem.code == "StateMachineDoesNotExist":
            return None
        raise
    versions = account.ask("stepfunctions", "list_state_machine_versions", stateMachineArn=arn, maxResults=1)
    if found.get("status") == "DELETING":  # it goes when its executions have ended
        return None
    newest = [each["stateMachineVersionArn"] for each in versions.get("stateMachineVersions", [])]
    aliases = _aliases(account, arn)
    routed = dict.fromkeys(route.version for routes in aliases.values() for route in routes)
    return DeployedMachine(
        arn=arn,
        type=found["type"],
        definition=found["definition"],
        version=_number(newest[0]) if newest else None,
        aliases=aliases,
        routed={version: _definition(account, f"{arn}:{version}") for version in routed},
    )


def _definition(account: Account, arn: str) -> str:
    definition: str = account.ask("stepfunctions", "describe_state_machine", stateMachineArn=arn)["definition"]
    return definition


def _aliases(account: Account, arn: str) -> dict[str, tuple[Route, ...]]:
    found: dict[str, tuple[Route, ...]] = {}
    for each in account.each("stepfunctions", "list_state_machine_aliases", "stateMachineAliases", stateMachineArn=arn):
        alias = each["stateMachineAliasArn"]
        told = account.ask("stepfunctions", "describe_state_machine_alias", stateMachineAliasArn=alias)
        routes = told.get("routingConfiguration", [])
        found[_number(alias)] = tuple(Route(_number(row["stateMachineVersionArn"]), row["weight"]) for row in routes)
    return found


def _number(arn: str) -> str:
    """The version, or the alias, that an ARN ends with."""
    return arn.rpartition(":")[2]


def _short(change_set: Json) -> str | None:
    return change_set.split("/")[1] if isinstance(change_set, str) and "/" in change_set else None
