"""JSONata: the value of an expression, the service's own functions, failures, and limits of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_dsl.expressions.jsonata import expression_in, parse_jsonata
from workflow_dsl.expressions.jsonata.evaluation import FUNCTION, UNDEFINED, evaluate_jsonata
from workflow_dsl.expressions.problems import EvaluationProblem, SyntaxProblem

MOMENT = datetime(2031, 5, 6, 9, 8, 7, 654_000, timezone(timedelta(hours=2)))
VARIABLES: dict[str, Any] = {
    "states": {"input": {"who": "Ada", "none": None, "lines": [{"n": 1, "q": "x"}, {"n": 5, "q": "y"}]}},
    "list": [3, None, "z"],
    "nothing": None,
    "deep": "[" * 100_000,
}


def value(expression: str, seed: int = 1, **variables: Any) -> Any:
    return evaluate_jsonata(expression, VARIABLES | variables, now=lambda: MOMENT, random=Random(seed))


@pytest.fixture(autouse=True, scope="module")
def _loaded() -> None:
    """Import jsonata-python: it changes Python's recursion limit, which Hypothesis refuses during a test."""
    parse_jsonata("1")


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("{% $states.input %}", "$states.input"),
        ("{%1%}", "1"),
        ("{%%}", ""),
        ("{%}", None),
        (" {% 1 %}", None),
        ("{% 1 %} ", None),
        ("{% 1", None),
        ("plain", None),
        (["{% 1 %}"], None),
        (None, None),
    ],
)
def test_an_expression_is_a_whole_string_between_its_delimiters(text: Any, expression: str | None) -> None:
    assert expression_in(text) == expression


EXPRESSIONS: list[tuple[str, Any]] = [
    ("$states.input.who", "Ada"),
    ("$states.input.none", None),
    ("$states.input.lines[n > 1].q", "y"),
    ("$states.input.lines.n", [1, 5]),
    ("{'sum': $sum($states.input.lines.n), 'none': null}", {"sum": 6, "none": None}),
    ("[1, null, [2.5, true], {'a': [null]}]", [1, None, [2.5, True], {"a": [None]}]),
    ("$list", [3, None, "z"]),
    ("$nothing", None),
    ("$nothing = null", True),
    ("[]", []),
    ("'a' & 1", "a1"),
    ("$states.input.missing", UNDEFINED),
    ("$unbound", UNDEFINED),
    ("$sum", FUNCTION),
    ("function($x) { $x }", FUNCTION),
    ("$partition([1, 2, 3, 4, 5], 2)", [[1, 2], [3, 4], [5]]),
    ("$partition('one', 3)", [["one"]]),
    ("$range(1, 9, 3)", [1, 4, 7]),
    ("$range(3, 1, -1)", [3, 2, 1]),
    ("$range(0.6, 2.4, 1)", [1, 2]),
    ("$hash('abc', 'SHA-1')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("$hash('abc', 'MD5')", "900150983cd24fb0d6963f7d28e17f72"),
    ("$parse('{\"a\": [1, null, {\"b\": null}]}')", {"a": [1, None, {"b": None}]}),
    ("$parse('{\"a\": null}')", {"a": None}),
    ("$parse('null')", None),
    ("$parse('7') + 1", 8),
    ("$millis()", 1_935_817_687_654),
    ("$now()", "2031-05-06T07:08:07.654Z"),
    ("$contains('Pen', /pe/i)", True),
    ("$contains('Pen', /pe/)", False),
    ("$match('a1b22', /[0-9]+/).match", ["1", "22"]),
    ("$match('x\ny', /^y$/m).match", "y"),
    ("$match('x\ny', /^y$/).match", UNDEFINED),
    ("$replace('a1b22', /[0-9]+/, '#')", "a#b#"),
    ("$replace('aaa', /a/, 'b', 2)", "bba"),
    ("$split('a, b;c', /[,;] ?/)", ["a", "b", "c"]),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "result"), EXPRESSIONS)
def test_an_expression_has_a_value(expression: str, result: Any) -> None:
    assert value(expression) == result


FAILING: list[tuple[str, str]] = [
    ("$partition([1], 0)", "$partition takes a size of at least 1"),
    ("$partition([1], true)", "$partition takes a size of at least 1"),
    ("$partition([1], '1')", "$partition takes a size of at least 1"),
    ("$range(1, 5, 0)", "the step must not be zero"),
    ("$range(0, 1000, 1)", "the range has more than 1000 numbers"),
    ("$range('a', 5, 1)", '"a" is not a number'),
    ("$hash('a', 'CRC')", "the algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512"),
    ("$parse(' ')", "the argument of $parse is not JSON: Expecting value: line 1 column 2 (char 1)"),
    ("$parse(5)", "the argument of $parse is not JSON: the argument must be a string"),
    ("$parse('NaN')", "the argument of $parse is not JSON: NaN is not JSON"),
    ("$parse($deep)", "the argument of $parse is not JSON: the JSON is nested too deeply"),
    ("$error('out of pens')", "D3137: out of pens"),
    ("$states.input()", "T1006: Attempted to invoke a non-function"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "message"), FAILING)
