"""failure.py: where a recorded execution broke, for each kind of failure."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local.replay.support import BOTH, DISTRIBUTED, END, RETRY, history_event, recorded, scope
from workflow_dsl.local.console import recording_result_lines
from workflow_dsl.local.replay.failure import Failure, failure_lines, failure_of
from workflow_dsl.records import replace

FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:charge"
CHARGE = {"Type": "Task", "Resource": FUNCTION, "Retry": RETRY, **END}
FAIL = {"Type": "Fail", "Error": "Bad", "Cause": "why"}
EACH = {"Type": "Map", "ItemProcessor": scope(Charge=CHARGE), **END}
CHOOSE = {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "Stop"}]}


def refuse(event: Any, context: Any) -> Any:
    if event == 2:
        raise ValueError("no funds")
    return event


KINDS: dict[str, tuple[dict[str, Any], Any, str, int]] = {
    "a Fail": (scope(First={"Type": "Pass", "Next": "Stop"}, Stop=FAIL), {}, '"Stop"', 0),
    "a Choice": (scope(Choose=CHOOSE, Stop=FAIL), {}, '"Choose"', 0),
    "a Wait": (scope(Wait={"Type": "Wait", "SecondsPath": "$.none", **END}), {}, '"Wait"', 0),
    "a path": (scope(Read={"Type": "Pass", "InputPath": "$.none", **END}), {}, '"Read"', 0),
    "an expression": (
        {"QueryLanguage": "JSONata", **scope(Read={"Type": "Pass", "Output": "{% $none %}", **END})}, {}, '"Read"', 0,
    ),
    "a task": (scope(Charge=CHARGE), 2, '"Charge"', 2),
    "an item": (scope(Each=EACH), [1, 2, 3], '"Charge" in item 1 of "Each"', 2),
    "a Map": (scope(Each={**EACH, "ItemsPath": "$.none"}), {}, '"Each"', 0),
    "a branch": (
        scope(Both={"Type": "Parallel", "Branches": [scope(A={"Type": "Pass", **END}), scope(Charge=CHARGE)], **END}),
        2, '"Charge" in branch 1 of "Both"', 2,
    ),
    "a branch of an item": (
        scope(Each={"Type": "Map", "ItemProcessor": scope(Both={**BOTH, "Branches": [scope(Stop=FAIL)], "Catch": [], "Next": "A"}, A={"Type": "Pass", **END}), **END}),
        [1], '"Stop" in branch 0 of "Both" in item 0 of "Each"', 0,
    ),
    "after a Map": (
        scope(Each={"Type": "Map", "ItemProcessor": scope(A={"Type": "Pass", **END}), "Next": "Stop"}, Stop=FAIL),
        [1, 2], '"Stop"', 0,
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_a_failure_has_its_place_and_its_retries(kind: str) -> None:
    definition, execution_input, where, retries = KINDS[kind]
    recording, execution = recorded(definition, execution_input, functions={"charge": refuse})
    failure = failure_of(recording)
    assert failure is not None
    assert (recording.status, failure.where, failure.retries) == ("FAILED", where, retries)
    assert (failure.error, failure.cause) == (execution.error or "", execution.cause or "")


def test_a_success_and_a_running_execution_have_no_failure() -> None:
    recording, _ = recorded(scope(Charge=CHARGE), 1, functions={"charge": refuse})
    assert failure_of(recording) is None
    assert failure_of(replace(recording, status="RUNNING")) is None
    assert failure_of(replace(recording, status="FAILED", events=[])) is None


def test_a_failed_function_has_its_input_call_log_and_request() -> None:
    recording, _ = recorded(scope(Charge=CHARGE), 2, functions={"charge": refuse})
    cause = json.dumps({"errorMessage": "no funds", "requestId": "r1"})
    assert list(recording_result_lines(replace(recording, cause=cause)))[1:] == [
        'In "Charge", after 2 retries: ValueError: no funds',
        "Input: 2",
        f"Called: {FUNCTION} with 2",
        f"Cause: {cause}",
        "Log group: /aws/lambda/charge, request ID r1",
        'Redrive: runs on from "Charge" with the same definition; it can succeed once the called function or service works',
    ]


@pytest.mark.parametrize("name", [FUNCTION, f"{FUNCTION}:live", "charge", "charge:4", "111111111111:function:charge"])
def test_the_optimized_integration_names_the_function_too(name: str) -> None:
    parameters = json.dumps({"FunctionName": name})
    failure = Failure("Charge", [], "E", "no JSON", resource="lambda:invoke", parameters=parameters)
    assert (failure.function, failure.request_id) == ("charge", None)
    assert replace(failure, resource="sqs:sendMessage").function is None


def test_a_long_cause_is_shown_whole_at_the_end() -> None:
    long = "x" * 500
    recording, _ = recorded(scope(Stop={**FAIL, "Cause": long}))
    assert f"Cause: {long}" in list(recording_result_lines(recording))


def test_a_child_execution_and_a_map_run_are_named() -> None:
    child = "arn:aws:states:us-east-1:111111111111:execution:child:c"
    answers = json.dumps({"ExecutionArn": child})
    recording, _ = recorded(scope(Start={"Type": "Pass", **END}))
    started = [
        history_event(1, "TaskStateEntered", "stateEntered", {"name": "Start", "input": "{}"}),
        history_event(
            2, "TaskScheduled", "taskScheduled", {"resourceType": "states", "resource": "startExecution.sync"}
        ),
        history_event(3, "TaskSubmitted", "taskSubmitted", {"output": answers}),
        history_event(4, "MapRunStarted", "mapRunStarted", {"mapRunArn": "run"}),
        history_event(5, "ExecutionFailed", "executionFailed", {"error": "States.TaskFailed"}),
    ]
    failure = failure_of(replace(recording, status="FAILED", events=started, cause=None, error=None))
    assert failure == Failure(
        "Start", [], "States.TaskFailed", "", "{}", 0, "states:startExecution.sync", None, "run", child
    )
    assert list(failure_lines(failure)) == [
        "Input: {}",
        "Called: states:startExecution.sync with what the history does not have",
        f"Child execution: {child}",
        "Map Run: run",
        'Redrive: runs on from "Start" with the same definition; it can succeed once the called function or service works',
    ]


def test_an_aborted_execution_was_in_its_last_state() -> None:
    recording, _ = recorded(scope(Wait={"Type": "Wait", "Seconds": 9, **END}))
    events = [
        *recording.events[:2],
        {**recording.events[-1], "id": 3, "previousEventId": 0, "type": "ExecutionAborted"},
    ]
    aborted = replace(recording, status="ABORTED", events=events, output=None)
    assert list(recording_result_lines(aborted))[1] == 'In "Wait": was aborted'


def test_a_failed_map_run_names_the_map() -> None:
    definition = scope(Fan={"Type": "Map", "ItemProcessor": {**scope(Stop=FAIL), **DISTRIBUTED}, **END})
    failure = failure_of(recorded(definition, [1])[0])
    assert failure is not None
    assert (failure.where, failure.map_run is not None) == ('"Fan"', True)


def test_a_long_input_is_cut_and_its_length_said() -> None:
    failure = Failure("A", [], "E", "", input=f'"{"x" * 3000}"')
    assert next(failure_lines(failure)) == f'Input: "{"x" * 1999}... (3002 characters)'
