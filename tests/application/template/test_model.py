"""template.py: what a template's values come to on this computer, and what its machines and functions are."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from workflow_dsl.application.template import FunctionCode, StateMachine, Template, read_template, references
from workflow_dsl.findings import FindingsError

STACK = """
    Parameters:
      Stage: {Type: String, Default: beta}
      Owner: {Type: String}
      Named: {Type: "AWS::SSM::Parameter::Value<String>", Default: /config/arn}
      Blank: {Type: String, Default: ""}
    Mappings:
      Limits: {beta: {Most: 5, Own: !Ref Stage}, us-east-1: {Most: 7}}
    Conditions:
      IsBeta: !Equals [!Ref Stage, beta]
      IsBig: !Equals [!Ref Stage, big]
      IsBoth: !And [!Condition IsBeta, Condition: IsBig]
      IsEither: !Or [!Condition IsBeta, !Condition IsBig]
      IsNeither: !Not [!Condition IsEither]
      IsRound: !Condition IsRound
      IsStrange: !Strange [a]
      IsOdd: [a]
    Resources:
      Machine: {Type: AWS::Serverless::StateMachine, Properties: {Name: trader}}
      Plain: {Type: AWS::StepFunctions::StateMachine}
      Worker: {Type: AWS::StepFunctions::Activity}
      Checker: {Type: AWS::Serverless::Function, Properties: {FunctionName: !Sub "check-${Stage}"}}
      Table: {Type: AWS::DynamoDB::Table}
      Simple: {Type: AWS::Serverless::SimpleTable, Properties: {TableName: simple}}
      Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: orders}}
      Topic: {Type: AWS::SNS::Topic}
      Bucket: {Type: AWS::S3::Bucket}
      Logs: {Type: AWS::Logs::LogGroup}
      Live: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Checker, Name: live}}
      First: {Type: AWS::Lambda::Version, Properties: {FunctionName: !GetAtt Checker.Arn}}
      Lost: {Type: AWS::Lambda::Alias, Properties: {FunctionName: far, Name: live}}
