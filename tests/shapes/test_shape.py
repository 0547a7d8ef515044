"""The value: joins, reads, writes, and examples that conform to their shape."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_dsl.shapes import Shape, examples
from workflow_dsl.shapes.conformity import problems
from workflow_dsl.shapes.flow import widened
from workflow_dsl.shapes.formats.typescript import type_of
from workflow_dsl.shapes.literals import literal
from workflow_dsl.shapes.reading import read, with_value
from workflow_dsl.shapes.shape import (
    ANY_RECORD,
    NOTHING,
    NUMBER,
    STRING,
    UNKNOWN,
    Field,
    Presence,
    Record,
    join,
    joined,
    list_of,
    merged,
    record,
)
from workflow_dsl.shapes.sources.json_schema import schema_of, shape_of_schema

OPTIONAL = record({"a": STRING, "b": Field(NUMBER, Presence.OPTIONAL)})

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "a", "b", "long"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abcd"), inner, max_size=3),
    max_leaves=8,
)

JOINS: list[tuple[list[Any], str]] = [
    ([1, "a"], '1 | "a"'),
    ([1, 2, None], "1 | 2 | null"),
    ([[1], [2]], "[1 | 2]"),
    ([[1], [2, 3]], "(1 | 2 | 3)[]"),
    ([{"a": 1}, {"a": 1}], "{a: 1}"),
    ([{"a": 1}, {"b": 2}], "{a: 1} | {b: 2}"),
    ([{"a": 1}, {"b": 2}, {"c": 3}, {"d": 4}, {"a": 2}], "{a?: 1 | 2, b?: 2, c?: 3, d?: 4}"),
    ([{"a": {"b": 1}}, {"a": {"b": "x"}}], '{a: {b: 1}} | {a: {b: "x"}}'),
    (list(range(30)), "number"),
]


@pytest.mark.parametrize(("values", "expected"), JOINS)
def test_a_join_has_the_values_of_both(values: list[Any], expected: str) -> None:
    assert type_of(joined(map(literal, values))) == expected


def test_unknown_takes_everything_and_nothing_adds_nothing() -> None:
    assert (join(UNKNOWN, STRING), join(STRING, UNKNOWN)) == (UNKNOWN, UNKNOWN)
    assert (join(NOTHING, STRING), join(STRING, NOTHING)) == (STRING, STRING)


@given(st.lists(json_values, min_size=1, max_size=7))
def test_every_value_conforms_to_a_join_that_it_is_part_of(values: list[Any]) -> None:
    shape = joined(map(literal, values))
    assert [each for value in values for each in problems(shape, value)] == []
    assert [each for value in values for each in problems(merged(shape), value)] == []


@given(st.lists(json_values, min_size=2, max_size=4))
def test_what_a_loop_widens_still_has_every_value(values: list[Any]) -> None:
    before = literal(values[0])
    for value in values[1:]:
        before = widened(before, join(before, literal(value)))
    assert [each for value in values for each in problems(before, value)] == []


READS: list[tuple[Shape, tuple[str | int, ...], str, bool | None]] = [
    (literal({"a": {"b": 1}}), ("a", "b"), "1", None),
    (literal({"a": 1}), ("b",), "unknown", True),
    (literal({"a": 1}), ("a", "b"), "unknown", True),
    (literal([{"a": 1}]), ("a",), "unknown", True),
    (literal([{"a": 1}]), (0, "a"), "1", None),
    (literal([{"a": 1}]), (1, "a"), "unknown", True),
    (list_of(STRING), (7,), "string", None),
    (join(literal({"a": 1}), literal({"b": 2})), ("a",), "1", False),
    (join(literal({"a": 1}), literal(None)), ("a",), "1", None),
    (OPTIONAL, ("b",), "number", False),
    (ANY_RECORD, ("x", "y"), "unknown", None),
    (UNKNOWN, ("x",), "unknown", None),
    (NOTHING, ("x",), "never", None),
    (record({}, NUMBER), ("x",), "number", None),
]


@pytest.mark.parametrize(("shape", "steps", "expected", "is_sure"), READS)
def test_a_path_reads_a_shape_or_says_that_it_is_missing(
    shape: Shape, steps: tuple[str | int, ...], expected: str, is_sure: bool | None
) -> None:
    reading = read(shape, steps)
    assert (type_of(reading.shape), reading.miss and reading.miss.is_sure) == (expected, is_sure)


WRITES: list[tuple[Shape, tuple[str | int, ...], str]] = [
    (literal({"a": 1}), (), "string"),
    (literal({"a": 1}), ("a",), "{a: string}"),
    (literal({"a": 1}), ("b", "c"), "{a: 1, b: {c: string}}"),
    (literal({"a": 1}), ("a", "c"), "{a: never}"),
    (UNKNOWN, ("a",), "{a: string, ...}"),
    (literal("text"), ("a",), "never"),
]


@pytest.mark.parametrize(("shape", "steps", "expected"), WRITES)
def test_a_value_is_written_at_a_path(shape: Shape, steps: tuple[str | int, ...], expected: str) -> None:
    assert type_of(with_value(shape, steps, STRING)) == expected


@given(st.lists(json_values, min_size=1, max_size=5))
def test_every_example_conforms_to_its_shape(values: list[Any]) -> None:
    shape = joined(map(literal, values))
    found = examples(shape)
    assert found
    assert [each for value in found for each in problems(shape, value)] == []


def test_examples_have_each_literal_and_miss_each_optional_field() -> None:
    shape = record({"kind": join(literal("a"), literal("b")), "note": Field(STRING, Presence.OPTIONAL)})
    assert examples(shape) == [
        {"kind": "a", "note": "note"},
        {"kind": "b", "note": "note"},
        {"kind": "a", "note": ""},
        {"kind": "a"},
    ]
    assert examples(UNKNOWN) == [{}]


@given(st.lists(json_values, min_size=1, max_size=4))
def test_a_schema_of_a_shape_gives_the_shape_again(values: list[Any]) -> None:
    shape = joined(map(literal, values))
    again = shape_of_schema(schema_of(shape))
    assert [each for value in values for each in problems(again, value)] == []


def test_shapes_are_bounded_in_depth_and_width() -> None:
    deep = STRING
    for _ in range(100):
        deep = record({"a": deep})
    assert deep.depth < 30
    assert record({str(number): STRING for number in range(1_000)}) == ANY_RECORD
    assert isinstance(ANY_RECORD.records[0], Record)
