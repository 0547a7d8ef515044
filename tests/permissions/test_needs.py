"""needs.py: the needs of calls, of logging and of tracing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.permissions.support import FUNCTION, machines_of, task
from workflow_dsl.permissions.needs import Level, further_needs, needs_of, unknown_calls

EVENTS = ["events:PutTargets", "events:PutRule", "events:DescribeRule"]
LAMBDA = "lambda:InvokeFunction"


def actions_needed(folder: Path, state: dict[str, Any], level: Level = "required", properties: str = "") -> list[str]:
    [machine] = machines_of(folder, {"S": state}, properties)
    return [need.action for need in needs_of(machine).needs if need.level == level]


REQUIRED: list[tuple[dict[str, Any], list[str]]] = [
    (task(FUNCTION), [LAMBDA]),
    (task("arn:aws:states:::lambda:invoke.waitForTaskToken", FunctionName="f"), [LAMBDA]),
    (task("arn:aws:states:::dynamodb:putItem", TableName="t"), ["dynamodb:PutItem"]),
    (task("arn:${AWS::Partition}:states:::aws-sdk:dynamodb:query"), ["dynamodb:Query"]),
    (task("arn:aws:states:::states:startExecution"), ["states:StartExecution"]),
    (task("arn:aws:states:::states:startExecution.sync:2"), ["states:StartExecution", *EVENTS]),
    (task("arn:aws:states:::glue:startJobRun.sync"), ["glue:StartJobRun"]),
    (task("arn:aws:states:::aws-sdk:sfn:sendTaskSuccess"), ["states:SendTaskSuccess"]),
    (task("arn:aws:states:::bedrock:invokeModel"), ["bedrock:InvokeModel"]),
    (task("arn:aws:states:::aws-sdk:bedrockruntime:converse"), ["bedrock:InvokeModel"]),
    (task("arn:aws:states:::elasticmapreduce:createCluster"), ["elasticmapreduce:RunJobFlow"]),
    (task("arn:aws:states:::aws-sdk:s3:headObject"), ["s3:GetObject"]),
    (task("arn:aws:states:::aws-sdk:s3:copyObject"), ["s3:GetObject", "s3:PutObject"]),
    (task("arn:aws:states:::aws-sdk:sqs:sendMessageBatch"), ["sqs:SendMessage"]),
    (task("arn:aws:states:::eks:call"), []),
    (task("arn:aws:states:us-east-1:111111111111:activity:a"), []),
    ({**task(FUNCTION), "Credentials": {"RoleArn": "arn:aws:iam::1:role/r"}}, ["sts:AssumeRole"]),
    ({"Type": "Pass", "Resource": FUNCTION}, []),
    (
        {
            "Type": "Map",
            "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}},
            "ItemReader": {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b"}},
            "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}},
        },
        ["s3:ListBucket", "s3:PutObject", "states:StartExecution"],
    ),
]


@pytest.mark.parametrize(("state", "actions"), REQUIRED)
def test_a_call_requires_its_actions(tmp_path: Path, state: dict[str, Any], actions: list[str]) -> None:
    assert actions_needed(tmp_path, state) == actions


FOR_JOBS: list[tuple[str, list[str]]] = [
    ("arn:aws:states:::states:startExecution.sync", ["states:DescribeExecution", "states:StopExecution"]),
    ("arn:aws:states:::ecs:runTask.sync", ["ecs:DescribeTasks", "ecs:StopTask"]),
    ("arn:aws:states:::states:startExecution", []),
]


@pytest.mark.parametrize(("resource", "actions"), FOR_JOBS)
def test_waiting_for_a_job_needs_actions_to_track_and_stop_it(
    tmp_path: Path, resource: str, actions: list[str]
) -> None:
    assert actions_needed(tmp_path, task(resource), "for_jobs") == actions


UNKNOWN = [
    "arn:aws:states:::aws-sdk:dynamodb:transactWriteItems",
    "arn:aws:states:::aws-sdk:nothere:getItem",
    "arn:aws:states:::aws-sdk:dynamodb:getItems",
    "arn:aws:states:::${Service}:putItem",
    "arn:aws:states:::nothing:atAll",
    "${Function}",
]


@pytest.mark.parametrize("resource", UNKNOWN)
def test_an_unknown_call_makes_the_needs_incomplete(tmp_path: Path, resource: str) -> None:
    [machine] = machines_of(tmp_path, {"S": task(resource), "T": task(FUNCTION)})
    needs = needs_of(machine)
    assert ([need.action for need in needs.needs if need.level == "required"], needs.is_complete) == ([LAMBDA], False)
    assert unknown_calls(machine) == ["S"]


@pytest.mark.parametrize(("type_", "actions"), [("IAM_ROLE", ["execute-api:Invoke"]), ("NO_AUTH", [])])
def test_a_signed_request_to_an_api_needs_to_invoke_it(tmp_path: Path, type_: str, actions: list[str]) -> None:
    request = task("arn:aws:states:::apigateway:invoke", ApiEndpoint="e", Method="GET", AuthType=type_)
    assert actions_needed(tmp_path, request, "for_jobs") == actions


def test_a_query_also_needs_actions_on_its_data(tmp_path: Path) -> None:
    query = task("arn:aws:states:::athena:startQueryExecution", QueryString="select 1")
    [machine] = machines_of(tmp_path, {"Q": query, "S": task("arn:aws:states:::sqs:sendMessage"), "T": task(FUNCTION)})
    assert further_needs(machine) == {
        "Q": ["athena:GetDataCatalog", "glue:*", "lakeformation:GetDataAccess", "s3:*"],
    }


def test_a_service_that_may_call_others_is_noticed(tmp_path: Path) -> None:
    resources = ("arn:aws:states:::sqs:sendMessage", "arn:aws:states:::aws-sdk:translate:translateText")
    machines = [machines_of(tmp_path, {"S": task(resource)})[0] for resource in resources]
    assert [needs_of(machine).calls_other_services for machine in machines] == [False, True]


PROPERTIES: list[tuple[str, Level, list[str]]] = [
    ("Logging: {Level: ALL, Destinations: [x]}", "required", ["logs:CreateLogDelivery"]),
    ("Logging: {Level: 'OFF', Destinations: [x]}", "required", []),
    ("Logging: {Level: ALL}", "required", []),
    ("Role: r\nTracing: {Enabled: true}", "for_jobs", [
        "xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"
    ]),
    ("Tracing: {Enabled: true}", "for_jobs", []),  # SAM adds the actions to the role that it creates
    ("Logging: {Level: !Ref Level, Destinations: [x]}", "required", []),
    ("Tracing: {Enabled: false}", "for_jobs", []),
    ("Role: r\nTracing: {Enabled: !If [Is, true, false]}", "for_jobs", []),
]  # fmt: skip


@pytest.mark.parametrize(("properties", "level", "actions"), PROPERTIES)
def test_logging_and_tracing_need_their_actions(
    tmp_path: Path, properties: str, level: Level, actions: list[str]
) -> None:
    assert actions_needed(tmp_path, {"Type": "Succeed"}, level, properties) == actions


SOURCES = [
    ({"CopySource": "raw/key"}, "raw"),
    ({"CopySource": "/raw/key"}, "raw"),
    ({"CopySource.$": "States.Format('raw/{}', $.key)"}, "raw"),
    ({"CopySource.$": "States.Format('{}/{}', $.bucket, $.key)"}, ""),
    ({"CopySource.$": "$.source"}, ""),
    ({}, ""),
]


@pytest.mark.parametrize(("source", "bucket"), SOURCES)
def test_a_copy_reads_from_the_bucket_of_its_source(tmp_path: Path, source: dict[str, str], bucket: str) -> None:
    state = task("arn:aws:states:::aws-sdk:s3:copyObject", Bucket="curated", **source)
    [machine] = machines_of(tmp_path, {"S": state}, "")
    targets = {need.action: need.target for need in needs_of(machine).needs if need.level == "required"}
    assert targets == {"s3:GetObject": bucket, "s3:PutObject": "curated"}
