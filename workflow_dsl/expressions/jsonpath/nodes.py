"""The parts of a parsed path: its steps, and the expression of a filter."""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_dsl.definition.json import Json
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex


class Name(Record):
    """`.name` or `['name']`."""

    name: str


class Names(Record):
    """`['one','other']`: an object of the fields that are there."""

    names: tuple[str, ...]


class Index(Record):
    """`[0]`; a negative index counts from the end."""

    index: int


class Indexes(Record):
    """`[0,2]`."""

    indexes: tuple[int, ...]


class Slice(Record):
    """`[1:3]`, `[1:]` or `[:3]`."""

    start: int | None
    end: int | None


class Wildcard(Record):
    """`.*` or `[*]`."""


class Scan(Record):
    """`..`: the next step is applied at every level."""


class Literal(Record):
    """A JSON value in a filter."""

    value: Json


class Pattern(Record):
    """A regular expression in a filter: `/text/flags`."""

    text: str
    flags: str


class Operand(Record):
    """A path in a filter: below the item (`@`) or below the document (`$`)."""

    is_relative: bool
    steps: tuple[PathStep, ...]


class Exists(Record):
    """True if the path has a value, null included."""

    operand: Operand


class Comparison(Record):
    """Two operands and the operator between them, in lower case."""

    left: Literal | Pattern | Operand
    operator: str
    right: Literal | Pattern | Operand


class Not(Record):
    """`!` before an expression."""

    inner: Expression


class AllOf(Record):
    """Expressions joined by `&&`."""

    parts: tuple[Expression, ...]


class AnyOf(Record):
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


class Filter(Record):
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


_CALL = lazy_regex(r"\w+\(.*\)", re.DOTALL)
