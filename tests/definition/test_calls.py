"""The service calls of a state, their targets, and how they are displayed."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.definition.calls import CallSite, ServiceCall, call_of, call_sites, short_name
from workflow_dsl.definition.machine import Machine, State

FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:Buyer"


def state(**fields: Any) -> State:
    return Machine({"StartAt": "A", "States": {"A": fields}}).states["A"]


def task(resource: Any, **parameters: Any) -> State:
    return state(Type="Task", Resource=resource, Parameters=parameters)


CALLS: list[tuple[State, ServiceCall | None, str]] = [
    (task(FUNCTION), ServiceCall("lambda", "invoke", target=FUNCTION), "Lambda Buyer"),
    (task("arn:aws:states:us-east-1:1:activity:Ask"), ServiceCall("activity", "", target="arn:aws:states:us-east-1:1:activity:Ask"), "Activity Ask"),
    (task("${Buyer}"), ServiceCall("", "", target="${Buyer}"), "Buyer"),
    (task("arn:aws:states:::lambda:invoke", FunctionName="f"), ServiceCall("lambda", "invoke", "", False, "f"), "Lambda f"),
    (
        task("arn:aws:states:::lambda:invoke.waitForTaskToken", FunctionName="f"),
        ServiceCall("lambda", "invoke", ".waitForTaskToken", False, "f"),
        "Lambda invoke.waitForTaskToken f",
    ),
    (task("arn:aws:states:::dynamodb:putItem", TableName="t"), ServiceCall("dynamodb", "putItem", "", False, "t"), "DynamoDB putItem t"),
    (task("arn:aws:states:::aws-sdk:s3:getObject", Bucket="b", Key="k"), ServiceCall("s3", "getObject", "", True, "b"), "S3 getObject b"),
    (
        task("arn:aws:states:::sqs:sendMessage", QueueUrl="https://sqs.us-east-1.amazonaws.com/1/orders"),
        ServiceCall("sqs", "sendMessage", "", False, "https://sqs.us-east-1.amazonaws.com/1/orders"),
        "SQS sendMessage orders",
    ),
    (
        task("arn:aws:states:::events:putEvents", Entries=[{"EventBusName": "bus"}]),
        ServiceCall("events", "putEvents", "", False, "bus"),
        "EventBridge putEvents bus",
    ),
    (task("arn:aws:states:::events:putEvents", Entries="none"), ServiceCall("events", "putEvents"), "EventBridge putEvents"),
    (task("arn:aws:states:::glue:startJobRun.sync", JobName="j"), ServiceCall("glue", "startJobRun", ".sync", False, "j"), "Glue startJobRun.sync j"),
    (task("arn:aws:states:::aws-sdk:glue:startCrawler", Name="c"), ServiceCall("glue", "startCrawler", "", True, "c"), "Glue startCrawler c"),
    (task("arn:aws:states:::aws-sdk:kendra:query", IndexId="i"), ServiceCall("kendra", "query", "", True), "kendra query"),
    (task("arn:aws:states:::aws-sdk:rds:describeEvents"), ServiceCall("rds", "describeEvents", "", True), "RDS describeEvents"),
    (task(5), None, ""),
    (task("nothing"), None, ""),
    (state(Type="Pass", Resource=FUNCTION), None, ""),
]  # fmt: skip


@pytest.mark.parametrize(("state", "call", "text"), CALLS)
def test_a_task_has_one_call_with_a_short_text(state: State, call: ServiceCall | None, text: str) -> None:
    assert (call_of(state), str(call or "")) == (call, text)


def test_a_target_that_is_known_only_at_run_time_is_none() -> None:
    by_path = state(Type="Task", Resource="arn:aws:states:::dynamodb:getItem", Parameters={"TableName.$": "$.table"})
    by_expression = state(
        Type="Task", Resource="arn:aws:states:::dynamodb:getItem", Arguments={"TableName": "{% $t %}"}
    )
    assert [call_of(state) for state in (by_path, by_expression)] == [ServiceCall("dynamodb", "getItem")] * 2


def test_a_call_site_has_the_keys_of_the_resource_and_of_the_target() -> None:
    function, table = task(FUNCTION), task("arn:aws:states:::dynamodb:putItem", TableName="t")
    assert [(site.resource, site.target) for state in (function, table) for site in call_sites(state)] == [
        (("Resource",), ("Resource",)),
        (("Resource",), ("Parameters", "TableName")),
    ]


def test_a_distributed_map_calls_s3_to_read_items_and_to_write_results() -> None:
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Arguments": {"Bucket": "in", "Key": "k"}}
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "out"}}
    assert list(call_sites(state(Type="Map", ItemReader=reader, ResultWriter=writer))) == [
        CallSite(
            ServiceCall("s3", "getObject", target="in"),
            ("ItemReader", "Resource"),
            ("ItemReader", "Arguments", "Bucket"),
        ),
        CallSite(
            ServiceCall("s3", "putObject", target="out"),
            ("ResultWriter", "Resource"),
            ("ResultWriter", "Parameters", "Bucket"),
        ),
    ]
    assert list(call_sites(state(Type="Map", ItemReader="wrong"))) == []


SHORT_NAMES = [
    (FUNCTION, "Buyer"),
    (f"{FUNCTION}:live", "Buyer"),
    ("arn:aws:dynamodb:us-east-1:1:table/trades", "trades"),
    ("arn:aws:states:us-east-1:1:stateMachine:trader", "trader"),
    ("arn:aws:s3:::bucket", "bucket"),
    ("arn:aws:sns:us-east-1:1:topic", "topic"),
    ("https://sqs.us-east-1.amazonaws.com/1/orders", "orders"),
    ("https://api.example.com/prices", "api.example.com/prices"),
    ("${Placeholder}", "Placeholder"),
    ("${A}-${B}", "${A}-${B}"),
    ("plain", "plain"),
    (None, ""),
]


@pytest.mark.parametrize(("target", "name"), SHORT_NAMES)
def test_the_short_name_of_a_target_is_the_last_name_in_it(target: str | None, name: str) -> None:
    assert short_name(target) == name
