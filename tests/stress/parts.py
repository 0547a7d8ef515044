"""What a part of the stress program is: a kind of input made from a seed, and the faults that it finds."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

_SECONDS = 5.0  # for one input


@dataclass(frozen=True, slots=True)
class Part:
    """A part: `run` gets a source of random numbers and a count, and yields a line for each fault."""

    name: str
    count: int  # at full size
    run: Callable[[Random, int], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The faults of one run of a part, and its measures."""

    part: str
    seed: int
    count: int
    seconds: float
    faults: list[str]


def faults_of(act: Callable[[], object], name: str) -> Iterator[str]:
    """Yield a fault if an act raises anything, or takes longer than any input may."""
    started = time.perf_counter()
    try:
        act()
    except Exception as problem:  # whatever it is, it is the fault
        yield f"{name}: {type(problem).__name__}: {problem}"
    seconds = time.perf_counter() - started
    if seconds > _SECONDS:
        yield f"{name}: {seconds:.1f} s"


def run_part(part: Part, seed: int, count: int) -> Outcome:
    """Run a part with a seed. The same seed and count give the same inputs on every computer."""
    started = time.perf_counter()
    faults = list(part.run(Random(f"{part.name} {seed}"), count))
    return Outcome(part.name, seed, count, time.perf_counter() - started, faults)
