"""The diagrams of a state machine: whole, of each Map and Parallel by itself, and with some of them folded."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine
from workflow_dsl.views.diagram import containers_of, part_of, to_svg_of_page

_MOST_CONTAINERS = 3  # whose foldings are all drawn beforehand, which are eight pictures


def pictures_of(machine: Machine, name: str) -> dict[str, Json]:
    """The pictures that a page begins with, by the part that they show: "" for everything."""
    parts = {each: to_svg_of_page(part_of(machine, each), each) for each in containers_of(machine)}
    return {"": to_svg_of_page(machine, name), **parts}


def folded_pictures(machine: Machine, name: str) -> list[Json]:
    """The pictures with folded containers, each with their names, for a page that has no server to draw them.

    Of many containers, not every combination is drawn: each alone, all but each, and all.
    """
    foldings = dict.fromkeys(_foldings(containers_of(machine)))
    return [{"names": [*names], "picture": to_svg_of_page(machine, name, names)} for names in foldings]


def _foldings(names: list[str]) -> Iterator[tuple[str, ...]]:
    if len(names) <= _MOST_CONTAINERS:
        yield from chain.from_iterable(combinations(names, count) for count in range(1, len(names) + 1))
        return
    for name in names:
        yield (name,)
        yield tuple(other for other in names if other != name)
    yield tuple(names)
