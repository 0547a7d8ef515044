"""A recorded execution: its input, its end and its events as the service has them, in a file that can be replayed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workflow_dsl.asl import Json
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
        for name in ("input", "output"):
            json.loads(told[name] or "null")
    except (ValueError, TypeError, KeyError, RecursionError) as problem:
        said = f"lacks {problem}" if isinstance(problem, KeyError) else str(problem)
        found = Finding("RECORDING", "error", Where(place=Place(str(path))), f"is no recorded execution: {said}", _SAVE)
        raise FindingsError([found]) from None
    return Recording(**told)


_SAVE = "save one with `workflow-dsl history NAME --save FILE`"


def _is_event(event: Json) -> bool:
    wanted = {"id": int, "type": str, "timestamp": str}
    return isinstance(event, dict) and all(isinstance(event.get(name), kind) for name, kind in wanted.items())


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
