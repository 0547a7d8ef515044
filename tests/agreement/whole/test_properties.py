"""properties.py: names and kinds of properties, by the schemas of resource types."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports
from workflow_dsl.agreement import cross_check

HEAD = 'AWSTemplateFormatVersion: "2010-09-09"\nTransform: AWS::Serverless-2016-10-31\n'
KEYS = "AttributeDefinitions: [{AttributeName: id, AttributeType: S}], BillingMode: PAY_PER_REQUEST"
TABLE = "AWS::DynamoDB::Table"
WRONG = [
    (TABLE, f"{KEYS}, KeySchemas: []", "AWS::DynamoDB::Table has no property KeySchemas", 'did you mean "KeySchema"?'),
    (TABLE, KEYS, "it lacks KeySchema", "add KeySchema"),
    (
        TABLE,
        f"{KEYS}, KeySchema: [{{AttributName: id, KeyType: HASH}}]",
        "it has no property AttributName",
        'did you mean "AttributeName"?',
    ),
    (
        TABLE,
        "KeySchema: [{AttributeName: id, KeyType: HASH}], AttributeDefinitions: {AttributeName: id, AttributeType: S}, "
        "BillingMode: PAY_PER_REQUEST",
        "AttributeDefinitions is not a list",
        "write a list: put - before it",
    ),
    (
        TABLE,
        KEYS.replace("REQUEST", "REQUESTS") + ", KeySchema: [{AttributeName: id, KeyType: HASH}]",
        "BillingMode is PAY_PER_REQUESTS, which it does not take",
        "write PAY_PER_REQUEST",
    ),
    (
        TABLE,
        f"{KEYS.replace('[{', '[{AttributeName: kind, AttributeType: S}, {')}, "
        "KeySchema: [{AttributeName: id, KeyType: HASH}]",
        "its AttributeDefinitions have kind, which no key uses",
        "remove kind, or add its index",
    ),
    ("AWS::SQS::Queue", "Name: jobs", "AWS::SQS::Queue has no property Name", "write QueueName"),
    (
        "AWS::SQS::Queue",
        "RetentionPeriod: 60",
        "AWS::SQS::Queue has no property RetentionPeriod",
        'did you mean "MessageRetentionPeriod"?',
    ),
    (
        "AWS::SQS::Queue",
        "KmsKeyId: alias/mine",
        "AWS::SQS::Queue has no property KmsKeyId",
        'did you mean "KmsMasterKeyId"?',
    ),
    (
        "AWS::Serverless::SimpleTable",
        "PrimaryKey: {Name: id, Type: S}",
        "the Type of its PrimaryKey is S, which SAM does not have",
        "write String",
    ),
    (
        "AWS::SQS::Queue",
        "DeletionPolicy: Retain",
        "AWS::SQS::Queue has no property DeletionPolicy",
        "move DeletionPolicy out of Properties, beside Type",
    ),
    (
        "AWS::SQS::Queue",
        "VisibilityTimeout: [30]",
        "VisibilityTimeout is a list, but it takes one value",
        "write a string or a number",
    ),
    (
        "AWS::Serverless::Function",
        "Code: checker/, Handler: app.handler, Runtime: python3.13",
        "AWS::Serverless::Function has no property Code",
        "write CodeUri",
    ),
    (
        "AWS::Serverless::Function",
        "CodeUri: checker/, Handler: app.handler, Runtime: python3.13, VpcConfig: {SubnetIds: [s], SecurityGroups: [g]}",
        "VpcConfig has no property SecurityGroups",
        'did you mean "SecurityGroupIds"?',
    ),
    (
        "AWS::S3::Bucket",
        "VersioningConfiguration: [{Status: Enabled}]",
        "VersioningConfiguration is a list, but it takes an object",
        "write its fields without -",
    ),
    (
        "AWS::S3::Bucket",
        "VersioningConfiguration: Enabled",
        "VersioningConfiguration is Enabled, but it takes an object",
        "write its fields below it",
    ),
    (
        "AWS::S3::Bucket",
        "EventBridgeConfiguration: {EventBridgeEnabled: true}",
        "AWS::S3::Bucket has no property EventBridgeConfiguration",
        "write it below NotificationConfiguration",
    ),
]
WRONG.append(
    (
        "AWS::Lambda::EventSourceMapping",
        "FunctionName: !Ref Checker, EventSourceArn: !GetAtt Queue.Arn, FunctionResponseTypes: [ReportBatchFailures]",
        "FunctionResponseTypes is ReportBatchFailures, which it does not take",
        "write ReportBatchItemFailures",
    )
)
RIGHT = [
    ("AWS::Serverless::SimpleTable", "PrimaryKey: {Name: id, Type: Number}"),
    ("AWS::SQS::Queue", "VisibilityTimeout: !Ref Stage, SomethingNew: 1"),
    ("AWS::S3::Bucket", "NotificationConfiguration: {EventBridgeConfiguration: {}}"),
    ("AWS::S3::Bucket", "VersioningConfiguration: !If [Is, {Status: Enabled}, !Ref AWS::NoValue]"),
    (TABLE, "Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/table.yaml}}"),
    (
        TABLE,
        f"{KEYS.replace('[{', '[{AttributeName: kind, AttributeType: S}, {')}, "
        "KeySchema: [{AttributeName: id, KeyType: HASH}], VectorIndexes: !Ref Indexes",
    ),
    (TABLE, "KeySchema: [{AttributeName: id, KeyType: HASH}], Fn::Transform: {Name: Pay}"),
    ("AWS::SSM::Parameter", "Type: String, Value: '{}'"),
    ("AWS::Serverless::LayerVersion", "ContentUri: layer/"),
    ("Custom::Thing", "Nmae: x"),
    (
        "AWS::Serverless::Function",
        "InlineCode: x, CapacityProviderConfig: {Arn: !ImportValue Provider, PerExecutionEnvironmentMaxConcurrency: 2}",
    ),
]


def found_in(folder: Path, type_: str, properties: str, head: str = HEAD) -> list[tuple[str, str]]:
    more = f"New: {{Type: '{type_}', Properties: {{{properties}}}}}\n"
    complete = f"Table: {{Type: {TABLE}, Properties: {{{KEYS}, KeySchema: [{{AttributeName: id, KeyType: HASH}}]}}}}"
    application = application_of(folder, more=f"{more}{complete}\n", head=head)
    found = reports(application, "SCHEMA_VALIDATION_FAILED")
    return [(message.removeprefix("New: "), remedy) for _, message, remedy in found]


@pytest.mark.parametrize(("type_", "properties", "message", "remedy"), WRONG)
def test_a_wrong_property_is_one_finding(
    tmp_path: Path, type_: str, properties: str, message: str, remedy: str
) -> None:
    assert found_in(tmp_path, type_, properties) == [(message, remedy)]


@pytest.mark.parametrize(("type_", "properties"), RIGHT)
def test_properties_that_may_be_right_have_no_finding(tmp_path: Path, type_: str, properties: str) -> None:
    assert found_in(tmp_path, type_, properties) == []


def test_a_fragment_may_lack_properties_that_another_file_has(tmp_path: Path) -> None:
    assert found_in(tmp_path, TABLE, KEYS, head="") == []


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (60, []),
        (1_209_600, []),
        ("!Ref Stage", []),
        (59, [("MessageRetentionPeriod is 59, but it takes 60 to 1209600", "write 60")]),
        (2_419_200, [("MessageRetentionPeriod is 2419200, but it takes 60 to 1209600", "write 1209600")]),
    ],
)
def test_a_number_is_within_its_limits(tmp_path: Path, number: object, expected: list[tuple[str, str]]) -> None:
    more = f"New: {{Type: AWS::SQS::Queue, Properties: {{MessageRetentionPeriod: {number}}}}}\n"
    found = reports(application_of(tmp_path, more=more), "UNKNOWN_VALUE")
    assert [(message.removeprefix("New: "), remedy) for _, message, remedy in found] == expected


def test_a_value_that_resembles_none_is_a_warning(tmp_path: Path) -> None:
    pipe = "Source: x, Target: x, RoleArn: x, SourceParameters: {DynamoDBStreamParameters: {StartingPosition: NEWEST}}"
    more = f"New: {{Type: AWS::Pipes::Pipe, Properties: {{{pipe}}}}}\n"
    found = [each for each in cross_check(application_of(tmp_path, more=more)) if each.code == "UNKNOWN_VALUE"]
    assert [(each.severity, each.message, each.remedy) for each in found] == [
        ("warning", "New: StartingPosition is NEWEST, which it does not take", "write one of TRIM_HORIZON, LATEST")
    ]
