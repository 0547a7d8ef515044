"""The shapes of everything that passes the states of a machine: forward over transitions to a fixed point.

A state is entered with the join of what the states before it give. In a loop, what keeps changing becomes unknown, so
that the work is linear in the number of states. A variable has all values that a state of its scope assigns.
"""

from __future__ import annotations

import heapq
from functools import partial

from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.findings import Keys
from workflow_dsl.records import Record, field
from workflow_dsl.shapes.declared import NOTHING_DECLARED, Declared, Signature
from workflow_dsl.shapes.passing import Exit, StateFlow, Visit
from workflow_dsl.shapes.scene import Scene, Variables
from workflow_dsl.shapes.shape import NOTHING, UNKNOWN, Field, Shape, join, record, widened
from workflow_dsl.shapes.states import exits_of

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
    work: int = 0

    @property
    def input(self) -> Shape:
        """The shape of an execution's input."""
        return self.declared.input

    def at(self, state: State) -> StateFlow:
        """Return the shapes at a state."""
        found = self.states.get(state.keys)
        return found if found is not None else StateFlow(state)


class _TooMuchWork(Exception):
    """Raised when loops within loops would take too long."""


def flow_of(machine: Machine, declared: Declared = NOTHING_DECLARED) -> Flow:
    """Return the shapes of everything that passes the states of a machine whose definition is valid."""
    flow = Flow(machine, declared)
    flow.work = _WORK * (1 + sum(1 for _ in machine.walk()))
    execution = record({"Input": Field(declared.input)}, UNKNOWN)
    context = record({"Execution": Field(execution)}, UNKNOWN)
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
    for _ in range(_MOST_ROUNDS):
        variables.has_changed = False
        output = _Round(flow, machine, context, variables).run(input)
        if not variables.has_changed:
            return output
    variables.forget()
    return _Round(flow, machine, context, variables).run(input)


class _Round:
    """One pass over the states of a scope: each state after those before it, again while a loop changes its input."""

    def __init__(self, flow: Flow, machine: Machine, context: Shape, variables: Variables) -> None:
        self._flow, self._machine, self._context, self._variables = flow, machine, context, variables
        self._states = [machine.states[name] for name in _in_order(machine)]
        self._positions = {state.name: position for position, state in enumerate(self._states)}
        self._inputs: list[Shape | None] = [None] * len(self._states)
        self._visits = [0] * len(self._states)
        self._waiting: list[int] = []  # positions, as a heap
        self._is_waiting = [False] * len(self._states)
        self._output = NOTHING
        self._through = partial(flow_through, flow)

    def run(self, input: Shape) -> Shape:
        self._enter(self._machine.start_at, input)
        while self._waiting:
            position = heapq.heappop(self._waiting)
            self._visits[position] += 1
            self._is_waiting[position] = False
            self._flow.work -= 1
            if self._flow.work < 0:
                raise _TooMuchWork
            for target, shape in self._exits(self._states[position], self._inputs[position] or NOTHING):
                if target is None:
                    self._output = join(self._output, shape)
                else:
                    self._enter(target, shape)
        for state, entering in zip(self._states, self._inputs, strict=True):
            if entering is None:  # in this round
                self._flow.states[state.keys] = StateFlow(state)
        return self._output

    def _exits(self, state: State, input: Shape) -> list[Exit]:
        """The exits of a state that this enters."""
        flow = self._flow
        passing = flow.states[state.keys] = StateFlow(state, input)
        scene = Scene(input, self._context, self._variables.visible(), passing.reads)
        signature = flow.declared.calls.get(state.keys, _NO_SIGNATURE)
        visit = Visit(passing, scene, self._variables, signature, self._through)
        return exits_of(visit, is_jsonata=_language(flow.machine, state) == "JSONata")

    def _enter(self, name: object, shape: Shape) -> None:
        """Add a value to those that enter a state."""
        position = self._positions.get(name) if isinstance(name, str) else None
        if position is None or shape.parts == ():
            return
        before = self._inputs[position]
        after = shape if before is None else join(before, shape)
        if before is not None and (after is before or after == before):
            self._inputs[position] = after  # equal, with the origins of both
            return
        visits = self._visits[position]
        if before is not None and visits >= _VISITS_BEFORE_WIDENING:
            after = UNKNOWN if visits >= _MOST_VISITS else widened(before, after)
        self._inputs[position] = after
        if not self._is_waiting[position]:
            self._is_waiting[position] = True
            heapq.heappush(self._waiting, position)


def _language(machine: Machine, state: State) -> object:
    return state.fields.get("QueryLanguage", machine.fields.get("QueryLanguage", "JSONPath"))


_NO_SIGNATURE = Signature("")


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
