"""Choice rules in Python: each compiles to its ASL, and a mistake is reported at its line."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import assert_reported_at_its_line
from workflow_dsl import Workflow
from workflow_dsl.authoring import Condition, var
from workflow_dsl.compiler import compile_workflow
from workflow_dsl.validation import check

from stepfunctions.steps import Choice, ChoiceRule, Fail, Succeed  # isort: skip  # after workflow_dsl, which imports the SDK

price, name, is_open, at = var("$.price"), var("$.name"), var("$.open"), var("$.at", "time")
noon = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
CASES: list[tuple[Any, dict[str, Any]]] = [
    (price == 50, {"Variable": "$.price", "NumericEquals": 50}),
    (price < 50.5, {"Variable": "$.price", "NumericLessThan": 50.5}),
    (price <= 50, {"Variable": "$.price", "NumericLessThanEquals": 50}),
    (price > 50, {"Variable": "$.price", "NumericGreaterThan": 50}),
    (price >= 50, {"Variable": "$.price", "NumericGreaterThanEquals": 50}),
    (price != 50, {"Not": {"Variable": "$.price", "NumericEquals": 50}}),
    (name == "ACME", {"Variable": "$.name", "StringEquals": "ACME"}),
    (name > "ACME", {"Variable": "$.name", "StringGreaterThan": "ACME"}),
    (name.matches("A*"), {"Variable": "$.name", "StringMatches": "A*"}),
    (is_open == True, {"Variable": "$.open", "BooleanEquals": True}),  # noqa: E712  # it builds a rule
    (at < noon, {"Variable": "$.at", "TimestampLessThan": "2026-11-24T12:00:00Z"}),
    (at >= "2026-11-24T12:00:00Z", {"Variable": "$.at", "TimestampGreaterThanEquals": "2026-11-24T12:00:00Z"}),
    (
        noon.astimezone(timezone(timedelta(hours=1))) == at,
        {"Variable": "$.at", "TimestampEquals": "2026-11-24T13:00:00+01:00"},
    ),
    (var("$.a", "number") < var("$.b"), {"Variable": "$.a", "NumericLessThanPath": "$.b"}),
    (var("$.a") == var("$$.State.Name", "text"), {"Variable": "$.a", "StringEqualsPath": "$$.State.Name"}),
    (var("$limit", "boolean") == var("$.b"), {"Variable": "$limit", "BooleanEqualsPath": "$.b"}),
    (price.is_present(), {"Variable": "$.price", "IsPresent": True}),
    (price.is_null(), {"Variable": "$.price", "IsNull": True}),
    (price.is_number(), {"Variable": "$.price", "IsNumeric": True}),
    (price.is_text(), {"Variable": "$.price", "IsString": True}),
    (price.is_boolean(), {"Variable": "$.price", "IsBoolean": True}),
    (price.is_time(), {"Variable": "$.price", "IsTimestamp": True}),
    (~price.is_present(), {"Not": {"Variable": "$.price", "IsPresent": True}}),
    (name.is_in(["A"]), {"Variable": "$.name", "StringEquals": "A"}),
    (
        name.is_in(["A", "B"]),
        {"Or": [{"Variable": "$.name", "StringEquals": "A"}, {"Variable": "$.name", "StringEquals": "B"}]},
    ),
    (
        (price > 1) & (price < 5) & ~(name == "A"),
        {
            "And": [
                {"Variable": "$.price", "NumericGreaterThan": 1},
                {"Variable": "$.price", "NumericLessThan": 5},
                {"Not": {"Variable": "$.name", "StringEquals": "A"}},
            ]
        },
    ),
    (
        (price > 1) | (price < 0) & name.is_text(),
        {
            "Or": [
                {"Variable": "$.price", "NumericGreaterThan": 1},
                {"And": [{"Variable": "$.price", "NumericLessThan": 0}, {"Variable": "$.name", "IsString": True}]},
            ]
        },
    ),
    (
        ChoiceRule.IsNull("$.a", True) & (price > 1),
        {"And": [{"Variable": "$.a", "IsNull": True}, {"Variable": "$.price", "NumericGreaterThan": 1}]},
    ),
    (
        ChoiceRule.IsNull("$.a", True) | (price > 1),
        {"Or": [{"Variable": "$.a", "IsNull": True}, {"Variable": "$.price", "NumericGreaterThan": 1}]},
    ),
]


@pytest.mark.parametrize(("condition", "rule"), CASES, ids=[json.dumps(rule) for _, rule in CASES])
def test_each_condition_is_its_rule_and_valid(condition: Condition, rule: dict[str, Any]) -> None:
    choice = Choice("Which?")
    choice.add_choice(condition, Succeed("Yes"))
    choice.default_choice(Fail("No"))
    machine = compile_workflow(Workflow(choice))
    assert machine.states["Which?"].fields["Choices"] == [{**rule, "Next": "Yes"}]
    assert [str(finding) for finding in check(machine) if finding.severity == "error"] == []


@given(st.lists(st.integers(), min_size=1, max_size=6))
def test_repeated_operators_make_one_flat_rule(values: list[int]) -> None:
    joined = price == values[0]
    for value in values[1:]:
        joined = joined | (price == value)
    rules = [{"Variable": "$.price", "NumericEquals": value} for value in values]
    assert joined.to_dict() == ({"Or": rules} if len(rules) > 1 else rules[0])


PARENTHESES = 'put each comparison in parentheses: (var("$.a") > 1) & (var("$.b") < 2)'
WRONG: list[tuple[Callable[[], object], str, str]] = [
    (lambda: var("price"), "var() is called with 'price', which is not a path", 'write a path: var("$.price")'),
    (lambda: var("$.a", "int"), "var() is called with the kind 'int'", "write one of number, text, time, boolean"),  # type: ignore[arg-type]
    (lambda: (price > 1) and (price < 5), "a condition is neither true nor false in Python", "write & for and, | for or, ~ for not, and (1 < x) & (x < 5) for 1 < x < 5"),
    (lambda: 1 < price < 5, "a condition is neither true nor false in Python", "write & for and, | for or, ~ for not, and (1 < x) & (x < 5) for 1 < x < 5"),
    (lambda: price > 1 & name, 'var("$.name") is used with & or | and no comparison, but its value exists only at run time', PARENTHESES),
    (lambda: price | (name == "A"), 'var("$.price") is used with & or | and no comparison, but its value exists only at run time', PARENTHESES),
    (lambda: (price > 1) & 5, "5 is not a condition", PARENTHESES),
    (lambda: (price > 1) & is_open, 'var("$.open") is not a condition', 'compare it, or write var("$.open").is_true() or var("$.open").is_present()'),
    (lambda: ~is_open, 'var("$.open") is not a condition', 'write var("$.open").is_false(), or ~var("$.open").is_present()'),
    (lambda: bool(is_open), 'var("$.open") is used as a Python condition, but its value exists only at run time', "write .is_true() or .is_present()"),
    (lambda: price == name, 'var("$.price") and var("$.name") are compared, but their kind is unknown', 'add the kind: var("$.price", "number"), or "text", "time", "boolean"'),
    (lambda: is_open > True, 'var("$.open") is ordered against true or false', "write .is_true() or .is_false()"),
    (lambda: price == None, 'var("$.price") is compared with None', 'write var("$.price").is_null(), or ~var("$.price").is_present()'),  # noqa: E711
    (lambda: price == [1], 'var("$.price") is compared with [1]', "compare it with a number, a string, a bool, a datetime or a var"),
    (lambda: datetime(2026, 1, 1) > at, 'var("$.at") is compared with a datetime without a time zone', "add a time zone: datetime(..., tzinfo=UTC)"),  # noqa: DTZ001
    (lambda: name.matches(5), "matches() is called with 5", 'write a string: .matches("a*")'),  # type: ignore[arg-type]
    (lambda: name.is_in("AB"), "is_in() is called with 'AB'", "pass a list of values, which has an order"),
    (lambda: name.is_in({"AB"}), "is_in() is called with {'AB'}", "pass a list of values, which has an order"),
    (lambda: name.is_in(b"AB"), "is_in() is called with b'AB'", "pass a list of values, which has an order"),
    (lambda: var("$.price."), "var(): '$.price.' is not a JSONPath: it ends with a dot", 'write it as var("$.price")'),
    (lambda: f"{name} bought", "var(\"$.name\") was turned into a string, but its value exists only at run time", 'use format_("... {} ...", path("$.x"))'),
    (lambda: var("$.t", "time") == "yesterday", "var(\"$.t\") is compared with 'yesterday', which is not a time", 'write "2026-01-31T12:00:00Z", or a datetime'),
    (lambda: var("$.n", "number") == "5", "var(\"$.n\") is a number, and is compared with '5'", "change the kind or the value"),
    (lambda: var("$.n", "number") == var("$.b", "text"), 'var("$.n") is a number, and is compared with a text', "compare values of one kind"),
    (lambda: name.is_in([]), "is_in() is called without a value", "pass at least one value"),
]  # fmt: skip


@pytest.mark.parametrize(("mistake", "message", "remedy"), WRONG)
def test_a_mistake_is_reported_at_its_line(mistake: Callable[[], object], message: str, remedy: str) -> None:
    assert_reported_at_its_line(mistake, message, remedy)
