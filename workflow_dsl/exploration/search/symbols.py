"""Values of a run that is not executed yet: known, to be chosen at a path of a source, or computed from others.

A source is the execution's input or one result of a task. `World.value` (worlds.py) turns a symbol into JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.records import Record

Step = str | int
INPUT = "input"  # the source that is the execution's input


class Missing(Exception):
    """A path has no value."""


class Known(Record):
    """A value that does not depend on any source."""

    value: Json


class Leaf(Record):
    """The value at a path of a source."""

    source: str
    path: tuple[Step, ...] = ()


class Fields(Record, eq=False):
    """An object: its own fields, and for all other fields those of a base."""

    own: Mapping[str, Symbol]
    base: Symbol | None = None


class Items(Record, eq=False):
    """A list."""

    items: tuple[Symbol, ...]


class Computed(Record, eq=False):
    """A value that a function computes of others; `leaves` and `constants` are what a search for a value may change.

    `first` is the leaf of its first item, if it is a part of another list; `at` is its own leaf in such an item. The
    names of its fields are values too if it `is_keyed`, as those of a group.
    """

    compute: Callable[..., Json]  # raises Missing or any error of an expression
    operands: tuple[Symbol, ...]
    reads: frozenset[Leaf]  # by its operands
    leaves: tuple[Leaf, ...]
    constants: tuple[Json, ...] = ()
    first: Leaf | None = None
    at: Leaf | None = None
    is_keyed: bool = False


_MOST_BELOW = 4  # leaves of a computed object whose fields may be its fields

Symbol = Known | Leaf | Fields | Items | Computed


def get(symbol: Symbol, step: Step) -> Symbol:
    """Return the symbol of a field or item. Raises Missing if it can have no value."""
    if isinstance(symbol, Leaf):
        return Leaf(symbol.source, (*symbol.path, step))
    if isinstance(symbol, Known):
        return Known(item(symbol.value, step))
    if isinstance(symbol, Fields):
        if isinstance(step, str) and step in symbol.own:
            return symbol.own[step]
        if symbol.base is not None:
            return get(symbol.base, step)
        raise Missing
    if isinstance(symbol, Items):
        if isinstance(step, int) and -len(symbol.items) <= step < len(symbol.items):
            return symbol.items[step]
        raise Missing
    at = _leaf_in(symbol, step)
    near = [Leaf(leaf.source, (*leaf.path, step)) for leaf in symbol.leaves[:_MOST_BELOW]]
    below = [at] if at is not None else [] if symbol.is_keyed else near
    constants = (*symbol.constants, step) if isinstance(step, int) or symbol.is_keyed else symbol.constants
    leaves = (*below, *symbol.leaves)
    return Computed(
        lambda value: item(value, step), (symbol,), symbol.reads, leaves, constants, at=at, is_keyed=symbol.is_keyed
    )


def _leaf_in(symbol: Computed, step: Step) -> Leaf | None:
    """The leaf of a field or item of a computed value; None if it is not known."""
    if isinstance(step, int) and symbol.first is not None:
        return symbol.first
    return None if symbol.at is None else Leaf(symbol.at.source, (*symbol.at.path, step))


def follow(symbol: Symbol, steps: tuple[Step, ...]) -> Symbol:
    """Return the symbol at a path below another. Raises Missing."""
    for step in steps:
        symbol = get(symbol, step)
    return symbol


def item(value: Any, step: Step) -> Json:
    """Return a field of an object or an item of a list. Raises Missing."""
    try:
        if isinstance(value, dict) or (isinstance(value, list) and isinstance(step, int)):
            return value[step]  # type: ignore[index]  # a list's step is an int
    except LookupError:
        pass
    raise Missing


def with_symbol(base: Symbol, steps: tuple[Step, ...], value: Symbol) -> Symbol:
    """Return an object with a value at a reference path, as a ResultPath puts it there."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if isinstance(step, int):
        if isinstance(base, Items) and 0 <= step < len(base.items):
            changed = with_symbol(base.items[step], rest, value)
            return Items((*base.items[:step], changed, *base.items[step + 1 :]))
        raise Missing
    try:
        inner = get(base, step) if rest else base
    except Missing:
        inner = Known({})
    changed = with_symbol(inner, rest, value)
    return Fields({**base.own, step: changed}, base.base) if isinstance(base, Fields) else Fields({step: changed}, base)


def leaves_of(symbol: Symbol) -> Iterator[Leaf]:
    """Yield the leaves that a symbol depends on."""
    if isinstance(symbol, Leaf):
        yield symbol
    elif isinstance(symbol, Computed):
        yield from symbol.leaves
    elif isinstance(symbol, Fields):
        for field in symbol.own.values():
            yield from leaves_of(field)
    elif isinstance(symbol, Items):
        for each in symbol.items:
            yield from leaves_of(each)


def reads_of(*symbols: Symbol) -> frozenset[Leaf]:
    """Return the leaves whose values make up those of symbols: what else a world changes leaves them as they are."""
    reads: set[Leaf] = set()
    waiting = [*symbols]
    while waiting:
        symbol = waiting.pop()
        if isinstance(symbol, Leaf):
            reads.add(symbol)
        elif isinstance(symbol, Computed):
            reads |= symbol.reads
        elif isinstance(symbol, Fields):
            waiting += [*symbol.own.values(), *([symbol.base] if symbol.base is not None else [])]
        elif isinstance(symbol, Items):
            waiting += symbol.items
    return frozenset(reads)


def constants_of(symbol: Symbol) -> tuple[Json, ...]:
    """Return the constants that a symbol is compared or computed with."""
    if isinstance(symbol, Computed):
        return symbol.constants
    return (symbol.value,) if isinstance(symbol, Known) else ()


def is_known(symbol: Symbol) -> bool:
    """True if no source can change the value of a symbol."""
    if isinstance(symbol, Fields):
        return all(map(is_known, symbol.own.values())) and (symbol.base is None or is_known(symbol.base))
    if isinstance(symbol, Items):
        return all(map(is_known, symbol.items))
    return isinstance(symbol, Known)


_EMBEDDED = "json in "


def embedded(leaf: Leaf) -> Leaf:
    """Return the root of the source that a leaf has as a text of JSON."""
    return Leaf(_EMBEDDED + json.dumps([leaf.source, *leaf.path]))


def holder(source: str) -> Leaf | None:
    """Return the leaf that has a source as its text; None for a source of its own."""
    if not source.startswith(_EMBEDDED):
        return None
    outer, *path = json.loads(source.removeprefix(_EMBEDDED))
    return Leaf(outer, tuple(path))
