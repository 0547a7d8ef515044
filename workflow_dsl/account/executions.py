"""The executions of a deployed state machine: a list of them, and one with its event history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from workflow_dsl.account.access import Account, AwsError, unexpected_responses_reported
from workflow_dsl.account.stack import DeployedMachine
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.reading import read
from workflow_dsl.local.replay.recording import Recording, events_as_json

_PAGE = 1000  # the largest page of the API
_MOST_RUNNING = 1000  # a larger count helps nobody


@dataclass(frozen=True)
class ExecutionSummary:
    """An execution in a list."""

    arn: str
    name: str
    status: str
    started: datetime
    stopped: datetime | None = None

    @property
    def duration(self) -> str:
        """Its duration in seconds, such as "1.5 s"; "" while it is running."""
        return f"{(self.stopped - self.started).total_seconds():.1f} s" if self.stopped else ""


@unexpected_responses_reported
def list_executions(account: Account, arn: str, most: int, status: str | None = None) -> list[ExecutionSummary]:
    """List the last executions of a state machine, newest first. Raises FindingsError."""
    options: dict[str, Any] = {"statusFilter": status} if status else {}
    rows = account.items(
        "stepfunctions", "list_executions", "executions", stateMachineArn=arn, maxResults=min(most, _PAGE), **options
    )
    return [_summary(row) for row in islice(rows, most)]


def _summary(row: Mapping[str, Json]) -> ExecutionSummary:
    return ExecutionSummary(row["executionArn"], row["name"], row["status"], row["startDate"], row.get("stopDate"))


def running_executions(account: Account, machine: DeployedMachine) -> list[ExecutionSummary]:
    """List the running executions of a Standard state machine; the API lists none of an Express one."""
    return list_executions(account, machine.arn, _MOST_RUNNING, "RUNNING") if machine.type == "STANDARD" else []


def execution_arn(machine_arn: str, name: str) -> str:
    """Return the ARN of an execution by its name; the ARN may be that of a version or an alias."""
    arn = machine_arn.replace(":stateMachine:", ":execution:", 1)
    return f"{':'.join(arn.split(':')[:7])}:{name}"


@unexpected_responses_reported
def fetch_recording(account: Account, arn: str, workflow: str = "") -> Recording:
    """Fetch an execution with its event history and the definition that it ran. Raises FindingsError."""
    execution = account.call("stepfunctions", "describe_execution", executionArn=arn)
    events = account.items(
        "stepfunctions",
        "get_execution_history",
        "events",
        executionArn=arn,
        maxResults=_PAGE,
        includeExecutionData=True,
    )
    return Recording(
        arn=arn,
        name=execution["name"],
        status=execution["status"],
        started=execution["startDate"],
        stopped=execution.get("stopDate"),
        input=execution.get("input"),
        # The service has output only for SUCCEEDED (API reference, DescribeExecution); emulators have it for others.
        output=execution.get("output") if execution["status"] == "SUCCEEDED" else None,
        error=execution.get("error"),
        cause=execution.get("cause"),
        machine=execution["stateMachineArn"],
        workflow=workflow,
        definition=_definition_of(account, arn),
        events=events_as_json(list(events)),
    )


def _definition_of(account: Account, arn: str) -> Json:
    """The definition that an execution ran; an empty one if a policy does not allow to read it."""
    try:
        machine = account.call("stepfunctions", "describe_state_machine_for_execution", executionArn=arn)
    except AwsError as problem:
        if not problem.is_denied:
            raise
        return {}
    return read(machine["definition"])
