"""folded(): a warning that repeats within a machine is one, with the states of the others."""

from __future__ import annotations

import pytest

from workflow_dsl.findings import Finding, Place, Severity, Where
from workflow_dsl.views.folding import folded


def finding(
    state: str | None, severity: Severity = "warning", code: str = "A", message: str = "is odd", file: str = "m.json"
) -> Finding:
    return Finding(code, severity, Where(("States", str(state)), state, place=Place(file, 1)), message)


FOLDED: list[tuple[list[Finding], list[tuple[str | None, int, str]]]] = [
    ([], []),
    ([finding("S")], [("S", 1, "")]),
    ([finding("S"), finding("T"), finding("U")], [("S", 3, '2 more like it: "T", "U"')]),
    ([finding("S"), finding("S"), finding("S")], [("S", 3, '2 more like it: "S"')]),
    ([finding(None), finding(None)], [(None, 2, "1 more like it")]),
    ([finding("S", "error"), finding("T", "error")], [("S", 1, ""), ("T", 1, "")]),
    ([finding("S"), finding("T", code="B"), finding("U")], [("S", 2, '1 more like it: "U"'), ("T", 1, "")]),
    ([finding("S"), finding("T", message="is older")], [("S", 1, ""), ("T", 1, "")]),
    ([finding("S"), finding("T", file="n.json")], [("S", 1, ""), ("T", 1, "")]),
]


@pytest.mark.parametrize(("findings", "expected"), FOLDED)
def test_warnings_that_differ_only_in_their_place_are_one(
    findings: list[Finding], expected: list[tuple[str | None, int, str]]
) -> None:
    assert [(each.first.where.state, each.count, each.note) for each in folded(findings)] == expected


def test_a_long_list_of_states_is_cut() -> None:
    [repeated] = folded(finding(f"S{number}") for number in range(20))
    assert repeated.note == (
        '19 more like it: "S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "S9", "S10", "S11", 8 others'
    )
