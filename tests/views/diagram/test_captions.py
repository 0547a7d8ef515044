"""captions.py: the action of a state, its retriers and the condition of a Choice rule in a few words."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.definition.calls import call_of
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.views.diagram.captions import action_of, condition_in_words, retries_of


def state(**fields: Any) -> State:
    return Machine({"StartAt": "A", "States": {"A": fields}}).states["A"]


CONDITIONS: list[tuple[dict[str, Any], str]] = [
    ({"Variable": "$.price", "NumericLessThanEquals": 50}, "$.price <= 50"),
    ({"Variable": "$.price", "NumericGreaterThanPath": "$.limit"}, "$.price > $.limit"),
    ({"Variable": "$.name", "StringEquals": "ACME"}, '$.name = "ACME"'),
    ({"Variable": "$.name", "StringMatches": "A*"}, '$.name matches "A*"'),
    ({"Variable": "$.name", "StringEquals": "${Name}"}, "$.name = ${Name}"),
    ({"Variable": "$.open", "BooleanEquals": True}, "$.open = true"),
    ({"Variable": "$.at", "TimestampGreaterThanEquals": "2026-01-01T00:00:00Z"}, '$.at >= "2026-01-01T00:00:00Z"'),
    ({"Variable": "$.at", "IsPresent": True}, "$.at is present"),
    ({"Variable": "$.at", "IsTimestamp": False}, "$.at is not a time"),
    ({"Not": {"Variable": "$.a", "IsNull": True}}, "not $.a is null"),
    (
        {
            "And": [
                {"Variable": "$.a", "NumericLessThan": 1},
                {"Or": [{"Variable": "$.b", "IsString": True}, {"Variable": "$.c", "NumericEquals": 2}]},
            ]
        },
        "$.a < 1 and ($.b is a string or $.c = 2)",
    ),
    ({"Condition": "{%  $states.input.price\n <= 50 %}"}, "$states.input.price <= 50"),
    ({"Next": "B"}, ""),
    ({"And": "no list", "Variable": "$.a", "Sounds": "like"}, ""),
]


@pytest.mark.parametrize(("rule", "words"), CONDITIONS)
def test_a_choice_rule_is_described_with_operators_and_words(rule: dict[str, Any], words: str) -> None:
    assert condition_in_words(rule) == words


FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:Buyer"
ACTIONS: list[tuple[dict[str, Any], str]] = [
    ({"Type": "Task", "Resource": FUNCTION}, "Lambda Buyer"),
    ({"Type": "Task", "Resource": "${Buyer}"}, "Buyer"),
    ({"Type": "Wait", "Seconds": 5}, "5 s"),
    ({"Type": "Wait", "SecondsPath": "$.rest"}, "$.rest s"),
    ({"Type": "Wait", "Timestamp": "{% $at %}"}, "until $at"),
    ({"Type": "Wait", "TimestampPath": "$.at"}, "until $.at"),
    ({"Type": "Wait"}, ""),
    ({"Type": "Fail", "Error": "Broken"}, "Broken"),
    ({"Type": "Fail"}, ""),
    ({"Type": "Parallel"}, "all branches at once"),
    ({"Type": "Map"}, "for each item"),
    ({"Type": "Map", "MaxConcurrency": 5}, "for each item, 5 at once"),
    (
        {"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}}},
        "for each item, distributed",
    ),
    ({"Type": "Pass"}, ""),
    ({"Type": "Choice"}, ""),
    ({"Type": 5}, ""),
    ({"Type": ["Task"]}, ""),
]


@pytest.mark.parametrize(("fields", "action"), ACTIONS)
def test_the_action_of_a_state_is_one_line(fields: dict[str, Any], action: str) -> None:
    assert action_of(state(**fields), call_of(state(**fields))) == action


def test_each_retrier_is_a_line() -> None:
    retry = [{"ErrorEquals": ["A", "B"], "MaxAttempts": 5}, {"ErrorEquals": ["States.ALL"]}, {"ErrorEquals": "wrong"}]
    assert list(retries_of(state(Type="Task", Retry=retry))) == [
        "\u21bb 5\u00d7 A, B",
        "\u21bb 3\u00d7 any error",
        "\u21bb 3\u00d7 ",
    ]
