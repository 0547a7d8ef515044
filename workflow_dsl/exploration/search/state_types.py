"""The moves of a state by its type."""

from __future__ import annotations

from collections.abc import Callable

from workflow_dsl.exploration.search.containers import container_moves
from workflow_dsl.exploration.search.moves import (
    Move,
    choice_moves,
    deciding_moves,
    fail_moves,
    simple_moves,
    task_moves,
)
from workflow_dsl.local.coverage import Element
from workflow_dsl.local.engine.prepared import PreparedState

_MOVES: dict[str, Callable[[PreparedState], list[Move]]] = {
    "Pass": simple_moves,
    "Wait": simple_moves,
    "Succeed": simple_moves,
    "Fail": fail_moves,
    "Choice": choice_moves,
    "Task": task_moves,
    "Parallel": container_moves,
    "Map": container_moves,
}


def moves_of(state: PreparedState, goal: Element | None) -> list[Move]:
    """Return the moves of a state, the usual one first, with those that are made for a goal alone."""
    moves = _MOVES[state.type](state)
    is_decided = goal is not None and goal[0] in ("condition", "order") and goal[1] == state.name
    return [*moves, *deciding_moves(state, goal)] if goal is not None and is_decided else moves
