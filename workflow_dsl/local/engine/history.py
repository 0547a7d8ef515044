"""The event history: events in the service's order, in the shape of boto3's get_execution_history.

An event is stored as it was recorded, and gets the service's shape only when the history is read, so that a run whose
history nobody reads does not pay for it. Values never change after they were recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import to_json
from workflow_dsl.local.errors import HistoryFull

MAX_EVENTS = 25_000  # Step Functions quotas, "Quotas related to state machine executions"
Shape = Callable[..., dict[str, Any]]


class Event(NamedTuple):
    """One event as it was recorded: `shape(*values)` returns its details."""

    type: str
    time: float
    previous: int
    shape: Shape | None
    values: tuple[Any, ...]


class Events:
    """A sequence of events, each made when it is read: until then there are their fields, one after the other.

    Histories are most of what an execution makes, and the server keeps.
    """

    __slots__ = ("fields",)

    def __init__(self, fields: Iterable[Any] = ()) -> None:
        self.fields = [*fields]

    def __len__(self) -> int:
        return len(self.fields) // _WIDTH

    def __getitem__(self, index: int) -> Event:
        start = range(len(self))[index] * _WIDTH
        return Event(*self.fields[start : start + _WIDTH])

    def __iter__(self) -> Iterator[Event]:
        """Yield the events that there are now."""
        return map(self.__getitem__, range(len(self)))

    def append(self, event: Event) -> None:
        """Add an event."""
        self.fields += event


_WIDTH = len(Event._fields)


class History:
    """The events of one execution."""

    def __init__(self, now: Callable[[], float], limit: float = MAX_EVENTS) -> None:
        self.events = Events()
        self._now = now
        self._limit = limit
        self.watch: Callable[[int, Event], None] | None = None

    def add(self, type_: str, previous: int, shape: Shape | None = None, values: tuple[Any, ...] = ()) -> int:
        """Record an event and return its ID. Raises HistoryFull if only the end of the execution still fits."""
        fields = self.events.fields
        number = len(fields) // _WIDTH + 1
        if number >= self._limit and not type_.startswith("Execution"):
            raise HistoryFull
        fields += type_, self._now(), previous, shape, values
        if self.watch:
            self.watch(number, self.events[-1])
        return number

    def add_visit(self, types: tuple[str, str], previous: int, name: str, value: Json) -> int:
        """Record that a state is entered and left in one moment, with its input as its output.

        Return the ID of the second event, or 0 if that has to be recorded in two steps.
        """
        fields = self.events.fields
        number = len(fields) // _WIDTH + 1
        if number + 1 >= self._limit or self.watch:
            return 0
        time = self._now()
        fields += types[0], time, previous, entered, (name, value)
        fields += types[1], time, number, exited, (name, value, None)
        return number + 1

    def as_dicts(self, start: datetime) -> list[dict[str, Any]]:
        """Return the events as boto3 does; `start` is the time at which the clock started."""
        return [event_as_dict(event, number, start) for number, event in enumerate(self.events, start=1)]


def event_as_dict(event: Event, number: int, start: datetime) -> dict[str, Any]:
    """Return an event with this ID as boto3 does; `start` is the time at which the clock started."""
    return {
        "timestamp": start + timedelta(seconds=event.time),
        "type": event.type,
        "id": number,
        "previousEventId": event.previous,
        **(event.shape(*event.values) if event.shape else {}),
    }


_NOT_TRUNCATED = {"truncated": False}


def entered(name: str, value: Json) -> dict[str, Any]:
    """The details of a StateEntered event."""
    return {"stateEnteredEventDetails": {"name": name, "input": to_json(value), "inputDetails": _NOT_TRUNCATED}}


def exited(name: str, output: Json, assigned: dict[str, Json] | None) -> dict[str, Any]:
    """The details of a StateExited event."""
    details: dict[str, Any] = {"name": name, "output": to_json(output), "outputDetails": _NOT_TRUNCATED}
    if assigned:
        details["assignedVariables"] = {name: to_json(value) for name, value in assigned.items()}
        details["assignedVariablesDetails"] = _NOT_TRUNCATED
    return {"stateExitedEventDetails": details}


def started(value: Json, role: str) -> dict[str, Any]:
    """The details of an ExecutionStarted event."""
    return {"executionStartedEventDetails": {"input": to_json(value), "inputDetails": _NOT_TRUNCATED, "roleArn": role}}


def with_input(key: str, value: Json, **details: Any) -> dict[str, Any]:
    """Details under a key, with an input."""
    return {key: {**details, "input": to_json(value), "inputDetails": _NOT_TRUNCATED}}


def with_output(key: str, value: Json, details: dict[str, Any]) -> dict[str, Any]:
    """Details under a key, with an output."""
    return {key: {**details, "output": to_json(value), "outputDetails": _NOT_TRUNCATED}}


def with_error(key: str, error: str | None, cause: str | None, details: dict[str, Any]) -> dict[str, Any]:
    """Details under a key, with the error and the cause, each if there is one."""
    failure = {"error": error, "cause": cause}
    return {key: {**details, **{name: value for name, value in failure.items() if value is not None}}}


def with_details(key: str, details: dict[str, Any]) -> dict[str, Any]:
    """Details under a key."""
    return {key: details}
