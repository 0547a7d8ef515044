"""recorded_mocks.py: a recorded execution as mocks of a test, and as a test case of Step Functions Local."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.local.replay.support import (
    ARNS,
    DISTRIBUTED,
    END,
    FANNED,
    FUNCTIONS,
    RETRY,
    SEND,
    TRADER,
    history_event,
    recorded,
    scope,
    wide,
)
from workflow_dsl.definition.placeholders import substitute
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import Recording, Return, Run, Throw, mocks_of, read_mock_config, run
from workflow_dsl.local.replay.recorded_mocks import add_to_mock_config


def sold_out(event: Any, context: Any) -> Any:
    raise ValueError("sold out")


def again(recording: Recording) -> Run:
    return run(recording.definition, json.loads(recording.input or ""), mocks=mocks_of(recording))


def from_file(recording: Recording, folder: Path) -> Run:
    """A run with the recording's test case of a mock configuration file."""
    path = folder / "mocks.json"
    path.write_text(add_to_mock_config(recording, path)[0], "utf-8")
    mocks = read_mock_config(path, "e", "t")  # it has the states that were called
    return run(recording.definition, json.loads(recording.input or ""), mocks=mocks, functions=FUNCTIONS)


def ended(execution: Run) -> Any:
    return (execution.status, execution.output, execution.error, execution.cause, execution.trail)


WITH: list[dict[str, Any]] = [
    {},
    {"mocks": {"Ask": [Throw("Busy"), None, Throw("Busy", after=3)]}},
    {"mocks": {"Ask": Throw("Busy", "closed")}},
    {"functions": {"Buyer": sold_out}},
]


@pytest.mark.parametrize("options", WITH)
def test_retries_catches_branches_and_iterations_run_as_recorded(options: dict[str, Any], tmp_path: Path) -> None:
    recording, execution = wide(**options)
    assert ended(again(recording)) == ended(execution)
    assert again(recording).duration == execution.duration
    assert ended(from_file(recording, tmp_path)) == ended(execution)


def test_each_state_has_the_answers_of_its_calls_in_order() -> None:
    busy = {"Check": [Throw("Busy", "wait", after=2)]}
    recording, _ = recorded(substitute(TRADER, ARNS), {"price": 1}, functions=FUNCTIONS, mocks=busy)
    mocks = mocks_of(recording)
    assert {name: dict(mock.responses) for name, mock in mocks.items()} == {
        "Check": {0: Throw("Busy", "wait", after=2), 1: Return({"price": 1}, unchecked=True)},
        "Buy": {0: Return({"bought": 1}, unchecked=True)},
        "Sell": {},
    }
    other = run(recording.definition, {"price": 1}, mocks=mocks | {"Check": Return({"price": 99})})
    assert (other.failed_in, other.cause) == ("Sell", "Sell has no mocked response for call 0")


delays = st.floats(0, 5).map(lambda seconds: round(seconds, 3))
responses = st.lists(
    st.one_of(delays.map(lambda after: Throw("Busy", after=after)), delays.map(lambda after: Return({}, after=after))),
    max_size=6,
)


@given(responses=responses, items=st.integers(1, 4), width=st.integers(0, 3))
def test_calls_of_iterations_beside_each_other_get_their_own_answers(
    responses: list[Any], items: int, width: int
) -> None:
    retry = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 9}]
    call = {"Type": "Task", "Resource": SEND, "Parameters": {"QueueUrl": "q", "MessageBody.$": "$"}, "Retry": retry}
    each = {
        "Type": "Map", "MaxConcurrency": width,
        "ItemProcessor": scope(First={**call, "ResultPath": "$.f", "Next": "Second"}, Second={**call, **END}), **END,
    }  # fmt: skip
    machine, numbers = scope(Each=each), [{"n": number} for number in range(items)]
    sent = {"sqs:sendMessage": lambda parameters: {"MessageId": json.dumps(parameters["MessageBody"])}}
    recording, execution = recorded(machine, numbers, mocks={"First": responses}, services=sent)
    assert (ended(again(recording)), again(recording).duration) == (ended(execution), execution.duration)


def test_a_recorded_result_is_never_refused() -> None:
    send = scope(Send={"Type": "Task", "Resource": SEND, "Parameters": {"QueueUrl": "q", "MessageBody": "m"}, **END})
    recording, _ = recorded(send, services={"sqs:sendMessage": lambda parameters: Return({"new": 1}, unchecked=True)})
    assert again(recording).output == {"new": 1}


SLOW = {"Type": "Task", "Resource": "${Buyer}", "TimeoutSeconds": 4, **END}


