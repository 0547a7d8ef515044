"""Parallel and the inline Map: states that run branches or iterations."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.local.engine import history
from workflow_dsl.local.engine.dataflow import arguments_of, state_input
from workflow_dsl.local.engine.distributed import distributed_map
from workflow_dsl.local.engine.execution import Thread
from workflow_dsl.local.engine.items import (
    STATE_DATA,
    concurrency_of,
    items_of,
    iteration_input,
    mocked_state,
    record_map_failure,
)
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.engine.protocol import Engine
from workflow_dsl.local.errors import RUNTIME, StateError
from workflow_dsl.local.scheduler import gather

INLINE_CONCURRENCY = 40  # Step Functions quotas, "Inline Map state"


def parallel_attempt(engine: Engine, thread: Thread, state: PreparedState, value: Json) -> Generator[Any, Any, Json]:
    """Run the branches of a Parallel once, and return the list of their outputs."""
    data = arguments_of(state, thread, value)
    started = thread.record("ParallelStateStarted", None, state.name)
    response = engine.mock_response(state, data)
    if response is not None:
        return (yield from mocked_state(thread, "Parallel", response))
    results: list[Json] = [None] * len(state.scopes)
    kept = keep_results(engine, thread, results)
    is_shared = len(state.scopes) > 1 or thread.is_shared
    branches = [thread.fork(started, number, is_shared=is_shared) for number in range(len(state.scopes))]

    def run(index: int) -> Generator[Any, Any, None]:
        try:
            results[index] = yield from engine.run_scope(branches[index], state.scopes[index], data)
        except StateError:
            thread.last_event = branches[index].last_event
            raise

    try:
        if len(kept) < len(branches):
            yield from gather(engine.scheduler, [run(index) for index in range(len(branches)) if index not in kept])
    except StateError as failure:
        if failure.error != RUNTIME:  # which ends the execution at once: floci's issue 2868
            failure.closing_event = "ParallelStateFailed"
        raise
    thread.last_event = max((branch.last_event for branch in branches), default=started)
    thread.record_without_link("ParallelStateSucceeded")
    return results


def map_attempt(engine: Engine, thread: Thread, state: PreparedState, value: Json) -> Generator[Any, Any, Json]:
    """Run the iterations of a Map once, and return the list of their outputs."""
    data = value if state.is_jsonata else state_input(state, thread, value)
    if state.is_distributed:
        return (yield from distributed_map(engine, thread, state, data))
    try:
        items = items_of(state, thread, data)
    except StateError as failure:
        record_map_failure(thread, state, failure)
        raise
    concurrency = concurrency_of(state, thread, data, INLINE_CONCURRENCY)
    thread.record("MapStateStarted", history.with_details, "mapStateStartedEventDetails", {"length": len(items)})
    response = engine.mock_response(state, data)
    if response is not None:
        return (yield from mocked_state(thread, "Map", response))
    results: list[Json] = [None] * len(items)
    iterations = _Iterations(engine, thread, state, data, items, results)
    width = min(len(items) - len(iterations.kept), concurrency)
    try:
        if width:
            yield from gather(engine.scheduler, [iterations.worker(is_shared=width > 1) for _ in range(width)])
    except StateError as failure:
        thread.last_event = iterations.failed_event or thread.last_event
        iterations.record_aborted()
        failure.closing_event = "MapStateFailed"
        raise
    thread.last_event = max(iterations.last_event, thread.last_event)
    thread.record_without_link("MapStateSucceeded")
    return results


def keep_results(engine: Engine, thread: Thread, results: list[Json]) -> Mapping[int, Json]:
    """Put the results that a redrive keeps among the results, and return them by number."""
    kept = engine.kept_results(thread)
    for number, result in kept.items():
        results[number] = result
    return kept


class _Iterations:
    """The iterations of one attempt of an inline Map. A worker takes the next item when it has finished one."""

    def __init__(
        self, engine: Engine, thread: Thread, state: PreparedState, data: Json, items: list[Json], results: list[Json]
    ) -> None:
        self.engine, self.thread, self.state, self.data = engine, thread, state, data
        self.items, self.results = items, results
        self.kept = keep_results(engine, thread, results)
        self.waiting: Iterator[int] = iter([index for index in range(len(items)) if index not in self.kept])
        self.running: dict[int, Thread] = {}
        self.failed_event = self.last_event = 0
        self.selector = state.fields.get("ItemSelector", state.fields.get("Parameters"))

    def worker(self, *, is_shared: bool) -> Generator[Any, Any, None]:
        last_event = self.thread.last_event
        scope = self.state.scopes[0]
        for index in self.waiting:
            iteration = self.thread.fork(last_event, index, is_shared=is_shared or self.thread.is_shared)
            value = self.items[index]
            iteration.item = {"Index": index, "Value": value, "Source": STATE_DATA}
            data = iteration_input(self.state, self.thread, self.selector, iteration.item, self.data, value)
            self.running[index] = iteration
            iteration.record("MapIterationStarted", _iteration, "Started", self.state.name, index)
            try:
                self.results[index] = yield from self.engine.run_scope(iteration, scope, data)
            except StateError:
                self._record_end(iteration, "Failed", index)
                self.failed_event = iteration.last_event
                raise
            del self.running[index]
            last_event = iteration.last_event
            # The Map's own end links to the end of the last iteration, unlike the next iteration.
            self.last_event = self._record_end(iteration, "Succeeded", index)

    def record_aborted(self) -> None:
        for index, iteration in self.running.items():
            if iteration.last_event != self.failed_event:
                self._record_end(iteration, "Aborted", index)

    def _record_end(self, iteration: Thread, end: str, index: int) -> int:
        return iteration.record_without_link(f"MapIteration{end}", _iteration, end, self.state.name, index)


def _iteration(event: str, name: str, index: int) -> dict[str, Any]:
    return {f"mapIteration{event}EventDetails": {"name": name, "index": index}}
