"""A first scenario of a workflow: an input and a result of each task that bring an execution to its end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflow_dsl.adoption.samples import Steps, input_read, put, samples_read, steps_of
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.findings import FindingsError
from workflow_dsl.importer.code import Atom, Call, Fields, Items, Node, Text, lines
from workflow_dsl.local.engine.history import Event
from workflow_dsl.local.runner import Run, run
from workflow_dsl.local.stand_ins.mocks import Return
from workflow_dsl.local.stand_ins.template_functions import TemplateFunctions
from workflow_dsl.records import Record, field, replace

_MOST_CHOICES = 12
_MOST_EVENTS = 1_000


class _Endless(Exception):
    """An execution that loops."""


def _stop_endless(event_id: int, _: Event) -> None:
    if event_id > _MOST_EVENTS:
        raise _Endless


class Scenario(Record):
    """An input, the results of the tasks, and how the execution with them ends."""

    input: Json
    mocks: Mapping[str, Return]
    status: str = ""
    trail: list[str] = field(default_factory=list)


def find_scenario(machine: TemplateMachine) -> Scenario | None:
    """Return a scenario, one that succeeds if there is one, with as little data as its way takes; None without one.

    Nothing of the project is executed: every task has a mocked result.
    """
    functions = TemplateFunctions(machine.template).called_by(machine.with_local_values)

    def tried(scenario: Scenario) -> Scenario | None:
        try:
            ended = run(
                machine.with_local_values,
                scenario.input,
                functions=functions,
                mocks=scenario.mocks or None,
                machine_name=machine.workflow or machine.resource.name,
                type=machine.resource.type,
                watch=_stop_endless,
            )
        except (FindingsError, _Endless):
            return None
        return replace(scenario, status=ended.status, trail=ended.trail) if _is_an_end(ended) else None

    candidates = (tried(scenario) for scenario in _candidates(machine.with_local_values))
    ended = [scenario for scenario in candidates if scenario]
    if not ended:
        return None
    best = next((scenario for scenario in ended if scenario.status == "SUCCEEDED"), ended[0])
    return _smallest(best, tried)


def _is_an_end(ended: Run) -> bool:
    """True for an execution that the workflow itself ends: it succeeds, or a Fail state fails it."""
    failed = ended.failed_in and next((each for each in ended.machine.walk() if each.name == ended.failed_in), None)
    return ended.status == "SUCCEEDED" or bool(failed and failed.type == "Fail")


def _candidates(machine: Machine) -> Iterator[Scenario]:
    """Scenarios that differ in the values which rules compare, each with checked and with unchecked results."""
    tasks = [state for state in machine.walk() if state.type == "Task" or state.is_distributed]
    first = samples_read(machine, [machine.start_at])
    first.others = input_read(machine).others | first.others
    after = {state.name: samples_read(state.scope, [state.fields.get("Next")]) for state in tasks}
    choices = max(samples.choices for samples in (first, *after.values()))
    for choice in range(min(choices, _MOST_CHOICES)):
        for unchecked in (False, True):
            results = {state.name: _result(state, after[state.name].data(choice)) for state in tasks}
            mocks = {name: Return(result, 0, unchecked) for name, result in results.items()}
            yield Scenario(first.data(choice), mocks)


def _result(state: State, data: Json) -> Json:
    """The result of a task after which the data of the execution is this, as far as the task decides."""
    if state.type == "Map":
        return []
    path = state.fields.get("ResultPath", "$")
    wanted = data if path == "$" else {}
    for name in steps_of(str(path)):
        data = wanted = data.get(name, {}) if isinstance(data, dict) else {}
    selector = state.fields.get("ResultSelector")
    if isinstance(selector, dict):
        return _selected(selector, wanted if isinstance(wanted, dict) else {})
    output = steps_of(str(state.fields.get("OutputPath", "$")))
    if output and path == "$":
        return _nested_in(output, wanted)
    is_invoked = str(state.fields.get("Resource")).endswith(":lambda:invoke")
    if is_invoked and "Output" in state.fields:
        return {"Payload": wanted}
    return wanted


def _selected(selector: Mapping[str, Json], wanted: Mapping[str, Json]) -> Json:
    result: dict[str, Json] = {}
    for name, path in selector.items():
        steps = steps_of(str(path))
        if name.endswith(".$") and steps:
            put(result, steps, wanted.get(name.removesuffix(".$"), str(steps[-1])))
    return result


def _nested_in(steps: Steps, value: Json) -> Json:
    result: dict[str, Json] = {}
    put(result, steps, value)
    return result


def _smallest(scenario: Scenario, tried: Any) -> Scenario:
    """The scenario without data that does not change its path."""

    def same(smaller: Scenario) -> bool:
        ended = tried(smaller)
        return ended is not None and (ended.status, ended.trail) == (scenario.status, scenario.trail)

    entered = replace(scenario, mocks={name: mock for name, mock in scenario.mocks.items() if name in scenario.trail})
    if same(entered):
        scenario = entered
    for name in scenario.mocks:
        for value in _smaller(scenario.mocks[name].value):
            mocks = {**scenario.mocks, name: Return(value, 0, unchecked=False)}
            if same(replace(scenario, mocks=mocks)):
                scenario = replace(scenario, mocks=mocks)
                break
    for value in _smaller(scenario.input):
        if same(replace(scenario, input=value)):
            scenario = replace(scenario, input=value)
            break
    return scenario


def _smaller(value: Json) -> Iterator[Json]:
    """Values with less in them, the smallest first; the value itself at last."""
    if not isinstance(value, dict):
        yield value
        return
    yield {}
    for name in value:
        yield {name: value[name]}
    for name in value:
        yield {other: member for other, member in value.items() if other != name}
    yield value


def scenario_test(workflow: str, scenario: Scenario | None) -> str:
    """Return the text of a test module with a scenario; without one, of a test that compiles the workflow."""
    name = workflow if workflow.isidentifier() else "workflow"
    if scenario is None:
        return _COMPILES.format(workflow=workflow, name=name)
    ending = "succeeds" if scenario.status == "SUCCEEDED" else "fails"
    arguments: list[tuple[str, Node]] = [("", Text(workflow)), ("", _node(scenario.input))]
    if scenario.mocks:
        mocks = Fields(tuple((state, _return(mock)) for state, mock in scenario.mocks.items()))
        arguments.append(("mocks", mocks))
    imported = "Return, RunWorkflow" if scenario.mocks else "RunWorkflow"
    call = lines(Call("run_workflow", tuple(arguments)), 4, "execution = ")
    status = f"    assert execution.status == {Text(scenario.status).flat()}"
    trail = lines(Items(tuple(map(Text, scenario.trail))), 4, "assert execution.trail == ")
    body = "\n".join([*call, status, *trail])
    return (
        f'"""The first scenario of {workflow}: tasks have mocked results. Without one the function itself runs."""\n\n'
        f"from workflow_dsl.local import {imported}\n\n\n"
        f"def test_{name}_{ending}(run_workflow: RunWorkflow) -> None:\n{body}\n"
    )


_COMPILES = '''"""The first test of {workflow}: its module compiles. Add scenarios with the fixture run_workflow."""

from workflow_dsl.local import ProjectRunner


def test_{name}_is_a_workflow(workflow_runner: ProjectRunner) -> None:
    assert workflow_runner.name_of("{workflow}") == "{workflow}"
'''


def _return(mock: Return) -> Node:
    arguments: list[tuple[str, Node]] = [("", _node(mock.value))]
    return Call("Return", tuple([*arguments, ("unchecked", Atom("True"))] if mock.unchecked else arguments))


def _node(value: Json) -> Node:
    if isinstance(value, dict):
        return Fields(tuple((name, _node(member)) for name, member in value.items()))
    if isinstance(value, list):
        return Items(tuple(map(_node, value)))
    return Text(value) if isinstance(value, str) else Atom(repr(value))
