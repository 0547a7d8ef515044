"""permissions.py: what a state machine needs, and what its template gives it."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent, indent
from typing import Any

import pytest

from workflow_dsl.asl import Machine
from workflow_dsl.permissions import granted, missing, needed
from workflow_dsl.template import read_template

FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:f"


def calling(*resources: str) -> Machine:
    states = {
        f"S{number}": {"Type": "Task", "Resource": resource, "End": True} for number, resource in enumerate(resources)
    }
    return Machine({"StartAt": "S0", "States": states})


NEEDS: list[tuple[str, list[str]]] = [
    (FUNCTION, ["lambda:InvokeFunction"]),
    ("arn:aws:states:::lambda:invoke.waitForTaskToken", ["lambda:InvokeFunction"]),
    ("arn:aws:states:::dynamodb:putItem", ["dynamodb:PutItem"]),
    ("arn:${AWS::Partition}:states:::aws-sdk:dynamodb:query", ["dynamodb:Query"]),
    ("arn:aws:states:::states:startExecution", ["states:StartExecution"]),
    (
        "arn:aws:states:::states:startExecution.sync:2",
        ["states:StartExecution", "states:DescribeExecution", "states:StopExecution"],
    ),
    ("arn:aws:states:::aws-sdk:sfn:sendTaskSuccess", ["states:SendTaskSuccess"]),
    ("arn:aws:states:::bedrock:invokeModel", ["bedrock:InvokeModel"]),
    ("arn:aws:states:::elasticmapreduce:createCluster", []),
    ("arn:aws:states:::aws-sdk:s3:headObject", ["s3:GetObject"]),
    ("arn:aws:states:::aws-sdk:s3:copyObject", []),
    ("arn:aws:states:::aws-sdk:dynamodb:transactWriteItems", []),
    ("arn:aws:states:::aws-sdk:nothere:getItem", []),
    ("arn:aws:states:::aws-sdk:dynamodb:getItems", []),
    ("arn:aws:states:::http:invoke", []),
    ("arn:aws:states:::${Service}:putItem", []),
    ("${Function}", []),
    ("arn:aws:states:us-east-1:111111111111:activity:a", []),
]


@pytest.mark.parametrize(("resource", "actions"), NEEDS)
def test_what_a_task_needs_for_what_it_calls(resource: str, actions: list[str]) -> None:
    assert [need.action for need in needed(calling(resource))] == actions


def test_what_is_no_task_needs_nothing() -> None:
    assert needed(Machine({"StartAt": "A", "States": {"A": {"Type": "Pass", "Resource": FUNCTION}}})) == []


def grants(folder: Path, properties: str, resources: str = "", type_: str = "AWS::Serverless::StateMachine") -> Any:
    path = folder / "template.yaml"
    path.write_text(
        f"Resources:\n  M:\n    Type: {type_}\n    Properties:\n      Name: m\n"
        + indent(dedent(f"{properties}\n"), "      ")
        + indent(dedent(resources), "  ")
    )
    return granted(read_template(path), "M")


ROLE = """
R:
  Type: AWS::IAM::Role
  Properties:
    ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSLambdaRole]
    Policies:
      - {PolicyName: p, PolicyDocument: {Statement: {Effect: Allow, Action: "sqs:*", Resource: "*"}}}
P:
  Type: AWS::IAM::Policy
  Properties: {Roles: [!Ref R], PolicyDocument: {Statement: [{Action: [sns:Publish, sns:Subscribe]}]}}
Other:
  Type: AWS::IAM::Policy
  Properties: {Roles: [!Ref Q], PolicyDocument: {Statement: [{Action: "s3:*"}]}}
"""
GRANTS: list[tuple[str, str, list[str] | None]] = [
    ("", "", []),
    ("Policies: AWSLambdaRole", "", ["lambda:InvokeFunction"]),
    ("Policies: [{LambdaInvokePolicy: {FunctionName: f}}]", "", ["lambda:InvokeFunction"]),
    ("Policies: [{Statement: [{Effect: Allow, Action: ['a:B', 'c:*']}, {Effect: Deny, Action: d}]}]", "", ["a:B", "c:*"]),
    ("Policies: {Statement: {Effect: Allow, Action: a:B}}", "", ["a:B"]),
    ("Policies: [SomeonesPolicy]", "", None),
    ("Policies: [!Ref Somewhere]", "", None),
    ("Policies: [{Statement: [{Effect: Allow, NotAction: a}]}]", "", None),
    ("Policies: [{Statement: [{Effect: Allow, Action: [!Ref A]}]}]", "", None),
    ("Policies: [{Statement: [1]}]", "", None),
    ("Policies: [AWSLambdaRole]\nConnectors: {}", "", None),
    ("", "C: {Type: AWS::Serverless::Connector}", None),
    ("Role: arn:aws:iam::111111111111:role/r", "", None),
    ("Role: !GetAtt Elsewhere.Arn", "", None),
    ("Role: !GetAtt R.Arn", ROLE, ["sns:Publish", "sns:Subscribe", "lambda:InvokeFunction", "sqs:*"]),
    ("Role: !GetAtt [R, Arn]", ROLE, ["sns:Publish", "sns:Subscribe", "lambda:InvokeFunction", "sqs:*"]),
    ("Role: !GetAtt R.Arn", "R: {Type: 'AWS::IAM::Role', Properties: {Policies: [{PolicyName: p}]}}", None),
    ("Role: !GetAtt R.Arn", "R: {Type: 'AWS::IAM::Role', Properties: {Policies: [1]}}", None),
]  # fmt: skip


@pytest.mark.parametrize(("properties", "resources", "actions"), GRANTS)
def test_what_a_role_has_or_that_it_cannot_be_known(
    tmp_path: Path, properties: str, resources: str, actions: list[str] | None
) -> None:
    assert grants(tmp_path, properties, resources) == actions


def test_a_plain_state_machine_without_a_role_is_not_judged(tmp_path: Path) -> None:
    assert grants(tmp_path, "", type_="AWS::StepFunctions::StateMachine") is None


def test_a_missing_permission_is_said_once_with_what_to_add(tmp_path: Path) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(
        dedent("""
        Resources:
          M:
            Type: AWS::Serverless::StateMachine
            Properties:
              Policies:
                - Statement: {Effect: Allow, Action: "dynamodb:Put*"}
        """)
    )
    machine = calling(FUNCTION, "arn:aws:states:::dynamodb:putItem", FUNCTION)
    assert [str(finding) for finding in missing(read_template(path, "template.yaml"), "M", machine)] == [
        'template.yaml:6:7: M: "S0" needs lambda:InvokeFunction, and the role has no such permission; '
        "add to Policies: Statement: [{Effect: Allow, Action: lambda:InvokeFunction, Resource: ...}]"
    ]


def test_a_role_that_cannot_be_known_is_not_judged(tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text(json.dumps({"Resources": {"M": {"Type": "AWS::StepFunctions::StateMachine"}}}))
    assert missing(read_template(path), "M", calling(FUNCTION)) == []


def test_a_machine_without_policies_is_shown_at_its_name(tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text(json.dumps({"Resources": {"M": {"Type": "AWS::Serverless::StateMachine"}}}, indent=1))
    [finding] = missing(read_template(path, "t.json"), "M", calling(FUNCTION))
    assert str(finding.where.place) == "t.json:3:3"
