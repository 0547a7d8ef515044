"""The parts of a large machine that are written as functions of their own: what one transition alone leads to."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.records import Record

_MOST_STATES = 25  # in one function, where it can be divided
_FEWEST_STATES = 4  # in a function that is split off
_FEWEST_LEFT = 12
_MOST_EXITS = 4
_MOST_TO_DIVIDE = 300  # a larger machine is written without dividing it; to look for parts takes quadratic time


class Region(Record):
    """States that are entered through `head` alone, and the states outside that they lead to."""

    head: State
    members: frozenset[str]
    exits: tuple[State, ...]


def regions_of(machine: Machine, start: State, members: Collection[str]) -> dict[str, Region]:
    """Return the regions to split off a machine, or off the part of it with these states, by their heads."""
    if not _MOST_STATES < len(members) <= _MOST_TO_DIVIDE:
        return {}
    edges = {name: _edges(machine.states[name], members) for name in members}
    found = [region for name in members if name != start.name and (region := _region(machine, start, name, edges))]
    chosen: dict[str, Region] = {}
    left = len(members)
    for region in sorted(found, key=lambda region: -len(region.members)):
        is_apart = all(region.members.isdisjoint(other.members) for other in chosen.values())
        # An exit is created where the region is called, so it cannot be inside another region.
        hidden = {name for other in chosen.values() for name in other.members}
        taken = {exit_.name for other in chosen.values() for exit_ in other.exits}
        is_free = hidden.isdisjoint(exit_.name for exit_ in region.exits) and taken.isdisjoint(region.members)
        if is_apart and is_free and left > _MOST_STATES and left - len(region.members) >= _FEWEST_LEFT:
            chosen[region.head.name] = region
            left -= len(region.members)
    return chosen


def _edges(state: State, members: Collection[str]) -> list[tuple[str, bool]]:
    """The targets of a state's transitions among the members, and whether each is a catcher's."""
    targets = [(str(target.name), target.keys[0] == "Catch") for target in state.targets]
    return [(name, is_catch) for name, is_catch in targets if name in members]


def _region(machine: Machine, start: State, head: str, edges: Mapping[str, list[tuple[str, bool]]]) -> Region | None:
    """The states that are reached through a state alone; None if they do not make a function."""
    outside = set(_reached(start.name, edges, without=head))
    members = frozenset(edges.keys() - outside)
    entries = [is_catch for name in outside for target, is_catch in edges[name] if target == head]
    if len(members) < _FEWEST_STATES or entries != [False]:
        return None
    targets = [str(target.name) for name in sorted(members) for target in machine.states[name].targets]
    exits = [machine.states[name] for name in dict.fromkeys(targets) if name not in members]
    return Region(machine.states[head], members, tuple(exits)) if len(exits) <= _MOST_EXITS else None


def _reached(start: str, edges: Mapping[str, list[tuple[str, bool]]], without: str) -> Iterator[str]:
    seen, waiting = {start, without}, [start]
    while waiting:
        name = waiting.pop()
        yield name
        for target, _ in edges[name]:
            if target not in seen:
                seen.add(target)
                waiting.append(target)
