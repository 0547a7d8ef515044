"""triggers/event_sources.py: queues and topics, and what they are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import template_machines
from workflow_dsl.application.template import read_template
from workflow_dsl.definition.reading import read_source

NAMES = [
    ("FifoQueue: true, QueueName: orders", ["the name of a FIFO queue ends in .fifo"]),
    ("FifoQueue: true, QueueName: !Sub 'orders-${AWS::StackName}'", ["the name of a FIFO queue ends in .fifo"]),
    ("FifoQueue: true, QueueName: !Sub 'orders-${Stage}'", []),  # whose value may end so
    ("FifoQueue: true, QueueName: !Sub 'orders-${AWS::StackName}.fifo'", []),
    ("FifoQueue: true", []),
    ("FifoQueue: !If [Is, true, false], QueueName: orders", []),
    ("QueueName: orders.fifo", ["its name ends in .fifo, but it is not a FIFO queue"]),
    ("QueueName: orders.fifo, FifoQueue: !Ref Stage", []),
    ("QueueName: orders, ContentBasedDeduplication: true", ["it has ContentBasedDeduplication, but it is not a FIFO queue"]),
    ("QueueName: orders, ContentBasedDeduplication: false", []),
]  # fmt: skip


@pytest.mark.parametrize(("properties", "expected"), NAMES)
def test_names_and_settings_of_fifo_queues_and_topics_agree(
    tmp_path: Path, properties: str, expected: list[str]
) -> None:
    more = f"Q: {{Type: AWS::SQS::Queue, Properties: {{{properties}}}}}\n"
    topic = properties.replace("Queue", "Topic")
    more += f"T: {{Type: AWS::SNS::Topic, Properties: {{{topic}}}}}\n"
    messages = [message for _, message, _ in reports(application_of(tmp_path, more=more))]
    of_topic = [message.replace("queue", "topic") for message in expected]
    assert [each for each in messages if each.startswith(("Q: ", "T: "))] == [
        *(f"Q: {message}" for message in expected),
        *(f"T: {message}" for message in of_topic),
    ]


@pytest.mark.parametrize(
    ("values", "expected"), [("dev, prod", ["Q: the name of a FIFO queue ends in .fifo"]), ("dev, prod.fifo", [])]
)
def test_a_name_that_ends_in_a_parameter_has_one_of_its_values(
    tmp_path: Path, values: str, expected: list[str]
) -> None:
    queue = "Q: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true, QueueName: !Sub 'orders-${Kind}'}}\n"
    parameter = f"Parameters: {{Kind: {{Type: String, AllowedValues: [{values}]}}}}\n"
    machine = "  M: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: m.asl.json}}\n"
    (tmp_path / "m.asl.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}')
    (tmp_path / "template.yaml").write_text(f"{parameter}Resources:\n  {queue}{machine}")
    template = read_template(tmp_path / "template.yaml")
    machines = template_machines(template, lambda file: read_source(file.read_bytes(), file.name))
    assert [message for _, message, _ in reports(Application(template, machines))] == expected


ROLE = """
R:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]}
    Policies: [{PolicyName: p, PolicyDocument: {Statement: [{Effect: Allow, Action: %s, Resource: !GetAtt Jobs.Arn}]}}]
Jobs: {Type: AWS::SQS::Queue}
"""
ALL_READS = "['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes']"
OF_SAM = "F: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Role: !GetAtt R.Arn, Events: {E: {Type: SQS, Properties: {Queue: !GetAtt Jobs.Arn}}}}}\n"
MAPPED = "F: {Type: AWS::Lambda::Function, Properties: {Role: !GetAtt R.Arn}}\nE: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !Ref F, EventSourceArn: !GetAtt Jobs.Arn}}\n"


@pytest.mark.parametrize("function", [OF_SAM, MAPPED])
@pytest.mark.parametrize(
    ("actions", "missing"),
    [(ALL_READS, ""), ("'sqs:*'", ""), ("'sqs:ReceiveMessage'", "sqs:DeleteMessage, sqs:GetQueueAttributes")],
)
def test_the_role_of_a_function_may_read_its_queue(tmp_path: Path, function: str, actions: str, missing: str) -> None:
    found = reports(application_of(tmp_path, more=ROLE % actions + function), "MISSING_PERMISSION")
    expected = [f"F: its role R has no permission {missing}"] if missing else []
    assert [message for _, message, _ in found] == expected
