"""result_shapes.py: mocked results against the output shapes of the APIs."""

from __future__ import annotations

import pytest

from workflow_dsl.definition.json import Json
from workflow_dsl.local.stand_ins.result_shapes import result_problems

SENT = {"MessageId": "m-1", "MD5OfMessageBody": "abc"}
EXECUTION = {"ExecutionArn": "e", "StateMachineArn": "m", "Status": "SUCCEEDED", "StartDate": "2026-01-01T00:00:00Z"}

GOOD: list[tuple[str, str, Json]] = [
    ("sqs", "sendMessage", SENT),
    ("sqs", "sendMessage", {**SENT, "Anything": [1]}),
    ("dynamodb", "getItem", {}),
    ("dynamodb", "getItem", {"Item": {"id": {"S": "1"}, "many": {"L": [{"N": "2"}]}}}),
    ("lambda", "invoke", {"Payload": {"any": "JSON"}, "StatusCode": 200}),
    ("aws-sdk:lambda", "invoke", {"Payload": "text"}),
    ("aws-sdk:s3", "getObject", {"Body": "text", "Metadata": {"a": "b"}, "LastModified": "2026-01-01T00:00:00Z"}),
    ("bedrock", "invokeModel", {"Body": {"completion": "x"}, "ContentType": "application/json"}),
    ("bedrockagentcore", "invokeHarness", {"Output": {"Message": {"Content": [{"Text": "x"}]}}}),
    ("states", "startExecution.sync", {**EXECUTION, "Output": "{}"}),
    ("states", "startExecution.sync:2", {**EXECUTION, "Output": {"a": 1}}),
    ("batch", "submitJob.sync", {"JobId": "j", "Status": "SUCCEEDED"}),
    ("aws-sdk:ecs", "describeTasks", {"Tasks": [{"Cpu": "256", "Version": 3}]}),
    ("sqs", "sendMessage.waitForTaskToken", "the callback's output"),
    ("apigateway", "invoke", {"StatusCode": "any"}),
    ("http", "invoke", 1),
    ("eks", "call", [1]),
    ("aws-sdk:nosuchservice", "anyAction", 1),
    ("sqs", "nosuchaction", 1),
]


@pytest.mark.parametrize(("service", "action", "result"), GOOD)
def test_a_result_that_the_api_can_give_has_no_problems(service: str, action: str, result: Json) -> None:
    assert result_problems(service, action, result) == []


BAD: list[tuple[str, str, Json, list[str]]] = [
    ("sqs", "sendMessage", {"MessageId": 1}, ["Field 'MessageId' must be a string"]),
    ("sqs", "sendMessage", {"MessageId": None}, ["Field 'MessageId' must be a string"]),
    ("sqs", "sendMessage", "sent", ["The result must be an object"]),
    ("dynamodb", "getItem", {"Item": [1]}, ["Field 'Item' must be an object"]),
    ("dynamodb", "getItem", {"Item": {"id": "1"}}, ["Field 'Item' must be an object"]),
    ("dynamodb", "getItem", {"Item": {"n": {"N": 1}}}, ["Field 'N' must be a string"]),
    ("dynamodb", "getItem", {"Item": {"b": {"BOOL": "true"}}}, ["Field 'BOOL' must be a boolean"]),
    ("aws-sdk:dynamodb", "query", {"Items": {}}, ["Field 'Items' must be an array"]),
    ("aws-sdk:dynamodb", "query", {"Count": True}, ["Field 'Count' must be a number"]),
    ("aws-sdk:dynamodb", "query", {"Count": 1.5}, ["Field 'Count' must be a number"]),
    ("aws-sdk:ecs", "describeTasks", {"Tasks": [{}, {"Version": "3"}]}, ["Field 'Version' must be a number"]),
    ("aws-sdk:lambda", "invoke", {"Payload": {}}, ["Field 'Payload' must be a string"]),
    ("aws-sdk:s3", "getObject", {"DeleteMarker": "no"}, ["Field 'DeleteMarker' must be a boolean"]),
    ("aws-sdk:s3", "getObject", {"StorageClass": "PAPER"}, ["Field 'StorageClass' is not an expected value"]),
    ("aws-sdk:lambda", "getFunctionConfiguration", {"Timeout": 0}, ["Field 'Timeout' is less than the minimum value"]),
    (
        *("aws-sdk:lambda", "getFunctionConfiguration", {"MemorySize": 10**9}),
        ["Field 'MemorySize' is greater than the maximum value"],
    ),
    (
        "states",
        "startExecution",
        {**EXECUTION, "ExecutionArn": ""},
        ["Field 'ExecutionArn' is less than the minimum length"],
    ),
    (
        "states",
        "startExecution",
        {**EXECUTION, "ExecutionArn": "a" * 257},
        ["Field 'ExecutionArn' is greater than the maximum length"],
    ),
    ("states", "startExecution.sync", {**EXECUTION, "Output": {"a": 1}}, ["Field 'Output' must be a string"]),
    (
        "sqs",
        "sendMessage",
        {"MessageId": 1, "SequenceNumber": 2},
        [
            "Field 'MessageId' must be a string",
            "Field 'SequenceNumber' must be a string",
        ],
    ),
]


@pytest.mark.parametrize(("service", "action", "result", "problems"), BAD)
@pytest.mark.parametrize("is_strict", [True, False])
def test_fields_do_not_conform_to_the_api(
    service: str, action: str, result: Json, problems: list[str], is_strict: bool
) -> None:
    assert result_problems(service, action, result, is_strict=is_strict) == problems


def test_only_strict_validation_requires_fields() -> None:
    missing = ["Required field 'ExecutionArn' is missing", "Required field 'StartDate' is missing"]
    polled = [f"Required field '{name}' is missing" for name in EXECUTION]
    assert result_problems("states", "startExecution", {}) == missing
    assert result_problems("states", "startExecution", {}, is_strict=False) == []
    assert sorted(result_problems("states", "startExecution.sync:2", {})) == sorted(polled)
