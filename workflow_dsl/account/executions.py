"""The executions of a deployed state machine: a list of them, and one with its event history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice, takewhile
from typing import Any

from workflow_dsl.account.access import Account, AwsError, unexpected_responses_reported
from workflow_dsl.account.stack import DeployedMachine
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.reading import read
from workflow_dsl.local.replay.recording import Recording, events_as_json
from workflow_dsl.records import Record, replace

_PAGE = 1000  # the largest page of the API
_MOST_RUNNING = 1000  # a larger count helps nobody


class ExecutionSummary(Record):
    """An execution in a list; `error` and `cause` are empty until with_errors() reads them."""

    arn: str
    name: str
    status: str
    started: datetime
    stopped: datetime | None = None
    qualifier: str = ""  # the alias or version that was started
    error: str = ""
    cause: str = ""

    @property
    def duration(self) -> str:
        """Its duration in seconds, such as "1.5 s"; "" while it is running."""
        return f"{(self.stopped - self.started).total_seconds():.1f} s" if self.stopped else ""


@unexpected_responses_reported
def machine_arns(account: Account) -> dict[str, str]:
    """Return the ARNs of the account's state machines by name. Raises FindingsError."""
    rows = account.items("stepfunctions", "list_state_machines", "stateMachines")
    return {row["name"]: row["stateMachineArn"] for row in rows}


@unexpected_responses_reported
def list_executions(
    account: Account, arn: str, most: int, status: str | None = None, since: datetime | None = None
) -> list[ExecutionSummary]:
    """List the last executions of a state machine or a Map Run, newest first, those that started since a time.

    Raises FindingsError.
    """
    options: dict[str, Any] = {"statusFilter": status} if status else {}
    options["mapRunArn" if ":mapRun:" in arn else "stateMachineArn"] = arn
    rows = account.items("stepfunctions", "list_executions", "executions", maxResults=min(most, _PAGE), **options)
    recent = takewhile(lambda row: since is None or row["startDate"] >= since, rows)
    return [_summary(row) for row in islice(recent, most)]


def _summary(row: Mapping[str, Json]) -> ExecutionSummary:
    started = str(row.get("stateMachineAliasArn") or row.get("stateMachineVersionArn") or "")
    qualifier = started.rpartition(":")[2]
    dates = row["startDate"], row.get("stopDate")
    return ExecutionSummary(row["executionArn"], row["name"], row["status"], *dates, qualifier)


def with_errors(
    account: Account, executions: Iterable[ExecutionSummary], not_read: list[str] | None = None
) -> Iterator[ExecutionSummary]:
    """Yield executions, each failed one with its error and cause: a call for each. Raises FindingsError.

    Without the permission states:DescribeExecution they have neither, and `not_read` gets the reason.
    """
    may_describe = True
    for execution in executions:
        is_known = ":express:" in execution.arn or execution.status not in ("FAILED", "ABORTED", "TIMED_OUT")
        if is_known or not may_describe:
            yield execution
            continue
        details: dict[str, Json] = {}
        try:
            details = account.call("stepfunctions", "describe_execution", executionArn=execution.arn)
        except AwsError as problem:
            may_describe = not problem.is_denied
            if may_describe and problem.code != "ExecutionDoesNotExist":
                raise
            if problem.is_denied and not_read is not None:
                not_read.append(f"The errors were not read: {problem.findings[0].message}.")
        yield replace(execution, error=details.get("error") or "", cause=details.get("cause") or "")


def failed_items(account: Account, map_run: str, most: int, not_read: list[str]) -> list[ExecutionSummary]:
    """List failed executions of a Map Run's items, with their errors as with_errors(). Raises FindingsError."""
    return list(with_errors(account, list_executions(account, map_run, most, "FAILED"), not_read))


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
