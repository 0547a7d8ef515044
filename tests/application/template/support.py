"""A template with a resource of every kind, for the tests of this folder."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent
from typing import Any

from workflow_dsl.application.template import Template, read_template

LAMBDA, STATES = "arn:aws:lambda:us-east-1:111111111111", "arn:aws:states:us-east-1:111111111111"
STACK = """
    Parameters:
      Stage: {Type: String, Default: beta}
      Owner: {Type: String}
      Named: {Type: "AWS::SSM::Parameter::Value<String>", Default: /config/arn}
      Blank: {Type: String, Default: ""}
      Zones: {Type: CommaDelimitedList, Default: "a, b"}
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
      Published: {Type: AWS::Serverless::Function, Properties: {AutoPublishAlias: live}}
      Table: {Type: AWS::DynamoDB::Table}
      Simple: {Type: AWS::Serverless::SimpleTable, Properties: {TableName: simple}}
      Queue: {Type: AWS::SQS::Queue, Properties: {QueueName: orders}}
      Topic: {Type: AWS::SNS::Topic}
      Bucket: {Type: AWS::S3::Bucket}
      Logs: {Type: AWS::Logs::LogGroup}
      Live: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Checker, Name: live}}
      First: {Type: AWS::Lambda::Version, Properties: {FunctionName: !GetAtt Checker.Arn}}
      Adrift: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Stage, Name: live}}
      Lost: {Type: AWS::Lambda::Alias, Properties: {FunctionName: far, Name: live}}
"""


def template(folder: Path, text: str) -> Template:
    path = folder / "template.yaml"
    path.write_text(dedent(text), "utf-8")
    return read_template(path)


def probe(folder: Path, text: str, more: str = "") -> tuple[Template, Any]:
    """STACK with more resources and a value in YAML, and this value as it was read."""
    stack = template(folder, f"{STACK}{more}      Probe: {{Type: Probe, Properties: {{It: {text}}}}}\n")
    return stack, stack.resources["Probe"].properties["It"]
