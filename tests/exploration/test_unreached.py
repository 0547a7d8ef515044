"""Elements without a path: those with one cause are one line."""

from __future__ import annotations

from typing import Any

import pytest

from tests.exploration.machines import choice, task
from workflow_dsl.exploration.exploring import explore
from workflow_dsl.exploration.reports.unreached import unreached

NEVER = {"Variable": "$.n", "NumericLessThan": 5}
INNER = {"StartAt": "Read", "States": {"Read": task(Retry=[{"ErrorEquals": ["Busy"]}], End=True)}}
STATE = {
    "a state": {"B": {"Type": "Succeed"}},
    "a chain": {
        "B": {"Type": "Pass", "Next": "Each"},
        "Each": {"Type": "Map", "ItemProcessor": INNER, "Next": "Last"},
        "Last": task(Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}], End=True),
    },
    "many states": {f"{'B' * number}": {"Type": "Pass", "Next": "B" * (number + 1)} for number in range(1, 9)}
    | {"B" * 9: {"Type": "Succeed"}},
}
LINES = {
    "a state": 'with 2 elements behind it in "B"',
    "a chain": 'with 11 elements behind it in "B", "Each", "Last" and "Read"',
    "many states": 'with 18 elements behind it in "B", "BB", "BBB", "BBBB", "BBBBB" and 4 more states',
}


@pytest.mark.parametrize("name", STATE)
def test_what_lies_behind_a_dead_rule_is_told_with_it(name: str) -> None:
    machine: dict[str, Any] = choice({"Variable": "$.n", "NumericLessThan": 10}, NEVER)
    machine["States"] |= STATE[name]
    lines = [each.line for each in unreached(explore(machine))]
    assert lines == [f'not reached: "Choose" Choices[1], {LINES[name]}: matches nothing after Choices[0]']


def test_two_causes_are_two_lines() -> None:
    machine = choice({"Variable": "$.n", "NumericLessThan": 10}, NEVER)
    machine["States"]["A"] = {**choice({"Variable": "$.n", "IsPresent": False})["States"]["Choose"], "Default": "Other"}
    assert [each.line for each in unreached(explore(machine))] == [
        'not reached: "Choose" Choices[1], with 2 elements behind it in "B": matches nothing after Choices[0]',
        'not reached: "A" Choices[0], with 1 element behind it: Default matches in every execution found',
    ]
