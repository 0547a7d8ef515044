"""The eight state types by name, and the loop that runs states by this table."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.local.engine.branches import map_attempt, parallel_attempt
from workflow_dsl.local.engine.dataflow import check_size, record_evaluation_failure
from workflow_dsl.local.engine.execution import Thread
from workflow_dsl.local.engine.prepared import PreparedScope, PreparedState
from workflow_dsl.local.engine.protocol import Engine
from workflow_dsl.local.engine.retry import with_retry_and_catch
from workflow_dsl.local.engine.states import (
    StateResult,
    StateSteps,
    choice_state,
    fail_state,
    pass_state,
    succeed_state,
    wait_state,
)
from workflow_dsl.local.engine.tasks import task_attempt
from workflow_dsl.local.errors import StateError

IMMEDIATE: dict[str, Callable[[Thread, PreparedState, Json], StateResult]] = {
    "Pass": pass_state,
    "Succeed": succeed_state,
    "Fail": fail_state,
    "Choice": choice_state,
}
WAITING: dict[str, Callable[[Engine, Thread, PreparedState, Json], StateSteps]] = {
    "Wait": wait_state,
    "Task": with_retry_and_catch(task_attempt),
    "Parallel": with_retry_and_catch(parallel_attempt),
    "Map": with_retry_and_catch(map_attempt),
}

TURN = 1_000  # states after which other jobs take a turn


def run_scope(engine: Engine, thread: Thread, scope: PreparedScope, value: Json) -> Generator[Any, Any, Json]:
    """Run the states of a scope from its first to an end state, and return the output of the last one."""
    name: str | None = scope.start
    previous = ""
    covered, left = thread.execution.covered, TURN
    while name is not None:
        state = scope.states[name]
        covered.add(("transition", previous, name))
        if state.passes_input_through:
            thread.pass_through(state, value)
            name = state.next
        else:
            thread.enter(state, value)
            try:
                immediate = IMMEDIATE.get(state.type)
                if immediate:
                    output, assigned, name = immediate(thread, state, value)
                else:
                    output, assigned, name = yield from WAITING[state.type](engine, thread, state, value)
            except StateError as failure:
                record_evaluation_failure(thread, state, failure)
                failure.state = failure.state or state.name
                raise
            if output is not value:
                check_size(state, output)
            if assigned:
                thread.variables = {**thread.variables, **assigned}
            thread.leave(state, output, assigned)
            value = output
        previous = state.name
        left -= 1
        if thread.is_shared or not left:
            left = TURN
            yield None
    return value
