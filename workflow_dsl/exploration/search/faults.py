"""The errors that make a state use each of its retriers and catchers, and how often they must come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflow_dsl.local.coverage import Element, handler_element
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.errors import ALL, TASK_FAILED, TIMEOUT, handling_name, matches
from workflow_dsl.records import Record

_WORDS = (ALL, TASK_FAILED)
_LIMITS = ("TimeoutSeconds", "TimeoutSecondsPath", "HeartbeatSeconds", "HeartbeatSecondsPath")
SAMPLE = "Example.Error"  # where any error does
MOST_ATTEMPTS = 50  # a failure that a state retries more often is left to time


class Fault(Record):
    """An error of a state that comes `times` times in a row; which retrier and catcher it meets."""

    error: str
    times: int
    retrier: int | None
    catcher: int | None  # None if the retries end the error, or nothing catches it
    exhausted: int | None = None  # the retrier that gives up


def faults_of(state: PreparedState) -> list[Fault]:
    """Return the faults of a state: for each retrier one that it ends, for each error that ends a visit one that does.

    An error that no retrier handles comes first, so that fewer calls lead to a catcher.
    """
    faults: list[Fault] = []
    for error in _errors_of(state):
        retrier = _first(state.retriers, error)
        most = 0 if retrier is None else int(state.retriers[retrier].get("MaxAttempts", 3))
        if retrier is not None and most > 0:
            faults.append(Fault(error, 1, retrier, None))
        if most < MOST_ATTEMPTS:
            exhausted = retrier if most > 0 else None
            faults.append(Fault(error, most + 1, None, _first(state.catchers, error), exhausted))
    return sorted(faults, key=lambda fault: fault.times)


def error_of(name: str) -> str:
    """Return an error that a name in ErrorEquals stands for."""
    return SAMPLE if name in _WORDS else name


def retry_element(state: PreparedState, error: str | None) -> Element | None:
    """Return the element of the name by which a retrier handles an error; None if none does."""
    retrier = _first(state.retriers, error or "")
    return None if retrier is None else _element("retry", state, retrier, state.retriers[retrier]["ErrorEquals"], error)


def catch_element(state: PreparedState, catcher: int, error: str | None) -> Element:
    """Return the element of the name by which a catcher handles an error."""
    return _element("catch", state, catcher, state.catchers[catcher]["ErrorEquals"], error)


def _element(kind: str, state: PreparedState, index: int, names: Sequence[str], error: str | None) -> Element:
    return handler_element(kind, state.name, index, names, handling_name(names, error))


def exhausted_goal(state: PreparedState, error: str) -> Element:
    """Return the goal that a retrier gives up on an error, by the name with which it handles that."""
    return ("exhausted", *(retry_element(state, error) or ())[1:])


def handling_of(state: PreparedState, error: str | None) -> tuple[object, ...]:
    """Return the names of Retry and Catch that handle an error, and how often it must come to be caught."""
    catcher = catcher_of(state, error)
    return (
        attempts_of(state, error),
        retry_element(state, error),
        None if catcher is None else catch_element(state, catcher, error),
    )


def catcher_of(state: PreparedState, error: str | None) -> int | None:
    """Return the number of the catcher that handles an error once no retrier does; None if there is none."""
    return _first(state.catchers, error or "")


def attempts_of(state: PreparedState, error: str | None) -> int:
    """Return how often an error must come until no retrier handles it."""
    retrier = _first(state.retriers, error or "")
    return 1 if retrier is None else int(state.retriers[retrier].get("MaxAttempts", 3)) + 1


def _errors_of(state: PreparedState) -> Iterator[str]:
    names = [name for handler in (*state.retriers, *state.catchers) for name in handler["ErrorEquals"]]
    yield from dict.fromkeys(name for name in names if name not in _WORDS)
    yield SAMPLE
    if TIMEOUT not in names and (can_time_out(state) or {*_WORDS} <= {*names}):
        yield TIMEOUT


def can_time_out(state: PreparedState) -> bool:
    """True for a task with a time limit of its own."""
    return any(name in state.fields for name in _LIMITS)


def _first(handlers: Sequence[Mapping[str, Any]], error: str) -> int | None:
    return next((index for index, each in enumerate(handlers) if matches(each["ErrorEquals"], error)), None)
