"""parameters.py: parameters as boto3 expects them, and its results as a task's results, from botocore's models."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Any

import botocore.session
import pytest

from workflow_dsl.local.stand_ins.parameters import from_members, to_members


def shape(service: str, operation: str, side: str) -> Any:
    """The input or output of an operation in botocore's model."""
    model = botocore.session.get_session().get_service_model(service).operation_model(operation)
    return getattr(model, f"{side}_shape")


METRIC = {"MetricName": "m", "Value": "1.5", "Dimensions": [{"Name": "n", "Value": "v"}]}
TO_BOTO3: list[tuple[tuple[str, str], Any, Any]] = [
    (("cloudwatch", "PutMetricData"), {"Namespace": "n", "MetricData": [METRIC]},
     {"Namespace": "n", "MetricData": [{**METRIC, "Value": 1.5}]}),
    (("cloudwatch", "PutMetricData"), {"MetricData": "text"}, {"MetricData": "text"}),
    (("rds", "DescribeDBInstances"), {"DbInstanceIdentifier": "d", "MaxRecords": "20"},
     {"DBInstanceIdentifier": "d", "MaxRecords": 20}),
    (("rds", "DescribeDBInstances"), {"MaxRecords": "many"}, {"MaxRecords": "many"}),
    (("ecs", "RunTask"), {"TaskDefinition": "t", "EnableExecuteCommand": "true", "Count": None},
     {"taskDefinition": "t", "enableExecuteCommand": True}),
    (("batch", "SubmitJob"), {"Parameters": {"a": "b"}, "Tags": [1]}, {"parameters": {"a": "b"}, "tags": [1]}),
    (("lex-runtime", "PostContent"), {"SessionAttributes": {"a": 1}}, {"sessionAttributes": {"a": 1}}),
    (("sns", "Publish"), {"Message": {"a": 1}}, {"Message": '{"a":1}'}),
    (("kinesis", "PutRecord"), {"Data": "text"}, {"Data": b'"text"'}),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "parameters", "members"), TO_BOTO3)
def test_parameters_are_passed_as_boto3_expects_them(operation: tuple[str, str], parameters: Any, members: Any) -> None:
    assert to_members(shape(*operation, "input"), parameters, is_sdk=True) == members


def test_text_of_an_optimized_integration_is_its_own_blob() -> None:
    assert to_members(shape("lambda", "Invoke", "input"), {"Payload": "text"}, is_sdk=False) == {"Payload": b"text"}


@pytest.mark.parametrize(("is_sdk", "attribute"), [(False, {"S": "1"}), (True, "1")])
def test_text_of_an_optimized_integration_is_an_attribute_of_dynamodb(is_sdk: bool, attribute: Any) -> None:
    item = to_members(shape("dynamodb", "PutItem", "input"), {"Item": {"id": "1"}}, is_sdk=is_sdk)
    assert item == {"Item": {"id": attribute}}


def test_a_time_of_an_optimized_integration_is_in_milliseconds() -> None:
    tasks = {"tasks": [{"createdAt": NOON, "lastStatus": "STOPPED"}]}
    result = from_members(shape("ecs", "DescribeTasks", "output"), tasks, is_sdk=False)
    assert result == {"Tasks": [{"CreatedAt": 1769860800000, "LastStatus": "STOPPED"}]}


@pytest.mark.parametrize(("body", "result"), [(b'{"text": "hi"}', {"text": "hi"}), (b"hi", "hi"), (b"[NaN]", "[NaN]")])
def test_bytes_of_an_optimized_integration_are_json_if_they_can_be(body: bytes, result: Any) -> None:
    answer = {"body": BytesIO(body), "contentType": "application/json"}
    expected = {"Body": result, "ContentType": "application/json"}
    assert from_members(shape("bedrock-runtime", "InvokeModel", "output"), answer, is_sdk=False) == expected


NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
FROM_BOTO3: list[tuple[tuple[str, str], Any, Any]] = [
    (("s3", "GetObject"), {"Body": BytesIO(b"text"), "LastModified": NOON},
     {"Body": "text", "LastModified": "2026-01-31T12:00:00.000Z"}),
    (("rds", "DescribeDBInstances"), {"DBInstances": [{"DBInstanceIdentifier": "d"}]},
     {"DbInstances": [{"DbInstanceIdentifier": "d"}]}),
    (("sqs", "GetQueueAttributes"), {"Attributes": {"QueueArn": "q"}}, {"Attributes": {"QueueArn": "q"}}),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "answer", "result"), FROM_BOTO3)
def test_an_answer_becomes_json_under_the_names_of_the_integration(
    operation: tuple[str, str], answer: Any, result: Any
) -> None:
    assert from_members(shape(*operation, "output"), answer, is_sdk=True) == result


def test_the_fields_of_an_optimized_integration_are_in_alphabetical_order() -> None:
    answer = {"tasks": [{"version": 1, "taskArn": "t"}], "failures": []}
    result = from_members(shape("ecs", "RunTask", "output"), answer, is_sdk=False)
    assert str(result) == "{'Failures': [], 'Tasks': [{'TaskArn': 't', 'Version': 1}]}"
