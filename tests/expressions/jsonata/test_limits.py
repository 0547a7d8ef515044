"""Expressions that would take too much time, memory or depth end with the service's error."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from workflow_dsl.expressions.jsonata.evaluation import evaluate_jsonata
from workflow_dsl.expressions.problems import EvaluationProblem, LimitExceeded

STACK = "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive."
TIME = "Expression evaluation timeout: Check for infinite loop"
MEMORY = "Expression evaluation memory limit exceeded: Check for excessive memory usage"


def value(expression: str, **variables: Any) -> Any:
    return evaluate_jsonata(expression, variables, now=lambda: datetime(2031, 1, 1, tzinfo=UTC), random=Random(1))


TOO_MUCH = [
    ("$sum([1..5000000])", MEMORY),
    ("[1..873783]", MEMORY),
    ("$range(1, 1000000000, 1)", MEMORY),
    ("$pad('x', 1000000000)", MEMORY),
    ("$formatInteger(1000000000, 'I')", MEMORY),
    ("($f := function($s) { $f($s & $s) }; $f('x'))", MEMORY),
    ("($f := function($l) { $f($append($l, $l)) }; $f([1]))", MEMORY),
    ("($f := function($l) { $f([$l, $l]) }; $f([1]))", MEMORY),
    ("($f := function($o, $n) { $n = 0 ? $o : $f({'a': $o, 'b': $o}, $n - 1) }; $f(1, 40))", MEMORY),
    (
        "($f := function($o, $n) { $n = 0 ? $string($o) : $f({$k: $o, 'b': $o}, $n - 1) }; $k := $pad('k', 9999); $f(1, 40))",
        MEMORY,
    ),
    ("($f := function($l, $n) { $n = 0 ? $l : $f([[$l], [$l]], $n - 1) }; $clone($f(1, 40)))", MEMORY),
    ("($f := function($l, $n) { $n = 0 ? $l : $f([[$l], [$l]], $n - 1) }; $f(1, 40) = $f(1, 40))", TIME),
    ("($f := function($l, $n) { $n = 0 ? $l : $f([[$l], [$l]], $n - 1) }; $keys($f({}, 40)))", TIME),
    ("($f := function($l, $n) { $n = 0 ? $l : $f([[$l], [$l]], $n - 1) }; $f({}, 40).a)", TIME),
    ("$replace($join([1..50000].('x')), 'x', $pad('', 1000, 'y'))", MEMORY),
    ("$split($pad('', 900000), '')", MEMORY),
    ("[1..800000].([1..800000])", MEMORY),
    ("($f := function() { 1 + $f() }; $f())", STACK),
    (" + ".join("1" * 101), STACK),
    ("[" * 101 + "]" * 101, STACK),
]


@pytest.mark.parametrize(("expression", "message"), TOO_MUCH)
def test_an_expression_that_takes_too_much_ends(expression: str, message: str) -> None:
    with pytest.raises(LimitExceeded) as problem:
        value(expression)
    assert str(problem.value) == message


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("[1..873782] ~> $count()", 873_782),
        (" + ".join("1" * 100), 100),
        ("($f := function($n, $a) { $n = 0 ? $a : $f($n - 1, $a + $n) }; $f(5000, 0))", 12_502_500),
        ("($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(100))", 100),
    ],
)
def test_an_expression_within_the_limits_has_a_value(expression: str, result: Any) -> None:
    assert value(expression) == result


def test_an_expression_that_never_ends_is_stopped_at_its_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock is Python's own, not this project's."""
    seconds = iter(range(10_000))
    monkeypatch.setattr("time.monotonic", lambda: next(seconds))
    with pytest.raises(LimitExceeded, match=r"^Expression evaluation timeout: Check for infinite loop$"):
        value("($f := function($n) { $f($n + 1) }; $f(0))")


ITEMS = [{"id": number, "qty": number % 7, "tags": [{"k": "a"}, {"k": "b"}]} for number in range(1_000)]


@pytest.mark.parametrize(
    "expression",
    [
        "$filter($items, function($v) { $v.qty in [1, 2] })",
        "$map($items, function($v, $i) { $v.id = $i })",
        "$items#$i.{'at': $i, 'id': id}",
        "$items.($lookup({'a': 1}, tags[0].k))",
        "$items.tags.%.id",
        "$sort($items, function($l, $r) { $l.qty > $r.qty })",
    ],
)
def test_ordinary_expressions_evaluate_on_a_thousand_items(expression: str) -> None:
    assert len(value(expression, items=ITEMS)) > 100


@pytest.mark.parametrize(
    "expression", ["$join(?, ',')(1)", "$lowercase(?)(1)", "$sum(?)(1)", "$reduce(?, function($a, $b) { 1 })(1)"]
)
def test_a_partial_application_with_a_wrong_argument_fails_without_a_traceback(expression: str) -> None:
    with pytest.raises(EvaluationProblem):
        value(expression)
