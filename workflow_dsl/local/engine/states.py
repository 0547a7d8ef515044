"""The eight state types: what each does between being entered and being left.

A state returns its output, the variables it assigns and where it goes; one that may wait is a generator that yields
what it waits for (see scheduler.py). Rules: States Language, "State Types"; order of events: what the service recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import to_json
from workflow_dsl.expressions.jsonpath import parse_path
from workflow_dsl.expressions.problems import EvaluationProblem, PathNotFound
from workflow_dsl.expressions.timestamps import parse_timestamp
from workflow_dsl.local.engine import history
from workflow_dsl.local.engine.choice import rule_matches
from workflow_dsl.local.engine.dataflow import (
    assignments,
    check_size,
    cut_output,
    evaluated,
    evaluated_as,
    failed,
    jsonata_output,
    note_evaluation,
    path_field,
    placed,
    query_failed,
    state_input,
    state_output,
)
from workflow_dsl.local.engine.execution import Thread
from workflow_dsl.local.engine.prepared import PreparedScope, PreparedState
from workflow_dsl.local.engine.protocol import Engine
from workflow_dsl.local.errors import NO_CHOICE_MATCHED, StateError, matches, retry_delay

Assigned = dict[str, Json] | None
Left = tuple[Json, Assigned, str | None]  # output, variables assigned, the next state
Steps = Generator[Any, Any, Left]
DEFAULT = -1  # a Choice's Default among the numbers of its rules
LONGEST_WAIT = 2**31 - 1  # seconds; what the service's timers hold


def run_scope(engine: Engine, branch: Thread, scope: PreparedScope, value: Json) -> Generator[Any, Any, Json]:
    """Runs the states of a scope from its start to an end; the output of the last one."""
    name: str | None = scope.start
    previous = ""
    covered = branch.execution.covered
    while name is not None:
        node = scope.nodes[name]
        branch.enter(node, history.entered, value)
        covered.add(("transition", previous, name))
        try:
            if node.type in IMMEDIATE:
                output, assigned, name = IMMEDIATE[node.type](branch, node, value)
            else:
                output, assigned, name = yield from WAITING[node.type](engine, branch, node, value)
        except StateError as problem:
            note_evaluation(branch, node, problem)
            problem.state = problem.state or node.name
            raise
        if output is not value:
            check_size(node, output)
        if assigned:
            branch.variables = {**branch.variables, **assigned}
        branch.note(node.exited_type, history.exited, node.name, output, assigned)
        value, previous = output, node.name
        if branch.is_shared:
            yield None
    return value


def _states(value: Json, **more: Json) -> dict[str, Json]:
    return {"input": value, **more}


def pass_state(branch: Thread, node: PreparedState, value: Json) -> Left:
    if node.is_plain:
        return value, None, node.next
    if node.is_jsonata:
        return *jsonata_output(node, branch, _states(value), value), node.next
    data = state_input(node, branch, value)
    return *state_output(node, branch, value, node.fields.get("Result", data)), node.next


def succeed_state(branch: Thread, node: PreparedState, value: Json) -> Left:
    if node.is_jsonata:
        return *jsonata_output(node, branch, _states(value), value), None
    return *state_output(node, branch, value, state_input(node, branch, value)), None


def fail_state(branch: Thread, node: PreparedState, value: Json) -> Left:
    said = [_fail_text(branch, node, field, value) for field in ("Error", "Cause")]
    raise StateError(said[0], said[1])


def _fail_text(branch: Thread, node: PreparedState, field: str, value: Json) -> str | None:
    if f"{field}Path" in node.fields:
        text = path_field(node, branch, f"{field}Path", value)
        if not isinstance(text, str):
            cause = f"The {field}Path parameter does not reference a string: {node.fields[f'{field}Path']}"
            raise failed(node, branch, f"{cause} == {to_json(text)}")
        return text
    if field not in node.fields:
        return None
    if node.is_jsonata:
        text = evaluated_as(node, branch, field, "string", _states(value))
        return text if isinstance(text, str) else to_json(text)
    return str(node.fields[field])


def choice_state(branch: Thread, node: PreparedState, value: Json) -> Left:
    if node.is_jsonata:
        return _choose_jsonata(branch, node, value)
    data = state_input(node, branch, value)
    rules = node.fields["Choices"]
    chosen = next((index for index, rule in enumerate(rules) if _matches(branch, node, rule, data)), DEFAULT)
    target = _target(branch, node, chosen)
    assigned = assignments(node, branch, _of_choice(node, chosen).get("Assign"), data)
    return cut_output(node, branch, data), assigned, target


def _of_choice(node: PreparedState, chosen: int) -> Mapping[str, Json]:
    """What says where a Choice goes and what it assigns: the rule that was chosen, or by default the state itself."""
    found: Mapping[str, Json] = node.fields if chosen == DEFAULT else node.fields["Choices"][chosen]
    return found


def _matches(branch: Thread, node: PreparedState, rule: Mapping[str, Json], data: Json) -> bool:
    def read(path: str) -> Json:
        return branch.read(path, data)

    def is_present(path: str) -> bool:
        try:
            read(path)
        except PathNotFound:
            return False
        return True

    try:
        return rule_matches(rule, read, is_present)
    except (PathNotFound, EvaluationProblem):
        path = _first_missing(rule, is_present)
        cause = f"Invalid path '{path}': The choice state's condition path references an invalid value."
        raise failed(node, branch, cause) from None


def _first_missing(rule: Mapping[str, Json], is_present: Callable[[str], bool]) -> str:
    waiting = [rule]
    while waiting:
        each = waiting.pop(0)
        waiting += each.get("And", []) + each.get("Or", []) + ([each["Not"]] if "Not" in each else [])
        for name, operand in each.items():
            if (name == "Variable" or name.endswith("Path")) and not is_present(operand):
                return str(operand)
    return "$"


def _choose_jsonata(branch: Thread, node: PreparedState, value: Json) -> Left:
    states, chosen = _states(value), DEFAULT
    for index, rule in enumerate(node.fields["Choices"]):
        condition = evaluated(node, branch, f"Choices[{index}]/Condition", rule["Condition"], states)
        if not isinstance(condition, bool):
            said = f"The JSONata expression '{rule['Condition']}' specified for the field 'Choices[{index}]/Condition'"
            cause = f"{said} returned an unexpected result type. Expected 'boolean' for value: {to_json(condition)}"
            raise query_failed(node, branch, cause, f"Choices[{index}]/Condition")
        if condition:
            chosen = index
            break
    target = _target(branch, node, chosen)
    where = "" if chosen == DEFAULT else f"Choices[{chosen}]/"
    return *jsonata_output(node, branch, states, value, _of_choice(node, chosen), where), target


def _target(branch: Thread, node: PreparedState, chosen: int) -> str:
    branch.execution.covered.add(("rule", node.name, chosen))
    target = _of_choice(node, chosen).get("Default" if chosen == DEFAULT else "Next")
    if target is None:
        said = f"Failed to transition out of the state '{node.name}'. The state does not point to a next state."
        raise StateError(NO_CHOICE_MATCHED, f"{branch.executing(node)} {said}")
    return str(target)


def wait_state(engine: Engine, branch: Thread, node: PreparedState, value: Json) -> Steps:
    data = value if node.is_jsonata else state_input(node, branch, value)
    seconds = _wait_seconds(branch, node, data)
    if seconds > LONGEST_WAIT:
        raise failed(node, branch, "Wait state delay is too long.")
    if seconds > 0:
        yield engine.scheduler.now + seconds
    if node.is_jsonata:
        return *jsonata_output(node, branch, _states(value), value), node.next
    return *state_output(node, branch, value, data), node.next


def _wait_seconds(branch: Thread, node: PreparedState, data: Json) -> float:
    fields = node.fields
    if "Seconds" in fields:
        if isinstance(fields["Seconds"], str):
            return _jsonata_seconds(branch, node, data)
        return float(fields["Seconds"])
    if "SecondsPath" in fields:
        return _seconds_at_path(branch, node, data)
    path = fields.get("TimestampPath")
    text = fields.get("Timestamp")
    if path is not None:
        try:
            text = branch.read(path, data)
        except (PathNotFound, EvaluationProblem):
            raise failed(
                node, branch, f"The TimestampPath parameter does not reference an input value: {path}"
            ) from None
    elif node.is_jsonata:
        text = evaluated_as(node, branch, "Timestamp", "string", _states(data))
    moment = parse_timestamp(text)
    if moment is None and path is not None:
        cause = (
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string:"
        )
        raise failed(node, branch, f"{cause} {path} == {text if isinstance(text, str) else to_json(text)}")
    if moment is None:
        cause = f"The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string: {text}"
        problem = query_failed(node, branch, cause, "Timestamp")
        problem.follows_entry = True
        raise problem
    return (moment - branch.moment()).total_seconds()


def _jsonata_seconds(branch: Thread, node: PreparedState, data: Json) -> float:
    seconds = evaluated_as(node, branch, "Seconds", "number", _states(data))
    if isinstance(seconds, float) and not seconds.is_integer():
        raise query_failed(node, branch, f"The Seconds field must be a whole number: {to_json(seconds)}", "Seconds")
    if seconds < 0:
        raise query_failed(
            node, branch, f"The Seconds field references a negative value: {to_json(seconds)}", "Seconds"
        )
    return float(seconds)


def _seconds_at_path(branch: Thread, node: PreparedState, data: Json) -> float:
    path = node.fields["SecondsPath"]
    try:
        seconds = branch.read(path, data)
    except (PathNotFound, EvaluationProblem):
        raise failed(node, branch, f"The SecondsPath parameter does not reference an input value: {path}") from None
    if isinstance(seconds, str) and seconds.isdecimal():
        seconds = int(seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        said = seconds if isinstance(seconds, str) else to_json(seconds)
        raise failed(node, branch, f"The SecondsPath parameter cannot be parsed as a long value: {path} == {said}")
    if seconds < 0:
        raise failed(node, branch, f"The SecondsPath parameter references a negative value: {path} == {seconds}")
    return float(seconds)


Attempt = Callable[[Engine, Thread, PreparedState, Json], Generator[Any, Any, Json]]


def handled(attempt: Attempt) -> Callable[[Engine, Thread, PreparedState, Json], Steps]:
    """A state whose failures Retry and Catch look at; the attempt returns its result."""

    def state(engine: Engine, branch: Thread, node: PreparedState, value: Json) -> Steps:
        counts: dict[int, int] = {}
        while True:
            try:
                result = yield from attempt(engine, branch, node, value)
                output, assigned = _left(branch, node, value, result)
                if output is not value:
                    check_size(node, output)
            except StateError as problem:
                note_evaluation(branch, node, problem)
                delay = _delay(branch, node, problem, counts)
                if delay is None and problem.ends_with:
                    branch.note(problem.ends_with)
                    problem.ends_with = None
                if delay is None:
                    return _caught(branch, node, value, problem)
                branch.retries += 1
                if delay > 0:
                    yield engine.scheduler.now + delay
            else:
                return output, assigned, node.next

    return state


def _left(branch: Thread, node: PreparedState, value: Json, result: Json) -> tuple[Json, Assigned]:
    if node.is_jsonata:
        return jsonata_output(node, branch, _states(value, result=result), result)
    return state_output(node, branch, value, result)


def _delay(branch: Thread, node: PreparedState, problem: StateError, counts: dict[int, int]) -> float | None:
    """Seconds until the next attempt, None when there is none. A retrier keeps its count for the whole visit."""
    for index, retrier in enumerate(node.retriers):
        if matches(retrier["ErrorEquals"], problem.error):
            attempt = counts[index] = counts.get(index, 0) + 1
            if attempt > retrier.get("MaxAttempts", 3):
                return None
            branch.execution.covered.add(("retry", node.name, index))
            delay = retry_delay(retrier, attempt)
            return branch.random.uniform(0, delay) if retrier.get("JitterStrategy") == "FULL" else delay
    return None


def _caught(branch: Thread, node: PreparedState, value: Json, problem: StateError) -> Left:
    for index, catcher in enumerate(node.catchers):
        if matches(catcher["ErrorEquals"], problem.error):
            branch.execution.covered.add(("catch", node.name, index))
            error = problem.as_output()
            if node.is_jsonata:
                states = _states(value, errorOutput=error)
                return *jsonata_output(node, branch, states, error, catcher, f"Catch[{index}]/"), catcher["Next"]
            path = catcher.get("ResultPath", "$")
            output = value if path is None else placed(parse_path(path), value, error)
            return output, assignments(node, branch, catcher.get("Assign"), error), catcher["Next"]
    raise problem


IMMEDIATE: dict[str, Callable[[Thread, PreparedState, Json], Left]] = {
    "Pass": pass_state,
    "Succeed": succeed_state,
    "Fail": fail_state,
    "Choice": choice_state,
}
WAITING: dict[str, Callable[[Engine, Thread, PreparedState, Json], Steps]] = {"Wait": wait_state}
