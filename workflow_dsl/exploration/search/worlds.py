"""The values that the sources hold so far, and the conditions that they must keep: a small solver by trial.

Conditions are tested with the engine's own evaluation, so a solution is one for the engine too. They are solved one
after another; values that are chosen later must keep the earlier conditions.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice

from workflow_dsl.definition.json import Json
from workflow_dsl.exploration.search.candidates import default_of, neighbours
from workflow_dsl.exploration.search.changes import changes_at, is_changed, is_lost, with_holders
from workflow_dsl.exploration.search.documents import Conflict, put
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
_AT_ONCE = 10  # conditions that are tested together in one step
_MOST_IN_VAIN = 100
_MOST_SOLUTIONS = 60  # in search of one that a condition prefers


class OutOfSteps(Exception):
    """The search has taken as many steps as it may."""


class Budget(Record, frozen=False):
    """The steps and tests of conditions that a search may still take."""

    left: int
    is_open: bool = False  # True once the search read or chose what an execution is given, or cut the execution short
    is_guess: bool = False  # True once a condition was given up whose values cannot all be tried
    ends_when_open: bool = False

    def spend(self, steps: int = 1) -> None:
        """Take steps. Raises OutOfSteps."""
        self.left -= steps
        if self.left < 0 or (self.ends_when_open and self.is_open):
            raise OutOfSteps


class Need(Record, eq=False):
    """A condition on the sources. The values to try for it are near its constants."""

    test: Callable[[World], bool]  # may raise anything, which counts as False
    reads: frozenset[Leaf]  # no other value changes what the test says
    leaves: tuple[Leaf, ...]  # those that are tried
    constants: tuple[Json, ...] = ()
    is_sharp: bool = False  # a comparison, which a value at its bound tests best
    is_exact: bool = False  # no value fits if none of those that are tried does
    prefers: Callable[[World], bool] = lambda _: True  # the solutions that later conditions are likely to keep
    near: Callable[[World], list[Json]] = lambda _: []  # more constants: the values that are compared
    is_wish: bool = False  # given up if it cannot hold
    operands: tuple[Symbol, ...] = ()  # all that the test reads, as far as it may stay the same whatever is chosen


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
    """Values chosen for paths of sources, over what a source holds anyway; the conditions and calls of an execution."""

    budget: Budget = field(default_factory=lambda: Budget(1_000), repr=False, compare=False)
    bases: Mapping[str, Json] = field(default_factory=dict)
    chosen: Mapping[Leaf, Json] = field(default_factory=dict)
    needs: tuple[Need, ...] = ()
    calls: Mapping[str, tuple[Call, ...]] = field(default_factory=dict)
    files: Mapping[str, int] = field(default_factory=dict)  # the rows that a Map reads
    _documents: dict[str, Json] = field(default_factory=dict, repr=False, compare=False)
    _values: dict[Symbol, tuple[Json, Exception | None]] = field(default_factory=dict, repr=False, compare=False)

    def document(self, source: str) -> Json:
        """Return what a source holds. Raises Conflict."""
        self.budget.is_open = True
        if source not in self._documents:
            chosen = [(leaf.path, value) for leaf, value in self.chosen.items() if leaf.source == source]
            document = self.bases.get(source, {})
            for path, value in sorted(chosen, key=lambda pair: len(pair[0])):
                document = put(document, path, value)
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
        if symbol not in self._values:
            try:
                self._values[symbol] = self._computed(symbol), None
            except Exception as raised:  # of any expression
                self._values[symbol] = None, raised
        result, problem = self._values[symbol]
        if problem is not None:
            raise problem.with_traceback(None)
        return result

    def value_or_none(self, symbol: Symbol) -> Json:
        """Return the value of a symbol; None if it has none."""
        try:
            return self.value(symbol)
        except Exception:  # of any expression
            return None

    def _computed(self, symbol: Fields | Items | Computed) -> Json:
        if isinstance(symbol, Items):
            return [self.value(each) for each in symbol.items]
        if isinstance(symbol, Computed):
            return symbol.compute(*map(self.value, symbol.operands))
        try:
            base = self.value(symbol.base) if symbol.base is not None else {}
        except Missing:  # a ResultPath makes the objects on its way
            base = {}
        if not isinstance(base, dict):
            raise Missing
        return {**base, **{name: self.value(each) for name, each in symbol.own.items()}}

    def choose(self, leaf: Leaf, value: Json) -> World:
        """Return a world with a value at a leaf, in place of all that was chosen below it if it has no fields."""
        others = {other: each for other, each in self.chosen.items() if not is_lost(other, each, leaf, value)}
        return self._with_chosen(others, {leaf: value})

    def _with_chosen(self, others: Mapping[Leaf, Json], new: Mapping[Leaf, Json]) -> World:
        chosen = {**others, **new}
        changed = {each for source in {leaf.source for leaf in new} for each in with_holders(source)}
        documents = {source: document for source, document in self._documents.items() if source not in changed}
        # Plain values are put into the old documents, if there was nothing in their places, nor a text around them.
        if len(chosen) == len(self.chosen) + len(new) and not any(map(holder, self._documents)):
            with suppress(Conflict):
                for leaf, value in (
                    () if any(isinstance(member, (dict, list)) for member in new.values()) else new.items()
                ):
                    if leaf.source in self._documents:
                        document = documents.get(leaf.source, self._documents[leaf.source])
                        documents[leaf.source] = put(document, leaf.path, value)
        return replace(self, chosen=chosen, _documents=documents, _values={})

    def _filled(self, leaves: Collection[Leaf]) -> World:
        """Return a world with a value of its name at each of some leaves that have none."""
        above = {Leaf(leaf.source, leaf.path[:depth]) for leaf in leaves for depth in range(len(leaf.path))}
        kept = {leaf: each for leaf, each in self.chosen.items() if leaf not in above or isinstance(each, (dict, list))}
        return self._with_chosen(kept, {leaf: default_of(leaf.path[-1]) for leaf in leaves if leaf not in above})

    def constants_at(self, leaf: Leaf) -> Iterator[Json]:
        """Yield the constants of all conditions on a leaf."""
        yield from (value for need in self.needs if leaf in need.leaves for value in need.constants)

    def with_source(self, source: str, base: Json) -> World:
        """Return a world with another source."""
        documents = {other: document for other, document in self._documents.items() if other != source}
        return replace(self, bases={**self.bases, source: base}, _documents=documents, _values={})

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
        return self._holds(need)

    def _holds(self, need: Need) -> bool:
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
        sharp = min(_sharp(added, need), key=lambda candidate: not candidate.prefers(need), default=None)
        if sharp is not None:
            others = _solutions(added, need) if not sharp.prefers(need) else iter(())
            yield next((other for other in others if other.prefers(need)), sharp)
        elif self.keeps(need) and self.prefers(need):
            yield added
        elif (solution := next(_solutions(added, need), None) or next(_wider(added, need), None)) is not None:
            yield solution
        elif need.is_wish:
            yield self
        elif not all(each.is_exact for each in added.needs):
            self.budget.is_guess = True

    def assuming_all(self, needs: tuple[Need, ...]) -> Iterator[World]:
        """Yield a world in which conditions hold: first those that any values fulfil, then one after another."""
        self.budget.spend(len(needs) // _AT_ONCE)
        plain = [need for need in needs if not need.is_sharp]
        world = self._with_plain_values(plain)
        held = {need: None for need in plain if world._holds(need) and world.prefers(need)}
        world = replace(world, needs=(*world.needs, *held))
        for need in needs:
            after = world if need in held else next(world.assuming(need), None)
            if after is None:
                return
            world = after
        yield world

    def _with_plain_values(self, needs: Sequence[Need]) -> World:
        """Return a world with values at the paths of conditions that have none yet, as far as any values do."""
        constrained = {leaf for need in self.needs if need.constants for leaf in need.leaves}
        absent = {need: [*self._absent_in(need)] for need in needs if {*need.leaves} == need.reads}
        filling = {need: leaves for need, leaves in absent.items() if leaves and constrained.isdisjoint(leaves)}
        for _ in range(2) if len(filling) > 1 else ():  # the second time without those that ask for other values
            leaves = list(dict.fromkeys(leaf for leaves in filling.values() for leaf in leaves))
            world = self._filled(leaves)
            held = {need: filling[need] for need in filling if world._holds(need)}
            if len(held) == len(filling):
                return world if all(map(world._holds, _affected(self, leaves))) else self
            filling = held
        return self

    def _absent_in(self, need: Need) -> Iterator[Leaf]:
        for leaf in need.leaves:
            try:
                self.value(leaf)
            except (Missing, Conflict):
                yield leaf


def _solutions(world: World, need: Need) -> Iterator[World]:
    """Yield a solution that the condition prefers, or else any."""
    leaves = tuple(dict.fromkeys(need.leaves))
    constants = (*need.constants, *need.near(world))
    tried = _unless_in_vain(world, need, islice(trials(world, leaves, constants), _MOST_TRIALS))
    affected = [other for other in _affected(world, leaves) if other is not need]
    solutions = (trial for trial in tried if trial.keeps(need) and all(map(trial.keeps, affected)))
    some = []
    for solution in islice(solutions, _MOST_SOLUTIONS):
        if solution.prefers(need):
            yield solution
            return
        some.append(solution)
    yield from some[:1]


def _unless_in_vain(world: World, need: Need, tried: Iterator[World]) -> Iterator[World]:
    """Yield trials, but no more of them if the first ones all leave what the condition reads as it is."""
    before = [world.value_or_none(operand) for operand in need.operands]
    for number, trial in enumerate(tried):
        yield trial
        if before and before != [trial.value_or_none(operand) for operand in need.operands]:
            break
        if before and number == _MOST_IN_VAIN:
            return
    yield from tried


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
    affected = [need, *(other for other in _affected(world, need.leaves) if other is not need)]
    for bound in bounds[:3]:
        for value in (bound, *neighbours(bound)):
            trial = world.choose(need.leaves[0], value)
            if all(map(trial.keeps, affected)):
                yield trial


def _affected(world: World, leaves: Sequence[Leaf]) -> list[Need]:
    """The conditions that read what other values at leaves may change."""
    changes = changes_at(leaves, world.chosen)
    return [need for need in world.needs if any(is_changed(leaf, changes) for leaf in need.reads)]
