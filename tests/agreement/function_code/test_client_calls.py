"""function_code/client_calls.py: calls in code with parameters that a service lacks, and items without a table's key."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

TABLE = """
Orders:
  Type: AWS::DynamoDB::Table
  Properties:
    AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: at, AttributeType: S}]
    KeySchema: [{AttributeName: id, KeyType: HASH}, {AttributeName: at, KeyType: RANGE}]
F:
  Type: AWS::Serverless::Function
  Properties: {CodeUri: f, Handler: app.handler, Runtime: RUNTIME, Environment: {Variables: {ORDERS: !Ref Orders}}}
"""


def found(tmp_path: Path, code: str, runtime: str = "python3.13", more: str = "") -> list[str]:
    """The messages, without the function's name, and the remedies for a function with this code."""
    suffix = "py" if runtime.startswith("python") else "js"
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / f"app.{suffix}").write_text(code)
    application = application_of(tmp_path, more=TABLE.replace("RUNTIME", runtime) + more)
    return [f"{message.removeprefix('F: f/')}; {remedy}" for _, message, remedy in reports(application, "WRONG_CALL")]


HEAD = "import os\nimport boto3\nsns = boto3.client('sns'); s3 = boto3.client('s3'); events = boto3.client('events')\ntable = boto3.resource('dynamodb').Table(os.environ['ORDERS'])\ndb = boto3.client('dynamodb')\nNAME = os.environ['ORDERS']\ndef handler(event, context):\n    "
LACKS = "app.py:8 has no at, which is the key of Orders, in its {}; {}"
WRONG = [
    ("sns.publish(Topic=event['t'], Message='x')", "app.py:8 calls publish with Topic, and Publish has no such parameter; write TopicArn"),
    ("sns.publish(TopicArn='t', Message={'a': 1})", "app.py:8 calls publish with an object for Message, which is a string; write json.dumps(...)"),
    ("table.get_item(key={'id': 1})", "app.py:8 calls get_item with key, and GetItem has no such parameter; write Key"),
    ("table.get_item(Key={'id': 1})", LACKS.format("Key", "add at")),
    ("table.get_item(Key={'id': 1, 'when': 2})", LACKS.format("Key", "write at for when")),
    ("table.put_item(Item={'id': 1, 'when': 2})", LACKS.format("Item", "add at")),
    ("sns.pulish(TopicArn='t', Message='x')", "app.py:8 calls pulish, and boto3 has no such method; write publish"),
    ("s3.put_objects(Bucket='b', Key='k')", "app.py:8 calls put_objects, and boto3 has no such method; write put_object"),
    ("s3.getObject(Bucket='b', Key='k')", "app.py:8 calls getObject, and boto3 has no such method; write get_object"),
    ("table.putItem(Item={'id': 1, 'at': 2})", "app.py:8 calls putItem, and boto3 has no such method; write put_item"),
    ("s3.get_object(Bucket='b')", "app.py:8 calls get_object without Key, which GetObject requires; add Key"),
    ("table.update_item()", "app.py:8 calls update_item without Key, which UpdateItem requires; add Key"),
    ("events.put_events(Entries=[{'Detail': {'a': 1}, 'Source': 's'}])", "app.py:8 calls put_events with an object for Entries.Detail, which is a string; write json.dumps(...)"),
    ("rows = [{'Detail': {'a': each}} for each in event]; events.put_events(Entries=rows)", "app.py:8 calls put_events with an object for Entries.Detail, which is a string; write json.dumps(...)"),
    ("s3.get_object('b', 'k')", "app.py:8 calls get_object with a parameter without its name; write NAME=VALUE for each"),
    ("db.delete_item(TableName=NAME, Key={'id': {'S': 'x'}})", LACKS.format("Key", "add at")),
    ("db.update_item(TableName=os.environ['ORDERS'], Key={'id': {'S': 'x'}})", LACKS.format("Key", "add at")),
]  # fmt: skip


@pytest.mark.parametrize(("call", "expected"), WRONG)
def test_a_wrong_call_in_python_is_reported(tmp_path: Path, call: str, expected: str) -> None:
    assert found(tmp_path, HEAD + call) == [expected]


