"""The event history: events in the service's order, in the shape of boto3's get_execution_history.

An event is kept as it was noted and made into the service's shape when the history is asked for: a run that nobody
looks at does not pay for it. Values are never changed after they were noted.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import to_json
from workflow_dsl.local.errors import HistoryFull

LIMIT = 25_000  # Step Functions quotas, "Quotas related to state machine executions"
Shape = Callable[..., dict[str, Any]]


class Event(NamedTuple):
    """One event as it was noted: `shape` makes its details from `values`."""

    type: str
    time: float
    previous: int
    shape: Shape | None
    values: tuple[Any, ...]


class History:
    """The events of one execution."""

    def __init__(self, now: Callable[[], float], limit: float = LIMIT) -> None:
        self.events: list[Event] = []
        self._now = now
        self._limit = limit
        self.watch: Callable[[int, Event], None] | None = None

    def add(self, type_: str, previous: int, shape: Shape | None = None, *values: Any) -> int:
        """Notes an event; its id. Raises HistoryFull when only the execution's end still fits."""
        if len(self.events) >= self._limit - 1 and not type_.startswith("Execution"):
            raise HistoryFull
        event = Event(type_, self._now(), previous, shape, values)
        self.events.append(event)
        if self.watch:
            self.watch(len(self.events), event)
        return len(self.events)

    def as_dicts(self, start: datetime) -> list[dict[str, Any]]:
        """The events as boto3 gives them, with timestamps from the start of the clock."""
        return [
            {
                "timestamp": start + timedelta(seconds=event.time),
                "type": event.type,
                "id": number,
                "previousEventId": event.previous,
                **(event.shape(*event.values) if event.shape else {}),
            }
            for number, event in enumerate(self.events, start=1)
        ]


_WHOLE = {"truncated": False}


def entered(name: str, value: Json) -> dict[str, Any]:
    return {"stateEnteredEventDetails": {"name": name, "input": to_json(value), "inputDetails": _WHOLE}}


def exited(name: str, value: Json, assigned: dict[str, Json] | None) -> dict[str, Any]:
    details: dict[str, Any] = {"name": name, "output": to_json(value), "outputDetails": _WHOLE}
    if assigned:
        details["assignedVariables"] = {variable: to_json(each) for variable, each in assigned.items()}
        details["assignedVariablesDetails"] = _WHOLE
    return {"stateExitedEventDetails": details}


def started(value: Json, role: str) -> dict[str, Any]:
    return {"executionStartedEventDetails": {"input": to_json(value), "inputDetails": _WHOLE, "roleArn": role}}


def with_input(key: str, value: Json, **details: Any) -> dict[str, Any]:
    return {key: {**details, "input": to_json(value), "inputDetails": _WHOLE}}


def with_output(key: str, value: Json, details: dict[str, Any]) -> dict[str, Any]:
    return {key: {**details, "output": to_json(value), "outputDetails": _WHOLE}}


def with_error(key: str, error: str | None, cause: str | None, details: dict[str, Any]) -> dict[str, Any]:
    said = {"error": error, "cause": cause}
    return {key: {**details, **{name: value for name, value in said.items() if value is not None}}}


def with_details(key: str, details: dict[str, Any]) -> dict[str, Any]:
    return {key: details}
