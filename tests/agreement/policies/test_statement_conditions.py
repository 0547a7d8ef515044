"""policies/statement_conditions.py: HTTP Tasks and roles passed to services that the conditions of a role exclude."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

BANK = {"StringLike": {"states:HTTPEndpoint": "https://api.bank.example/*"}}
POST = {"StringEquals": {"states:HTTPMethod": "POST"}}


def messages(tmp_path: Path, *conditions: object, method: str = "POST") -> list[str]:
    """The messages about a call of https://api.bank.example/v1, with a statement for each condition."""
    arguments = {
        "ApiEndpoint": "https://api.bank.example/v1",
        "Method": method,
        "Authentication": {"ConnectionArn": "arn:aws:events:us-east-1:111111111111:connection/c/1"},
    }
    task = {"Type": "Task", "Resource": "arn:aws:states:::http:invoke", "Parameters": arguments, "End": True}
    allowed = ["events:RetrieveConnectionCredentials", "secretsmanager:GetSecretValue", "secretsmanager:DescribeSecret"]
    base = {"Effect": "Allow", "Resource": "*"}
    called = [{**base, "Action": "states:InvokeHTTPEndpoint", "Condition": each} for each in conditions]
    policies = json.dumps([{"Statement": [{**base, "Action": allowed}, *called]}])
    definition = json.dumps({"StartAt": "A", "States": {"A": task}})
    more = (
        f"N: {{Type: AWS::Serverless::StateMachine, Properties: {{Policies: {policies}, Definition: {definition}}}}}\n"
    )
    return [message for _, message, _ in reports(application_of(tmp_path, more=more), "MISSING_PERMISSION")]


EXCLUDED = [
    ([{"StringEquals": {"states:HTTPMethod": ["GET", "PUT"]}}], "POST"),
    ([{**BANK, **POST, "StringNotEquals": {"a": "b"}}, {"StringEquals": {"states:HTTPMethod": "GET"}}], "PATCH"),
    ([{"StringLike": {"states:HTTPEndpoint": "https://bank.example/*"}}], "https://api.bank.example/v1"),
    ([{"StringEquals": {"states:HTTPEndpoint": "https://api.bank.example/*"}}], "https://api.bank.example/v1"),
]


@pytest.mark.parametrize(("conditions", "excluded"), EXCLUDED)
def test_a_call_that_every_statement_excludes_is_reported(
    tmp_path: Path, conditions: list[object], excluded: str
) -> None:
    method = excluded if excluded.isupper() else "POST"
    expected = f'N: "A" calls {excluded}, which the condition of states:InvokeHTTPEndpoint excludes'
    assert messages(tmp_path, *conditions, method=method) == [expected]


ALLOWED: list[list[object]] = [
    [{**BANK, **POST}],
    [{"StringEquals": {"states:HTTPMethod": "GET"}}, POST],
    [{"StringEquals": {"states:httpmethod": ["GET", "POST"]}}],
    [{"StringEqualsIfExists": {"states:HTTPMethod": "GET"}}],
    [{"StringEquals": {"aws:RequestedRegion": "eu-west-1"}}],
    [{"StringEquals": {"states:HTTPMethod": {"Ref": "AWS::Region"}}}],
]


@pytest.mark.parametrize("conditions", ALLOWED)
def test_a_call_that_a_statement_may_allow_is_not_reported(tmp_path: Path, conditions: list[object]) -> None:
    assert messages(tmp_path, *conditions) == []


ROLE = """
JobRole:
  Type: AWS::IAM::Role
  Properties:
    AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: sagemaker.amazonaws.com}, Action: sts:AssumeRole}]}
"""


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ("lambda", ['N: "A" passes a role to sagemaker.amazonaws.com, which the condition of iam:PassRole excludes']),
        ("sagemaker", []),
    ],
)
def test_a_role_passed_to_a_service_that_a_condition_excludes_is_reported(
    tmp_path: Path, service: str, expected: list[str]
) -> None:
    parameters = {"ExecutionRoleArn": "${JobRole}", "ModelName": "m"}
    task = {"Type": "Task", "Resource": "arn:aws:states:::sagemaker:createModel", "Parameters": parameters}
    definition = {"StartAt": "A", "States": {"A": {**task, "Next": "B"}, "B": {**task, "End": True}}}
    condition = {"StringEquals": {"iam:PassedToService": f"{service}.amazonaws.com"}}
    statements = [
        {"Effect": "Allow", "Action": "sagemaker:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*", "Condition": condition},
    ]
    more = (
        f"{ROLE}N:\n  Type: AWS::Serverless::StateMachine\n  Properties:\n    DefinitionSubstitutions: {{JobRole: !GetAtt JobRole.Arn}}\n"
        f"    Policies: {json.dumps([{'Statement': statements}])}\n    Definition: {json.dumps(definition)}\n"
    )
    application = application_of(tmp_path, more=more)
    assert [message for _, message, _ in reports(application, "MISSING_PERMISSION")] == expected
