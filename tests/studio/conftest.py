"""A project with a workflow in Python, a definition by hand, and the functions and template of both."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import Write
from workflow_dsl.project import Project

WORKFLOW = """
def build():
    check = Task("Check", resource="${CheckArn}", retry=Retry(error_equals=["Busy"], max_attempts=2))
    check.next(Pass("Done <b>"))
    return Workflow(check)
"""
BY_HAND = {"StartAt": "Each", "States": {"Each": {"Type": "Map", "End": True, "ItemProcessor": {
    "StartAt": "Item", "States": {"Item": {"Type": "Pass", "End": True}}}}}}  # fmt: skip
HANDLER = "def handler(event, context):\n    return {'price': 5}\n"


def template() -> dict[str, object]:
    """The template of both state machines."""
    machine = {
        "DefinitionUri": "generated/trade.asl.json",
        "DefinitionSubstitutions": {"CheckArn": {"Fn::GetAtt": ["Check", "Arn"]}},
    }
    function = {"CodeUri": "functions", "Handler": "app.handler", "Runtime": "python3.12"}
    return {
        "Transform": "AWS::Serverless-2016-10-31",
        "Resources": {
            "Trade": {"Type": "AWS::Serverless::StateMachine", "Properties": machine},
            "Loop": {"Type": "AWS::Serverless::StateMachine", "Properties": {"DefinitionUri": "loop.asl.json"}},
            "Check": {"Type": "AWS::Serverless::Function", "Properties": function},
        },
    }  # fmt: skip


@pytest.fixture
def two_machines(project: Project, write_workflow: Write) -> Project:
    write_workflow("trade", WORKFLOW)
    root: Path = project.root
    (root / "functions").mkdir()
    (root / "functions" / "app.py").write_text(HANDLER)
    (root / "loop.asl.json").write_text(json.dumps(BY_HAND))
    (root / "template.yaml").write_text(json.dumps(template()))
    return project
