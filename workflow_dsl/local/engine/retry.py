"""Retry and Catch. States Language, "Errors"; developer guide, "Handling errors in Step Functions workflows"."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.jsonpath import parse_path
from workflow_dsl.local.engine.dataflow import (
    apply_result_path,
    assigned_variables,
    check_size,
    jsonata_output,
    record_evaluation_failure,
    state_output,
)
from workflow_dsl.local.engine.execution import Thread
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.engine.protocol import Engine
from workflow_dsl.local.engine.states import Assigned, StateResult, StateSteps
from workflow_dsl.local.errors import StateError, handling_name, matches, retry_delay

Attempt = Callable[[Engine, Thread, PreparedState, Json], Generator[Any, Any, Json]]


def with_retry_and_catch(attempt: Attempt) -> Callable[[Engine, Thread, PreparedState, Json], StateSteps]:
    """Return a state type whose failures go through Retry and Catch; `attempt` returns the result of one attempt."""

    def run_state(engine: Engine, thread: Thread, state: PreparedState, value: Json) -> StateSteps:
        counts: dict[int, int] = {}
        while True:
            try:
                result = yield from attempt(engine, thread, state, value)
                output, assigned = _output_of(thread, state, value, result)
                if output is not value:
                    check_size(state, output)
            except StateError as failure:
                record_evaluation_failure(thread, state, failure)
                delay = _delay(thread, state, failure, counts)
                if delay is None and failure.closing_event:
                    thread.record(failure.closing_event)
                    failure.closing_event = None
                if delay is None:
                    return _caught(thread, state, value, failure)
                thread.retries += 1
                if delay > 0:
                    yield engine.scheduler.now + delay
            else:
                return output, assigned, state.next

    return run_state


def _output_of(thread: Thread, state: PreparedState, value: Json, result: Json) -> tuple[Json, Assigned]:
    if state.is_jsonata:
        return jsonata_output(state, thread, {"input": value, "result": result}, result)
    return state_output(state, thread, value, result)


def _delay(thread: Thread, state: PreparedState, failure: StateError, counts: dict[int, int]) -> float | None:
    """Return the seconds until the next attempt, None if there is none. A retrier keeps its count for a whole visit."""
    for index, retrier in enumerate(state.retriers):
        if matches(retrier["ErrorEquals"], failure.error, is_of_task=failure.is_of_task):
            attempt = counts[index] = counts.get(index, thread.earlier_retries) + 1
            thread.note("retryIndex", index)
            if attempt > retrier.get("MaxAttempts", 3):
                return None
            _note_handled(thread, "retry", state, index, handling_name(retrier["ErrorEquals"], failure.error))
            delay = retry_delay(retrier, attempt)
            thread.before_retry(failure, delay)
            return thread.random.uniform(0, delay) if retrier.get("JitterStrategy") == "FULL" else delay
    return None


def _note_handled(thread: Thread, kind: str, state: PreparedState, index: int, name: str) -> None:
    thread.execution.covered |= {(kind, state.name, index), (kind, state.name, index, name)}


def _caught(thread: Thread, state: PreparedState, value: Json, failure: StateError) -> StateResult:
    """Return the result of the matching catcher. Raises the failure again if no catcher matches."""
    for index, catcher in enumerate(state.catchers):
        if matches(catcher["ErrorEquals"], failure.error, is_of_task=failure.is_of_task):
            _note_handled(thread, "catch", state, index, handling_name(catcher["ErrorEquals"], failure.error))
            error_output = failure.as_output()
            thread.note("catchIndex", index)
            thread.note("errorOutput", error_output)
            if state.is_jsonata:
                states = {"input": value, "errorOutput": error_output}
                location = f"Catch[{index}]/"
                return *jsonata_output(state, thread, states, error_output, catcher, location), catcher["Next"]
            path = catcher.get("ResultPath", "$")
            output = value if path is None else apply_result_path(parse_path(path), value, error_output)
            return output, assigned_variables(state, thread, catcher.get("Assign"), error_output), catcher["Next"]
    raise failure