"""


def template(folder: Path, text: str) -> Template:
    path = folder / "template.yaml"
    path.write_text(dedent(text), "utf-8")
    return read_template(path)


def value_of(folder: Path, text: str) -> Any:
    """What a value, written as it is in a template, comes to in STACK."""
    stack = template(folder, f"{STACK}      Probe: {{Type: Probe, Properties: {{It: {text}}}}}\n")
    return stack.value(stack.resources["Probe"].properties["It"])


LAMBDA, STATES = "arn:aws:lambda:us-east-1:111111111111", "arn:aws:states:us-east-1:111111111111"
VALUES: list[tuple[str, Any]] = [
    ("!Ref Stage", "beta"),
    ("{Ref: Stage}", "beta"),
    ("!Ref Owner", "Owner"),
    ("!Ref Named", "Named"),
    ("!Ref Blank", "Blank"),
    ("!Ref Nothing", "Nothing"),
    ("!Ref AWS::Region", "us-east-1"),
    ("!Ref AWS::NoValue", ""),
    ("!Ref Machine", f"{STATES}:stateMachine:trader"),
    ("!Ref Plain", f"{STATES}:stateMachine:Plain"),
    ("!Ref Worker", f"{STATES}:activity:Worker"),
    ("!Ref Checker", "check-beta"),
    ("!Ref Table", "Table"),
    ("!Ref Queue", "https://sqs.us-east-1.amazonaws.com/111111111111/orders"),
    ("!Ref Topic", "arn:aws:sns:us-east-1:111111111111:Topic"),
    ("!Ref Bucket", "bucket"),
    ("!GetAtt Checker.Arn", f"{LAMBDA}:function:check-beta"),
    ("!GetAtt [Checker, Arn]", f"{LAMBDA}:function:check-beta"),
    ("!GetAtt Machine.Name", "trader"),
    ("!GetAtt Queue.QueueName", "orders"),
    ("!GetAtt Queue.Arn", "arn:aws:sqs:us-east-1:111111111111:orders"),
    ("!GetAtt Topic.TopicName", "Topic"),
    ("!GetAtt Topic.TopicArn", "arn:aws:sns:us-east-1:111111111111:Topic"),
    ("!GetAtt Simple.Arn", "arn:aws:dynamodb:us-east-1:111111111111:table/simple"),
    ("!GetAtt Bucket.Arn", "arn:aws:s3:::bucket"),
    ("!GetAtt Logs.Arn", "arn:aws:local:us-east-1:111111111111:Logs"),
    ("!GetAtt Table.StreamArn", "Table.StreamArn"),
    ("!GetAtt Nothing.Arn", "Nothing.Arn"),
    ('!Sub "${AWS::Partition}/${Table}/${Checker.Arn}/${!Kept}"', f"aws/Table/{LAMBDA}:function:check-beta/${{Kept}}"),
    ('!Sub ["${Own}-${Stage}", {Own: !Ref Table}]', "Table-beta"),
    ('!Join ["-", [a, !Ref Stage, 1]]', "a-beta-1"),
    ('!Join ["-", [a, true]]', "a-true"),
    ("!If [IsBeta, !Ref Stage, no]", "beta"),
    ("!If [IsBig, !Ref Stage, that]", "that"),
    ("!If [IsBoth, this, that]", "that"),
    ("!If [IsEither, this, that]", "this"),
    ("!If [IsNeither, this, that]", "that"),
    ("!If [IsRound, this, that]", "this"),
    ("!If [IsStrange, this, that]", "this"),
    ("!If [IsOdd, this, that]", "this"),
    ("!If [IsNothing, this, that]", "this"),
    ("!FindInMap [Limits, !Ref Stage, Most]", 5),
    ("!FindInMap [Limits, beta, Own]", "beta"),
    ("!FindInMap [Limits, !Ref AWS::Region, Most]", 7),
    ("!FindInMap [Limits, none, Most]", "LimitsnoneMost"),
    ("!Select [1, [a, !Ref Stage]]", "beta"),
    ("!Select ['0', [a]]", "a"),
    ("!Select [2, [a]]", "2a"),
    ("!Select ['\u00b2', [a]]", "\u00b2a"),
    ("!Select [0, !Split [a, b]]", "0Fn::Split:ab"),
    ("!Ref Live", f"{LAMBDA}:function:check-beta:live"),
    ("!Ref First", f"{LAMBDA}:function:check-beta:1"),
    ("!Ref Lost", "Lost"),
    ("!Ref Checker.Alias", f"{LAMBDA}:function:check-beta:Alias"),
    ("!Sub '${Checker.Version}'", f"{LAMBDA}:function:check-beta:Version"),
    ("!GetAtt Queue.QueueUrl", "https://sqs.us-east-1.amazonaws.com/111111111111/orders"),
    ("{Ref: [a]}", "a"),
    ("!Split [a, b]", {"Fn::Split": ["a", "b"]}),
    ("!Transform {Name: AWS::Include}", {"Fn::Transform": {"Name": "AWS::Include"}}),
    ("!Condition IsBig", {"Condition": "IsBig"}),
    ("[!Ref Stage, {a: !Ref Table, b: 1}]", ["beta", {"a": "Table", "b": 1}]),
]


@pytest.mark.parametrize(("text", "value"), VALUES)
def test_a_value_comes_to_what_it_is_on_this_computer(tmp_path: Path, text: str, value: Any) -> None:
    assert value_of(tmp_path, text) == value


def test_globals_are_merged_under_a_resources_own_properties_of_its_kind(tmp_path: Path) -> None:
    found = template(
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
    assert {name: dict(each.properties) for name, each in found.resources.items()} == {
        "F": {"Timeout": 9, "Environment": {"Variables": {"A": "shared", "B": "own"}}, "Tags": "none"},
        "L": {},
    }


def test_state_machines_have_their_definition_their_substitutions_and_their_type(tmp_path: Path) -> None:
    found = template(
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
    assert found.state_machines() == [
        StateMachine("ByFile", "ByFile", file, {"Put": put, "Limit": "3"}, "STANDARD"),
        StateMachine("Inline", "in-line", {"StartAt": "A"}, {}, "EXPRESS"),
        StateMachine("Elsewhere", "far", None, {}, "EXPRESS"),
    ]


def test_functions_are_those_whose_code_lies_beside_the_template(tmp_path: Path) -> None:
    found = template(
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
    assert found.functions() == [
        FunctionCode("Checker", "Checker", tmp_path / "functions/checker", "app.handler", 256, 10.0, variables),
        FunctionCode("Plain", "plain", tmp_path / "plain", "a.b.handle", 128, 3.0, {}),
    ]


def test_resources_of_a_type_have_their_name_and_resolved_properties(tmp_path: Path) -> None:
    found = template(
        tmp_path,
        """
        Resources:
          Trades: {Type: AWS::DynamoDB::Table, Properties: {TableName: !Sub "${AWS::StackName}-trades"}}
          Bucket: {Type: AWS::S3::Bucket, Properties: {BucketName: Prices}}
        """,
    )
    assert found.of_type("AWS::DynamoDB::Table") == [("local-trades", {"TableName": "local-trades"})]
    assert found.of_type("AWS::S3::Bucket") == [("prices", {"BucketName": "Prices"})]
    assert found.of_type("AWS::SQS::Queue") == []


UNREADABLE: list[tuple[bytes | None, str]] = [
    (None, "is not there; write it, or set template under [tool.workflow-dsl]"),
    (b"Resources: [", "cannot be read: is neither JSON nor YAML: "),
    (b"Resources: \xff", "cannot be read: is not UTF-8: byte 11 cannot be read"),
    (b"Resources: []", "has no Resources; give it the resources of the application"),
    (b"- 1", "has no Resources; give it the resources of the application"),
]


@pytest.mark.parametrize(("content", "message"), UNREADABLE)
def test_an_unreadable_template_is_one_finding(tmp_path: Path, content: bytes | None, message: str) -> None:
    path = tmp_path / "template.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(FindingsError) as problem:
        read_template(path)
    assert [finding.code for finding in problem.value.findings] == ["TEMPLATE"]
    said = str(problem.value).removeprefix(str(path)).lstrip(":0123456789")
    assert said.startswith(f" {message}")
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
def test_an_address_or_a_name_leads_to_its_resource(
    tmp_path: Path, target: str, service: str, logical_id: str | None
) -> None:
    found = template(tmp_path, STACK).resource_at(target, service)
    assert (found.logical_id if found else None) == logical_id


REFERENCES = [
    ("!Ref Table", ["Table"]),
    ("!GetAtt Table.Arn", ["Table"]),
    ("!GetAtt [Table, Arn]", ["Table"]),
    ("!Ref Checker.Alias", ["Checker"]),
    ("!Sub '${Table}-${Queue.Arn}-${!Kept}-${AWS::Region}'", ["Table", "Queue", "AWS::Region"]),
    ("!Sub ['${Own}-${Stage}', {Own: !Ref Table}]", ["Stage", "Table"]),
    ("{a: [!Ref Table, {b: !If [Is, !Ref Queue, x]}]}", ["Table", "Queue"]),
    ("{Ref: [odd], 'Fn::GetAtt': {odd: 1}, 'Fn::Sub': 5}", []),
]


@pytest.mark.parametrize(("value", "names"), REFERENCES)
def test_references_are_found_at_any_depth(tmp_path: Path, value: str, names: list[str]) -> None:
    stack = template(tmp_path, f"{STACK}      Probe: {{Type: Probe, Properties: {{It: {value}}}}}\n")
    assert list(references(stack.resources["Probe"].properties["It"])) == names
