"""Every form of definition is equal right after its deployment, and an edit in the account is found in each."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.account.conftest import RESOURCES, STACK, deploy, lines, resource, run
from tests.fake_aws import ErrorResponse, FakeAws
from workflow_dsl.project import Project

CHECKER = "arn:aws:lambda:eu-west-1:123456789012:function:app-Checker-X2"
SHARED = "arn:aws:lambda:eu-west-1:123456789012:function:shared"
TEMPLATE = """\
Parameters: {Limit: {Type: Number, Default: 5}, Size: {Type: String, Default: BIG}, Secret: {Type: String, NoEcho: true}}
Conditions: {IsBig: !Equals [!Ref Size, BIG], IsSecret: !Equals [!Ref Secret, x]}
Mappings: {Speed: {SMALL: {Seconds: 9}, BIG: {Seconds: 1}}}
Resources:
  Checker: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Handler: app.handler}}
  Trades: {Type: AWS::DynamoDB::Table}
  Worker: {Type: AWS::IAM::Role, Properties: {Path: /workers/}}
  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: https://example.com/child.yaml}}
  Trader:
    Type: AWS::StepFunctions::StateMachine
    Properties:
"""
OBJECT = """\
      Definition:
        StartAt: Ask
        States:
          Ask: {Type: Task, Resource: %s, TimeoutSeconds: %s, Comment: %s, End: true}
