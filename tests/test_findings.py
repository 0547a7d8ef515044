"""Findings as text and as JSON, and the helpers for their messages."""

from __future__ import annotations

import pytest

from workflow_dsl.findings import (
    Finding,
    FindingsError,
    Place,
    Where,
    authoring_error,
    did_you_mean,
    is_slip,
    short_list,
)

FINDING = Finding(
    "SCHEMA_VALIDATION_FAILED",
    "error",
    Where(("States", "Buy Stock", "Retry", 0), "Buy Stock", "Retry[0]"),
    "States.ALL hides the retriers after it",
    "move it last",
)


def test_a_finding_as_text_is_place_problem_and_remedy() -> None:
    placed = FINDING.at(Place("workflows/stock_trader.py", 31))
    assert str(placed) == (
        'workflows/stock_trader.py:31: "Buy Stock" Retry[0]: States.ALL hides the retriers after it; move it last'
    )
    assert str(FINDING) == '"Buy Stock" Retry[0]: States.ALL hides the retriers after it; move it last'
    assert str(Finding("X", "error", Where(place=Place("file.json")), "is empty")) == "file.json: is empty"
    assert str(Finding("X", "error", Where(), "is empty")) == "is empty"


def test_a_finding_stays_as_it_is_without_a_new_place() -> None:
    assert FINDING.at(None) is FINDING


def test_a_finding_as_json_has_all_keys() -> None:
    assert FINDING.at(Place("w.py", 3)).as_json() == {
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
    assert (FINDING.as_json()["file"], FINDING.as_json()["line"]) == (None, None)


def test_an_authoring_error_has_one_finding_with_a_place() -> None:
    error = authoring_error(Place("w.py", 1), "is wrong")
    assert isinstance(error, FindingsError)
    assert str(error) == "w.py:1: is wrong"


@pytest.mark.parametrize(
    ("name", "hint"),
    [("Resurce", 'did you mean "Resource"?'), ("RESOURCE", 'did you mean "Resource"?'), ("Zzz", "")],
)
def test_the_closest_known_name_is_suggested(name: str, hint: str) -> None:
    assert did_you_mean(name, ["Type", "Resource"]) == hint


def test_a_long_list_of_names_is_cut_and_ends_with_the_number_of_others() -> None:
    names = [f"N{index}" for index in range(13)]
    assert short_list(names[:12]) == ", ".join(names[:12])
    assert short_list(names) == f"{', '.join(names[:11])}, 2 others"
    assert short_list(["A", "B", "C"], 2, quoted=True) == '"A", 2 others'


@pytest.mark.parametrize(
    ("name", "other", "expected"),
    [
        ("tabel", "table", True),
        ("que", "queue", True),
        ("functon", "function", True),
        ("fumction", "function", True),
        ("sns", "snss", True),
        ("ecs", "eks", False),
        ("iam", "iot", False),
        ("job", "jobqueue", False),
        ("locationefs", "locations3", False),
        ("rule", "role", False),
    ],
)
def test_a_slip_is_letters_left_out_added_or_swapped_or_another_one(name: str, other: str, expected: bool) -> None:
    assert (is_slip(name, other), is_slip(other, name)) == (expected, expected)
