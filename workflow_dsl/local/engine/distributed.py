"""The distributed Map: every item, or batch of items, runs in a child execution.

Developer guide, "Using Map state in Distributed mode", "ItemBatcher", "ResultWriter".
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import Any

from workflow_dsl.application.template.resource_types import LOCAL_ACCOUNT, LOCAL_PARTITION, LOCAL_REGION
from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import to_json, uuid
from workflow_dsl.local.engine import history
from workflow_dsl.local.engine.dataflow import evaluate, evaluate_template, read_parameter, state_error
from workflow_dsl.local.engine.execution import FailedItem, Thread, describe_execution
from workflow_dsl.local.engine.item_reader import items_of_state, most_items, read_items, s3_arguments
from workflow_dsl.local.engine.items import (
    Item,
    concurrency_of,
    iteration_input,
    mocked_state,
    read_number,
    record_map_failure,
)
from workflow_dsl.local.engine.prepared import PreparedMachine, PreparedState
from workflow_dsl.local.engine.protocol import EarlierMapRun, Engine
from workflow_dsl.local.errors import RESULT_WRITER_FAILED, TOO_MANY_FAILURES, StateError
from workflow_dsl.local.scheduler import Workers

_NO_MORE: tuple[None, tuple[Json, int]] = (None, (None, 0))
CONCURRENCY = 10_000  # Step Functions quotas, "Distributed Map state"


def distributed_map(engine: Engine, thread: Thread, state: PreparedState, data: Json) -> Generator[Any, Any, Json]:
    """Run a distributed Map once, and return its results or the place of the written ones."""
    response = engine.mock_response(state, data)
    if response is not None:
        thread.record("MapStateStarted", history.with_details, "mapStateStartedEventDetails", {"length": 0})
        return (yield from mocked_state(thread, "Map", response))
    reader: Mapping[str, Json] | None = state.fields.get("ItemReader")
    is_second = len(thread.execution.trail) == 2
    try:
        items = items_of_state(state, thread, data) if reader is None else []
        arguments = s3_arguments(state, thread, "ItemReader", reader, data) if reader is not None else {}
    except StateError as failure:
        record_map_failure(thread, state, failure)
        raise
    # The length is 0 where the items are yet to be read (recorded).
    thread.record("MapStateStarted", history.with_details, "mapStateStartedEventDetails", {"length": len(items)})
    tolerance = tolerated_failures(state, thread, data)
    concurrency = concurrency_of(state, thread, data, CONCURRENCY)
    limit = most_items(state, thread, reader, data) if reader is not None else 0
    earlier = engine.earlier_map_run(thread)
    arn = earlier.arn if earlier else _map_run_arn(engine, thread, state)
    started = _record_start(thread, arn, earlier)
    try:
        items = items if reader is None else read_items(engine, reader, arguments, limit)
        run = _MapRun(engine, thread, state, arn, tolerance(len(items)))
        run.items, run.limits = len(items), _limits(state, thread, data)
        if earlier:
            run.keep(earlier)
        result = yield from _run_all(run, items, data, concurrency)
    except StateError as failure:
        thread.record("MapRunFailed", history.with_error, "mapRunFailedEventDetails", failure.error, failure.cause, {})
        failure.closing_event = "MapStateFailed"
        raise
    thread.record("MapRunSucceeded")
    thread.record_without_link("MapStateSucceeded")
    # Recorded: in a Map that comes right after the first state, the exit links to the start of the run instead.
    thread.last_event = started if is_second else thread.last_event
    return result


def _record_start(thread: Thread, arn: str, earlier: EarlierMapRun | None) -> int:
    if earlier is None:
        return thread.record("MapRunStarted", history.with_details, "mapRunStartedEventDetails", {"mapRunArn": arn})
    details = {"mapRunArn": arn, "redriveCount": earlier.redrive_count}
    return thread.record("MapRunRedriven", history.with_details, "mapRunRedrivenEventDetails", details)


def _run_all(run: _MapRun, items: list[Item], data: Json, concurrency: int) -> Generator[Any, Any, Json]:
    engine, thread, state = run.engine, run.thread, run.state
    engine.map_run_changed(run, "RUNNING")
    inputs = enumerate(batches(state, thread, data, iteration_inputs(state, thread, data, items)))
    status = "ABORTED"
    try:
        left = (numbered for numbered in inputs if numbered[0] not in run.results)
        yield from run.run_children(left, min(len(items), concurrency))
        result = _write_results(engine, thread, state, data, run) if "ResultWriter" in state.fields else run.outputs()
        status = "SUCCEEDED"
    except StateError:
        status = "FAILED"
        raise
    finally:
        engine.map_run_changed(run, status)
    return result


def _map_run_arn(engine: Engine, thread: Thread, state: PreparedState) -> str:
    label = state.fields.get("Label") or uuid(engine.random)
    machine = thread.execution.machine_name
    return f"arn:{LOCAL_PARTITION}:states:{LOCAL_REGION}:{LOCAL_ACCOUNT}:mapRun:{machine}/{label}:{uuid(engine.random)}"


def _limits(state: PreparedState, thread: Thread, data: Json) -> tuple[int, int, float]:
    """Return the numbers that a Map Run has: its concurrency, and the count and percentage of tolerated failures."""
    names = ("MaxConcurrency", "ToleratedFailureCount", "ToleratedFailurePercentage")
    concurrency, count, percentage = (read_number(state, thread, name, data, 0) for name in names)
    return int(concurrency), int(count), float(percentage)


def tolerated_failures(state: PreparedState, thread: Thread, data: Json) -> Callable[[int], float]:
    """Return how many of so many items may fail: by the count or the percentage, the smaller if there are both."""
    percentage = read_number(state, thread, "ToleratedFailurePercentage", data, 0)
    if not 0 <= percentage <= 100:
        raise state_error(state, thread, "ToleratedFailurePercentage must be between 0 and 100.")
    count = read_number(state, thread, "ToleratedFailureCount", data, 0)
    if count < 0:
        raise state_error(state, thread, "ToleratedFailureCount cannot be negative.")
    thread.note("toleratedFailurePercentage", percentage)
    thread.note("toleratedFailureCount", int(count))

    def tolerated(length: int) -> float:
        limits = {"ToleratedFailureCount": count, "ToleratedFailurePercentage": length * percentage / 100}
        given = (limit for name, limit in limits.items() if state.fields.keys() & {name, f"{name}Path"})
        return min(given, default=0)

    return tolerated


class _MapRun:
    """The child executions of one attempt of a distributed Map, and their results."""

    def __init__(self, engine: Engine, thread: Thread, state: PreparedState, arn: str, tolerated: float) -> None:
        self.engine, self.thread, self.state, self.arn = engine, thread, state, arn
        self.tolerated = tolerated
        self.items = 0
        self.limits = (0, 0, 0.0)
        self.failures = 0
        self.workers: Workers | None = None  # once children run
        self.results: dict[int, Json] = {}
        # Only a ResultWriter needs the descriptions; without one, only the results are kept.
        self.descriptions: dict[int, dict[str, Json]] | None = {} if "ResultWriter" in state.fields else None
        self.machine = PreparedMachine.of_scope(thread.execution.machine, state.scopes[0])
        self.is_express = state.scopes[0].config.get("ExecutionType") == "EXPRESS"
        self.machine_name = f"{thread.execution.machine_name}/{arn.rpartition('/')[2].partition(':')[0]}"

    def keep(self, earlier: EarlierMapRun) -> None:
        """Keep the results of the children that succeeded before a redrive: they do not run again."""
        self.results.update(earlier.results)
        if self.descriptions is not None:
            self.descriptions.update(earlier.descriptions)

    def run_children(self, inputs: Iterator[tuple[int, tuple[Json, int]]], width: int) -> Generator[Any, Any, None]:
        """Run a child for every input, `width` at once. Raises StateError when too many items have failed."""
        self.workers = Workers(self.engine.scheduler, lambda: self._worker(inputs))
        yield from self.workers.run(width)

    def resize(self, concurrency: int) -> None:
        """Run so many children at once from now on; 0 is as many as the service does."""
        if self.workers:
            self.workers.resize(min(self.items, concurrency or CONCURRENCY))

    def _worker(self, inputs: Iterator[tuple[int, tuple[Json, int]]]) -> Generator[Any, Any, None]:
        parent = self.thread.execution
        while self.workers is None or self.workers.is_within_width():
            index, (value, weight) = next(inputs, _NO_MORE)
            if index is None:
                return
            name = uuid(self.engine.random)
            child = self.engine.new_execution(
                self.machine, value, name=name, machine_name=self.machine_name, is_express=self.is_express
            )
            child.role_arn = parent.role_arn
            child.map_run, child.weight, child.number = self.arn, weight, index
            child.covered, child.trail, child.failed_items = parent.covered, parent.trail, parent.failed_items
            outcome = yield from self.engine.run_nested(child)
            if self.descriptions is not None:
                self.descriptions[index] = describe_execution(child, outcome, to_json)
            if outcome.status == "SUCCEEDED":
                self.results[index] = outcome.output
            else:
                parent.failed_items.append(FailedItem(self.state.name, index, outcome.error, outcome.cause))
                self._count_failure(weight)

    def _count_failure(self, weight: int) -> None:
        self.failures += weight
        if self.failures > self.tolerated:
            raise StateError(TOO_MANY_FAILURES, "The specified tolerated failure threshold was exceeded")

    def outputs(self) -> list[Json]:
        """Return the outputs of the children in the order of the items, without those that failed."""
        return [self.results[index] for index in sorted(self.results)]

    def children(self, *, succeeded: bool | None = None) -> list[tuple[dict[str, Json], Json]]:
        """Return the description and the output of every child, or only of those that did, or did not, succeed."""
        descriptions = self.descriptions or {}
        return [
            (descriptions[index], self.results.get(index))
            for index in sorted(descriptions)
            if succeeded is None or (index in self.results) is succeeded
        ]


def iteration_inputs(state: PreparedState, thread: Thread, data: Json, items: Iterable[Item]) -> Iterator[Json]:
    """Yield the input of every item: its value, or the ItemSelector evaluated for it."""
    selector = state.fields.get("ItemSelector", state.fields.get("Parameters"))
    for index, item in enumerate(items):
        yield iteration_input(state, thread, selector, item.context(index), data, item.input)


def batches(state: PreparedState, thread: Thread, data: Json, inputs: Iterable[Json]) -> Iterator[tuple[Json, int]]:
    """Yield the input of every child, with the number of items in it."""
    batcher = state.fields.get("ItemBatcher")
    if batcher is None:
        yield from ((value, 1) for value in inputs)
        return
    max_items = _batch_limit(state, thread, batcher, "MaxItemsPerBatch", data)
    max_bytes = _batch_limit(state, thread, batcher, "MaxInputBytesPerBatch", data)
    batch_input = _batch_input(state, thread, batcher, data)
    batch: list[Json] = []
    size = 0
    for value in inputs:
        bytes_ = len(to_json(value).encode()) if max_bytes < float("inf") else 0
        if batch and (len(batch) >= max_items or size + bytes_ > max_bytes):
            yield {**batch_input, "Items": batch}, len(batch)
            batch, size = [], 0
        batch.append(value)
        size += bytes_
    if batch:
        yield {**batch_input, "Items": batch}, len(batch)


def _batch_limit(state: PreparedState, thread: Thread, batcher: Mapping[str, Json], field: str, data: Json) -> float:
    if f"{field}Path" in batcher:
        limit = read_parameter(state, thread, f"{field}Path", batcher[f"{field}Path"], data)
    else:
        limit = evaluate(state, thread, f"ItemBatcher/{field}", batcher.get(field, float("inf")), {"input": data})
    if isinstance(limit, bool) or not isinstance(limit, (int, float)) or limit < 1:
        raise state_error(
            state, thread, f"The {field} of the ItemBatcher must be a positive integer, not {to_json(limit)}"
        )
    return limit


def _batch_input(state: PreparedState, thread: Thread, batcher: Mapping[str, Json], data: Json) -> dict[str, Json]:
    if "BatchInput" not in batcher:
        return {}
    template = batcher["BatchInput"]
    if state.is_jsonata:
        return {"BatchInput": evaluate(state, thread, "ItemBatcher/BatchInput", template, {"input": data})}
    return {"BatchInput": evaluate_template(state, thread, template, data)}


def _write_results(engine: Engine, thread: Thread, state: PreparedState, data: Json, run: _MapRun) -> Json:
    """Write the results to S3 with a manifest and return its place; without a Resource, return them transformed."""
    writer = state.fields["ResultWriter"]
    config = writer.get("WriterConfig", {})
    transformation = config.get("Transformation", "NONE")
    if "Resource" not in writer:
        return _transform(run.children(), transformation)
    arguments = s3_arguments(state, thread, "ResultWriter", writer, data)
    bucket = arguments["Bucket"]
    folder = f"{arguments.get('Prefix', '').rstrip('/')}/{run.arn.rpartition(':')[2]}".lstrip("/")
    files: dict[str, list[Json]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    for status in ("SUCCEEDED", "FAILED"):
        children = run.children(succeeded=status == "SUCCEEDED")
        if children:
            text = _file_content(_transform(children, transformation), config.get("OutputType", "JSON"))
            suffix = "jsonl" if config.get("OutputType") == "JSONL" else "json"
            key = f"{folder}/{status}_0.{suffix}"
            _put_object(engine, bucket, key, text)
            files[status].append({"Key": key, "Size": len(text.encode())})
    manifest = {"DestinationBucket": bucket, "MapRunArn": run.arn, "ResultFiles": files}
    _put_object(engine, bucket, f"{folder}/manifest.json", to_json(manifest))
    return {"MapRunArn": run.arn, "ResultWriterDetails": {"Bucket": bucket, "Key": f"{folder}/manifest.json"}}


def _put_object(engine: Engine, bucket: str, key: str, text: str) -> None:
    try:
        engine.services.call("s3", "putObject", {"Bucket": bucket, "Key": key, "Body": text})
    except StateError as failure:
        raise StateError(RESULT_WRITER_FAILED, failure.cause) from None


def _transform(children: list[tuple[dict[str, Json], Json]], transformation: str) -> list[Json]:
    """Return the descriptions of the children (NONE), or their outputs (COMPACT), with lists flattened (FLATTEN).

    A failed child has its description in place of an output.
    """
    if transformation == "NONE":
        return [description for description, _ in children]
    outputs = [output if description["Status"] == "SUCCEEDED" else description for description, output in children]
    if transformation == "COMPACT":
        return outputs
    return [item for output in outputs for item in (output if isinstance(output, list) else [output])]


def _file_content(results: list[Json], type_: str) -> str:
    return "".join(f"{to_json(result)}\n" for result in results) if type_ == "JSONL" else to_json(results)
