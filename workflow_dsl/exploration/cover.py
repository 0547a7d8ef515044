"""The smallest set of execution paths that covers all that was found, each with the smallest scenario."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.exploration.decisions import values_read
from workflow_dsl.exploration.execution_paths import Endless, ExecutionPath, Scenario, is_plain, run_path
from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.exploration.variants import given_up_on, recovered_on
from workflow_dsl.findings import FindingsError
from workflow_dsl.local.coverage import Element
from workflow_dsl.local.stand_ins.mocks import Response, Return
from workflow_dsl.records import replace

_MOST_SHRINKING = 150  # runs for one path
_OF_DATA = ("States.Runtime", "States.QueryEvaluationError")  # the errors of states that fail by their data


def smallest_cover(exploration: Exploration) -> list[ExecutionPath]:
    """Return few paths that cover all elements, what decides rules, and the failures that nothing catches.

    A greedy set cover finds them.
    """
    covered: set[object] = set()
    chosen: list[ExecutionPath] = []
    paths = _distinct(exploration.paths)
    plain = [path for path in paths if is_plain(path)]
    # What goes well is told first, without faults in between; what fails by its data is told for its elements alone.
    for group, worth in ((plain, _worth), (paths, _worth), (exploration.paths, Exploration.covered_by)):
        left: dict[ExecutionPath, set[object]] = {
            path: {*worth(exploration, path)} for path in group if path not in chosen
        }
        while left:
            best = max(left, key=lambda path: (len(left[path] - covered), -len(path.run.trail)))
            if not left[best] - covered:
                break
            covered |= left.pop(best)
            chosen.append(best)
    return sorted(chosen, key=lambda path: (path.run.status != "SUCCEEDED", exploration.paths.index(path)))


def _worth(exploration: Exploration, path: ExecutionPath) -> Iterable[object]:
    decided = exploration.decided.get(path, ())
    recovered = (("recovered", *element[1:]) for element in recovered_on(path, exploration.states))
    return {
        *exploration.covered_by(path),
        *outcomes_of(path),
        *given_up_on(path, exploration.states),
        *recovered,
        *decided,
    }


def outcomes_of(path: ExecutionPath) -> set[tuple[str | None, ...]]:
    """Return the end of a path, if it fails: a test of it is one of what nothing catches."""
    return {("end", path.run.failed_in, path.run.error)} if path.run.status != "SUCCEEDED" else set()


def _distinct(paths: list[ExecutionPath]) -> list[ExecutionPath]:
    """The paths that do not fail by the data alone, as far as their like is there."""
    return [path for path in paths if not (path.run.error or "").startswith(_OF_DATA)] or paths


def shrunk(exploration: Exploration, path: ExecutionPath) -> ExecutionPath:
    """Return a path with the same trail, end and coverage, and with as little input and as few fields as it needs."""
    left = _MOST_SHRINKING
    is_checked = run_scenario(exploration, path.scenario, is_checked=True) is not None
    is_deciding = path in exploration.decided
    goal = _signature(exploration, path), values_read(exploration, path) if is_deciding else ()
    is_smaller = True
    while is_smaller and left > 0:
        is_smaller = False
        for scenario in _smaller(path.scenario):
            left -= 1
            trial = run_scenario(exploration, scenario, is_checked=is_checked)
            if trial is None:
                continue
            values = values_read(exploration, trial) if is_deciding else ()
            if (_signature(exploration, trial), values) == goal:
                path, is_smaller = trial, True
                break
            if left <= 0:
                break
    return path


def _signature(exploration: Exploration, path: ExecutionPath) -> tuple[object, ...]:
    run = path.run
    covered: frozenset[Element] = exploration.covered_by(path)
    return run.trail, run.status, run.error, run.failed_in, covered, len(run.calls)


def run_scenario(exploration: Exploration, scenario: Scenario, *, is_checked: bool = False) -> ExecutionPath | None:
    """Run a scenario, and return its path; None if it never ends, or if a result is impossible."""
    try:
        return run_path(exploration.subject, scenario, {}, is_checked=is_checked)
    except (Endless, FindingsError):
        return None


def _smaller(scenario: Scenario) -> Iterator[Scenario]:
    for value in _without(scenario.input):
        yield replace(scenario, input=value)
    for name, responses in scenario.responses.items():
        for alike in _alike(responses):
            yield replace(scenario, responses={**scenario.responses, name: alike})
    for name, responses in scenario.responses.items():
        for number, response in enumerate(responses):
            if isinstance(response, Return):
                for value in _without(response.value):
                    changed: list[Response] = [*responses]
                    changed[number] = replace(response, value=value)
                    yield replace(scenario, responses={**scenario.responses, name: tuple(changed)})


def _alike(responses: tuple[Response, ...]) -> Iterator[tuple[Response, ...]]:
    """Yield fewer responses, of which the last one repeats, and responses that are all like the smallest one."""
    if len(responses) > 1 and responses[-1] == responses[-2] and isinstance(responses[-1], Return):
        yield responses[:-1]
    results = [response for response in responses if isinstance(response, Return)]
    if len(results) > 1:
        least = min(results, key=lambda result: len(json.dumps(result.value)))
        for last in (len(responses), len(responses) - 1):
            alike = tuple(least if isinstance(response, Return) else response for response in responses[:last])
            if (alike := (*alike, *responses[last:])) != responses:
                yield alike


def _without(value: Any) -> Iterator[Json]:
    """Yield the value without one of its fields or items, at any depth."""
    if isinstance(value, dict):
        for name in value:
            yield {other: each for other, each in value.items() if other != name}
        for name, inner in value.items():
            yield from ({**value, name: smaller} for smaller in _without(inner))
    elif isinstance(value, list):
        if len(value) > 1:
            yield value[:-1]
        for number, inner in enumerate(value):
            yield from ([*value[:number], smaller, *value[number + 1 :]] for smaller in _without(inner))
