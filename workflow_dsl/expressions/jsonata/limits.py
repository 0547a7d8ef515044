"""The limits of one evaluation: time, memory and depth.

The service holds 6,990,256 bytes, which is 873,782 numbers, and evaluates 100 levels of nesting (measured with
TestState: https://github.com/floci-io/floci/issues/2737). The other limits are our own, so that an expression ends.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sized
from datetime import datetime
from random import Random
from typing import Any

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.records import Record, field

LONGEST_SECONDS = 5
MOST_ITEMS = 873_782
MOST_NESTED = 100
LONGEST_STRING = 6_990_256
MOST_CONTAINERS = 150_000  # arrays and objects in a result: more have over 256 KiB, which no state passes on
PATTERN_SECONDS = 1.0  # for a search by a regular expression
_ALL_ITEMS = 10_000_000  # that ranges, copies and strings of one evaluation may take together
_TICKS = 16


class Run(Record, frozen=False):
    """One evaluation: its variables, its sources of time and random numbers, and what is left of its limits."""

    variables: Mapping[str, Any]
    now: Callable[[], datetime]
    random: Random
    ticks: int = _TICKS
    items: int = _ALL_ITEMS
    deadline: float = field(default_factory=lambda: time.monotonic() + LONGEST_SECONDS)

    def check_time(self) -> None:
        """Start counting ticks again. Raises Failure after LONGEST_SECONDS."""
        self.ticks = _TICKS
        if time.monotonic() > self.deadline:
            raise Failure("time")

    def pattern_seconds(self) -> float:
        """Return how long a search by a regular expression may take. Raises Failure if no time is left."""
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise Failure("time")
        return min(left, PATTERN_SECONDS)

    def reserve(self, count: float, most: int = MOST_ITEMS) -> None:
        """Take the room of that many items or characters. Raises Failure if there is not enough."""
        self.items -= int(min(count, 2 * _ALL_ITEMS)) if count > 0 else 0
        if count > most or self.items < 0:
            raise Failure("memory")


def within(value: Sized, most: int = MOST_ITEMS) -> Any:
    """Return an array or a string. Raises Failure if it is too long."""
    if len(value) > most:
        raise Failure("memory")
    return value
