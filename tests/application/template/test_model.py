"""model.py: the state machines, functions and resources of a template."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.application.template.support import LAMBDA, STACK, STATES, template
from workflow_dsl.application.template import FunctionCode, StateMachine, read_template
from workflow_dsl.findings import FindingsError


def test_globals_are_the_defaults_of_a_resources_properties(tmp_path: Path) -> None:
    read = template(
        tmp_path,
        """
        Globals:
          Function: {Timeout: 9, Environment: {Variables: {A: shared, B: shared}}, Tags: {t: 1}}
        Resources:
          F: {Type: AWS::Serverless::Function, Properties: {Environment: {Variables: {B: own}}, Tags: none}}
          L: {Type: AWS::Lambda::Function}
          Comment: no resource
        """,
    )
    assert {name: dict(resource.properties) for name, resource in read.resources.items()} == {
        "F": {"Timeout": 9, "Environment": {"Variables": {"A": "shared", "B": "own"}}, "Tags": "none"},
        "L": {},
    }


def test_a_state_machine_has_its_definition_its_substitutions_and_its_type(tmp_path: Path) -> None:
    read = template(
        tmp_path,
        """
        Resources:
          ByFile:
            Type: AWS::Serverless::StateMachine
            Properties:
              DefinitionUri: generated/a.asl.json
              DefinitionSubstitutions: {Put: !Sub "arn:${AWS::Partition}:states:::dynamodb:putItem", Limit: 3}
          Inline:
            Type: AWS::Serverless::StateMachine
            Properties: {Name: in-line, Type: EXPRESS, Definition: {StartAt: A}}
          Elsewhere:
            Type: AWS::StepFunctions::StateMachine
            Properties: {StateMachineName: far, StateMachineType: EXPRESS, DefinitionUri: {Bucket: b, Key: k}}
          Table: {Type: AWS::DynamoDB::Table}
        """,
    )
    put = "arn:aws:states:::dynamodb:putItem"
    file = tmp_path / "generated" / "a.asl.json"
    assert read.state_machines() == [
        StateMachine("ByFile", "ByFile", file, {"Put": put, "Limit": "3"}, "STANDARD"),
        StateMachine("Inline", "in-line", {"StartAt": "A"}, {}, "EXPRESS"),
        StateMachine("Elsewhere", "far", None, {}, "EXPRESS"),
    ]


def test_functions_are_those_with_code_beside_the_template(tmp_path: Path) -> None:
    read = template(
        tmp_path,
        """
        Globals: {Function: {Handler: app.handler, MemorySize: 256}}
        Resources:
          Checker:
            Type: AWS::Serverless::Function
            Properties:
              CodeUri: functions/checker/
              Timeout: 10
              Environment: {Variables: {TABLE: !Ref Table, LIMIT: 5}}
          Plain: {Type: AWS::Lambda::Function, Properties: {FunctionName: plain, Code: plain, Handler: a.b.handle}}
          Far: {Type: AWS::Lambda::Function, Properties: {Code: {S3Bucket: b, S3Key: k}}}
          Bucket: {Type: AWS::Serverless::Function, Properties: {CodeUri: s3://bucket/code.zip}}
          Empty: {Type: AWS::Serverless::Function, Properties: {CodeUri: ''}}
          Image: {Type: AWS::Serverless::Function, Properties: {PackageType: Image}}
          Table: {Type: AWS::DynamoDB::Table, Properties: {TableName: trades}}
        """,
    )
    variables = {"TABLE": "trades", "LIMIT": "5"}
    assert read.functions() == [
        FunctionCode("Checker", "Checker", tmp_path / "functions/checker", "app.handler", 256, 10.0, variables),
        FunctionCode("Plain", "plain", tmp_path / "plain", "a.b.handle", 128, 3.0, {}),
    ]


def test_resources_of_a_type_are_their_names_and_resolved_properties(tmp_path: Path) -> None:
    read = template(
        tmp_path,
        """
        Resources:
          Trades: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Sub "${AWS::StackName}-trades"}}
          Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: Prices}}
        """,
    )
    assert read.of_type("AWS::DynamoDB::Table") == [("local-trades", {"TableName": "local-trades"})]
    assert read.of_type("AWS::S3::Bucket") == [("prices", {"BucketName": "Prices"})]
    assert read.of_type("AWS::SQS::Queue") == []


UNREADABLE: list[tuple[bytes | None, str]] = [
    (None, "does not exist; write it, or set template under [tool.workflow-dsl]"),
    (b"Resources: [", "is neither JSON nor YAML: "),
    (b"Resources: \xff", "is not UTF-8: byte 11 cannot be read"),
    (b"Resources: []", "has no Resources; add the resources of the application"),
    (b"- 1", "has no Resources; add the resources of the application"),
]


@pytest.mark.parametrize(("content", "message"), UNREADABLE)
def test_an_unreadable_template_is_one_finding(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "template.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FindingsError) as problem:
        read_template(path)
    assert [finding.code for finding in problem.value.findings] == ["TEMPLATE"]
    text = str(problem.value).removeprefix(str(path)).lstrip(":0123456789")
    assert text.startswith(f" {message}")
    assert "\n" not in str(problem.value)


RESOURCES = [
    (f"{LAMBDA}:function:check-beta", "", "Checker"),
    (f"{LAMBDA}:function:check-beta:live", "", "Checker"),
    (f"{STATES}:stateMachine:trader", "", "Machine"),
    ("https://sqs.us-east-1.amazonaws.com/111111111111/orders", "", "Queue"),
    ("arn:aws:sqs:us-east-1:111111111111:orders", "", "Queue"),
    ("check-beta", "lambda", "Checker"),
    ("Checker", "lambda", "Checker"),
    ("check-beta:live", "lambda", "Checker"),
    ("check-beta", "dynamodb", None),
    ("simple", "dynamodb", "Simple"),
    ("arn:aws:lambda:eu-west-1:222222222222:function:check-beta", "", None),
    ("", "lambda", None),
]


@pytest.mark.parametrize(("target", "service", "logical_id"), RESOURCES)
def test_a_resource_is_found_by_its_address_or_its_name(
    tmp_path: Path, target: str, service: str, logical_id: str | None
) -> None:
    resource = template(tmp_path, STACK).resource_at(target, service)
    assert (resource.logical_id if resource else None) == logical_id
