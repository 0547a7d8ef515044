"""inert.py: foreign text shows in every output format, and nothing runs, opens or hides there."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_dsl.definition.json import inert_json, to_text
from workflow_dsl.definition.machine import Machine
from workflow_dsl.views.diagram import to_mermaid, to_svg
from workflow_dsl.views.inert import as_markdown_code, for_github, for_markdown, for_mermaid, for_terminal, for_xml

TERMINAL = [
    ("plain", "plain"),
    ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
    ("a\nb\r\tc", "a\\nb\\r\\tc"),
    ("user\u202etxt.exe", "user\\u202etxt.exe"),
    ("\u200bzero\ufeff", "\\u200bzero\\ufeff"),
    ("\x9b31m", "\\x9b31m"),
    ("::error::x", "\\x3a:error::x"),
    ("  ::set-output name=x::y", "  \\x3a:set-output name=x::y"),
    ("AWS::Region", "AWS::Region"),
    ("x ##[error]y", "x ##\\x5berror]y"),
    ("\u00e9\u4e2d", "\u00e9\u4e2d"),
]
MARKDOWN = [
    ("A state machine that trades.", "A state machine that trades."),
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ("&lt;b&gt;", "&amp;lt;b&amp;gt;"),
    ("![x](https://a.b/c.png)", "!\\[x\\](https\\://a.b/c.png)"),
    ("[x](y) *b* _i_ `c` ~~d~~", "\\[x\\](y) \\*b\\* \\_i\\_ \\`c\\` \\~\\~d\\~\\~"),
    ("snake_case_name", "snake_case_name"),
    ("# a heading", "\\# a heading"),
    ("- an item", "\\- an item"),
    ("1. an item", "1\\. an item"),
    ("--- \n===", "\\---  ==="),
    ("a|b", "a\\|b"),
    ("a\\|b", "a\\\\\\|b"),
    ("$x$ @team www.a.b", "\\$x\\$ \\@team www\\.a.b"),
    ("a\u202eb\x1b", "a\\\\u202eb\\\\x1b"),
    ("rate(1 hour), disabled", "rate(1 hour), disabled"),
]
CODE = [("a", "`a`"), ("a|b", "`a\\|b`"), ("a`b", "`` a`b ``"), ("a``b", "``` a``b ```"), ("a\nb\x1b", "`a b\\x1b`")]
MERMAID = [
    ("a", "a"),
    ('"<b>`&#', "#34;#60;b#62;#96;#38;#35;"),
    ("%%{init: {}}%%", "#37;#37;{init: {}}#37;#37;"),
    ("$$x$$", "#36;#36;x#36;#36;"),
    ("$.a", "$.a"),
    ("a\nb\x1b", "a<br/>b\\x1b"),
]
XML = [
    ("<a b='c'>&", "&lt;a b='c'&gt;&amp;"),
    ("x\n::error::y", "x&#10;::error::y"),
    ("\x1b\u202e\x00", "\\x1b\\u202e\\x00"),
    ("##[x]", "##&#91;x]"),
]
GITHUB = [("a%b\r\nc", "a%25b%0D%0Ac"), ("\x1b[0m\u202e", "\\x1b[0m\\u202e")]


@pytest.mark.parametrize(
    ("make_inert", "text", "inert"),
    [
        (make_inert, text, inert)
        for make_inert, table in (
            (for_terminal, TERMINAL),
            (for_markdown, MARKDOWN),
            (as_markdown_code, CODE),
            (for_mermaid, MERMAID),
            (for_xml, XML),
            (for_github, GITHUB),
        )
        for text, inert in table
    ],
)
def test_foreign_text_is_escaped_for_its_format(make_inert: object, text: str, inert: str) -> None:
    assert callable(make_inert)
    assert make_inert(text) == inert


@given(
    st.recursive(
        st.text(st.characters(codec="utf-8")),
        lambda inner: st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3),
        max_leaves=4,
    )
)
def test_json_keeps_its_content_and_shows_every_character(document: object) -> None:
    text = inert_json(json.dumps(document, ensure_ascii=False))
    assert json.loads(text) == document
    assert all(letter.isprintable() for letter in text)
    assert "##[" not in text


HOSTILE = "::error::x\n::warning::y\x1b[31m<script>\u202e##[error]%%{init: {}}%%"


def test_no_line_of_a_generated_file_is_a_command_or_hides_a_character() -> None:
    state = {
        "Type": "Task",
        "Resource": HOSTILE,
        "Comment": HOSTILE,
        "End": True,
        "Retry": [{"ErrorEquals": [HOSTILE]}],
    }
    machine = Machine({"Comment": HOSTILE, "StartAt": HOSTILE, "States": {HOSTILE: state}})
    for text in (machine.to_text(), to_svg(machine, HOSTILE), to_mermaid(machine)):
        lines = text.split("\n")
        assert [
            line for line in lines if line.lstrip().startswith("::") or "##[" in line or not line.isprintable()
        ] == []
        assert "<script" not in text or text.startswith("{")
        assert "%%{" not in text or not text.startswith("flowchart")
    assert json.loads(to_text(machine.document())) == machine.document()
