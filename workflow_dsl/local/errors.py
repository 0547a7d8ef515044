"""How a state fails, and what Retry and Catch make of it. Names: States Language, Appendix A."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ALL = "States.ALL"
DATA_LIMIT_EXCEEDED = "States.DataLimitExceeded"
HEARTBEAT_TIMEOUT = "States.HeartbeatTimeout"
INTRINSIC_FAILURE = "States.IntrinsicFailure"
ITEM_READER_FAILED = "States.ItemReaderFailed"
NO_CHOICE_MATCHED = "States.NoChoiceMatched"
QUERY_EVALUATION_ERROR = "States.QueryEvaluationError"
RESULT_PATH_MATCH_FAILURE = "States.ResultPathMatchFailure"
RESULT_WRITER_FAILED = "States.ResultWriterFailed"
RUNTIME = "States.Runtime"
TASK_FAILED = "States.TaskFailed"
TIMEOUT = "States.Timeout"
TOO_MANY_FAILURES = "States.ExceedToleratedFailureThreshold"

_NEVER_HANDLED = (RUNTIME,)
_NOT_IN_ALL = (DATA_LIMIT_EXCEEDED, RUNTIME)


class StateError(Exception):
    """A state's failure: the error's name and cause as the service reports them.

    `location` is the field whose evaluation failed, where the service records an EvaluationFailed event for it.
    """

    def __init__(self, error: str | None, cause: str | None = None, location: str | None = None) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause
        self.location = location
        self.is_recorded = False
        self.state: str | None = None  # where it began
        self.ends_with: str | None = None  # the event noted when no retrier takes the failure
        self.follows_entry = False  # noted after the event of entering the state, not in its place

    def as_output(self) -> dict[str, Any]:
        """The error as a Catch hands it on."""
        return {"Error": self.error or "", "Cause": self.cause or ""}


class HistoryFull(Exception):
    """The execution has as many events as the service keeps."""


def matches(names: Sequence[str], error: str | None) -> bool:
    """Whether a retrier's or catcher's ErrorEquals is for this error.

    States.ALL is for every error but States.DataLimitExceeded and States.Runtime, States.TaskFailed for every one but
    States.Timeout too (developer guide, "Handling errors in Step Functions workflows"). States.Timeout is also for a
    missed heartbeat.
    """
    error = error or ""
    if error in _NEVER_HANDLED:
        return False
    return (
        error in names
        or (ALL in names and error not in _NOT_IN_ALL)
        or (TASK_FAILED in names and error not in (*_NOT_IN_ALL, TIMEOUT))
        or (TIMEOUT in names and error == HEARTBEAT_TIMEOUT)
    )


def retry_delay(retrier: Mapping[str, Any], attempt: int) -> float:
    """Seconds before an attempt (the first retry is 1), before any jitter."""
    interval: float = retrier.get("IntervalSeconds", 1)
    rate: float = retrier.get("BackoffRate", 2.0)
    longest: float = retrier.get("MaxDelaySeconds", float("inf"))
    try:
        return float(min(interval * rate ** (attempt - 1), longest))
    except OverflowError:
        return longest
