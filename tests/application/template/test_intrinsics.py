"""intrinsics.py: the kind, the operands and the references of intrinsic functions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.application.template.support import probe
from workflow_dsl.application.template.intrinsics import (
    attribute_of,
    contains_macro,
    is_intrinsic,
    placeholder_name,
    references,
    substitute_names,
)

REFERENCES = [
    ("!Ref Table", ["Table"]),
    ("!GetAtt Table.Arn", ["Table"]),
    ("!GetAtt [Table, Arn]", ["Table"]),
    ("!Ref Checker.Alias", ["Checker"]),
    ("!Sub '${Table}-${Queue.Arn}-${!Kept}-${AWS::Region}'", ["Table", "Queue", "AWS::Region"]),
    ("!Sub ['${Own}-${Stage}', {Own: !Ref Table}]", ["Stage", "Table"]),
    ("{a: [!Ref Table, {b: !If [Is, !Ref Queue, x]}]}", ["Table", "Queue"]),
    ("{Ref: [odd], 'Fn::GetAtt': {odd: 1}, 'Fn::Sub': 5}", []),
]


@pytest.mark.parametrize(("value", "names"), REFERENCES)
def test_references_are_found_at_any_depth(tmp_path: Path, value: str, names: list[str]) -> None:
    _, probed = probe(tmp_path, value)
    assert list(references(probed)) == names


ATTRIBUTES: list[tuple[Any, tuple[str, str] | None]] = [
    ("A.Arn", ("A", "Arn")),
    ("A.B.Arn", ("A", "B.Arn")),
    (["A", "Arn"], ("A", "Arn")),
    ("A", None),
    (["A", "B", "Arn"], None),
    (["A", {"Ref": "B"}], None),
    ({"A": "Arn"}, None),
    (None, None),
]


@pytest.mark.parametrize(("operand", "attribute"), ATTRIBUTES)
def test_get_att_has_a_resource_and_an_attribute(operand: Any, attribute: tuple[str, str] | None) -> None:
    assert attribute_of(operand) == attribute


INTRINSICS: list[tuple[dict[str, Any], bool]] = [
    ({"Ref": "A"}, True),
    ({"Fn::Sub": "a"}, True),
    ({"Fn::Whatever": 1}, True),
    ({"Refs": "A"}, False),
    ({"Condition": "A"}, False),
    ({"Ref": "A", "B": 1}, False),
    ({}, False),
]


@pytest.mark.parametrize(("value", "intrinsic"), INTRINSICS)
def test_an_intrinsic_function_is_an_object_of_one_key(value: dict[str, Any], intrinsic: bool) -> None:
    assert is_intrinsic(value) is intrinsic


MACROS: list[tuple[Any, bool]] = [
    ({"Ref": "A"}, True),
    ({"a": {"Ref": "A"}}, False),
    ({"a": [{"b": {"Fn::Transform": {}}, "c": 1}]}, True),
    ({"a": [1, {"Fn::ForEach::Loop": []}]}, True),
    ([{"Ref": "A"}], False),
    ("Fn::Transform", False),
]


@pytest.mark.parametrize(("value", "has_macro"), MACROS)
def test_a_macro_or_a_loop_is_found_at_any_depth(value: Any, has_macro: bool) -> None:
    assert contains_macro(value) is has_macro


@pytest.mark.parametrize(
    ("operand", "name"),
    [("Owner", "Owner"), ("AWS::Region", "AWS::Region"), ("a-b.c", "ab.c"), (["a", {"b": 1}], "ab:1"), ("-", "value")],
)
def test_a_placeholders_name_is_its_operand_without_signs(operand: Any, name: str) -> None:
    assert placeholder_name(operand) == name


SUBSTITUTED = [
    ("", ""),
    ("${a}", "<a>"),
    ("x${a}y${!b}z${a.b}", "x<a>y${b}z<a.b>"),
    ("}${a", "}${a"),
    ("${}${a}${", "${}<a>${"),
    ("${a${b}", "<a${b>"),
]


@pytest.mark.parametrize(("text", "substituted"), SUBSTITUTED)
def test_sub_replaces_each_name_and_no_literal(text: str, substituted: str) -> None:
    assert substitute_names(text, lambda name: f"<{name}>") == substituted


def test_a_string_of_unclosed_names_is_read_once() -> None:
    text = "${" * 500_000
    assert substitute_names(text, str) == text
    assert list(references({"Fn::Sub": text})) == []
