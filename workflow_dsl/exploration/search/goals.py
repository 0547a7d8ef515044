"""The goals of a search: the elements of a machine, and the scopes and distances on the way to them."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from itertools import pairwise

from workflow_dsl.exploration.search.choices import alternatives_of, has_bound
from workflow_dsl.exploration.search.faults import Fault, can_time_out, catch_element, exhausted_goal, faults_of
from workflow_dsl.local.coverage import Element
from workflow_dsl.local.engine.prepared import PreparedMachine, PreparedScope, PreparedState
from workflow_dsl.local.engine.states import DEFAULT
from workflow_dsl.records import Record

FAR = 10_000.0
_MOST_ALTERNATIVES = 6  # of one rule


class Place(Record, eq=False):
    """A scope of a machine, and the Parallel or Map state that it is in, with the number of the branch."""

    scope: PreparedScope
    owner: PreparedState | None = None
    branch: int = 0
    outer: Place | None = None


class Plan:
    """The places and transitions of a machine."""

    def __init__(self, machine: PreparedMachine) -> None:
        self.machine = machine
        self.root = Place(machine.scope)
        self.places: dict[str, Place] = {}  # by the name of a state
        self.starts: dict[str, Place] = {}  # by the name of a scope's first state
        for place in _places(self.root):
            self.starts.setdefault(place.scope.start, place)
            for name in place.scope.states:
                self.places[name] = place
        self._to: dict[tuple[int, str], dict[str, float]] = {}
        self._end: dict[int, dict[str, float]] = {}

    def place_of(self, goal: Element) -> Place:
        """Return the scope of a goal."""
        if goal[0] == "transition" and goal[1] == "":
            return self.starts[str(goal[2])]
        return self.places[str(goal[1])]

    def target_of(self, goal: Element) -> str:
        """Return the state that a path must enter for a goal."""
        return str(goal[2] if goal[0] == "transition" and goal[1] == "" else goal[1])

    def inner_target(self, goal: Element, scope: PreparedScope) -> tuple[str, int] | None:
        """Return the state of a scope that a path to the goal enters, and the branch of it; None if none does."""
        place: Place | None = self.place_of(goal)
        if place is not None and place.scope is scope:
            return self.target_of(goal), -1
        while place is not None and place.outer is not None:
            if place.outer.scope is scope and place.owner is not None:
                return place.owner.name, place.branch
            place = place.outer
        return None

    def distances(self, scope: PreparedScope, target: str) -> dict[str, float]:
        """Return the number of transitions from each state of a scope to one of them."""
        key = (id(scope), target)
        if key not in self._to:
            self._to[key] = _distances(scope, {target: 0.0})
        return self._to[key]

    def to_end(self, scope: PreparedScope) -> dict[str, float]:
        """Return how far each state is from the end of its scope; an end by a Fail state is far."""
        if id(scope) not in self._end:
            ends = {
                name: 100.0 if state.type == "Fail" else 0.0
                for name, state in scope.states.items()
                if not any(True for _ in targets_of(state)) or state.fields.get("End")
            }
            self._end[id(scope)] = _distances(scope, ends)
        return self._end[id(scope)]


def _places(place: Place) -> Iterator[Place]:
    yield place
    for state in place.scope.states.values():
        for number, scope in enumerate(state.scopes):
            yield from _places(Place(scope, state, number, place))


def targets_of(state: PreparedState) -> Iterator[str]:
    """Yield the states that a state leads to."""
    yield from (target for target, _ in makers_of(state))


def same_goals(machine: PreparedMachine) -> dict[Element, Element]:
    """Return the one goal that reaches another one, for each goal that nothing else reaches.

    A state with one transition to it is reached by that, and the transition of one rule or catcher by that one.
    """
    implied: dict[Element, Element] = {}
    into: dict[str, list[Element]] = {}
    for state in machine.states():
        makers: dict[str, list[Element]] = {}
        for target, element in makers_of(state):
            makers.setdefault(target, []).append(element)
        for target, elements in makers.items():
            transition: Element = ("transition", state.name, target)
            into.setdefault(target, []).append(transition)
            if len(elements) == 1 and elements[0] != transition:
                implied[transition] = elements[0]
        for scope in state.scopes:
            into.setdefault(scope.start, []).append(("transition", "", scope.start))
    into.setdefault(machine.scope.start, []).append(("transition", "", machine.scope.start))
    return implied | {("state", name): elements[0] for name, elements in into.items() if len(elements) == 1}


def makers_of(state: PreparedState) -> Iterator[tuple[str, Element]]:
    """Yield the states that a state leads to, each with the element that makes the transition."""
    if state.type == "Choice":
        rules = [(rule.get("Next"), number) for number, rule in enumerate(state.fields["Choices"])]
        yield from ((target, ("rule", state.name, number)) for target, number in rules if target is not None)
        if "Default" in state.fields:
            yield state.fields["Default"], ("rule", state.name, DEFAULT)
    elif state.next is not None:
        yield state.next, ("transition", state.name, state.next)
    for number, catcher in enumerate(state.catchers):
        for name in dict.fromkeys(catcher["ErrorEquals"]):
            yield catcher["Next"], catch_element(state, number, name)


def _distances(scope: PreparedScope, ends: dict[str, float]) -> dict[str, float]:
    """Dijkstra's. A catcher is as far as three transitions, so that paths go well if they can."""
    into: dict[str, list[tuple[str, float]]] = {}
    for name, state in scope.states.items():
        caught = {catcher["Next"] for catcher in state.catchers}
        for target in targets_of(state):
            into.setdefault(target, []).append((name, 3.0 if target in caught and target != state.next else 1.0))
    distance = dict(ends)
    waiting = [(each, name) for name, each in ends.items()]
    heapify(waiting)
    while waiting:
        far, target = heappop(waiting)
        for name, step in into.get(target, ()) if far == distance[target] else ():
            if far + step < distance.get(name, FAR):
                distance[name] = far + step
                heappush(waiting, (far + step, name))
    return distance


