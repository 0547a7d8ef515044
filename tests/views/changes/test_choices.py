"""The words for changed Choice rules."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.views.changes.choices import choice_words


def price(operator: str, number: float, target: str = "Buy") -> dict[str, Any]:
    return {"Variable": "$.price", f"Numeric{operator}": number, "Next": target}


def rule(variable: str, value: str, target: str = "Buy") -> dict[str, Any]:
    return {"Variable": variable, "StringEquals": value, "Next": target}


def condition(text: str, target: str = "Buy") -> dict[str, Any]:
    return {"Condition": f"{{% {text} %}}", "Next": target}


def choice(*rules: Any, default: str | None = "Sell") -> dict[str, Any]:
    return {"Choices": [*rules], **({"Default": default} if default else {})}


BELOW = choice(price("LessThan", 50))
CASES: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    (BELOW, choice(price("LessThanEquals", 50)), ['at 50 ($.price) it now goes to "Buy" instead of "Sell"']),
    (
        BELOW,
        choice(price("LessThan", 60)),
        ['from 50 and below 60 ($.price) it now goes to "Buy" instead of "Sell"'],
    ),
    (
        BELOW,
        choice(price("LessThanEquals", 60.5)),
        ['from 50 up to 60.5 ($.price) it now goes to "Buy" instead of "Sell"'],
    ),
    (
        BELOW,
        choice(price("GreaterThan", 50)),
        [
            'below 50 ($.price) it now goes to "Sell" instead of "Buy"',
            'above 50 ($.price) it now goes to "Buy" instead of "Sell"',
        ],
    ),
    (BELOW, choice(price("LessThan", 50), default="Hold"), ['from 50 ($.price) it now goes to "Hold" instead of "Sell"']),
    (
        BELOW,
        choice(price("LessThan", 50), default=None),
        ['from 50 ($.price) it now fails, as no rule matches, instead of "Sell"'],
    ),
    (
        BELOW,
        choice({"Not": price("GreaterThanEquals", 50), "Next": "Buy"}),
        ["its rules are written differently, but lead to the same states"],
    ),
    (
        BELOW,
        choice({"And": [price("LessThan", 50), price("GreaterThan", 10)], "Next": "Buy"}),
        ['up to 10 ($.price) it now goes to "Sell" instead of "Buy"'],
    ),
    (
        choice(condition("$states.input.price < 50")),
        choice(condition("$states.input.price <= 50")),
        ['at 50 ($states.input.price) it now goes to "Buy" instead of "Sell"'],
    ),
    (
        choice(rule("$.kind", "a"), rule("$.kind", "b")),
        choice(rule("$.kind", "a", "Hold"), rule("$.kind", "c")),
        [
            'goes to "Hold" instead of "Buy" if $.kind = "a"',
            'now goes to "Buy" if $.kind = "c"',
            'no longer goes to "Buy" if $.kind = "b"',
        ],
    ),
    (
        choice(rule("$.kind", "a"), rule("$.size", "b")),
        choice(rule("$.size", "b"), rule("$.kind", "a"), default="Hold"),
        ["tries its rules in a different order", 'goes to "Hold" instead of "Sell" if no rule matches'],
    ),
    (choice(), choice({"Odd": 1, "Next": "Buy"}), ['now goes to "Buy" if {"Odd": 1}']),
    (choice(rule("$.kind", "a"), default=None), choice(rule("$.kind", "a")), [
        'goes to "Sell", instead of failing, if no rule matches']),
    (choice(condition("$x"), default="Sell"), choice(condition("$x"), default=None), [
        'fails if no rule matches, instead of going to "Sell"']),
]  # fmt: skip


@pytest.mark.parametrize(("before", "after", "expected"), CASES)
def test_the_words_say_which_values_lead_elsewhere(
    before: dict[str, Any], after: dict[str, Any], expected: list[str]
) -> None:
    assert choice_words(before, after) == expected
