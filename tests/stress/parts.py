"""What a part of the stress program is: a kind of input made from a seed, and the faults that it finds."""

from __future__ import annotations

import resource
import sys
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
    chunk: int  # inputs that one process takes at a time
    run: Callable[[Random, int], Iterator[str]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The faults of one run of a part, and its measures."""

    seconds: float
    kilobytes: int  # the most memory that the process, or a child of it, has taken
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


def run_chunk(part: Part, seed: str, count: int) -> Outcome:
    """Run a part with a seed. The same seed and count give the same inputs on every computer."""
    started = time.perf_counter()
    faults = list(part.run(Random(f"{part.name} {seed}"), count))
    used = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return Outcome(time.perf_counter() - started, max(used) // (1024 if sys.platform == "darwin" else 1), faults)
