"""The execution of one state by the engine, up to its output, its first retry or its failure."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Literal

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import uuid
from workflow_dsl.local.engine.dataflow import check_size, nesting_error, state_input, state_output
from workflow_dsl.local.engine.distributed import batches, iteration_inputs, tolerated_failures
from workflow_dsl.local.engine.engine import LocalEngine
from workflow_dsl.local.engine.execution import Execution, Thread
from workflow_dsl.local.engine.item_reader import items_of_state, most_items, read_items, s3_arguments
from workflow_dsl.local.engine.items import Item, items_of, read_number
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.engine.protocol import Engine
from workflow_dsl.local.engine.retry import Attempt, with_retry_and_catch
from workflow_dsl.local.engine.state_types import IMMEDIATE, WAITING
from workflow_dsl.local.engine.states import StateResult, StateSteps
from workflow_dsl.local.engine.tasks import mocked_response
from workflow_dsl.local.errors import TIMEOUT, TOO_MANY_FAILURES, StateError
from workflow_dsl.local.one_state.inspection import StateTest, inspection_of
from workflow_dsl.local.one_state.refusals import refusal
from workflow_dsl.local.one_state.request import STATE_NAME, Request, TestedState
from workflow_dsl.local.stand_ins.mocks import Return, Throw

LONGEST = 300.0  # seconds; API reference, TestState


class _Retriable(Exception):
    """A retrier handles an error after a delay in seconds."""

    def __init__(self, failure: StateError, delay: float) -> None:
        super().__init__(str(failure))
        self.failure, self.delay = failure, delay


class _TestedThread(Thread):
    """The thread of the tested state, which takes note of its steps and ends at a retry."""

    __slots__ = ("request", "steps")

    def __init__(self, execution: Execution, request: Request) -> None:
        super().__init__(execution, 0, request.variables or {})
        self.steps: dict[str, Json] = {}
        self.request = request

    def note(self, step: str, value: Json) -> None:
        self.steps[step] = value

    def before_retry(self, failure: StateError, delay: float) -> None:
        raise _Retriable(failure, delay)

    def error_prefix(self, state: PreparedState) -> str:
        """Return nothing: causes have no event to refer to."""
        return ""

    def context(self) -> dict[str, Json]:
        item = {} if self.item is None else {"Map": {"Item": self.item}}
        if self.request.context is not None:
            return {**self.request.context, **item}
        context = super().context()
        execution = {**context["Execution"], "RoleArn": self.request.role_arn}
        execution.pop("RedriveCount", None)
        return {**context, "Execution": execution, "State": {**context["State"], "Name": STATE_NAME}}


def run_test(engine: LocalEngine, tested: TestedState, request: Request) -> StateTest:
    """Run a state by itself, and return how it ends. Raises FindingsError for what the API refuses only then."""
    name, machine = uuid(engine.random), uuid(engine.random)
    execution = engine.new_execution(tested.machine, request.input, name=name, machine_name=machine, is_express=True)
    execution.arn = f"{execution.arn.rpartition(':express:')[0]}:express:{machine}:{name}"
    thread = _TestedThread(execution, request)
    if tested.map is not None and request.context is None:
        thread.item = _first_item(tested.map, request.input)
    job = engine.scheduler.start(_test(engine, thread, tested))
    engine.scheduler.run(job, LONGEST)
    if job.error:
        raise job.error
    if not job.is_done:
        job.stop()
        return _failed(thread, tested, StateError(TIMEOUT))
    test: StateTest = job.result
    return test


def _first_item(state: PreparedState, value: Json) -> dict[str, Json]:
    """Return the item of an iteration. Its source: developer guide, "Context object", "Context data for Map states"."""
    is_input = state.is_distributed and "ItemReader" not in state.fields
    return {"Index": 0, "Value": value, **({"Source": "STATE_DATA"} if is_input else {})}


def _test(engine: LocalEngine, thread: _TestedThread, tested: TestedState) -> Generator[Any, Any, StateTest]:
    try:
        output, assigned, next_state = yield from _with_parents(engine, thread, tested)
        check_size(tested.state, output)
    except _Retriable as retry:
        thread.note("retryBackoffIntervalSeconds", int(retry.delay))
        return _failed(thread, tested, retry.failure, is_retriable=True)
    except StateError as failure:
        return _failed(thread, tested, failure)
    except RecursionError:
        return _failed(thread, tested, nesting_error(tested.state.name))
    variables = {**thread.variables, **(assigned or {})}
    inspection = inspection_of(tested.state, thread.execution.input, thread.steps, variables)
    if "catchIndex" in thread.steps:
        error, cause = (thread.steps["errorOutput"][name] or None for name in ("Error", "Cause"))
        return StateTest("CAUGHT_ERROR", output, error, cause, next_state, inspection)
    return StateTest("SUCCEEDED", output, next_state=next_state, inspection=inspection)


def _failed(
    thread: _TestedThread, tested: TestedState, failure: StateError, *, is_retriable: bool = False
) -> StateTest:
    inspection = inspection_of(tested.state, thread.execution.input, thread.steps, thread.variables)
    status: Literal["RETRIABLE", "FAILED"] = "RETRIABLE" if is_retriable else "FAILED"
    return StateTest(status, error=failure.error, cause=failure.cause or None, inspection=inspection)


def _with_parents(engine: LocalEngine, thread: _TestedThread, tested: TestedState) -> StateSteps:
    """Run the state; an error that it does not handle goes to the states around it, as in an execution."""
    try:
        return (yield from _enter(engine, thread, tested))
    except StateError as error:
        failure = error
    for parent in tested.parents:
        try:
            return (yield from with_retry_and_catch(_raising(failure))(engine, thread, parent, thread.execution.input))
        except StateError as error:
            failure = error
    raise failure


def _raising(failure: StateError) -> Attempt:
    def attempt(engine: Engine, thread: Thread, state: PreparedState, value: Json) -> Generator[Any, Any, Json]:
        yield from ()
        raise failure

    return attempt


def _enter(engine: LocalEngine, thread: _TestedThread, tested: TestedState) -> StateSteps:
    state, value = tested.state, thread.execution.input
    thread.enter(state, value)
    thread.retries = thread.earlier_retries = thread.request.retries
    _note_skipped_steps(thread, state, value)
    if state.type in IMMEDIATE:
        result: StateResult = IMMEDIATE[state.type](thread, state, value)
        return result
    run = with_retry_and_catch(_mocked_map(thread.request)) if state.type == "Map" else WAITING[state.type]
    return (yield from run(engine, thread, state, value))


def _note_skipped_steps(thread: _TestedThread, state: PreparedState, value: Json) -> None:
    """Take note of the steps that change nothing, and that the engine therefore skips."""
    if not state.is_jsonata and state.type == "Fail":
        state_output(state, thread, value, state_input(state, thread, value))


def _mocked_map(request: Request) -> Attempt:
    """Return the attempt of a Map whose items are read and transformed, and whose result is mocked."""

    def attempt(engine: Engine, thread: Thread, state: PreparedState, value: Json) -> Generator[Any, Any, Json]:
        data = value if state.is_jsonata else state_input(state, thread, value)
        items = _items_of_map(engine, thread, state, data, has_reader=request.reader_data is not None)
        thread.note("maxConcurrency", int(read_number(state, thread, "MaxConcurrency", data, 0)))
        tolerated = tolerated_failures(state, thread, data)(len(items)) if state.is_distributed else len(items)
        _note_inputs(thread, state, data, items)
        if request.failed_iterations > len(items):
            raise refusal(
                "Map iteration failure count must be less than or equal to the number of Map iterations",
                f"the Map has {len(items)} iterations",
            )
        mock = request.mock or Return(None)
        if request.failed_iterations > tolerated and not isinstance(mock, Throw):
            raise StateError(TOO_MANY_FAILURES, "The specified tolerated failure threshold was exceeded")
        return (yield from mocked_response(engine, mock, None))

    return attempt


def _items_of_map(engine: Engine, thread: Thread, state: PreparedState, data: Json, *, has_reader: bool) -> list[Item]:
    """Return the items of a Map. Without the data of its ItemReader, the input stands for what it would read."""
    reader = state.fields.get("ItemReader")
    if reader is None and state.is_distributed:
        return items_of_state(state, thread, data)
    if reader is None or not has_reader:
        return [Item(item) for item in items_of(state, thread, data)]
    arguments = s3_arguments(state, thread, "ItemReader", reader, data)
    items = read_items(engine, reader, arguments, most_items(state, thread, reader, data))
    if "ItemsPointer" in reader.get("ReaderConfig", {}):
        thread.note("afterItemsPointer", [item.value for item in items])
    return items


def _note_inputs(thread: Thread, state: PreparedState, data: Json, items: list[Item]) -> None:
    """Take note of the inputs of the iterations, or of the batches that they are grouped into."""
    inputs = list(iteration_inputs(state, thread, data, items))
    if not {"ItemSelector", "Parameters"}.isdisjoint(state.fields):
        thread.note("afterItemSelector", inputs)
    if "ItemBatcher" in state.fields:
        thread.note("afterItemBatcher", [batch for batch, _ in batches(state, thread, data, inputs)])
