"""needs.py: what a role needs for what its states call, and for where it logs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.permissions.support import FUNCTION, deployed, task
from workflow_dsl.permissions.needs import Level, needs_of, unknown_calls

EVENTS = ["events:PutTargets", "events:PutRule", "events:DescribeRule"]
LAMBDA = "lambda:InvokeFunction"


def needed(folder: Path, state: dict[str, Any], level: Level = "must", properties: str = "") -> list[str]:
    [machine] = deployed(folder, {"S": state}, properties)
    return [need.action for need in needs_of(machine).needs if need.level == level]


MUST: list[tuple[dict[str, Any], list[str]]] = [
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
    (task("arn:aws:states:::elasticmapreduce:createCluster"), ["elasticmapreduce:RunJobFlow", "iam:PassRole"]),
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


@pytest.mark.parametrize(("state", "actions"), MUST)
def test_what_a_state_must_have(tmp_path: Path, state: dict[str, Any], actions: list[str]) -> None:
    assert needed(tmp_path, state) == actions


WAITS: list[tuple[str, list[str]]] = [
    ("arn:aws:states:::states:startExecution.sync", ["states:DescribeExecution", "states:StopExecution"]),
    ("arn:aws:states:::ecs:runTask.sync", ["ecs:DescribeTasks", "ecs:StopTask"]),
    ("arn:aws:states:::states:startExecution", []),
]


@pytest.mark.parametrize(("resource", "actions"), WAITS)
def test_what_waiting_for_a_job_takes(tmp_path: Path, resource: str, actions: list[str]) -> None:
    assert needed(tmp_path, task(resource), "waits") == actions


UNKNOWN = [
    "arn:aws:states:::aws-sdk:dynamodb:transactWriteItems",
    "arn:aws:states:::aws-sdk:nothere:getItem",
    "arn:aws:states:::aws-sdk:dynamodb:getItems",
    "arn:aws:states:::${Service}:putItem",
    "arn:aws:states:::nothing:atAll",
    "${Function}",
]


@pytest.mark.parametrize("resource", UNKNOWN)
def test_what_is_not_known_makes_the_whole_unsure(tmp_path: Path, resource: str) -> None:
    [machine] = deployed(tmp_path, {"S": task(resource), "T": task(FUNCTION)})
    found = needs_of(machine)
    assert ([need.action for need in found.needs if need.level == "must"], found.is_whole) == ([LAMBDA], False)
    assert unknown_calls(machine) == ["S"]


def test_what_is_called_in_the_roles_name_is_not_known(tmp_path: Path) -> None:
    plain, other = (
        deployed(tmp_path, {"S": task(resource)})[0]
        for resource in ("arn:aws:states:::sqs:sendMessage", "arn:aws:states:::aws-sdk:translate:translateText")
    )
    assert [needs_of(each).others_act for each in (plain, other)] == [False, True]


PROPERTIES: list[tuple[str, Level, list[str]]] = [
    ("Logging: {Level: ALL, Destinations: [x]}", "must", ["logs:CreateLogDelivery"]),
    ("Logging: {Level: 'OFF', Destinations: [x]}", "must", []),
    ("Logging: {Level: ALL}", "must", []),
    ("Role: r\nTracing: {Enabled: true}", "waits", [
        "xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"
    ]),
    ("Tracing: {Enabled: true}", "waits", []),  # SAM gives its own role what it takes
    ("Logging: {Level: !Ref Level, Destinations: [x]}", "must", []),
    ("Tracing: {Enabled: false}", "waits", []),
]  # fmt: skip


@pytest.mark.parametrize(("properties", "level", "actions"), PROPERTIES)
def test_what_logging_and_tracing_take(tmp_path: Path, properties: str, level: Level, actions: list[str]) -> None:
    assert needed(tmp_path, {"Type": "Succeed"}, level, properties) == actions
