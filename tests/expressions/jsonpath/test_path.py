"""JSONPath: reading a value, the message for a missing one, and setting a value as ResultPath does."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflow_dsl.expressions.jsonpath import Path, Step, parse_path, with_value
from workflow_dsl.expressions.jsonpath.nodes import keys_of
from workflow_dsl.expressions.jsonpath.parser import read_steps
from workflow_dsl.expressions.problems import EvaluationProblem, NullInput, PathNotFound, SyntaxProblem

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
    ("$.lines[?(@.qty > 4)].sku", ["ink", "pad"]),
    ("$.lines[?(@.note)].sku", ["ink"]),
    ("$.lines[?(@.qty >= 5 && @.sku == 'pad')].qty", [11]),
    ("$.lines[?(@.sku in ['pen', 'pad'])].qty", [2, 11]),
    ("$.lines[?(@.sku =~ /p.*/)].sku", ["pen", "pad"]),
    ("$.lines[?(@.sku =~ /p/)].sku", []),  # the whole string must match, as with Matcher.matches() in Jayway
    ("$.lines[?(@.note =~ /rush.*/i)].sku", ["ink"]),
    ("$.lines[?(@.qty =~ /5/)].sku", ["ink"]),
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
    assert [read("$.*", scalar) for scalar in ("text", 3, True)] == [[], [], []]
    assert parse_path("$.*").follow(None) == []


def test_a_path_is_not_applied_to_data_that_is_null() -> None:
    for text in ("$", "$.a", "$[*]"):
        with pytest.raises(NullInput, match=r"^Unable to apply Path transformation to null or empty input\.$"):
            read(text, None)
    assert parse_path("$v").read(None, dict, {"v": None}) is None


FUNCTIONS = ["$.lines.length()", "$.id.length()", "$.sizes.sum()", "$.lines[0].keys()", "$.sizes.append(1)"]


@pytest.mark.parametrize("text", FUNCTIONS)
def test_a_function_at_the_end_of_a_path_is_the_name_of_a_field(text: str) -> None:
    path, name = parse_path(text), text.rpartition(".")[2]
    assert path.function == name
    assert path.is_reference
    with pytest.raises(PathNotFound, match=re.escape(f"['{name}']")):
        read(text)


MISSING: list[tuple[str, str]] = [
    ("$.price", "No results for path: $['price']"),
    ("$.ship.city", "Missing property in path $['ship']"),
    ("$.id.first", "Property ['first'] not found in path $['id']"),
    ("$.nothing.more.yet", "Property ['more'] not found in path $['nothing']"),
    ("$.nothing[0]", "The path $['nothing'] is null"),
    ("$.lines[3]", "Index out of bounds when evaluating path $['lines'][3]"),
    ("$.lines[-4].sku", "Index out of bounds when evaluating path $['lines'][-4]"),
    ("$.lines.sku", "Property ['sku'] not found in path $['lines']"),
    ("$.id[0]", "Filter: [0] can only be applied to arrays"),
    ("$[0]", "Filter: [0] can only be applied to arrays"),
    ("$.price.length()", "Missing property in path $['price']"),
    ("$.lines['sku','qty']", "Property ['sku', 'qty'] not found in path $['lines']"),
    ("$.price['sku','qty']", "No results for path: $.price['sku','qty']"),
    ("$.lines[0]['sku','qty'].x", "Multi properties can only be used as path leafs"),
    ("$[1:]", "Filter: [1:] can only be applied to arrays"),
    ("$.id[?(@.x)]", "Filter: [?] can not be applied to primitives at $['id']"),
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


def test_a_scan_goes_to_the_bottom_of_deep_data() -> None:
    deep: Any = {"a": 1}
    for _ in range(20_000):
        deep = [deep]
    assert read("$..a", deep) == [1]


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


PLAIN = st.lists(
    st.sampled_from(["a", "b-c", "$d", "@e", "ünï", "1st"]).map(".{}".format)
    | st.integers(0, 99).map("[{}]".format)
    | st.text("ab.,[] *?", max_size=4).map("['{}']".format),
    max_size=5,
).map("".join)


@settings(max_examples=100, deadline=None)
@given(PLAIN)
def test_a_plain_path_has_the_steps_that_the_whole_grammar_reads(path: str) -> None:
    assert parse_path(f"${path}").steps == keys_of(read_steps(f"${path}", 1))


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
