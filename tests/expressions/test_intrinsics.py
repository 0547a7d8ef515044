"""Intrinsic functions: the value of a call, or why it fails. Rules: developer guide, "Intrinsic functions"."""

from __future__ import annotations

import re
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_dsl.expressions.intrinsic_functions import CallInputs, evaluate_call, is_equal, to_json
from workflow_dsl.expressions.intrinsics import IntrinsicCall, Literal, is_intrinsic, parse_call
from workflow_dsl.expressions.jsonpath import parse_path
from workflow_dsl.expressions.problems import ArgumentNotFound, EvaluationProblem, PathNotFound, SyntaxProblem

DATA: dict[str, Any] = {
    "who": "Ada",
    "n": 7,
    "half": 2.5,
    "list": [3, 1, 4, 1, 5],
    "mixed": [1, "1", True, None, {"k": [1]}],
    "one": {"a": {"x": 1}, "b": 2},
    "two": {"a": {"y": 3}, "c": 4},
    "greeting": "Dear {}, {}!",
    "json": ' {"qty": [1, 2.5, null]} ',
    "keys)": {"a,b": 1},
    "path": "eu/west//3",
    "long": "x" * 10_001,
    "a": "b",
}


def value(text: str, data: Any = DATA, seed: int = 1) -> Any:
    return evaluate_call(parse_call(text), CallInputs(data, lambda: {"Run": "r-1"}, {"v": [10, 20]}, Random(seed)))


