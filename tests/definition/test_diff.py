"""The differences between two machines."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.definition.diff import compare
from workflow_dsl.definition.machine import Machine

A = {"Type": "Task", "Resource": "r", "Retry": [{"ErrorEquals": ["E"], "MaxAttempts": 3}], "End": True}
BASE: dict[str, Any] = {"StartAt": "A", "States": {"A": A}}


def with_a(**fields: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": {name: value for name, value in {**A, **fields}.items() if value != ...}}}


CHANGES: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    (BASE, []),
    ({"States": BASE["States"], "StartAt": "A"}, []),
    (with_a(Resource="s"), [('"A" Resource', 'is "r" in the file, "s" in the workflow')]),
    (with_a(Retry=...), [('"A" Retry', "is only in the file")]),
    (with_a(Comment="c"), [('"A" Comment', "is only in the workflow")]),
    (
        with_a(Retry=[{"ErrorEquals": ["E", "F"], "MaxAttempts": 5}, {"ErrorEquals": ["G"]}]),
        [
            ('"A" Retry[0].ErrorEquals[1]', "is only in the workflow"),
            ('"A" Retry[0].MaxAttempts', "is 3 in the file, 5 in the workflow"),
            ('"A" Retry[1]', "is only in the workflow"),
        ],
    ),
    (with_a(End=1), [('"A" End', "is true in the file, 1 in the workflow")]),
    ({**BASE, "States": {"A": A, "B": A}}, [('"B"', "is only in the workflow")]),
    (
        {"StartAt": "B", "States": {}},
        [("StartAt", 'is "A" in the file, "B" in the workflow'), ('"A"', "is only in the file")],
    ),
]


@pytest.mark.parametrize(("after", "changes"), CHANGES)
def test_each_difference_names_state_field_and_both_values(
    after: dict[str, Any], changes: list[tuple[str, str]]
) -> None:
    differences = compare(Machine(BASE), Machine(after))
    assert [(str(change.where), change.describe("the file", "the workflow")) for change in differences] == changes


@pytest.mark.parametrize(("before", "after", "places"), [
    (["a", "b", "c"], ["x", "a", "b", "c"], ["/States/A/Retry/0"]),
    (["a", "b", "c"], ["b", "c"], ["/States/A/Retry/0"]),
    (["a", "b"], ["a", "x", "b"], ["/States/A/Retry/1"]),
    (["a", "b"], ["a", "b", "c"], ["/States/A/Retry/2"]),
    (["a", "b"], ["b", "a"], ["/States/A/Retry/0/ErrorEquals/0", "/States/A/Retry/1/ErrorEquals/0"]),
    (["a", "a"], ["a"], ["/States/A/Retry/0"]),
    ([], ["a"], ["/States/A/Retry/0"]),
])  # fmt: skip
def test_an_item_in_front_is_one_change(before: list[str], after: list[str], places: list[str]) -> None:
    sides = (
        Machine({"States": {"A": {"Retry": [{"ErrorEquals": [name]} for name in names]}}}) for names in (before, after)
    )
    assert [change.where.pointer for change in compare(*sides)] == places
