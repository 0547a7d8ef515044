"""Replays of branches and executions that were stopped before their end."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local.replay.support import (
    END,
    FUNCTIONS,
    RETRY,
    SLOW,
    recorded,
    scope,
)
from workflow_dsl.definition.machine import Machine
from workflow_dsl.local import Return, Throw
from workflow_dsl.local.replay.replay import replay
from workflow_dsl.records import replace

BESIDE = scope(
    P={
        "Type": "Parallel",
        "Branches": [
            scope(Fails={"Type": "Task", "Resource": "${Buyer}", **END}),
            scope(Works={"Type": "Task", "Resource": "${Seller}", **END}),
            scope(Waits={"Type": "Wait", "Seconds": 60, **END}),
            scope(Q={"Type": "Parallel", "Branches": [scope(Inner={"Type": "Wait", "Seconds": 70, **END})], **END}),
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Sorry"}],
        **END,
    },
    Sorry={"Type": "Pass", **END},
)


def test_branches_stopped_by_a_failure_in_another_are_not_a_difference() -> None:
    mocks = {"Fails": [Throw("Broken", after=5)], "Works": [Return({}, after=50)]}
    recording, execution = recorded(BESIDE, {}, functions=FUNCTIONS, mocks=mocks)
    assert (execution.duration, execution.trail[-1]) == (5, "Sorry")
    again = replay(recording, Machine(BESIDE))
    assert (again.difference, again.run.duration) == (None, 5)


def test_an_execution_that_timed_out_times_out_again() -> None:
    machine = {**SLOW, "TimeoutSeconds": 20}
    recording, _ = recorded(machine, {}, functions=FUNCTIONS, mocks={"Slow": [Return({}, after=40)]})
    again = replay(recording, Machine(machine))
    assert (recording.status, again.difference, again.run.duration) == ("TIMED_OUT", None, 20)


def test_an_aborted_execution_is_compared_up_to_its_end() -> None:
    machine = scope(Rest={"Type": "Wait", "Seconds": 60, "Next": "Slow"}, Slow={**SLOW["States"]["Slow"]})
    recording, _ = recorded(machine, {"price": 1}, functions=FUNCTIONS)
    for last in ("WaitStateEntered", "LambdaFunctionStarted"):
        at = next(index for index, event in enumerate(recording.events) if event["type"] == last)
        stopped = replace(recording, status="ABORTED", output=None, events=recording.events[: at + 1])
        assert replay(stopped, Machine(machine)).difference is None
        ends = {name: value for name, value in machine["States"]["Rest"].items() if name != "Next"}
        assert replay(stopped, Machine(scope(Rest={**ends, **END}))).difference == (
            None if last == "WaitStateEntered" else 'the end now, "Slow" in the recording'
        )


CUT = scope(
    P={
        "Type": "Parallel",
        "Branches": [
            scope(Fails={"Type": "Task", "Resource": "${Buyer}", **END}),
            scope(
                One={"Type": "Task", "Resource": "${Seller}", "Next": "Two"},
                Two={"Type": "Pass", "Next": "Three"},
                Three={"Type": "Task", "Resource": "${Checker}", **END},
            ),
        ],
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Sorry"}],
        **END,
    },
    Sorry={"Type": "Pass", **END},
)


@pytest.mark.parametrize("last", ["One", "Two"])
@pytest.mark.parametrize("event_type", ["StateEntered", "StateExited"])
def test_a_branch_may_be_stopped_at_any_event_by_a_failure_in_another(last: str, event_type: str) -> None:
    mocks = {"Fails": [Throw("Broken", after=9)], "One": [Return({}, after=1)], "Three": [Return({}, after=50)]}
    recording, _ = recorded(CUT, {"price": 1}, functions=FUNCTIONS, mocks=mocks)
    kept, dropped, is_past = [], set(), False
    for entry in recording.events:
        details: Any = next((value for key, value in entry.items() if key.endswith("EventDetails")), {})
        is_later = is_past and (entry["previousEventId"] in dropped or details.get("name") in ("Two", "Three"))
        if is_later or (entry["previousEventId"] in dropped and "Failed" not in entry["type"]):
            dropped.add(entry["id"])
            continue
        kept.append(entry)
        if details.get("name") == last and entry["type"].endswith(event_type):
            is_past = True
            dropped.add(entry["id"])
    again = replay(replace(recording, events=kept), Machine(CUT))
    assert (again.difference, again.run.trail[-1]) == (None, "Sorry")


@pytest.mark.parametrize("last", ["One", "Two"])
def test_a_failed_attempt_of_a_parallel_is_cut_off_and_the_next_one_is_compared(last: str) -> None:
    machine = json.loads(json.dumps(CUT))
    machine["States"]["P"]["Retry"] = RETRY
    mocks = {
        "Fails": [Throw("Broken", after=9), Return({}, after=1)],
        "One": [Return({}, after=1), Return({}, after=1)],
        "Three": [Return({}, after=50), Return({}, after=1)],
    }
    recording, _ = recorded(machine, {"price": 1}, functions=FUNCTIONS, mocks=mocks)
    kept, dropped, attempts = [], set(), 0
    later = ("Two", "Three") if last == "One" else ("Three",)
    for entry in recording.events:
        details: Any = next((value for key, value in entry.items() if key.endswith("EventDetails")), {})
        attempts += entry["type"] == "ParallelStateStarted"
        if attempts == 1 and (entry["previousEventId"] in dropped or details.get("name") in later):
            dropped.add(entry["id"])
        else:
            kept.append(entry)
    again = replay(replace(recording, events=kept), Machine(machine))
    assert (again.difference, again.run.status) == (None, "SUCCEEDED")
