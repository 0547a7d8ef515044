"""triggers/rule_targets.py: functions, topics and queues that EventBridge may not call."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

HEAD = 'AWSTemplateFormatVersion: "2010-09-09"\n'
RULE = "R: {{Type: AWS::Events::Rule, Properties: {{Targets: [{{Id: t, Arn: {arn}{role}}}]}}}}\nTopic: {{Type: AWS::SNS::Topic}}\n"
FUNCTION = "P: {{Type: AWS::Lambda::Permission, Properties: {{Action: lambda:InvokeFunction, FunctionName: {of}, Principal: {principal}}}}}\n"
TOPIC = "P: {{Type: AWS::SNS::TopicPolicy, Properties: {{Topics: [{of}], PolicyDocument: {{Statement: [{{Effect: Allow, Action: sns:Publish, Resource: '*', Principal: {{Service: {principal}}}}}]}}}}}}\n"
QUEUE = TOPIC.replace("SNS::Topic", "SQS::Queue").replace("Topics", "Queues").replace("sns:Publish", "sqs:SendMessage")
TARGETS = [
    ("!GetAtt Checker.Arn", FUNCTION, "!Ref Checker", "lambda:InvokeFunction", "Checker"),
    ("!Ref Topic", TOPIC, "!Ref Topic", "sns:Publish", "Topic"),
    ("!GetAtt Queue.Arn", QUEUE, "!Ref Queue", "sqs:SendMessage", "Queue"),
]
each_target = pytest.mark.parametrize(("arn", "policy", "of", "action", "name"), TARGETS)


def messages(tmp_path: Path, more: str, head: str = HEAD) -> list[str]:
    """The messages about the rule R."""
    found = reports(application_of(tmp_path, more=more, head=head), "MISSING_PERMISSION")
    return [message for _, message, _ in found if message.startswith("R: ")]


@each_target
def test_a_target_that_eventbridge_may_not_call_is_reported(
    tmp_path: Path, arn: str, policy: str, of: str, action: str, name: str
) -> None:
    other = policy.format(of=of, principal="s3.amazonaws.com")
    expected = [f"R: events.amazonaws.com has no permission {action} on {name}"]
    assert messages(tmp_path, RULE.format(arn=arn, role="") + other) == expected
    (tmp_path / "without").mkdir()
    assert messages(tmp_path / "without", RULE.format(arn=arn, role="")) == expected


@each_target
def test_a_target_with_a_policy_for_eventbridge_is_not_reported(
    tmp_path: Path, arn: str, policy: str, of: str, action: str, name: str
) -> None:
    own = policy.format(of=of, principal="events.amazonaws.com")
    assert messages(tmp_path, RULE.format(arn=arn, role="") + own) == []


SILENT = [
    RULE.format(arn="!Ref Topic", role=", RoleArn: 'arn:aws:iam::1:role/r'"),
    RULE.format(arn="arn:aws:sns:eu-west-1:1:t", role=""),
    RULE.format(arn="!Ref Topic", role="") + TOPIC.format(of="!Ref Topic", principal="!Ref Service"),
    RULE.format(arn="!GetAtt Checker.Arn", role="")
    + FUNCTION.format(of="!Ref Checker", principal="!Sub 'events.${AWS::URLSuffix}'"),
    RULE.format(arn="!Ref Topic", role="") + TOPIC.format(of="!ImportValue t", principal="events.amazonaws.com"),
    RULE.format(arn="!Ref Topic", role="")
    + "P: {Type: AWS::SNS::TopicPolicy, Properties: {Topics: [!Ref Topic], PolicyDocument: !Ref D}}\n",
    RULE.format(arn="!Ref Topic", role="") + "C: {Type: AWS::Serverless::Connector}\n",
    RULE.format(arn="!Ref Topic", role="")
    + TOPIC.format(of="", principal="events.amazonaws.com")
    .replace("TopicPolicy", "TopicInlinePolicy")
    .replace("Topics: []", "TopicArn: !Ref Topic"),
    RULE.format(arn="!GetAtt Queue.Arn", role="")
    + QUEUE.format(of="", principal="events.amazonaws.com")
    .replace("QueuePolicy", "QueueInlinePolicy")
    .replace("Queues: []", "Queue: !Ref Queue"),
    RULE.format(arn="!Ref Topic", role="")
    + "C: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: 's3://a/b', Parameters: {T: !Ref Topic}}}\n",
    RULE.format(arn="!Ref Topic", role="")
    + "C: {Type: Custom::Policy, Properties: {ServiceToken: !ImportValue f, Topic: !Ref Topic}}\n",
]


@pytest.mark.parametrize("more", SILENT)
def test_a_target_that_eventbridge_may_call_is_not_reported(tmp_path: Path, more: str) -> None:
    assert messages(tmp_path, more) == []


def test_a_fragment_is_not_judged(tmp_path: Path) -> None:
    assert messages(tmp_path, RULE.format(arn="!Ref Topic", role=""), head="") == []


DEAD_LETTERS = "R: {{Type: AWS::Events::Rule, Properties: {{Targets: [{{Id: t, Arn: !Ref M, RoleArn: !GetAtt Role.Arn, DeadLetterConfig: {{Arn: {arn}}}}}]}}}}\n"
EVENT = """
N:
  Type: AWS::Serverless::StateMachine
  Properties:
    Policies: [SomeonesPolicy]
    Definition: {StartAt: A, States: {A: {Type: Succeed}}}
    Events: {Done: {Type: %s, Properties: {Pattern: {source: [x]}, Schedule: rate(1 day), ScheduleExpression: rate(1 day), DeadLetterConfig: {Arn: !GetAtt Queue.Arn}}}}
"""
MAY_NOT = "events.amazonaws.com has no permission sqs:SendMessage on Queue"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (DEAD_LETTERS.format(arn="!GetAtt Queue.Arn"), [f"R: {MAY_NOT}"]),
        (DEAD_LETTERS.format(arn="!Ref Queue"), ["R: its DeadLetterConfig has the URL or name of Queue, but it takes the ARN"]),
        (DEAD_LETTERS.format(arn="arn:aws:sqs:eu-west-1:1:q"), []),
        (DEAD_LETTERS.format(arn="!GetAtt Queue.Arn") + QUEUE.format(of="!Ref Queue", principal="sns.amazonaws.com"), [f"R: {MAY_NOT}"]),
        (DEAD_LETTERS.format(arn="!GetAtt Queue.Arn") + QUEUE.format(of="!Ref Queue", principal="events.amazonaws.com"), []),
        (DEAD_LETTERS.format(arn="!GetAtt Queue.Arn") + QUEUE.format(of="!Ref Queue", principal="events.amazonaws.com").replace("SendMessage", "ReceiveMessage"), [f"R: {MAY_NOT}"]),
        (DEAD_LETTERS.format(arn="!GetAtt Queue.Arn") + QUEUE.format(of="!Ref Queue", principal="events.amazonaws.com").replace("Allow", "Deny"), [f"R: {MAY_NOT}"]),
        (EVENT % "EventBridgeRule", [f"N: {MAY_NOT}"]),
        (EVENT % "Schedule", [f"N: {MAY_NOT}"]),
        (EVENT % "ScheduleV2", []),  # whose role calls the queue
    ],
)  # fmt: skip
def test_dead_letter_queues_must_let_eventbridge_call_them(tmp_path: Path, more: str, expected: list[str]) -> None:
    found = reports(application_of(tmp_path, more=more, head=HEAD), "MISSING_PERMISSION", "WRONG_RESOURCE")
    assert [message for _, message, _ in found if message.startswith(("R: ", "N: "))] == expected
