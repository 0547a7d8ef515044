"""Nested stacks are followed, and those whose template is elsewhere are said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.account.conftest import ARN, RESOURCES, STACK, described, lines, resource, run, running
from tests.fake_aws import ErrorResponse, FakeAws
from workflow_dsl.project import Project

CHILD = "arn:aws:cloudformation:eu-west-1:123456789012:stack/app-Orders-X/2"
PARENT = """\
Resources:
  Orders: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: %s, Parameters: {Seconds: 3}}}
"""
NESTED = """\
Parameters: {Seconds: {Type: Number}}
Resources:
  Waiter:
    Type: AWS::StepFunctions::StateMachine
    Properties: {Definition: {StartAt: W, States: {W: {Type: Wait, Seconds: !Ref Seconds, End: true}}}}
"""


@pytest.fixture
def nested(application: FakeAws, project: Project) -> FakeAws:
    """A stack whose only resource is a nested stack with a state machine that waits for three seconds."""
    (project.root / "template.yaml").write_text(PARENT % "orders.yaml")
    (project.root / "orders.yaml").write_text(NESTED)
    child: dict[str, Any] = {**STACK, "StackName": "app-Orders-X", "StackId": CHILD}
    child["Parameters"] = [{"ParameterKey": "Seconds", "ParameterValue": "3"}]
    application.responses["DescribeStacks"] = lambda query: {
        "Stacks": [child if query["StackName"] == CHILD else STACK]
    }
    rows = {CHILD: [resource("Waiter", "AWS::StepFunctions::StateMachine", ARN)]}
    parent = [resource("Orders", "AWS::CloudFormation::Stack", CHILD)]
    application.responses["ListStackResources"] = lambda query: {
        "StackResourceSummaries": rows.get(query["StackName"], parent)
    }
    application.responses["ListExecutions"] = running(0)
    deploy_wait(application, 3)
    return application


def deploy_wait(aws: FakeAws, seconds: int) -> None:
    aws.responses["DescribeStateMachine"] = described(
        {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": seconds, "End": True}}}
    )


def test_the_state_machines_of_a_nested_stack_are_compared(nested: FakeAws) -> None:
    result = run(nested, "deployed")
    assert (result.exit_code, lines(result.stdout)[1]) == (
        0,
        "Orders/Waiter equal orders.yaml 4 live: 4 (100%) 2026-11-24 12:00:00 UTC",
    )
    deploy_wait(nested, 4)
    result = run(nested, "deployed")
    assert (result.exit_code, lines(result.stdout)[2:4]) == (
        1,
        [
            "Orders/Waiter: from the account to orders.yaml: 1 changed, 0 states unchanged",
            "~ W: waits 3 s instead of 4 s",
        ],
    )


NOT_COMPARED = "Orders: was not compared: it has state machines, and its template is not on this computer"


@pytest.mark.parametrize("file", ["https://example.com/orders.yaml", "missing.yaml", "!Ref AWS::StackName"])
def test_a_nested_stack_without_a_local_template_is_said(file: str, nested: FakeAws, project: Project) -> None:
    (project.root / "template.yaml").write_text(PARENT % file)
    result = run(nested, "deployed")
    assert (result.exit_code, lines(result.stdout)[1]) == (1, NOT_COMPARED)
    assert json.loads(run(nested, "deployed", "--format", "json").stdout)["notCompared"] == [NOT_COMPARED]


def test_a_nested_stack_that_may_not_be_read_is_said(nested: FakeAws) -> None:
    def refused(query: Any) -> Any:
        if query["StackName"] == CHILD:
            raise ErrorResponse("AccessDenied", "no")
        return {"Stacks": [STACK]}

    nested.responses["DescribeStacks"] = refused
    result = run(nested, "deployed")
    assert (result.exit_code, lines(result.stdout)[1]) == (
        1,
        "Orders: was not compared: it cannot be read: cloudformation:DescribeStacks is not allowed: no",
    )


def test_a_nested_stack_without_state_machines_is_left_out(nested: FakeAws, project: Project) -> None:
    (project.root / "template.yaml").write_text(PARENT % "https://example.com/orders.yaml")
    nested.responses["ListStackResources"] = lambda query: {
        "StackResourceSummaries": []
        if query["StackName"] == CHILD
        else [resource("Orders", "AWS::CloudFormation::Stack", CHILD), RESOURCES[1]]
    }
    assert run(nested, "deployed").exit_code == 0
