"""The values that are tried for a condition: at one of its leaves, at two, at all, and more items of a list."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import Any, Protocol, Self, TypeVar

from workflow_dsl.definition.json import Json
from workflow_dsl.exploration.search.candidates import candidates, default_of, neighbours
from workflow_dsl.exploration.search.documents import Conflict
from workflow_dsl.exploration.search.hints import pieces_of
from workflow_dsl.exploration.search.symbols import Leaf, Missing, Symbol

_EARLY = 120  # values of each of several leaves, together, that are tried before pairs
_FEW = 2  # texts, and other values, at a leaf of an item
_MOST_UNLIKE = 12  # values of a second item
_MOST_LESS = 4  # fields that it may lack
_LONGEST = 20  # items of a list that a number asks for
_LENGTHS = (2, 1, 3, 0)  # of lists for which nothing asks


class Values(Protocol):
    """The values that are chosen so far."""

    def value(self, symbol: Symbol) -> Json:
        """Return the value of a symbol. Raises Missing or Conflict."""

    def choose(self, leaf: Leaf, value: Json) -> Self:
        """Return these values with another one at a leaf."""

    def constants_at(self, leaf: Leaf) -> Iterator[Json]:
        """Yield the constants of all conditions on a leaf."""


V = TypeVar("V", bound=Values)
_Candidates = Mapping[Leaf, list[Json]]


def trials(world: V, leaves: Sequence[Leaf], constants: Sequence[Json]) -> Iterator[V]:
    """Yield worlds with other values at the leaves of a condition, near its constants."""
    yield from _filled(world, leaves)
    yield from _appended(world, leaves, constants)
    values = {leaf: list(_candidates(world, leaf, leaves, constants)) for leaf in leaves}
    early = _EARLY // min(len(leaves), 6) if len(leaves) > 1 else None
    for leaf in leaves:
        yield from (world.choose(leaf, value) for value in values[leaf][:early])
    few = {leaf: _varied(each) for leaf, each in values.items()}
    yield from _grouped(world, values)
    yield from _longer(world, few, constants)
    yield from _at_two(world, few)
    yield from _at_all(world, few)
    for leaf in leaves if early is not None else ():
        yield from (world.choose(leaf, value) for value in values[leaf][early:])


def _at_two(world: V, values: _Candidates) -> Iterator[V]:
    leaves = list(values)
    for number, one in enumerate(leaves):
        for other in leaves[number + 1 :]:
            for first, second in product(values[one], values[other]):
                yield world.choose(one, first).choose(other, second)


def _at_all(world: V, values: _Candidates) -> Iterator[V]:
    leaves = list(values)
    for combination in product(*(values[leaf][:4] for leaf in leaves[:6])) if len(leaves) > 2 else ():
        trial = world
        for leaf, value in zip(leaves, combination, strict=False):
            trial = trial.choose(leaf, value)
        yield trial


def _grouped(world: V, values: _Candidates) -> Iterator[V]:
    """Yield worlds for a list that is grouped: other values of its first item, and a second item of another group."""
    if any(1 in leaf.path for leaf in values):
        yield from _at_two(world, {leaf: _of_each_kind(each) for leaf, each in values.items() if 0 in leaf.path})
        yield from _unlike(world, values)


def _unlike(world: V, values: _Candidates) -> Iterator[V]:
    """Yield worlds in which a list has one more item, like the first but for the value at one leaf, or a field less."""
    for leaf in values:
        if 1 in leaf.path:
            depth = leaf.path.index(1)
            outer = Leaf(leaf.source, leaf.path[:depth])
            items = _items(world, outer)
            for some, new in product((items[:1], items) if len(items) > 1 else (items,), _alike(items)):
                longer = world.choose(outer, [*some, new])
                at = Leaf(leaf.source, (*outer.path, len(some), *leaf.path[depth + 1 :]))
                yield from (longer.choose(at, value) for value in values[leaf][:_MOST_UNLIKE])


def _alike(items: list[Any]) -> Iterator[Json]:
    """Yield the first of some items, and that without one of its fields."""
    for first in items[:1]:
        yield first
        for name in [*first][:_MOST_LESS] if isinstance(first, dict) else ():
            yield {other: each for other, each in first.items() if other != name}


def _longer(world: V, values: _Candidates, constants: Sequence[Json]) -> Iterator[V]:
    """Yield worlds in which a list has its first item more often, with other values at one or two leaves of it."""
    lengths = _lengths(constants)
    for outer in dict.fromkeys(_lists_around(values)):
        depth = len(outer.path)
        inside = [leaf for leaf in values if leaf.source == outer.source and outer.path == leaf.path[:depth]]
        few = {leaf: _of_both_kinds(values[leaf]) for leaf in inside if leaf.path[depth:] not in ((), (0,))}
        at_one = (world.choose(leaf, value) for leaf, each in few.items() for value in each)
        for filled in (world, *at_one, *_at_two(world, few)):
            if first_items := _items(filled, outer)[:1]:
                yield from (filled.choose(outer, first_items * length) for length in lengths)


def _items(world: Values, outer: Leaf) -> list[Any]:
    """The items of a list, or the object in its place: JSONata reads the fields of both alike."""
    try:
        value: Any = world.value(outer)
    except (Missing, Conflict):
        return []
    return value if isinstance(value, list) else [value] if isinstance(value, dict) else []


def _lists_around(leaves: Mapping[Leaf, object]) -> Iterator[Leaf]:
    """Yield the leaves that are lists, or may be: other ones are inside them."""
    for leaf in leaves:
        if 0 in leaf.path:
            yield Leaf(leaf.source, leaf.path[: leaf.path.index(0)])
        outer = Leaf(leaf.source, leaf.path[:-1])
        if leaf.path and isinstance(leaf.path[-1], str) and outer.path and outer in leaves:
            yield outer


def _lengths(constants: Sequence[Json]) -> list[int]:
    """The lengths near the numbers of a condition, and a few others."""
    whole = [value for value in constants if isinstance(value, int) and not isinstance(value, bool)]
    near = [length for value in whole if 0 < value < _LONGEST for length in (value, value + 1)]
    return list(dict.fromkeys((*near[:4], *_LENGTHS)))


def _varied(values: list[Json]) -> list[Json]:
    """The first texts and the first other values."""
    texts = [value for value in values if isinstance(value, str)]
    others = [value for value in values if not isinstance(value, str)]
    return [*texts[:5], *others[:7]] if values and isinstance(values[0], str) else [*others[:7], *texts[:5]]


def _of_both_kinds(values: list[Json]) -> list[Json]:
    texts = [value for value in values if isinstance(value, str)]
    return [*texts[:_FEW], *(value for value in values if not isinstance(value, str))][: 2 * _FEW]


def _of_each_kind(values: list[Json]) -> list[Json]:
    """The first strings, the first numbers with the one above the first, and the first other value."""
    numbers = [value for value in values if isinstance(value, (int, float)) and not isinstance(value, bool)]
    others = [value for value in values if isinstance(value, (bool, list, dict)) or value is None]
    above = [value for value in numbers[_FEW:] if value == neighbours(numbers[0])[0]]
    return [*[value for value in values if isinstance(value, str)][:_FEW], *numbers[:_FEW], *above, *others[:1]]


def _appended(world: V, leaves: Sequence[Leaf], constants: Sequence[Json]) -> Iterator[V]:
    """Yield worlds in which a list also has one of the first constants."""
    items = [value for value in constants if isinstance(value, (str, int, float))][:_FEW]
    for leaf in leaves:
        value = _value_or_none(world, leaf)
        if isinstance(value, list) and value:
            yield from (world.choose(leaf, [*value, item]) for item in items)


def _value_or_none(world: Values, leaf: Leaf) -> Json:
    try:
        return world.value(leaf)
    except (Missing, Conflict):
        return None


def _filled(world: V, leaves: Sequence[Leaf]) -> Iterator[V]:
    """Yield worlds in which every leaf has a value: one for its name, or all of one type."""
    absent = [leaf for leaf in leaves if not _is_there(world, leaf)]
    for value in (None, 1, "value", ["value"], [1]) if len(absent) > 1 else ():
        trial = world
        for leaf in absent:
            name = leaf.path[-1] if leaf.path else "value"
            trial = trial.choose(leaf, default_of(name) if value is None else value)
        yield trial


def _is_there(world: Values, leaf: Leaf) -> bool:
    try:
        world.value(leaf)
    except (Missing, Conflict):
        return False
    return True


def _candidates(world: Values, leaf: Leaf, leaves: Sequence[Leaf], constants: Sequence[Json]) -> Iterator[Json]:
    near = [*constants, *world.constants_at(leaf), *_others(world, leaf, leaves)]
    pieces = [*pieces_of(constants)]
    near = [*pieces, *near] if len(leaves) > 1 else [*near, *pieces]
    yield from () if leaf.path else ({},)
    yield from candidates(near, leaf.path[-1] if leaf.path else "value")


def _others(world: Values, leaf: Leaf, leaves: Sequence[Leaf]) -> Iterator[Json]:
    """Yield the values that the other leaves of a condition have."""
    for other in leaves:
        if other != leaf:
            try:
                yield world.value(other)
            except (Missing, Conflict):
                continue
