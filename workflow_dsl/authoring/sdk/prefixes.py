"""prefix(): state names for a fragment that is used more than once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ContextDecorator, contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

from workflow_dsl.authoring.sdk.source_lines import author_place, mistake
from workflow_dsl.findings import Place, authoring_error
from workflow_dsl.records import Record

_Function = TypeVar("_Function", bound=Callable[..., Any])


class _Prefix(Record):
    text: str
    place: Place | None


_open: ContextVar[tuple[_Prefix, ...]] = ContextVar("open", default=())
_created: ContextVar[list[prefix] | None] = ContextVar("created", default=None)
_GENERATOR = "do not yield inside `with prefix(...)`: build a list and return it"
_EXAMPLE = 'with prefix("Buy: "):'


class prefix(ContextDecorator):  # noqa: N801  # a function to its callers
    """Prepend a string to the name of every state created in the `with` block; nested prefixes add up."""

    def __init__(self, text: str) -> None:
        if not isinstance(text, str) or not text:
            raise mistake(f"prefix() is called with {text!r}", f"write the text: {_EXAMPLE}")
        self._prefix = _Prefix(text, author_place())
        self._is_used = False
        self._entered: list[tuple[tuple[_Prefix, ...], tuple[_Prefix, ...]]] = []
        created = _created.get()
        if created is not None:
            created.append(self)

    def __call__(self, function: _Function) -> _Function:
        """Decorate a function, so that its states have the prefix."""
        self._is_used = True
        return super().__call__(function)

    def __enter__(self) -> None:
        self._is_used = True
        outer = _open.get()
        inner = (*outer, self._prefix)
        _open.set(inner)
        self._entered.append((inner, outer))

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        inner, outer = self._entered.pop()
        if _open.get() is inner:
            _open.set(outer)
        elif kind is None:
            message = f"prefix({self._prefix.text!r}) closes before another prefix that was opened inside it"
            raise mistake(message, _GENERATOR)

    def refuse_if_unused(self) -> None:
        """Raise FindingsError if this has neither opened a `with` block nor decorated a function."""
        if not self._is_used:
            message = f"prefix({self._prefix.text!r}) has no effect without `with`"
            raise authoring_error(self._prefix.place, message, f'write with prefix("{self._prefix.text}"):')


def prefixed(name: str) -> str:
    """Return a state's name with the open prefixes."""
    return "".join([*(item.text for item in _open.get()), name])


@contextmanager
def prefixes_closed() -> Iterator[None]:
    """Begin without a prefix. Raise FindingsError if one is unused, or still open, at the end."""
    before, token = _open.get(), _created.set([])
    _open.set(())
    try:
        yield
        for item in _open.get():
            raise authoring_error(item.place, f"prefix({item.text!r}) is still open at the end", _GENERATOR)
        for created in _created.get() or ():
            created.refuse_if_unused()
    finally:
        _open.set(before)
        _created.reset(token)
