"""Long expressions: what their parser looks at grows with their length, and not with its square."""

from __future__ import annotations

import sys
from types import FrameType

import pytest

from workflow_dsl.expressions.jsonata import parse_jsonata
from workflow_dsl.expressions.problems import SyntaxProblem


def calls_for(expression: str) -> int:
    """The number of Python's function calls that parsing takes."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        parse_jsonata(expression)
    finally:
        sys.setprofile(before)
    return calls


@pytest.mark.parametrize("piece", ["a.", "$a.", "a.b[0].", "a^(x).", "'a'.", "1+", "a&", "'a',"])
def test_an_expression_that_is_ten_times_as_long_takes_ten_times_the_work(piece: str) -> None:
    short, long = (calls_for(f"[{piece * count}a]") for count in (30, 300))
    assert long < 12 * short


def test_a_path_has_an_end() -> None:
    assert parse_jsonata("a." * 5_000 + "a")
    with pytest.raises(SyntaxProblem, match="a path has more than 5,000 steps"):
        parse_jsonata("a." * 5_001 + "a")


def test_a_search_for_parents_has_an_end() -> None:
    with pytest.raises(SyntaxProblem, match="the % of the expression look through too many steps"):
        parse_jsonata("a." + "%." * 2_000 + "a")
