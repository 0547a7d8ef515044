"""Findings as people and programs read them."""

from __future__ import annotations

import pytest

from workflow_dsl.findings import Finding, FindingsError, Place, Where, authoring_error, closest

FOUND = Finding(
    "SCHEMA_VALIDATION_FAILED",
    "error",
    Where(("States", "Buy Stock", "Retry", 0), "Buy Stock", "Retry[0]"),
    "States.ALL hides the retriers after it",
    "move it last",
)


def test_a_finding_reads_place_problem_remedy() -> None:
    placed = FOUND.at(Place("workflows/stock_trader.py", 31))
    assert str(placed) == (
        'workflows/stock_trader.py:31: "Buy Stock" Retry[0]: States.ALL hides the retriers after it; move it last'
    )
    assert str(FOUND) == '"Buy Stock" Retry[0]: States.ALL hides the retriers after it; move it last'
    assert str(Finding("X", "error", Where(place=Place("file.json")), "is empty")) == "file.json: is empty"
    assert str(Finding("X", "error", Where(), "is empty")) == "is empty"


def test_a_finding_without_a_place_to_add_stays_as_it_is() -> None:
    assert FOUND.at(None) is FOUND


def test_a_finding_as_json_has_every_key() -> None:
    assert FOUND.at(Place("w.py", 3)).as_json() == {
        "code": "SCHEMA_VALIDATION_FAILED",
        "severity": "error",
        "pointer": "/States/Buy Stock/Retry/0",
        "state": "Buy Stock",
        "file": "w.py",
        "line": 3,
        "column": None,
        "message": "States.ALL hides the retriers after it",
        "remedy": "move it last",
        "rule": None,
    }
    assert (FOUND.as_json()["file"], FOUND.as_json()["line"]) == (None, None)


def test_the_error_holds_every_finding() -> None:
    error = authoring_error(Place("w.py", 1), "is wrong")
    assert isinstance(error, FindingsError)
    assert str(error) == "w.py:1: is wrong"


@pytest.mark.parametrize(
    ("name", "hint"),
    [("Resurce", 'did you mean "Resource"?'), ("RESOURCE", 'did you mean "Resource"?'), ("Zzz", "")],
)
def test_the_closest_name_is_suggested(name: str, hint: str) -> None:
    assert closest(name, ["Type", "Resource"]) == hint
