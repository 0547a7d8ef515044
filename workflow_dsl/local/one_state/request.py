"""A test of one state as the caller asks for it: the state in its definition, and the circumstances of the test."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from datetime import datetime

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.reading import read
from workflow_dsl.findings import did_you_mean, short_list
from workflow_dsl.local.engine.prepared import PreparedMachine, PreparedScope, PreparedState
from workflow_dsl.local.one_state.refusals import (
    NO_VARIABLES,
    FieldValidation,
    refusal,
    refuse_context,
    refuse_error_source,
    refuse_mock,
    states_inside,
)
from workflow_dsl.local.runner import Definition, json_copy, prepare
from workflow_dsl.local.stand_ins.mocks import Response
from workflow_dsl.records import Record

NOT_FOUND = "State not found in definition"  # the words of the service
STATE_NAME = "StateName"  # of a state without a state machine, and in every context object: recorded answers


class Request(Record):
    """The circumstances of a test; the fields are the options of `test_state`."""

    input: Json
    variables: Mapping[str, Json] | None = None
    context: Mapping[str, Json] | None = None
    mock: Response | None = None
    retries: int = 0
    validation: FieldValidation = "STRICT"
    failed_in: str | None = None
    failed_iterations: int = 0
    reader_data: str | None = None
    role_arn: str | None = None
    start_time: datetime | None = None
    seed: int | str | None = None


class TestedState(Record):
    """A state, the state machine that it is in, and the states around it, innermost first, that handle its errors."""

    machine: PreparedMachine
    state: PreparedState
    parents: tuple[PreparedState, ...] = ()
    map: PreparedState | None = None  # the innermost Map around it


def find_state(definition: Definition, name: str | None, substitutions: Mapping[str, str] | None = None) -> TestedState:
    """Return a state by itself, or the one of this name in a state machine. Raises FindingsError."""
    document = definition.fields if isinstance(definition, Machine) else read(definition)
    is_machine = not {"StartAt", "States"}.isdisjoint(document)
    if not is_machine and name is None:
        machine = prepare(_machine_of(document), substitutions, "STANDARD")
        return TestedState(machine, machine.scope.states[STATE_NAME])
    machine = prepare(definition, substitutions, "STANDARD")
    names = [state.name for state in states_inside(machine.scope)]
    if name is None:
        message = "StateName must be specified when the definition is a state machine"
        raise refusal(message, f"the states are {short_list(names)}")
    chain = next((path for path in _paths(machine.scope) if path[0].name == name), None)
    if chain is None:
        raise refusal(NOT_FOUND, did_you_mean(name, names) or f"the states are {short_list(names)}")
    # A child execution of a distributed Map is an execution of its own: its errors do not reach the states around it.
    handlers = tuple(itertools.takewhile(lambda parent: not parent.is_distributed, chain[1:]))
    maps = (parent for parent in chain[1:] if parent.type == "Map")
    return TestedState(machine, chain[0], handlers, next(maps, None))


def _machine_of(state: Mapping[str, Json]) -> dict[str, Json]:
    """Return a state machine of one state; the states that it leads to are there, but never run."""
    alone = Machine({"States": {STATE_NAME: dict(state)}})
    targets = [target.name for target in alone.states[STATE_NAME].targets]
    ends = {name: {"Type": "Succeed"} for name in targets if isinstance(name, str) and name}
    return {"StartAt": STATE_NAME, "States": {**ends, STATE_NAME: dict(state)}}


def _paths(scope: PreparedScope) -> Iterator[tuple[PreparedState, ...]]:
    """Yield every state with the states around it, innermost first."""
    for state in scope.states.values():
        yield (state,)
        for inner in state.scopes:
            yield from ((*path, state) for path in _paths(inner))


def refuse_request(tested: TestedState, request: Request) -> None:
    """Raise FindingsError, with the API's code and message, for what the TestState API refuses."""
    refuse_mock(tested.state, request.mock, request.validation)
    if request.context is not None:
        refuse_context(tested.state, json_copy(request.context, "context object"))
    if request.failed_in is not None:
        refuse_error_source(tested.state, request.failed_in)
    if not isinstance(
        json_copy({} if request.variables is None else request.variables, "value of the variables"), dict
    ):
        raise refusal(NO_VARIABLES, "write the value of each variable under its name")
    numbers = {"retries": request.retries, "failed_iterations": request.failed_iterations}
    for name, number in numbers.items():
        if number < 0:
            raise refusal(f"{name} must not be negative: {number}", "write 0 or more")
