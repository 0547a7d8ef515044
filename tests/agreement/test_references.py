"""crosschecks/references.py: what an author means by a placeholder, and what the template says."""

from __future__ import annotations

import pytest

from tests.support import Write
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.generation.build import generation
from workflow_dsl.project import Project

TEMPLATE = """\
Parameters: {{Limit: {{Type: Number}}, Other: {{Type: Number}}}}
Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: generated/m.asl.json
      Policies: [SomeonesPolicy]
      DefinitionSubstitutions: {{{substitutions}}}
  Checker: {{Type: AWS::Serverless::Function, Properties: {{InlineCode: "x", Handler: app.handler}}}}
  Seller: {{Type: AWS::Serverless::Function, Properties: {{InlineCode: "x", Handler: app.handler}}}}
  Trades: {{Type: AWS::DynamoDB::Table}}
  Orders: {{Type: AWS::SQS::Queue}}
  Bus: {{Type: AWS::Events::EventBus}}
"""
WORKFLOW = """
from workflow_dsl.authoring import *

def build():
    return Workflow({start})
"""
TASK = 'Task("A", resource={})'
VALUE = 'Pass("A", result={})'


def said(project: Project, write_workflow: Write, start: str, substitutions: str) -> list[tuple[str, str, str]]:
    path = write_workflow("m", WORKFLOW.format(start=start))
    (project.root / "template.yaml").write_text(TEMPLATE.format(substitutions=substitutions))
    made = generation(project, [path], lambda file: compile_file(file, root=project.root))
    assert [str(finding) for build in made.builds for finding in build.findings if finding.severity == "error"] == []
    return [(str(each.where.place), each.code, each.text) for each in made.disagreements if each.severity == "error"]


AGREE = [
    (TASK.format('function("CheckerAliaslive")'), "CheckerAliasliveArn: !Ref CheckerAliaslive"),
    (VALUE.format('resource("MRole", "Arn")'), "MRoleArn: !GetAtt MRole.Arn"),
    (TASK.format('function("Checker")'), "CheckerArn: !GetAtt Checker.Arn"),
    (TASK.format('function("Checker")'), "CheckerArn: !Sub '${Checker.Arn}'"),
    (TASK.format('function("Checker")'), "CheckerArn: !Sub '${Checker.Arn}:live'"),
    (VALUE.format('table("Trades")'), "TradesName: !Ref Trades"),
    (VALUE.format('queue("Orders")'), "OrdersUrl: !Ref Orders"),
    (VALUE.format('queue("Orders")'), "OrdersUrl: !GetAtt Orders.QueueUrl"),
    (VALUE.format('event_bus("Bus")'), "BusName: !Ref Bus"),
    (VALUE.format('state_machine("M")'), "MArn: !GetAtt M.Arn"),
    (VALUE.format('parameter("Limit")'), "Limit: !Ref Limit"),
    (VALUE.format('parameter("AWS::Region")'), "Region: !Ref AWS::Region"),
    (VALUE.format('resource("Trades", "StreamArn")'), "TradesStreamArn: !GetAtt Trades.StreamArn"),
]


@pytest.mark.parametrize(("start", "substitutions"), AGREE)
def test_what_is_meant_and_what_is_said_agree(
    start: str, substitutions: str, project: Project, write_workflow: Write
) -> None:
    assert said(project, write_workflow, start, substitutions) == []


HERE = "workflows/m.py:7"
DISAGREE = [
    (
        TASK.format('function("Cheker")'),
        "",
        (HERE, "UNKNOWN_REFERENCE", 'function("Cheker") is not in template.yaml; did you mean "Checker"?'),
    ),
    (
        VALUE.format('parameter("Limt")'),
        "",
        (HERE, "UNKNOWN_REFERENCE", 'parameter("Limt") is not in template.yaml; did you mean "Limit"?'),
    ),
    (
        VALUE.format('bucket("Prices")'),
        "PricesName: prices",
        (
            HERE,
            "UNKNOWN_REFERENCE",
            'bucket("Prices") is not in template.yaml; name one that is there, or add Prices to it',
        ),
    ),
    (
        VALUE.format('function("Trades")'),
        "TradesArn: !GetAtt Trades.Arn",
        (HERE, "WRONG_RESOURCE", 'function("Trades") is a table in template.yaml; write table("Trades")'),
    ),
    (
        VALUE.format('table("Bus")'),
        "BusName: !Ref Bus",
        (
            HERE,
            "WRONG_RESOURCE",
            'table("Bus") is of type AWS::Events::EventBus in template.yaml; write event_bus("Bus")',
        ),
    ),
    (
        TASK.format('function("Checker")'),
        "CheckerArn: !GetAtt Seller.Arn",
        (
            "template.yaml:8:45",
            "WRONG_RESOURCE",
            "M: the workflow means !GetAtt Checker.Arn by CheckerArn, not this; write CheckerArn: !GetAtt Checker.Arn",
        ),
    ),
    (
        TASK.format('function("Checker")'),
        "CheckerArn: !Ref Checker",
        (
            "template.yaml:8:45",
            "WRONG_RESOURCE",
            "M: the workflow means !GetAtt Checker.Arn by CheckerArn, not this; write CheckerArn: !GetAtt Checker.Arn",
        ),
    ),
    (
        VALUE.format('parameter("Limit")'),
        "Limit: !Ref Other",
        (
            "template.yaml:8:40",
            "WRONG_RESOURCE",
            "M: the workflow means !Ref Limit by Limit, not this; write Limit: !Ref Limit",
        ),
    ),
    (
        TASK.format('function("Checker")'),
        "",
        (
            "template.yaml:8:7",
            "MISSING_SUBSTITUTION",
            'M: "A" Resource has ${CheckerArn}, and there is no substitution for it; '
            "add CheckerArn: !GetAtt Checker.Arn to DefinitionSubstitutions",
        ),
    ),
]


@pytest.mark.parametrize(("start", "substitutions", "expected"), DISAGREE)
def test_what_disagrees_is_one_finding_where_it_is_to_be_mended(
    start: str, substitutions: str, expected: tuple[str, str, str], project: Project, write_workflow: Write
) -> None:
    assert said(project, write_workflow, start, substitutions) == [expected]