READ_WRONG = [
    ("r = table.get_item(Key=event['k'])\n    return r['Itme']", ["app.py:9 reads Itme of what get_item returns, and GetItem gives no such field; write Item"]),
    ("return db.get_item(Key=1, TableName='t').get('item', {})", ["app.py:8 reads item of what get_item returns, and GetItem gives no such field; write Item"]),
    ("for each in s3.list_objects_v2(Bucket='b')['Contents']: print(each['key'])", ["app.py:8 reads key of what list_objects_v2 returns, and ListObjectsV2 gives no such field; write Key"]),
    ("keys = [e['Keys'] for e in s3.list_objects_v2(Bucket='b').get('Contents', [])]", ["app.py:8 reads Keys of what list_objects_v2 returns, and ListObjectsV2 gives no such field; write Key"]),
    ("r = events.put_events(Entries=event)\n    return r['Entries'][0]['EventID']", ["app.py:9 reads EventID of what put_events returns, and PutEvents gives no such field; write EventId"]),
    ("r = events.put_events(Entries=event)\n    r['EventID'] = 1\n    return r['EventID']", []),
    ("r = events.put_events(Entries=event)\n    r.update(EventID=1)\n    return r['EventID']", []),
    ("r = events.put_events(Entries=event)\n    r.setdefault('EventID', 1)\n    return r['EventID']", []),
    ("r = table.get_item(Key=event['k'])\n    r = other(r)\n    return r['Itme']", []),
    ("return table.get_item(Key=event['k'])['Item']['Itme']['s']", []),
    ("return db.get_item(Key=1, TableName='t')['Item']['any']['SSS']", ["app.py:8 reads SSS of what get_item returns, and GetItem gives no such field; write SS"]),
    ("r = s3.get_object(Bucket='b', Key='k')\n    return r['Body'].read(), r['Metadata']['boddy'], r['ResponseMetadata']['HTTPStatusCode'], r['Unheard']", []),
    ("return s3.get_paginator('list_objects_v2')['x'], s3.meta['y'], unheard['Itme'], event.get('Itme')", []),
]  # fmt: skip


@pytest.mark.parametrize(("code", "expected"), READ_WRONG)
def test_a_field_that_an_answer_does_not_have_is_reported(tmp_path: Path, code: str, expected: list[str]) -> None:
    assert found(tmp_path, HEAD + code) == expected


RIGHT = [
    "sns.publish(TopicArn=event['t'], Message='x')",
    "sns.publish(Topic='x', **event)",
    "sns.publish(Message='x', Unheard='x')",
    "sns.get_paginator('list_topics')",
    "s3.upload_file('a', 'b', 'c')",
    "s3.get_object(**event)",
    "events.put_events(Entries=[{'Detail': json.dumps({'a': 1}), 'Source': 's'}])",
    "db.execute_statement(Statement='x', Parameters=[{'M': {'a': {'S': 'b'}}}])",
    "table.update_item(Key={'id': 1, 'at': 2})",
    "boto3.client('stepfunctions').start_execution(stateMachineArn='a')",
    "s3.download_fileobj(Bucket='b', Key='k', Fileobj=f)",
    "s3.list_objects_v2(Bucket='b')",
    "table.batch_writer()",
    "table.delete()",
    "boto3.client('s3').copy_object(Bucket='b', Key='k', CopySource={'Bucket': 'b', 'Key': 'k'})",
    "s3.copy_object(Bucket='b', Key='k', CopySource={'Bucket': 'b', 'Key': 'k'})",
    "table.get_item(Key={'id': 1, 'at': 2})",
    "table.get_item(Key=event['key'])",
    "table.get_item(Key={'id': 1, **event})",
    "table.put_item(Item={'id': 1, event['name']: 2})",
    "db.get_item(TableName=event['table'], Key={'id': {'S': 'x'}})",
    "table.query(KeyConditionExpression='x')",
]


@pytest.mark.parametrize("call", RIGHT)
def test_a_call_that_a_service_takes_is_not_reported(tmp_path: Path, call: str) -> None:
    assert found(tmp_path, HEAD + call) == []


@pytest.mark.parametrize(
    ("service", "right"),
    [("SNS", "sns"), ("eventbridge", "events"), ("step-functions", "stepfunctions"), ("dynamoDB", "dynamodb")],
)
def test_a_service_that_boto3_does_not_have_is_reported(tmp_path: Path, service: str, right: str) -> None:
    code = f"import boto3\nclient = boto3.client('{service}')\nclient.call(Name='x')\n"
    expected = f'app.py:3 makes a client of {service}, and boto3 has no such service; write "{right}"'
    assert found(tmp_path, code) == [expected]


PACKAGES = [
    ("client-stepfunctions", ["app.js:2 imports from @aws-sdk/client-stepfunctions, and npm has no such package; write @aws-sdk/client-sfn"]),
    ("client-secretsmanager", ["app.js:2 imports from @aws-sdk/client-secretsmanager, and npm has no such package; write @aws-sdk/client-secrets-manager"]),
    ("client-sfn", []),
    ("client-sns", []),
    ("client-cloudwatch-events", []),
    ("client-unheard-of", []),
]  # fmt: skip


