"""The errors that make a state use each of its retriers and catchers, and how often they must come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.errors import ALL, TASK_FAILED, matches
from workflow_dsl.records import Record

_WORDS = (ALL, TASK_FAILED)
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


def catcher_of(state: PreparedState, error: str | None) -> int | None:
    """Return the number of the catcher that handles an error once no retrier does; None if there is none."""
    return _first(state.catchers, error or "")


def attempts_of(state: PreparedState, error: str | None) -> int:
    """Return how often an error must come until no retrier handles it."""
    retrier = _first(state.retriers, error or "")
    return 1 if retrier is None else int(state.retriers[retrier].get("MaxAttempts", 3)) + 1


def _errors_of(state: PreparedState) -> Iterator[str]:
    names = [name for each in (*state.retriers, *state.catchers) for name in each["ErrorEquals"]]
    yield from dict.fromkeys(name for name in names if name not in _WORDS)
    yield SAMPLE
    can_time_out = "TimeoutSeconds" in state.fields or "TimeoutSecondsPath" in state.fields or {*_WORDS} <= {*names}
    if "States.Timeout" not in names and can_time_out:
        yield "States.Timeout"


def _first(handlers: Sequence[Mapping[str, Any]], error: str) -> int | None:
    return next((index for index, each in enumerate(handlers) if matches(each["ErrorEquals"], error)), None)
