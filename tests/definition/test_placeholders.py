"""Placeholders: what is one, which there are in a text, and what a document is with their values in it."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_dsl.definition.placeholders import (
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
def test_a_text_is_known_or_a_placeholder_or_has_some_in_it(value: Any, known: bool, placeholder: bool) -> None:
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
def test_the_names_of_a_texts_placeholders_stand_in_its_order(text: str, names: list[str]) -> None:
    assert placeholders_in(text) == names


KNOWN: dict[str, Any] = {
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
FILLED: list[tuple[Any, Any]] = [
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


@pytest.mark.parametrize(("value", "result"), FILLED)
def test_a_document_is_filled_with_what_is_known(value: Any, result: Any) -> None:
    before = deepcopy(value)
    found = substitute(value, KNOWN)
    assert (found, type(found)) == (result, type(result))
    assert value == before


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
def test_without_quotes_a_text_that_json_reads_as_a_number_or_word_is_that(value: Any, result: Any) -> None:
    found = substitute(UnquotedPlaceholder("${A}"), {"A": value})
    assert (found, type(found)) == (result, type(result))


@pytest.mark.parametrize("text", ["0", "-3", "60", "1.5", "true", "null", "01"])
def test_inside_quotes_it_stays_a_text(text: str) -> None:
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
def test_where_nothing_is_known_a_document_stays_as_it_is(document: Any) -> None:
    assert substitute(document, {}) == substitute(document, {"A": None, "B": None}) == document


@given(st.text(), st.text("${}AB"))
def test_what_a_text_is_filled_with_is_not_looked_at_again(value: str, text: str) -> None:
    found = substitute(text, {"A": value})
    assert found == text.replace("${A}", value)


def test_what_stands_for_a_whole_value_tells_the_placeholders_of_a_text_apart() -> None:
    here = {"text": "${A}-${B}", "whole": "${A}", "number": UnquotedPlaceholder("${N}")}
    assert infer_substitutions(here, {"text": "x-y-z", "whole": "x-y", "number": 30}) == {"A": "x-y", "B": "z", "N": 30}
