"""Reads of fields that the results of services and of Maps do not have."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.shapes import Declared
from workflow_dsl.shapes.sources.event_details import detail_of
from workflow_dsl.validation import check

UPDATE = {"TableName": "t", "Key": {"id": {"S": "1"}}}
JOB = {"JobName": "j", "JobQueue": "q", "JobDefinition": "d"}
OBJECT = {"Bucket": "b", "Key": "k"}
API = {"ApiEndpoint": "a.execute-api.eu-west-1.amazonaws.com", "Method": "GET"}
MACHINE = {"StateMachineArn": "arn:aws:states:eu-west-1:123456789012:stateMachine:M"}
READS: list[tuple[str, dict[str, Any], str, str | None]] = [
    ("batch:submitJob.sync", JOB, "$.jobId", "JobArn"),
    ("batch:submitJob.sync", JOB, "$.JobId", None),
    ("states:startExecution", MACHINE, "$.executionArn", "ExecutionArn"),
    ("states:startExecution", MACHINE, "$.ExecutionArn", None),
    ("dynamodb:updateItem", UPDATE, "$.Attributes.at.S", "ItemCollectionMetrics"),
    ("dynamodb:updateItem", UPDATE | {"ReturnValues": "NONE"}, "$.Attributes.at.S", "ItemCollectionMetrics"),
    ("aws-sdk:dynamodb:updateItem", UPDATE, "$.Attributes.at.S", "ItemCollectionMetrics"),
    ("dynamodb:updateItem", UPDATE | {"ReturnValues": "ALL_NEW"}, "$.Attributes.at.S", None),
    ("dynamodb:updateItem", UPDATE | {"ReturnValues.$": "$.which"}, "$.Attributes.at.S", None),
    ("aws-sdk:s3:getObject", OBJECT, "$.Body.items", "is a string"),
    ("aws-sdk:s3:getObject", OBJECT, "$.Body", None),
    ("apigateway:invoke", API, "$.responseBody.id", "ResponseBody"),
    ("apigateway:invoke", API, "$.ResponseBody.id", None),
    ("sqs:sendMessage", {"QueueUrl": "https://q", "MessageBody": "m"}, "$.MD5OfMessageBody", None),
    ("sqs:sendMessage", {"QueueUrl": "https://q", "MessageBody": "m"}, "$.Md5OfMessageBody", None),
]


@pytest.mark.parametrize(("integration", "parameters", "path", "instead"), READS)
def test_a_field_that_a_result_never_has_is_reported(
    integration: str, parameters: dict[str, Any], path: str, instead: str | None
) -> None:
    resource = f"arn:aws:states:::{integration}"
    task = {"Type": "Task", "Resource": resource, "Parameters": parameters, "OutputPath": path, "End": True}
    found = [each.message for each in check({"StartAt": "T", "States": {"T": task}}) if each.code == "MISSING_FIELD"]
    assert [instead is not None and instead in message for message in found] == [True] * (instead is not None)


WRITER = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}}
READER = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b"}}


@pytest.mark.parametrize(
    ("path", "messages"),
    [
        ("$.ResultWriterDetails.Key", []),
        ("$.MapRunArn", []),
        ("$.ResultWriterDetails.key", ["$.ResultWriterDetails has only Bucket, Key"]),
        ("$[0]", ["$ has only MapRunArn, ResultWriterDetails"]),
    ],
)
def test_a_result_writer_gives_the_place_of_the_results(path: str, messages: list[str]) -> None:
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = {"ProcessorConfig": config, "StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    fields = {"ItemReader": READER, "ItemProcessor": processor, "ResultWriter": WRITER, "OutputPath": path}
    found = check({"StartAt": "M", "States": {"M": {"Type": "Map", **fields, "End": True}}})
    assert [each.message.partition(", but ")[2].partition(" (")[0] for each in found] == messages


SCHEDULE = {"Type": "Pass", "Parameters": {"at.$": "States.ArrayLength($.x)"}, "Next": "Log"}


@pytest.mark.parametrize(
    ("event", "findings"),
    [
        ({"Timestamp": 1, "Message.$": "$.at"}, ["Message must be a STRING, and the value is a number"]),
        ({"Timestamp.$": "$.at", "Message": "m"}, []),
        ({"Timestamp.$": "$.at", "Message.$": "States.Format('{}', $.at)"}, []),
    ],
)
def test_a_parameter_in_a_list_has_the_kind_that_the_api_takes(event: dict[str, Any], findings: list[str]) -> None:
    resource = "arn:aws:states:::aws-sdk:cloudwatchlogs:putLogEvents"
    parameters = {"LogGroupName": "g", "LogStreamName": "s", "LogEvents": [event]}
    log = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
    found = check({"StartAt": "S", "States": {"S": SCHEDULE, "Log": log}})
    assert [each.message for each in found] == findings


@pytest.mark.parametrize(
    ("path", "findings"),
    [
        ("$.Bucket.name", ["$ has version, bucket, object, request-id, requester, source-ip-address, reason, "
                           'deletion-type (the events of aws.s3); did you mean "bucket"?']),
        ("$.requestId", ["$ has version, bucket, object, request-id, requester, source-ip-address, reason, "
                         'deletion-type (the events of aws.s3); did you mean "request-id"?']),
        ("$.object.Key", ['$.object has only key, size, etag, version-id, sequencer; did you mean "key"?']),
        ("$.bucket.name", []),
        ("$.tags.Owner", []),
    ],
)  # fmt: skip
def test_an_event_has_no_field_that_differs_in_letters_alone_and_may_have_others(
    path: str, findings: list[str]
) -> None:
    declared = Declared(detail_of(["aws.s3"], ["Object Created"]))
    machine = {"StartAt": "A", "States": {"A": {"Type": "Pass", "InputPath": path, "End": True}}}
    assert [f"{each.message}; {each.remedy}" for each in check(machine, declared=declared)] == [
        f"reads {path}, but {finding}" for finding in findings
    ]
