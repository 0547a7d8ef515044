"""What the SDK forgets: where in the author's Python each block was made, which states, and for which workflow."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager

from workflow_dsl.findings import Place
from workflow_dsl.sdk.door import Block, State

_NOT_THE_AUTHOR = ("stepfunctions.", "workflow_dsl.sdk.", "workflow_dsl.authoring", "contextlib")
_recordings: list[list[State]] = []


def author() -> Place | None:
    """The line of the nearest caller that is neither the SDK nor this package."""
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None:
        if not frame.f_globals.get("__name__", "").startswith(_NOT_THE_AUTHOR):
            return Place(frame.f_code.co_filename, frame.f_lineno)
        frame = frame.f_back
    return None


def place_of(block: object) -> Place | None:
    """Where the author made this state, retrier, catcher or chain; None for one made before this door was opened."""
    place: Place | None = getattr(block, "__dict__", {}).get("_author")
    return place


@contextmanager
def noted(block: Block) -> Iterator[None]:
    """Keeps the author's line that makes a block, and the block when it is a state."""
    block.__dict__["_author"] = author()
    yield
    if _recordings and isinstance(block, State):
        _recordings[-1].append(block)


@contextmanager
def recording() -> Iterator[list[State]]:
    """Collects every state that is made while it is open, in order."""
    made: list[State] = []
    _recordings.append(made)
    try:
        yield made
    finally:
        _recordings.remove(made)


def note_compiled(state: State, start: State) -> State:
    """Keeps for which workflow, known by its first state, a state was compiled; gives the one it was first for."""
    first: State = state.__dict__.setdefault("_start", start)
    return first


def is_compiled(state: object) -> bool:
    """Whether a state is in a machine already."""
    return "_start" in getattr(state, "__dict__", {})
