"""comparisons.py: operands of JSONata and of Choice rules that never suit each other, by their types."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.definition.machine import Machine
from workflow_dsl.shapes import Declared
from workflow_dsl.shapes.sources.json_schema import shape_of_schema
from workflow_dsl.validation import check

INPUT = {
    "required": ["id", "count", "kind", "open", "lines", "maybe"],
    "properties": {
        "id": {"type": "string"},
        "count": {"type": "integer"},
        "kind": {"enum": ["shop", "web"]},
        "open": {"type": "boolean"},
        "maybe": {"type": ["number", "null"]},
        "note": {"type": "string"},
        "any": {},
        "lines": {
            "type": "array",
            "items": {
                "properties": {"sku": {"type": "string"}, "qty": {"type": "integer"}},
                "required": ["sku", "qty"],
            },
        },
    },
}
CONDITIONS: list[tuple[str, list[str]]] = [
    ("$states.input.id > 5", ["$states.input.id is a string, and > cannot compare it with 5; compare two numbers or two strings"]),
    ("5 <= $states.input.id", ["$states.input.id is a string, and <= cannot compare it with 5; compare two numbers or two strings"]),
    ("$states.input.open < true", ["$states.input.open is true or false, and < cannot compare it with true; compare two numbers or two strings"]),
    ("$states.input.id > $states.input.count", ["$states.input.id is a string, and > cannot compare it with $states.input.count (a whole number); compare two numbers or two strings"]),
    ("$states.input.count = 'a'", ['$states.input.count is a whole number, and = "a" is never true; compare values of one type']),
    ("$states.input.open != 'no'", ['$states.input.open is true or false, and != "no" is always true; compare values of one type']),
    ("$states.input.kind = 'shopp'", ['= "shopp" is never true here: $states.input.kind is "shop" or "web" (input); correct the value, or remove the comparison']),
    ("$states.input.id + 1 > 5", ["$states.input.id is a string, but + takes numbers; write & to concatenate"]),
    ("5 - $states.input.open > 5", ["$states.input.open is true or false, but - takes numbers; convert it with $number()"]),
    ("$count($states.input.lines[sku = 5]) > 0", ["sku is a string, and = 5 is never true; compare values of one type"]),
    ("$count($states.input.lines[qty > '5']) > 0", ['qty is a whole number, and > cannot compare it with "5"; compare two numbers or two strings']),
    # Nothing is wrong with these, or nobody can know.
    ("$states.input.id > 'a' and $states.input.count > 5", []),
    ("$states.input.kind = 'shop' or $states.input.kind = 'web'", []),
    ("$states.input.kind != 'shopp'", []),
    ("$states.input.maybe > 5 or $states.input.maybe = null or $states.input.id != null", []),
    ("$states.input.any = 'a' or $states.input.any > 5", []),
    ("$states.input.lines.qty > 5 or $states.input.lines.sku = 5", []),
    ("$exists($states.input.note) and $states.input.note != ''", []),
    ("$string($states.input.count) = '5'", []),
    ("'a' in $states.input.kind", []),
]  # fmt: skip


def findings(states: dict[str, Any], **fields: Any) -> list[str]:
    document = {**fields, "StartAt": "A", "States": states}
    declared = Declared(shape_of_schema(INPUT, "input"))
    return [str(each) for each in check(Machine(document), declared=declared)]


@pytest.mark.parametrize(("condition", "expected"), CONDITIONS)
def test_a_condition_is_reported_only_if_its_operands_never_suit_each_other(
    condition: str, expected: list[str]
) -> None:
    choice = {"Type": "Choice", "Choices": [{"Condition": f"{{% {condition} %}}", "Next": "B"}], "Default": "B"}
    found = findings({"A": choice, "B": {"Type": "Succeed"}}, QueryLanguage="JSONata")
    assert found == [f'"A" Choices[0].Condition: {each}' for each in expected]


RULES: list[tuple[dict[str, Any], list[str]]] = [
    (
        {"Variable": "$.count", "NumericGreaterThanPath": "$.id"},
        ["$.id is a string, and NumericGreaterThanPath is never true for it; compare with the path of another value"],
    ),
    ({"Variable": "$.count", "NumericGreaterThanPath": "$.maybe"}, []),
    ({"Variable": "$.id", "StringEqualsPath": "$.any"}, []),
]


@pytest.mark.parametrize(("rule", "expected"), RULES)
def test_the_path_of_an_operand_has_values_that_its_operator_compares(
    rule: dict[str, Any], expected: list[str]
) -> None:
    choice = {"Type": "Choice", "Choices": [{**rule, "Next": "B"}], "Default": "B"}
    reads = "A" if expected else ""
    found = [each for each in findings({"A": choice, "B": {"Type": "Succeed"}}) if "may be missing" not in each]
    assert found == [f'"{reads}" Choices[0]: {each}' for each in expected]


ITEMS = [
    ("$states.input.lines", []),
    ("$states.input.any", []),
    ("$states.input.id", ["{% $states.input.id %} is a string, but a Map takes a list; set Items to a list"]),
    ("$states.input.count ~> $string()", ["{% $states.input.count ~> $string() %} is a string, but a Map takes a list; set Items to a list"]),
    ("[$states.input.id]", []),
]  # fmt: skip


@pytest.mark.parametrize(("items", "expected"), ITEMS)
def test_the_items_of_a_map_in_jsonata_are_no_text_or_number(items: str, expected: list[str]) -> None:
    processor = {"StartAt": "B", "States": {"B": {"Type": "Pass", "End": True}}}
    each = {"Type": "Map", "Items": f"{{% {items} %}}", "ItemProcessor": processor, "End": True}
    assert findings({"A": each}, QueryLanguage="JSONata") == [f'"A" Items: {words}' for words in expected]
