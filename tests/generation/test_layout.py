"""A generated file keeps the order and the layout of the committed one, wherever the content is equal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_dsl.definition.json import Json, to_text
from workflow_dsl.generation.layout import text_like

COMMITTED = """\
{
    "StartAt": "First",
    "States": {
        "Last": {"Type": "Succeed"},
        "First": {
            "Type": "Task",  "Resource": "${Arn}",
            "Retry": [ {"ErrorEquals": ["States.ALL"], "MaxAttempts": 3} ],
            "Next": "Last"
        }
    },
    "Comment": "first"
}"""
DOCUMENT = json.loads(COMMITTED)


def changed(change: Json) -> str:
    """The new text for the document with a change of its states, and with its fields in another order."""
    states = {**DOCUMENT["States"], **change}
    kept = {name: state for name, state in states.items() if state is not None}
    return text_like({"Comment": "first", "StartAt": "First", "States": kept}, COMMITTED)


def test_equal_content_keeps_every_byte() -> None:
    assert changed({}) == COMMITTED


def test_a_changed_value_changes_its_own_lines() -> None:
    task = {**DOCUMENT["States"]["First"], "Resource": "${Other}"}
    own = """\
        "First": {
            "Type": "Task",
            "Resource": "${Other}",
            "Retry": [ {"ErrorEquals": ["States.ALL"], "MaxAttempts": 3} ],
            "Next": "Last"
        }"""
    begin, end = COMMITTED.index('        "First"'), COMMITTED.index("\n    },\n")
    assert changed({"First": task}) == COMMITTED[:begin] + own + COMMITTED[end:]


def test_a_new_state_comes_after_the_one_before_it_in_the_workflow() -> None:
    states = {"First": DOCUMENT["States"]["First"], "New": {"Type": "Pass", "End": True}, "Last": {"Type": "Succeed"}}
    text = text_like({**DOCUMENT, "States": states}, COMMITTED)
    assert list(json.loads(text)["States"]) == ["Last", "First", "New"]
    assert '        "Last": {"Type": "Succeed"},\n' in text


def test_a_removed_state_takes_its_own_lines_with_it() -> None:
    assert changed({"Last": None}) == COMMITTED.replace('        "Last": {"Type": "Succeed"},\n', "")


def test_a_new_item_leaves_those_after_it_as_they_are() -> None:
    retriers = [{"ErrorEquals": ["Busy"]}, *DOCUMENT["States"]["First"]["Retry"]]
    text = changed({"First": {**DOCUMENT["States"]["First"], "Retry": retriers}})
    assert '                {"ErrorEquals": ["States.ALL"], "MaxAttempts": 3}\n' in text


@pytest.mark.parametrize("indent", ["\t", " ", "        "])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_indentation_line_ends_and_byte_order_mark_are_kept(indent: str, line_end: str, mark: str) -> None:
    old, new = {"StartAt": "A", "States": {"A": {"Type": "Pass"}}}, {"StartAt": "A", "States": {"A": {"Type": "Fail"}}}

    def written(document: Json) -> str:
        return mark + json.dumps(document, indent=indent).replace("\n", line_end)

    assert text_like(new, written(old)) == written(new)


@pytest.mark.parametrize("committed", ["", "{", "[1", "StartAt: A\n", "[" * 100_000])
def test_a_file_that_is_no_definition_has_no_layout(committed: str) -> None:
    assert text_like(DOCUMENT, committed) == to_text(DOCUMENT)


def test_a_very_deep_document_is_written_anew() -> None:
    def nested(leaf: Json, levels: int = 700) -> Json:
        document: Json = leaf
        for _ in range(levels):
            document = {"a": document}
        return document

    assert text_like(nested(2), json.dumps(nested(1))) == to_text(nested(2))


def test_text_that_does_not_show_is_not_kept() -> None:
    committed = '{"Comment": "a\u202eb", "Seconds": ${Seconds}}'
    assert text_like({"Comment": "a\u202eb", "Seconds": "${Seconds}"}, committed) == (
        '{\n  "Comment": "a\\u202eb",\n  "Seconds": "${Seconds}"\n}'
    )


_SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=3) | st.sampled_from(["${A}", '"', "\\"])
_DOCUMENTS = st.recursive(
    _SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=2) | st.sampled_from("abc"), inner, max_size=4)
    ),
    max_leaves=20,
)
_OBJECTS = st.dictionaries(st.sampled_from("abcdef"), _DOCUMENTS, max_size=5)


@given(_OBJECTS, _OBJECTS, st.sampled_from([None, 1, 2, "\t"]))
def test_the_text_has_the_new_content_and_is_stable(old: Json, new: Json, indent: int | str | None) -> None:
    text = text_like(new, json.dumps(old, indent=indent, ensure_ascii=False))
    assert (json.loads(text), text_like(new, text)) == (new, text)
