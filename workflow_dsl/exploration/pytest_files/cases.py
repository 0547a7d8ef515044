"""Tests of execution paths: each is run once more as its test will run it, so that it asserts what the test sees."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from workflow_dsl.exploration.cover import shrunk
from workflow_dsl.exploration.execution_paths import ExecutionPath, Scenario, is_plain
from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.exploration.path_groups import last_error, paths_to_show
from workflow_dsl.exploration.pytest_files.masked_values import masked_scenario
from workflow_dsl.exploration.pytest_files.naming import free_name, name_of_test, names_of_tests, sentence_of
from workflow_dsl.exploration.pytest_files.text import Case, combined
from workflow_dsl.exploration.search.moves import FAILS
from workflow_dsl.findings import Finding, FindingsError, Where
from workflow_dsl.local.engine.prepared import PreparedMachine
from workflow_dsl.local.project_run import ProjectRunner
from workflow_dsl.local.replay.recorded_mocks import mocks_of
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.local.runner import Run
from workflow_dsl.local.stand_ins.mocks import InTurn, Mock, Response, Return, Throw
from workflow_dsl.records import replace


def cases_of(
    exploration: Exploration,
    workflow: str,
    runner: ProjectRunner,
    taken: set[str],
    *,
    with_output: bool,
    left_out: Callable[[str], None] = lambda _: None,
) -> list[Case]:
    """Return a test for each path of the smallest set that covers everything; `taken` are names that are in use.

    `left_out` is called with the reason for each path that the project cannot run, such as a bucket that is not there.
    Raises FindingsError if moto is not installed, which all of them need.
    """
    groups = paths_to_show(exploration)
    cases: list[Case] = []
    for group, name in zip(groups, names_of_tests(exploration, [each.nameless for each in groups], taken), strict=True):
        try:
            of_group = [
                _case(exploration, path, name, workflow, runner, with_output=with_output) for path in group.paths
            ]
        except FindingsError as problem:
            if any(finding.code == "NOT_INSTALLED" and finding.where == Where() for finding in problem.findings):
                raise  # every test needs it
            left_out(f"{sentence_of(exploration, group.nameless)}: {problem}")
        else:
            first, *others = combined(of_group) if group.errors else of_group
            own = [free_name(name, {*taken, *(case.name for case in cases), name}) for _ in others]
            cases += [first, *(replace(case, name=each) for case, each in zip(others, own, strict=True))]
    return cases


def first_case(exploration: Exploration, workflow: str, runner: ProjectRunner) -> Case | None:
    """Return the test of one path: one that succeeds without an error, or else one that ends as the workflow says.

    Raises FindingsError if the project cannot run it. None if no path ends in such a way.
    """
    fails = {state.name for state in exploration.states if state.type == "Fail"}
    succeeding = [path for path in exploration.paths if path.run.status == "SUCCEEDED"]
    failing = [path for path in exploration.paths if path.run.failed_in in fails]
    paths = [*filter(is_plain, succeeding), *succeeding, *failing]
    if not paths:
        return None
    path = shrunk(exploration, paths[0])
    name = name_of_test(exploration.machine, path, set())
    return _case(exploration, path, name, workflow, runner, with_output=False)


def recorded_case(
    recording: Recording,
    workflow: str,
    runner: ProjectRunner,
    taken: set[str],
    *,
    with_output: bool,
    masks: Callable[[int], None] | None = None,
) -> Case:
    """Return a test that gives a workflow the input and the answers of a recorded execution, after the same times.

    With `masks`, all values are others of the same shape; it is called with the number of those that had to stay.
    Raises FindingsError for an execution that cannot be replayed, or if the workflow does not take its answers.
    """
    mocks = {
        name: tuple(response for _, response in sorted(mock.responses.items()))
        for name, mock in mocks_of(recording).items()
        if mock.responses
    }
    scenario = Scenario(json.loads(recording.input or "{}"), mocks)
    run = _recorded_run(runner, workflow, scenario)
    if masks:
        before = _course(run)
        definition = json.dumps(recording.definition, ensure_ascii=False)
        scenario, kept = masked_scenario(
            scenario, definition, lambda tried: _course(_recorded_run(runner, workflow, tried)) == before
        )
        masks(kept)
        run = _recorded_run(runner, workflow, scenario)
    name = name_of_test(PreparedMachine(run.machine), ExecutionPath(scenario, run), taken)
    return Case(name, workflow, scenario.input, dict(scenario.responses), run, {}, with_output, in_turn=True)


def _recorded_run(runner: ProjectRunner, workflow: str, scenario: Scenario) -> Run:
    mocks: dict[str, Mock] = {state: InTurn(*each) for state, each in scenario.responses.items()}
    return runner.run(workflow, scenario.input, mocks=mocks)


def _course(run: Run) -> tuple[object, ...]:
    return run.trail, run.status, run.error, run.failed_in, run.duration


def _case(
    exploration: Exploration, path: ExecutionPath, name: str, workflow: str, runner: ProjectRunner, *, with_output: bool
) -> Case:
    """Return the test of a path, whose results are checked if they can be. Raises FindingsError if it cannot run."""
    mocks = responses_of(exploration, path)

    def case(*, unchecked: bool, in_turn: bool) -> Case:
        tried = {
            state: tuple(_with_check(response, unchecked) for response in responses)
            for state, responses in mocks.items()
        }
        run = _run_in_project(runner, workflow, path, tried, in_turn=in_turn)
        if path.run.status == "SUCCEEDED" != run.status:  # a placeholder without a value, which the search fills
            message = f"fails in the project: {run.error}: {run.cause}"
            raise FindingsError([Finding("NOT_EXECUTED", "error", Where(state=run.failed_in), message)])
        last = last_error(path)
        return Case(name, workflow, path.scenario.input, tried, run, dict(path.objects), with_output, in_turn, last)

    for in_turn in (False, True):
        with suppress(FindingsError):
            return case(unchecked=False, in_turn=in_turn)
    return case(unchecked=True, in_turn=True)


def _with_check(response: Response, unchecked: bool) -> Response:
    return replace(response, unchecked=unchecked) if isinstance(response, Return) else response


def _run_in_project(
    runner: ProjectRunner, workflow: str, path: ExecutionPath, mocks: dict[str, tuple[Response, ...]], *, in_turn: bool
) -> Run:
    options: dict[str, Any] = {"objects": path.objects} if path.objects else {}
    as_mocks: dict[str, Mock] = {
        name: each[0] if len(each) == 1 else InTurn(*each) if in_turn else list(each) for name, each in mocks.items()
    }
    return runner.run(workflow, path.scenario.input, mocks=as_mocks if as_mocks or in_turn else None, **options)


def responses_of(exploration: Exploration, path: ExecutionPath) -> dict[str, tuple[Response, ...]]:
    """Return the responses to the calls that a path makes, one for each call; one alone if all are the same."""
    calls = [call.state for call in path.run.calls]
    containers = {state.name for state in exploration.machine.states() if state.scopes}
    used = {}
    for name, responses in path.scenario.responses.items():
        count = len(responses) if name in containers else calls.count(name)
        if count:
            used[name] = tuple(_shortened(_so_many(responses, count)))
    return used


def _so_many(responses: tuple[Response, ...], count: int) -> list[Response]:
    return [responses[min(number, len(responses) - 1)] for number in range(count)]


def _shortened(responses: list[Response]) -> Iterator[Response]:
    plain = [
        replace(response, cause="") if isinstance(response, Throw) and response.cause == FAILS else response
        for response in responses
    ]
    if len(plain) > 1 and all(each == plain[0] for each in plain):
        yield plain[0]
    else:
        yield from plain
