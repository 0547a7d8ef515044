"""The differences between two machines state by state: added, removed, renamed, moved and changed ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from operator import itemgetter

from workflow_dsl.definition.diff import MISSING, Change, changes_between
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, State, to_where
from workflow_dsl.definition.state_matching import Pairs, Rename, match_states, own_fields, scope_fields
from workflow_dsl.findings import Keys
from workflow_dsl.records import Record


class StateChange(Record):
    """A state that differs. `before` is None for an added state, `after` for a removed one.

    `fields` are the fields of the state that differ, with the old names of renamed states replaced by the new ones.
    `is_moved`: it is in another Parallel, Map or branch than before.
    """

    before: State | None
    after: State | None
    fields: tuple[Change, ...] = ()
    is_moved: bool = False

    @property
    def state(self) -> State:
        """The state as it is now; a removed one as it was."""
        state = self.after or self.before
        if state is None:
            raise ValueError("a change is of a state")
        return state

    @property
    def is_renamed(self) -> bool:
        """True if it has another name than before."""
        return self.before is not None and self.after is not None and self.before.name != self.after.name

    @property
    def kinds(self) -> tuple[str, ...]:
        """Which of added, removed, renamed, moved and changed it is; the last three can come together."""
        if self.before is None or self.after is None:
            return ("added",) if self.before is None else ("removed",)
        flags = {"renamed": self.is_renamed, "moved": self.is_moved, "changed": bool(self.fields)}
        return tuple(kind for kind, is_so in flags.items() if is_so)


class MachineDiff(Record):
    """The differences between two machines: fields of the machine itself, and its states in document order.

    Removed states come last. `same` is the number of states without a difference.
    """

    before: Machine
    after: Machine
    fields: tuple[Change, ...]
    states: tuple[StateChange, ...]
    same: int = 0

    def __bool__(self) -> bool:
        """True if the machines differ."""
        return bool(self.fields or self.states)


def diff(before: Machine, after: Machine) -> MachineDiff:
    """Return the differences between two machines, valid or not. The order of states and fields does not matter."""
    pairs = match_states(before, after)
    rename = partial(_new_name, pairs)
    of_machine = _fields(scope_fields(before, rename), scope_fields(after, _as_it_is), ())
    old = {state.keys: state for state in before.walk()}
    before_of = {state.keys: old[keys] for keys, state in pairs.items()}
    homes = _homes(pairs, before_of)
    states = []
    for state in after.walk():
        origin = before_of.get(state.keys)
        if origin is None:
            states.append(StateChange(None, state))
            continue
        fields = (*_state_fields(origin, state, rename), *_scopes(origin, state, rename, homes))
        states.append(StateChange(origin, state, fields, _is_moved(origin, state, pairs, homes)))
    removed = [StateChange(state, None) for state in before.walk() if state.keys not in pairs]
    differing = tuple(change for change in [*states, *removed] if change.kinds)
    return MachineDiff(before, after, tuple(of_machine), differing, len(states) + len(removed) - len(differing))


def _as_it_is(_: Machine, name: Json) -> Json:
    return name


def _new_name(pairs: Pairs, scope: Machine, name: Json) -> Json:
    """The new name of a state; the name itself if there is no such state, or not any more."""
    state = scope.states.get(name) if isinstance(name, str) else None
    return pairs[state.keys].name if state and state.keys in pairs else name


def _fields(before: Mapping[str, Json], after: Mapping[str, Json], keys: Keys) -> Iterator[Change]:
    """Yield a change for each field that differs, with its whole values."""
    for name in {**after, **before}:
        old, new = before.get(name, MISSING), after.get(name, MISSING)
        if any(changes_between(old, new)):
            yield Change(to_where((*keys, name)), old, new)


def _state_fields(before: State, after: State, rename: Rename) -> Iterator[Change]:
    yield from _fields(own_fields(before, rename), own_fields(after, _as_it_is), after.keys)


_Homes = Mapping[Keys, int]  # the new index of a branch by the keys of the old one


def _homes(pairs: Pairs, before_of: Mapping[Keys, State]) -> _Homes:
    """The new index of every branch: where most of its states are now, else where it was."""
    homes: dict[Keys, int] = {}
    for new_keys, origin in before_of.items():
        branches = [scope for scope in origin.nested if isinstance(scope.keys[-1], int)]
        votes = Counter(_votes(branches, new_keys, pairs))
        stay = {(scope.keys, int(scope.keys[-1])): 0 for scope in branches}
        taken: set[int] = set()
        for keys, index in [*(vote for vote, _ in votes.most_common()), *stay]:
            if keys not in homes and index not in taken:
                homes[keys] = index
                taken.add(index)
    return homes


def _votes(branches: Iterable[Machine], new_keys: Keys, pairs: Pairs) -> Iterator[tuple[Keys, int]]:
    """Yield a branch's keys and its new index for each of its states that is still in a branch of the same state."""
    for scope in branches:
        for state in scope.states.values():
            now = pairs[state.keys].scope if state.keys in pairs else None
            if now and now.owner and now.owner.keys == new_keys and isinstance(now.keys[-1], int):
                yield scope.keys, now.keys[-1]


def _is_moved(before: State, after: State, pairs: Pairs, homes: _Homes) -> bool:
    old, new = before.scope, after.scope
    if old.owner is None or new.owner is None:
        return old.owner is not new.owner
    owner = pairs.get(old.owner.keys)
    if owner is None or owner.keys != new.owner.keys:
        return True
    return old.keys in homes and homes[old.keys] != new.keys[-1]


def _scopes(before: State, after: State, rename: Rename, homes: _Homes) -> Iterator[Change]:
    """Yield the differences between the machines in a state, apart from their states."""
    new = {scope.keys[len(after.keys) :]: scope for scope in after.nested}
    kept: list[tuple[int, Json]] = []
    for scope in before.nested:
        keys = scope.keys[len(before.keys) :]
        same = new.pop(("Branches", homes[scope.keys]) if scope.keys in homes else keys, None)
        if same is None:
            yield Change(to_where((*after.keys, *keys)), scope_fields(scope, rename), MISSING)
            continue
        kept += [(homes[scope.keys], same.start_at)] if scope.keys in homes else []
        yield from _fields(scope_fields(scope, rename), scope_fields(same, _as_it_is), same.keys)
    for scope in new.values():
        yield Change(to_where(scope.keys), MISSING, scope_fields(scope, _as_it_is))
    in_order = sorted(kept, key=itemgetter(0))
    if kept != in_order:
        starts, now = ([start for _, start in order] for order in (kept, in_order))
        yield Change(to_where((*after.keys, "Branches")), starts, now)
