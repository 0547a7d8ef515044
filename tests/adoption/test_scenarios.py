"""A first scenario: an input and results of tasks that lead an execution to its end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workflow_dsl.adoption.scenarios import Scenario, find_scenario, scenario_test
from workflow_dsl.application.application import read_application
from workflow_dsl.local import Return
from workflow_dsl.project import Project

PUT = "arn:aws:states:::dynamodb:putItem"
SEND = "arn:aws:states:::sqs:sendMessage"
DELAYED = {"QueueUrl": "u", "MessageBody": "m", "DelaySeconds.$": "$.delay"}
TASK = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f"}
DONE = {"Type": "Succeed"}


def machine(first: str, **states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": first, "States": states}


def rule(operator: str, value: Any, target: str, variable: str = "$.status") -> dict[str, Any]:
    return {"Variable": variable, operator: value, "Next": target}


def choice(*rules: dict[str, Any], default: str = "Failed") -> dict[str, Any]:
    return {"Type": "Choice", "Choices": list(rules), "Default": default}


FAILED = {"Type": "Fail", "Error": "Broken"}
MAP = {"Type": "Map", "ItemsPath": "$.orders", "ItemProcessor": machine("B", B={**TASK, "End": True}), "End": True}
SCENARIOS: list[tuple[dict[str, Any], Scenario]] = [
    (machine("A", A=DONE), Scenario({}, {}, "SUCCEEDED", ["A"])),
    (
        machine("A", A={**TASK, "Next": "C"}, C=choice(rule("NumericLessThan", 50, "D")), D=DONE, Failed=FAILED),
        Scenario({}, {"A": Return({"status": 49})}, "SUCCEEDED", ["A", "C", "D"]),
    ),
    (  # a job is asked for until it is ready: the second rule leads to the end
        machine(
            "A",
            A={**TASK, "Next": "C", "ResultPath": "$.job"},
            C=choice(
                rule("StringEquals", "RUNNING", "A", "$.job.state"), rule("StringEquals", "DONE", "D", "$.job.state")
            ),
            D=DONE,
            Failed=FAILED,
        ),
        Scenario({}, {"A": Return({"state": "DONE"})}, "SUCCEEDED", ["A", "C", "D"]),
    ),
    (  # the service takes text for a number
        machine(
            "A",
            A={
                "Type": "Task",
                "Resource": PUT,
                "Parameters": {"TableName": "T", "Item": {"Id": {"N.$": "$.order.id"}}},
                "End": True,
            },
        ),
        Scenario({"order": {"id": "1"}}, {"A": Return({})}, "SUCCEEDED", ["A"]),
    ),
    (  # the service takes a number, and not text
        machine("A", A={"Type": "Task", "Resource": SEND, "Parameters": DELAYED, "End": True}),
        Scenario({"delay": 1}, {"A": Return({})}, "SUCCEEDED", ["A"]),
    ),
    (  # paths with an index and a hyphen, below an InputPath
        machine("A", A={"Type": "Pass", "InputPath": "$.detail", "Parameters": {"a.$": "$.rows[1].case-id"}, "End": True}),
        Scenario({"detail": {"rows": [{}, {"case-id": "case-id"}]}}, {}, "SUCCEEDED", ["A"]),
    ),
    (  # the input, by the context object
        machine("A", A={"Type": "Pass", "Parameters": {"a.$": "$$.Execution.Input.a"}, "End": True}),
        Scenario({"a": "a"}, {}, "SUCCEEDED", ["A"]),
    ),
    (machine("M", M=MAP), Scenario({"orders": [{}]}, {"B": Return({})}, "SUCCEEDED", ["M", "B"])),
    (machine("A", A={**TASK, "Next": "F"}, F=FAILED), Scenario({}, {"A": Return({})}, "FAILED", ["A", "F"])),
    (
        {
            "QueryLanguage": "JSONata",
            **machine(
                "C",
                C={
                    "Type": "Choice",
                    "Choices": [{"Condition": "{% $states.input.kind = 'large' %}", "Next": "D"}],
                    "Default": "Failed",
                },
                D=DONE,
                Failed=FAILED,
            ),
        },
        Scenario({"kind": "large"}, {}, "SUCCEEDED", ["C", "D"]),
    ),
    (
        machine("A", A={**TASK, "ResultSelector": {"status.$": "$.Payload.s"}, "Next": "C"}, C=choice(rule("BooleanEquals", True, "D")), D=DONE, Failed=FAILED),
        Scenario({}, {"A": Return({"Payload": {"s": True}})}, "SUCCEEDED", ["A", "C", "D"]),
    ),
]  # fmt: skip


def scenario(root: Path, definition: dict[str, Any]) -> Scenario | None:
    (root / "m.asl.json").write_text(json.dumps(definition), "utf-8")
    template = (
        "Resources:\n  M:\n    Type: AWS::Serverless::StateMachine\n    Properties: {DefinitionUri: m.asl.json}\n"
    )
    (root / "template.yaml").write_text(template, "utf-8")
    return find_scenario(read_application(Project(root)).named("M"))


@pytest.mark.parametrize(("definition", "expected"), SCENARIOS)
def test_the_first_scenario_has_what_its_way_takes_and_no_more(
    tmp_path: Path, definition: dict[str, Any], expected: Scenario
) -> None:
    assert scenario(tmp_path, definition) == expected


def test_a_machine_that_never_ends_has_no_scenario(tmp_path: Path) -> None:
    forever = machine("A", A={"Type": "Wait", "Seconds": 5, "Next": "B"}, B={**TASK, "Next": "A"})
    assert scenario(tmp_path, forever) is None


def test_a_scenario_is_written_as_a_test() -> None:
    text = scenario_test("trade", Scenario({"a": 1}, {"Buy": Return({}, unchecked=True)}, "SUCCEEDED", ["Buy"]))
    assert text == (
        '"""The first scenario of trade: tasks have mocked results. Without one the function itself runs."""\n\n'
        "from workflow_dsl.local import Return, RunWorkflow\n\n\n"
        "def test_trade_succeeds(run_workflow: RunWorkflow) -> None:\n"
        '    execution = run_workflow("trade", {"a": 1}, mocks={"Buy": Return({}, unchecked=True)})\n'
        '    assert execution.status == "SUCCEEDED"\n'
        '    assert execution.trail == ["Buy"]\n'
    )


def test_without_a_scenario_the_test_compiles_the_workflow(project: Project, pytester: pytest.Pytester) -> None:
    (project.root / "workflows" / "trade.py").write_text(
        "from workflow_dsl.authoring import Pass, Workflow\n\ndef build() -> Workflow:\n    return Workflow(Pass('A'))\n"
    )
    (project.root / "test_it.py").write_text(scenario_test("trade", None), "utf-8")
    result = pytester.runpytest_inprocess("--rootdir", project.root, project.root / "test_it.py")
    result.assert_outcomes(passed=1)
