"""A recorded execution run again with the project's own handlers: some of its states live, or on from one of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any

from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.placeholders import infer_substitutions
from workflow_dsl.findings import Finding, FindingsError, Where, did_you_mean
from workflow_dsl.local.engine.history import Event
from workflow_dsl.local.project_run import ProjectRunner
from workflow_dsl.local.replay.failure import failure_of
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.local.replay.redrives import before_redrive
from workflow_dsl.local.replay.replay import execution_context, recorded_mocks, refuse_unless_replayable
from workflow_dsl.local.replay.timeline import UNKNOWN, read_visits
from workflow_dsl.local.runner import Run
from workflow_dsl.records import replace

_RESTORED = "RestoredVariables"
_SHORTEST = 6  # characters of a resource's name; shorter values can be anything


def replay_live(
    application: Application,
    machine: TemplateMachine,
    recording: Recording,
    live: Collection[str],
    watch: Callable[[int, Event], None] | None = None,
) -> Run:
    """Run a recorded execution again: some states call the handlers and services of this computer.

    The calls of the others get their recorded answers, those of states that the execution did not reach are live too.
    Without names all states are live. Raises FindingsError for a name that is neither a Task nor a distributed Map.
    """
    recording = before_redrive(recording)
    refuse_unless_replayable(recording)
    local = machine.with_local_values
    callable_states = [state.name for state in local.walk() if state.type == "Task" or state.is_distributed]
    _refuse_unknown(live, callable_states, "calls nothing, or is not a state of the workflow")
    mocks = recorded_mocks(recording, local, _local_values(machine, recording))
    recorded = {name: mock for name, mock in mocks.items() if live and name not in live and not mock.is_empty}
    changed, name = _application_with(application, machine, local)
    return ProjectRunner(changed).run(
        name,
        json.loads(recording.input or "{}"),
        mocks=recorded or None,
        name=recording.name,
        start_time=recording.started,
        context=execution_context(recording),
        watch=watch,
    )


def run_from(
    application: Application,
    machine: TemplateMachine,
    recording: Recording,
    state: str | None = None,
    make_runner: Callable[[Application], ProjectRunner] = ProjectRunner,
    **options: Any,
) -> Run:
    """Run on from a state of a recorded execution, with the input and the variables that it had there.

    The default is the state that failed. A state inside of a Parallel or Map is refused, and the default is then the
    one around it. Raises FindingsError.
    """
    local = machine.with_local_values
    visits = read_visits(recording.events, Machine(recording.definition))
    name = state or _failed_state(recording)
    names = list(dict.fromkeys(visit.name for visit in visits))
    _refuse_unknown([name], names, "is not a state that the execution entered at the top level")
    _refuse_unknown([name], list(local.fields["States"]), "is not a state of the present workflow")
    index = max(index for index, visit in enumerate(visits) if visit.name == name)
    if visits[index].input is UNKNOWN:
        raise _error(f'the recording does not have the input of "{name}"', "fetch it with its execution data")
    variables = {name: value for visit in visits[:index] for name, value in visit.variables.items()}
    changed, logical_id = _application_with(application, machine, _beginning_at(local, name, variables))
    context = execution_context(recording) | {_RESTORED: variables}
    return make_runner(changed).run(logical_id, visits[index].input, context=context, **options)


def _failed_state(recording: Recording) -> str:
    failure = failure_of(recording)
    if failure is None:
        raise _error(f"the execution {recording.name} has not failed", "name the state to begin at with --at")
    return failure.around[-1][1] if failure.around else failure.state


def _beginning_at(machine: Machine, name: str, variables: Collection[str]) -> Machine:
    """The machine that begins at a state, without the states that are never reached from there."""
    document, states = machine.document(), machine.fields["States"]
    targets = {state.name: [target.name for target in state.targets] for state in machine.walk()}
    reached, waiting = set(), [name]
    while waiting:
        current = waiting.pop()
        if current not in reached:
            reached.add(current)
            waiting += [target for target in targets.get(current, ()) if target in states]
    document["States"] = {key: value for key, value in document["States"].items() if key in reached}
    document["StartAt"] = name
    if variables:
        # By reference: a value may have the form of a path or an expression.
        is_jsonata = document.get("QueryLanguage") == "JSONata"
        key, value = ("{0}", "{{% $states.context.{1}.{0} %}}") if is_jsonata else ("{0}.$", "$$.{1}.{0}")
        assign = {key.format(variable): value.format(variable, _RESTORED) for variable in variables}
        document["States"][_RESTORED] = {"Type": "Pass", "Assign": assign, "Next": name}
        document["StartAt"] = _RESTORED
    return Machine(document)


def _application_with(
    application: Application, machine: TemplateMachine, definition: Machine
) -> tuple[Application, str]:
    """The application in which a state machine has another definition, and the name of that machine."""
    changed = replace(machine, compiled=definition)
    others = [other for other in application.machines if other.logical_id != machine.logical_id]
    return replace(application, machines=[*others, changed]), machine.logical_id


def _local_values(machine: TemplateMachine, recording: Recording) -> dict[str, str]:
    """The names and ARNs of the account's resources in the recording, with those that they have on this computer."""
    recorded = infer_substitutions(machine.definition.document(), recording.definition)
    local = machine.local_substitutions
    return {
        value: local[name]
        for name, value in recorded.items()
        if isinstance(value, str) and name in local and len(value) >= _SHORTEST
    }


def _refuse_unknown(names: Collection[str], known: Collection[str], problem: str) -> None:
    for name in names:
        if name not in known:
            remedy = did_you_mean(name, known) or f"name one of {', '.join(known)}"
            raise _error(f'"{name}" {problem}', remedy)


def _error(message: str, remedy: str) -> FindingsError:
    return FindingsError([Finding("RECORDING", "error", Where(), message, remedy)])
