"""subscriptions.py: the protocols and endpoints of subscriptions, and who lets SNS in."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

HEAD = 'AWSTemplateFormatVersion: "2010-09-09"\nTransform: AWS::Serverless-2016-10-31\n'
TOPIC = "Topic: {Type: AWS::SNS::Topic}\n"
OWN = "S: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref Topic, Protocol: %s, Endpoint: %s}}\n"
OF_TOPIC = "S: {Type: AWS::SNS::Topic, Properties: {Subscription: [{Protocol: %s, Endpoint: %s}]}}\n"
POLICY = (
    "P: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [!Ref Queue], PolicyDocument: {Statement: [{Effect: Allow, "
    "Action: %s, Resource: '*', Principal: {Service: sns.amazonaws.com}%s}]}}}\n"
)
SEND = POLICY % ("sqs:SendMessage", "")
CALL = "P: {Type: AWS::Lambda::Permission, Properties: {Action: lambda:InvokeFunction, FunctionName: !Ref Checker, Principal: sns.amazonaws.com%s}}\n"
REFUSED = "S: sns.amazonaws.com has no permission sqs:SendMessage on Queue"
BY_URL = "S: its Endpoint is the URL of a queue, but sqs takes the ARN"
CASES = [
    (OWN % ("sqs", "!GetAtt Queue.Arn") + SEND, []),
    (OF_TOPIC % ("sqs", "!GetAtt Queue.Arn") + SEND, []),
    (OWN % ("sqs", "!GetAtt Queue.Arn"), [REFUSED]),
    (OF_TOPIC % ("sqs", "!GetAtt Queue.Arn"), [REFUSED]),
    (OWN % ("sqs", "!GetAtt Queue.Arn") + POLICY % ("sqs:ReceiveMessage", ""), [REFUSED]),
    (OWN % ("sqs", "arn:aws:sqs:eu-west-1:1:q"), []),
    (OWN % ("sqs", "!Ref Queue") + SEND, [BY_URL]),
    (OWN % ("SQS", "!GetAtt Queue.Arn") + SEND, ["S: its Protocol is SQS, which SNS does not have"]),
    (OWN % ("email", "a@example.com"), []),
    (OWN % ("lambda", "!GetAtt Checker.Arn") + CALL % "", []),
    (OWN % ("email", "a@example.com, FilterPolicy: {kind: [a]}"), []),
    (OWN % ("email", "a@example.com, FilterPolicy: {order: {kind: [{prefix: a}]}}"), []),
    (OWN % ("email", "a@example.com, FilterPolicy: {kind: a}"), ["S: kind in its FilterPolicy is not a list"]),
    (OWN % ("email", "a@example.com, FilterPolicy: {order: {kind: a}}"), ["S: kind in its FilterPolicy is not a list"]),
    (
        OWN % ("lambda", "!Ref Checker") + CALL % "",
        ["S: its Endpoint is the name of a Lambda function, but lambda takes the ARN"],
    ),
]


def found_in(folder: Path, more: str) -> list[str]:
    application = application_of(folder, more=TOPIC + more, head=HEAD)
    codes = ("MISSING_PERMISSION", "SCHEMA_VALIDATION_FAILED", "WRONG_RESOURCE")
    return [message for _, message, _ in reports(application, *codes) if message.startswith(("S: ", "P: "))]


@pytest.mark.parametrize(("more", "expected"), CASES)
def test_a_subscription_has_a_protocol_an_arn_and_a_policy(tmp_path: Path, more: str, expected: list[str]) -> None:
    assert found_in(tmp_path, more) == expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (POLICY % ("sqs:SendMessage", ", Condition: {ArnEquals: {aws:SourceArn: !Ref Topic}}"), []),
        (
            POLICY % ("sqs:SendMessage", ", Condition: {ArnEquals: {aws:SourceArn: !GetAtt Topic.TopicName}}"),
            ["P: its SourceArn is the name of a topic, which no caller has"],
        ),
        (
            POLICY % ("sqs:SendMessage", ", Condition: {ArnLike: {aws:SourceArn: [!Ref Queue]}}"),
            ["P: its SourceArn is the URL of a queue, which no caller has"],
        ),
        (CALL % ", SourceArn: !Ref Topic", []),
        (CALL % ", SourceArn: !Ref Table", ["P: its SourceArn is the name of a table, which no caller has"]),
    ],
)
def test_the_source_of_a_policy_is_an_arn(tmp_path: Path, policy: str, expected: list[str]) -> None:
    assert found_in(tmp_path, policy) == expected
