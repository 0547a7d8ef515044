"""uses.py and shown.py: which state calls what, through which placeholder, and where the code of it lies."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest

from workflow_dsl.application.machines import Stack, project_stack
from workflow_dsl.application.template.triggers import triggers_of
from workflow_dsl.application.uses import Use, functions_not_called, uses_of
from workflow_dsl.project import Project
from workflow_dsl.views.tables import as_json, markdown, mermaid, once, rows

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
MACHINES = ["Trader", "Nightly"]
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
def stack(tmp_path: Path) -> Stack:
    (tmp_path / "template.yaml").write_text(dedent(TEMPLATE))
    (tmp_path / "trader.asl.json").write_text(json.dumps(DEFINITION))
    (tmp_path / "buyer").mkdir()
    (tmp_path / "buyer" / "app.py").write_text("\ndef handler(event, context): ...\n")
    found = project_stack(Project(tmp_path))
    assert found
    return found


def told(use: Use) -> tuple[str, ...]:
    return use.machine, use.state, use.calls, ", ".join(use.through), use.resource, use.target, str(use.code or "")


def test_each_call_is_followed_from_the_state_to_the_code(stack: Stack) -> None:
    assert [told(use) for use in uses_of(stack)] == [
        ("Trader", "Buy It", "Lambda", "BuyerArn", "Buyer", "Buyer", "buyer/app.py:2"),
        ("Trader", "Store", "DynamoDB putItem", "Put, Table", "Trades", "Trades", ""),
        ("Nightly", "Trade", "Step Functions startExecution", "", "Trader", "Trader", ""),
        ("Nightly", "Buy", "Lambda", "", "Buyer", "Buyer", "buyer/app.py:2"),
        ("Nightly", "Ask", "Lambda", "", "", "", ""),
    ]
    assert functions_not_called(stack, uses_of(stack)) == ["Seller", "Idle"]


def test_by_machine_it_begins_with_what_starts_each(stack: Stack) -> None:
    uses, triggers = uses_of(stack), triggers_of(stack.template)
    heading, found = rows([*MACHINES, "Idling"], uses, triggers, functions_not_called(stack, uses), "machine")
    assert heading == ("State machine", "State", "Calls", "Through", "Function or resource", "Code")
    assert once(found) == [
        ("Trader", "\u25b6 Schedule", "rate(1 hour)", "", "Hourly", ""),
        ("", "Buy It", "Lambda", "BuyerArn", "Buyer", "buyer/app.py:2"),
        ("", "Store", "DynamoDB putItem", "Put, Table", "Trades", ""),
        ("Nightly", "Trade", "Step Functions startExecution", "", "Trader", ""),
        ("", "Buy", "Lambda", "", "Buyer", "buyer/app.py:2"),
        ("", "Ask", "Lambda", "", "", ""),
        ("Idling", "\u2013", "\u2013", "", "", ""),
        ("Seller", "\u25b6 Api", "ANY", "", "Call", ""),
    ]


def test_what_is_not_known_here_is_shown_by_its_placeholder(tmp_path: Path) -> None:
    text = "Parameters: {Arn: {Type: 'AWS::SSM::Parameter::Value<String>', Default: /arn}}\nResources:\n  M:\n    Type: AWS::Serverless::StateMachine\n    Properties: {DefinitionUri: m.json, DefinitionSubstitutions: {Arn: !Ref Arn}}\n"
    (tmp_path / "template.yaml").write_text(text)
    (tmp_path / "m.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${Arn}"}}}')
    found = project_stack(Project(tmp_path))
    assert found
    assert [(use.state, use.through) for use in uses_of(found)] == [("A", ("Arn",))]


def test_by_function_it_ends_with_those_that_no_state_calls(stack: Stack) -> None:
    uses, triggers = uses_of(stack), triggers_of(stack.template)
    heading, found = rows(MACHINES, uses, triggers, functions_not_called(stack, uses), "function")
    assert heading == ("Function", "State machine", "State", "Through", "Code")
    assert once(found) == [
        ("Buyer", "Trader", "Buy It", "BuyerArn", "buyer/app.py:2"),
        ("", "Nightly", "Buy", "", "buyer/app.py:2"),
        ("Seller", "\u25b6 Api", "Call", "ANY", ""),
        ("Idle", "\u2013", "\u2013", "", ""),
    ]


def test_json_has_everything(stack: Stack) -> None:
    uses, triggers = uses_of(stack), triggers_of(stack.template)
    content = json.loads(as_json(MACHINES, uses, triggers, ["Idle"]))
    assert content["uses"][0] == {
        "stateMachine": "Trader",
        "state": "Buy It",
        "service": "lambda",
        "action": "invoke",
        "through": ["BuyerArn"],
        "resource": "Buyer",
        "target": "Buyer",
        "file": "buyer/app.py",
        "line": 2,
    }
    assert content["triggers"][0] == {
        "target": "Trader",
        "kind": "Schedule",
        "name": "Hourly",
        "detail": "rate(1 hour)",
    }
    assert (content["stateMachines"], len(content["uses"]), content["notCalled"]) == (MACHINES, 5, ["Idle"])


def test_mermaid_leads_from_what_starts_to_what_is_called(stack: Stack) -> None:
    assert mermaid([*MACHINES, "Idling"], uses_of(stack), triggers_of(stack.template)) == dedent("""\
        flowchart LR
            n1(["Schedule Hourly"]) --> n2[["Trader"]]
            n3[["Nightly"]]
            n4[["Idling"]]
            n2 --> n5["Buyer"]
            n2 --> n6[("Trades")]
            n3 --> n2
            n3 --> n5
            n3 --> n7["Lambda"]
        """)


def test_markdown_escapes_what_would_break_a_table() -> None:
    assert markdown(("A", "B"), [("a|b", "<c>\nd")]) == "| A | B |\n| --- | --- |\n| a\\|b | &lt;c> d |\n"
