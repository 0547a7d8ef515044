"""Workflow coverage: what there is to go through, what was, and how it is said."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.definition.machine import Machine
from workflow_dsl.local import Return, Run, Throw, run
from workflow_dsl.local.coverage import Coverage, Element, elements, named

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
NOTHING: dict[str, Any] = {"items": []}


def ran(given: dict[str, Any], *responses: Return | Throw) -> Run:
    execution = run(MACHINE, {"items": [1], **given}, mocks={"Call": responses})
    assert execution.status == "SUCCEEDED", execution.cause
    return execution


def covering(*runs: Run) -> Coverage:
    coverage = Coverage()
    coverage.expect("w", MACHINE)
    for each in runs:
        coverage.add("w", each.covered)
    return coverage


def test_all_there_is_to_go_through_stands_in_document_order() -> None:
    assert [(element, named(element)) for element in elements(MACHINE)] == ELEMENTS


def test_a_run_goes_through_its_states_transitions_and_rules() -> None:
    assert covering(ran({"n": 9})).report() == [
        "w  states 3/4  transitions 3/5  rules 1/3  retriers 0/2  catchers 0/1  47 %",
        '    not run: "Choose" to "Call"',
        '    not run: "Choose" Choices[0]',
        '    not run: "Choose" Choices[1]',
        '    not run: "Call"',
        '    not run: "Call" to "Each"',
        '    not run: "Call" Retry[0]',
        '    not run: "Call" Retry[1]',
        '    not run: "Call" Catch[0]',
    ]


def test_runs_together_go_through_everything() -> None:
    coverage = covering(
        ran({"n": 9}),
        ran({"n": 1}, Throw("A"), Throw("B"), Return(NOTHING)),
        run(MACHINE, {"n": 2, **NOTHING}, mocks={"Call": Throw("C")}),
    )
    assert coverage.missing("w") == []
    assert coverage.report() == ["w  states 4/4  transitions 5/5  rules 3/3  retriers 2/2  catchers 1/1  100 %"]


@pytest.mark.parametrize(
    ("given", "missed"), [({"n": 1}, ["Choices[1]", "Default"]), ({"n": 2}, ["Choices[0]", "Default"])]
)
def test_two_rules_to_one_state_are_told_apart(given: dict[str, Any], missed: list[str]) -> None:
    missing = covering(ran(given, Return(NOTHING))).missing("w")
    assert [named(element) for element in missing if element[0] == "rule"] == [f'"Choose" {each}' for each in missed]


def test_percentages_are_of_one_workflow_or_of_all_together() -> None:
    coverage = covering(ran({"n": 9}))
    coverage.expect("other", Machine({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}))
    coverage.expect("w", Machine({}))  # what is known already stays
    assert coverage.percent("w") == pytest.approx(700 / 15)
    assert coverage.percent("other") == 0
    assert coverage.percent() == pytest.approx(700 / 17)
    assert [line.split()[0] for line in coverage.report() if not line.startswith(" ")] == ["other", "w"]


def test_where_there_is_nothing_to_go_through_all_of_it_was() -> None:
    assert (Coverage().percent(), Coverage().report()) == (100, [])


def test_what_was_gone_through_may_be_known_before_the_workflow() -> None:
    coverage = Coverage()
    coverage.add("w", [("transition", "", "A")])
    assert coverage.report() == []
    coverage.expect("w", Machine({"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}))
    assert coverage.percent() == 100
