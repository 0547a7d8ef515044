"""calls.py: what a state calls, and what names it."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.definition.calls import ServiceCall, Site, call_of, short_name, sites
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


@pytest.mark.parametrize(("given", "call", "words"), CALLS)
def test_what_a_task_calls_and_how_it_is_said(given: State, call: ServiceCall | None, words: str) -> None:
    assert (call_of(given), str(call or "")) == (call, words)


def test_what_only_the_execution_knows_is_no_target() -> None:
    by_path = state(Type="Task", Resource="arn:aws:states:::dynamodb:getItem", Parameters={"TableName.$": "$.table"})
    by_expression = state(
        Type="Task", Resource="arn:aws:states:::dynamodb:getItem", Arguments={"TableName": "{% $t %}"}
    )
    assert [call_of(each) for each in (by_path, by_expression)] == [ServiceCall("dynamodb", "getItem")] * 2


def test_the_sites_say_where_in_the_state_the_resource_and_the_target_stand() -> None:
    lambda_, table = task(FUNCTION), task("arn:aws:states:::dynamodb:putItem", TableName="t")
    assert [(site.resource, site.target) for each in (lambda_, table) for site in sites(each)] == [
        (("Resource",), ("Resource",)),
        (("Resource",), ("Parameters", "TableName")),
    ]


def test_a_distributed_map_calls_what_it_reads_and_writes() -> None:
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Arguments": {"Bucket": "in", "Key": "k"}}
    writer = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "out"}}
    assert list(sites(state(Type="Map", ItemReader=reader, ResultWriter=writer))) == [
        Site(
            ServiceCall("s3", "getObject", target="in"),
            ("ItemReader", "Resource"),
            ("ItemReader", "Arguments", "Bucket"),
        ),
        Site(
            ServiceCall("s3", "putObject", target="out"),
            ("ResultWriter", "Resource"),
            ("ResultWriter", "Parameters", "Bucket"),
        ),
    ]
    assert list(sites(state(Type="Map", ItemReader="wrong"))) == []


SHORT = [
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


@pytest.mark.parametrize(("target", "name"), SHORT)
def test_the_short_name_is_what_a_person_would_say(target: str | None, name: str) -> None:
    assert short_name(target) == name
