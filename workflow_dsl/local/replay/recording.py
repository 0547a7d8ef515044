"""A recorded execution: its input, its end and its events as the service has them, in a file that can be replayed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError, Place, Where


@dataclass(frozen=True)
class Recording:
    """An execution that has ended, or goes on; `events` are boto3's get_execution_history, with times as text.

    `workflow` is the name of the workflow here that it is of, "" where that is not known; `definition` is the one that
    it ran with. Input and output are JSON text, None where the account does not tell.
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
        """The recording as its file has it."""
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        return json.dumps({"format": _FORMAT, **told}, indent=2, ensure_ascii=False, default=_as_text) + "\n"


_FORMAT = "workflow-dsl execution 1"


def read_recording(path: Path) -> Recording:
    """The recording in a file. Raises FindingsError for one that is none, OSError for one that cannot be read."""
    try:
        content: Any = json.loads(path.read_text("utf-8"))
        if not isinstance(content, dict) or content.get("format") != _FORMAT:
            raise ValueError("it is not one that `workflow-dsl history --save` wrote")
        told = {each.name: content[each.name] for each in fields(Recording)}
        for name in ("started", "stopped"):
            told[name] = None if told[name] is None else datetime.fromisoformat(told[name])
        if not isinstance(told["events"], list) or not all(_is_event(each) for each in told["events"]):
            raise ValueError("its events are not those of an execution")
        if not isinstance(told["definition"], dict):
            raise ValueError("its definition is no object")
        for name in ("arn", "name", "status", "machine", "workflow"):
            if not isinstance(told[name], str):
                raise ValueError(f"its {name} is no text")
        if told["status"] not in _STATUSES or told["started"] is None or told["started"].tzinfo is None:
            raise ValueError("it has no status or no beginning")
        for name in ("input", "output"):
            json.loads("null" if told[name] is None else told[name])
    except (ValueError, TypeError, KeyError, RecursionError) as problem:
        said = f"lacks {problem}" if isinstance(problem, KeyError) else str(problem)
        found = Finding("RECORDING", "error", Where(place=Place(str(path))), f"is no recorded execution: {said}", _SAVE)
        raise FindingsError([found]) from None
    return Recording(**told)


_SAVE = "save one with `workflow-dsl history NAME --save FILE`"
_STATUSES = ("RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE")
# What is read of an event's details, and of which type it is.
_DETAILS = {
    **dict.fromkeys(("name", "input", "output", "parameters", "resource", "resourceType", "roleArn"), str),
    **dict.fromkeys(("error", "cause"), str),
    **dict.fromkeys(("inputDetails", "outputDetails", "parametersDetails"), dict),
    **dict.fromkeys(("assignedVariables", "assignedVariablesDetails"), dict),
    "index": int,
    "timeoutInSeconds": int,
}


def _is_event(event: Json) -> bool:
    wanted = {"id": int, "type": str, "timestamp": str}
    if not isinstance(event, dict) or not all(isinstance(event.get(name), kind) for name, kind in wanted.items()):
        return False
    details = [each for key, each in event.items() if key.endswith("EventDetails")]
    is_timed = datetime.fromisoformat(event["timestamp"]).tzinfo is not None
    return is_timed and isinstance(event.get("previousEventId", 0), int) and all(map(_is_details, details))


def _is_details(details: Json) -> bool:
    return isinstance(details, dict) and all(
        isinstance(details[name], kind) for name, kind in _DETAILS.items() if details.get(name) is not None
    )


def _as_text(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    raise TypeError(f"{value!r} is no JSON")


def plain_events(events: list[dict[str, Any]]) -> list[dict[str, Json]]:
    """Events as boto3 gives them, with their times as text."""
    plain: list[dict[str, Json]] = json.loads(json.dumps(events, default=_as_text))
    return plain


def seconds_into(recording: Recording, event: Mapping[str, Json]) -> float:
    """How long after the beginning an event was."""
    return (datetime.fromisoformat(event["timestamp"]) - recording.started).total_seconds()
