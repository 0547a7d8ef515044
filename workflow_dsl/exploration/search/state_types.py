"""The moves of a state by its type."""

from __future__ import annotations

from collections.abc import Callable

from workflow_dsl.exploration.search.containers import container_moves
from workflow_dsl.exploration.search.moves import Move, choice_moves, fail_moves, simple_moves, task_moves
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


def moves_of(state: PreparedState) -> list[Move]:
    """Return the moves of a state, the usual one first."""
    return _MOVES[state.type](state)