def test_a_call_that_timed_out_does_so_again(tmp_path: Path) -> None:
    recording, execution = recorded(scope(Slow=SLOW), mocks={"Slow": Return(1, after=9)})
    assert mocks_of(recording)["Slow"].responses == {0: Throw("States.Timeout", after=4)}
    assert (again(recording).error, again(recording).duration) == (execution.error, 4)
    assert from_file(recording, tmp_path).error == "States.Timeout"


def test_a_call_that_another_branch_stopped_is_stopped_again(tmp_path: Path) -> None:
    failing = {"Type": "Task", "Resource": "${Seller}", **END}
    both = {"Type": "Parallel", "Branches": [scope(Fails=failing), scope(Slow=SLOW)], **END}
    mocks: Any = {"Fails": Throw("E", after=1), "Slow": Return(1, after=3)}
    recording, execution = recorded(scope(Both=both), mocks=mocks)
    assert (again(recording).error, again(recording).duration) == (execution.error, 1)
    assert add_to_mock_config(recording, tmp_path / "mocks.json")[1] == ["Slow"]


MAPS: list[tuple[dict[str, Any], Any]] = [
    ({}, [1, 2]),
    ({"ResultPath": "$.of.all"}, [1, 2]),
    ({"ResultPath": None}, None),
    ({"ResultSelector": {"first.$": "$[0]"}}, None),
    ({"ResultPath": "$.all", "OutputPath": "$.all"}, None),
]


@pytest.mark.parametrize(("fields", "result"), MAPS)
def test_a_distributed_map_has_its_result_if_that_is_in_its_output(fields: Any, result: Any, tmp_path: Path) -> None:
    processor = {**scope(I={"Type": "Pass", **END}), **DISTRIBUTED}
    fan = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor, **fields, **END}
    recording, execution = recorded(scope(Fan=fan), {"items": [1, 2]})
    incomplete = add_to_mock_config(recording, tmp_path / "mocks.json")[1]
    if result is None:
        assert (mocks_of(recording), incomplete) == ({}, ["Fan"])
    else:
        assert mocks_of(recording)["Fan"].responses == {0: Return(result, unchecked=True)}
        assert (again(recording).output, incomplete) == (execution.output, [])


def test_a_distributed_map_that_failed_fails_again() -> None:
    fan = {**FANNED["States"]["Fan"], "ItemProcessor": {**scope(I={"Type": "Fail", "Error": "E"}), **DISTRIBUTED}}
    recording, execution = recorded(scope(**{**FANNED["States"], "Fan": fan}), {"items": [1]})
    assert ended(again(recording))[:4] == ended(execution)[:4]


def test_a_history_without_results_is_refused() -> None:
    recording, _ = recorded(scope(Slow=SLOW), mocks={"Slow": Return(1)})
    for event in recording.events:
        event.get("lambdaFunctionSucceededEventDetails", {}).pop("output", None)
    with pytest.raises(FindingsError, match="does not have the result of each call"):
        mocks_of(recording)


def test_an_execution_that_cannot_be_replayed_is_refused() -> None:
    recording, _ = recorded(scope(Slow=SLOW), mocks={"Slow": Return(1)})
    redriven = history_event(9, "ExecutionRedriven", "executionRedriven", {})
    recording.events.append({**redriven, "timestamp": redriven["timestamp"].isoformat()})
    with pytest.raises(FindingsError, match="was redriven"):
        mocks_of(recording)


def test_the_file_is_a_mock_configuration_and_keeps_its_other_cases(tmp_path: Path) -> None:
    path = tmp_path / "mocks.json"
    other = {"StateMachines": {"t": {"TestCases": {"Old": {"Check": "R"}}}, "u": {}}, "MockedResponses": {"R": {}}}
    path.write_text(json.dumps(other), "utf-8")
    busy = {"Check": Throw("Busy", "wait")}
    recording, _ = recorded(scope(Check={"Type": "Task", "Resource": "${Checker}", "Retry": RETRY, **END}), mocks=busy)
    text, incomplete = add_to_mock_config(recording, path)
    error = {"Throw": {"Error": "Busy", "Cause": "wait"}}
    assert (json.loads(text), incomplete) == (
        {
            "StateMachines": {"t": {"TestCases": {"Old": {"Check": "R"}, "e": {"Check": "e: Check"}}}, "u": {}},
            "MockedResponses": {"R": {}, "e: Check": {"0": error, "1": error, "2": error}},
        },
        [],
    )


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"StateMachines": [], "MockedResponses": {}}', "[" * 100_000])
def test_another_file_is_not_overwritten(text: str, tmp_path: Path) -> None:
    path = tmp_path / "mocks.json"
    path.write_text(text, "utf-8")
    recording, _ = recorded(scope(Slow=SLOW), mocks={"Slow": Return(1)})
    with pytest.raises(FindingsError, match="exists and is not a mock configuration"):
        add_to_mock_config(recording, path)
