"""The template's resources in moto: there at the first request that may need them, whoever sends it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workflow_dsl.application.application import read_application
from workflow_dsl.application.template.resource_types import LOCAL_ACCOUNT, LOCAL_REGION
from workflow_dsl.local.project_run import ProjectRunner
from workflow_dsl.project import Project

TEMPLATE = """
Resources:
  T: {Type: AWS::Serverless::SimpleTable}
  Q: {Type: AWS::SQS::Queue, Properties: {QueueName: orders}}
  N: {Type: AWS::SNS::Topic, Properties: {TopicName: news}}
  B: {Type: AWS::S3::Bucket, Properties: {BucketName: files}}
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: {StartAt: Call, States: {Call: {Type: Task, Resource: "${F}", End: true}}}
      DefinitionSubstitutions: {F: !GetAtt F.Arn}
  F: {Type: AWS::Serverless::Function, Properties: {CodeUri: f/, Handler: app.handler, Runtime: python3.12}}
"""
TOPIC, QUEUE, TABLE = (
    f"arn:aws:{service}:{LOCAL_REGION}:{LOCAL_ACCOUNT}:{name}"
    for service, name in (("sns", "news"), ("sqs", "orders"), ("dynamodb", "table/T"))
)

CALLS: list[tuple[str, Any]] = [
    ("boto3.client('dynamodb').list_tables()['TableNames']", ["T"]),
    ("boto3.Session(region_name='us-east-1').client('dynamodb').list_tables()['TableNames']", ["T"]),
    ("[url[-6:] for url in boto3.client('sqs').list_queues()['QueueUrls']]", ["orders"]),
    ("[each['Name'] for each in boto3.client('s3').list_buckets()['Buckets']]", ["files"]),
    ("[each['TopicArn'][-4:] for each in boto3.client('sns').list_topics()['Topics']]", ["news"]),
    ("boto3.client('dynamodbstreams').list_streams()['Streams']", []),
    ("requests.get(boto3.client('s3').generate_presigned_url('list_objects', {'Bucket': 'files'})).status_code", 200),
]


@pytest.fixture
def run(tmp_path: Path) -> Any:
    """A function that runs a machine whose only state calls a function, and this one returns an expression."""
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    (tmp_path / "f").mkdir()

    def run(expression: str, **options: Any) -> Any:
        handler = f"import boto3, requests\n\ndef handler(event, context):\n    return {expression}\n"
        (tmp_path / "f" / "app.py").write_text(handler)
        return ProjectRunner(read_application(Project(tmp_path))).run("M", **options)

    return run


@pytest.mark.parametrize(("expression", "result"), CALLS)
def test_a_handler_finds_the_resources_of_the_template(run: Any, expression: str, result: Any) -> None:
    ended = run(expression)
    assert (ended.output, ended.cause) == (result, None)


def test_a_message_reaches_a_queue_that_no_request_was_sent_to_before(run: Any) -> None:
    subscribe = f"boto3.client('sns').subscribe(TopicArn='{TOPIC}', Protocol='sqs', Endpoint='{QUEUE}')"
    publish = f"boto3.client('sns').publish(TopicArn='{TOPIC}', Message='hello')"
    url = "boto3.client('sqs').get_queue_url(QueueName='orders')['QueueUrl']"
    receive = f"boto3.client('sqs').receive_message(QueueUrl={url})['Messages'][0]['Body']"
    ended = run(f"({subscribe}, {publish}, 'hello' in {receive})[-1]")
    assert (ended.output, ended.cause) == (True, None)


def test_a_table_is_exported_to_a_bucket_that_no_request_was_sent_to_before(run: Any) -> None:
    backups = "TableName='T', PointInTimeRecoverySpecification={'PointInTimeRecoveryEnabled': True}"
    dynamodb = "boto3.client('dynamodb')"
    export = f"{dynamodb}.export_table_to_point_in_time(TableArn='{TABLE}', S3Bucket='files', S3Prefix='e')"
    ended = run(f"({dynamodb}.update_continuous_backups({backups}), {export}['ExportDescription']['S3Bucket'])[-1]")
    assert (ended.output, ended.cause) == ("files", None)


def test_the_tables_of_a_run_without_a_request_are_empty(run: Any) -> None:
    assert run("1").tables == {"T": []}


def test_each_run_has_its_own_resources(run: Any) -> None:
    put = "boto3.client('dynamodb').put_item(TableName='T', Item={'id': {'S': '1'}}) and 1"
    assert [run(expression).tables["T"] for expression in (put, "1", put)] == [
        [{"id": {"S": "1"}}],
        [],
        [{"id": {"S": "1"}}],
    ]
