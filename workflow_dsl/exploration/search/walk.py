"""Execution paths to a goal, found without running the machine: what its sources must hold and its calls answer.

A walk goes from state to state, the nearest to the goal first, collects the conditions on the way (worlds.py), and goes
back where they cannot hold. The engine then runs what it found: that alone says what is covered.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import chain
from typing import TypeVar

from workflow_dsl.definition.json import Json
from workflow_dsl.exploration.search.flow import Flow
from workflow_dsl.exploration.search.goals import FAR, Plan
from workflow_dsl.exploration.search.moves import End, Move, Step
from workflow_dsl.exploration.search.state_types import moves_of
from workflow_dsl.exploration.search.symbols import INPUT, Leaf, Missing
from workflow_dsl.exploration.search.worlds import Budget, OutOfSteps, World
from workflow_dsl.local.coverage import Element
from workflow_dsl.local.engine.prepared import PreparedScope, PreparedState
from workflow_dsl.records import Record, replace

STEP = 8  # what entering a state costs, in tests of conditions
MOST_VISITS = 32  # of one state in one path, for loops that count
MOST_VISITS_AFTER = 34  # once the goal is reached, so that a loop may end
MOST_UNFINISHED = 3
T = TypeVar("T")


class Entry(Record):
    """The entry of a state, from the one before it."""

    name: str
    before: str
    flow: Flow
    world: World
    visits: Mapping[str, int]
    is_reached: bool


class Walker:
    """Walks to one goal. `result` gives what a task returns as long as no condition asks for more.

    `entries` are those of the states that earlier walks came to: a walk first goes on from that of its target.
    """

    def __init__(
        self,
        plan: Plan,
        result: Callable[[PreparedState], Json],
        given: Json,
        budget: Budget,
        entries: dict[str, Entry] | None = None,
    ) -> None:
        self.plan, self.result, self.given = plan, result, given
        self.budget = budget
        self.entries = {} if entries is None else entries
        self.goal: Element | None = None
        self.unfinished: list[World] = []  # worlds that reach the goal, and may fail after it

    def paths(self, goal: Element) -> Iterator[World]:
        """Yield worlds whose run reaches the goal, as far as can be said without running. Raises OutOfSteps."""
        self.goal = goal
        root = self.plan.machine.scope
        inner = self.plan.inner_target(goal, root)
        known = self.entries.get(inner[0]) if inner else None
        if known is not None:
            whole, self.budget = self.budget, Budget(self.budget.left // 2)
            walk = _Walk(self, root, goal).ends(replace(known, world=replace(known.world, budget=self.budget)))
            with suppress(OutOfSteps):
                yield from (end.world for end in walk if end.is_reached)
            whole.left, self.budget = whole.left // 2 + max(self.budget.left, 0), whole
        world = World(self.budget, {INPUT: self.given})
        yield from (end.world for end in self.scope(root, Flow(Leaf(INPUT)), world, goal) if end.is_reached)
        yield from self.unfinished

    def scope(self, scope: PreparedScope, flow: Flow, world: World, goal: Element | None) -> Iterator[End]:
        """Yield the ends of a scope. Without a goal, nothing has to be reached."""
        yield from _Walk(self, scope, goal).ends(Entry(scope.start, "", flow, world, {}, goal is None))


class _Walk:
    """The walk through one scope."""

    def __init__(self, walker: Walker, scope: PreparedScope, goal: Element | None) -> None:
        self.walker, self.states, self.goal = walker, scope.states, goal
        plan = walker.plan
        inner = plan.inner_target(goal, scope) if goal else None
        self.target = inner[0] if inner else ""
        self.is_root = scope is plan.machine.scope
        self.is_inside = inner is not None and inner[1] >= 0
        self.to_end = plan.to_end(scope)
        self.to_target = plan.distances(scope, self.target) if inner else self.to_end

    def ends(self, entry: Entry) -> Iterator[End]:
        """Yield the ends of the scope, depth first: a list of the states on the way, for paths of hundreds of them."""
        path = [self._enter(entry)]
        while path:
            following = next(path[-1], None)
            if following is None:
                path.pop()
            elif isinstance(following, End):
                yield following
            else:
                path.append(self._enter(following))

    def _enter(self, entry: Entry) -> Iterator[Entry | End]:
        """Yield what follows a state: the next one, or the end."""
        name, world = entry.name, entry.world
        self.walker.budget.spend(STEP)
        if entry.visits.get(name, 0) >= (MOST_VISITS_AFTER if entry.is_reached else MOST_VISITS):
            self.walker.budget.is_open = True
            return
        visits = {**entry.visits, name: entry.visits.get(name, 0) + 1}
        if self.is_root and not entry.is_reached:
            self.walker.entries.setdefault(name, entry)
        is_reached = entry.is_reached or self.goal in (("state", name), ("transition", entry.before, name))
        self._note(world, is_reached=is_reached)
        state = self.states[name]
        flow = replace(entry.flow, counts_retries=state.counts_retries)
        for move, (end, after, target) in self._steps(state, flow, world, is_reached=is_reached):
            is_made = self.goal in move.goals and target == move.next  # a Map that fails leads elsewhere
            reached = is_reached or is_made or end.is_reached
            self._note(end.world, is_reached=reached and not is_reached)
            if target is None or end.is_failure:
                yield replace(end, is_reached=reached)
            else:
                yield Entry(target, name, after.with_data(end.output), end.world, visits, reached)

    def _steps(
        self, state: PreparedState, flow: Flow, world: World, *, is_reached: bool
    ) -> Iterator[tuple[Move, Step]]:
        """Yield the steps of each move in turn; those through a Map by turns, each with another number of items."""

        def steps_of(move: Move) -> Iterator[tuple[Move, Step]]:
            yield from ((move, step) for step in self._run(move, state, flow, world, is_reached=is_reached))

        moves = self._moves(state, is_reached=is_reached)
        steps = [steps_of(move) for move in moves]
        if state.type != "Map" or (not is_reached and self.is_inside and state.name == self.target):
            yield from chain.from_iterable(steps)
            return
        through = [each for move, each in zip(moves, steps, strict=True) if _goes_inside(move)]
        others = [each for move, each in zip(moves, steps, strict=True) if not _goes_inside(move)]
        if moves and not _goes_inside(moves[0]):
            yield from others.pop(0)
        yield from by_turns(through)
        yield from chain.from_iterable(others)

    def _note(self, world: World, *, is_reached: bool) -> None:
        # A fault inside a Parallel or Map is a goal of its own, which says nothing about the whole path's.
        if is_reached and self.goal is self.walker.goal is not None and len(self.walker.unfinished) < MOST_UNFINISHED:
            self.walker.unfinished.append(world)

    def _run(self, move: Move, state: PreparedState, flow: Flow, world: World, *, is_reached: bool) -> Iterator[Step]:
        try:
            yield from move.run(self.walker, state, flow, world, None if is_reached else self.goal)
        except Missing:
            return

    def _moves(self, state: PreparedState, *, is_reached: bool) -> list[Move]:
        """The moves of a state that lead on, the best first."""
        distances = self.to_end if is_reached else self.to_target
        moves = moves_of(state, None if is_reached else self.goal)
        ranks = [(self._rank(move, state, distances, is_reached=is_reached), move) for move in moves]
        return [move for rank, move in sorted(ranks, key=lambda each: each[0]) if rank < FAR]

    def _rank(self, move: Move, state: PreparedState, distances: Mapping[str, float], *, is_reached: bool) -> float:
        if not is_reached and self.goal in move.goals:
            return -2.0
        if move.is_rare:
            return FAR
        if not is_reached and self.is_inside and state.name == self.target and _goes_inside(move):
            return -1.0 if move.is_normal else -0.5
        if move.next is None:
            return 0.0 if is_reached else FAR
        return distances.get(move.next, FAR) + (0.0 if move.is_normal else 2.0)


def by_turns(iterators: list[Iterator[T]]) -> Iterator[T]:
    """Yield one item of each iterator after another, until all are at their end."""
    while iterators:
        for iterator in [*iterators]:
            try:
                yield next(iterator)
            except StopIteration:
                iterators.remove(iterator)


def _goes_inside(move: Move) -> bool:
    """True for the path through a Parallel or Map, also with another number of items."""
    return not move.is_rare and not any(goal[0] == "catch" for goal in move.goals)
