"""The shapes of everything that passes the states of a machine: forward over transitions to a fixed point.

A state is entered with the join of what the states before it give. In a loop, what keeps changing becomes unknown, so
that the work is linear in the number of states. A variable has all values that a state of its scope assigns.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Sequence
from functools import lru_cache, partial

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.findings import Keys
from workflow_dsl.records import Record, field
from workflow_dsl.shapes.declared import NOTHING_DECLARED, Declared
from workflow_dsl.shapes.passing import StateFlow, Visit
from workflow_dsl.shapes.scene import Variables
from workflow_dsl.shapes.shape import (
    MOST_CACHED,
    NOTHING,
    NUMBER,
    STRING,
    UNKNOWN,
    Field,
    Presence,
    Shape,
    join,
    merged,
    record,
)
from workflow_dsl.shapes.states import go_through, passes_on

_MOST_VISITS = 3  # of a state with what is known, while one of its loops is followed
_VISITS_BEFORE_WIDENING = 2
_MOST_ROUNDS = 3  # of a scope, until its variables are the same
_WORK = 30  # visits for each state of the machine, until everything is unknown


class Flow(Record, frozen=False):
    """The shapes of a machine: those of its states by their keys, and of the whole machine's input and output."""

    machine: Machine
    declared: Declared
    states: dict[Keys, StateFlow] = field(default_factory=dict)
    output: Shape = NOTHING
    orders: dict[Keys, tuple[list[State], dict[str, int]]] = field(default_factory=dict)  # by the keys of the scope
    work: int = 0
    most_work: int = 0

    @property
    def input(self) -> Shape:
        """The shape of an execution's input."""
        return self.declared.input

    def at(self, state: State) -> StateFlow:
        """Return the shapes at a state."""
        found = self.states.get(state.keys)
        return found if found is not None else StateFlow(state)

    def end_too_much_work(self) -> None:
        """Allow the work of nested states too, which few machines need. Raises _TooMuchWork if that is not enough."""
        self.most_work = _WORK * (1 + sum(1 for _ in self.machine.walk()))
        if self.work > self.most_work:
            raise _TooMuchWork


class _TooMuchWork(Exception):
    """Raised when loops within loops would take too long."""


# Developer guide, "Accessing execution data from the Context object".
_OF_EXECUTION = ("Id", "Name", "RoleArn", "StartTime")
_RETRY_COUNT = Field(NUMBER, Presence.UNSTATED)  # recorded: the State of a Pass has none
_CONTEXT = {
    "State": record({"EnteredTime": STRING, "Name": STRING, "RetryCount": _RETRY_COUNT}, UNKNOWN),
    "StateMachine": record({"Id": STRING, "Name": STRING}, UNKNOWN),
}


def flow_of(machine: Machine, declared: Declared = NOTHING_DECLARED) -> Flow:
    """Return the shapes of everything that passes the states of a machine whose definition is valid."""
    flow = Flow(machine, declared)
    flow.most_work = _WORK * (1 + len(machine.states))
    execution = record({"Input": declared.input, **dict.fromkeys(_OF_EXECUTION, STRING)}, UNKNOWN)
    context = record({"Execution": execution, **_CONTEXT}, UNKNOWN)
    try:
        flow.output = flow_through(flow, machine, declared.input, context, Variables())
    except _TooMuchWork:
        flow.states.clear()
        flow.output = UNKNOWN
        for state in machine.walk():
            flow.states[state.keys] = StateFlow(state, UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN)
    return flow


def input_shape(declared: Declared) -> Shape:
    """Return the shape of an execution's input, UNKNOWN if nothing declares it."""
    return declared.input


def result_shape(machine: Machine, state: State, declared: Declared = NOTHING_DECLARED) -> Shape:
    """Return the shape of a state's result: of what the call of a Task gives, or the iterations of a Map."""
    return flow_of(machine, declared).at(state).result


def flow_through(flow: Flow, machine: Machine, input: Shape, context: Shape, variables: Variables) -> Shape:
    """Return the output of a scope, and note the shapes of its states in the flow."""
    scope = _Scope(flow, machine, context, variables)
    for _ in range(_MOST_ROUNDS):
        output = scope.run(input)
        if not variables.outdated:
            return output
    variables.forget()
    return _Scope(flow, machine, context, variables).run(input)


