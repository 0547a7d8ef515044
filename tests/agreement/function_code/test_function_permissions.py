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


LACKS_ACTION = "F: f/app.{} calls {}, and its role has no permission states:{}"


def answering(tmp_path: Path, code: str, suffix: str, policies: str = "[]") -> list[str]:
    """The messages for a function with this code and these policies."""
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / f"app.{suffix}").write_text(code)
    runtime = "python3.13" if suffix == "py" else "nodejs22.x"
    properties = f"CodeUri: f, Handler: app.handler, Runtime: {runtime}, Policies: {policies}"
    more = f"F: {{Type: AWS::Serverless::Function, Properties: {{{properties}}}}}\n"
    return [message for _, message, _ in reports(application_of(tmp_path, more=more), "MISSING_PERMISSION")]


IN_NODE = "import * as sfn from '@aws-sdk/client-sfn';\nexport const handler = async (event) => {\n  {}\n};\n"
IN_PYTHON = (
    "import boto3\nsfn = boto3.client('stepfunctions')\ndef handler(event, context):\n    {}\n    assume = event\n"
)
ANSWERS = [
    (IN_PYTHON.format("sfn.send_task_success(taskToken='t', output='1')"), "py", 4, "SendTaskSuccess"),
    (IN_NODE.replace("{}", "await c.send(new sfn.SendTaskFailureCommand({ taskToken }));"), "mjs", 3, "SendTaskFailure"),
    (IN_NODE.replace("{}", "await c.send(new StartExecutionCommand(input));"), "mjs", 3, "StartExecution"),
    (IN_NODE.replace("{}", "/* first */ await c.send(new StartExecutionCommand(input));"), "mjs", 3, "StartExecution"),
]  # fmt: skip


@pytest.mark.parametrize(("code", "suffix", "line", "action"), ANSWERS)
def test_a_call_without_a_permission_is_reported(
    tmp_path: Path, code: str, suffix: str, line: int, action: str
) -> None:
    assert answering(tmp_path, code, suffix) == [LACKS_ACTION.format(f"{suffix}:{line}", action, action)]


OTHER_CODE = [
    (IN_NODE.replace("{}", "/* new sfn.SendTaskFailureCommand({ taskToken }) */"), "mjs"),
    (IN_NODE.replace("{}", "log('new StartExecutionCommand({})');"), "mjs"),
    (IN_NODE.replace("{}", "await c.send(new DescribeExecutionCommand({ executionArn }));"), "mjs"),
    (IN_NODE.replace("{}", "const role = assumeRole(event); await c.send(new StartExecutionCommand(role));"), "mjs"),
    (IN_PYTHON.format("sfn.describe_execution(executionArn='e')"), "py"),
]


@pytest.mark.parametrize(("code", "suffix"), OTHER_CODE)
def test_code_that_makes_no_such_call_is_not_reported(tmp_path: Path, code: str, suffix: str) -> None:
    assert answering(tmp_path, code, suffix) == []


def test_a_call_with_a_permission_is_not_reported(tmp_path: Path) -> None:
    policies = "[{Version: '2012-10-17', Statement: [{Effect: Allow, Action: states:SendTaskSuccess, Resource: '*'}]}]"
    assert answering(tmp_path, ANSWERS[0][0], "py", policies) == []


SHARED = """
import boto3
sfn = boto3.client('stepfunctions')
s3 = boto3.client('s3')

def handler(event, context):
    return put(event) if event else Store().save(event)

def put(event):
    return first(event)

def first(event):
    s3.put_object(Bucket='b', Key='k')

class Store:
    def save(self, event):
        sfn.send_task_success(taskToken=event['t'], output='1')

def other(event, context):
    sfn.send_task_failure(taskToken=event['t'])
    s3.get_object(Bucket='b', Key='k')
"""


def test_a_handler_needs_no_permission_for_another_one_in_its_file(tmp_path: Path) -> None:
    assert answering(tmp_path, SHARED, "py") == [
        LACKS_ACTION.format("py:17", "SendTaskSuccess", "SendTaskSuccess"),
        "F: f/app.py:13 calls PutObject, and its role has no permission s3:PutObject",
    ]


EXPORTS = [
    "exports.handler = async () => c.send(new StartExecutionCommand({}));\nexports.other = () => 1;\n",
    "export const handler = async () => c.send(new StartExecutionCommand({}));\nexport function other() {}\n",
    "const handler = async () => c.send(new StartExecutionCommand({}));\nexport { handler, other };\n",
    "const handler = async () => c.send(new StartExecutionCommand({}));\nmodule.exports = { handler, other };\n",
    "const handler = async () => c.send(new StartExecutionCommand({}));\nmodule.exports = { handler, ...others };\n",
]


@pytest.mark.parametrize("code", EXPORTS)
def test_a_module_of_node_with_several_exports_is_not_judged(tmp_path: Path, code: str) -> None:
    assert answering(tmp_path, f"import {{ A }} from '@aws-sdk/client-sfn';\n{code}", "mjs") == []


# What a function calls, and the setting or event source for which SAM adds the permission.
BY_SAM = [
    ("logs", "put_log_events(logGroupName='a', logStreamName='b', logEvents=[])", ""),
    ("xray", "put_trace_segments(TraceSegmentDocuments=[])", "Tracing: Active"),
    ("ec2", "describe_network_interfaces()", "VpcConfig: {SubnetIds: [s], SecurityGroupIds: [g]}"),
    ("sqs", "delete_message(QueueUrl='q', ReceiptHandle='r')", "Events: {A: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}}"),
    ("kinesis", "get_records(ShardIterator='s')", "Events: {A: {Type: Kinesis, Properties: {Stream: arn, StartingPosition: LATEST}}}"),
    ("sns", "publish(TopicArn='t', Message='m')", "DeadLetterQueue: {Type: SNS, TargetArn: !Ref Topic}"),
    ("sqs", "send_message(QueueUrl='q', MessageBody='m')", "EventInvokeConfig: {DestinationConfig: {OnSuccess: {Type: SQS}}}"),
    ("secretsmanager", "get_secret_value(SecretId='s')", "Events: {A: {Type: MQ, Properties: {Broker: b, Queues: [q]}}}"),
]  # fmt: skip


@pytest.mark.parametrize(("service", "call", "setting"), BY_SAM)
def test_sam_adds_permissions_for_settings_and_event_sources(
    tmp_path: Path, service: str, call: str, setting: str
) -> None:
    code = f"import boto3\nclient = boto3.client('{service}')\ndef handler(event, context):\n    client.{call}\n"
    policies = f"[]{setting and f', {setting}'}"
    assert answering(tmp_path, code, "py", policies) == []


TO_PASTE = '{Effect: Allow, Action: dynamodb:PutItem, Resource: "*"}'
REMEDIES = [
    ("[]", f"add to Policies: - Statement: [{TO_PASTE}]"),
    ("[]\n    Role: !GetAtt R.Arn", f"add to a policy of R: - {TO_PASTE}"),
]


@pytest.mark.parametrize(("policies", "expected"), REMEDIES)
def test_the_remedy_is_for_the_function_or_for_its_role_in_the_template(
    tmp_path: Path, policies: str, expected: str
) -> None:
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "app.py").write_text(f"{HEAD}table.put_item(Item={{'id': '1'}})")
    role = "R: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {}}}\n"
    application = application_of(tmp_path, more=MORE.format(policies=policies) + role)
    remedies = [remedy for _, message, remedy in reports(application, "MISSING_PERMISSION") if message[:2] == "F:"]
    assert remedies == [expected]
