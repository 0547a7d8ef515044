"""Values of a known kind where an expression needs another one, and comparisons with what an API never gives."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.validation import check

CRAWLER = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:glue:getCrawler"}
STATES = "the API has READY, RUNNING, STOPPING"
DONE: dict[str, Any] = {"D": {"Type": "Succeed"}}


def messages(definition: dict[str, Any]) -> list[str]:
    return [each.message for each in check(definition) if each.code in ("NEVER_EQUAL", "ARGUMENT_KIND")]


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
    ("$substring($states.input.count, 0, 2) = ''", ["$substring fails: argument 1 is 5, and it takes a string"]),
    ("$length($states.input.state) > 3", []),
    ("$length($states.input.count) > 3", ["$length fails: argument 1 is 5, and it takes a string"]),
    ("$round($states.input.state) > 3", ["$round fails: argument 1 is a string, and it takes a number"]),
    ("$states.input.state + 1 > 2", ["+ fails: its left operand is a string, and it takes a number"]),
    ("$states.input.count + 1 > 2", []),
    ("$number($states.input.state) + 1 > 2", []),
    ("$states.input.other + 1 > 2", []),
    ("$join($states.input.list, ', ') = 'a'", []),
    ("$states.input.list.$substringBefore('-') = 'a'", []),
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
