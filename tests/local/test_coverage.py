"""Workflow coverage: the elements of a workflow, those that runs have reached, and the report."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.definition.machine import Machine
from workflow_dsl.local import Return, Run, Throw, run
from workflow_dsl.local.coverage import Coverage, Element, describe, elements_of

RETRY = [{"ErrorEquals": ["A"]}, {"ErrorEquals": ["B"]}]
DEFINITION: dict[str, Any] = {
    "StartAt": "Choose",
    "States": {
        "Choose": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.n", "NumericEquals": 1, "Next": "Call"},
                {"Variable": "$.n", "NumericEquals": 2, "Next": "Call"},
            ],
            "Default": "Each",
        },
        "Call": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Parameters": {"QueueUrl": "q", "MessageBody": "m"},
            "Retry": RETRY,
            "Catch": [{"ErrorEquals": ["C"], "Next": "Each"}],
            "Next": "Each",
        },
        "Each": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "ItemProcessor": {"StartAt": "Item", "States": {"Item": {"Type": "Pass", "End": True}}},
            "End": True,
        },
    },
}
MACHINE = Machine(DEFINITION)
ELEMENTS: list[tuple[Element, str]] = [
    (("transition", "", "Choose"), 'start to "Choose"'),
    (("state", "Choose"), '"Choose"'),
    (("transition", "Choose", "Each"), '"Choose" to "Each"'),
    (("transition", "Choose", "Call"), '"Choose" to "Call"'),
    (("rule", "Choose", 0), '"Choose" Choices[0]'),
    (("rule", "Choose", 1), '"Choose" Choices[1]'),
    (("rule", "Choose", -1), '"Choose" Default'),
    (("state", "Call"), '"Call"'),
    (("transition", "Call", "Each"), '"Call" to "Each"'),
    (("retry", "Call", 0), '"Call" Retry[0]'),
    (("retry", "Call", 1), '"Call" Retry[1]'),
    (("catch", "Call", 0), '"Call" Catch[0]'),
    (("state", "Each"), '"Each"'),
    (("transition", "", "Item"), 'start to "Item"'),
    (("state", "Item"), '"Item"'),
]
NO_ITEMS: dict[str, Any] = {"items": []}
NONE_LEFT = Return(NO_ITEMS, unchecked=True)  # no message has items


def succeeded(value: dict[str, Any], *responses: Return | Throw) -> Run:
    execution = run(MACHINE, {"items": [1], **value}, mocks={"Call": responses})
    assert execution.status == "SUCCEEDED", execution.cause
    return execution


def coverage_of(*runs: Run) -> Coverage:
    coverage = Coverage()
    coverage.expect("w", MACHINE)
    for execution in runs:
        coverage.add("w", execution.covered)
    return coverage


def test_a_retrier_that_excepts_its_errors_from_retries_is_no_element() -> None:
    retry = [{"ErrorEquals": ["A"], "MaxAttempts": 0}, {"ErrorEquals": ["States.ALL"]}]
    call = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Retry": retry, "End": True}
    elements = elements_of(Machine({"StartAt": "Call", "States": {"Call": call}}))
    assert [element for element in elements if element[0] == "retry"] == [("retry", "Call", 1)]


NAMES = ["Busy", "States.Timeout", "States.TaskFailed"]
HANDLED = [
    ("Busy", "Busy"),
    ("Other", "States.TaskFailed"),
    ("States.Timeout", "States.Timeout"),
    ("States.HeartbeatTimeout", "States.Timeout"),
]


@pytest.mark.parametrize(("error", "name"), HANDLED)
def test_an_error_covers_the_name_that_handles_it(error: str, name: str) -> None:
    handlers = {"Retry": [{"ErrorEquals": NAMES}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Told"}]}
    call = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:f", "End": True, **handlers}
    machine = Machine({"StartAt": "Call", "States": {"Call": call, "Told": {"Type": "Succeed"}}})
    covered = run(machine, mocks={"Call": Throw(error)}).covered
    elements = [each for each in elements_of(machine, by_error=True) if each[0] in ("retry", "catch")]
    assert [describe(each) for each in elements] == [
        '"Call" Retry[0] for Busy',
        '"Call" Retry[0] for States.Timeout',
        '"Call" Retry[0] for States.TaskFailed',
        '"Call" Catch[0]',
    ]
    assert [each for each in elements if each in covered] == [("retry", "Call", 0, name), ("catch", "Call", 0)]


def test_the_elements_of_a_machine_are_in_document_order() -> None:
    assert [(element, describe(element)) for element in elements_of(MACHINE)] == ELEMENTS


def test_a_run_covers_its_states_transitions_and_rules() -> None:
    assert coverage_of(succeeded({"n": 9})).report() == [
        "w  states 3/4  transitions 3/5  rules 1/3  retriers 0/2  catchers 0/1  47%",
        '    not run: "Choose" to "Call"',
        '    not run: "Choose" Choices[0]',
        '    not run: "Choose" Choices[1]',
        '    not run: "Call"',
        '    not run: "Call" to "Each"',
        '    not run: "Call" Retry[0]',
        '    not run: "Call" Retry[1]',
        '    not run: "Call" Catch[0]',
    ]


def test_several_runs_together_cover_everything() -> None:
    coverage = coverage_of(
        succeeded({"n": 9}),
        succeeded({"n": 1}, Throw("A"), Throw("B"), NONE_LEFT),
        run(MACHINE, {"n": 2, **NO_ITEMS}, mocks={"Call": Throw("C")}),
    )
    assert coverage.missing("w") == []
    assert coverage.report() == ["w  states 4/4  transitions 5/5  rules 3/3  retriers 2/2  catchers 1/1  100%"]


@pytest.mark.parametrize(
    ("value", "rules"), [({"n": 1}, ["Choices[1]", "Default"]), ({"n": 2}, ["Choices[0]", "Default"])]
)
def test_two_rules_with_the_same_next_state_are_covered_separately(value: dict[str, Any], rules: list[str]) -> None:
    missing = coverage_of(succeeded(value, NONE_LEFT)).missing("w")
    assert [describe(element) for element in missing if element[0] == "rule"] == [f'"Choose" {rule}' for rule in rules]


def test_the_percentage_is_of_one_workflow_or_of_all_together() -> None:
    coverage = coverage_of(succeeded({"n": 9}))
    coverage.expect("other", Machine({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}))
    coverage.expect("w", Machine({}))  # has no effect: the workflow is known
    assert coverage.percent("w") == pytest.approx(700 / 15)
    assert coverage.percent("other") == 0
    assert coverage.percent() == pytest.approx(700 / 17)
    assert [line.split()[0] for line in coverage.report() if not line.startswith(" ")] == ["other", "w"]


def test_coverage_without_workflows_is_100_percent() -> None:
    assert (Coverage().percent(), Coverage().report()) == (100, [])


def test_runs_can_be_added_before_their_workflow() -> None:
    coverage = Coverage()
    coverage.add("w", [("transition", "", "A")])
    assert coverage.report() == []
    coverage.expect("w", Machine({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}))
    assert coverage.percent() == 100
