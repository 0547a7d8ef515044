"""The lines where an author creates each block, the states that exist, and the workflow that each belongs to.

The SDK keeps none of this.
"""

from __future__ import annotations

import linecache
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice

from workflow_dsl.authoring.sdk.importing import Block, State
from workflow_dsl.findings import FindingsError, Place, authoring_error
from workflow_dsl.records import Record

_INTERNAL_MODULES = ("stepfunctions.", "workflow_dsl.authoring.sdk.", "workflow_dsl.authoring.", "json.")
_LIBRARIES = frozenset(
    "contextlib string json functools workflow_dsl.records workflow_dsl.authoring.sdk workflow_dsl.authoring".split()
)
_VALUE_MODULES = ("workflow_dsl.authoring.sdk", "workflow_dsl.authoring")
# Code of any other package is an author's, whether it lies in the project or in a shared, installed library.
_COMPARING_PACKAGES = sys.stdlib_module_names | frozenset(
    "IPython _pydevd_bundle _pytest attr debugpy hypothesis loguru pluggy pydevd pytest rich structlog".split()
)
_COMPILER = "workflow_dsl.compiler.loading"
_MOST_FRAMES = 10  # author's calls that are kept to find where a fragment is used for the second time
_recording: ContextVar[list[State] | None] = ContextVar("recording", default=None)


class CallSite(Record):
    """An author's call that is running. Its columns are computed only when `place` is read."""

    code: types.CodeType
    line: int
    instruction: int  # the byte offset of the call in the code

    @property
    def place(self) -> Place:
        """The file and line of the call, and the columns of the call expression where Python knows them."""
        positions = next(islice(self.code.co_positions(), self.instruction // 2, None), (None, None, None, None))
        line, end_line, column, end_column = positions
        if line is None or column is None or end_column is None:
            return Place(self.code.co_filename, self.line)
        text = linecache.getline(self.code.co_filename, line).rstrip()
        start = _characters(text, column)
        end = _characters(text, end_column) if end_line == line else len(text)
        return Place(self.code.co_filename, line, start + 1, max(end - start, 1))


def _characters(line: str, column: int) -> int:
    """A column as Python counts it, in UTF-8 bytes, in characters."""
    return column if line.isascii() else len(line.encode()[:column].decode(errors="ignore"))


def call_site() -> CallSite | None:
    """Return the call by the nearest caller outside the SDK and this package."""
    frame = next(_author_frames(), None)
    return CallSite(frame.f_code, frame.f_lineno, frame.f_lasti) if frame else None


def author_place() -> Place | None:
    """Return the line of the nearest caller outside the SDK and this package."""
    frame = next(_author_frames(), None)
    return Place(frame.f_code.co_filename, frame.f_lineno) if frame else None


def mistake(message: str, remedy: str, state: str | None = None) -> FindingsError:
    """Return the error for an author's mistake at the author's line that is running."""
    return authoring_error(author_place(), message, remedy, state)


def runtime_value_error(value: str, remedy: str, use: str = "is used as a Python value") -> FindingsError:
    """Return the error for Python code that needs a value of the execution; `value` is its text."""
    return mistake(f"{value} {use}, but its value exists only at run time", remedy)


def called_by_library_code() -> bool:
    """True if a logger, debugger or test runner compares or shows a value, and not the author."""
    frame: types.FrameType | None = sys._getframe(1)
    while frame is not None and _module_of(frame).startswith(_VALUE_MODULES):
        frame = frame.f_back
    return frame is not None and (
        _module_of(frame).startswith("workflow_dsl.") or _module_of(frame).partition(".")[0] in _COMPARING_PACKAGES
    )


def _module_of(frame: types.FrameType) -> str:
    return str(frame.f_globals.get("__name__"))


def _author_frames() -> Iterator[types.FrameType]:
    """Yield the author's calls that are running, innermost first."""
    frame: types.FrameType | None = sys._getframe(2)
    while frame is not None:
        name = frame.f_globals.get("__name__", "")
        if name == _COMPILER:
            return
        is_synthetic = frame.f_code.co_filename.startswith("<")  # code of a record, or of eval()
        if name not in _LIBRARIES and not name.startswith(_INTERNAL_MODULES) and not is_synthetic:
            yield frame
        frame = frame.f_back


def place_of(block: object) -> Place | None:
    """Return the line that created a state, retrier, catcher or Chain; None for one created before the guards."""
    place: Place | None = getattr(block, "__dict__", {}).get("_author")
    return place


@contextmanager
def record_creation(block: Block) -> Iterator[None]:
    """Keep the author's lines that create a block, and add the block to the open recording if it is a state."""
    frames = islice(_author_frames(), _MOST_FRAMES)
    calls = [(frame.f_code.co_filename, frame.f_lineno, frame.f_lasti) for frame in frames]
    block.__dict__["_author"] = Place(*calls[0][:2]) if calls else None
    block.__dict__["_calls"] = calls
    yield
    states = _recording.get()
    if states is not None and isinstance(block, State):
        states.append(block)


@contextmanager
def recording() -> Iterator[list[State]]:
    """Collect every state that is created while this is open, in order."""
    states: list[State] = []
    token = _recording.set(states)
    try:
        yield states
    finally:
        _recording.reset(token)


def second_use_site(block: object, earlier: object) -> Place | None:
    """Return the second call of the function that created two states in one line; None if there is no such function."""
    calls, earlier_calls = (getattr(state, "__dict__", {}).get("_calls", []) for state in (block, earlier))
    if place_of(block) != place_of(earlier):
        return None
    pairs = zip(calls[1:], earlier_calls[1:], strict=False)
    return next((Place(*call[:2]) for call, earlier_call in pairs if call != earlier_call), None)


def mark_compiled(state: State, start: State) -> State:
    """Mark a state as compiled for the workflow with this first state; return the first state of its first workflow."""
    first: State = state.__dict__.setdefault("_start", start)
    return first


def is_compiled(state: object) -> bool:
    """True if a state is part of a compiled machine."""
    return "_start" in getattr(state, "__dict__", {})
