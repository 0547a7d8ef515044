"""The calls of every state machine: state, placeholder, resource and code."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from workflow_dsl.application.application import Application, read_application
from workflow_dsl.application.uses import Use, functions_not_called, uses_of
from workflow_dsl.project import Project

TEMPLATE = """
    Resources:
      Trader:
        Type: AWS::Serverless::StateMachine
        Properties:
          DefinitionUri: trader.asl.json
          DefinitionSubstitutions: {BuyerArn: !Sub "${Buyer.Arn}:live", Put: "arn:aws:states:::dynamodb:putItem", Table: !Ref Trades}
          Events: {Hourly: {Type: Schedule, Properties: {Schedule: rate(1 hour)}}}
      Nightly:
        Type: AWS::Serverless::StateMachine
        Properties:
          Definition:
            StartAt: Trade
            States:
              Trade: {Type: Task, Resource: "arn:aws:states:::states:startExecution", Parameters: {StateMachineArn: !Ref Trader}, Next: Buy}
              Buy: {Type: Task, Resource: !GetAtt Buyer.Arn, Next: Ask}
              Ask: {Type: Task, Resource: "arn:aws:states:::lambda:invoke", Parameters: {FunctionName.$: $.name}, End: true}
      Buyer: {Type: AWS::Serverless::Function, Properties: {CodeUri: buyer, Handler: app.handler}}
      Seller: {Type: AWS::Serverless::Function, Properties: {CodeUri: seller, Handler: app.handler, Events: {Call: {Type: Api}}}}
      Idle: {Type: AWS::Serverless::Function}
      Trades: {Type: AWS::DynamoDB::Table}
"""
DEFINITION = {
    "StartAt": "Each",
    "States": {
        "Each": {
            "Type": "Map",
            "ItemProcessor": {
                "StartAt": "Buy It",
                "States": {"Buy It": {"Type": "Task", "Resource": "${BuyerArn}", "End": True}},
            },
            "Next": "Store",
        },
        "Store": {"Type": "Task", "Resource": "${Put}", "Parameters": {"TableName": "${Table}"}, "End": True},
    },
}


@pytest.fixture
def application(tmp_path: Path) -> Application:
    (tmp_path / "template.yaml").write_text(dedent(TEMPLATE))
    (tmp_path / "trader.asl.json").write_text(json.dumps(DEFINITION))
    (tmp_path / "buyer").mkdir()
    (tmp_path / "buyer" / "app.py").write_text("\ndef handler(event, context): ...\n")
    return read_application(Project(tmp_path))


def row_of(use: Use) -> tuple[str, ...]:
    return use.machine, use.state, use.calls, ", ".join(use.placeholders), use.resource, use.target, str(use.code or "")


def test_each_call_is_traced_from_the_state_to_the_code(application: Application) -> None:
    assert [row_of(use) for use in uses_of(application)] == [
        ("Trader", "Buy It", "Lambda", "BuyerArn", "Buyer", "Buyer", "buyer/app.py:2"),
        ("Trader", "Store", "DynamoDB putItem", "Put, Table", "Trades", "Trades", ""),
        ("Nightly", "Trade", "Step Functions startExecution", "", "Trader", "Trader", ""),
        ("Nightly", "Buy", "Lambda", "", "Buyer", "Buyer", "buyer/app.py:2"),
        ("Nightly", "Ask", "Lambda", "", "", "", ""),
    ]
    assert functions_not_called(application, uses_of(application)) == ["Seller", "Idle"]


def test_a_call_that_only_the_stack_knows_is_shown_by_its_placeholder(tmp_path: Path) -> None:
    text = "Parameters: {Arn: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /arn}}\nResources:\n  M:\n    Type: AWS::Serverless::StateMachine\n    Properties: {DefinitionUri: m.json, DefinitionSubstitutions: {Arn: !Ref Arn}}\n"
    (tmp_path / "template.yaml").write_text(text)
    (tmp_path / "m.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${Arn}"}}}')
    application = read_application(Project(tmp_path))
    assert [(use.state, use.placeholders) for use in uses_of(application)] == [("A", ("Arn",))]


def test_a_definition_outside_the_template_is_not_mixed_with_the_resource_of_its_name(application: Application) -> None:
    (application.template.path.parent / "Trader.asl.json").write_text(json.dumps(DEFINITION))
    outside = application.only_named(str(application.template.path.parent / "Trader.asl.json"))
    uses = uses_of(application, [*application.machines, outside])
    assert [use.state for use in uses if use.machine == "Trader"] == ["Buy It", "Store"]
    assert [use.state for use in uses if use.machine == "Trader.asl.json"] == ["Buy It", "Store"]


def test_a_handler_that_cannot_be_imported_is_shown_as_its_folder(tmp_path: Path) -> None:
    function = "{Runtime: python3.13, Handler: app.f, CodeUri: buyer}"
    machine = "{Definition: {StartAt: A, States: {A: {Type: Task, Resource: !GetAtt F.Arn}}}}"
    (tmp_path / "template.yaml").write_text(
        f"Resources:\n  F: {{Type: AWS::Serverless::Function, Properties: {function}}}\n"
        f"  M: {{Type: AWS::Serverless::StateMachine, Properties: {machine}}}\n"
    )
    (tmp_path / "buyer").mkdir()
    (tmp_path / "buyer" / "app.py").write_text("import json\ndef (\n")
    assert [str(use.code) for use in uses_of(read_application(Project(tmp_path)))] == ["buyer"]
