"""Placeholders: finding them in strings, substituting them, and inferring their substitutions."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_dsl.definition.placeholders import (
    MOST_FILLED,
    UnquotedPlaceholder,
    infer_substitutions,
    is_known,
    is_placeholder,
    placeholders_in,
    substitute,
)

KINDS: list[tuple[Any, bool, bool]] = [
    ("", True, False),
    ("plain", True, False),
    ("$.price", True, False),
    ("{% $states.input %}", True, False),
    ("${A}", False, True),
    (UnquotedPlaceholder("${A}"), False, True),
    ("${AWS::Region}", False, True),
    ("${a b}", False, True),
    ("${A}${B}", False, False),
    ("x${A}", False, False),
    ("${A} ", False, False),
    ("${A}\n", False, False),
    ("${A", False, False),
    ("${}", False, False),
    ("${${A}}", False, False),
    ("$ {A}", True, False),
    ("{A}", True, False),
    ("$A", True, False),
    ("", True, False),
    (None, False, False),
    (1, False, False),
    (["${A}"], False, False),
    ({"${A}": "${A}"}, False, False),
]


@pytest.mark.parametrize(("value", "known", "placeholder"), KINDS)
def test_a_string_is_known_or_is_a_placeholder_or_contains_some(value: Any, known: bool, placeholder: bool) -> None:
    assert (is_known(value), is_placeholder(value)) == (known, placeholder)


NAMES: list[tuple[str, list[str]]] = [
    ("", []),
    ("plain $A {B} $", []),
    ("${A}", ["A"]),
    ("${A}${B}-${A}", ["A", "B", "A"]),
    ("arn:${AWS::Partition}:states:::x", ["AWS::Partition"]),
    ("${open ${A} close}", ["A"]),
    ("${${A}}", ["A"]),
    ("${}", []),
    ("${a b}\n${c\nd}", ["a b", "c\nd"]),
    ("$${A}", ["A"]),
]


@pytest.mark.parametrize(("text", "names"), NAMES)
def test_the_placeholders_in_a_string_are_listed_in_order(text: str, names: list[str]) -> None:
    assert placeholders_in(text) == names


SUBSTITUTIONS: dict[str, Any] = {
    "Name": "Ada",
    "Text": "5",
    "Number": 7,
    "Yes": True,
    "No": False,
    "Empty": "",
    "List": [1, "a"],
    "Nested": "${Name}",
    "Later": None,
    "AWS::Region": "eu-west-1",
}
SUBSTITUTED: list[tuple[Any, Any]] = [
    ("${Name}", "Ada"),
    ("a ${Name} b ${Name}", "a Ada b Ada"),
    ("${Text}", "5"),
    ("${Number}", "7"),
    ("${Number}${Text}", "75"),
    ("${Yes} ${No}", "true false"),
    ("x${Empty}y", "xy"),
    ("${AWS::Region}a", "eu-west-1a"),
    ("${Nested}", "${Name}"),
    ("${Later}", "${Later}"),
    ("${Later} ${Name}", "${Later} Ada"),
    ("${Unheard}", "${Unheard}"),
    ("${Name", "${Name"),
    ("$Name {Name}", "$Name {Name}"),
    (UnquotedPlaceholder("${Name}"), "Ada"),
    (UnquotedPlaceholder("${Text}"), 5),
    (UnquotedPlaceholder("${Number}"), 7),
    (UnquotedPlaceholder("${Yes}"), True),
    (UnquotedPlaceholder("${No}"), False),
    (UnquotedPlaceholder("${Empty}"), ""),
    (UnquotedPlaceholder("${List}"), [1, "a"]),
    (UnquotedPlaceholder("${Nested}"), "${Name}"),
    (UnquotedPlaceholder("${Later}"), UnquotedPlaceholder("${Later}")),
    (UnquotedPlaceholder("${Unheard}"), UnquotedPlaceholder("${Unheard}")),
    ({"${Name}": 1, "a ${Text}": {"${Later}": "${Name}"}}, {"Ada": 1, "a 5": {"${Later}": "Ada"}}),
    (["${Name}", ["${Text}", UnquotedPlaceholder("${Text}")], {"a": []}], ["Ada", ["5", 5], {"a": []}]),
    ([None, 1, 1.5, True, "", {}], [None, 1, 1.5, True, "", {}]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "result"), SUBSTITUTED)
def test_known_placeholders_of_a_document_are_substituted_in_a_copy(document: Any, result: Any) -> None:
    before = deepcopy(document)
    substituted = substitute(document, SUBSTITUTIONS)
    assert (substituted, type(substituted)) == (result, type(result))
    assert document == before


TYPED: list[tuple[Any, Any]] = [
    ("0", 0),
    ("-3", -3),
    ("60", 60),
    ("1.5", 1.5),
    ("-0.25", -0.25),
    ("true", True),
    ("false", False),
    ("null", None),
    ("999999999999999999", 999_999_999_999_999_999),
    ("01", "01"),
    ("+1", "+1"),
    ("1.", "1."),
    (".5", ".5"),
    ("1e3", "1e3"),
    ("1 ", "1 "),
    ("٣", "٣"),
    ("True", "True"),
    ("NaN", "NaN"),
    ("", ""),
    ("[1]", "[1]"),
    ('"a"', '"a"'),
    ("9" * 400, "9" * 400),
    (60, 60),
    (0, 0),
    ({"a": 1}, {"a": 1}),
]


@pytest.mark.parametrize(("value", "result"), TYPED)
def test_an_unquoted_placeholder_becomes_the_json_value_that_its_substitution_spells(value: Any, result: Any) -> None:
    substituted = substitute(UnquotedPlaceholder("${A}"), {"A": value})
    assert (substituted, type(substituted)) == (result, type(result))


@pytest.mark.parametrize("text", ["0", "-3", "60", "1.5", "true", "null", "01"])
def test_a_quoted_placeholder_becomes_a_string(text: str) -> None:
    assert substitute(["${A}", "${A}s"], {"A": text}) == [text, f"{text}s"]


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.sampled_from(["${A}", "a ${B}", UnquotedPlaceholder("${A}")]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.just("${A}"), inner, max_size=3),
    max_leaves=10,
)


@given(anything)
def test_a_document_without_known_placeholders_stays_as_it_is(document: Any) -> None:
    assert substitute(document, {}) == substitute(document, {"A": None, "B": None}) == document


@given(st.text(), st.text("${}AB"))
def test_a_placeholder_in_a_substituted_value_is_not_substituted(value: str, text: str) -> None:
    assert substitute(text, {"A": value}) == text.replace("${A}", value)


def test_placeholders_that_are_a_whole_string_are_inferred_before_those_inside_one() -> None:
    definition = {"text": "${A}-${B}", "whole": "${A}", "number": UnquotedPlaceholder("${N}")}
    deployed = {"text": "x-y-z", "whole": "x-y", "number": 30}
    assert infer_substitutions(definition, deployed) == {"A": "x-y", "B": "z", "N": 30}


def test_a_quoted_placeholder_is_not_inferred_from_a_value_that_is_not_a_string() -> None:
    assert infer_substitutions({"a": "${A}", "b": "x${B}"}, {"a": 30, "b": ["xy"]}) == {}
    assert infer_substitutions(["${A}", "${A}"], ["first", "second"]) == {"A": "first"}


IN_TEXTS: list[tuple[str, str, dict[str, str]]] = [
    ("${A}", "", {"A": ""}),
    ("a${A}", "ab", {"A": "b"}),
    ("a${A}", "a", {}),
    ("${A}b", "ab", {"A": "a"}),
    ("${A}b", "abb", {"A": "ab"}),
    ("${A}b", "abc", {}),
    ("${A}-${B}", "x-y-z", {"A": "x", "B": "y-z"}),
    ("${A}-${B}", "--y", {"A": "-", "B": "y"}),
    ("${A}-${B}", "-", {}),
    ("${A}${B}", "xyz", {"A": "x", "B": "yz"}),
    ("${A}${B}", "x", {}),
    ("${A}aa", "aaa", {"A": "a"}),
    ("${A}-${A}", "x-y", {"A": "y"}),
    ("x${A}.${B}", "x.*\n.$", {"A": ".*\n", "B": "$"}),
    ("SELECT ${A} FROM ${B} WHERE ${C}", "SELECT a FROM b WHERE c", {"A": "a", "B": "b", "C": "c"}),
    ("SELECT ${A} FROM ${B} WHERE ${C}", "SELECT a FROM b", {}),
]


@pytest.mark.parametrize(("text", "other", "substitutions"), IN_TEXTS)
def test_placeholders_in_a_string_take_the_shortest_value_that_fits(
    text: str, other: str, substitutions: dict[str, str]
) -> None:
    assert infer_substitutions({"text": text}, {"text": other}) == substitutions


def by_regular_expression(text: str, other: str) -> dict[str, str]:
    """The substitutions as a lazy regular expression finds them, in time that grows without bound."""
    literals = re.split(r"\$\{[^{}]+\}", text)
    found = re.fullmatch("(.+?)".join(map(re.escape, literals)), other, re.DOTALL)
    return dict(zip(placeholders_in(text), found.groups(), strict=True)) if found else {}


@given(
    st.lists(st.sampled_from(["${A}", "${B}", "${C}", "a", "b", "ab"]), max_size=8).map("".join),
    st.text("ab", max_size=9),
)
def test_inferred_substitutions_are_those_of_a_lazy_regular_expression(text: str, other: str) -> None:
    if not is_placeholder(text):
        assert infer_substitutions([text], [other]) == by_regular_expression(text, other)


def test_a_long_edited_string_with_many_placeholders_has_no_substitutions() -> None:
    names = [f"Name{index}" for index in range(12)]
    text = "columns " + ", ".join(f"${{{name}}}" for name in names) + " of trades"
    values = ", ".join(["column"] * 3_000)
    assert infer_substitutions([text], [f"columns {values} of prices"]) == {}
    assert infer_substitutions([text], [f"columns {values} of trades"]) == {
        **dict.fromkeys(names, "column"),
        "Name11": ", ".join(["column"] * 2_989),
    }


OFTEN: list[tuple[str, Any, Any]] = [
    ("a text", "${A}" * 500, "value"),
    ("each name", {f"${{A}}{number}": number for number in range(500)}, "value"),
    ("each item", ["${A}"] * 500, "value"),
    ("a number", [UnquotedPlaceholder("${A}")] * 500, [1, 2, 3]),
]


@pytest.mark.parametrize(("_", "document", "value"), OFTEN)
def test_values_that_are_substituted_often_have_an_end(_: str, document: Any, value: Any) -> None:
    long = value * (MOST_FILLED // 50)
    filled = json.dumps(substitute(document, {"A": long}))
    assert len(filled) < MOST_FILLED * 1.1
    assert filled.count("${A}") == 500 - MOST_FILLED // len(long if isinstance(long, str) else json.dumps(long))