class _Scope:
    """The states of a scope. A round goes through each after those before it, again while a loop changes its input.

    In a later round, a state whose input and variables are those of the round before passes on the same.
    """

    def __init__(self, flow: Flow, machine: Machine, context: Shape, variables: Variables) -> None:
        if machine.keys not in flow.orders:
            states = [machine.states[name] for name in _in_order(machine)]
            flow.orders[machine.keys] = states, {state.name: position for position, state in enumerate(states)}
        self._states, self._positions = flow.orders[machine.keys]
        self._flow, self._machine, self._context, self._variables = flow, machine, context, variables
        self._language = flow.machine.fields.get("QueryLanguage", "JSONPath")
        self._through = partial(flow_through, flow)
        self._entered: list[Shape | None] = [None] * len(self._states)  # what entered a state, at its position
        self._left: list[Sequence[tuple[Json, Shape]]] = [()] * len(self._states)  # what left it then

    def run(self, input: Shape) -> Shape:
        """Return the output of the scope after a round."""
        for position in self._variables.outdated:
            self._entered[position] = None
        self._variables.outdated.clear()
        self._inputs: list[Shape | None] = [None] * len(self._states)
        self._visits = [0] * len(self._states)
        self._waiting: list[int] = []  # positions, in order
        self._is_waiting = [False] * len(self._states)
        self._output = NOTHING
        self._enter(self._machine.start_at, input)
        while self._waiting:
            position = self._waiting.pop(0)
            self._visits[position] += 1
            self._is_waiting[position] = False
            self._flow.work += 1
            if self._flow.work > self._flow.most_work:
                self._flow.end_too_much_work()
            self._visit(position, self._inputs[position] or NOTHING)
        for position, state in enumerate(self._states):
            if self._inputs[position] is None:  # not reached in this round
                self._entered[position] = None
                self._flow.states[state.keys] = StateFlow(state)
        return self._output

    def _visit(self, position: int, input: Shape) -> None:
        """Enter the states after one, with what passes it."""
        if self._entered[position] is not input:
            self._entered[position] = input
            self._variables.reader = position
            self._left[position] = self._gone_through(self._states[position], input)
        for target, shape in self._left[position]:
            self._leave(target, shape)

    def _gone_through(self, state: State, input: Shape) -> Sequence[tuple[Json, Shape]]:
        """Return what leaves a state, and note what passes it."""
        passing = self._flow.states[state.keys] = StateFlow(state, input)
        fields = state.fields
        is_jsonata = fields.get("QueryLanguage", self._language) == "JSONata"
        if passes_on(passing, fields, is_jsonata=is_jsonata):
            return ((fields.get("Next"), input),)
        left: list[tuple[Json, Shape]] = []
        calls, through = self._flow.declared.calls, self._through
        scene = (input, self._context, self._variables, passing.reads, passing.misuses)
        go_through(Visit(*scene, passing, fields, calls, through, left), is_jsonata=is_jsonata)
        return left

    def _leave(self, target: Json, shape: Shape) -> None:
        """Add a value to what enters a state, or leaves the scope."""
        if target is None:
            self._output = join(self._output, shape)
        else:
            self._enter(target, shape)

    def _enter(self, name: Json, shape: Shape) -> None:
        """Add a value to those that enter a state."""
        position = self._positions.get(name) if isinstance(name, str) else None
        if position is None or shape.parts == ():
            return
        before = self._inputs[position]
        if before is not None:
            after = _entering(before, shape)
            if after is before or after == before:
                self._inputs[position] = after  # equal, with the origins of both
                return
            visits = self._visits[position]
            if visits >= _VISITS_BEFORE_WIDENING:
                after = UNKNOWN if visits >= _MOST_VISITS else widened(before, after)
            shape = after
        self._inputs[position] = shape
        if not self._is_waiting[position]:
            self._is_waiting[position] = True
            insort(self._waiting, position)


_entering = lru_cache(MOST_CACHED)(join)  # what enters a state from two others, mostly as at another state


def widened(before: Shape, after: Shape) -> Shape:
    """Return an upper bound of a shape that keeps growing in a loop: what differs from before is unknown."""
    if before is after or before == after:
        return before
    first, second = merged(before).records, merged(after).records
    if len(first) != 1 or len(second) != 1 or before.kinds != {"object"} or after.kinds != {"object"}:
        return UNKNOWN
    fields = second[0].fields
    same = {name: each for name, each in first[0].fields.items() if fields.get(name) == each}
    return record(same, UNKNOWN)


def _in_order(machine: Machine) -> list[str]:
    """Return the states that transitions reach, each after those before it where no loop leads back."""
    start, states = machine.start_at, machine.states
    if not isinstance(start, str) or start not in states:
        return []
    finished: list[str] = []
    seen = {start}
    path = [(start, iter(states[start].targets))]
    while path:
        name, targets = path[-1]
        for _, following in targets:
            if isinstance(following, str) and following not in seen and following in states:
                seen.add(following)
                path.append((following, iter(states[following].targets)))
                break
        else:
            finished.append(name)
            path.pop()
    return finished[::-1]
