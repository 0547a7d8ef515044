"""Variants of execution paths that were found: with another error in place of one, and with errors that are retried."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

from workflow_dsl.definition.json import Json
from workflow_dsl.exploration.execution_paths import ExecutionPath, Scenario
from workflow_dsl.exploration.search.faults import attempts_of, can_time_out, error_of, retry_element
from workflow_dsl.exploration.search.goals import exhausting
from workflow_dsl.local.coverage import Element
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.errors import TIMEOUT
from workflow_dsl.local.stand_ins.mocks import Response, Return, Throw
from workflow_dsl.records import replace


def with_error(scenario: Scenario, old: str, new: str, state: str | None = None) -> Scenario:
    """Return the scenario with another error in place of one, of one state or of all."""
    responses: dict[str, tuple[Response, ...]] = {
        name: tuple(
            replace(response, error=new)
            if isinstance(response, Throw) and response.error == old and state in (None, name)
            else response
            for response in responses
        )
        for name, responses in scenario.responses.items()
    }
    return replace(scenario, responses=responses)


def with_sibling(state: PreparedState, goal: Element, paths: list[ExecutionPath]) -> Iterator[Scenario]:
    """Yield the scenarios of paths, with the error of a goal in place of another one of its retrier or catcher."""
    kind, _, index, name = goal
    handler = (state.catchers if kind == "catch" else state.retriers)[int(index)]
    others = {error_of(each) for each in handler["ErrorEquals"]} - {error_of(str(name))}
    for path in paths:
        errors = {
            response.error for response in path.scenario.responses.get(state.name, ()) if isinstance(response, Throw)
        }
        for error in sorted(errors & others):
            yield with_error(path.scenario, error, error_of(str(name)), state.name)


def recovering(
    path: ExecutionPath, states: list[PreparedState], defaults: Mapping[str, Json], done: set[Element]
) -> Scenario | None:
    """Return the scenario of a path with errors before the results of its states, as many as their retriers take.

    None if all names of its retriers are `done`.
    """
    responses = dict(path.scenario.responses)
    is_new = False
    for state in states:
        throws = tuple(Throw(error) for error in _retried(state, done)) if state.name in path.run.trail else ()
        if throws:
            is_new = True
            answers = () if state.scopes else (Return(defaults.get(state.name)),)
            responses[state.name] = (*throws, *responses.get(state.name, answers))
    return replace(path.scenario, responses=responses) if is_new else None


def _retried(state: PreparedState, done: set[Element]) -> Iterator[str]:
    """Yield an error for each name that a state retries, as long as its retrier has attempts."""
    for index, retrier in enumerate(state.retriers):
        errors = (error_of(name) for name in dict.fromkeys(retrier["ErrorEquals"]))
        left = int(retrier.get("MaxAttempts", 3))
        for error in errors:
            element = retry_element(state, error)
            if left > 0 and element is not None and element[2] == index and element not in done:
                left -= 1
                yield error


def given_up_on(path: ExecutionPath, states: list[PreparedState]) -> set[Element]:
    """Return the names of retriers that give up on a path, and the tasks that time out, as far as they are called."""
    elements: set[Element] = set()
    calls = Counter(call.state for call in path.run.calls)
    for state in states:
        responses = path.scenario.responses.get(state.name, ())
        made = responses if state.scopes else responses[: calls[state.name]]
        errors = [response.error for response in made if isinstance(response, Throw)]
        if not errors:
            continue
        elements |= {goal for goal, fault in exhausting(state).items() if errors.count(fault.error) >= fault.times}
        if can_time_out(state) and errors.count(TIMEOUT) >= attempts_of(state, TIMEOUT):
            elements.add(("timeout", state.name))
    return elements


def recovered_on(path: ExecutionPath, states: list[PreparedState]) -> set[Element]:
    """Return the names of retriers whose errors a path that succeeds has overcome."""
    if path.run.status != "SUCCEEDED":
        return set()
    covered = path.run.covered
    caught = {each[1] for each in covered if each[0] == "catch"}
    return {
        element
        for state in states
        if state.name not in caught
        for index, retrier in enumerate(state.retriers)
        for name in retrier["ErrorEquals"]
        if (element := retry_element(state, error_of(name))) and element[2] == index and element in covered
    }
