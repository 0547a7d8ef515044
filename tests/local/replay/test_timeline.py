"""timeline.py: the visits and calls in an event history."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.replay.support import (
    END,
    FUNCTIONS,
    RETRY,
    SEND,
    TRADER,
    history_event,
    recorded,
    scope,
)
from workflow_dsl.definition.machine import Machine
from workflow_dsl.local import Return, Throw
from workflow_dsl.local.replay.replay import replay
from workflow_dsl.local.replay.timeline import UNKNOWN, read_visits
from workflow_dsl.records import replace


def test_an_event_without_a_link_follows_the_one_before() -> None:
    recording, _ = recorded(TRADER, {"price": 42}, functions=FUNCTIONS)
    events = [{name: value for name, value in event.items() if name != "previousEventId"} for event in recording.events]
    assert replay(replace(recording, events=events), Machine(TRADER)).difference is None


def test_truncated_values_are_not_compared() -> None:
    recording, _ = recorded(TRADER, {"price": 42}, functions=FUNCTIONS)
    for event in recording.events:
        for details in event.values():
            if isinstance(details, dict) and "outputDetails" in details:
                details["outputDetails"] = {"truncated": True}
    [check, *_] = read_visits(recording.events, Machine(TRADER))
    assert (check.output, check.calls[0].result) == (UNKNOWN, UNKNOWN)


def test_an_input_that_is_not_json_is_a_string() -> None:
    events = [{"id": 1, "type": "PassStateEntered", "stateEnteredEventDetails": {"name": "A", "input": "plain"}}]
    [visit] = read_visits(events, Machine(scope(A={"Type": "Pass", **END})))
    assert (visit.input, visit.has_exited) == ("plain", False)


@pytest.mark.parametrize(
    ("type_", "key", "details", "error"),
    [
        ("TaskFailed", "taskFailed", {"error": "Sqs.Busy", "cause": "c"}, "Sqs.Busy"),
        ("TaskSubmitFailed", "taskSubmitFailed", {"error": "States.Denied", "cause": "c"}, "States.Denied"),
        ("TaskStartFailed", "taskStartFailed", {"error": "E", "cause": "c"}, "E"),
        ("TaskTimedOut", "taskTimedOut", {"cause": "c"}, "States.Timeout"),
        ("TaskTimedOut", "taskTimedOut", {"error": "States.HeartbeatTimeout", "cause": "c"}, "States.HeartbeatTimeout"),
    ],
)
def test_every_failure_event_of_a_call_is_read(type_: str, key: str, details: dict[str, Any], error: str) -> None:
    entered = {"name": "A", "input": "{}", "inputDetails": {"truncated": False}}
    resource = {"resourceType": "sqs", "resource": "sendMessage"}
    events = [
        history_event(1, "ExecutionStarted", "executionStarted", {"input": "{}"}),
        {**history_event(2, "TaskStateEntered", "stateEntered", entered), "previousEventId": 0},
        history_event(3, "TaskScheduled", "taskScheduled", {**resource, "parameters": '{"a": 1}'}),
        history_event(4, "TaskStarted", "taskStarted", resource),
        history_event(5, type_, key, details, at=2.5),
    ]
    [visit] = read_visits(events, Machine(scope(A={"Type": "Task", "Resource": SEND, **END})))
    [call] = visit.calls
    assert (call.input, call.error, call.cause, call.duration, call.has_ended) == ({"a": 1}, error, "c", 2.5, True)


def test_a_parallel_without_a_retrier_is_retried_by_the_one_around_it() -> None:
    inner = {"Type": "Parallel", "Branches": [scope(Ask={"Type": "Task", "Resource": "${Checker}", **END})], **END}
    machine = scope(Outer={"Type": "Parallel", "Branches": [scope(Inner=inner)], "Retry": RETRY, **END})
    recording, _ = recorded(machine, {}, functions=FUNCTIONS, mocks={"Ask": [Throw("Busy"), Return(1)]})
    [outer] = read_visits(recording.events, Machine(machine))
    assert (outer.attempt, {key: [visit.attempt for visit in visits] for key, visits in outer.nested.items()}) == (
        1,
        {(0, 0): [0], (1, 0): [0]},
    )
    assert replay(recording, Machine(machine)).difference is None


@pytest.mark.parametrize(
    ("resource", "called"),
    [
        ({"resourceType": "dynamodb", "resource": "putItem"}, "dynamodb:putItem"),
        ({"resourceType": "states", "resource": "arn:aws:states:::dynamodb:putItem"}, "dynamodb:putItem"),
        (
            {"resourceType": "lambda", "resource": "arn:aws:lambda:us-east-1:1:function:f"},
            "arn:aws:lambda:us-east-1:1:function:f",
        ),
    ],
)
def test_every_spelling_of_a_resource_in_a_history_is_read(resource: dict[str, str], called: str) -> None:
    events = [
        history_event(1, "ExecutionStarted", "executionStarted", {"input": "{}"}),
        {**history_event(2, "TaskStateEntered", "stateEntered", {"name": "T", "input": "{}"}), "previousEventId": 0},
        history_event(3, "TaskScheduled", "taskScheduled", {**resource, "parameters": "{}"}),
    ]
    [visit] = read_visits(events, Machine(scope(T={"Type": "Task", "Resource": "${X}", **END})))
    assert [call.resource for call in visit.calls] == [called]
