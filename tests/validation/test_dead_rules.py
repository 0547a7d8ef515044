"""dead_rules.py: Choice rules that no value can match, and only those."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_dsl.expressions.problems import PathNotFound
from workflow_dsl.local.engine.choice import rule_matches
from workflow_dsl.validation import check
from workflow_dsl.validation.rules.dead_rules import dead_rules

Rule = dict[str, Any]


def is_(operator: str, operand: Any, variable: str = "$.x") -> Rule:
    return {"Variable": variable, operator: operand}


def both(*rules: Rule) -> Rule:
    return {"And": [*rules]}


FIRST = "matches nothing after Choices[0]"
ALL = "matches nothing after the rules before it"
DEAD: list[tuple[list[Rule], str]] = [
    ([is_("StringEquals", "a"), is_("StringEquals", "a")], FIRST),
    ([is_("NumericGreaterThanEquals", 10), is_("NumericGreaterThanEquals", 100)], FIRST),
    ([is_("NumericLessThan", 5), both(is_("NumericEquals", 3), is_("IsPresent", True))], FIRST),
    ([is_("IsString", True), is_("StringMatches", "a*"), is_("StringEquals", "a")], FIRST),
    ([is_("StringLessThan", "b"), is_("StringEquals", "")], FIRST),
    ([is_("NumericLessThan", 5), is_("NumericGreaterThan", 3), is_("IsNumeric", True)], ALL),
    ([is_("BooleanEquals", True), is_("BooleanEquals", False), is_("IsBoolean", True)], ALL),
    ([is_("StringMatches", "a*"), is_("StringMatches", "a*")], FIRST),
    ([is_("NumericLessThanPath", "$.y"), is_("NumericLessThanPath", "$.y")], FIRST),
    ([both(is_("NumericGreaterThan", 10), is_("NumericLessThan", 5))], "matches no value"),
    ([both(is_("StringEquals", "a"), is_("StringEquals", "b"))], "matches no value"),
    ([both(is_("IsString", True), {"Not": is_("IsString", True)})], "matches no value"),
    ([both(is_("StringEquals", "a"), is_("NumericEquals", 1))], "matches no value"),
    ([both(is_("IsPresent", False), is_("IsNull", True))], "matches no value"),
    ([is_("StringEquals", "a"), both(is_("StringEquals", "a"), is_("StringEquals", "b", "$.y"))], FIRST),
]


@pytest.mark.parametrize(("rules", "reason"), DEAD)
def test_a_rule_that_matches_no_value_has_the_reason(rules: list[Rule], reason: str) -> None:
    assert dead_rules(rules)[len(rules) - 1] == reason


ALIVE: list[list[Rule]] = [
    [is_("StringEquals", "a"), is_("StringEquals", "b")],
    [is_("NumericGreaterThanEquals", 100), is_("NumericGreaterThanEquals", 10)],
    [is_("NumericGreaterThan", 5), is_("NumericGreaterThanEquals", 5)],
    [is_("StringMatches", "a*"), is_("StringMatches", "ab*")],
    [is_("TimestampLessThan", "2026-01-01T00:00:00Z"), is_("TimestampLessThan", "2025-01-01T00:00:00Z")],
    [is_("StringEquals", "${A}"), is_("StringEquals", "${B}"), is_("StringEquals", "a")],
    [is_("StringEquals", "a"), is_("StringEquals", "a", "$.y")],
    [is_("StringEquals", "a"), is_("NumericLessThan", -1e17), is_("NumericGreaterThan", 1e17)],
    [is_("NumericEquals", 10**400), both(is_("NumericGreaterThan", 1e308), is_("NumericLessThan", 1.7e308))],
    [both(is_("StringEquals", "a"), is_("StringEquals", "b", "$.y")), is_("StringEquals", "a")],
    [is_("BooleanEquals", True), is_("BooleanEquals", False), is_("IsPresent", True)],
    [both(*(is_("StringEquals", "a", f"$.x{number}") for number in range(9)), is_("StringEquals", "b", "$.x0"))],
    [{"Condition": "{% $random() > 0.5 %}"}, {"Condition": "{% $random() > 0.5 %}"}],
    [{"Condition": "{% $states.input.a %}"}, {"Condition": "{% $states.input.b %}"}],
]


@pytest.mark.parametrize("rules", ALIVE)
def test_a_rule_that_may_match_has_none(rules: list[Rule]) -> None:
    assert dead_rules(rules) == {}


def test_a_condition_that_stands_twice_is_a_finding_at_the_second_one() -> None:
    condition = "{% $states.input.price > 50 %}"
    rules = [{"Condition": condition, "Next": name} for name in ("Buy", "Sell")]
    states = {"Choose": {"Type": "Choice", "Choices": rules, "Default": "Buy"}}
    ends = {name: {"Type": "Succeed"} for name in ("Buy", "Sell")}
    findings = check({"QueryLanguage": "JSONata", "StartAt": "Choose", "States": {**states, **ends}})
    assert [(each.code, str(each.where), each.message) for each in findings] == [
        ("DEAD_RULE", '"Choose" Choices[1]', FIRST)
    ]


NAMES = st.sampled_from(["$.x", "$.y"])
ORDER = st.sampled_from(["Equals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"])
COMPARISONS = st.one_of(
    st.builds(lambda name, order, operand: is_(f"Numeric{order}", operand, name), NAMES, ORDER, st.integers(0, 3)),
    st.builds(lambda name, order, operand: is_(f"String{order}", operand, name), NAMES, ORDER, st.sampled_from("ab")),
    st.builds(lambda name, test, operand: is_(test, operand, name), NAMES, st.sampled_from(
        ["IsPresent", "IsNull", "IsString", "IsNumeric", "IsBoolean", "BooleanEquals"]), st.booleans()),
    st.builds(lambda name, operand: is_("StringMatches", operand, name), NAMES, st.sampled_from(["a*", "*b"])),
)  # fmt: skip
RULES = st.recursive(
    COMPARISONS,
    lambda inner: st.one_of(
        st.builds(lambda rules: {"And": rules}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda rules: {"Or": rules}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda rule: {"Not": rule}, inner),
    ),
    max_leaves=4,
)
VALUES = [-1, 0, 0.5, 1, 2, 3, 4, "", "a", "ab", "b", "c", True, False, None, {}, []]


def first_match(rules: list[Rule], values: dict[str, Any]) -> int | None:
    """The number of the rule that the engine takes; None for none, and where it fails."""

    def read(path: str) -> Any:
        if path not in values:
            raise PathNotFound(path)
        return values[path]

    try:
        return next(
            (number for number, rule in enumerate(rules) if rule_matches(rule, read, values.__contains__)), None
        )
    except PathNotFound:
        return None


@given(st.lists(RULES, min_size=1, max_size=4))
def test_the_engine_takes_no_rule_that_is_called_dead(rules: list[Rule]) -> None:
    given_values = [
        *({"$.x": value} for value in VALUES),
        *({"$.x": one, "$.y": two} for one in VALUES for two in VALUES),
    ]
    taken = {first_match(rules, values) for values in ({}, *given_values)} - {None}
    assert taken.isdisjoint(dead_rules(rules))
