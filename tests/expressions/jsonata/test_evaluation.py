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
from workflow_dsl.expressions.problems import EvaluationProblem, LimitExceeded, SyntaxProblem

MOMENT = datetime(2031, 5, 6, 9, 8, 7, 654_000, timezone(timedelta(hours=2)))
VARIABLES: dict[str, Any] = {
    "states": {"input": {"who": "Ada", "none": None, "lines": [{"n": 1, "q": "x"}, {"n": 5, "q": "y"}]}},
    "list": [3, None, "z"],
    "nothing": None,
    "deep": "[" * 100_000,
}


def value(expression: str, seed: int = 1, **variables: Any) -> Any:
    return evaluate_jsonata(expression, VARIABLES | variables, now=lambda: MOMENT, random=Random(seed))


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
    ("$partition([1], 3)", [[1]]),
    ("$partition([], 3)", UNDEFINED),
    ("$range(1, 9, 3)", [1, 4, 7]),
    ("$range(3, 1, -1)", [3, 2, 1]),
    ("$range(-0.6, 2.9, 1)", [0, 1, 2]),
    ("$range(7, 8, 5)", 7),
    ("$count($range(1, 5000, 1))", 5000),
    ("[5 / 0, -5 / 0]", ["Infinity", "-Infinity"]),
    ("0 / 0", "NaN"),
    ("$base64decode('cGVu')", "pen"),
    ("$base64decode('cGVuMQ')", "pen1"),
    ("$decodeUrlComponent('red+pen%21')", "red pen!"),
    ("$formatNumber(1.125, '0.00')", "1.12"),
    ("$formatNumber(1.675, '0.00')", "1.68"),
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
    ("$partition([1], '1')", 'T0410: Argument 2 of function "partition" does not match function signature'),
    ("$partition('one', 1)", 'T0412: Argument 1 of function "partition" must be an array of "any"'),
    ("$range(1, 5, 0)", "the step must not be zero"),
    ("$range('a', 5, 1)", 'T0410: Argument 1 of function "range" does not match function signature'),
    ("$hash(5, 'MD5')", 'T0410: Argument 1 of function "hash" does not match function signature'),
    ("$random('a')", 'T0410: Argument 1 of function "random" does not match function signature'),
    ("$sum(['a'])", 'T0412: Argument 1 of function "sum" must be an array of "numbers"'),
    ("$number('pen')", 'D3030: Unable to cast value to a number: "pen"'),
    ("$number(' 7')", 'D3030: Unable to cast value to a number: " 7"'),
    ("$number('1_0')", 'D3030: Unable to cast value to a number: "1_0"'),
    ("$decodeUrlComponent('%zz')", 'D3140: Malformed URL passed to $decodeUrlComponent(): "%zz"'),
    ("$base64decode('?')", 'The argument of the base64decode function is not Base64: "?"'),
    ("$toMillis('soon')", 'D3110: The argument of the toMillis function must be an ISO 8601 formatted timestamp. Given "soon"'),
    ("$hash('a', 'CRC')", "the algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512"),
    ("$parse(' ')", "the argument of $parse is not JSON: Expecting value: line 1 column 2 (char 1)"),
    ("$parse(5)", 'T0410: Argument 1 of function "parse" does not match function signature'),
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
    [("'a' + 1", "T2001"), ("$length(1)", "T0410"), ("$sort([1, 'a'])", "D3070")],
)
def test_an_error_of_jsonata_has_its_code(expression: str, code: str) -> None:
    with pytest.raises(EvaluationProblem, match=f"^{code}: ."):
        value(expression)


@pytest.mark.parametrize(
    "expression", ["", "(", "1 2", "$x[", "{'a' 1}", "/(/", "'open", "(" * 100_000, "$a ?? 1", "$a ?: 1"]
)
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


@pytest.mark.parametrize(("seed", "number"), [(0, 0.730967787376657), (1, 0.7308781907032909)])
def test_a_seeded_random_number_is_the_one_of_java(seed: int, number: float) -> None:
    assert value(f"$random({seed})") == number


@pytest.mark.parametrize(
    "expression",
    ["$match($t, /(a+)+$/)", "$contains($t, /^(a|aa)+$/)", "$replace($t, /(a+)+$/, '')", "$split($t, /(a+)+$/)"],
)
def test_a_regular_expression_that_never_ends_is_stopped(expression: str) -> None:
    try:
        assert value(expression, t="a" * 40 + "b") in (UNDEFINED, False, "a" * 40 + "b", ["a" * 40 + "b"])
    except EvaluationProblem as problem:
        assert isinstance(problem, LimitExceeded)  # noqa: PT017


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
    assert [item for part in ([] if parts is UNDEFINED else parts) for item in part] == array


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
