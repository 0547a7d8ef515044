"""parameter_types.py: the types of parameters that the service refuses to start a task with."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.definition.integrations import integration_of, parameters_of
from workflow_dsl.definition.parameter_types import refusals, wrong_types

TOPIC = {"TopicArn": "t"}
TABLE = {"TableName": "t"}
JOB = {"JobName": "j", "JobQueue": "q", "JobDefinition": "d"}
QUEUE = {"QueueUrl": "q"}


def messages(resource: str, arguments: dict[str, Any]) -> list[str]:
    """The refusals of an integration's parameters, without the words that all have."""
    integration = integration_of(f"arn:aws:states:::{resource}")
    assert integration
    parameters = parameters_of(integration)
    assert parameters
    prefix = "The value for the field "
    return [text.removeprefix(prefix) for text in refusals(integration, arguments, parameters)]


ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    ("sns:publish", {**TOPIC, "Message": {"a": 1}}),
    ("sns:publish", {**TOPIC, "Message": [1]}),
    ("sns:publish", {**TOPIC, "Message": "text", "Subject": None}),
    ("sqs:sendMessage", {**QUEUE, "MessageBody": {"a": 1}, "DelaySeconds": 5}),
    ("sqs:sendMessage", {**QUEUE, "MessageBody": "m", "DelaySeconds": "5"}),
    ("aws-sdk:sqs:sendMessageBatch", {**QUEUE, "Entries": [{"Id": "1", "MessageBody": {"a": 1}}]}),
    ("events:putEvents", {"Entries": [{"Detail": {"a": 1}, "DetailType": "t", "Source": "s"}]}),
    ("aws-sdk:eventbridge:putEvents", {"Entries": [{"Detail": {"a": 1}, "DetailType": "t", "Source": "s"}]}),
    ("states:startExecution", {"StateMachineArn": "m", "Input": {"a": 1}}),
    ("aws-sdk:sfn:startExecution", {"StateMachineArn": "m", "Input": [1]}),
    ("aws-sdk:sfn:sendTaskSuccess", {"TaskToken": "t", "Output": {"a": 1}}),
    ("lambda:invoke", {"FunctionName": "f", "Payload": {"a": 1}}),
    ("lambda:invoke", {"FunctionName": "f", "Payload": None}),
    ("aws-sdk:lambda:invoke", {"FunctionName": "f", "Payload": 5}),
    ("aws-sdk:s3:putObject", {"Bucket": "b", "Key": "k", "Body": [1]}),
    ("dynamodb:getItem", {**TABLE, "Key": {"id": {"S": "1"}}, "ConsistentRead": "true"}),
    ("dynamodb:putItem", {**TABLE, "Item": {"id": "1", "parts": {"L": ["a", {"N": "2"}]}}}),
    ("aws-sdk:dynamodb:putItem", {**TABLE, "Item": {"a": {"M": {"b": {"Nul": True}}}, "c": {"BOOL": False}}}),
    ("batch:submitJob", {**JOB, "ArrayProperties": {"Size": 2.0}, "Parameters": {"a": "1"}}),
    ("apigateway:invoke", {"ApiEndpoint": "e", "Method": "GET", "RequestBody": 5}),
]


@pytest.mark.parametrize(("resource", "arguments"), ACCEPTED)
def test_values_of_the_right_type_are_accepted(resource: str, arguments: dict[str, Any]) -> None:
    assert messages(resource, arguments) == []


REFUSED: list[tuple[str, dict[str, Any], list[str]]] = [
    ("sns:publish", {**TOPIC, "Message": "m", "Subject": {"a": 1}}, ["'Subject' must be a STRING"]),
    ("sns:publish", {**TOPIC, "Message": 5, "Subject": ["a"]}, ["'Message' must be a STRING", "'Subject' must be a STRING"]),
    ("lambda:invoke", {"FunctionName": "f", "Payload": True}, ["'Payload' must be a STRING"]),
    ("lambda:invoke", {"FunctionName": "f", "Payload": 0.5}, ["'Payload' must be a STRING"]),
    ("lambda:invoke", {"FunctionName": ["f"]}, ["'FunctionName' must be a STRING"]),
    ("dynamodb:putItem", {**TABLE, "Item": {"id": {"S": {"a": 1}}}}, ["'S' must be a STRING"]),
    ("dynamodb:putItem", {**TABLE, "Item": {"id": {"N": 5}}}, ["'N' must be a STRING"]),
    ("aws-sdk:dynamodb:putItem", {**TABLE, "Item": {"a": {"L": [{"M": {"b": {"N": 1}}}]}}}, ["'N' must be a STRING"]),
    ("dynamodb:putItem", {**TABLE, "Item": {"id": 5}}, ["'id' must be an OBJECT"]),
    ("aws-sdk:dynamodb:putItem", {**TABLE, "Item": {"id": "1"}}, ["'id' must be an OBJECT"]),
    ("dynamodb:putItem", {**TABLE, "Item": {"id": {"SS": ["a", 5]}}}, ["'SS' must be a STRING"]),
    ("dynamodb:putItem", {**TABLE, "Item": {"id": {"SS": "a"}}}, ["'SS' must be an ARRAY"]),
    ("dynamodb:getItem", {**TABLE, "Key": [1]}, ["'Key' must be an OBJECT"]),
    ("dynamodb:getItem", {**TABLE, "Key": {}, "ConsistentRead": 1}, ["'ConsistentRead' must be a BOOLEAN"]),
    ("batch:submitJob", {**JOB, "ArrayProperties": {"Size": "many"}}, ["'Size' must be an INTEGER"]),
    ("batch:submitJob", {**JOB, "ArrayProperties": {"Size": 1.5}}, ["'Size' must be an INTEGER"]),
    ("batch:submitJob", {**JOB, "Parameters": {"a": 1}}, ["'a' must be a STRING"]),
    ("sqs:sendMessage", {**QUEUE, "MessageBody": "m", "DelaySeconds": True}, ["'DelaySeconds' must be an INTEGER"]),
    ("dynamodb:getItem", {**TABLE}, ["The field 'Key' is required but was missing"]),
    ("dynamodb:getItem", {"TableName": None, "Key": {}}, ["The field 'TableName' is required but was missing"]),
    ("sns:publish", {**TOPIC, "Message": "m", "X": 1}, ['The field "X" is not supported by Step Functions']),
]  # fmt: skip


@pytest.mark.parametrize(("resource", "arguments", "expected"), REFUSED)
def test_values_of_another_type_are_refused(resource: str, arguments: dict[str, Any], expected: list[str]) -> None:
    assert messages(resource, arguments) == expected


def test_a_wrong_value_has_its_place_and_paths_are_not_looked_at() -> None:
    integration = integration_of("arn:aws:states:::dynamodb:putItem")
    assert integration
    parameters = parameters_of(integration)
    assert parameters
    arguments = {"TableName.$": "$.t", "Item": {"a": {"S.$": "$.s"}, "b": {"L": [{"S": 1}]}}}
    (wrong,) = wrong_types(integration, arguments, parameters)
    assert wrong == (("Item", "b", "L", 0, "S"), "S", 1, "a STRING")
