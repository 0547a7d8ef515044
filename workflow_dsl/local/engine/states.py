"""Pass, Succeed, Fail, Choice and Wait: the state types that fail for good, without Retry and Catch.

A state returns its output, the variables it assigns and the name of the next state. Wait is a generator, which yields
the moment it waits for (see scheduler.py). Rules: States Language, "State Types"; order of events: recorded executions.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import to_json
from workflow_dsl.expressions.problems import EvaluationProblem, PathNotFound
from workflow_dsl.expressions.timestamps import parse_timestamp
from workflow_dsl.local.engine.choice import rule_matches
from workflow_dsl.local.engine.dataflow import (
    apply_output_path,
    assigned_variables,
    evaluate,
    evaluate_as,
    jsonata_output,
    path_error,
    query_error,
    read_parameter,
    read_path_field,
    state_error,
    state_input,
    state_output,
)
from workflow_dsl.local.engine.execution import Thread
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.engine.protocol import Engine
from workflow_dsl.local.errors import NO_CHOICE_MATCHED, StateError

Assigned = dict[str, Json] | None
StateResult = tuple[Json, Assigned, str | None]  # the output, the assigned variables, the next state
StateSteps = Generator[Any, Any, StateResult]
DEFAULT = -1  # the number of a Choice's Default, beside those of its rules
LONGEST_WAIT = 2**31 - 1  # seconds; the range of the service's timers


def pass_state(thread: Thread, state: PreparedState, value: Json) -> StateResult:
    """Run a Pass state."""
    if state.is_jsonata:
        return *jsonata_output(state, thread, {"input": value}, value), state.next
    data = state_input(state, thread, value)
    if "Result" in state.fields:
        data = state.fields["Result"]
        thread.note("result", data)
    return *state_output(state, thread, value, data), state.next


def succeed_state(thread: Thread, state: PreparedState, value: Json) -> StateResult:
    """Run a Succeed state."""
    if state.is_jsonata:
        return *jsonata_output(state, thread, {"input": value}, value), None
    return *state_output(state, thread, value, state_input(state, thread, value)), None


def fail_state(thread: Thread, state: PreparedState, value: Json) -> StateResult:
    """Run a Fail state: raise its error."""
    error, cause = (_failure_field(thread, state, field, value) for field in ("Error", "Cause"))
    raise StateError(error, cause)


def _failure_field(thread: Thread, state: PreparedState, field: str, value: Json) -> str | None:
    if f"{field}Path" in state.fields:
        text = read_path_field(state, thread, f"{field}Path", value)
        if not isinstance(text, str):
            cause = f"The {field}Path parameter does not reference a string: {state.fields[f'{field}Path']}"
            raise state_error(state, thread, f"{cause} == {to_json(text)}")
        return text
    if field not in state.fields:
        return None
    if state.is_jsonata:
        text = evaluate_as(state, thread, field, "string", {"input": value})
        return text if isinstance(text, str) else to_json(text)
    return str(state.fields[field])


def choice_state(thread: Thread, state: PreparedState, value: Json) -> StateResult:
    """Run a Choice state."""
    if state.is_jsonata:
        return _choose_jsonata(thread, state, value)
    data = state_input(state, thread, value)
    rules = state.fields["Choices"]
    chosen = next((index for index, rule in enumerate(rules) if _matches(thread, state, rule, data)), DEFAULT)
    target = _target(thread, state, chosen)
    assigned = assigned_variables(state, thread, _chosen_fields(state, chosen).get("Assign"), data)
    return apply_output_path(state, thread, data), assigned, target


def _chosen_fields(state: PreparedState, chosen: int) -> Mapping[str, Json]:
    """Return the fields with the next state and the assignments: the chosen rule, or for Default the state itself."""
    fields: Mapping[str, Json] = state.fields if chosen == DEFAULT else state.fields["Choices"][chosen]
    return fields


def _matches(thread: Thread, state: PreparedState, rule: Mapping[str, Json], data: Json) -> bool:
    def read(path: str) -> Json:
        return thread.read(path, data)

    def is_present(path: str) -> bool:
        try:
            read(path)
        except PathNotFound:
            return False
        return True

    try:
        return rule_matches(rule, read, is_present)
    except (PathNotFound, EvaluationProblem) as problem:
        path = _first_missing(rule, is_present)
        cause = f"Invalid path '{path}': The choice state's condition path references an invalid value."
        raise path_error(state, thread, problem, cause) from None


def _first_missing(rule: Mapping[str, Json], is_present: Callable[[str], bool]) -> str:
    waiting = [rule]
    while waiting:
        rule = waiting.pop(0)
        waiting += rule.get("And", []) + rule.get("Or", []) + ([rule["Not"]] if "Not" in rule else [])
        for name, operand in rule.items():
            if (name == "Variable" or name.endswith("Path")) and not is_present(operand):
                return str(operand)
    return "$"


def _choose_jsonata(thread: Thread, state: PreparedState, value: Json) -> StateResult:
    states, chosen = {"input": value}, DEFAULT
    for index, rule in enumerate(state.fields["Choices"]):
        location = f"Choices[{index}]/Condition"
        condition = evaluate(state, thread, location, rule["Condition"], states)
        if not isinstance(condition, bool):
            subject = f"The JSONata expression '{rule['Condition']}' specified for the field '{location}'"
            types = f"Expected 'boolean' for value: {to_json(condition)}"
            raise query_error(state, thread, f"{subject} returned an unexpected result type. {types}", location)
        if condition:
            chosen = index
            break
    target = _target(thread, state, chosen)
    location = "" if chosen == DEFAULT else f"Choices[{chosen}]/"
    return *jsonata_output(state, thread, states, value, _chosen_fields(state, chosen), location), target


def _target(thread: Thread, state: PreparedState, chosen: int) -> str:
    thread.execution.covered.add(("rule", state.name, chosen))
    target = _chosen_fields(state, chosen).get("Default" if chosen == DEFAULT else "Next")
    if target is None:
        cause = f"Failed to transition out of the state '{state.name}'. The state does not point to a next state."
        raise state_error(state, thread, cause, NO_CHOICE_MATCHED)
    return str(target)


def wait_state(engine: Engine, thread: Thread, state: PreparedState, value: Json) -> StateSteps:
    """Run a Wait state: yield the moment at which it ends."""
    data = value if state.is_jsonata else state_input(state, thread, value)
    seconds = _wait_seconds(thread, state, data)
    if seconds > LONGEST_WAIT:
        raise state_error(state, thread, "Wait state delay is too long.")
    if seconds > 0:
        yield engine.scheduler.now + seconds
    if state.is_jsonata:
        return *jsonata_output(state, thread, {"input": value}, value), state.next
    return *state_output(state, thread, value, data), state.next


def _wait_seconds(thread: Thread, state: PreparedState, data: Json) -> float:
    fields = state.fields
    if "Seconds" in fields:
        return _jsonata_seconds(thread, state, data) if isinstance(fields["Seconds"], str) else float(fields["Seconds"])
    if "SecondsPath" in fields:
        return _seconds_at_path(thread, state, data)
    if fields.get("TimestampPath") is not None:
        return _seconds_until_path(thread, state, data)
    return _seconds_until_timestamp(thread, state, data)


def _jsonata_seconds(thread: Thread, state: PreparedState, data: Json) -> float:
    seconds = evaluate_as(state, thread, "Seconds", "number", {"input": data})
    if isinstance(seconds, float) and not seconds.is_integer():
        raise query_error(state, thread, f"The Seconds field must be a whole number: {to_json(seconds)}", "Seconds")
    if seconds < 0:
        raise query_error(
            state, thread, f"The Seconds field references a negative value: {to_json(seconds)}", "Seconds"
        )
    return float(seconds)


def _seconds_at_path(thread: Thread, state: PreparedState, data: Json) -> float:
    path = state.fields["SecondsPath"]
    seconds = read_parameter(state, thread, "SecondsPath", path, data)
    if isinstance(seconds, str) and seconds.isdecimal():
        seconds = int(seconds)
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        text = seconds if isinstance(seconds, str) else to_json(seconds)
        raise state_error(
            state, thread, f"The SecondsPath parameter cannot be parsed as a long value: {path} == {text}"
        )
    if seconds < 0:
        raise state_error(state, thread, f"The SecondsPath parameter references a negative value: {path} == {seconds}")
    return float(seconds)


def _seconds_until_path(thread: Thread, state: PreparedState, data: Json) -> float:
    path = state.fields["TimestampPath"]
    timestamp = read_parameter(state, thread, "TimestampPath", path, data)
    moment = parse_timestamp(timestamp)
    if moment is None:
        cause = (
            "The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string:"
        )
        text = timestamp if isinstance(timestamp, str) else to_json(timestamp)
        raise state_error(state, thread, f"{cause} {path} == {text}")
    return (moment - thread.moment()).total_seconds()


def _seconds_until_timestamp(thread: Thread, state: PreparedState, data: Json) -> float:
    timestamp = state.fields.get("Timestamp")
    if state.is_jsonata:
        timestamp = evaluate_as(state, thread, "Timestamp", "string", {"input": data})
    moment = parse_timestamp(timestamp)
    if moment is None:
        cause = "The Timestamp field cannot be parsed as an ISO-8601 extended offset date-time format string:"
        failure = query_error(state, thread, f"{cause} {timestamp}", "Timestamp")
        failure.follows_entry = True
        raise failure
    return (moment - thread.moment()).total_seconds()
