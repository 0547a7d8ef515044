"""replay.py: recorded executions, replayed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.local.replay.support import (
    ARNS,
    AT,
    DISTRIBUTED,
    END,
    FAN,
    FANNED,
    FUNCTIONS,
    RETRY,
    SLOW,
    TRADER,
    WIDE,
    recorded,
    scope,
    wide,
)
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.placeholders import substitute
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import Return, Throw
from workflow_dsl.local.replay.recording import read_recording
from workflow_dsl.local.replay.redrives import before_redrive, redrive_count
from workflow_dsl.local.replay.replay import replay
from workflow_dsl.records import replace


@pytest.mark.parametrize("price", [42, 51])
def test_an_unchanged_machine_has_no_difference(price: int) -> None:
    recording, execution = recorded(TRADER, {"price": price}, functions=FUNCTIONS)
    again = replay(recording, Machine(TRADER))
    assert (again.difference, again.visited) == (None, 3)
    assert (again.run.output, again.run.trail) == (execution.output, execution.trail)


def test_retries_catches_branches_and_iterations_are_replayed_without_a_difference() -> None:
    def buyer(event: Any, context: Any) -> Any:
        raise ValueError("sold out")

    for options in ({}, {"mocks": {"Ask": [Throw("Busy"), None, Throw("Busy")]}}, {"functions": {"Buyer": buyer}}):
        recording, execution = wide(**options)
        again = replay(recording, Machine(WIDE))
        assert (again.difference, again.run.status, again.run.trail) == (None, "SUCCEEDED", execution.trail)


def test_every_attempt_of_a_retried_call_has_its_recorded_result() -> None:
    recording, _ = recorded(TRADER, {"price": 1}, functions=FUNCTIONS, mocks={"Check": [Throw("Busy", "wait")]})
    again = replay(recording, Machine(TRADER))
    assert (again.difference, again.run.duration) == (None, 1)


def test_placeholders_have_their_recorded_values() -> None:
    deployed = substitute(TRADER, ARNS)
    recording, _ = recorded(deployed, {"price": 1}, functions=FUNCTIONS)
    again = replay(recording, Machine(TRADER))
    assert (again.difference, again.run.calls[0].state) == (None, "Check")


def test_the_context_object_is_that_of_the_recorded_execution() -> None:
    machine = scope(
        A={"Type": "Pass", "Parameters": {"id.$": "$$.Execution.Id", "at.$": "$$.Execution.StartTime"}, **END}
    )
    recording, _ = recorded(machine)
    assert replay(recording, Machine(machine)).run.output == {"id": recording.arn, "at": "2026-11-24T12:00:00.000Z"}


def test_a_distributed_map_has_its_recorded_output() -> None:
    processor = {
        **scope(I={"Type": "Pass", **END}),
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    }
    machine = scope(A={"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor, **END})
    recording, _ = recorded(machine, {"items": [1, 2]})
    again = replay(recording, Machine(machine))
    assert (again.difference, again.run.output) == (None, [1, 2])


def test_a_running_execution_or_one_without_input_is_refused() -> None:
    recording, _ = recorded(scope(A={"Type": "Succeed"}))
    for values, message in (
        ({"status": "RUNNING"}, "has not ended yet"),
        ({"input": None}, "has no input in its history"),
    ):
        with pytest.raises(FindingsError, match=message):
            replay(replace(recording, **values), Machine(scope(A={"Type": "Succeed"})))


answers = st.lists(st.sampled_from([Throw("Busy"), Return({"price": 1}), Return({"price": 99}), None]), max_size=3)


@given(check=answers, price=st.integers(0, 100))
def test_an_unchanged_machine_has_no_difference_for_any_results(check: Any, price: int) -> None:
    mocks: Mapping[str, Any] = {"Check": check}
    recording, execution = recorded(TRADER, {"price": price}, functions=FUNCTIONS, mocks=mocks)
    again = replay(recording, Machine(TRADER))
    assert (again.difference, again.run.trail) == (None, execution.trail)


def test_a_distributed_map_has_its_recorded_output_and_variables() -> None:
    recording, execution = recorded(FANNED, {"items": [1, 2]})
    again = replay(recording, Machine(FANNED))
    assert (again.difference, again.run.output) == (None, execution.output)
    assert execution.output == {"all": {"first": 1}, "out": {"first": 1}}


def test_a_changed_field_of_a_distributed_map_is_reported_but_not_replayed() -> None:
    recording, _ = recorded(FANNED, {"items": [1, 2]})
    machine = Machine({**FANNED, "States": {**FANNED["States"], "Fan": {**FAN, "ResultPath": "$.other"}}})
    assert replay(recording, machine).difference == (
        '"Fan" has a different ResultPath than in the recording, so its items are not replayed'
    )


def test_a_distributed_map_that_failed_fails_again() -> None:
    fan = {
        **FAN,
        "ItemProcessor": {**scope(I={"Type": "Fail", "Error": "Bad"}), **DISTRIBUTED},
        "Retry": RETRY,
        "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Sorry"}],
    }
    machine = scope(Fan=fan, Use={"Type": "Succeed"}, Sorry={"Type": "Pass", **END})
    recording, execution = recorded(machine, {"items": [1]})
    again = replay(recording, Machine(machine))
    assert (again.difference, again.run.trail) == (None, ["Fan", "Sorry"])
    assert execution.trail[-1] == "Sorry"


def test_the_execution_of_an_item_is_replayed_with_the_states_of_the_item() -> None:
    item = scope(Ask={"Type": "Task", "Resource": "${Seller}", "Next": "Done"}, Done={"Type": "Pass", **END})
    recording, _ = recorded(item, {"price": 3}, functions=FUNCTIONS)
    whole = scope(Fan={**FAN, "ItemProcessor": {**item, **DISTRIBUTED}, "Next": "Use"}, Use={"Type": "Succeed"})
    changed = replace(recording, definition=whole)
    again = replay(changed, Machine(whole))
    assert (again.difference, again.run.trail) == (None, ["Ask", "Done"])
    edited = json.loads(json.dumps(whole))
    edited["States"]["Fan"]["ItemProcessor"]["States"]["Done"]["Result"] = 5
    assert replay(changed, Machine(edited)).difference == '"Done" outputs $ 5 now, {"sold": 3} in the recording'
    with pytest.raises(FindingsError, match='ran an item of "Fan", which is not a distributed Map'):
        replay(changed, Machine(item))


def test_a_call_has_its_recorded_duration_so_a_shorter_timeout_fails() -> None:
    recording, _ = recorded(SLOW, {"price": 1}, functions=FUNCTIONS, mocks={"Slow": [Return({}, after=40)]})
    assert replay(recording, Machine(SLOW)).run.duration == 40
    hurried = scope(Slow={**SLOW["States"]["Slow"], "TimeoutSeconds": 30})
    assert replay(recording, Machine(hurried)).difference == (
        'ends FAILED (States.Timeout) in "Slow" now, SUCCEEDED in the recording'
    )


def test_a_redriven_execution_is_refused() -> None:
    recording, _ = recorded(scope(A={"Type": "Succeed"}))
    redriven = {"id": 9, "type": "ExecutionRedriven", "timestamp": AT.isoformat(), "previousEventId": 8}
    with pytest.raises(
        FindingsError, match="was redriven, and its history does not have its end before that; record another one"
    ):
        replay(replace(recording, events=[*recording.events, redriven]), Machine(scope(A={"Type": "Succeed"})))


POLL = {"Type": "Task", "Resource": "${Checker}", "Parameters": {"job": "x"}, "Retry": RETRY, **END}
INSIDE: list[dict[str, Any]] = [
    scope(Poll=POLL),
    scope(Par={"Type": "Parallel", "Branches": [scope(Poll=POLL)], **END}),
    scope(One={"Type": "Pass", "Result": [0], "Next": "In"}, In={"Type": "Map", "ItemProcessor": scope(Poll=POLL), **END}),
]  # fmt: skip


@pytest.mark.parametrize("inside", INSIDE)
def test_calls_with_the_same_input_have_the_results_of_their_own_iteration(inside: dict[str, Any]) -> None:
    machine = scope(Each={"Type": "Map", "ItemProcessor": inside, "MaxConcurrency": 2, **END})
    answers = [Throw("Busy"), Return({"n": 1}), Return({"n": 0})]
    recording, _ = recorded(machine, [0, 1], functions=FUNCTIONS, mocks={"Poll": answers})
    assert replay(recording, Machine(machine)).difference is None


def test_1_and_1_0_select_the_same_recorded_call() -> None:
    def numbers(*items: float) -> dict[str, Any]:
        late = {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 1, "Next": "Late"}], "Default": "Ask"}
        ask = {"Type": "Task", "Resource": "${Checker}", **END}
        processor = scope(First=late, Late={"Type": "Wait", "Seconds": 5, "Next": "Ask"}, Ask=ask)
        return scope(
            Items={"Type": "Pass", "Result": list(items), "Next": "Each"},
            Each={"Type": "Map", "ItemProcessor": processor, **END},
        )

    recording, execution = recorded(numbers(1, 2), functions=FUNCTIONS, mocks={"Ask": [Return("two"), Return("one")]})
    again = replay(recording, Machine(numbers(1.0, 2.0)))
    assert (execution.output, again.difference) == (["one", "two"], None)


def test_a_large_map_is_replayed_quickly() -> None:
    machine = scope(
        Each={
            "Type": "Map",
            "ItemProcessor": scope(Call={"Type": "Task", "Resource": "${Checker}", **END}),
            **END,
        }
    )
    items = [{"price": number, "at": ["2026-11-24T12:00:00Z"] * 25} for number in range(400)]
    recording, _ = recorded(machine, items, functions=FUNCTIONS)
    edited = json.loads(json.dumps(machine))
    edited["States"]["Each"]["ItemProcessor"]["States"]["Call"]["Parameters"] = {"price.$": "$.price", "new": 1}
    assert replay(recording, Machine(edited)).difference == (
        '"Each" [0] "Call" calls with $.at missing now, ["2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z", "2026-11... in the recording'
    )


def test_a_longer_timeout_waits_longer_and_causes_of_the_service_are_not_compared() -> None:
    waits = scope(Slow={"Type": "Task", "Resource": "${Buyer}", "TimeoutSeconds": 5, **END})
    recording, _ = recorded(waits, {}, functions=FUNCTIONS, mocks={"Slow": [Return({}, after=40)]})
    longer = json.loads(json.dumps(waits).replace('"TimeoutSeconds": 5', '"TimeoutSeconds": 20'))
    again = replay(recording, Machine(longer))
    assert (recording.error, again.difference, again.run.duration) == ("States.Timeout", None, 20)
    fails = scope(
        A={"Type": "Pass", "Parameters": {"a.$": "States.StringToJson($.t)"}, **END},
    )
    broken, _ = recorded(fails, {"t": "{"})
    assert replay(broken, Machine(fails)).difference is None


WRONG: list[Any] = [None, 5, -1, "x", "", [], {}, [[]], True]


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The keys to everything in a document."""
    if not isinstance(value, (dict, list)):
        return [at]
    named = value.items() if isinstance(value, dict) else enumerate(value)
    return [at, *(keys for key, member in named for keys in places(member, (*at, key)))]


