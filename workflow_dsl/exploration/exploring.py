"""explore(): searches execution paths to all elements of a state machine, goal after goal, and runs them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from random import Random
from typing import Any, Literal

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine
from workflow_dsl.exploration.examples import Examples, Samples
from workflow_dsl.exploration.execution_paths import (
    Endless,
    ExecutionPath,
    Scenario,
    Subject,
    is_plain,
    run_path,
    scenario_of,
)
from workflow_dsl.exploration.filled import with_plain_values
from workflow_dsl.exploration.search.goals import Plan, extra_goals, same_goals
from workflow_dsl.exploration.search.walk import STEP, Entry, Walker
from workflow_dsl.exploration.search.worlds import Budget, OutOfSteps, World
from workflow_dsl.exploration.variants import given_up_on, recovered_on, recovering, with_sibling
from workflow_dsl.local.coverage import Coverage, Element
from workflow_dsl.local.engine.prepared import PreparedMachine, PreparedState
from workflow_dsl.local.engine.states import DEFAULT
from workflow_dsl.local.lambda_functions.functions import Function
from workflow_dsl.local.runner import prepare
from workflow_dsl.records import Record, field

MOST_STEPS = (500, 2_500)  # of the search for one goal, the first time and the second
MOST_TRIES = 12  # paths to one goal that are run
_MOST_SIBLINGS = 3  # paths in which another name of an error is tried
_MOST_RECOVERIES = 5  # of one path, for retriers with more names than attempts
_STEPS_TO_DECIDE = 2_000
_DECIDED = ("condition", "order")
_GIVEN_UP = ("exhausted", "timeout")
_BY_ERROR = ("retry", "catch", "exhausted")
_NAME = "workflow"


class Exploration(Record, frozen=False):
    """The paths that were found, and the elements that they cover."""

    subject: Subject
    defaults: Mapping[str, Json]  # the results of the tasks for which a path has none
    paths: list[ExecutionPath] = field(default_factory=list)
    coverage: Coverage = field(default_factory=Coverage)
    decided: dict[ExecutionPath, set[Element]] = field(
        default_factory=dict
    )  # conditions that a path decides by one comparison
    is_complete: bool = True  # False if it was interrupted

    @property
    def machine(self) -> PreparedMachine:
        """The explored machine."""
        return self.subject.machine

    @property
    def states(self) -> list[PreparedState]:
        """All states, nested ones included."""
        return [*self.machine.states()]

    @property
    def text(self) -> str:
        """The definition as it runs."""
        return self.subject.text

    @property
    def elements(self) -> list[Element]:
        """All elements, in document order."""
        return self.coverage.elements[_NAME]

    @property
    def missing(self) -> list[Element]:
        """The elements that no path reaches."""
        return self.coverage.missing(_NAME)

    @property
    def percent(self) -> float:
        """The covered share of the elements."""
        return self.coverage.percent(_NAME)

    def covered_by(self, path: ExecutionPath) -> frozenset[Element]:
        """Return the elements that a path covers."""
        coverage = Coverage()
        coverage.add(_NAME, path.run.covered)
        return frozenset(coverage.covered[_NAME])


Progress = Callable[[Exploration], None]


def explore(
    definition: Any,
    *,
    examples: Examples | None = None,
    functions: Mapping[str, Function] | None = None,
    type_: Literal["STANDARD", "EXPRESS"] = "STANDARD",
    seed: int = 0,
    most_runs: int = 2_000,
    most_seconds: float = 60.0,
    progress: Progress = lambda _: None,
) -> Exploration:
    """Return paths that reach as many elements of a definition as are found, in at most so many runs.

    Goals are taken in document order, with a `seed` in another one. `progress` is called after each goal.
    A placeholder without which nothing runs has a plain value: `Seconds: ${Delay}` is 1.
    An interrupt (KeyboardInterrupt) ends the search with what it has found.
    Raises FindingsError for a definition that cannot run.
    """
    text = with_plain_values(definition if isinstance(definition, str) else _text_of(definition), type_)
    subject = Subject(prepare(text, None, type_), text, type_, functions or {})
    search = _Search(subject, examples or Samples(functions), seed, most_runs)
    search.until = time.monotonic() + most_seconds
    try:
        search.run(progress)
    except KeyboardInterrupt:
        search.exploration.is_complete = False
    return search.exploration


def _text_of(definition: Any) -> str:
    return definition.to_text() if isinstance(definition, Machine) else Machine(definition).to_text()


class _Search:
    def __init__(self, subject: Subject, examples: Examples, seed: int, most_runs: int) -> None:
        self.subject, self.examples, self.seed = subject, examples, seed
        machine = subject.machine
        self.machine = machine
        self.left = most_runs
        self.until = float("inf")
        self.defaults = {state.name: examples.result(state) for state in machine.states() if state.type == "Task"}
        self.exploration = Exploration(subject, self.defaults)
        self.exploration.coverage.expect(_NAME, machine.definition, by_error=True)
        self.plan = Plan(machine)
        self.entries: dict[str, Entry] = {}
        self.tried: dict[str, ExecutionPath | None] = {}  # None for one without an end
        self.reached: set[Element] = set()
        self.recovered: set[Element] = set()  # retriers that a path that succeeds has used
        self.same = same_goals(machine)

    def run(self, progress: Progress) -> None:
        elements = [*self.exploration.elements]
        if self.seed:  # another order finds other paths
            Random(self.seed).shuffle(elements)  # noqa: S311
        few, many = MOST_STEPS
        self._reach_all([element for element in elements if element[0] != "retry"], few, progress)
        self._recover()  # one path for many retriers
        self._reach_all(elements, few, progress)
        self._reach_all(extra_goals(self.machine), many, progress)
        self._reach_all(elements, many, progress)
        self._recover()

    def _reach_all(self, goals: Iterable[Element], steps: int, progress: Progress) -> None:
        failed: set[Element] = set()  # also by another name
        for goal in goals:
            if self.left <= 0 or time.monotonic() > self.until:
                return
            one = _first_of(goal, self.same)
            if one not in failed and goal not in self.reached | self.exploration.coverage.covered[_NAME]:
                if not self._reach(goal, steps):
                    failed.add(one)
                progress(self.exploration)

    def _recover(self) -> None:
        """Add paths that succeed after retries, so that each error name of a retrier comes on one."""
        exploration, done = self.exploration, self.recovered
        plain = [each for each in exploration.paths if is_plain(each)]
        for path in (recoverable for recoverable in plain for _ in range(_MOST_RECOVERIES)):
            scenario = recovering(path, exploration.states, self.defaults, done)
            found = self._run(scenario) if scenario is not None and self.left > 0 else None
            if found is not None and (recovered := recovered_on(found, exploration.states)) - done:
                done |= recovered
                exploration.paths.append(found)
                exploration.coverage.add(_NAME, found.run.covered)

    def _reach(self, goal: Element, steps: int) -> bool:
        if (
            goal[0] in _BY_ERROR
            and len(goal) > 3
            and any(self._try(scenario, goal) for scenario in self._siblings(goal))
        ):
            self.reached.add(goal)
            return True
        steps = _STEPS_TO_DECIDE if goal[0] in _DECIDED else steps
        budget = Budget(steps + STEP * len(self.plan.places))  # a path may go through all states
        walker = Walker(self.plan, self.examples.result, self.examples.input(), budget, self.entries)
        worlds = _as_far_as_it_goes(walker, goal)
        for world in sorted(worlds, key=_misses) if goal[0] in _DECIDED else worlds:
            scenario = scenario_of(world)
            if scenario is not None and self._try(scenario, goal):
                self.reached.add(goal)
                return True
        return False

    def _siblings(self, goal: Element) -> Iterator[Scenario]:
        state = next(each for each in self.exploration.states if each.name == goal[1])
        yield from islice(with_sibling(state, goal, self.exploration.paths), _MOST_SIBLINGS)

    def _try(self, scenario: Scenario, goal: Element) -> bool:
        """Run a path, and keep it if it covers anything new. True if the goal is reached."""
        is_new = scenario.key() not in self.tried
        path = self._run(scenario)
        if path is None:
            return False
        if goal[0] in _DECIDED:
            return self._decides(path, goal)
        return is_new and self._covers(path, goal)

    def _run(self, scenario: Scenario) -> ExecutionPath | None:
        key = scenario.key()
        if key not in self.tried:
            self.left -= 1
            self.tried[key] = None
            with suppress(Endless):
                self.tried[key] = run_path(self.subject, scenario, self.defaults)
        return self.tried[key]

    def _covers(self, path: ExecutionPath, goal: Element) -> bool:
        covered = self.exploration.covered_by(path)
        new = covered - self.exploration.coverage.covered[_NAME]
        is_extra = goal[0] in ("uncaught", "items", *_DECIDED) or (
            goal[0] in _GIVEN_UP and goal in given_up_on(path, self.exploration.states)
        )
        if new or is_extra:
            self.exploration.paths.append(path)
            self.exploration.coverage.add(_NAME, path.run.covered)
        return goal in covered or is_extra

    def _decides(self, path: ExecutionPath, goal: Element) -> bool:
        """Keep a path that takes the rule of a condition if it is to be true, or else one after it."""
        name, number, is_true = goal[1], goal[2], goal[0] == "order" or goal[3]
        taken = {int(element[2]) for element in self.exploration.covered_by(path) if element[:2] == ("rule", name)}
        later = {rule_number for rule_number in taken if rule_number == DEFAULT or rule_number > int(number)}
        if number not in taken if is_true else not later:
            return False
        if path not in self.exploration.paths:
            self._covers(path, goal)
        self.exploration.decided.setdefault(path, set()).add(goal)
        return True


def _first_of(goal: Element, same: Mapping[Element, Element]) -> Element:
    while goal in same:
        goal = same[goal]
    return goal


def _misses(world: World) -> int:
    """The number of conditions that have other values than they prefer, such as one at a bound."""
    return sum(not world.prefers(need) for need in world.needs)


def _as_far_as_it_goes(walker: Walker, goal: Element) -> Iterator[World]:
    """Yield a few worlds that reach a goal, and at the end of the budget those that may fail after it."""
    try:
        yield from islice(walker.paths(goal), MOST_TRIES)
    except (OutOfSteps, RecursionError):
        yield from walker.unfinished