@pytest.mark.parametrize(("package", "expected"), PACKAGES)
def test_packages_of_the_sdk_have_the_names_of_service_ids(tmp_path: Path, package: str, expected: list[str]) -> None:
    code = f"import {{ ListTagsCommand }} from '@aws-sdk/{package}';\nnew ListTagsCommand({{ ...given }});\n"
    assert found(tmp_path, code, "nodejs22.x") == expected


OTHERS = [
    "import boto3\nsns = boto3.client('sns')\nsns = other()\nsns.publish(Topic='x')\n",
    "import boto3\nsns = boto3.client('sns')\ndef f(sns):\n    sns.publish(Topic='x')\n",
    "import boto3\nsns = boto3.client('nosuch')\nsns.publish(Topic='x')\n",
]


@pytest.mark.parametrize("code", OTHERS)
def test_a_name_that_may_be_something_else_is_not_judged(tmp_path: Path, code: str) -> None:
    assert found(tmp_path, code) == []


def test_a_variable_that_names_another_table_elsewhere_is_not_judged(tmp_path: Path) -> None:
    other = "G: {Type: AWS::Serverless::Function, Properties: {CodeUri: f, Handler: app.handler, Runtime: python3.13, Environment: {Variables: {ORDERS: !Ref Table}}}}\n"
    assert found(tmp_path, f"{HEAD}table.get_item(Key={{'id': 1}})", more=other) == []


IN_NODE = "const { SNSClient, PublishCommand, CreateTopicsCommand, BatchGetCommand } = require('@aws-sdk/client-sns');\nimport { PutCommand } from \"@aws-sdk/lib-dynamodb\";\n"
NODE = [
    ("new PublishCommand({ TopicARN: 'x', Message: `a, b` })", ["app.js:3 calls Publish with TopicARN, and Publish has no such parameter; write TopicArn"]),
    ("new PutCommand({ Table: f({ a: 1 }), Item: { a: 1 } })", ["app.js:3 calls PutItem without TableName, which PutItem requires; add TableName"]),
    ("new PutCommand({ TableName: f({ a: 1 }), Item: { a: 1 } })", []),
    ("new PutCommand({\n // x\n Item: { a: 1 },\n Tablename })", ["app.js:3 calls PutItem with Tablename, and PutItem has no such parameter; write TableName"]),
    ("const NAME = process.env.ORDERS;\nnew PutCommand({ TableName: NAME, Item: { id: 1, 'when': f({ at: 1 }) } })", ["app.js:4 has no at, which is the key of Orders, in its Item; add at"]),
    ("new PutCommand({ TableName: process.env.ORDERS, Item: { id: 1, at: 2 } })", []),
    ("new PublishCommand({ TopicArn: 'x', Message: { a: 1 } })", ["app.js:3 calls Publish with an object for Message, which is a string; write JSON.stringify(...)"]),
    ("new PutCommand({ TableName: process.env.ORDERS, Item: { id: 1, ...rest } })", []),
    ("new PutCommand({ TableName: process.env.ORDERS, Item: item })", []),
    ("new PublishCommand({ TopicArn: 'x', Message: JSON.stringify({ Topic: 1 }), 'Subject': x[1] })", []),
    ("new PublishCommand({ TopicARN: 'x', ...rest })", []),
    ("new CreateTopicsCommand({ Name: 'x' })", ["app.js:3 makes CreateTopicsCommand, and the SDK has no such command; write CreateTopicCommand"]),
    ("// new PublishCommand({ TopicARN: 'x' })", []),
    ("/* new PublishCommand({ TopicARN: 'x' }) */", []),
    ("text(`new PublishCommand({ TopicARN: 'x' })`)", []),
    ("const s = { a: 1 } as Order;\nnew PublishCommand({ TopicARN: s.arn!, Message: 'm' })", ["app.js:4 calls Publish with TopicARN, and Publish has no such parameter; write TopicArn"]),
    ("import { PublishCommand as Send } from '@aws-sdk/client-sns';\nnew Send({ TopicARN: `${a({ b: `c` })}`, Message: 'm' })", ["app.js:4 calls Publish with TopicARN, and Publish has no such parameter; write TopicArn"]),
    ("new OtherCommand({ TopicARN: 'x' })", []),
    ("new PublishCommand({ TopicARN: 'x'", []),
]  # fmt: skip


@pytest.mark.parametrize(("call", "expected"), NODE)
def test_wrong_commands_of_node_are_reported(tmp_path: Path, call: str, expected: list[str]) -> None:
    assert found(tmp_path, IN_NODE + call, "nodejs22.x") == expected
