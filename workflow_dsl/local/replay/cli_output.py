"""The AWS CLI's JSON of an execution as a recording: get-execution-history, describe-execution, or both."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workflow_dsl.definition.files import read_file
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.placeholders import infer_substitutions, substitute
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.local.engine.events import details_of
from workflow_dsl.local.replay.log_entries import events_of_log, log_entries
from workflow_dsl.local.replay.printed_json import joined, next_token, printed_json
from workflow_dsl.local.replay.recording import MOST_BYTES, Recording, recording_of
from workflow_dsl.local.replay.timeline import UNKNOWN, all_visits, read_visits
from workflow_dsl.records import replace

_FETCH = "aws stepfunctions get-execution-history --execution-arn ARN --include-execution-data --output json"
_DESCRIBE = "aws stepfunctions describe-execution --execution-arn ARN --output json"
_FETCH_WHOLE = f"fetch it whole: {_FETCH}"
_FETCH_LOG = (
    "take all events of the execution; the log has them where Logging has Level ALL and IncludeExecutionData true: "
    "aws logs filter-log-events --log-group-name GROUP --filter-pattern '{ $.execution_arn = \"ARN\" }' --output json"
)
_MILLISECONDS = 1e11  # a number above it is a time in milliseconds, as some SDKs print it
END_STATUS = {
    "ExecutionSucceeded": "SUCCEEDED",
    "ExecutionFailed": "FAILED",
    "ExecutionAborted": "ABORTED",
    "ExecutionTimedOut": "TIMED_OUT",
}


class PartialHistory(Exception):
    """The reason why a history is not the whole one, and the command that fetches it."""

    def __init__(self, problem: str, remedy: str = _FETCH_WHOLE) -> None:
        super().__init__(problem)
        self.problem, self.remedy = problem, remedy


def is_execution(path: Path) -> bool:
    """True if a file is JSON of an execution: a recording, or output of the AWS CLI."""
    try:
        content = _content(path) if path.is_file() else None
    except OSError:
        return False
    return _is_history(content) or (isinstance(content, dict) and not {"format", "executionArn"}.isdisjoint(content))


def read_execution(paths: Sequence[Path]) -> Recording:
    """Read an execution from a recording's file, or from one or two files with the output of the AWS CLI.

    The output does not have the definition: see with_definition(). Raises OSError, and FindingsError for other content,
    for files of several executions, and for a history that is cut, filtered or without execution data.
    """
    contents = [_content(path) for path in paths]
    histories = [content for content in contents if _is_history(content)]
    descriptions = [document for document in contents if isinstance(document, dict) and "executionArn" in document]
    place = Where(place=Place(str(paths[0])))
    if not histories and not descriptions and len(paths) == 1:
        return recording_of(contents[0], paths[0])
    try:
        is_odd = len(descriptions) > 1 or len(histories) + len(descriptions) != len(paths)
        if is_odd or not histories or (len(histories) > 1 and not any(map(next_token, histories))):
            raise PartialHistory("is not the history of one execution", f"give one, and one description: {_FETCH}")
        if all(map(next_token, histories)):
            raise PartialHistory("is only the first part of a history", f"fetch it without --max-items: {_FETCH}")
        history = histories[0] if len(histories) == 1 else joined(histories)
        events = _whole(_events(history), _FETCH_LOG if "log" in history else _FETCH_WHOLE)
        recording = _recording(events, descriptions[0] if descriptions else {}, paths[0].stem.partition(".")[0])
        return recording_of(json.loads(recording.to_text()), paths[0])
    except PartialHistory as problem:
        raise FindingsError([Finding("RECORDING", "error", place, problem.problem, problem.remedy)]) from None


def recording_of_history(content: Json, name: str) -> Recording:
    """Return the recording of a history that is not in a file. Raises FindingsError as read_execution()."""
    try:
        if not _is_history(content):
            raise PartialHistory("is not the history of one execution", f"give one: {_FETCH}")
        return recording_of(json.loads(_recording(_whole(_events(content)), {}, name).to_text()), Path(name))
    except PartialHistory as problem:
        where = Where(place=Place(name))
        raise FindingsError([Finding("RECORDING", "error", where, problem.problem, problem.remedy)]) from None


def _content(path: Path) -> Json:
    """The JSON of a file, the entries of a log as events; None for anything else."""
    try:
        content = printed_json(read_file(path, is_named=True, most=MOST_BYTES))
        entries = log_entries(content)
        return content if entries is None else {"events": events_of_log(entries), "log": True}
    except (ValueError, TypeError, RecursionError):
        return None


def _is_history(content: Json) -> bool:
    events = content.get("events") if isinstance(content, dict) and "format" not in content else content
    return isinstance(events, list) and bool(events) and all(map(_is_event, events))


def _is_event(event: Json) -> bool:
    return isinstance(event, dict) and isinstance(event.get("id"), int) and isinstance(event.get("type"), str)


def _events(content: Json) -> list[dict[str, Json]]:
    events: list[dict[str, Json]] = content["events"] if isinstance(content, dict) else content
    return sorted(events, key=lambda event: event["id"])  # --reverse-order


def _whole(events: list[dict[str, Json]], remedy: str = _FETCH_WHOLE) -> list[dict[str, Json]]:
    """The events with ISO times. Raises PartialHistory if some are missing, or have no data."""
    if len({event["id"] for event in events}) < len(events):
        raise PartialHistory("has events of several executions", "keep those of one, with the same execution_arn")
    for expected, event in enumerate(events, start=1):
        if event["id"] != expected:
            raise PartialHistory(f"lacks event {expected}: it is filtered or cut", remedy)
    if any(event["type"].endswith("StateEntered") and "input" not in details_of(event) for event in events):
        raise PartialHistory("has no execution data", remedy)
    return [{**event, "timestamp": _time(event.get("timestamp"))} for event in events]


def _time(value: Json) -> str:
    """A time as ISO 8601, from that or from seconds since 1970, as the AWS CLI prints it (cli_timestamp_format)."""
    try:
        if isinstance(value, (int, float)):
            seconds = value / 1000 if value > _MILLISECONDS else value
            return datetime.fromtimestamp(seconds, UTC).isoformat()
        return datetime.fromisoformat(value).isoformat()
    except (TypeError, ValueError, OverflowError, OSError):
        raise PartialHistory(f"has an event with the time {value!r}") from None


def _recording(events: list[dict[str, Json]], description: Mapping[str, Any], name: str) -> Recording:
    ends = (details_of(events[0]), details_of(events[-1]))
    first, last = (details if isinstance(details, dict) else {} for details in ends)
    status = END_STATUS.get(events[-1]["type"], "RUNNING")
    if description.get("status", status) != status:
        raise PartialHistory(f"has no end, and the execution is {description['status']}")
    details = first.get("inputDetails")
    start_input = None if isinstance(details, dict) and details.get("truncated") else first.get("input")
    described_input = description.get("input")
    if start_input is None and described_input is None:
        raise PartialHistory("does not have the whole input", f"give its description, too: {_DESCRIBE}")
    if None not in (start_input, described_input) and _parsed(start_input) != _parsed(described_input):
        raise PartialHistory("belongs to a different execution than the description")
    arn = str(description.get("executionArn") or "")
    return Recording(
        arn=arn,
        name=str(description.get("name") or arn.rpartition(":")[2] or name),
        status=status,
        started=datetime.fromisoformat(events[0]["timestamp"]),
        stopped=None if status == "RUNNING" else datetime.fromisoformat(events[-1]["timestamp"]),
        input=start_input if described_input is None else described_input,
        output=_output(status, description, last),
        error=last.get("error"),
        cause=last.get("cause"),
        machine=str(description.get("stateMachineArn") or ""),
        workflow="",
        definition={},
        events=events,
    )


def _parsed(text: Json) -> Json:
    try:
        return json.loads(text)
    except (TypeError, ValueError):
        return text


def _output(status: str, description: Mapping[str, Any], last: Mapping[str, Any]) -> str | None:
    if status != "SUCCEEDED" or ("output" not in description and (last.get("outputDetails") or {}).get("truncated")):
        return None
    output: str | None = description.get("output", last.get("output"))
    return output


def recording_of_log(
    entries: Sequence[Mapping[str, Any]], description: Mapping[str, Any], workflow: str, definition: Json
) -> Recording:
    """Return the recording of an execution in a log group; `entries` are its events, in any order and repeated.

    Raises PartialHistory if some are missing or have no data.
    """
    events = events_of_log(entries)
    if not events:
        raise PartialHistory("has no event of the execution")
    return replace(_recording(_whole(events), description, ""), workflow=workflow, definition=definition)


def with_definition(recording: Recording, machine: Machine, substitutions: Mapping[str, Json]) -> Recording:
    """Return a recording that has a definition; the machine's where the AWS CLI did not print it.

    A placeholder has the value that the recorded calls had at its place, else that of `substitutions`.
    """
    if recording.definition:
        return recording
    recorded: dict[str, Json] = {}
    fields = {state.name: dict(state.fields) for state in machine.walk()}
    for visit in all_visits(read_visits(recording.events, machine)):
        for call in visit.calls:
            made: dict[str, Json] = {"Resource": call.resource} if call.resource.startswith("arn:") else {}
            made |= {} if call.input is UNKNOWN else dict.fromkeys(("Parameters", "Arguments"), call.input)
            recorded = infer_substitutions(fields.get(visit.name, {}), made) | recorded
    known = {**substitutions, **recorded}
    return replace(recording, definition=substitute(machine.document(), known))
