"""callbacks.py: tasks that wait for a callback, with and without one."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from workflow_dsl.local import (
    BotoServices,
    LambdaContext,
    Run,
    run,
    send_task_failure,
    send_task_heartbeat,
    send_task_success,
)

INVOKE = "arn:aws:states:::lambda:invoke.waitForTaskToken"
CHILD = "arn:aws:states:us-east-1:111111111111:stateMachine:child"
YEAR = 365 * 24 * 3600
Callback = Callable[[str], None]


def machine(**fields: Any) -> dict[str, Any]:
    """A machine whose task T passes its token to the function F, and waits."""
    payload = {"token.$": "$$.Task.Token"}
    task = {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "F", "Payload": payload}, "End": True}
    return {"StartAt": "T", "States": {"T": {**task, **fields}}}


def run_with_callback(callback: Callback, **fields: Any) -> Run:
    """Run a task whose function calls `callback` with the token."""

    def handler(event: Any, context: LambdaContext) -> None:
        callback(event["token"])

    return run(machine(**fields), functions={"F": handler})


def outcome(run_: Run) -> tuple[Any, ...]:
    result = (run_.output,) if run_.status == "SUCCEEDED" else (run_.error, run_.cause)
    return (run_.status, *result, run_.duration)


def all_of(*callbacks: Callback) -> Callback:
    def send_all(token: str) -> None:
        for callback in callbacks:
            callback(token)

    return send_all


def success(output: Any, after: float = 0) -> Callback:
    return lambda token: send_task_success(token, output, after=after)


def failure(error: str = "", cause: str = "", after: float = 0) -> Callback:
    return lambda token: send_task_failure(token, error, cause, after=after)


def heartbeat(after: float = 0) -> Callback:
    return lambda token: send_task_heartbeat(token, after=after)


def nothing(token: str) -> None:
    """Send no callback."""


CALLBACKS: list[tuple[Callback, dict[str, Any], tuple[Any, ...]]] = [
    (success({"a": 1}), {}, ("SUCCEEDED", {"a": 1}, 0)),
    (success(None), {}, ("SUCCEEDED", None, 0)),
    (success([1], after=90), {}, ("SUCCEEDED", [1], 90)),
    (failure("E", "c"), {}, ("FAILED", "E", "c", 0)),
    (failure("E", "c", after=5), {}, ("FAILED", "E", "c", 5)),
    (success(1, after=4), {"TimeoutSeconds": 5}, ("SUCCEEDED", 1, 4)),
    (success(1, after=6), {"TimeoutSeconds": 5}, ("FAILED", "States.Timeout", None, 5)),
    (success(1, after=6), {"HeartbeatSeconds": 5}, ("FAILED", "States.HeartbeatTimeout", None, 5)),
    (nothing, {"TimeoutSeconds": 5}, ("FAILED", "States.Timeout", None, 5)),
    (nothing, {"HeartbeatSeconds": 3, "TimeoutSeconds": 5}, ("FAILED", "States.HeartbeatTimeout", None, 3)),
    (all_of(heartbeat(after=4), success(1, after=8)), {"HeartbeatSeconds": 5}, ("SUCCEEDED", 1, 8)),
    (all_of(heartbeat(), heartbeat(after=4), success(1, after=8)), {"HeartbeatSeconds": 5}, ("SUCCEEDED", 1, 8)),
    (all_of(heartbeat(after=4), heartbeat(after=8), success(1, after=14)), {"HeartbeatSeconds": 5},
     ("FAILED", "States.HeartbeatTimeout", None, 13)),
    (all_of(heartbeat(after=4), heartbeat(after=8)), {"HeartbeatSeconds": 5, "TimeoutSeconds": 10},
     ("FAILED", "States.Timeout", None, 10)),
    (all_of(heartbeat(after=1), success(1, after=2)), {}, ("SUCCEEDED", 1, 2)),
    (all_of(success("first", after=1), success("second", after=2)), {}, ("SUCCEEDED", "first", 1)),
    (all_of(failure("E", "c", after=3), success("sooner", after=2)), {}, ("SUCCEEDED", "sooner", 2)),
]  # fmt: skip


@pytest.mark.parametrize(("callback", "fields", "expected"), CALLBACKS)
def test_callbacks_and_timeouts_set_the_outcome_of_a_waiting_task(
    callback: Callback, fields: dict[str, Any], expected: Any
) -> None:
    assert outcome(run_with_callback(callback, **fields)) == expected


def test_heartbeat_and_timeout_may_be_read_from_the_input() -> None:
    by_path = machine(HeartbeatSecondsPath="$.beat", TimeoutSecondsPath="$.most")
    execution = run(by_path, {"beat": 3, "most": 5}, functions={"F": lambda event, context: None})
    assert (execution.error, execution.duration) == ("States.HeartbeatTimeout", 3)


def test_an_execution_without_a_callback_times_out_after_a_year() -> None:
    execution = run_with_callback(nothing)
    assert (execution.status, execution.output, execution.duration) == ("TIMED_OUT", None, YEAR)


def test_every_retry_of_a_failed_callback_has_a_new_token() -> None:
    def callback(token: str) -> None:
        tokens.append(token)
        (failure("E") if len(tokens) < 3 else success("third time"))(token)

    tokens: list[str] = []
    execution = run_with_callback(callback, Retry=[{"ErrorEquals": ["E"]}])
    assert (outcome(execution), len(set(tokens))) == (("SUCCEEDED", "third time", 3), 3)


def test_an_exception_of_the_handler_fails_the_task_before_any_callback() -> None:
    def handler(event: Any, context: LambdaContext) -> None:
        send_task_success(event["token"], 1, after=5)
        raise ValueError("broken")

    execution = run(machine(), functions={"F": handler})
    assert (execution.error, execution.duration) == ("ValueError", 0)


@pytest.mark.parametrize("callback", [success(1), failure("E"), heartbeat()])
def test_an_unknown_token_is_a_lookup_error(callback: Callback) -> None:
    with pytest.raises(LookupError, match="unknown task token"):
        callback("never issued")


def test_a_token_is_unknown_when_its_task_has_ended() -> None:
    tokens: list[str] = []
    run_with_callback(all_of(tokens.append, success(1)))
    run_with_callback(tokens.append, TimeoutSeconds=1)
    for token in tokens:
        with pytest.raises(LookupError, match="already answered, timed out, or never issued"):
            send_task_success(token, 1)


def test_the_events_of_a_callback() -> None:
    execution = run_with_callback(success({"a": 1}, after=2), HeartbeatSeconds=5)
    start = execution.history[0]["timestamp"]
    events = [event for event in execution.history if event["type"].startswith("Task") and "State" not in event["type"]]
    assert [(event["type"], (event["timestamp"] - start).total_seconds()) for event in events] == [
        ("TaskScheduled", 0),
        ("TaskStarted", 0),
        ("TaskSubmitted", 0),
        ("TaskSucceeded", 2),
    ]
    resource = {"resourceType": "lambda", "resource": "invoke.waitForTaskToken"}
    assert events[0]["taskScheduledEventDetails"]["heartbeatInSeconds"] == 5
    assert json.loads(events[2]["taskSubmittedEventDetails"]["output"])["Payload"] is None
    assert events[3]["taskSucceededEventDetails"] == {
        **resource, "output": '{"a":1}', "outputDetails": {"truncated": False}}  # fmt: skip


def test_a_missed_heartbeat_is_recorded_as_a_timeout() -> None:
    execution = run_with_callback(nothing, HeartbeatSeconds=5)
    assert [event["type"] for event in execution.history][-2:] == ["TaskTimedOut", "ExecutionFailed"]
    assert execution.history[-2]["taskTimedOutEventDetails"]["error"] == "States.HeartbeatTimeout"


def test_a_callback_to_a_stopped_task_has_no_effect() -> None:
    waits = {"StartAt": "T", "States": machine()["States"]}
    fails = {
        "StartAt": "W",
        "States": {"W": {"Type": "Wait", "Seconds": 5, "Next": "F"}, "F": {"Type": "Fail", "Error": "E", "Cause": "c"}},
    }
    catch = [{"ErrorEquals": ["E"], "Next": "H"}]
    states = {
        "P": {"Type": "Parallel", "Branches": [waits, fails], "Catch": catch, "End": True},
        "H": {"Type": "Wait", "Seconds": 9, "End": True},
    }

    def handler(event: Any, context: LambdaContext) -> None:
        send_task_success(event["token"], 1, after=6)

    execution = run({"StartAt": "P", "States": states}, functions={"F": handler})
    assert outcome(execution) == ("SUCCEEDED", {"Error": "E", "Cause": "c"}, 14)
    assert execution.trail == ["P", "T", "W", "F", "H"]


def test_a_nested_execution_can_complete_the_task_that_started_it() -> None:
    child = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${F}", "End": True}}}
    parent = machine(
        Resource="arn:aws:states:::states:startExecution.waitForTaskToken",
        Parameters={"StateMachineArn": CHILD, "Input": {"token.$": "$$.Task.Token"}},
    )

    def handler(event: Any, context: LambdaContext) -> None:
        send_task_success(event["token"], "from the child", after=2)

    execution = run(parent, workflows={"child": child}, functions={"F": handler})
    assert outcome(execution) == ("SUCCEEDED", "from the child", 2)


def test_a_service_can_be_called_with_a_task_token() -> None:
    def send(parameters: dict[str, Any]) -> dict[str, Any]:
        send_task_success(parameters["MessageBody"]["token"], "answered", after=1)
        return {"MessageId": "1"}

    definition = machine(
        Resource="arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        Parameters={"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}},
    )
    assert outcome(run(definition, services={"sqs:sendMessage": send})) == ("SUCCEEDED", "answered", 1)


BOTO: list[tuple[list[tuple[str, dict[str, Any]]], tuple[Any, ...]]] = [
    ([("send_task_success", {"output": '{"a": 1}'})], ("SUCCEEDED", {"a": 1}, 0)),
    ([("send_task_failure", {"error": "E", "cause": "c"})], ("FAILED", "E", "c", 0)),
    ([("send_task_failure", {})], ("FAILED", "", "", 0)),
    ([("send_task_heartbeat", {}), ("send_task_success", {"output": "2"})], ("SUCCEEDED", 2, 0)),
]


@pytest.mark.parametrize(("calls", "expected"), BOTO)
def test_boto3_calls_in_a_handler_reach_the_run(calls: list[Any], expected: tuple[Any, ...]) -> None:
    def handler(event: Any, context: LambdaContext) -> None:
        import boto3

        client = boto3.client("stepfunctions")
        for operation, parameters in calls:
            getattr(client, operation)(taskToken=event["token"], **parameters)

    services = BotoServices()
    try:
        assert services.session
        assert outcome(run(machine(), functions={"F": handler}, services=services)) == expected
    finally:
        services.close()


def test_a_boto3_call_with_an_unknown_token_fails_like_the_service() -> None:
    services = BotoServices()
    client = services.client("stepfunctions")
    try:
        with pytest.raises(client.exceptions.TaskDoesNotExist, match="unknown task token"):
            client.send_task_success(taskToken="never issued", output="1")
    finally:
        services.close()


def test_a_boto3_call_with_an_output_that_is_no_json_fails_like_the_service() -> None:
    services = BotoServices()
    client = services.client("stepfunctions")
    try:
        with pytest.raises(client.exceptions.InvalidOutput, match="the output is not JSON"):
            client.send_task_success(taskToken="any", output="{")
    finally:
        services.close()


def test_boto3_calls_reach_the_run_of_their_services() -> None:
    definition = machine(
        Resource="arn:aws:states:::lambda:invoke.waitForTaskToken",
        TimeoutSeconds=5,
        Retry=[{"ErrorEquals": ["States.Timeout"], "MaxAttempts": 1, "IntervalSeconds": 1}],
    )
    tokens: list[str] = []

    def handler(event: Any, context: LambdaContext) -> None:
        tokens.append(event["token"])
        if len(tokens) == 2:
            client = services.client("stepfunctions")
            with pytest.raises(client.exceptions.TaskDoesNotExist):
                client.send_task_success(taskToken=tokens[0], output="1")
            client.send_task_success(taskToken=tokens[1], output="2")

    services = BotoServices()
    try:
        execution = run(definition, functions={"F": handler}, services=services)
    finally:
        services.close()
    assert outcome(execution) == ("SUCCEEDED", 2, 6)
