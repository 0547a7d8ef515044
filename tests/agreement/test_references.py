"""Agreement of a workflow's references, such as function("Checker"), with the template's substitutions."""

from __future__ import annotations

import pytest

from tests.support import Write
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.generation.build import generate
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
  Trades: {{Type: AWS::DynamoDB::Table, Properties: {{StreamSpecification: {{StreamViewType: NEW_IMAGE}}}}}}
  Orders: {{Type: AWS::SQS::Queue}}
  Bus: {{Type: AWS::Events::EventBus}}
  News: {{Type: AWS::SNS::Topic}}
"""
WORKFLOW = """
from workflow_dsl.authoring import *

def build():
    return Workflow({start})
"""
TASK = 'Task("A", resource={})'
VALUE = 'Pass("A", result={})'
INVOKE = 'Task("A", resource="arn:aws:states:::lambda:invoke", parameters={{"FunctionName": {}}})'
EVENT = 'Task("A", resource="arn:aws:states:::events:putEvents", parameters={{"Entries": [{{"EventBusName": {}, "Source": "s", "DetailType": "d", "Detail": {{}}}}]}})'


def errors_of(project: Project, write_workflow: Write, start: str, substitutions: str) -> list[tuple[str, str, str]]:
    """Return the place, code and text of each error in the template or the references."""
    path = write_workflow("m", WORKFLOW.format(start=start))
    (project.root / "template.yaml").write_text(TEMPLATE.format(substitutions=substitutions))
    generated = generate(project, [path], lambda file: compile_file(file, root=project.root))
    assert [
        str(finding) for build in generated.workflows for finding in build.findings if finding.severity == "error"
    ] == []
    return [
        (str(finding.where.place), finding.code, finding.text)
        for finding in generated.disagreements
        if finding.severity == "error" and finding.code != "CIRCULAR_DEPENDENCY"
    ]


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
    (VALUE.format('event_bus("Bus")'), "BusName: !GetAtt Bus.Name"),
    (EVENT.format('event_bus("Bus")'), "BusName: !GetAtt Bus.Arn"),
    (VALUE.format('topic("News")'), "NewsArn: !GetAtt News.TopicArn"),
    (INVOKE.format('function("Checker")'), "CheckerArn: !Ref Checker"),
    (VALUE.format('state_machine("M")'), "MArn: !GetAtt M.Arn"),
    (VALUE.format('parameter("Limit")'), "Limit: !Ref Limit"),
    (VALUE.format('parameter("AWS::Region")'), "Region: !Ref AWS::Region"),
    (VALUE.format('resource("Trades", "StreamArn")'), "TradesStreamArn: !GetAtt Trades.StreamArn"),
]


@pytest.mark.parametrize(("start", "substitutions"), AGREE)
def test_a_reference_agrees_with_its_substitution(
    start: str, substitutions: str, project: Project, write_workflow: Write
) -> None:
    assert errors_of(project, write_workflow, start, substitutions) == []


IN_TASK, IN_VALUE = "workflows/m.py:7:40", "workflows/m.py:7:38"  # the columns of the reference
DISAGREE = [
    (
        TASK.format('function("Cheker")'),
        "",
        (IN_TASK, "UNKNOWN_REFERENCE", 'function("Cheker") is not in template.yaml; did you mean "Checker"?'),
    ),
    (
        VALUE.format('parameter("Limt")'),
        "",
        (IN_VALUE, "UNKNOWN_REFERENCE", 'parameter("Limt") is not in template.yaml; did you mean "Limit"?'),
    ),
    (
        VALUE.format('bucket("Prices")'),
        "PricesName: prices",
        (
            IN_VALUE,
            "UNKNOWN_REFERENCE",
            'bucket("Prices") is not in template.yaml; name a resource of the template, or add Prices',
        ),
    ),
    (
        VALUE.format('function("Trades")'),
        "TradesArn: !GetAtt Trades.Arn",
        (IN_VALUE, "WRONG_RESOURCE", 'function("Trades") is a table in template.yaml; write table("Trades")'),
    ),
    (
        VALUE.format('table("Bus")'),
        "BusName: !Ref Bus",
        (
            IN_VALUE,
            "WRONG_RESOURCE",
            'table("Bus") is an event bus in template.yaml; write event_bus("Bus")',
        ),
    ),
    (
        TASK.format('function("Checker")'),
        "CheckerArn: !GetAtt Seller.Arn",
        (
            "template.yaml:8:45",
            "WRONG_RESOURCE",
            "M: in the workflow, ${CheckerArn} stands for !GetAtt Checker.Arn; write CheckerArn: !GetAtt Checker.Arn",
        ),
    ),
    (
        TASK.format('function("Checker")'),
        "CheckerArn: !Ref Checker",
        (
            "template.yaml:8:45",
            "WRONG_RESOURCE",
            "M: in the workflow, ${CheckerArn} stands for !GetAtt Checker.Arn; write CheckerArn: !GetAtt Checker.Arn",
        ),
    ),
    (
        VALUE.format('function("Checker")'),
        "CheckerArn: !Ref Checker",
        (
            "template.yaml:8:45",
            "WRONG_RESOURCE",
            "M: in the workflow, ${CheckerArn} stands for !GetAtt Checker.Arn; write CheckerArn: !GetAtt Checker.Arn",
        ),
    ),
    (
        VALUE.format('parameter("Limit")'),
        "Limit: !Ref Other",
        (
            "template.yaml:8:40",
            "WRONG_RESOURCE",
            "M: in the workflow, ${Limit} stands for !Ref Limit; write Limit: !Ref Limit",
        ),
    ),
    (
        TASK.format('function("Checker")'),
        "",
        (
            "template.yaml:8:7",
            "MISSING_SUBSTITUTION",
            'M: ${CheckerArn} in "A" Resource has no substitution; '
            "add CheckerArn: !GetAtt Checker.Arn to DefinitionSubstitutions",
        ),
    ),
]


@pytest.mark.parametrize(("start", "substitutions", "expected"), DISAGREE)
def test_a_disagreement_is_one_finding_at_the_line_to_fix(
    start: str, substitutions: str, expected: tuple[str, str, str], project: Project, write_workflow: Write
) -> None:
    assert errors_of(project, write_workflow, start, substitutions) == [expected]
