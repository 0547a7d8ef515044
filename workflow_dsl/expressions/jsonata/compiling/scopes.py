"""The places of variables, known before an expression is evaluated: how many frames out, and where in the frame.

A block or a function that binds variables has a frame; a path that binds variables has one for each item.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from workflow_dsl.expressions.jsonata.functions import Code, Frame
from workflow_dsl.expressions.jsonata.syntax.ancestry import Ancestry
from workflow_dsl.expressions.jsonata.syntax.tree import Bind, Block, Lambda, Node, parts
from workflow_dsl.expressions.jsonata.values import UNDEFINED, Sequence

UNBOUND: Final = object()  # in a place of a variable that is not bound yet
_FIRST = 2  # the first place of a variable in a frame


class Scope:
    """The variables of a frame by place, and the scope around it."""

    def __init__(self, names: Iterable[str], outer: Scope | None, parameters: int = 0) -> None:
        self.places = {name: place for place, name in enumerate(names, _FIRST)}
        self.parameters = parameters
        self.outer = outer
        self.globals: dict[str, Any] = outer.globals if outer else {}
        self.ancestry: Ancestry = outer.ancestry if outer else Ancestry()

    def read(self, name: str) -> Code:
        """Return code that reads a variable: the nearest that is bound, a variable of the run, or a function."""
        found: Code = _global(name, self.globals.get(name, UNDEFINED))
        for depth, scope in reversed(list(enumerate(_outward(self)))):
            if isinstance(scope, StreamScope):
                found = _bound_by_path(depth, name, found) if name in scope.names else found
            elif name in scope.places:
                place = scope.places[name]
                is_parameter = place < _FIRST + scope.parameters
                found = _parameter(depth, place) if is_parameter else _local(depth, place, found)
        return found

    def writer(self, name: str) -> Any:
        """Return a function that binds a variable in a frame of this scope."""
        place = self.places[name]

        def write(frame: Frame, value: Any) -> None:
            frame[place] = value

        return write

    @property
    def extra(self) -> tuple[Any, ...]:
        """The empty places of a new frame, after those of parameters."""
        return (UNBOUND,) * (max(self.places.values(), default=1) - _FIRST - self.parameters + 1)


class StreamScope(Scope):
    """The variables that a path binds; its frame has them by name."""

    def __init__(self, names: Iterable[str], outer: Scope) -> None:
        super().__init__((), outer)
        self.names = frozenset(names)

    def writer(self, name: str) -> Any:
        """Return a function that binds a variable in a frame of this scope."""

        def write(frame: Frame, value: Any) -> None:
            frame[2] = {**frame[2], name: value}

        return write


def bound_names(nodes: Iterable[Node]) -> list[str]:
    """Return the names that `:=` binds in nodes themselves, not in the blocks and functions in them."""
    names: dict[str, None] = {}
    waiting = list(nodes)
    while waiting:
        node = waiting.pop()
        if isinstance(node, Bind):
            names[node.name] = None
        if not isinstance(node, (Block, Lambda)):
            waiting.extend(parts(node))
    return list(names)


def _outward(scope: Scope) -> Iterable[Scope]:
    current: Scope | None = scope
    while current is not None:
        yield current
        current = current.outer


def _global(name: str, default: Any) -> Code:
    def read(context: Any, frame: Frame) -> Any:
        return frame[1].variables.get(name, default)

    return read


def _parameter(depth: int, place: int) -> Code:
    def read(context: Any, frame: Frame) -> Any:
        for _ in range(depth):
            frame = frame[0]
        value = frame[place]
        return _alone(value) if type(value) is Sequence and len(value) < 2 else value

    def read_here(context: Any, frame: Frame) -> Any:
        value = frame[place]
        return _alone(value) if type(value) is Sequence and len(value) < 2 else value

    def read_next(context: Any, frame: Frame) -> Any:
        value = frame[0][place]
        return _alone(value) if type(value) is Sequence and len(value) < 2 else value

    return (read_here, read_next, read)[min(depth, 2)]


def _alone(values: Sequence) -> Any:
    return values[0] if values else UNDEFINED


def _local(depth: int, place: int, otherwise: Code) -> Code:
    def read(context: Any, frame: Frame) -> Any:
        here = frame
        for _ in range(depth):
            here = here[0]
        value = here[place]
        return otherwise(context, frame) if value is UNBOUND else value

    def read_here(context: Any, frame: Frame) -> Any:
        value = frame[place]
        return otherwise(context, frame) if value is UNBOUND else value

    return read if depth else read_here


def _bound_by_path(depth: int, name: str, otherwise: Code) -> Code:
    def read(context: Any, frame: Frame) -> Any:
        here = frame
        for _ in range(depth):
            here = here[0]
        value = here[2].get(name, UNBOUND)
        return otherwise(context, frame) if value is UNBOUND else value

    return read
