"""JSONata: expressions in, JSON out; the service's own functions; what goes wrong, and that it ends."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_dsl.expressions.jsonata import expression_in, parse_jsonata
from workflow_dsl.expressions.jsonata_evaluation import FUNCTION, UNDEFINED, evaluate_jsonata
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
    """jsonata-python changes Python's recursion limit when it is loaded, which Hypothesis refuses during a test."""
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
def test_an_expression_is_a_whole_string_between_its_marks(text: Any, expression: str | None) -> None:
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
def test_an_expression_gives_its_value(expression: str, result: Any) -> None:
    assert value(expression) == result


FAILING: list[tuple[str, str]] = [
    ("$partition([1], 0)", "$partition takes a size of at least 1"),
    ("$partition([1], true)", "$partition takes a size of at least 1"),
    ("$partition([1], '1')", "$partition takes a size of at least 1"),
    ("$range(1, 5, 0)", "the step must not be zero"),
    ("$range(0, 1000, 1)", "the range has more than 1000 numbers"),
    ("$range('a', 5, 1)", '"a" is no number'),
    ("$hash('a', 'CRC')", "the algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512"),
    ("$parse(' ')", "$parse is given what is no JSON: Expecting value: line 1 column 2 (char 1)"),
    ("$parse(5)", "$parse is given what is no JSON: the argument must be a string"),
    ("$parse('NaN')", "$parse is given what is no JSON: NaN is no JSON"),
    ("$parse($deep)", "$parse is given what is no JSON: the JSON is nested too deeply"),
    ("$error('out of pens')", "D3137: out of pens"),
    ("$states.input()", "T1006: Attempted to invoke a non-function"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "message"), FAILING)
def test_an_expression_that_fails_says_why(expression: str, message: str) -> None:
    with pytest.raises(EvaluationProblem) as problem:
        value(expression)
    assert str(problem.value) == message


@pytest.mark.parametrize(
    ("expression", "code"),
    [("'a' + 1", "T2001"), ("$length(1)", "T0410"), ("($f := function() { $f() + 1 }; $f())", "D1011")],
)
def test_a_problem_of_the_language_carries_its_code(expression: str, code: str) -> None:
    with pytest.raises(EvaluationProblem, match=f"^{code}: ."):
        value(expression)


def test_a_problem_without_a_code_is_told_in_its_words() -> None:
    with pytest.raises(EvaluationProblem, match="could not convert"):
        value("$number('x')")


@pytest.mark.parametrize("expression", ["", "(", "1 2", "$x[", "{'a' 1}", "/(/", "'open", "(" * 100_000])
def test_what_is_no_expression_is_a_syntax_problem(expression: str) -> None:
    with pytest.raises(SyntaxProblem, match=r"."):
        parse_jsonata(expression)


def test_random_values_come_from_the_given_source_and_a_seed_repeats() -> None:
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
def test_a_regular_expression_that_never_ends_fails_within_seconds(expression: str) -> None:
    begun = time.monotonic()
    try:
        assert value(expression, t="a" * 40 + "b") in (UNDEFINED, False, "a" * 40 + "b", ["a" * 40 + "b"])
    except EvaluationProblem as problem:
        assert str(problem) == "D1012: a regular expression takes too long"  # noqa: PT017
    assert time.monotonic() - begun < 20


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)
bounded = settings(max_examples=100, deadline=None)


@bounded
@given(JSON)
def test_a_bound_value_comes_out_as_it_went_in(anything: Any) -> None:
    assert value("$v", v=anything) == anything


@bounded
@given(st.lists(st.integers(), max_size=8), st.integers(1, 10))
def test_an_arrays_parts_make_up_the_array(array: list[int], size: int) -> None:
    parts = value("$partition($v, $size)", v=array, size=size)
    assert [each for part in parts for each in part] == array


@bounded
@given(st.text(max_size=15) | st.text("()[]{}'\"/$.,:;?*ab1 ", max_size=12))
def test_any_text_is_an_expression_or_a_syntax_problem_and_ends_as_one_does(text: str) -> None:
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
def test_on_any_data_an_expression_gives_a_value_or_fails_as_an_evaluation_does(text: str, one: Any, two: Any) -> None:
    try:
        value(text, states={"input": one}, list=two)
    except EvaluationProblem:
        return


@pytest.mark.parametrize(
    ("text", "result"), [("$now('[Y]-[M01]')", "2031-05"), ("$now('[H01]:[m01]', '+0200')", "09:08")]
)
def test_now_takes_a_picture_and_a_timezone(text: str, result: str) -> None:
    moment = datetime(2031, 5, 6, 7, 8, tzinfo=UTC)
    assert evaluate_jsonata(text, {}, now=lambda: moment, random=Random(1)) == result


def test_eval_is_not_supported_as_in_the_service() -> None:
    with pytest.raises(EvaluationProblem, match="T1006"):
        value("$eval('1 + 1')")
