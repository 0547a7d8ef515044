"""The eight state types by name, and the loop that runs states by this table."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.local.engine import history
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


def run_scope(engine: Engine, thread: Thread, scope: PreparedScope, value: Json) -> Generator[Any, Any, Json]:
    """Run the states of a scope from its first to an end state, and return the output of the last one."""
    name: str | None = scope.start
    previous = ""
    covered, add = thread.execution.covered, thread.execution.history.add
    while name is not None:
        state = scope.states[name]
        thread.enter(state, value)
        covered.add(("transition", previous, name))
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
        thread.last_event = add(state.exited_type, thread.last_event, history.exited, (state.name, output, assigned))
        value, previous = output, state.name
        if thread.is_shared:
            yield None
    return value