VALUES: list[tuple[str, Any]] = [
    ("States.Array()", []),
    ("  States.Array ( 1 , -2.5 ,1e2, 'x', true,false, null ) ", [1, -2.5, 100.0, "x", True, False, None]),
    ("States.Array($.n, $$.Run, $v[1], States.Array($.who))", [7, "r-1", 20, ["Ada"]]),
    ("States.Array($['keys)']['a,b'], $.list[?(@ > 3)])", [1, [4, 5]]),
    (r"States.Array('it\'s', '\{\}', 'a\\b', '')", ["it's", "{}", "a\\b", ""]),
    ("States.ArrayPartition($.list, 2)", [[3, 1], [4, 1], [5]]),
    ("States.ArrayPartition($.list, $.half)", [[3, 1, 4], [1, 5]]), ("States.ArrayPartition(States.Array(), 3)", []),
    ("States.ArrayContains($.list, 4)", True), ("States.ArrayContains($.list, 9)", False),
    ("States.ArrayContains($.mixed, States.StringToJson('\\{\"k\":[1.0]\\}'))", True),
    ("States.ArrayContains(States.Array(1), true)", False),
    ("States.ArrayRange(1, 9, 3)", [1, 4, 7]), ("States.ArrayRange(1, 10, 3)", [1, 4, 7, 10]),
    ("States.ArrayRange(5, 1, -2)", [5, 3, 1]), ("States.ArrayRange(0.6, 2.4, 1)", [1, 2]),
    ("States.ArrayRange(1, 1000, 1)", list(range(1, 1001))),
    ("States.ArrayGetItem($.list, 2)", 4), ("States.ArrayGetItem($.list, 1.6)", 4),
    ("States.ArrayLength($.list)", 5),
    ("States.ArrayUnique(States.Array(1, 2, 2, '2', 3, 3))", [1, 2, "2", 3]),
    ("States.Base64Encode('Fetch the oats')", "RmV0Y2ggdGhlIG9hdHM="),
    ("States.Base64Decode('RmV0Y2ggdGhlIG9hdHM=')", "Fetch the oats"),
    ("States.Base64Decode('RmV0Y2ggdGhlIG9hdHM')", "Fetch the oats"),
    ("States.Format('{} has {} of {}', $.who, $.n, $.one)", 'Ada has 7 of {a={x=1}, b=2}'),
    ("States.Format($.greeting, $.who, null)", "Dear Ada, null!"),
    (r"States.Format('\{\} is \'{}\'', true)", "{} is 'true'"), ("States.Format('plain')", "plain"),
    ("States.Hash('abc', 'MD5')", "900150983cd24fb0d6963f7d28e17f72"),
    ("States.Hash('abc', 'SHA-1')", "a9993e364706816aba3e25717850c26c9cd0d89d"),
    ("States.Hash('abc', 'SHA-256')", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    ("States.JsonMerge($.one, $.two, false)", {"a": {"y": 3}, "b": 2, "c": 4}),
    ("States.JsonToString($.one)", '{"a":{"x":1},"b":2}'), ("States.JsonToString('é')", '"é"'),
    ("States.StringToJson($.json)", {"qty": [1, 2.5, None]}), ("States.StringToJson('')", None),
    ("States.MathAdd(40, -2)", 38), ("States.MathAdd(9007199254740993, 0)", 9007199254740993),
    ("States.MathAdd($.half, 0.4)", 3), ("States.MathAdd(1.4, 1.4)", 2),
    ("States.StringSplit('a,b,c', ',')", ["a", "b", "c"]),
    ("States.StringSplit('1.2+3-4', '.+-')", ["1", "2", "3", "4"]), ("States.StringSplit('whole', '')", ["whole"]),
    ("States.ArrayGetItem(States.StringSplit($.path, '/'), 1)", "west"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "result"), VALUES)
def test_a_call_has_a_value(text: str, result: Any) -> None:
    evaluated = value(text)
    assert (evaluated, to_json(evaluated)) == (result, to_json(result))


DIGITS = [("MD5", 32), ("SHA-1", 40), ("SHA-256", 64), ("SHA-384", 96), ("SHA-512", 128)]


@pytest.mark.parametrize(("algorithm", "digits"), DIGITS)
def test_each_algorithm_hashes_the_json_of_a_value(algorithm: str, digits: int) -> None:
    one, other = value(f"States.Hash($.two, '{algorithm}')"), value(f"States.Hash('\\{{\"a\"\\}}', '{algorithm}')")
    assert re.fullmatch(rf"[0-9a-f]{{{digits}}}", one)
    assert one == value(f"States.Hash(States.JsonToString($.two), '{algorithm}')") != other


FAILING: list[tuple[str, str]] = [
    ("States.ArrayPartition($.n, 2)", "the first argument must be an array"),
    ("States.ArrayPartition($.list, 0)", "the chunk size must be a positive integer"),
    ("States.ArrayPartition($.list, -1)", "the chunk size must be a positive integer"),
    ("States.ArrayPartition($.list, '2')", '"2" is not a number'),
    ("States.ArrayContains('abc', 'a')", "the first argument must be an array"),
    ("States.ArrayRange(1, 5, 0)", "the step must not be zero"),
    ("States.ArrayRange(0, 1000, 1)", "the range has more than 1000 numbers"),
    ("States.ArrayRange(1, true, 1)", "true is not a number"),
    ("States.ArrayGetItem($.list, 5)", "the index 5 is out of range"),
    ("States.ArrayGetItem($.list, -1)", "the index -1 is out of range"),
    ("States.ArrayGetItem($.who, 0)", "the first argument must be an array"),
    ("States.ArrayLength($.who)", "the argument must be an array"),
    ("States.ArrayUnique($.one)", "the argument must be an array"),
    ("States.Base64Encode($.n)", "the argument must be a string of at most 10,000"),
    ("States.Base64Encode($.long)", "the argument must be a string of at most 10,000"),
    ("States.Base64Decode($.long)", "the argument must be a string of at most 10,000"),
    ("States.Format($.n)", "the template must be a string"),
    ("States.Format('{} {}', 1)", "there are more places to fill than arguments"),
    ("States.Format('{}', 1, 2)", "there are more arguments than places to fill"),
    ("States.Hash('x', 'CRC')", "the algorithm must be one of MD5, SHA-1, SHA-256, SHA-384, SHA-512"),
    ("States.JsonMerge($.one, $.list, false)", "the first two arguments must be objects"),
    ("States.JsonMerge($.one, $.two, true)",
        "only shallow merging is supported: the third argument must be false"),
    ("States.MathAdd('1', 2)", '"1" is not a number'),
    ("States.MathRandom(3, 3)", "the start must be below the end"),
    ("States.StringSplit($.list, ',')", "the arguments must be strings"),
    ("States.Array(States.ArrayLength($.n))", "the argument must be an array"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), FAILING)
def test_a_call_fails_with_a_message(text: str, message: str) -> None:
    with pytest.raises(EvaluationProblem) as problem:
        value(text)
    assert str(problem.value) == message


@pytest.mark.parametrize(
    "text",
    [
        "States.Base64Decode('?')",
        "States.Base64Decode('YQ=')",
        "States.Base64Decode('Y')",
        "States.Base64Decode('/w==')",
        "States.StringToJson('[')",
        "States.StringToJson($.list)",
        "States.Hash('x', $.list)",
        "States.MathAdd(1e999, 1)",
        "States.MathRandom(1, 5, $.list)",
    ],
)
def test_an_error_in_python_is_an_evaluation_problem(text: str) -> None:
    with pytest.raises(EvaluationProblem, match=r"."):
        value(text)


def test_an_argument_without_a_value_is_named() -> None:
    with pytest.raises(ArgumentNotFound, match=r"^\$\.gone\.at$"):
        value("States.Array(1, States.Format('{}', $.gone.at))")


PRINTED: list[tuple[Any, str]] = [
    ({}, "{}"),
    ([], "[]"),
    ({"qty": 1, "tags": ["a", None, True], "at": {"x": 0.5}}, "{qty=1, tags=[a, null, true], at={x=0.5}}"),
    ([1, [2.0]], "[1, [2.0]]"),
    (100.0, "100.0"),
    (0.001, "0.001"),
    (0.00012, "1.2E-4"),
    (12345678.9, "1.23456789E7"),
    (-1e21, "-1.0E21"),
]


@pytest.mark.parametrize(("argument", "text"), PRINTED)
def test_format_prints_a_value_as_java_does(argument: Any, text: str) -> None:
    call = parse_call("States.Format('{}', $)")
    assert evaluate_call(call, CallInputs(argument, dict, {}, Random(0))) == text


@pytest.mark.parametrize("blank", ["", " ", " \n"])
def test_blank_json_is_null(blank: str) -> None:
    call = parse_call("States.StringToJson($)")
    assert evaluate_call(call, CallInputs(blank, dict, {}, Random(0))) is None


MALFORMED: list[tuple[str, str]] = [
    ("", "'' is not a call of an intrinsic function"), ("$.a", "'$.a' is not a call of an intrinsic function"),
    ("States.Array", "'States.Array' is not a call of an intrinsic function"),
    ("States.Array(", "'' is not a string, number, path or call"), ("States.Array(1", "',' is missing before ''"),
    ("States.Array(1 2)", "',' is missing before '2)'"), ("States.Array(1,)", "')' is not a string, number, path or call"),
    ('States.Array("a")', "'\"a\")' is not a string, number, path or call"),
    ("States.Array('a)", "a string is not closed"),
    (r"States.Array('\n')", r"\n is not an escape; only \', \{, \} and \\ are"),
    ("States.Array('a\\", "\\ is not an escape; only \\', \\{, \\} and \\\\ are"),
    ("States.Array($.a", "',' is missing before ''"),
    ("States.Array(States.Nope())", "States.Nope is not an intrinsic function"),
    ("States.Array() x", "'x' follows the call"),
    ("States.UUID(1)", "States.UUID takes 0 arguments, not 1"),
    ("States.Format()", "States.Format takes 1 or more arguments, not 0"),
    ("States.MathRandom(1)", "States.MathRandom takes 2 to 3 arguments, not 1"),
    ("States.ArrayLength($.a, 1)", "States.ArrayLength takes 1 argument, not 2"),
    ("States.Array(" * 11 + ")" * 11, "intrinsic functions are nested more than 10 deep"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), MALFORMED)
def test_malformed_text_is_a_syntax_problem_with_a_message(text: str, message: str) -> None:
    with pytest.raises(SyntaxProblem) as problem:
        parse_call(text)
    assert str(problem.value) == message


def test_calls_can_be_nested_ten_deep() -> None:
    assert value("States.Array(" * 10 + ")" * 10) == [[[[[[[[[[]]]]]]]]]]


def test_a_parsed_call_has_its_name_and_arguments() -> None:
    call = parse_call(" States.Format('{}', States.Array($.a['x)']))")
    inner = IntrinsicCall("States.Array($.a['x)'])", "States.Array", (parse_path("$.a['x)']"),))
    assert call == IntrinsicCall(
        "States.Format('{}', States.Array($.a['x)']))", "States.Format", (Literal("{}", ("", "")), inner)
    )


@pytest.mark.parametrize(
    ("text", "answer"), [("States.X", True), (" States.Array()", True), ("$.States.", False), ("", False)]
)
def test_an_intrinsic_function_is_recognized_by_its_first_word(text: str, answer: bool) -> None:
    assert is_intrinsic(text) is answer


EQUAL: list[tuple[Any, Any, bool]] = [
    (1, 1.0, True), (1, True, False), (False, 0, False), (True, True, True), (None, None, True), ("1", 1, False),
    ([1, [True]], [1.0, [True]], True), ([1], [1, 2], False), ([1], [True], False), ([], {}, False),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}, True), ({"a": 1}, {"b": 1}, False), ({"a": 0}, {"a": False}, False),
]  # fmt: skip


