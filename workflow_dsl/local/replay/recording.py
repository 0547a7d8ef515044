"""A recorded execution in a file: its input, its end, its definition and its event history."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workflow_dsl.definition.files import read_text
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.records import Record, field_names


class Recording(Record):
    """An execution, ended or running.

    `workflow` is the name of the local workflow, "" if unknown; `machine` is the state machine's ARN; `definition` is
    the one that the execution ran. Input and output are JSON strings, None if the account does not have them. `events`
    are those of boto3's get_execution_history, with times as ISO 8601 strings.
    """

    arn: str
    name: str
    status: str
    started: datetime
    stopped: datetime | None
    input: str | None
    output: str | None
    error: str | None
    cause: str | None
    machine: str
    workflow: str
    definition: Json
    events: list[dict[str, Json]]

    def to_text(self) -> str:
        """Return the content of the recording's file."""
        values = {name: getattr(self, name) for name in field_names(self)}
        return json.dumps({"format": _FORMAT, **values}, indent=2, ensure_ascii=False, default=_as_text) + "\n"


_FORMAT = "workflow-dsl execution 1"


def read_recording(path: Path) -> Recording:
    """Read a recording. Raises OSError if the file cannot be read, FindingsError if it is not a recording."""
    text = read_text(path, is_named=True, most=MOST_BYTES)
    try:
        content = json.loads(text)
    except (ValueError, RecursionError) as problem:
        raise _not_a_recording(path, str(problem)) from None
    return recording_of(content, path)


def recording_of(content: Json, path: Path) -> Recording:
    """Return the recording in a file's content. Raises FindingsError if it is not one."""
    try:
        return Recording(**_recording_values(content))
    except (ValueError, TypeError, KeyError, RecursionError) as problem:
        details = f"lacks {problem}" if isinstance(problem, KeyError) else str(problem)
        raise _not_a_recording(path, details) from None


def _not_a_recording(path: Path, details: str) -> FindingsError:
    message = f"is not a recorded execution: {details}"
    return FindingsError([Finding("RECORDING", "error", Where(place=Place(str(path))), message, _SAVE)])


def _recording_values(content: Any) -> dict[str, Any]:
    """The values of a recording's fields. Raises ValueError, TypeError or KeyError for unexpected content."""
    if not isinstance(content, dict) or content.get("format") != _FORMAT:
        raise ValueError("it was not written by `workflow-dsl history --save`")
    values = {name: content[name] for name in field_names(Recording)}
    for name in ("started", "stopped"):
        values[name] = None if values[name] is None else datetime.fromisoformat(values[name])
    if not isinstance(values["events"], list) or not all(_is_event(event) for event in values["events"]):
        raise ValueError("its events are not those of an execution")
    if not isinstance(values["definition"], dict):
        raise ValueError("its definition is not an object")
    for name in ("arn", "name", "status", "machine", "workflow"):
        if not isinstance(values[name], str):
            raise ValueError(f"its {name} is not a string")
    if values["status"] not in _STATUSES or values["started"] is None or values["started"].tzinfo is None:
        raise ValueError("its status or its start is missing or malformed")
    for name in ("input", "output"):
        json.loads("null" if values[name] is None else values[name])
    return values


MOST_BYTES = 1_000_000_000  # of a file; an execution has at most 25,000 events of at most 256 KB
_SAVE = "save one with `workflow-dsl history NAME --save FILE`"
_STATUSES = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE")
# The fields of event details that a replay reads, with their types.
_DETAILS = {
    **dict.fromkeys(("name", "input", "output", "parameters", "resource", "resourceType", "roleArn"), str),
    **dict.fromkeys(("error", "cause"), str),
    **dict.fromkeys(("inputDetails", "outputDetails", "parametersDetails"), dict),
    **dict.fromkeys(("assignedVariables", "assignedVariablesDetails"), dict),
    "index": int,
    "timeoutInSeconds": int,
}


def _is_event(event: Json) -> bool:
    required = {"id": int, "type": str, "timestamp": str}
    if not isinstance(event, dict) or not all(isinstance(event.get(name), type_) for name, type_ in required.items()):
        return False
    details = [value for key, value in event.items() if key.endswith("EventDetails")]
    has_offset = datetime.fromisoformat(event["timestamp"]).tzinfo is not None
    return has_offset and isinstance(event.get("previousEventId", 0), int) and all(map(_is_details, details))


def _is_details(details: Json) -> bool:
    return isinstance(details, dict) and all(
        isinstance(details[name], type_) for name, type_ in _DETAILS.items() if details.get(name) is not None
    )


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{value!r} is not JSON")


def events_as_json(events: list[dict[str, Any]]) -> list[dict[str, Json]]:
    """Return boto3's events with their times as ISO 8601 strings."""
    as_json: list[dict[str, Json]] = json.loads(json.dumps(events, default=_as_text))
    return as_json


def seconds_since_start(recording: Recording, event: Mapping[str, Json]) -> float:
    """Return the seconds from the start of the execution to an event."""
    return (datetime.fromisoformat(event["timestamp"]) - recording.started).total_seconds()