def test_an_expression_fails_with_a_message(expression: str, message: str) -> None:
    with pytest.raises(EvaluationProblem) as problem:
        value(expression)
    assert str(problem.value) == message


@pytest.mark.parametrize(
    ("expression", "code"),
    [("'a' + 1", "T2001"), ("$length(1)", "T0410"), ("($f := function() { $f() + 1 }; $f())", "D1011")],
)
def test_an_error_of_jsonata_has_its_code(expression: str, code: str) -> None:
    with pytest.raises(EvaluationProblem, match=f"^{code}: ."):
        value(expression)


def test_an_error_without_a_code_has_its_own_message() -> None:
    with pytest.raises(EvaluationProblem, match="could not convert"):
        value("$number('x')")


@pytest.mark.parametrize("expression", ["", "(", "1 2", "$x[", "{'a' 1}", "/(/", "'open", "(" * 100_000])
def test_text_that_is_not_an_expression_is_a_syntax_problem(expression: str) -> None:
    with pytest.raises(SyntaxProblem, match=r"."):
        parse_jsonata(expression)


def test_random_values_repeat_with_the_seed() -> None:
    number, uuid, other = value("[$random(), $uuid(), $uuid()]")
    assert 0 <= number < 1
    assert UUID(uuid).version == 4
    assert uuid != other
    assert value("[$random(), $uuid(), $uuid()]") == [number, uuid, other]
    assert value("$random()", seed=2) != number
    assert value("$random(7) = $random(7) and $random(7) != $random(8)") is True
    assert value("$random(7)", seed=1) == value("$random(7)", seed=2)


@pytest.mark.parametrize(
    "expression",
    ["$match($t, /(a+)+$/)", "$contains($t, /^(a|aa)+$/)", "$replace($t, /(a+)+$/, '')", "$split($t, /(a+)+$/)"],
)
def test_a_regular_expression_that_never_ends_is_stopped(expression: str) -> None:
    try:
        assert value(expression, t="a" * 40 + "b") in (UNDEFINED, False, "a" * 40 + "b", ["a" * 40 + "b"])
    except EvaluationProblem as problem:
        assert str(problem) == "D1012: a regular expression takes too long"  # noqa: PT017


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)
bounded = settings(max_examples=100, deadline=None)


@bounded
@given(JSON)
def test_a_variable_has_the_value_that_it_was_given(anything: Any) -> None:
    assert value("$v", v=anything) == anything


@bounded
@given(st.lists(st.integers(), max_size=8), st.integers(1, 10))
def test_the_parts_of_an_array_join_to_the_array(array: list[int], size: int) -> None:
    parts = value("$partition($v, $size)", v=array, size=size)
    assert [item for part in parts for item in part] == array


@bounded
@given(st.text(max_size=15) | st.text("()[]{}'\"/$.,:;?*ab1 ", max_size=12))
def test_any_text_is_an_expression_or_a_syntax_problem_and_an_expression_has_a_value_or_fails(text: str) -> None:
    try:
        parse_jsonata(text)
    except SyntaxProblem:
        return
    try:
        value(text)
    except EvaluationProblem:
        return


@bounded
@given(st.sampled_from([expression for expression, _ in EXPRESSIONS]), JSON, JSON)
def test_an_expression_on_any_data_has_a_value_or_is_an_evaluation_problem(text: str, one: Any, two: Any) -> None:
    try:
        value(text, states={"input": one}, list=two)
    except EvaluationProblem:
        return


@pytest.mark.parametrize(
    ("text", "result"), [("$now('[Y]-[M01]')", "2031-05"), ("$now('[H01]:[m01]', '+0200')", "09:08")]
)
def test_now_accepts_a_picture_and_a_timezone(text: str, result: str) -> None:
    moment = datetime(2031, 5, 6, 7, 8, tzinfo=UTC)
    assert evaluate_jsonata(text, {}, now=lambda: moment, random=Random(1)) == result


def test_eval_fails_as_in_the_service() -> None:
    with pytest.raises(EvaluationProblem, match="T1006"):
        value("$eval('1 + 1')")
