"""text_metrics.py: the width of a string in Helvetica, and line breaks that keep it within a width."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_dsl.views.diagram.text_metrics import text_width, wrap


def test_a_line_is_as_wide_as_its_letters_in_helvetica() -> None:
    assert text_width("Will", 10) == pytest.approx((944 + 222 + 222 + 222) / 100, abs=0.05)
    assert text_width("Will", 10, bold=True) > text_width("Will", 10)


def test_a_wide_character_is_square_and_a_combining_accent_has_no_width() -> None:
    assert (text_width("\u6f22", 10), text_width("e\u0301", 10)) == (10.0, text_width("e", 10))


WRAPPED = [
    ("Check Stock Value", 60.0, 3, ["Check", "Stock Value"]),
    ("Check Stock Value", 60.0, 1, ["Check\u2026"]),
    ("A\nB", 60.0, 3, ["A", "B"]),
    ("Donaudampfschifffahrt", 60.0, 5, ["Donaudamp", "fschifffahrt"]),
    ("", 60.0, 3, [""]),
]


@pytest.mark.parametrize(("text", "max_width", "max_lines", "lines"), WRAPPED)
def test_lines_break_between_words_and_inside_a_word_only_if_it_is_too_wide(
    text: str, max_width: float, max_lines: int, lines: list[str]
) -> None:
    assert wrap(text, 11, max_width, max_lines) == lines


@given(st.text(max_size=80), st.integers(1, 4))
def test_no_line_is_wider_than_the_maximum(text: str, max_lines: int) -> None:
    lines = wrap(text, 11, 50.0, max_lines)
    assert (len(lines) <= max_lines, max(text_width(line, 11) for line in lines) <= 50.0) == (True, True)
