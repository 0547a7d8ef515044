"""A variable that is read before any state assigns it."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.validation import check

READ = {"Type": "Pass", "Parameters": {"a.$": "$x"}}
ASSIGN = {"Type": "Pass", "Assign": {"x": 1}}
BOTH = {"Type": "Pass", "Parameters": {"a.$": "$x"}, "Assign": {"x": 1}}

JSONATA_READ = {
    "Type": "Pass",
    "QueryLanguage": "JSONata",
    "Output": "{% $append($x, [1]) %}",
    "Assign": {"x": "{% $exists($x) ? $x + 1 : 1 %}"},
}


def machine(**states: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def parallel(*machines: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Parallel", "Branches": list(machines), **fields}


END: dict[str, Any] = {"End": True}
CHOICE = {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsPresent": True, "Next": "R"}], "Default": "E"}
TOO_EARLY = [
    machine(R=READ | {"Next": "A"}, A=ASSIGN | END),
    machine(R=BOTH | END),
    machine(R=parallel(machine(Inner=READ | END), Next="A"), A=ASSIGN | END),
    machine(R=parallel(machine(Inner=READ | END), Assign={"x": 1}, End=True)),
    machine(P=parallel(machine(R=READ | {"Next": "A"}, A=ASSIGN | END), End=True)),
    machine(R=READ | {"Next": "A"}, A=ASSIGN | {"Next": "${Somewhere}"}),
    machine(C=CHOICE, R=READ | {"Next": "A"}, A=ASSIGN | {"Next": "C"}, E={"Type": "Succeed"}),
    machine(R=BOTH | {"Next": "C"}, C=CHOICE, E={"Type": "Succeed"}),
    machine(R=JSONATA_READ | {"Output": "{% $x.count %}", "Next": "C"}, C=CHOICE, E={"Type": "Succeed"}),
]
IN_ORDER = [
    machine(A=ASSIGN | {"Next": "R"}, R=READ | END),
    machine(A=ASSIGN | {"Next": "R"}, R=parallel(machine(Inner=READ | END), End=True)),
    machine(A=ASSIGN | {"Next": "C"}, C=CHOICE, R=BOTH | {"Next": "C"}, E={"Type": "Succeed"}),
    machine(C=CHOICE | {"Default": "A"}, R=READ | END, A=ASSIGN | {"Next": "C"}),
    machine(R=JSONATA_READ | {"Next": "C"}, C=CHOICE, E={"Type": "Succeed"}),
    machine(B={"Type": "Pass", "Next": "${Somewhere}"}, R=READ | {"Next": "A"}, A=ASSIGN | {"Next": "R"}),
    machine(A=ASSIGN | {"Next": "B"}, B={"Type": "Pass", "Next": "R"}, R=READ | {"Next": "Last"}, Last=ASSIGN | END),
]


def findings(definition: dict[str, Any]) -> list[str]:
    return [finding.message for finding in check(definition) if finding.code == "UNDEFINED_VARIABLE"]


@pytest.mark.parametrize("definition", TOO_EARLY)
def test_a_variable_that_is_only_assigned_later_is_reported(definition: dict[str, Any]) -> None:
    assert findings(definition) == ["$x is read before any state assigns it"]


@pytest.mark.parametrize("definition", IN_ORDER)
def test_a_variable_that_may_be_assigned_before_is_not_reported(definition: dict[str, Any]) -> None:
    assert findings(definition) == []
