"""Tasks that wait for a callback: who answers them, when, and what happens when nobody does."""

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
Answer = Callable[[str], None]


def machine(**fields: Any) -> dict[str, Any]:
    """A machine whose task T hands its token to the function F, and waits."""
    payload = {"token.$": "$$.Task.Token"}
    task = {"Type": "Task", "Resource": INVOKE, "Parameters": {"FunctionName": "F", "Payload": payload}, "End": True}
    return {"StartAt": "T", "States": {"T": {**task, **fields}}}


def answered(answer: Answer, **fields: Any) -> Run:
    """The run of a task whose function does this with the token."""

    def handler(event: Any, context: LambdaContext) -> None:
        answer(event["token"])

    return run(machine(**fields), functions={"F": handler})


def outcome(run_: Run) -> tuple[Any, ...]:
    said = (run_.output,) if run_.status == "SUCCEEDED" else (run_.error, run_.cause)
    return (run_.status, *said, run_.duration)


def together(*answers: Answer) -> Answer:
    def all_of_them(token: str) -> None:
        for answer in answers:
            answer(token)

    return all_of_them


def success(output: Any, after: float = 0) -> Answer:
    return lambda token: send_task_success(token, output, after=after)


def failure(error: str = "", cause: str = "", after: float = 0) -> Answer:
    return lambda token: send_task_failure(token, error, cause, after=after)


def heartbeat(after: float = 0) -> Answer:
    return lambda token: send_task_heartbeat(token, after=after)


def nothing(token: str) -> None:
    """Nobody answers."""


ANSWERS: list[tuple[Answer, dict[str, Any], tuple[Any, ...]]] = [
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
    (together(heartbeat(after=4), success(1, after=8)), {"HeartbeatSeconds": 5}, ("SUCCEEDED", 1, 8)),
    (together(heartbeat(), heartbeat(after=4), success(1, after=8)), {"HeartbeatSeconds": 5}, ("SUCCEEDED", 1, 8)),
    (together(heartbeat(after=4), heartbeat(after=8), success(1, after=14)), {"HeartbeatSeconds": 5},
     ("FAILED", "States.HeartbeatTimeout", None, 13)),
    (together(heartbeat(after=4), heartbeat(after=8)), {"HeartbeatSeconds": 5, "TimeoutSeconds": 10},
     ("FAILED", "States.Timeout", None, 10)),
    (together(heartbeat(after=1), success(1, after=2)), {}, ("SUCCEEDED", 1, 2)),
    (together(success("first", after=1), success("second", after=2)), {}, ("SUCCEEDED", "first", 1)),
    (together(failure("E", "c", after=3), success("sooner", after=2)), {}, ("SUCCEEDED", "sooner", 2)),
]  # fmt: skip


@pytest.mark.parametrize(("answer", "fields", "expected"), ANSWERS)
def test_what_a_task_comes_to_that_waits_for_its_token(answer: Answer, fields: dict[str, Any], expected: Any) -> None:
    assert outcome(answered(answer, **fields)) == expected


def test_heartbeat_and_timeout_may_be_read_from_the_input() -> None:
    by_path = machine(HeartbeatSecondsPath="$.beat", TimeoutSecondsPath="$.most")
    execution = run(by_path, {"beat": 3, "most": 5}, functions={"F": lambda event, context: None})
    assert (execution.error, execution.duration) == ("States.HeartbeatTimeout", 3)


def test_nobody_answers_and_after_a_year_the_execution_times_out() -> None:
    execution = answered(nothing)
    assert (execution.status, execution.output, execution.duration) == ("TIMED_OUT", None, YEAR)


def test_a_failed_callback_can_be_retried_with_a_token_of_its_own() -> None:
    def answer(token: str) -> None:
        tokens.append(token)
        (failure("E") if len(tokens) < 3 else success("third time"))(token)

    tokens: list[str] = []
    execution = answered(answer, Retry=[{"ErrorEquals": ["E"]}])
    assert (outcome(execution), len(set(tokens))) == (("SUCCEEDED", "third time", 3), 3)


def test_a_handler_that_fails_fails_the_task_before_any_answer() -> None:
    def handler(event: Any, context: LambdaContext) -> None:
        send_task_success(event["token"], 1, after=5)
        raise ValueError("broken")

    execution = run(machine(), functions={"F": handler})
    assert (execution.error, execution.duration) == ("ValueError", 0)


@pytest.mark.parametrize("answer", [success(1), failure("E"), heartbeat()])
def test_an_unknown_token_is_a_lookup_error(answer: Answer) -> None:
    with pytest.raises(LookupError, match="no running execution waits for this task token"):
        answer("never given")


def test_a_token_is_unknown_when_its_task_has_ended() -> None:
    tokens: list[str] = []
    answered(together(tokens.append, success(1)))
    answered(tokens.append, TimeoutSeconds=1)
    for token in tokens:
        with pytest.raises(LookupError, match="it was answered, timed out, or never given"):
            send_task_success(token, 1)


def test_the_events_of_a_callback() -> None:
    execution = answered(success({"a": 1}, after=2), HeartbeatSeconds=5)
    start = execution.history[0]["timestamp"]
    noted = [event for event in execution.history if event["type"].startswith("Task") and "State" not in event["type"]]
    assert [(event["type"], (event["timestamp"] - start).total_seconds()) for event in noted] == [
        ("TaskScheduled", 0),
        ("TaskStarted", 0),
        ("TaskSubmitted", 0),
        ("TaskSucceeded", 2),
    ]
    called = {"resourceType": "lambda", "resource": "invoke.waitForTaskToken"}
    assert noted[0]["taskScheduledEventDetails"]["heartbeatInSeconds"] == 5
    assert json.loads(noted[2]["taskSubmittedEventDetails"]["output"])["Payload"] is None
    assert noted[3]["taskSucceededEventDetails"] == {
        **called, "output": '{"a":1}', "outputDetails": {"truncated": False}}  # fmt: skip


def test_a_heartbeat_that_was_missed_is_an_event_of_a_timeout() -> None:
    execution = answered(nothing, HeartbeatSeconds=5)
    assert [event["type"] for event in execution.history][-2:] == ["TaskTimedOut", "ExecutionFailed"]
    assert execution.history[-2]["taskTimedOutEventDetails"]["error"] == "States.HeartbeatTimeout"


def test_an_answer_to_a_task_that_was_stopped_reaches_nobody() -> None:
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


def test_a_nested_execution_answers_the_token_it_was_given() -> None:
    child = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${F}", "End": True}}}
    parent = machine(
        Resource="arn:aws:states:::states:startExecution.waitForTaskToken",
        Parameters={"StateMachineArn": CHILD, "Input": {"token.$": "$$.Task.Token"}},
    )

    def handler(event: Any, context: LambdaContext) -> None:
        send_task_success(event["token"], "from the child", after=2)

    execution = run(parent, workflows={"child": child}, functions={"F": handler})
    assert outcome(execution) == ("SUCCEEDED", "from the child", 2)


def test_a_service_called_with_a_token_waits_for_it() -> None:
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
def test_boto3s_own_calls_in_a_handler_answer_the_run(calls: list[Any], expected: tuple[Any, ...]) -> None:
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


def test_boto3s_own_call_with_an_unknown_token_fails_as_the_services_does() -> None:
    services = BotoServices()
    client = services.client("stepfunctions")
    try:
        with pytest.raises(client.exceptions.TaskDoesNotExist, match="no running execution waits for this task token"):
            client.send_task_success(taskToken="never given", output="1")
    finally:
        services.close()


def test_boto3s_calls_reach_the_run_that_a_service_belongs_to() -> None:
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
