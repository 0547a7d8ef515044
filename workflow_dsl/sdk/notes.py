"""What the SDK forgets: where in the author's Python each block was made, which states, and for which workflow."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from workflow_dsl.findings import Place
from workflow_dsl.sdk.door import Block, State

_NOT_THE_AUTHOR = ("stepfunctions.", "workflow_dsl.sdk.", "workflow_dsl.authoring", "contextlib", "json.", "string")
_recording: ContextVar[list[State] | None] = ContextVar("recording", default=None)


def author() -> Place | None:
    """The line of the nearest caller that is neither the SDK nor this package."""
    frame = _authors_frame()
    return Place(frame.f_code.co_filename, frame.f_lineno) if frame else None


def _authors_frame() -> types.FrameType | None:
    frame: types.FrameType | None = sys._getframe(2)
    while frame is not None and frame.f_globals.get("__name__", "").startswith(_NOT_THE_AUTHOR):
        frame = frame.f_back
    return frame


def _user_of(frame: types.FrameType | None) -> tuple[Place, int] | None:
    """The line that calls an author's function, where another one of the same file does, and where in its code."""
    outer = frame.f_back if frame else None
    if frame is None or outer is None or outer.f_code.co_filename != frame.f_code.co_filename:
        return None
    return Place(outer.f_code.co_filename, outer.f_lineno), outer.f_lasti


def place_of(block: object) -> Place | None:
    """Where the author made this state, retrier, catcher or chain; None for one made before this door was opened."""
    place: Place | None = getattr(block, "__dict__", {}).get("_author")
    return place


@contextmanager
def noted(block: Block) -> Iterator[None]:
    """Keeps the author's line that makes a block, and the block when it is a state."""
    frame = _authors_frame()
    block.__dict__["_author"] = Place(frame.f_code.co_filename, frame.f_lineno) if frame else None
    block.__dict__["_used"] = _user_of(frame)
    yield
    made = _recording.get()
    if made is not None and isinstance(block, State):
        made.append(block)


@contextmanager
def recording() -> Iterator[list[State]]:
    """Collects every state that is made while it is open, in order."""
    made: list[State] = []
    token = _recording.set(made)
    try:
        yield made
    finally:
        _recording.reset(token)


def used_again(block: object, before: object) -> Place | None:
    """Where a function is called that makes a state like one before it in the same line; None where none is."""
    one, other = (getattr(each, "__dict__", {}).get("_used") for each in (block, before))
    if one is None or one == other or place_of(block) != place_of(before):
        return None
    place: Place = one[0]
    return place


def note_compiled(state: State, start: State) -> State:
    """Keeps for which workflow, known by its first state, a state was compiled; gives the one it was first for."""
    first: State = state.__dict__.setdefault("_start", start)
    return first


def is_compiled(state: object) -> bool:
    """Whether a state is in a machine already."""
    return "_start" in getattr(state, "__dict__", {})
