"""Parallel and the inline Map: states whose work is done by branches of their own."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.local.engine import history
from workflow_dsl.local.engine.dataflow import given_to, state_input
from workflow_dsl.local.engine.distributed import distributed_map, is_distributed
from workflow_dsl.local.engine.execution import Thread
from workflow_dsl.local.engine.items import as_a_whole, concurrency_of, items_of, note_map_failed, selected
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.engine.protocol import Engine
from workflow_dsl.local.engine.states import run_scope
from workflow_dsl.local.errors import StateError
from workflow_dsl.local.scheduler import gather

INLINE_CONCURRENCY = 40  # Step Functions quotas, "Inline Map state"


def parallel_attempt(engine: Engine, branch: Thread, node: PreparedState, value: Json) -> Generator[Any, Any, Json]:
    data = given_to(node, branch, value)
    started = branch.note("ParallelStateStarted", None, node.name)
    mocked = engine.mocked(node, data)
    if mocked is not None:
        return (yield from as_a_whole(branch, "Parallel", mocked))
    results: list[Json] = [None] * len(node.scopes)
    shared = len(node.scopes) > 1 or branch.is_shared
    inner = [branch.inner(started, number, is_shared=shared) for number in range(len(node.scopes))]

    def run(index: int) -> Generator[Any, Any, None]:
        try:
            results[index] = yield from run_scope(engine, inner[index], node.scopes[index], data)
        except StateError:
            branch.last = inner[index].last
            raise

    try:
        yield from gather(engine.scheduler, [run(index) for index in range(len(inner))])
    except StateError as problem:
        problem.ends_with = "ParallelStateFailed"
        raise
    branch.last = max((each.last for each in inner), default=started)
    branch.note_aside("ParallelStateSucceeded")
    return results


def map_attempt(engine: Engine, branch: Thread, node: PreparedState, value: Json) -> Generator[Any, Any, Json]:
    data = value if node.is_jsonata else state_input(node, branch, value)
    if is_distributed(node):
        return (yield from distributed_map(engine, branch, node, data))
    try:
        items = items_of(node, branch, data)
    except StateError as problem:
        note_map_failed(branch, node, problem)
        raise
    concurrency = concurrency_of(node, branch, data, INLINE_CONCURRENCY)
    branch.note("MapStateStarted", history.with_details, "mapStateStartedEventDetails", {"length": len(items)})
    mocked = engine.mocked(node, data)
    if mocked is not None:
        return (yield from as_a_whole(branch, "Map", mocked))
    results: list[Json] = [None] * len(items)
    iterations = _Iterations(engine, branch, node, data, items, results)
    width = min(len(items), concurrency)
    try:
        if width:
            yield from gather(engine.scheduler, [iterations.worker(shared=width > 1) for _ in range(width)])
    except StateError as problem:
        branch.last = iterations.failed_at or branch.last
        iterations.note_aborted()
        problem.ends_with = "MapStateFailed"
        raise
    branch.last = max(iterations.last, branch.last)
    branch.note_aside("MapStateSucceeded")
    return results


class _Iterations:
    """The iterations of one visit to an inline Map; each worker takes the next item when it is done with one."""

    def __init__(
        self, engine: Engine, branch: Thread, node: PreparedState, data: Json, items: list[Json], results: list[Json]
    ) -> None:
        self.engine, self.branch, self.node, self.data = engine, branch, node, data
        self.items, self.results = items, results
        self.waiting: Iterator[int] = iter(range(len(items)))
        self.running: dict[int, Thread] = {}
        self.failed_at = self.last = 0
        self.selector = node.fields.get("ItemSelector", node.fields.get("Parameters"))

    def worker(self, *, shared: bool) -> Generator[Any, Any, None]:
        last = self.branch.last
        scope = self.node.scopes[0]
        for index in self.waiting:
            inner = self.branch.inner(last, index, is_shared=shared or self.branch.is_shared)
            inner.item = {"Index": index, "Value": self.items[index]}
            given = selected(self.node, self.branch, self.selector, inner.item, self.data, self.items[index])
            self.running[index] = inner
            self._note(inner, "Started", index)
            try:
                self.results[index] = yield from run_scope(self.engine, inner, scope, given)
            except StateError:
                self._note_aside(inner, "Failed", index)
                self.failed_at = inner.last
                raise
            del self.running[index]
            last = inner.last
            # The Map's own end follows the last iteration's, though the next iteration does not.
            self.last = self._note_aside(inner, "Succeeded", index)

    def note_aborted(self) -> None:
        for index, inner in self.running.items():
            if inner.last != self.failed_at:
                self._note_aside(inner, "Aborted", index)

    def _note(self, inner: Thread, what: str, index: int) -> None:
        inner.note(f"MapIteration{what}", _iteration, what, self.node.name, index)

    def _note_aside(self, inner: Thread, what: str, index: int) -> int:
        return inner.note_aside(f"MapIteration{what}", _iteration, what, self.node.name, index)


def _iteration(what: str, name: str, index: int) -> dict[str, Any]:
    return {f"mapIteration{what}EventDetails": {"name": name, "index": index}}
