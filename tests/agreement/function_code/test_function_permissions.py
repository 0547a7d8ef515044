"""function_code/function_permissions.py: calls that the role of a function does not allow."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

MORE = """
Orders: {{Type: AWS::DynamoDB::Table, Properties: {{KeySchema: [{{AttributeName: id, KeyType: HASH}}]}}}}
Files: {{Type: AWS::S3::Bucket}}
Inbox: {{Type: AWS::S3::Bucket}}
F:
  Type: AWS::Serverless::Function
  Properties:
    CodeUri: f
    Handler: app.handler
    Runtime: python3.13
    Environment: {{Variables: {{ORDERS: !Ref Orders, FILES: !Ref Files}}}}
    Policies: {policies}
"""
HEAD = "import os\nimport boto3\ndb = boto3.client('dynamodb'); s3 = boto3.client('s3')\ntable = boto3.resource('dynamodb').Table(os.environ['ORDERS'])\nsts = boto3.client('sts')\ndef handler(event, context):\n    "


def found(tmp_path: Path, code: str, policies: str, more: str = "") -> list[str]:
    """The messages for a function with this code and these policies, without its name and its file."""
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "app.py").write_text(HEAD + code)
    application = application_of(tmp_path, more=MORE.format(policies=policies) + more)
    messages = [message for _, message, _ in reports(application, "MISSING_PERMISSION")]
    return [message.removeprefix("F: f/app.py:7 calls ") for message in messages if message.startswith("F: ")]


def allowing(action: str, resource: str = "'*'") -> str:
    return f"[{{Statement: [{{Effect: Allow, Action: '{action}', Resource: {resource}}}]}}]"


LACKS = "{}, and its role has no permission {}"
PUT, PUT_ON = LACKS.format("PutItem", "dynamodb:PutItem"), LACKS.format("PutItem on Orders", "dynamodb:PutItem")
GET_ON = LACKS.format("GetObject on Files", "s3:GetObject")
CALLS = [
    ("table.put_item(Item={'id': '1'})", "[]", [PUT]),
    ("table.put_item(Item={'id': '1'})", "[DynamoDBReadPolicy: {TableName: !Ref Orders}]", [PUT]),
    ("table.put_item(Item={'id': '1'})", "[DynamoDBCrudPolicy: {TableName: !Ref Orders}]", []),
    ("table.put_item(Item={'id': '1'})", "[DynamoDBCrudPolicy: {TableName: !Ref Table}]", [PUT_ON]),
    ("table.put_item(Item={'id': '1'})", allowing("dynamodb:*"), []),
    ("table.put_item(Item={'id': '1'})", allowing("dynamodb:PutItem", "!GetAtt Orders.Arn"), []),
    ("table.put_item(Item={'id': '1'})", "[SomeonesPolicy]", []),
    ("table.query(IndexName='i')", allowing("dynamodb:Query", "!Sub '${Orders.Arn}/index/i'"), []),
    ("db.put_item(TableName=event['table'], Item={'id': {'S': '1'}})", allowing("dynamodb:PutItem", "!GetAtt Orders.Arn"), []),
    ("s3.get_object(Bucket=os.environ['FILES'], Key='k')", allowing("s3:GetObject", "!Sub '${Files.Arn}/*'"), []),
    ("s3.get_object(Bucket=os.environ['FILES'], Key='k')", allowing("s3:GetObject", "!Sub '${Inbox.Arn}/*'"), [GET_ON]),
    ("s3.get_object(Bucket=os.environ['FILES'], Key='k')", "[S3ReadPolicy: {BucketName: !Ref Files}]", []),
    ("s3.head_object(Bucket=os.environ['FILES'], Key='k')", "[S3ReadPolicy: {BucketName: !Ref Files}]", []),
    ("sts.get_caller_identity()", "[]", []),
    ("credentials = sts.assume_role(RoleArn='r', RoleSessionName='s'); db.list_tables()", "[]", []),
    ("db.get_paginator('scan')", "[]", []),
    ("db.unheard_of()", "[]", []),
]  # fmt: skip


@pytest.mark.parametrize(("code", "policies", "expected"), CALLS)
def test_a_call_needs_a_permission_of_the_role(tmp_path: Path, code: str, policies: str, expected: list[str]) -> None:
    assert found(tmp_path, code, policies) == expected


OTHERS = [
    "Policy: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref Files, PolicyDocument: {Statement: [{Effect: Allow, Principal: '*', Action: 's3:GetObject', Resource: '*'}]}}}\n",
    "Connection: {Type: AWS::Serverless::Connector}\n",
]


@pytest.mark.parametrize("more", OTHERS)
def test_a_policy_of_the_resource_or_a_connector_may_allow_a_call(tmp_path: Path, more: str) -> None:
    assert found(tmp_path, "s3.get_object(Bucket=event['b'], Key='k')", "[]", more) == []
