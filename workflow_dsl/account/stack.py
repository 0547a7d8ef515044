"""A deployed CloudFormation stack: its parameters, its resources, and its state machines with versions and aliases."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from workflow_dsl.account.access import Account, AwsError, unexpected_responses_reported
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError, Where, did_you_mean
from workflow_dsl.records import Record, field, replace

STATE_MACHINE, NESTED_STACK = "AWS::StepFunctions::StateMachine", "AWS::CloudFormation::Stack"
_IN_REVIEW, _DELETED = "REVIEW_IN_PROGRESS", "DELETE_COMPLETE"
# CloudFormation updates none of these, nor one whose operation is in progress (user guide, "Stack status codes").
_NOT_UPDATABLE = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED")


class DeployedStack(Record):
    """A stack in the account; resources are keyed by logical ID."""

    name: str
    arn: str
    status: str
    change_set: str | None
    parameters: Mapping[str, str | None]  # None for a value that CloudFormation hides
    physical_ids: Mapping[str, str]
    machine_arns: Mapping[str, str]
    last_updated: Mapping[str, datetime]  # state machines only
    types: Mapping[str, str] = field(default_factory=dict)
    last_parameters: Mapping[str, str | None] | None = None  # those before with_parameters()

    def with_parameters(self, overrides: Mapping[str, str]) -> DeployedStack:
        """Return the stack as a deployment with these parameters will have it.

        A hidden parameter stays unknown, so that its new value is never printed. Raises FindingsError for a stack that
        CloudFormation does not update in its present status.
        """
        if self.status in _NOT_UPDATABLE or self.status.endswith("_IN_PROGRESS"):
            message = f"the stack {self.name} is {self.status} and cannot be updated"
            remedy = "see the stack's events in CloudFormation, and repair it or wait until it is stable"
            if self.status == "ROLLBACK_COMPLETE":
                remedy = "delete the stack, and deploy again"
            raise FindingsError([Finding("STACK_STATUS", "error", Where(), message, remedy)])
        hidden = {name for name, value in self.parameters.items() if value is None}
        visible = {name: value for name, value in overrides.items() if name not in hidden}
        return replace(self, parameters={**self.parameters, **visible}, last_parameters=self.parameters)

    def as_deployed(self) -> DeployedStack:
        """Return the stack with the parameters of its last deployment."""
        return self if self.last_parameters is None else replace(self, parameters=self.last_parameters)


class Route(Record):
    """The share of an alias's executions that a version gets, in percent."""

    version: str
    percent: int


class DeployedMachine(Record):
    """A state machine in the account: its latest revision, and the versions that its aliases point to."""

    arn: str
    type: str
    definition: str
    version: str | None = None  # the latest published one
    aliases: Mapping[str, tuple[Route, ...]] = field(default_factory=dict)
    routed_definitions: Mapping[str, str] = field(default_factory=dict)  # by version that an alias points to
    not_read: str = ""  # the reason why its versions and aliases were not read


@unexpected_responses_reported
def read_stack(account: Account, name: str) -> DeployedStack | None:
    """Read a stack by name; None if it does not exist or has only a change set in review. Raises FindingsError."""
    try:
        [stack] = account.call("cloudformation", "describe_stacks", StackName=name)["Stacks"]
    except AwsError as problem:
        if problem.code == "ValidationError" and "does not exist" in problem.findings[0].message:
            return None
        raise
    if stack["StackStatus"] in (_IN_REVIEW, _DELETED):
        return None
    summaries = account.items("cloudformation", "list_stack_resources", "StackResourceSummaries", StackName=name)
    resources = [row for row in summaries if row.get("PhysicalResourceId") and row["ResourceStatus"] != _DELETED]
    machines = [resource for resource in resources if resource["ResourceType"] == STATE_MACHINE]
    _ = stack["StackId"].split(":")[5].split("/")[1]  # fails for a malformed ARN; pseudo parameters come from it
    return DeployedStack(
        name=stack["StackName"],
        arn=stack["StackId"],
        status=stack["StackStatus"],
        change_set=_change_set_name(stack.get("ChangeSetId")),
        parameters={row["ParameterKey"]: _parameter_value(row) for row in stack.get("Parameters", [])},
        physical_ids={resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources},
        machine_arns={machine["LogicalResourceId"]: machine["PhysicalResourceId"] for machine in machines},
        last_updated={machine["LogicalResourceId"]: machine["LastUpdatedTimestamp"] for machine in machines},
        types={resource["LogicalResourceId"]: resource["ResourceType"] for resource in resources},
    )


