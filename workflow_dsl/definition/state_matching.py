"""Which state of one machine is which of another: by name, else by content and neighbours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from functools import partial

from workflow_dsl.definition.json import Json, deep_copy, leaves, value_at
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.findings import Keys

Rename = Callable[[Machine, Json], Json]  # the name to compare for a state's name in a scope
Pairs = dict[Keys, State]  # the state of the new machine, by the keys of that of the old one

_SAME_ENOUGH = 0.6  # the share of fields and neighbours that a renamed state keeps
_MOST_PAIRS = 10_000  # beyond it, only states that are equal are looked for


def match_states(before: Machine, after: Machine) -> Pairs:
    """Return the states of two machines that are the same: at one place, of one name, or of the same content.

    A name is unique in a whole machine (States Language, "State Machine Structure"), so a state keeps it when it moves.
    """
    pairs: Pairs = {}
    _match_by(lambda state: state.keys, before, after, pairs)
    _match_by(lambda state: state.name, before, after, pairs)
    old, new = _unmatched(before, after, pairs)
    if old and new:
        _match_by_content(before, after, pairs)
        _match_most_similar(before, after, pairs)
    return pairs


def own_fields(state: State, rename: Rename) -> dict[str, Json]:
    """Return a state's fields without the machines in it, its transitions renamed."""
    nested = {machine.keys[len(state.keys) :] for machine in state.nested}
    fields: dict[str, Json] = {
        name: value for name, value in deep_copy(dict(state.fields)).items() if (name,) not in nested
    }
    if isinstance(fields.get("Branches"), list):
        fields["Branches"] = [item for item in fields["Branches"] if not isinstance(item, dict)]
        fields = {name: value for name, value in fields.items() if name != "Branches" or value or not nested}
    for keys, name in state.targets:
        value_at(fields, keys[:-1])[keys[-1]] = rename(state.scope, name)
    return fields


def scope_fields(machine: Machine, rename: Rename) -> dict[str, Json]:
    """Return a machine's fields without its states, its StartAt renamed."""
    fields = dict(machine.fields)
    if machine.states:
        fields["States"] = {name: state for name, state in fields["States"].items() if name not in machine.states}
        fields = {name: value for name, value in fields.items() if name != "States" or value}
    if "StartAt" in fields:
        fields["StartAt"] = rename(machine, fields["StartAt"])
    return fields


def _unmatched(before: Machine, after: Machine, pairs: Pairs) -> tuple[list[State], list[State]]:
    taken = {state.keys for state in pairs.values()}
    return (
        [state for state in before.walk() if state.keys not in pairs],
        [state for state in after.walk() if state.keys not in taken],
    )


def _match_by(key: Callable[[State], object], before: Machine, after: Machine, pairs: Pairs) -> None:
    """Pair the unmatched states of the same key, in document order."""
    old, new = _unmatched(before, after, pairs)
    waiting: dict[object, list[State]] = {}
    for state in reversed(new):
        waiting.setdefault(key(state), []).append(state)
    for state in old:
        if same := waiting.get(key(state)):
            pairs[state.keys] = same.pop()


def _match_by_content(before: Machine, after: Machine, pairs: Pairs) -> None:
    traits = _all_traits(before, after, pairs)
    _match_by(lambda state: traits[id(state)], before, after, pairs)


def _match_most_similar(before: Machine, after: Machine, pairs: Pairs) -> None:
    old, new = _unmatched(before, after, pairs)
    if len(old) * len(new) > _MOST_PAIRS:
        return
    traits = _all_traits(before, after, pairs)
    likeness = {
        (first, second): _likeness(traits[id(one)], traits[id(other)])
        for first, one in enumerate(old)
        for second, other in enumerate(new)
        if one.type == other.type
    }
    taken: set[int] = set()
    for first, second in sorted(likeness, key=lambda pair: (-likeness[pair], pair)):
        if likeness[first, second] < _SAME_ENOUGH:
            break
        if old[first].keys not in pairs and second not in taken:
            pairs[old[first].keys] = new[second]
            taken.add(second)


_Traits = frozenset[tuple[object, ...]]


def _likeness(one: _Traits, other: _Traits) -> float:
    return 2 * len(one & other) / (len(one) + len(other))


def _all_traits(before: Machine, after: Machine, pairs: Pairs) -> dict[int, _Traits]:
    """The fields and neighbours of every state by its id(); an unmatched neighbour has no name."""
    names = {keys: state.name for keys, state in pairs.items()}
    same = {state.keys: state.name for state in pairs.values()}
    return {**_traits_in(before, names), **_traits_in(after, same)}


def _traits_in(machine: Machine, names: Mapping[Keys, str]) -> dict[int, _Traits]:
    rename = partial(_name_or_none, names)
    traits: dict[int, _Traits] = {}
    for scope in machine.scopes():
        callers: dict[str, list[Json]] = {}
        for state in scope.states.values():
            for name in {target.name for target in state.targets if isinstance(target.name, str)}:
                callers.setdefault(name, []).append(rename(scope, state.name) if name != state.name else "itself")
        owner = scope.owner and rename(scope.owner.scope, scope.owner.name)
        for state in scope.states.values():
            start = [("start",)] if scope.start_at == state.name else []
            calls = [("from", _text(caller)) for caller in callers.get(state.name, [])]
            traits[id(state)] = frozenset([("in", owner), *start, *calls, *_leaves(own_fields(state, rename))])
    return traits


def _leaves(fields: Mapping[str, Json]) -> Iterable[tuple[object, ...]]:
    return [(keys, _text(value)) for keys, value in leaves(fields)]


def _text(value: Json) -> str:
    return json.dumps(value)


def _name_or_none(names: Mapping[Keys, str], scope: Machine, name: Json) -> Json:
    """A state's name in the new machine; None if it is not matched yet, the name itself if there is no such state."""
    if not isinstance(name, str) or name not in scope.states:
        return name
    return names.get(scope.states[name].keys)
