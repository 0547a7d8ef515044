"""prefix(): names for the states of what is used more than once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from workflow_dsl.authoring.sdk.source_lines import author, mistake
from workflow_dsl.findings import Place, authoring_error


class _Prefix(NamedTuple):
    text: str
    place: Place | None


_open: ContextVar[tuple[_Prefix, ...]] = ContextVar("open", default=())
_GENERATOR = "a generator must not give anything away inside `with prefix(...)`: make a list, and return it"


@contextmanager
def prefix(text: str) -> Iterator[None]:
    """Begins the name of every state that is made while it is open; one inside another adds to it."""
    if not isinstance(text, str) or not text:
        raise mistake(f"prefix() is given {text!r}", 'give it the text: with prefix("Buy: "):')
    outer = _open.get()
    inner = (*outer, _Prefix(text, author()))
    _open.set(inner)
    try:
        yield
    except BaseException:
        _close(inner, outer)
        raise
    if not _close(inner, outer):
        raise mistake(f"prefix({text!r}) is closed while another is open that was opened after it", _GENERATOR)


def _close(inner: tuple[_Prefix, ...], outer: tuple[_Prefix, ...]) -> bool:
    """Whether it was the last that was opened; else what is open is left as it is."""
    if _open.get() is not inner:
        return False
    _open.set(outer)
    return True


def prefixed(name: str) -> str:
    """A state's name with the prefixes that are open."""
    return "".join([*(each.text for each in _open.get()), name])


@contextmanager
def prefixes_closed() -> Iterator[None]:
    """No prefix is open when it begins. Raises FindingsError where one is left open when it ends."""
    before = _open.get()
    _open.set(())
    try:
        yield
        for each in _open.get():
            raise authoring_error(each.place, f"prefix({each.text!r}) is still open at the end", _GENERATOR)
    finally:
        _open.set(before)