def extra_goals(machine: PreparedMachine) -> Iterator[Element]:
    """Yield goals that coverage does not count: one failure too many by each name of a retrier, one that is not caught,
    a timeout; each comparison of a rule that decides it, two rules of which the first is taken; a Map of none and of
    two items.
    """
    for state in machine.states():
        yield from conditions_of(state)
        yield from orders_of(state)
        yield from exhausting(state)
        if can_time_out(state):
            yield ("timeout", state.name)
        if state.type == "Task":
            yield from (("uncaught", state.name, fault.error) for fault in _last_faults(state))
        if state.type == "Map" and "ItemReader" not in state.fields:
            yield from (("items", state.name, number) for number in (0, 2))


def conditions_of(state: PreparedState) -> Iterator[Element]:
    """Yield a goal for each alternative that decides a rule of several comparisons, or of one with a bound.

    It has the number of the rule, and if the rule is true.
    """
    for number, rule in enumerate(state.fields["Choices"] if state.type == "Choice" else ()):
        counts = [(want, min(alternatives_of(rule, want), _MOST_ALTERNATIVES)) for want in (True, False)]
        if sum(count for _, count in counts) > len(counts) or has_bound(rule):
            for want, count in counts:
                yield from (("condition", state.name, number, want, index) for index in range(count))


def orders_of(state: PreparedState) -> Iterator[Element]:
    """Yield a goal for each rule that the next one may follow: both match, and lead elsewhere."""
    rules = state.fields["Choices"] if state.type == "Choice" else ()
    for number, (rule, following) in enumerate(pairwise(rules)):
        if rule["Next"] != following["Next"]:
            yield "order", state.name, number


def exhausting(state: PreparedState) -> dict[Element, Fault]:
    """Return the faults that come once more than they are retried, for each error name of the retriers."""
    faults: dict[Element, Fault] = {}
    for fault in faults_of(state):
        if fault.exhausted is not None:
            faults.setdefault(exhausted_goal(state, fault.error), fault)
    return faults


def _last_faults(state: PreparedState) -> list[Fault]:
    faults = [fault for fault in faults_of(state) if fault.retrier is None and fault.catcher is None]
    retried = [fault for fault in faults if fault.times > 1]
    return [*retried[:1]] or faults[:1]


def faults_inside(state: PreparedState, error: str) -> Iterator[Element]:
    """Yield goals inside a Parallel or Map that fail it: a Fail state, or an error of a task that is not caught."""
    for scope in state.scopes:
        for inner in scope.states.values():
            if inner.type == "Fail":
                yield ("state", inner.name)
            elif inner.type == "Task":
                yield ("uncaught", inner.name, error)
                yield from (("uncaught", inner.name, fault.error) for fault in _last_faults(inner))
            elif inner.scopes:
                yield from faults_inside(inner, error)
