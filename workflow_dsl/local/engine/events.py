"""Groups of event types, and the fields of an event. Names: API reference, HistoryEvent."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from workflow_dsl.records import Record

SCHEDULED = ("LambdaFunctionScheduled", "TaskScheduled", "ActivityScheduled")
SUCCEEDED = ("LambdaFunctionSucceeded", "TaskSucceeded", "ActivitySucceeded")
FAILED = (
    *("LambdaFunctionFailed", "LambdaFunctionScheduleFailed", "LambdaFunctionStartFailed", "LambdaFunctionTimedOut"),
    *("TaskFailed", "TaskStartFailed", "TaskSubmitFailed", "TaskTimedOut"),
    *("ActivityFailed", "ActivityScheduleFailed", "ActivityTimedOut"),
)
# The items of a distributed Map have executions of their own; in the history of the Map's execution it is one call.
MAP_RUN, MAP_RUN_SUCCEEDED, MAP_RUN_FAILED = "MapRunStarted", "MapRunSucceeded", ("MapRunFailed", "MapRunAborted")
ITERATION = "MapIterationStarted"
REDRIVEN = ("ExecutionRedriven", "MapRunRedriven")


class TaskEvents(Record):
    """The event types of a kind of task."""

    scheduled: str
    started: str
    succeeded: str
    failed: str
    timed_out: str


EVENTS_OF = {
    kind: TaskEvents(*(f"{prefix}{suffix}" for suffix in ("Scheduled", "Started", "Succeeded", "Failed", "TimedOut")))
    for kind, prefix in (("lambda", "LambdaFunction"), ("activity", "Activity"), ("task", "Task"))
}


def details_key(type_: str) -> str:
    """Return the key of an event's details."""
    return f"{type_[0].lower()}{type_[1:]}EventDetails"


def previous_of(event: Mapping[str, Any]) -> int:
    """Return the ID of the event that an event links to; emulators leave it out, and then it is the event before."""
    previous: int = event.get("previousEventId", event["id"] - 1)
    return previous


def details_of(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the details object of an event, {} if it has none."""
    return next((value for key, value in event.items() if key.endswith("EventDetails")), {})


def time_of(event: Mapping[str, Any]) -> datetime | None:
    """Return the time of an event, None if it has none."""
    timestamp = event.get("timestamp")
    return datetime.fromisoformat(timestamp) if isinstance(timestamp, str) else timestamp


def error_of(type_: str, details: Mapping[str, Any]) -> str:
    """Return the error name of a failure event, "" if there is none; the service leaves out that of a timeout."""
    return str(details.get("error") or ("States.Timeout" if type_.endswith("TimedOut") else ""))
