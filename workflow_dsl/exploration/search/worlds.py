"""The values that the sources hold so far, and the conditions that they must keep: a small solver by trial.

Conditions are tested with the engine's own evaluation, so a solution is one for the engine too. They are solved one
after another; values that are chosen later must keep the earlier conditions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from workflow_dsl.definition.json import Json, deep_copy
from workflow_dsl.exploration.search.candidates import ABSENT, neighbours
from workflow_dsl.exploration.search.documents import put
from workflow_dsl.exploration.search.symbols import (
    Computed,
    Fields,
    Items,
    Known,
    Leaf,
    Missing,
    Symbol,
    holder,
    item,
)
from workflow_dsl.exploration.search.trials import trials
from workflow_dsl.records import Record, field, replace

_MOST_TRIALS = 600  # values or pairs of values tried for one condition
_MOST_SOLUTIONS = 60  # in search of one that a condition prefers


class OutOfSteps(Exception):
    """The search has taken as many steps as it may."""


class Budget(Record, frozen=False):
    """The steps and tests of conditions that a search may still take."""

    left: int
    is_open: bool = False  # True once the search read or chose what an execution is given, or cut a way short
    is_guess: bool = False  # True once a condition was given up whose values cannot all be tried
    ends_when_open: bool = False

    def spend(self, steps: int = 1) -> None:
        """Take steps. Raises OutOfSteps."""
        self.left -= steps
        if self.left < 0 or (self.ends_when_open and self.is_open):
            raise OutOfSteps


class Need(Record):
    """A condition on the sources. The values to try for it are near its constants."""

    test: Callable[[World], bool]  # may raise anything, which counts as False
    leaves: tuple[Leaf, ...]
    constants: tuple[Json, ...] = ()
    is_sharp: bool = False  # a comparison, which a value at its bound tests best
    is_exact: bool = False  # no value fits if none of those that are tried does
    prefers: Callable[[World], bool] = lambda _: True  # the solutions that later conditions are likely to keep
    is_wish: bool = False  # given up if it cannot hold


class Call(Record):
    """The response to one call of a state: an error, or the source of its result; seconds until it comes.

    `name` is the source of the error's name, if that may be another one too.
    """

    source: str | None = None
    error: str | None = None
    name: str | None = None
    after: float = 0
    repeats: int = 1


class World(Record):
    """Values chosen for paths of sources, over what a source holds anyway; the conditions; the calls of a way."""

    budget: Budget = field(default_factory=lambda: Budget(1_000), repr=False, compare=False)
    bases: Mapping[str, Json] = field(default_factory=dict)
    chosen: Mapping[Leaf, Json] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    calls: Mapping[str, tuple[Call, ...]] = field(default_factory=dict)
    files: Mapping[str, int] = field(default_factory=dict)  # the rows that a Map reads
    _documents: dict[str, Json] = field(default_factory=dict, repr=False, compare=False)

    def document(self, source: str) -> Json:
        """Return what a source holds. Raises Conflict."""
        self.budget.is_open = True
        if source not in self._documents:
            chosen = [(leaf.path, value) for leaf, value in self.chosen.items() if leaf.source == source]
            document = deep_copy(self.bases.get(source, {}))
            for path, value in sorted(chosen, key=lambda each: len(each[0])):
                document = put(document, path, deep_copy(value) if value is not ABSENT else ABSENT)
            for inner in {leaf.source for leaf in self.chosen}:
                text_at = holder(inner)
                if text_at is not None and text_at.source == source:
                    document = put(document, text_at.path, json.dumps(self.document(inner)))
            self._documents[source] = document
        return self._documents[source]

    def value(self, symbol: Symbol) -> Json:
        """Return the value of a symbol. Raises Missing, Conflict, or the error of an expression."""
        if isinstance(symbol, Known):
            return symbol.value
        if isinstance(symbol, Leaf):
            value = self.document(symbol.source)
            for step in symbol.path:
                value = item(value, step)
            return value
        if isinstance(symbol, Items):
            return [self.value(each) for each in symbol.items]
        if isinstance(symbol, Computed):
            return symbol.compute(*map(self.value, symbol.operands))
        return self._object(symbol)

    def _object(self, symbol: Fields) -> Json:
        try:
            base = self.value(symbol.base) if symbol.base is not None else {}
        except Missing:  # a ResultPath makes the objects on its way
            base = {}
        if not isinstance(base, dict):
            raise Missing
        return {**base, **{name: self.value(each) for name, each in symbol.own.items()}}

    def choose(self, leaf: Leaf, value: Json) -> World:
        """Return a world with a value at a leaf, in place of all that was chosen below it if it has no fields."""
        chosen = {other: each for other, each in self.chosen.items() if not _is_lost(other, each, leaf, value)}
        chosen[leaf] = value
        changed = _with_holders(leaf.source)
        documents = {source: document for source, document in self._documents.items() if source not in changed}
        return replace(self, chosen=chosen, _documents=documents)

    def constants_at(self, leaf: Leaf) -> Iterator[Json]:
        """Yield the constants of all conditions on a leaf."""
        yield from (value for need in self.needs if leaf in need.leaves for value in need.constants)

    def with_source(self, source: str, base: Json) -> World:
        """Return a world with another source."""
        return replace(self, bases={**self.bases, source: base})

    def with_call(self, state: str, *calls: Call) -> World:
        """Return a world with further calls of a state."""
        self.budget.is_open = True
        return replace(self, calls={**self.calls, state: (*self.calls.get(state, ()), *calls)})

    def reading(self, state: str, rows: int) -> World:
        """Return a world in which a Map reads a file of so many rows."""
        return replace(self, files={**self.files, state: rows})

    def keeps(self, need: Need) -> bool:
        """True if a condition holds. Raises OutOfSteps."""
        self.budget.spend()
        try:
            return need.test(self)
        except Exception:  # of any expression, with a value that it does not take
            return False

    def prefers(self, need: Need) -> bool:
        """True if the values are those that a condition prefers."""
        try:
            return need.prefers(self)
        except Exception:  # of any expression
            return False

    def assuming(self, need: Need) -> Iterator[World]:
        """Yield a world in which a condition holds too, this one if it does here.

        One is enough: later conditions change its values as far as the earlier ones allow.
        """
        added = replace(self, needs=(*self.needs, need))
        sharp = min(_sharp(added, need), key=lambda each: not each.prefers(need), default=None)
        if sharp is not None:
            others = _solutions(added, need) if not sharp.prefers(need) else iter(())
            yield next((each for each in others if each.prefers(need)), sharp)
        elif self.keeps(need) and self.prefers(need):
            yield added
        elif (found := next(_solutions(added, need), None) or next(_wider(added, need), None)) is not None:
            yield found
        elif need.is_wish:
            yield self
        elif not all(each.is_exact for each in added.needs):
            self.budget.is_guess = True

    def assuming_all(self, needs: tuple[Need, ...]) -> Iterator[World]:
        """Yield worlds in which conditions hold one after another."""
        if not needs:
            yield self
            return
        for world in self.assuming(needs[0]):
            yield from world.assuming_all(needs[1:])


def _with_holders(source: str) -> set[str]:
    """A source, and those that have it as a text."""
    changed = {source}
    while (leaf := holder(source)) is not None:
        source = leaf.source
        changed.add(source)
    return changed


def _is_lost(other: Leaf, its_value: Json, leaf: Leaf, value: Json) -> bool:
    """True for what is below a leaf that gets a value without its fields, and for such a value around the leaf."""
    if other.source != leaf.source or other == leaf:
        return False
    if other.path[: len(leaf.path)] == leaf.path:
        is_mapped = isinstance(value, list) and isinstance(other.path[len(leaf.path)], str)
        return not isinstance(value, (dict, list)) or not value or is_mapped
    return leaf.path[: len(other.path)] == other.path and not isinstance(its_value, (dict, list))


def _solutions(world: World, need: Need) -> Iterator[World]:
    """Yield a solution that the condition prefers, or else any."""
    leaves = tuple(dict.fromkeys(need.leaves))
    tried = islice(trials(world, leaves, need.constants), _MOST_TRIALS)
    found = (
        trial
        for trial in tried
        if trial.keeps(need) and all(trial.keeps(each) for each in world.needs if _touches(each, leaves))
    )
    some = []
    for solution in islice(found, _MOST_SOLUTIONS):
        if solution.prefers(need):
            yield solution
            return
        some.append(solution)
    yield from some[:1]


def _wider(world: World, need: Need) -> Iterator[World]:
    """Yield solutions that also change what earlier conditions compare the same values with."""
    linked = [leaf for each in world.needs if {*each.leaves} & {*need.leaves} for leaf in each.leaves]
    leaves = tuple(dict.fromkeys((*need.leaves, *linked)))
    if len(leaves) > len({*need.leaves}):
        yield from _solutions(world, replace(need, leaves=leaves))


def _sharp(world: World, need: Need) -> Iterator[World]:
    """Yield worlds with a number at the bound of a comparison, or next to it."""
    if not need.is_sharp:
        return
    bounds = [value for value in need.constants if isinstance(value, (int, float)) and not isinstance(value, bool)]
    if (
        len(need.leaves) != 1
        or not bounds
        or any(need.leaves[0] in each.leaves for each in world.needs[:-1] if each.is_sharp)
    ):
        return
    for bound in bounds[:3]:
        for value in (bound, *neighbours(bound)):
            trial = world.choose(need.leaves[0], value)
            if all(trial.keeps(each) for each in world.needs if each is need or _touches(each, need.leaves)):
                yield trial


def _touches(need: Need, leaves: tuple[Leaf, ...]) -> bool:
    sources = {leaf.source for leaf in leaves}
    return any(leaf.source in sources for leaf in need.leaves)
