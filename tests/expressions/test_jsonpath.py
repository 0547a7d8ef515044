"""JSONPath: reading a value, the message for a missing one, and setting a value as ResultPath does."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_dsl.expressions.jsonpath import Path, Step, parse_path, with_value
from workflow_dsl.expressions.problems import EvaluationProblem, PathNotFound, SyntaxProblem

ORDER: dict[str, Any] = {
    "id": "o-7",
    "lines": [
        {"sku": "pen", "qty": 2, "tags": ["blue", "thin"]},
        {"sku": "ink", "qty": 5, "note": "Rush order"},
        {"sku": "pad", "qty": 11},
    ],
    "ship to": {"it's": "Oslo", 'a "b"': 1, "back\\slash": 2},
    "sizes": [2, 4, 6, True],
    "nothing": None,
    "unit-price": 1.5,
}
CONTEXT = {"Execution": {"Name": "run-1"}}
VARIABLES = {"basket": {"total": 9}, "größe": 3}


def read(text: str, data: Any = ORDER) -> Any:
    return parse_path(text).read(data, lambda: CONTEXT, VARIABLES)


DEFINITE: list[tuple[str, Any]] = [
    ("$", ORDER),
    ("$.id", "o-7"),
    ("$.nothing", None),
    ("$.unit-price", 1.5),
    ("$['id']", "o-7"),
    ('$["id"]', "o-7"),
    ("$.['id']", "o-7"),
    ("$[ 'id' ]", "o-7"),
    ("$.lines[1].sku", "ink"),
    ("$.lines[-1]['sku']", "pad"),
    ("$['ship to']['it\\'s']", "Oslo"),
    ("$['ship to'][\"a \\\"b\\\"\"]", 1),
    ("$['ship to']['back\\\\slash']", 2),
    ("$$.Execution.Name", "run-1"),
    ("$$", CONTEXT),
    ("$basket.total", 9),
    ("$basket", {"total": 9}),
    ("$größe", 3),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), DEFINITE)
def test_a_definite_path_has_one_value(text: str, value: Any) -> None:
    assert read(text) == value
    assert parse_path(text).is_reference


INDEFINITE: list[tuple[str, Any]] = [
    ("$.lines[*].sku", ["pen", "ink", "pad"]),
    ("$.lines.*.qty", [2, 5, 11]),
    ("$..tags", [["blue", "thin"]]),
    ("$..unit-price", [1.5]),
    ("$.['lines'][0:2].qty", [2, 5]),
    ("$.lines[0,2].sku", ["pen", "pad"]),
    ("$.lines[0]['sku','qty']", ["pen", 2]),
    ("$.lines[?(@.qty > 4)].sku", ["ink", "pad"]),
    ("$.lines[?(@.note)].sku", ["ink"]),
    ("$.lines[?(@.qty >= 5 && @.sku == 'pad')].qty", [11]),
    ("$.lines[?(@.sku in ['pen', 'pad'])].qty", [2, 11]),
    ("$.lines[?(@.sku =~ /p.*/)].sku", ["pen", "pad"]),
    ("$.lines[?(@.sku =~ /p/)].sku", []),  # the whole string must match, as with Matcher.matches() in Jayway
    ("$.lines[?(@.note =~ /rush.*/i)].sku", ["ink"]),
    ("$.lines[?(@.qty =~ /5/)].sku", []),
    ("$.missing[*]", []),
    ("$.id.*", []),
    ("$basket.*", [9]),
    ("$$..Name", ["run-1"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "values"), INDEFINITE)
def test_an_indefinite_path_has_a_list_of_values(text: str, values: list[Any]) -> None:
    assert read(text) == values
    assert not parse_path(text).is_reference


def test_an_indefinite_path_finds_nothing_in_a_scalar() -> None:
    assert [read("$.*", scalar) for scalar in ("text", 3, None, True)] == [[], [], [], []]


FUNCTIONS: list[tuple[str, Any]] = [
    ("$.lines.length()", 3),
    ("$.id.length()", 3),
    ("$.length()", 6),
    ("$.lines[*].tags.length()", 1),
    ("$basket.keys()", ["total"]),
    ("$.lines[0].keys()", ["sku", "qty", "tags"]),
    ("$.sizes.min()", 2),
    ("$.sizes.max()", 6),
    ("$.sizes.sum()", 12),
    ("$.sizes.avg()", 4),
    ("$.lines[*].qty.sum()", 18),
]  # fmt: skip


@pytest.mark.parametrize(("text", "value"), FUNCTIONS)
def test_a_function_at_the_end_of_a_path_is_applied_to_its_value(text: str, value: Any) -> None:
    assert read(text) == value
    assert not parse_path(text).is_reference


def test_the_standard_deviation_is_that_of_the_whole_population() -> None:
    assert read("$.stddev()", [2, 4, 4, 4, 5, 5, 7, 9]) == 2


@pytest.mark.parametrize("function", ["min", "max", "avg", "sum", "stddev"])
def test_an_aggregate_without_numbers_fails(function: str) -> None:
    with pytest.raises(EvaluationProblem, match=rf"^{function}\(\) was attempted on an empty array$"):
        read(f"$.lines[0].tags.{function}()")


MISSING: list[tuple[str, str]] = [
    ("$.price", "No results for path: $['price']"),
    ("$.ship.city", "Missing property in path $['ship']"),
    ("$.id.first", "No results for path: $['id']['first']"),
    ("$.nothing.more.yet", "No results for path: $['nothing']['more']"),
    ("$.lines[3]", "Index out of bounds when evaluating path $['lines'][3]"),
    ("$.lines[-4].sku", "Index out of bounds when evaluating path $['lines'][-4]"),
    ("$.lines.sku", "No results for path: $['lines']['sku']"),
    ("$.id[0]", "No results for path: $['id'][0]"),
    ("$[0]", "No results for path: $[0]"),
    ("$.price.length()", "No results for path: $['price']"),
    ("$$.State.Name", "Missing property in path $['State']"),
    ("$cart.total", "The variable 'cart' referenced by '$cart.total' could not be found"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), MISSING)
def test_a_definite_path_without_a_value_fails_with_the_step_that_is_missing(text: str, message: str) -> None:
    with pytest.raises(PathNotFound) as problem:
        read(text)
    assert str(problem.value) == message


@pytest.mark.parametrize(
    "text", ["", "id", " $.id", "@.id", "$.", "$.a.", "$[", "$.a[", "$.a b", "$['a", "$.a[?(@.b ==)]"]
)
def test_text_that_is_not_a_path_is_a_syntax_problem(text: str) -> None:
    with pytest.raises(SyntaxProblem, match=r"^.+ (does not begin with \$|is not a JSONPath: .+)$"):
        parse_path(text)


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "(a|aa)+$", "(.*a){20}$"])
def test_a_regular_expression_that_never_ends_is_stopped(pattern: str) -> None:
    try:
        assert read(f"$[?(@.name =~ /{pattern}/)]", [{"name": "a" * 50 + "!"}]) == []
    except EvaluationProblem as problem:
        assert str(problem).startswith("The path $[?(@.name =~ ")  # noqa: PT017


def test_a_scan_of_data_that_is_nested_too_deeply_is_an_evaluation_problem() -> None:
    deep: list[Any] = []
    for _ in range(20_000):
        deep = [deep]
    with pytest.raises(EvaluationProblem, match=r"^The path \$\.\.a cannot be evaluated: "):
        read("$..a", deep)


SET: list[tuple[Any, str, Any]] = [
    ({"a": 1}, "$", "new"),
    ({"a": 1}, "$.b", {"a": 1, "b": "new"}),
    ({"a": 1}, "$.a", {"a": "new"}),
    ({"a": {"x": 1, "y": 2}}, "$.a.x", {"a": {"x": "new", "y": 2}}),
    ({}, "$.a.b.c", {"a": {"b": {"c": "new"}}}),
    ({"a": [1, 2, 3]}, "$.a[0]", {"a": ["new", 2, 3]}),
    ({"a": [1, 2, 3]}, "$.a[-1]", {"a": [1, 2, "new"]}),
    ({"a": [1, 2, 3]}, "$.a[-2]", {"a": [1, "new", 3]}),
    ([{"a": 1}], "$[0].b", [{"a": 1, "b": "new"}]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "path", "result"), SET)
def test_a_reference_path_sets_a_value_and_creates_missing_objects(document: Any, path: str, result: Any) -> None:
    before = repr(document)
    assert with_value(document, parse_path(path).steps or (), "new") == result
    assert repr(document) == before


@pytest.mark.parametrize(
    ("document", "path", "message"),
    [
        ({"a": [1]}, "$.a[1]", "Index 1 is not in the input"),
        ({"a": [1]}, "$.a[-2]", "Index -2 is not in the input"),
        ({}, "$.a[0]", "Index 0 is not in the input"),
        ({"a": 5}, "$.a.b", "'b' cannot be set in a value that is not an object"),
        ("text", "$.a", "'a' cannot be set in a value that is not an object"),
        ({"a": [1]}, "$.a.b", "'b' cannot be set in a value that is not an object"),
    ],
)
def test_a_value_cannot_be_set_in_a_scalar_or_past_the_end_of_a_list(document: Any, path: str, message: str) -> None:
    with pytest.raises(PathNotFound) as problem:
        with_value(document, parse_path(path).steps or (), "new")
    assert str(problem.value) == message


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=10,
)
STEPS: st.SearchStrategy[tuple[Step, ...]] = st.lists(st.text(max_size=3) | st.integers(-3, 3), max_size=4).map(tuple)


@settings(max_examples=100, deadline=None)
@given(VALUES, STEPS, VALUES)
def test_a_value_that_was_set_is_read_back_at_its_path(document: Any, steps: Any, value: Any) -> None:
    try:
        changed = with_value(document, steps, value)
    except PathNotFound:
        return
    assert Path("$", "$", steps).follow(changed) == value


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=8), st.integers(0, 5))
def test_a_quoted_name_reads_the_field_of_any_name(name: str, index: int) -> None:
    quoted = name.replace("\\", "\\\\").replace("'", "\\'")
    if "\n" not in name:
        assert read(f"$['{quoted}'][{index}]", {name: list(range(6))}) == index


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=20) | st.text("$.[]*'\"ab01:,@? ", max_size=12).map("$".__add__), VALUES)
def test_any_text_is_a_path_or_a_syntax_problem_and_a_path_has_a_value_or_fails(text: str, data: Any) -> None:
    try:
        path = parse_path(text)
    except SyntaxProblem:
        return
    with suppress(PathNotFound, EvaluationProblem):
        path.read(data, dict, {})


GOODS = {"o": [{"sku": "pen", "qty": 2}, {"sku": "x.y-z", "qty": 5}]}


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("$..['sku']", ["pen", "x.y-z"]),
        ("$..[?(@.qty > 3)]", [{"sku": "x.y-z", "qty": 5}]),
        ("$.o..[1].qty", [5]),
        ("$.o[?(@.sku == 'x.y-z')].qty", [5]),
        ("$.o[?(@.sku =~ /x.y-z/)].qty", [5]),
        ("$.o[?(@.sku =~ /p.[mn]/)].qty", [2]),
    ],
)
def test_dots_in_strings_and_regular_expressions_are_not_steps(text: str, result: Any) -> None:
    assert parse_path(text).read(GOODS, dict, {}) == result


@pytest.mark.parametrize(
    "text",
    [
        f"$[{'9' * 5000}]",
        "$" + ".length()" * 12_000,
        "$[?(@.a =~ /(/)]",
        "$[?(@.a =~ /a**/)]",
        "$[?search(@.a, '(a|aa)+$')]",
    ],
)
def test_a_path_that_the_service_refuses_is_a_syntax_problem(text: str) -> None:
    with pytest.raises(SyntaxProblem):
        parse_path(text)


@pytest.mark.parametrize(
    ("text", "data"), [("$.min()", 1), ("$.keys()", [1]), ("$.max()", None), ("$.avg()", [10**400, 1])]
)
def test_a_function_of_a_value_of_another_type_fails(text: str, data: Any) -> None:
    with pytest.raises(EvaluationProblem):
        parse_path(text).read(data, dict, {})
