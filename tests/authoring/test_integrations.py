"""Service integrations by name, with their parameters checked at once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.support import assert_reported_at_its_line
from workflow_dsl import Workflow
from workflow_dsl.authoring import (
    ItemReader,
    ResultWriter,
    ServiceResource,
    Task,
    call,
    function,
    jsonata,
    parameter,
    path,
    queue,
    sdk,
    state_machine,
    table,
)
from workflow_dsl.compiler import compile_workflow
from workflow_dsl.findings import FindingsError

import stepfunctions.steps  # isort: skip  # after workflow_dsl, which imports the SDK


def fields(task: Any, **machine: Any) -> dict[str, Any]:
    state: dict[str, Any] = compile_workflow(Workflow(task, **machine)).document()["States"]["S"]
    return {name: value for name, value in state.items() if name not in ("Type", "End")}


CALLS: list[tuple[ServiceResource, dict[str, Any]]] = [
    (
        call("dynamodb:putItem", TableName=table("Trades"), Item={"Id": {"S": path("$.id")}}),
        {
            "Resource": "arn:aws:states:::dynamodb:putItem",
            "Parameters": {"TableName": "${TradesName}", "Item": {"Id": {"S.$": "$.id"}}},
        },
    ),
    (
        call(
            "sqs:sendMessage.waitForTaskToken", QueueUrl=queue("Orders"), MessageBody={"token": path("$$.Task.Token")}
        ),
        {
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": "${OrdersUrl}", "MessageBody": {"token.$": "$$.Task.Token"}},
        },
    ),
    (
        call("states:startExecution.sync:2", StateMachineArn=state_machine("Trader")),
        {
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {"StateMachineArn": "${TraderArn}"},
        },
    ),
    (call("aws-sdk:s3:listBuckets"), {"Resource": "arn:aws:states:::aws-sdk:s3:listBuckets", "Parameters": {}}),
    (
        call("lambda:invoke", {"FunctionName": function("Checker"), "Payload.$": "$"}),
        {
            "Resource": "arn:aws:states:::lambda:invoke",
            "Parameters": {"FunctionName": "${CheckerArn}", "Payload.$": "$"},
        },
    ),
]


@pytest.mark.parametrize(("called", "expected"), CALLS)
@pytest.mark.parametrize("make", [Task, stepfunctions.steps.Task])
def test_a_call_sets_resource_and_parameters_of_both_task_classes(
    called: ServiceResource, expected: dict[str, Any], make: Any
) -> None:
    assert fields(make("S", resource=called)) == expected


def test_in_jsonata_a_call_sets_arguments() -> None:
    task = Task("S", resource=call("sqs:sendMessage", QueueUrl=queue("Orders"), MessageBody=jsonata("$states.input")))
    assert fields(task, query_language="JSONata") == {
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Arguments": {"QueueUrl": "${OrdersUrl}", "MessageBody": "{% $states.input %}"},
    }


@pytest.mark.parametrize("region", ["cn-north-1", "eu-west-1"])
def test_the_arn_does_not_depend_on_the_authors_region(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    assert fields(Task("S", resource=call("aws-sdk:s3:listBuckets")))["Resource"] == (
        "arn:aws:states:::aws-sdk:s3:listBuckets"
    )


def test_the_partition_can_be_a_parameter_of_the_template() -> None:
    task = Task("S", resource=call("aws-sdk:s3:listBuckets"))
    machine = compile_workflow(Workflow(task, partition=parameter("AWS::Partition")))
    assert machine.document()["States"]["S"]["Resource"] == "arn:${Partition}:states:::aws-sdk:s3:listBuckets"
    assert machine.reference_targets["Partition"].substitution == "!Ref AWS::Partition"


def test_parameters_have_the_place_of_the_call() -> None:
    called = call("sqs:sendMessage", QueueUrl=queue("Orders"), MessageBody="m")
    machine = compile_workflow(Workflow(Task("S", resource=called)))
    assert machine.place(("States", "S", "Parameters", "QueueUrl")) == called.place != sdk.place_of(machine)


MISTAKES: list[tuple[Callable[[], object], str, str]] = [
    (
        lambda: call("dynamodb:putItems"),
        "Step Functions has no integration dynamodb:putItems",
        'did you mean "putItem"?',
    ),
    (lambda: call("dynamo:putItem"), "Step Functions has no integration dynamo:putItem", 'did you mean "dynamodb"?'),
    (
        lambda: call("dynamodb:query"),
        "Step Functions has no integration dynamodb:query",
        "write aws-sdk:dynamodb:query",
    ),
    (
        lambda: call("dynamodb:putItem.sync"),
        "Step Functions has no integration dynamodb:putItem.sync",
        "remove .sync",
    ),
    (
        lambda: call("putItem"),
        "call() is called with 'putItem'",
        'write service:action, as in call("dynamodb:putItem", ...)',
    ),
    (
        lambda: call("arn:aws:states:::dynamodb:putItem"),
        "call() is called with 'arn:aws:states:::dynamodb:putItem'",
        'write service:action, as in call("dynamodb:putItem", ...)',
    ),
    (
        lambda: call("dynamodb:putItem", TableName="t"),
        "dynamodb:putItem needs Item",
        "add Item=...",
    ),
    (
        lambda: call("sqs:sendMessage", QueueURL="u", MessageBody="m"),
        "sqs:sendMessage has no parameter QueueURL",
        'did you mean "QueueUrl"?',
    ),
    (
        lambda: call("aws-sdk:s3:listBucket"),
        "Step Functions has no integration aws-sdk:s3:listBucket",
        'did you mean "listBuckets"?',
    ),
    (
        lambda: call("sns:publish", "oops"),  # type: ignore[arg-type]
        "call() is called with 'oops'",
        "pass parameters by name, a mapping of them, or jsonata(...)",
    ),
    (
        lambda: call("sns:publish", jsonata("{}"), TopicArn="t"),
        "call() got a JSONata expression for all parameters, and separate parameters too",
        "put them into the expression",
    ),
    (
        lambda: Task("S", resource=call("s3:getObject", Bucket="b", Key="k")),
        "a Task cannot call s3:getObject, which only a Map can",
        "write aws-sdk:s3:getObject",
    ),
    (
        lambda: ItemReader(resource=call("s3:putObject", Bucket="b")),
        "ItemReader cannot call s3:putObject",
        "write s3:getObject or s3:listObjectsV2",
    ),
    (
        lambda: ResultWriter(resource=call("s3:getObject", Bucket="b", Key="k")),
        "ResultWriter cannot call s3:getObject",
        "write s3:putObject",
    ),
]


@pytest.mark.parametrize(("mistake", "message", "remedy"), MISTAKES)
def test_a_mistake_is_reported_at_its_line(mistake: Callable[[], object], message: str, remedy: str) -> None:
    assert_reported_at_its_line(mistake, message, remedy)


def test_a_call_and_parameters_beside_it_are_refused() -> None:
    task = Task("S", resource=call("aws-sdk:s3:listBuckets"), parameters={})
    with pytest.raises(
        FindingsError, match=r"has parameters in addition to those of call.*; pass all of them to call\(\)"
    ):
        fields(task)


@pytest.mark.parametrize(("called", "expected"), CALLS)
def test_the_method_of_a_task_is_the_same(called: ServiceResource, expected: dict[str, Any]) -> None:
    assert fields(Task("S").call(called.name, called.passed)) == expected


def test_the_method_takes_parameters_by_name_and_returns_the_task() -> None:
    task = Task("S", result_path=None)
    assert task.call("sqs:sendMessage", QueueUrl="u", MessageBody="b") is task
    assert fields(task) == {
        "Resource": "arn:aws:states:::sqs:sendMessage",
        "Parameters": {"QueueUrl": "u", "MessageBody": "b"},
        "ResultPath": None,
    }


@pytest.mark.parametrize(
    ("make", "problem"),
    [
        (lambda: Task("S", resource="r").call("sqs:sendMessage", QueueUrl="u", MessageBody="b"), "already calls r"),
        (lambda: Task("S").call("s3:getObject", Bucket="b", Key="k"), "a Task cannot call s3:getObject"),
        (lambda: Task("S").call("sqs:sendMessage", QueueUrl="u"), "sqs:sendMessage needs MessageBody"),
        (lambda: fields(Task("S")), "Task needs resource"),
    ],
)
def test_a_wrong_call_of_the_method_is_a_mistake(make: Callable[[], Any], problem: str) -> None:
    with pytest.raises(FindingsError, match=problem):
        make()
