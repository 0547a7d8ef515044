"""The errors of states, and their matching with Retry and Catch. Names: States Language, Appendix A."""

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
    """A state's failure: the name and the cause of the error as the service reports them.

    `location` is the field whose evaluation failed, if the service records an EvaluationFailed event for it.
    """

    def __init__(self, error: str | None, cause: str | None = None, location: str | None = None) -> None:
        super().__init__(f"{error}: {cause}")
        self.error = error
        self.cause = cause
        self.location = location
        self.is_recorded = False
        self.state: str | None = None  # the innermost state that failed
        self.closing_event: str | None = None  # the event to record if no retrier handles the error
        self.event: str | None = None  # the event of the task that fails, if it is not TaskFailed
        self.is_of_task = False  # True for a task's result that is too large, which States.ALL handles
        self.follows_entry = False  # if False, an EvaluationFailed event links to the event before the state's entry

    def as_output(self) -> dict[str, Any]:
        """Return the error output that a catcher passes on."""
        return {"Error": self.error or "", "Cause": self.cause or ""}


class HistoryFull(Exception):
    """The execution has as many events as the service allows."""


def matches(names: Sequence[str], error: str | None, *, is_of_task: bool = False) -> bool:
    """True if a retrier or catcher with these ErrorEquals handles the error.

    States.ALL matches every error but States.DataLimitExceeded and States.Runtime. States.TaskFailed matches the same
    errors except States.Timeout (developer guide, "Handling errors in Step Functions workflows"). Both match the
    States.DataLimitExceeded of a task whose result is too large (recorded). States.Timeout also matches a missed
    heartbeat.
    """
    error = error or ""
    if error in _NEVER_HANDLED:
        return False
    is_in_all = is_of_task or error not in _NOT_IN_ALL
    return (
        error in names
        or (ALL in names and is_in_all)
        or (TASK_FAILED in names and is_in_all and error != TIMEOUT)
        or (TIMEOUT in names and error == HEARTBEAT_TIMEOUT)
    )


def handling_name(names: Sequence[str], error: str | None) -> str:
    """Return the name in ErrorEquals by which a retrier or catcher handles an error that it matches."""
    if error in names:
        return str(error)
    if TIMEOUT in names and error == HEARTBEAT_TIMEOUT:
        return TIMEOUT
    return TASK_FAILED if TASK_FAILED in names and error != TIMEOUT else ALL


def retry_delay(retrier: Mapping[str, Any], attempt: int) -> float:
    """Return the seconds to wait before a retry (the first has attempt=1), without jitter."""
    interval: float = retrier.get("IntervalSeconds", 1)
    rate: float = retrier.get("BackoffRate", 2.0)
    longest: float = retrier.get("MaxDelaySeconds", float("inf"))
    try:
        return float(min(interval * rate ** (attempt - 1), longest))
    except OverflowError:
        return longest
