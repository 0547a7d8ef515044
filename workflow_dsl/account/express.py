"""Executions of an Express state machine, read from its log group: the service keeps no history of them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from workflow_dsl.account.access import Account, unexpected_responses_reported
from workflow_dsl.account.executions import ExecutionSummary
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.reading import read
from workflow_dsl.findings import Finding, FindingsError, Where
from workflow_dsl.local.replay.cli_output import END_STATUS, PartialHistory, recording_of_log
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.records import Record

_RECENT = timedelta(hours=3)  # as the console searches; a larger range costs more
_SET_LOGGING = "set Logging in the template: Level ALL, IncludeExecutionData true, and a log group in Destinations"


class ExpressLog(Record):
    """The log group of a state machine; `problem` says what its logging configuration leaves out."""

    machine: str
    group: str
    definition: str
    problem: str = ""


@unexpected_responses_reported
def read_express_log(account: Account, machine_arn: str) -> ExpressLog:
    """Return the log group of a state machine. Raises FindingsError if it has none."""
    arn = ":".join(machine_arn.split(":")[:7])
    machine = account.call("stepfunctions", "describe_state_machine", stateMachineArn=arn)
    logging = machine.get("loggingConfiguration") or {}
    groups = [
        destination.get("cloudWatchLogsLogGroup", {}).get("logGroupArn")
        for destination in logging.get("destinations", [])
    ]
    level = logging.get("level", "OFF")
    if level == "OFF" or not groups or not groups[0]:
        message = "the state machine is Express and has no log, so nothing is known of its executions"
        raise FindingsError([Finding("RECORDING", "error", Where(), message, _SET_LOGGING)])
    problem = "" if level == "ALL" else f"the log has only events of level {level}"
    if not problem and not logging.get("includeExecutionData"):
        problem = "the log has no input and output"
    group = groups[0].partition(":log-group:")[2].removesuffix(":*")
    return ExpressLog(arn, group, machine["definition"], problem)


@unexpected_responses_reported
def list_express(
    account: Account, log: ExpressLog, most: int, status: str | None = None, since: datetime | None = None
) -> list[ExecutionSummary]:
    """List the last executions in a log, newest first; of the last three hours unless since another time.

    Raises FindingsError.
    """
    start = since or datetime.now(UTC) - _RECENT
    found: dict[str, list[Mapping[str, Json]]] = {}
    for event in _events(account, log, '{ $.type = "Execution*" }', start):
        found.setdefault(event["execution_arn"], []).append(event)
    summaries = [_summary(arn, events) for arn, events in found.items()]
    chosen = [summary for summary in summaries if status in (None, summary.status)]
    return sorted(chosen, key=lambda execution: execution.started, reverse=True)[:most]


def _summary(arn: str, events: list[Mapping[str, Json]]) -> ExecutionSummary:
    ordered = sorted(events, key=lambda event: int(event["id"]))
    last, details = ordered[-1], ordered[-1].get("details") or {}
    status = END_STATUS.get(last["type"], "RUNNING")
    stopped = None if status == "RUNNING" else _time(last)
    name = ":".join(arn.split(":")[7:])
    error, cause = str(details.get("error") or ""), str(details.get("cause") or "")
    return ExecutionSummary(arn, name, status, _time(ordered[0]), stopped, error=error, cause=cause)


def _time(event: Mapping[str, Json]) -> datetime:
    return datetime.fromtimestamp(int(event["event_timestamp"]) / 1000, UTC)


@unexpected_responses_reported
def fetch_express(account: Account, log: ExpressLog, arn: str, since: datetime | None, workflow: str) -> Recording:
    """Fetch an execution from a log, with the definition that the state machine has now. Raises FindingsError."""
    start = since or datetime.now(UTC) - _RECENT
    events = list(_events(account, log, f'{{ $.execution_arn = "{arn}" }}', start))
    details = {"executionArn": arn, "name": ":".join(arn.split(":")[7:]), "stateMachineArn": log.machine}
    try:
        return recording_of_log(events, details, workflow, read(log.definition))
    except PartialHistory as problem:
        message = f"the log {log.group} {problem.problem}{f', because {log.problem}' if log.problem else ''}"
        remedy = _SET_LOGGING if log.problem else "begin earlier with --since 2d; entries can take minutes to arrive"
        raise FindingsError([Finding("RECORDING", "error", Where(), message, remedy)]) from None


def _events(account: Account, log: ExpressLog, pattern: str, start: datetime) -> Iterator[dict[str, Any]]:
    milliseconds = int(start.timestamp() * 1000)
    rows = account.items(
        "logs", "filter_log_events", "events", logGroupName=log.group, filterPattern=pattern, startTime=milliseconds
    )
    for row in rows:
        event = json.loads(row["message"])
        if isinstance(event, dict) and str(event.get("execution_arn", "")).count(":") > 6:
            yield event
