"""function_code/task_tokens.py: task tokens in a field that no function reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

EVENTS = "Events: {Messages: {Type: SQS, Properties: {Queue: !GetAtt Queue.Arn}}}"
MAPPING = "Mapping: {Type: AWS::Lambda::EventSourceMapping, Properties: {EventSourceArn: !GetAtt Queue.Arn, FunctionName: !Ref F}}\n"


def found(
    tmp_path: Path, code: str, service: str = "sqs", field: str = "token", runtime: str = "python3.13"
) -> list[str]:
    """The messages and remedies where a state sends its token in a field to a function with this code."""
    suffix = "py" if runtime.startswith("python") else "js"
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / f"app.{suffix}").write_text(code)
    resource, message, target = {
        "sqs": ("sqs:sendMessage", "MessageBody", {"QueueUrl": "${Q}"}),
        "mapping": ("sqs:sendMessage", "MessageBody", {"QueueUrl": "${Q}"}),
        "lambda": ("lambda:invoke", "Payload", {"FunctionName": "${F}"}),
    }[service]
    parameters = {**target, message: {"order.$": "$.order", "inner": {f"{field}.$": "$$.Task.Token"}}}
    task = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{resource}.waitForTaskToken",
        "Parameters": parameters,
        "End": True,
    }
    definition = json.dumps({"StartAt": "A", "States": {"A": task}})
    more = (
        f"F: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: f, Handler: app.handler, Runtime: {runtime}{f', {EVENTS}' * (service == 'sqs')}}}}}\n"
        f"{MAPPING * (service == 'mapping')}N:\n  Type: AWS::Serverless::StateMachine\n  Properties:\n    Policies: [SomeonesPolicy]\n"
        f"    DefinitionSubstitutions: {{Q: !Ref Queue, F: !Ref F}}\n    Definition: {definition}\n"
    )
    return [
        f"{message}; {remedy}" for _, message, remedy in reports(application_of(tmp_path, more=more), "NEVER_ANSWERED")
    ]


ANSWER = 'sfn.send_task_success(taskToken=body["{}"], output="1")\n'
IN_PYTHON = f'import json\ndef handler(event, context):\n    body = json.loads(event["Records"][0]["body"])["inner"]\n    {ANSWER}'
IN_NODE = "exports.handler = async (event) => {{\n  const {{ {} }} = JSON.parse(event.Records[0].body);\n  await sfn.send(new SendTaskSuccessCommand({{ taskToken, output: '1' }}));\n}};\n"
READS = "N: the code of F never reads token, which has the task token; send it as {}, which the code reads"


def test_a_parameter_of_a_command_is_no_field_that_node_reads(tmp_path: Path) -> None:
    code = IN_NODE.format("Token: value").replace("{ taskToken, ", "{ token: value, ")
    assert found(tmp_path, code, runtime="nodejs22.x") == [READS.format("Token")]


@pytest.mark.parametrize("service", ["sqs", "mapping"])
def test_a_token_that_code_reads_by_another_name_is_reported(tmp_path: Path, service: str) -> None:
    assert found(tmp_path, IN_PYTHON.format("tokens"), service) == [READS.format("tokens")]


def test_a_token_that_node_reads_by_another_name_is_reported(tmp_path: Path) -> None:
    code = IN_NODE.format("Token: taskToken")
    assert found(tmp_path, code, runtime="nodejs22.x") == [READS.format("Token")]


DROPS = 'def handler(event, context):\n    print(event["order"])\n    return event.get("order")\n'


def test_a_token_that_a_function_drops_is_reported(tmp_path: Path) -> None:
    assert found(tmp_path, DROPS, "lambda") == [
        "N: the code of F never reads token, which has the task token; read token, and answer with it"
    ]


RIGHT = [
    (IN_PYTHON.format("token"), "sqs", "python3.13"),
    (IN_NODE.format("token: taskToken"), "sqs", "nodejs22.x"),
    (IN_NODE.format("taskToken") + "const read = (body) => body.token;\n", "sqs", "nodejs22.x"),
    ("def handler(event, context):\n    forward(event)\n", "lambda", "python3.13"),
    ("def handler(event, context):\n    forward(event['Records'])\n", "sqs", "python3.13"),
    ("@parsed\ndef handler(event, context):\n    return event['order']\n", "lambda", "python3.13"),
    ("exports.handler = async (event) => forward(event);\n", "lambda", "nodejs22.x"),
]


@pytest.mark.parametrize(("code", "service", "runtime"), RIGHT)
def test_a_token_that_may_be_read_is_not_reported(tmp_path: Path, code: str, service: str, runtime: str) -> None:
    assert found(tmp_path, code, service, runtime=runtime) == []
