"""Pipes: what their role may call, and how they start a state machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

PIPE = """
Rows: {Type: AWS::DynamoDB::Table, Properties: {StreamSpecification: {StreamViewType: NEW_IMAGE}}}
Pipe:
  Type: AWS::Pipes::Pipe
  Properties:
    RoleArn: !GetAtt Role.Arn
    Source: !GetAtt Rows.StreamArn
    SourceParameters: {DynamoDBStreamParameters: {StartingPosition: LATEST, DeadLetterConfig: {Arn: !GetAtt Queue.Arn}}}
    Enrichment: !GetAtt Checker.Arn
    Target: !Ref M
    TargetParameters: {StepFunctionStateMachineParameters: {InvocationType: FIRE_AND_FORGET}}
Role:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: pipes.amazonaws.com}, Action: sts:AssumeRole}]}
    Policies:
      - PolicyName: p
        PolicyDocument:
          Statement:
            - {Effect: Allow, Action: 'dynamodb:*', Resource: !GetAtt Rows.StreamArn}
            - {Effect: Allow, Action: 'lambda:InvokeFunction', Resource: !GetAtt Checker.Arn}
            - {Effect: Allow, Action: 'sqs:SendMessage', Resource: !GetAtt Queue.Arn}
            - {Effect: Allow, Action: 'states:StartExecution', Resource: !Ref M}
"""


def messages(tmp_path: Path, old: str = "", new: str = "") -> list[str]:
    """The messages about the pipe, with another text in the template."""
    application = application_of(tmp_path, more=PIPE.replace(old, new) if old else PIPE)
    return [message for _, message, _ in reports(application) if message.startswith("Pipe: ")]


def test_a_right_pipe_is_not_reported(tmp_path: Path) -> None:
    assert messages(tmp_path) == []


LACKS = "Pipe: its role Role has no permission {}"
WRONG = [
    ("'lambda:InvokeFunction'", "'lambda:GetFunction'", LACKS.format("lambda:InvokeFunction")),
    ("'sqs:SendMessage'", "'sqs:ReceiveMessage'", LACKS.format("sqs:SendMessage")),
    ("'dynamodb:*'", "'dynamodb:GetRecords'", LACKS.format("dynamodb:DescribeStream, dynamodb:GetShardIterator")),
    ("FIRE_AND_FORGET", "FIRE_AND_FORGOT", "Pipe: its InvocationType is FIRE_AND_FORGOT, which pipes do not have"),
]


@pytest.mark.parametrize(("old", "new", "expected"), WRONG)
def test_a_wrong_pipe_is_reported(tmp_path: Path, old: str, new: str, expected: str) -> None:
    assert messages(tmp_path, old, new) == [expected]
