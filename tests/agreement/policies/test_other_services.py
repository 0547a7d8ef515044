"""policies/other_services.py: statements whose resources are of other services than their actions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

NOT_ON_A_TABLE = "cognito-idp:AdminCreateUser is not on a table, so that the statement allows nothing"
STATEMENTS = [
    ("Action: cognito-idp:AdminCreateUser, Resource: !GetAtt Table.Arn", [NOT_ON_A_TABLE]),
    ("Action: [cognito-idp:AdminCreateUser], Resource: [!GetAtt Table.Arn, !GetAtt Queue.Arn]", [NOT_ON_A_TABLE]),
    ("Action: [cognito-idp:AdminCreateUser, sqs:SendMessage], Resource: [!GetAtt Table.Arn, !GetAtt Queue.Arn]", []),
    ("Action: dynamodb:PutItem, Resource: !GetAtt Table.Arn", []),
    ("Action: sts:AssumeRole, Resource: !GetAtt Role.Arn", []),
    ("Action: ssm:SendCommand, Resource: !GetAtt Inbox.Arn", []),
    ("Action: cognito-idp:AdminCreateUser, Resource: !GetAtt Logs.Arn", []),
    ("Action: cognito-idp:AdminCreateUser, Resource: '*'", []),
    ("Action: '*', Resource: !GetAtt Table.Arn", []),
    ("NotAction: cognito-idp:AdminCreateUser, Resource: !GetAtt Table.Arn", []),
]


@pytest.mark.parametrize(("statement", "expected"), STATEMENTS)
def test_actions_are_on_resources_of_their_service(tmp_path: Path, statement: str, expected: list[str]) -> None:
    more = "Inbox: {Type: AWS::S3::Bucket}\nRole: {Type: AWS::IAM::Role}\nPolicy:\n  Type: AWS::IAM::ManagedPolicy\n"
    more += f"  Properties:\n    PolicyDocument: {{Statement: [{{Effect: Allow, {statement}}}]}}\n"
    found = reports(application_of(tmp_path, more=more), "INCOMPLETE_PERMISSION")
    assert [message.removeprefix("Policy: ") for _, message, _ in found] == expected