@pytest.mark.parametrize(("one", "other", "equal"), EQUAL)
def test_equality_is_that_of_json(one: Any, other: Any, equal: bool) -> None:
    assert (is_equal(one, other), is_equal(other, one)) == (equal, equal)


def test_uuids_are_version_4_and_random_values_repeat_with_the_seed() -> None:
    call = "States.Array(States.UUID(), States.UUID(), States.MathRandom(0, 1000000))"
    first, second, number = value(call)
    assert (UUID(first).version, UUID(second).version) == (4, 4)
    assert first != second
    assert value(call) == [first, second, number]
    assert value(call, seed=2) != [first, second, number]
    assert value("States.MathRandom(1, 999999, 5)", seed=1) == value("States.MathRandom(1, 999999, 5)", seed=2)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
INTEGERS = st.integers(-1000, 1000)
bounded = settings(max_examples=100, deadline=None)


@bounded
@given(JSON, st.text())
def test_json_and_base64_can_be_decoded_again(anything: Any, text: str) -> None:
    assert is_equal(value("States.StringToJson(States.JsonToString($.any))", {"any": anything}), anything)
    assert value("States.Base64Decode(States.Base64Encode($))", text) == text


@bounded
@given(st.lists(JSON, max_size=8), st.integers(1, 10))
def test_the_parts_of_an_array_are_full_except_the_last_and_join_to_the_array(array: list[Any], size: int) -> None:
    parts = value(f"States.ArrayPartition($, {size})", array)
    assert [item for part in parts for item in part] == array
    assert all(len(part) == size for part in parts[:-1])


