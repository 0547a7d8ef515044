"""large_maps.py: of a large Map what failed is printed, and the rest counted."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local.replay.support import END, recorded, scope
from workflow_dsl.cli.stacks.history_output import Shown, print_execution
from workflow_dsl.local.replay.large_maps import succeeded_items
from workflow_dsl.local.replay.parts import Part

CHARGE = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:charge", "Next": "Keep"}
CATCH = [{"ErrorEquals": ["States.ALL"], "Next": "Done"}]


def refuse(event: Any, context: Any) -> Any:
    if event == 33:
        raise ValueError("unlucky")
    return event


def each(count: int, **fields: Any) -> Any:
    items = {"Type": "Map", "ItemProcessor": scope(Charge=CHARGE, Keep={"Type": "Pass", **END}), "Next": "Done"}
    definition = scope(Start={"Type": "Pass", "Next": "Each"}, Each={**items, **fields}, Done={"Type": "Pass", **END})
    return recorded(definition, list(range(count)), functions={"charge": refuse})[0]


def test_only_the_failed_item_of_a_large_map_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    print_execution(each(40, MaxConcurrency=1), [], Shown("text", Part()))
    printed = capsys.readouterr().out.splitlines()
    assert printed[:6] == [
        "00:00.000  Start",
        "00:00.000  Each",
        "00:00.000    item 33",
        "00:00.000    Charge",
        "00:00.000      failed: ValueError: unlucky (test_large_maps.py:20)",
        '"Each": 33 of 34 items succeeded, which are not printed',
    ]


def test_an_item_that_did_not_end_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    print_execution(each(40, Catch=CATCH), [], Shown("text", Part()))
    printed = capsys.readouterr().out
    assert ("Done" in printed, "failed: ValueError: unlucky" in printed) == (True, True)


def test_all_of_a_large_map_that_succeeded_is_counted() -> None:
    assert succeeded_items(each(20)).counts == {}
    definition = scope(Each={"Type": "Map", "ItemProcessor": scope(Keep={"Type": "Pass", **END}), **END})
    recording, _ = recorded(definition, list(range(21)))
    found = succeeded_items(recording)
    assert found.counts == {"Each": (21, 21)}
    shown = [event["type"] for event in recording.events if event["id"] not in found.events]
    assert [type_ for type_ in shown if "Iteration" not in type_] == [
        "ExecutionStarted",
        "MapStateEntered",
        "MapStateStarted",
        "MapStateExited",
        "ExecutionSucceeded",
    ]
