"""The parts of a parsed path: its steps, and the expression of a filter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workflow_dsl.definition.json import Json


@dataclass(frozen=True, slots=True)
class Name:
    """`.name` or `['name']`."""

    name: str


@dataclass(frozen=True, slots=True)
class Names:
    """`['one','other']`: an object of the fields that are there."""

    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Index:
    """`[0]`; a negative index counts from the end."""

    index: int


@dataclass(frozen=True, slots=True)
class Indexes:
    """`[0,2]`."""

    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Slice:
    """`[1:3]`, `[1:]` or `[:3]`."""

    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class Wildcard:
    """`.*` or `[*]`."""


@dataclass(frozen=True, slots=True)
class Scan:
    """`..`: the next step is applied at every level."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A JSON value in a filter."""

    value: Json


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression in a filter: `/text/flags`."""

    text: str
    flags: str


@dataclass(frozen=True, slots=True)
class Operand:
    """A path in a filter: below the item (`@`) or below the document (`$`)."""

    is_relative: bool
    steps: tuple[PathStep, ...]


@dataclass(frozen=True, slots=True)
class Exists:
    """True if the path has a value, null included."""

    operand: Operand


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two operands and the operator between them, in lower case."""

    left: Literal | Pattern | Operand
    operator: str
    right: Literal | Pattern | Operand


@dataclass(frozen=True, slots=True)
class Not:
    """`!` before an expression."""

    inner: Expression


@dataclass(frozen=True, slots=True)
class AllOf:
    """Expressions joined by `&&`."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Expressions joined by `||`."""

    parts: tuple[Expression, ...]


Expression = Exists | Comparison | Not | AllOf | AnyOf


def comparisons_in(expression: Expression) -> Iterator[Exists | Comparison]:
    """Yield the comparisons of a filter, in their order."""
    if isinstance(expression, Not):
        yield from comparisons_in(expression.inner)
    elif isinstance(expression, (AllOf, AnyOf)):
        for part in expression.parts:
            yield from comparisons_in(part)
    else:
        yield expression


@dataclass(frozen=True, slots=True)
class Filter:
    """`[?(..)]`."""

    expression: Expression


PathStep = Name | Names | Index | Indexes | Slice | Wildcard | Scan | Filter


def keys_of(steps: tuple[PathStep, ...]) -> tuple[str | int, ...] | None:
    """Return the names and indexes of steps that are nothing else, or None."""
    keys: list[str | int] = []
    for step in steps:
        if isinstance(step, Name):
            keys.append(step.name)
        elif isinstance(step, Index):
            keys.append(step.index)
        else:
            return None
    return tuple(keys)


def called_function(steps: tuple[PathStep, ...]) -> str | None:
    """Return the first name that looks like the call of a function, or None."""
    return next((step.name for step in steps if isinstance(step, Name) and _CALL.fullmatch(step.name)), None)


_CALL = re.compile(r"\w+\(.*\)", re.DOTALL)