@bounded
@given(st.lists(JSON, max_size=8))
def test_an_array_made_unique_has_each_value_once(array: list[Any]) -> None:
    unique = value("States.ArrayUnique($)", array)
    assert sorted(map(canonical, unique)) == sorted(set(map(canonical, array)))


def canonical(value: Any) -> str:
    """The JSON of a value, with 1.0 as 1."""
    return to_json(int(value) if isinstance(value, float) and value.is_integer() else value)


@bounded
@given(INTEGERS, INTEGERS, INTEGERS)
def test_a_sum_is_exact_and_a_random_number_is_from_the_start_to_below_the_end(one: int, other: int, seed: int) -> None:
    assert value(f"States.MathAdd({one}, {other})") == one + other
    low, high = min(one, other), max(one, other) + 1
    assert low <= value(f"States.MathRandom({low}, {high})", seed=seed) < high


@bounded
@given(st.text("abc,;.^]-\\", max_size=15), st.text(",;.^]-\\", min_size=1, max_size=3))
def test_a_split_string_has_all_characters_but_the_separators(text: str, separators: str) -> None:
    parts = value("States.StringSplit($.text, $.separators)", {"text": text, "separators": separators})
    assert "".join(parts) == "".join(character for character in text if character not in separators)
    assert "" not in parts


@bounded
@given(st.text(max_size=20) | st.text("(),'{}$.[]\\ ax", max_size=12).map("States.Array(".__add__))
def test_any_text_is_a_call_or_a_syntax_problem(text: str) -> None:
    try:
        parse_call(text)
    except SyntaxProblem:
        return


CALLS = st.sampled_from([text for text, _ in VALUES + FAILING])


@bounded
@given(CALLS, st.fixed_dictionaries(dict.fromkeys(DATA, JSON)))
def test_a_call_on_any_data_has_a_value_or_is_an_evaluation_problem(text: str, data: Any) -> None:
    try:
        value(text, data)
    except (EvaluationProblem, PathNotFound):
        return


ESCAPED: list[tuple[str, Any, Any]] = [
    (r"States.Format('C:\\dir')", {}, "C:\\dir"),
    (r"States.Format('\\{}', 'x')", {}, "\\x"),
    (r"States.Format('{}', 'a\{b\}')", {}, "a{b}"),
    ("States.Format($.template, 1)", {"template": "C:\\dir {}"}, "C:\\dir 1"),
    ("States.ArrayUnique($)", [1, 2, 1, 3], [1, 2, 3]),
]


@pytest.mark.parametrize(("text", "data", "result"), ESCAPED)
def test_backslashes_are_escapes_in_a_definition_but_not_in_data(text: str, data: Any, result: Any) -> None:
    assert evaluate_call(parse_call(text), CallInputs(data, dict, {}, Random(1))) == result


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("States.StringToJson('NaN')", {}),
        ("States.StringToJson($)", "[" * 100_000),
        ("States.Hash($, 'MD5')", "x" * 10_001),
    ],
)
def test_data_that_is_not_json_or_too_long_is_an_evaluation_problem(text: str, data: Any) -> None:
    with pytest.raises(EvaluationProblem):
        evaluate_call(parse_call(text), CallInputs(data, dict, {}, Random(1)))


@pytest.mark.parametrize("text", ["States.Array(01)", f"States.Array({'1' * 5000})"])
def test_a_number_that_is_not_json_is_a_syntax_problem(text: str) -> None:
    with pytest.raises(SyntaxProblem):
        parse_call(text)
