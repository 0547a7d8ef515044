"""What the SDK forgets: where in the author's Python each block was made, which states, and for which workflow."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice

from workflow_dsl.authoring.sdk.importing import Block, State
from workflow_dsl.findings import FindingsError, Place, authoring_error

_NOT_THE_AUTHORS = ("stepfunctions.", "workflow_dsl.authoring.sdk.", "workflow_dsl.authoring.", "json.")
_LIBRARIES = frozenset(
    "contextlib string json functools dataclasses workflow_dsl.authoring.sdk workflow_dsl.authoring".split()
)
_VALUES = ("workflow_dsl.authoring.sdk", "workflow_dsl.authoring")
# Whoever is not among these is an author, whether the module lies in the project or in a shared, installed library.
_MAY_COMPARE = sys.stdlib_module_names | frozenset(
    "IPython _pydevd_bundle _pytest attr debugpy hypothesis loguru pluggy pydevd pytest rich structlog".split()
)
_COMPILES = "workflow_dsl.compiler.loading"
_DEEPEST = 10  # calls that are looked through for the one that uses a fragment again
_recording: ContextVar[list[State] | None] = ContextVar("recording", default=None)


def author() -> Place | None:
    """The line of the nearest caller that is neither the SDK nor this package."""
    frame = next(_authors_frames(), None)
    return Place(frame.f_code.co_filename, frame.f_lineno) if frame else None


def mistake(message: str, remedy: str, state: str | None = None) -> FindingsError:
    """An author's mistake, at the author's line that is running."""
    return authoring_error(author(), message, remedy, state)


def called_by_library_code() -> bool:
    """Whether a library compares or shows a value, as loggers, debuggers and test runners do, and not the author."""
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None and _name_of(frame).startswith(_VALUES):
        frame = frame.f_back
    return frame is not None and (
        _name_of(frame).startswith("workflow_dsl.") or _name_of(frame).partition(".")[0] in _MAY_COMPARE
    )


def _name_of(frame: types.FrameType) -> str:
    return str(frame.f_globals.get("__name__"))


def _authors_frames() -> Iterator[types.FrameType]:
    """The author's calls that are running, the innermost first."""
    frame: types.FrameType | None = sys._getframe(2)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name == _COMPILES:
            return
        is_made_up = frame.f_code.co_filename.startswith("<")  # by a dataclass, or by eval()
        if name not in _LIBRARIES and not name.startswith(_NOT_THE_AUTHORS) and not is_made_up:
            yield frame
        frame = frame.f_back


def place_of(block: object) -> Place | None:
    """Where the author made this state, retrier, catcher or chain; None for one made before this door was opened."""
    place: Place | None = getattr(block, "__dict__", {}).get("_author")
    return place


@contextmanager
def noted(block: Block) -> Iterator[None]:
    """Keeps the author's lines that make a block, and the block when it is a state."""
    frames = islice(_authors_frames(), _DEEPEST)
    calls = [(each.f_code.co_filename, each.f_lineno, each.f_lasti) for each in frames]
    block.__dict__["_author"] = Place(*calls[0][:2]) if calls else None
    block.__dict__["_calls"] = calls
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
    """Where the function is called that makes a state by the line that made one before; None where none is."""
    calls, others = (getattr(each, "__dict__", {}).get("_calls", []) for each in (block, before))
    if place_of(block) != place_of(before):
        return None
    return next((Place(*one[:2]) for one, other in zip(calls[1:], others[1:], strict=False) if one != other), None)


def note_compiled(state: State, start: State) -> State:
    """Keeps for which workflow, known by its first state, a state was compiled; gives the one it was first for."""
    first: State = state.__dict__.setdefault("_start", start)
    return first


def is_compiled(state: object) -> bool:
    """Whether a state is in a machine already."""
    return "_start" in getattr(state, "__dict__", {})
