"""lettering.py: how wide a text is, and how it breaks into lines that fit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_dsl.views.diagram.text_metrics import lines, width


def test_a_text_is_as_wide_as_its_letters_are_in_helvetica() -> None:
    assert width("Will", 10) == pytest.approx((944 + 222 + 222 + 222) / 100, abs=0.05)
    assert width("Will", 10, bold=True) > width("Will", 10)


def test_a_wide_letter_is_as_wide_as_it_is_high_and_an_accent_takes_no_room() -> None:
    assert (width("\u6f22", 10), width("e\u0301", 10)) == (10.0, width("e", 10))


BROKEN = [
    ("Check Stock Value", 60.0, 3, ["Check", "Stock Value"]),
    ("Check Stock Value", 60.0, 1, ["Check\u2026"]),
    ("A\nB", 60.0, 3, ["A", "B"]),
    ("Donaudampfschifffahrt", 60.0, 5, ["Donaudamp", "fschifffahrt"]),
    ("", 60.0, 3, [""]),
]


@pytest.mark.parametrize(("text", "room", "most", "broken"), BROKEN)
def test_a_text_breaks_between_words_and_within_one_only_where_it_must(
    text: str, room: float, most: int, broken: list[str]
) -> None:
    assert lines(text, 11, room, most) == broken


@given(st.text(max_size=80), st.integers(1, 4))
def test_no_line_is_wider_than_the_room(text: str, most: int) -> None:
    found = lines(text, 11, 50.0, most)
    assert (len(found) <= most, max(width(line, 11) for line in found) <= 50.0) == (True, True)