"""
STRING = (
    '{"StartAt":"Ask","States":{"Ask":{"Type":"Task","Resource":"%s","TimeoutSeconds":%s,"Comment":"%s","End":true}}}'
)
JOINED = [
    '{"StartAt":"Ask","States":{"Ask":{"Type":"Task","Resource":"',
    {"Fn::GetAtt": ["Checker", "Arn"]},
    '","TimeoutSeconds":',
    {"Ref": "Limit"},
    ',"Comment":"',
    {"Ref": "AWS::StackName"},
    '","End":true}}}',
]
TREE = {
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": {"Fn::GetAtt": ["Checker", "Arn"]},
            "TimeoutSeconds": 7,
            "Comment": {"Ref": "AWS::StackName"},
            "End": True,
        }
    },
}
# The properties in the template, and resource, timeout and comment in the account.
FORMS: dict[str, tuple[str, str, Any, str]] = {
    "literals": (OBJECT % (CHECKER, 7, "c"), CHECKER, 7, "c"),
    "GetAtt": (OBJECT % ("!GetAtt Checker.Arn", 7, "c"), CHECKER, 7, "c"),
    "Sub": (OBJECT % ("!Sub '${Checker.Arn}:live'", 7, "!Sub '${AWS::Region} ${!x}'"), f"{CHECKER}:live", 7, "eu-west-1 ${x}"),
    "Join": (OBJECT % ("!Join [':', [!GetAtt Checker.Arn, !If [IsBig, a, b]]]", 7, "c"), f"{CHECKER}:b", 7, "c"),
    "If": (OBJECT % ("!If [IsBig, x, !GetAtt Checker.Arn]", 7, "!If [IsBig, x, small]"), CHECKER, 7, "small"),
    "FindInMap": (OBJECT % (CHECKER, "!FindInMap [Speed, !Ref Size, Seconds]", "c"), CHECKER, 9, "c"),
    "a number from a parameter": (OBJECT % (CHECKER, "!Ref Limit", "!Ref Size"), CHECKER, 7, "SMALL"),
    "text from a parameter": (OBJECT % (CHECKER, "!Ref Limit", "!Ref Limit"), CHECKER, 7, "7"),
    "a number from an If": (OBJECT % (CHECKER, "!If [IsBig, 1, 7]", "!If [IsBig, 1, 7]"), CHECKER, 7, "7"),
    "a hidden parameter": (OBJECT % (CHECKER, 7, "!Sub 'is ${Secret}'"), CHECKER, 7, "is hunter2"),
    "a hidden condition": (OBJECT % (CHECKER, 7, "!If [IsSecret, {a: 1}, b]"), CHECKER, 7, "b"),
    "a hidden condition in a Join": (OBJECT % (CHECKER, 7, "!Join ['', [a, !If [IsSecret, b, c]]]"), CHECKER, 7, "ac"),
    "an import": (OBJECT % ("{'Fn::ImportValue': !Sub '${Size}-fn'}", 7, "c"), SHARED, 7, "c"),
    "a nested stack": (OBJECT % ("!GetAtt Child.Outputs.Arn", 7, "!GetAtt Child.Outputs.Name"), SHARED, 7, "n"),
    "a role": (OBJECT % (CHECKER, 7, "!GetAtt Worker.Arn"), CHECKER, 7, "arn:aws:iam::123456789012:role/workers/w"),
    "a dynamic reference": (OBJECT % (CHECKER, 7, "'{{resolve:ssm:/a:1}} x'"), CHECKER, 7, "v x"),
    "no value": (OBJECT.replace("End", "Next: !Ref AWS::NoValue, End") % (CHECKER, 7, "c"), CHECKER, 7, "c"),
    "no value in an If": (
        OBJECT.replace("End", "Next: !If [IsBig, A, !Ref AWS::NoValue], End") % (CHECKER, 7, "c"), CHECKER, 7, "c",
    ),
    "Select": (OBJECT % ("!Select [1, [x, !GetAtt Checker.Arn]]", 7, "!Select [0, [a, b]]"), CHECKER, 7, "a"),
    "the attribute as text": (OBJECT % ("{'Fn::GetAtt': Checker.Arn}", 7, "c"), CHECKER, 7, "c"),
    "a Sub in a Join in a Sub": (
        OBJECT % ("!Sub ['${A}', {A: !Join ['', [!Sub '${Checker.Arn}', '']]}]", 7, "c"), CHECKER, 7, "c",
    ),
    "JSON of an object": (
        f"      DefinitionString: {json.dumps({'Fn::ToJsonString': TREE})}\n", CHECKER, 7, "app",
    ),
    "a string": (f"      DefinitionString: '{STRING % (CHECKER, 7, 'c')}'\n", CHECKER, 7, "c"),
    "a string with Sub": (
        f"      DefinitionString: !Sub '{STRING % ('${Checker.Arn}', '${Limit}', '${Secret}')}'\n", CHECKER, 7, "hunter2",
    ),
    "a string with Join": (f"      DefinitionString: {json.dumps({'Fn::Join': ['', JOINED]})}\n", CHECKER, 7, "app"),
    "a string with an import": (
        f"      DefinitionString: !Sub ['{STRING % ('${F}', 7, 'c')}', {{F: !ImportValue SMALL-fn}}]\n", SHARED, 7, "c",
    ),
    "a substitution without a value": (
        (OBJECT % (CHECKER, 7, "'${Kind} x'"))
        + "      DefinitionSubstitutions: {Kind: !If [IsBig, a, !Ref AWS::NoValue]}\n", CHECKER, 7, "${Kind} x",
    ),
    "a boolean substitution": (
        (OBJECT % (CHECKER, 7, "'${Flag}'")) + "      DefinitionSubstitutions: {Flag: true}\n", CHECKER, 7, "true",
    ),
    "substitutions in an object": (
        (OBJECT % ("'${Fn}'", 7, "'${Kind}'"))
        + "      DefinitionSubstitutions: {Fn: !GetAtt Checker.Arn, Kind: !If [IsSecret, a, b]}\n", CHECKER, 7, "b",
    ),
}  # fmt: skip


@pytest.fixture
def stack(application: FakeAws) -> FakeAws:
    """The stack of the template, with values that only the account has."""
    parameters = [*STACK["Parameters"], {"ParameterKey": "Secret", "ParameterValue": "****"}]
    child = "arn:aws:cloudformation:eu-west-1:123456789012:stack/app-Child-X/2"
    outputs = [{"OutputKey": "Arn", "OutputValue": SHARED}, {"OutputKey": "Name", "OutputValue": "n"}]
    nested = {**STACK, "StackName": "app-Child-X", "StackId": child, "Outputs": outputs}
    application.responses["DescribeStacks"] = lambda query: {
        "Stacks": [nested if query["StackName"] == child else {**STACK, "Parameters": parameters}]
    }
    rows = [
        *RESOURCES,
        resource("Worker", "AWS::IAM::Role", "w"),
        resource("Child", "AWS::CloudFormation::Stack", child),
    ]
    application.responses["ListStackResources"] = lambda query: {
        "StackResourceSummaries": [] if query["StackName"] == child else rows
    }
    application.responses["ListExports"] = {"Exports": [{"Name": "SMALL-fn", "Value": SHARED}]}
    return application


def definition(resource: str, timeout: Any, comment: str) -> Any:
    state = {"Type": "Task", "Resource": resource, "TimeoutSeconds": timeout, "Comment": comment, "End": True}
    return {"StartAt": "Ask", "States": {"Ask": state}}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_equal_after_its_deployment_and_an_edit_is_found(form: str, stack: FakeAws, project: Project) -> None:
    properties, arn, timeout, comment = FORMS[form]
    (project.root / "template.yaml").write_text(TEMPLATE + properties)
    deploy(stack, definition(arn, timeout, comment))
    result = run(stack, "deployed")
    assert (result.exit_code, result.stderr, lines(result.stdout)[1].split()[:2]) == (0, "", ["Trader", "equal"])
    deploy(stack, definition(arn, 8, comment))
    assert re.search(r"  ~ Ask: times out after \S+ s instead of 8 s\n", run(stack, "deployed").stdout)
    if CHECKER in arn:
        deploy(stack, definition(arn.replace("Checker", "Another"), timeout, comment))
        assert re.search(r"  ~ Ask: calls .*Checker.* instead of .*Another", run(stack, "deployed").stdout)


HIDDEN = {
    "a hidden parameter": "Trader: not compared, only in the account: Secret",
    "a dynamic reference": "Trader: not compared, only in the account: resolve:ssm:a:1",
}


@pytest.mark.parametrize("form", HIDDEN)
def test_a_value_that_only_the_account_has_is_said(form: str, stack: FakeAws, project: Project) -> None:
    properties, *deployed = FORMS[form]
    (project.root / "template.yaml").write_text(TEMPLATE + properties)
    deploy(stack, definition(*deployed))
    assert lines(run(stack, "deployed").stdout)[2] == HIDDEN[form]


def test_an_import_that_may_not_be_read_is_said(stack: FakeAws, project: Project) -> None:
    properties, *deployed = FORMS["an import"]
    (project.root / "template.yaml").write_text(TEMPLATE + properties)
    deploy(stack, definition(*deployed))
    stack.responses["ListExports"] = ErrorResponse("AccessDenied", "no")
    result = run(stack, "deployed")
    assert (result.exit_code, lines(result.stdout)[1:4]) == (
        1,
        [
            "Trader equal template.yaml 4 live: 4 (100%) 2026-11-24 12:00:00 UTC",
            "Trader: not compared, only in the account: SMALL-fn",
            "Trader: the exports of other stacks were not read: cloudformation:ListExports is not allowed: no",
        ],
    )
