"""Refusals at the point where a run reaches a call that cannot be made here: no retrier or catcher sees them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from workflow_dsl.findings import FindingsError
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.engine.protocol import Engine
from workflow_dsl.local.lambda_functions import functions
from workflow_dsl.local.stand_ins.gaps import CannotAnswer, gap_finding, in_state


def refuse_obstacle(engine: Engine, state: PreparedState) -> None:
    """Raise FindingsError for a state whose call was found impossible before the start, when it might not be made."""
    if state in engine.obstacles:
        raise FindingsError(engine.obstacles[state])


def refuse_unless_runnable(engine: Engine, state: PreparedState, resource: str) -> None:
    """Raise FindingsError for a function whose handler cannot run here. Each function is asked once."""
    if resource not in engine.runnable:
        function = functions.find(engine.functions, resource)
        problems = function.problems() if function else ()
        if problems:
            raise FindingsError(in_state(problems, state.at("Resource")))
        engine.runnable.add(resource)


@contextmanager
def refusing_gaps(state: PreparedState, service: str, action: str) -> Iterator[None]:
    """Raise FindingsError in place of CannotAnswer, for a call of a service; `action` has its pattern."""
    try:
        yield
    except CannotAnswer as problem:
        raise FindingsError([gap_finding(state.at("Resource"), service, action, problem.gap)]) from None
