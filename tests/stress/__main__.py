"""Run every part, or those named: `python -m tests.stress [SIZE] [PART]...`. A size of 1 is the full one."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from tests.stress.data import definitions, templates
from tests.stress.kills import kills
from tests.stress.modules import modules
from tests.stress.parts import Outcome, Part, run_chunk
from tests.stress.requests import requests
from tests.stress.runs import concurrent, files, runs
from tests.stress.server import server

SEED = 16  # of every part; another one gives other inputs
_MOST_MEMORY = 1_000_000  # KB
_MOST_SHOWN = 20  # faults of a part
PARTS = (
    Part("definitions", 100_000, 1_000, definitions),
    Part("templates", 20_000, 200, templates),
    Part("modules", 1_000, 50, modules),
    Part("kills", 1_000, 50, kills),
    Part("runs", 20_000, 500, runs),
    Part("files", 20_000, 500, files),
    Part("concurrent", 1_000, 250, concurrent),
    Part("requests", 50_000, 1_000, requests),
    Part("server", 10_000, 10_000, server),
)


def main(arguments: list[str]) -> int:
    """Run the parts on every core, print a line for each and one for each fault, and return the exit code."""
    size = float(arguments[0]) if arguments else 1.0
    faults = 0
    for part in PARTS if not arguments[1:] else [part for part in PARTS if part.name in arguments[1:]]:
        started, count = time.perf_counter(), max(1, round(part.count * size))
        outcomes = list(run_part(part, count))
        found = [fault for outcome in outcomes for fault in outcome.faults]
        memory = max(outcome.kilobytes for outcome in outcomes)
        found += [f"takes {memory} KB of memory"] if memory > _MOST_MEMORY else []
        measures = f"{time.perf_counter() - started:7.1f} s {memory:8} KB"
        print(f"{part.name:12} {count:7} inputs, seed {SEED} {measures} {len(found):4} faults", flush=True)
        for fault in found[:_MOST_SHOWN]:
            print(f"    {fault}"[:2_000], flush=True)
        faults += len(found)
    return int(faults > 0)


def run_part(part: Part, count: int) -> Iterator[Outcome]:
    """The outcomes of a part's chunks, each with a seed of its own."""
    counts = [min(part.chunk, count - start) for start in range(0, count, part.chunk)]
    with ProcessPoolExecutor(os.cpu_count()) as processes:
        running = [processes.submit(run_chunk, part, f"{SEED} {number}", size) for number, size in enumerate(counts)]
        yield from (chunk.result() for chunk in running)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