def existing_stack(account: Account, name: str) -> DeployedStack:
    """Read a stack by name. Raises FindingsError, also for one that does not exist."""
    stack = read_stack(account, name)
    if stack is None:
        raise missing_stack_error(account, name)
    return stack


def _parameter_value(parameter: Mapping[str, Json]) -> str | None:
    """The value of a parameter, resolved if it is in Systems Manager; None for NoEcho, which is returned as stars."""
    value: str = parameter.get("ResolvedValue") or parameter.get("ParameterValue", "")
    return None if value == "****" else value


def missing_stack_error(account: Account, name: str) -> FindingsError:
    """Return the error for a stack that does not exist; its remedy names a similar stack."""
    try:
        stacks = account.items("cloudformation", "list_stacks", "StackSummaries")
        names = [stack["StackName"] for stack in stacks if stack["StackStatus"] not in (_IN_REVIEW, _DELETED)]
    except FindingsError:  # a policy may allow to describe one stack, and not to list them
        names = []
    where = f" in {account.region}" if account.region else ""
    remedy = did_you_mean(name, names) or "deploy it first, or name another with --stack-name, --region or --profile"
    return FindingsError([Finding("NO_STACK", "error", Where(), f"there is no stack {name}{where}", remedy)])


@unexpected_responses_reported
def read_machine(account: Account, arn: str) -> DeployedMachine | None:
    """Read a state machine with its versions and aliases; None if it was deleted. Raises FindingsError."""
    try:
        machine = account.call("stepfunctions", "describe_state_machine", stateMachineArn=arn)
    except AwsError as problem:
        if problem.code == "StateMachineDoesNotExist":
            return None
        raise
    if machine.get("status") == "DELETING":  # it disappears when its executions have ended
        return None
    deployed = DeployedMachine(arn, machine["type"], machine["definition"])
    try:
        return _with_versions(account, deployed)
    except AwsError as problem:
        if not problem.is_denied:
            raise
        return replace(deployed, not_read=problem.findings[0].message)


def _with_versions(account: Account, machine: DeployedMachine) -> DeployedMachine:
    arn = machine.arn
    versions = account.call("stepfunctions", "list_state_machine_versions", stateMachineArn=arn, maxResults=1)
    latest = [version["stateMachineVersionArn"] for version in versions.get("stateMachineVersions", [])]
    aliases = _aliases(account, arn)
    routed_versions = dict.fromkeys(route.version for routes in aliases.values() for route in routes)
    return replace(
        machine,
        version=_qualifier(latest[0]) if latest else None,
        aliases=aliases,
        routed_definitions={version: _definition(account, f"{arn}:{version}") for version in routed_versions},
    )


def _definition(account: Account, arn: str) -> str:
    definition: str = account.call("stepfunctions", "describe_state_machine", stateMachineArn=arn)["definition"]
    return definition


def _aliases(account: Account, arn: str) -> dict[str, tuple[Route, ...]]:
    aliases: dict[str, tuple[Route, ...]] = {}
    rows = account.items("stepfunctions", "list_state_machine_aliases", "stateMachineAliases", stateMachineArn=arn)
    for row in rows:
        alias = row["stateMachineAliasArn"]
        description = account.call("stepfunctions", "describe_state_machine_alias", stateMachineAliasArn=alias)
        routes = description.get("routingConfiguration", [])
        aliases[_qualifier(alias)] = tuple(
            Route(_qualifier(route["stateMachineVersionArn"]), route["weight"]) for route in routes
        )
    return aliases


def _qualifier(arn: str) -> str:
    """The version or alias at the end of an ARN."""
    return arn.rpartition(":")[2]


def _change_set_name(arn: Json) -> str | None:
    return arn.split("/")[1] if isinstance(arn, str) and "/" in arn else None
