"""Calls whose parameters the service refuses: what is reported, and what stays silent."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.validation import check

QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
UPDATE = {"TableName": "t", "Key": {"id": {"S": "1"}}, "UpdateExpression": "SET #s = :s, note = :n"}
ENDS = {"TableName": "t", "Key": {"id": {"S": "1"}}}
NAMES, VALUES = {"#s": "status"}, {":s": {"S": "x"}, ":n": {"S": "y"}}
GET = {"ApiEndpoint": "https://api.example.com", "Method": "GET"}
ITEM = {"TableName": "t", "Item": {"id": {"S": "1"}}}
BATCH = {"DistributionId": "E1", "InvalidationBatch": {"CallerReference": "r", "Paths": {"Items": ["/*"]}}}
CALLS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("dynamodb:updateItem", UPDATE | {"ExpressionAttributeNames": NAMES, "ExpressionAttributeValues": VALUES}, []),
    ("dynamodb:updateItem", UPDATE | {"ExpressionAttributeNames": NAMES, "ExpressionAttributeValues.$": "$.v"}, []),
    (
        "dynamodb:updateItem",
        UPDATE | {"ExpressionAttributeNames": NAMES, "ExpressionAttributeValues": {":s": {"S": "x"}}},
        ["REFUSED_CALL ExpressionAttributeValues has no :n"],
    ),
    (
        "aws-sdk:dynamodb:updateItem",
        UPDATE | {"ExpressionAttributeValues": VALUES},
        ["REFUSED_CALL ExpressionAttributeNames has no #s"],
    ),
    ("dynamodb:updateItem", UPDATE | {"UpdateExpression": "SET ${Field} = :s"}, []),
    ("dynamodb:updateItem", ENDS | {"UpdateExpression": "SET"}, ["REFUSED_CALL UpdateExpression ends after SET"]),
    ("dynamodb:updateItem", ENDS | {"UpdateExpression": "REMOVE note"}, []),
    (
        "aws-sdk:rekognition:detectLabels",
        {"Image": {"S3Object": {"Bucket": "b", "Name": "n"}}, "MinConfidence": "high"},
        ['WRONG_KIND is the string "high", but the service expects a number'],
    ),
    ("aws-sdk:rekognition:detectLabels", {"Image": {}, "MinConfidence": "60.5"}, []),
    (
        "aws-sdk:cloudwatch:putMetricData",
        {"Namespace": "n", "MetricData": [{"Name": "m"}]},
        ['SCHEMA_VALIDATION_FAILED The field "Name" is not supported by Step Functions'],
    ),
    ("sqs:sendMessage", {"QueueUrl": QUEUE, "MessageBody": "m"}, []),
    ("sqs:sendMessage", {"QueueUrl": f"{QUEUE}.fifo", "MessageBody": "m", "MessageGroupId.$": "$.g"}, []),
    (
        "sqs:sendMessage",
        {"QueueUrl": f"{QUEUE}.fifo", "MessageBody": "m", "MessageGroupId": "g", "DelaySeconds": 5},
        ["REFUSED_CALL the FIFO queue orders.fifo takes no DelaySeconds for a message"],
    ),
    (
        "aws-sdk:sqs:sendMessage",
        {"QueueUrl": f"{QUEUE}.fifo", "MessageBody": "m"},
        ["REFUSED_CALL the FIFO queue or topic orders.fifo needs MessageGroupId"],
    ),
    (
        "sqs:sendMessage",
        {"QueueUrl": QUEUE, "MessageBody": "m", "DelaySeconds": 901},
        ["REFUSED_CALL DelaySeconds is 901, but the maximum is 900"],
    ),
    (
        "sns:publish",
        {
            "TopicArn": "arn:aws:sns:eu-west-1:123456789012:t",
            "Message": "m",
            "MessageAttributes": {"k": {"StringValue": "v"}},
        },
        ["REFUSED_CALL the message attribute k has no DataType"],
    ),
    ("http:invoke", GET, ["NO_CONNECTION has no connection, without which an HTTP task fails"]),
    ("http:invoke", GET | {"Authentication.$": "$.connection"}, []),
    ("http:invoke", GET | {"InvocationConfig": {"ConnectionArn.$": "$.connection"}}, []),
    (
        "aws-sdk:cloudfront:createInvalidation",
        BATCH,
        ["INCOMPLETE_PARAMETER Paths has no Quantity, which CloudFront requires"],
    ),
    (
        "aws-sdk:eventbridge:putTargets",
        {"Rule": "r", "Targets": [{"Id": "1"}]},
        ["INCOMPLETE_PARAMETER Targets[0] has no Arn, which EventBridge requires"],
    ),
    ("aws-sdk:eventbridge:putTargets", {"Rule": "r", "Targets": [{"Id": "1", "Arn.$": "$.arn"}]}, []),
    ("aws-sdk:eventbridge:putTargets", {"Rule": "r", "Targets.$": "$.targets"}, []),
    (
        "dynamodb:putItem",
        ITEM | {"Item": {"id": {"S": "1"}, "is": {"BOOL": "yes"}}},
        ['UNKNOWN_ATTRIBUTE_TYPE BOOL takes true or false, but "yes" is a string'],
    ),
    ("dynamodb:putItem", ITEM | {"Item": {"id": {"S": "1"}, "is": {"BOOL": "true"}, "no": {"NULL": True}}}, []),
    ("dynamodb:putItem", ITEM | {"Item": {"id": {"S": "1"}, "is": {"BOOL.$": "$.is"}}}, []),
    ("dynamodb:putItem", ITEM | {"Item": {"id": {"S": "1"}}, "ReturnValues": "ALL_OLD"}, []),
    (
        "dynamodb:putItem",
        ITEM | {"Item": {"id": {"S": "1"}}, "ReturnValues": "ALL_NEW"},
        ["REFUSED_CALL ReturnValues is ALL_NEW, which putItem does not have"],
    ),
    ("events:putEvents", {"Entries": [{"Detail": {}, "DetailType.$": "$.t", "Source": "s"}]}, []),
    (
        "events:putEvents",
        {"Entries": [{"Detail": {}, "Source": "aws.s3"}]},
        [
            "REFUSED_CALL the event has no DetailType",
            "REFUSED_CALL its Source is aws.s3, and only AWS services may put events of a source that begins with aws.",
        ],
    ),
    (
        "apigateway:invoke",
        {"ApiEndpoint": "https://a.execute-api.eu-west-1.amazonaws.com/prod", "Method": "GET"},
        [
            'WRONG_FORM is "https://a.execute-api.eu-west-1.amazonaws.com/prod", '
            "but the service expects the host of an API"
        ],
    ),
    (
        "dynamodb:putItem",
        ITEM | {"TableName": "arn:aws:sqs:eu-west-1:111111111111:q", "Item": {"id": {"S": "1"}}},
        ['WRONG_FORM is "arn:aws:sqs:eu-west-1:111111111111:q", but the service expects a table'],
    ),
    (
        "sns:publish",
        {"TopicArn": "arn:aws:sqs:eu-west-1:111111111111:q", "Message": "m"},
        ['WRONG_FORM is "arn:aws:sqs:eu-west-1:111111111111:q", but the service expects the ARN of a topic'],
    ),
    ("sns:publish", {"TopicArn": "arn:aws-cn:sns:cn-north-1:111111111111:t", "Message": "m"}, []),
    ("apigateway:invoke", {"ApiEndpoint": "a.execute-api.eu-west-1.amazonaws.com", "Method": "GET"}, []),
]


@pytest.mark.parametrize(("integration", "parameters", "findings"), CALLS)
def test_a_call_that_is_refused_is_reported(integration: str, parameters: dict[str, Any], findings: list[str]) -> None:
    resource = f"arn:aws:states:::{integration}"
    task = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
    found = check({"StartAt": "T", "States": {"T": task}})
    assert [f"{each.code} {each.message}" for each in found] == findings


@pytest.mark.parametrize(
    ("comparison", "count"),
    [
        ({"TimestampEquals": "2026-01-31"}, 1),
        ({"TimestampLessThan": "2026-01-31 12:00:00Z"}, 1),
        ({"TimestampLessThan": "2026-01-31T12:00:00Z"}, 0),
        ({"TimestampLessThanPath": "$.until"}, 0),
        ({"TimestampLessThan": "${Until}"}, 0),
        ({"StringEquals": "2026-01-31"}, 0),
    ],
)
def test_a_choice_rule_compares_with_a_timestamp(comparison: dict[str, Any], count: int) -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$.at", **comparison, "Next": "D"}], "Default": "D"}
    found = check({"StartAt": "C", "States": {"C": choice, "D": {"Type": "Succeed"}}})
    assert [each.code for each in found] == ["NO_TIMESTAMP"] * count


@pytest.mark.parametrize(
    ("output", "messages"),
    [
        ("{% $now %}", ["$now is a function that is not called"]),
        ("{% $now() %}", []),
        ("{% $count %}", []),  # a variable of this name
        ("{% $map([1], $string) %}", []),
    ],
)
def test_a_function_that_is_not_called_is_reported(output: str, messages: list[str]) -> None:
    states: dict[str, Any] = {
        "A": {"Type": "Pass", "Assign": {"count": 1}, "Next": "B"},
        "B": {"Type": "Pass", "End": True},
    }
    states["B"] |= {"Output": {"x": output, "n": "{% $count %}"}}
    found = check({"QueryLanguage": "JSONata", "StartAt": "A", "States": states})
    assert [each.message for each in found] == messages


@pytest.mark.parametrize(
    ("partition", "count"), [("aws", 0), ("aws-cn", 0), ("aws-us-gov", 0), ("aws-iso-b", 0), ("awss", 1), ("aw", 1)]
)
def test_an_arn_has_a_partition_that_exists(partition: str, count: int) -> None:
    parameters = {"QueueUrl": QUEUE, "MessageBody": "m"}
    resource = f"arn:{partition}:states:::sqs:sendMessage"
    task = {"Type": "Task", "Resource": resource, "Parameters": parameters, "End": True}
    found = check({"StartAt": "T", "States": {"T": task}})
    assert [each.code for each in found] == ["SCHEMA_VALIDATION_FAILED"] * count


@pytest.mark.parametrize(("name", "messages"), [("prefix", ["takes Prefix, not prefix"]), ("Prefix", [])])
def test_a_reader_of_a_map_takes_a_prefix(name: str, messages: list[str]) -> None:
    reader = {"Resource": "arn:aws:states:::s3:listObjectsV2", "Parameters": {"Bucket": "b", name: "p"}}
    config = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    processor = {"ProcessorConfig": config, "StartAt": "I", "States": {"I": {"Type": "Pass", "End": True}}}
    fields = {"ItemReader": reader, "ItemProcessor": processor, "ResultPath": None}
    found = check({"StartAt": "M", "States": {"M": {"Type": "Map", **fields, "End": True}}})
    assert [each.message for each in found] == messages