def with_another(document: Any, at: tuple[Any, ...], value: Any) -> Any:
    changed = json.loads(json.dumps(document))
    inner = changed
    for key in at[:-1]:
        inner = inner[key]
    inner[at[-1]] = value
    return changed


WITH_ALL: dict[str, Any] = scope(
    Each={
        "Type": "Map",
        "ItemsPath": "$.items",
        "ItemProcessor": scope(Say={"Type": "Pass", **END}),
        "Assign": {"each.$": "$"},
        "ResultPath": "$.each",
        "Next": "Fan",
    },
    **FANNED["States"],
)


@pytest.mark.parametrize(("machine", "input"), [(TRADER, {"price": 42}), (WITH_ALL, {"items": [1]})])
def test_a_recording_with_any_value_changed_is_refused_or_replayed(
    machine: dict[str, Any], input: dict[str, Any], tmp_path: Path
) -> None:
    recording, _ = recorded(machine, input, functions=FUNCTIONS)
    document = json.loads(recording.to_text())
    file, replayed, refused = tmp_path / "e.json", 0, 0
    for at in places(document)[1:]:
        for value in WRONG:
            file.write_text(json.dumps(with_another(document, at, value)))
            try:
                replay(read_recording(file), Machine(machine))
                replayed += 1
            except FindingsError:
                refused += 1
    assert replayed > 100 < refused


