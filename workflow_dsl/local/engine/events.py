"""The events of a history by what they say, in the words of the service (API reference, HistoryEvent)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

SCHEDULED = ("LambdaFunctionScheduled", "TaskScheduled", "ActivityScheduled")
SUCCEEDED = ("LambdaFunctionSucceeded", "TaskSucceeded", "ActivitySucceeded")
FAILED = (
    *("LambdaFunctionFailed", "LambdaFunctionScheduleFailed", "LambdaFunctionStartFailed", "LambdaFunctionTimedOut"),
    *("TaskFailed", "TaskStartFailed", "TaskSubmitFailed", "TaskTimedOut"),
    *("ActivityFailed", "ActivityScheduleFailed", "ActivityTimedOut"),
)
# A distributed Map's items have executions of their own; as far as this execution is concerned it makes one call.
MAP_RUN, MAP_RUN_SUCCEEDED, MAP_RUN_FAILED = "MapRunStarted", "MapRunSucceeded", ("MapRunFailed", "MapRunAborted")
ITERATION = "MapIterationStarted"
REDRIVEN = ("ExecutionRedriven", "MapRunRedriven")


def previous_of(event: Mapping[str, Any]) -> int:
    """The event that an event follows; where an emulator does not say, the one before it."""
    previous: int = event.get("previousEventId", event["id"] - 1)
    return previous


def details_of(event: Mapping[str, Any]) -> Mapping[str, Any]:
    """What an event has beside its id, type and time."""
    return next((value for key, value in event.items() if key.endswith("EventDetails")), {})


def time_of(event: Mapping[str, Any]) -> datetime | None:
    """When an event was; None where it does not say."""
    at = event.get("timestamp")
    return datetime.fromisoformat(at) if isinstance(at, str) else at


def error_of(type_: str, details: Mapping[str, Any]) -> str:
    """The name of the error that a failure has; a timeout's goes without saying."""
    return str(details.get("error") or ("States.Timeout" if type_.endswith("TimedOut") else ""))
