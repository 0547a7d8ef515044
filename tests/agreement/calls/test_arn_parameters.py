"""calls/arn_parameters.py: names where ARNs belong, and ARNs where names and IDs do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.agreement.test_agreement import application_of, reports

SCHEDULE, USER = "aws-sdk:scheduler:createSchedule", "aws-sdk:cognitoidentityprovider:adminGetUser"
USERS = "Users: {Type: AWS::Cognito::UserPool}\nKey: {Type: AWS::KMS::Key}\n"
CALLS: list[tuple[str, dict[str, Any], str, list[tuple[str, str]]]] = [
    (
        SCHEDULE,
        {"Target": {"Arn": "${Value}"}},
        "!Ref Checker",
        [("Arn is the name of a Lambda function, but it takes an ARN", "write Value: !GetAtt Checker.Arn")],
    ),
    (
        SCHEDULE,
        {"Target": {"Arn": "arn:x", "DeadLetterConfig": {"Arn": "${Value}"}}},
        "!Ref Queue",
        [("Arn is the URL of a queue, but it takes an ARN", "write Value: !GetAtt Queue.Arn")],
    ),
    (SCHEDULE, {"Target": {"Arn": "${Value}"}}, "!GetAtt Checker.Arn", []),
    (SCHEDULE, {"Target": {"Arn": "${Value}"}}, "!Ref M", []),
    (SCHEDULE, {"Target": {"Arn": "${Value}"}}, "!Ref Stage", []),
    (
        USER,
        {"UserPoolId": "${Value}"},
        "!GetAtt Users.Arn",
        [("UserPoolId is the ARN of Users, and the API takes no ARN for it", "write Value: !Ref Users")],
    ),
    (USER, {"UserPoolId": "${Value}"}, "!Ref Users", []),
    ("aws-sdk:kms:encrypt", {"KeyId": "${Value}"}, "!GetAtt Key.Arn", []),
]


@pytest.mark.parametrize(("resource", "parameters", "value", "expected"), CALLS)
def test_a_parameter_gets_an_arn_where_it_takes_one(
    tmp_path: Path, resource: str, parameters: dict[str, Any], value: str, expected: list[tuple[str, str]]
) -> None:
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": parameters, "End": True}
    definition = {"StartAt": "A", "States": {"A": task}}
    application = application_of(tmp_path, f"{{Value: {value}}}", more=USERS, definition=definition)
    found = reports(application, "WRONG_RESOURCE")
    assert [(message.removeprefix("M: "), remedy) for _, message, remedy in found] == expected