def test_a_recording_whose_events_do_not_match_its_definition_is_replayed() -> None:
    recording, _ = recorded(FANNED, {"items": [1, 2]})
    renamed = scope(Else=FANNED["States"]["Fan"], Use=FANNED["States"]["Use"])
    again = replay(replace(recording, definition=renamed), Machine(FANNED))
    assert again.difference is not None


def test_a_redriven_execution_is_replayed_up_to_its_first_redrive() -> None:
    failed, _ = recorded(scope(Stop={"Type": "Fail", "Error": "Bad"}))
    last = failed.events[-1]["id"]
    ends = ("ExecutionRedriven", "ExecutionFailed", "ExecutionRedriven", "ExecutionSucceeded")
    later = [
        {"id": last + 1 + index, "type": type_, "timestamp": AT.isoformat(), "previousEventId": last + index}
        for index, type_ in enumerate(ends)
    ]
    redriven = replace(failed, status="SUCCEEDED", output="1", error=None, events=[*failed.events, *later])
    assert (before_redrive(redriven), redrive_count(redriven)) == (replace(failed, cause=None), 2)
    assert replay(redriven, Machine(failed.definition)).difference is None
    assert (before_redrive(failed), redrive_count(failed)) == (failed, 0)


def test_a_call_whose_result_was_too_large_is_caught_again() -> None:
    caught = {"Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Caught"}], "Next": "Caught"}
    task = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:111111111111:function:f", **caught}
    definition = scope(Ask=task, Caught={"Type": "Pass", **END})
    recording, execution = recorded(definition, functions={"f": lambda event, context: "x" * 300_000})
    assert [event["type"] for event in execution.history].count("LambdaFunctionFailed") == 1
    assert replay(recording, Machine(definition)).difference is None
