"""Values of a known kind where an expression needs another one, and comparisons with what an API never gives."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.validation import check

CRAWLER = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:glue:getCrawler"}
STATES = "the API has READY, RUNNING, STOPPING"
DONE: dict[str, Any] = {"D": {"Type": "Succeed"}}


def messages(definition: dict[str, Any]) -> list[str]:
    return [each.message for each in check(definition) if each.code in ("NEVER_EQUAL", "VALUE_KIND")]


@pytest.mark.parametrize(
    ("rules", "findings"),
    [
        ([{"StringEquals": "READY"}], []),
        ([{"StringEquals": "${State}"}], []),
        ([{"StringMatches": "STOP*"}], []),
        ([{"StringEquals": "SUCCEEDED"}], [f'$.Crawler.State is never "SUCCEEDED": {STATES}']),
        ([{"StringEquals": "READY"}, {"StringEquals": "Running"}], [f'$.Crawler.State is never "Running": {STATES}']),
    ],
)
def test_a_choice_rule_compares_with_a_value_that_the_api_has(rules: list[Any], findings: list[str]) -> None:
    get = CRAWLER | {"Parameters": {"Name": "c"}, "Next": "C"}
    choices = [{"Variable": "$.Crawler.State", **rule, "Next": "D"} for rule in rules]
    choice = {"Type": "Choice", "Choices": choices, "Default": "D"}
    assert messages({"StartAt": "G", "States": {"G": get, "C": choice, **DONE}}) == findings


JSONATA = [
    ("$states.input.state = 'READY'", []),
    ("'SUCCEEDED' != $states.input.state", [f'the value compared is never "SUCCEEDED": {STATES}']),
    ("$states.input.other = 'SUCCEEDED'", []),
    ("$substring($states.input.count, 0, 2) = ''", ["$substring fails: argument 1 is 5, but it takes a string"]),
    ("$length($states.input.state) > 3", []),
    ("$number($states.input.state) > 3", []),
    ("$number($states.input) > 3", ["$number fails: argument 1 is an object, but it takes a string"]),
    ("$max([$states.input.count, 1]) > 3", []),
    ("$max($states.input.count, 1) > 3", ["$max fails: it takes 1 argument, and gets 2"]),
    ("$contains('a', 'b', 'c')", ["$contains fails: it takes 2 arguments, and gets 3"]),
    ("$zip([1], [2], [3]) = []", []),
    ("$toMillis($states.context.State.EnteredTime) > 3", []),
    (
        "$fromMillis($states.context.State.EnteredTime) = ''",
        ["$fromMillis fails: argument 1 is a string, but it takes a number"],
    ),
    ("$length($states.input.count) > 3", ["$length fails: argument 1 is 5, but it takes a string"]),
    ("$round($states.input.state) > 3", ["$round fails: argument 1 is a string, but it takes a number"]),
    ("$states.input.count + 1 > 2", []),
    ("$number($states.input.state) + 1 > 2", []),
    ("$states.input.other + 1 > 2", []),
    ("$join($states.input.list, ', ') = 'a'", []),
    ("$states.input.list.$substringBefore('-') = 'a'", []),
    ("$sum($states.input.list) > 1", ['$sum fails: each item is "a", but it takes a number']),
    ("$sum([$states.input.count, 2]) > 1", []),
    (
        "$join(', ', $states.input.list) = 'a'",
        ["$join joins the one string that is its first argument: the list comes first, then the separator"],
    ),
]


@pytest.mark.parametrize(("condition", "findings"), JSONATA)
def test_an_expression_has_values_of_the_kinds_that_it_needs(condition: str, findings: list[str]) -> None:
    output = {
        "state": "{% $states.result.Crawler.State %}",
        "count": 5,
        "list": ["a"],
        "other": "{% $states.context.Execution.Input.other %}",
    }
    get = CRAWLER | {"Arguments": {"Name": "c"}, "Output": output, "Next": "C"}
    choice = {"Type": "Choice", "Choices": [{"Condition": f"{{% {condition} %}}", "Next": "D"}], "Default": "D"}
    definition = {"QueryLanguage": "JSONata", "StartAt": "G", "States": {"G": get, "C": choice, **DONE}}
    assert messages(definition) == findings


OPERANDS = [
    ("$states.input.text - 1", ["WRONG_OPERAND"]),
    ("$states.input.count - 1", []),
    ("$now() - $states.input.text", ["STRING_OPERAND"]),
    ("$states.input.text + ' and more'", ["STRING_OPERAND"]),
]


@pytest.mark.parametrize(("expression", "codes"), OPERANDS)
def test_an_operand_of_another_kind_is_one_finding(expression: str, codes: list[str]) -> None:
    first = {"Type": "Pass", "Output": {"text": "2026", "count": 5}, "Next": "S"}
    second = {"Type": "Pass", "Output": f"{{% {expression} %}}", "End": True}
    definition = {"QueryLanguage": "JSONata", "StartAt": "F", "States": {"F": first, "S": second}}
    assert [each.code for each in check(definition)] == codes


FIELDS: list[tuple[dict[str, Any], list[str]]] = [
    ({"SecondsPath": "$.text"}, []),
    ({"SecondsPath": "$.list"}, ["SecondsPath is a list, but must be a number"]),
    ({"TimestampPath": "$.number"}, ["TimestampPath is 5, but must be a string"]),
    ({"TimestampPath": "$.text"}, []),
    ({"QueryLanguage": "JSONata", "Seconds": "{% $states.input.text %}"}, ['Seconds is "x", but must be a number']),
    ({"QueryLanguage": "JSONata", "Seconds": "{% $states.input.number %}"}, []),
    ({"QueryLanguage": "JSONata", "Timestamp": "{% $millis() %}"}, ["Timestamp is a number, but must be a string"]),
    ({"QueryLanguage": "JSONata", "Timestamp": "{% $states.input.unknown %}"}, []),
]


@pytest.mark.parametrize(("fields", "findings"), FIELDS)
def test_a_field_takes_values_of_its_kind(fields: dict[str, Any], findings: list[str]) -> None:
    values = {"text": "x", "number": 5, "list": [1], "unknown.$": "$.any"}
    first = {"Type": "Pass", "Parameters": values, "Next": "W"}
    assert messages({"StartAt": "F", "States": {"F": first, "W": {"Type": "Wait", **fields, "End": True}}}) == findings


@pytest.mark.parametrize(
    ("path", "findings"),
    [
        ("$states.result[1]", []),
        ("$states.result[-2]", []),
        ("$states.result[2]", ["reads $states.result.2, but $states.result has 2 items"]),
        ("$states.result[$states.input.index]", []),
    ],
)
def test_a_position_is_in_the_list(path: str, findings: list[str]) -> None:
    branches = [{"StartAt": name, "States": {name: {"Type": "Pass", "Output": 1, "End": True}}} for name in "AB"]
    parallel = {"Type": "Parallel", "Branches": branches, "Output": f"{{% {path} %}}", "End": True}
    found = check({"QueryLanguage": "JSONata", "StartAt": "P", "States": {"P": parallel}})
    assert [each.message for each in found] == findings
