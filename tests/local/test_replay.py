"""replay.py and visits.py: what was recorded, done again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_dsl.asl import Machine, substituted
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import Return, Run, Throw, run
from workflow_dsl.local.replay import replay
from workflow_dsl.local.visits import NOT_TOLD, visits_of
from workflow_dsl.recording import Recording, plain_events

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
END = {"End": True}
RETRY = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2}]


def scope(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def recorded(definition: Any, input: Any = None, **options: Any) -> tuple[Recording, Run]:
    """A run on this computer, as if it had been one in the account."""
    execution = run(definition, input, name="e", start_time=AT, **options)
    recording = Recording(
        arn="arn:aws:states:us-east-1:111111111111:execution:local:e",
        name="e",
        status=execution.status,
        started=AT,
        stopped=AT + timedelta(seconds=execution.duration),
        input=json.dumps(input or {}),
        output=json.dumps(execution.output) if execution.status == "SUCCEEDED" else None,
        error=execution.error,
        cause=execution.cause,
        machine="arn:aws:states:us-east-1:111111111111:stateMachine:local",
        workflow="t",
        definition=execution.machine.document(),
        events=plain_events(execution.history),
    )
    return recording, execution


TRADER = scope(
    Check={"Type": "Task", "Resource": "${Checker}", "Retry": RETRY, "Next": "Buy?"},
    **{"Buy?": {"Type": "Choice", "Choices": [{"Variable": "$.price", "NumericLessThan": 50, "Next": "Buy"}], "Default": "Sell"}},
    Buy={"Type": "Task", "Resource": "${Buyer}", **END},
    Sell={"Type": "Task", "Resource": "${Seller}", **END},
)  # fmt: skip
FUNCTIONS = {
    "Checker": lambda event, context: {"price": event["price"]},
    "Buyer": lambda event, context: {"bought": event["price"]},
    "Seller": lambda event, context: {"sold": event["price"]},
}
ARNS = {name: f"arn:aws:lambda:us-east-1:111111111111:function:{name}" for name in FUNCTIONS}
SEND = "arn:aws:states:::sqs:sendMessage"
EACH = {
    "Type": "Map",
    "ItemsPath": "$.items",
    "MaxConcurrency": 2,
    "ItemProcessor": scope(
        Ask={"Type": "Task", "Resource": SEND, "Parameters": {"QueueUrl": "q", "MessageBody.$": "$"}, "Retry": RETRY, "Next": "Shape"},
        Shape={"Type": "Pass", "Parameters": {"answer.$": "$.said"}, **END},
    ),
    "Next": "Both",
}  # fmt: skip
BOTH = {
    "Type": "Parallel",
    "Branches": [
        scope(Left={"Type": "Wait", "Seconds": 5, "Next": "Left Task"}, **{"Left Task": {"Type": "Task", "Resource": "${Buyer}", "Parameters": {"price": 1}, **END}}),
        scope(Right={"Type": "Pass", **END}),
    ],
    "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Sorry"}],
    "Next": "Done",
}  # fmt: skip
WIDE = scope(Each=EACH, Both=BOTH, Done={"Type": "Succeed"}, Sorry={"Type": "Pass", **END})
SAID = {"sqs:sendMessage": lambda parameters: {"said": f"got {parameters['MessageBody']}"}}


def wide(**options: Any) -> tuple[Recording, Run]:
    functions = {**FUNCTIONS, **options.pop("functions", {})}
    return recorded(WIDE, {"items": ["a", "b", "c"]}, functions=functions, services=SAID, **options)


@pytest.mark.parametrize("price", [42, 51])
def test_the_same_machine_does_the_same(price: int) -> None:
    recording, execution = recorded(TRADER, {"price": price}, functions=FUNCTIONS)
    again = replay(recording, Machine(TRADER))
    assert (again.difference, again.visited) == (None, 3)
    assert (again.run.output, again.run.trail) == (execution.output, execution.trail)


def test_retries_catches_branches_and_iterations_do_the_same_in_whatever_order_they_came() -> None:
    def buyer(event: Any, context: Any) -> Any:
        raise ValueError("sold out")

    for options in ({}, {"mocks": {"Ask": [Throw("Busy"), None, Throw("Busy")]}}, {"functions": {"Buyer": buyer}}):
        recording, execution = wide(**options)
        again = replay(recording, Machine(WIDE))
        assert (again.difference, again.run.status, again.run.trail) == (None, "SUCCEEDED", execution.trail)


def test_a_retried_call_is_answered_with_each_of_its_results() -> None:
    recording, _ = recorded(TRADER, {"price": 1}, functions=FUNCTIONS, mocks={"Check": [Throw("Busy", "wait")]})
    again = replay(recording, Machine(TRADER))
    assert (again.difference, again.run.duration) == (None, 1)


def test_placeholders_are_what_they_were_in_the_account() -> None:
    there = json.loads(substituted(json.dumps(TRADER), ARNS))
    recording, _ = recorded(there, {"price": 1}, functions=FUNCTIONS)
    again = replay(recording, Machine(TRADER))
    assert (again.difference, again.run.calls[0].state) == (None, "Check")


def edited(**changes: Any) -> Machine:
    """The trader with some states changed: `Buy={...}` over the state's own fields."""
    states = {name: {**state, **changes.get(name, {})} for name, state in TRADER["States"].items()}
    return Machine({**TRADER, "States": states})


CHEAP = [{"Variable": "$.price", "NumericLessThan": 10, "Next": "Buy"}]
OTHER_WAYS: list[tuple[Machine, str]] = [
    (edited(**{"Buy?": {"Choices": CHEAP}}), '"Sell" here, "Buy" then'),
    (edited(Buy={"Parameters": {"price": 1}}), '"Buy" calls with $.price 1 here, 42 then'),
    (edited(Buy={"ResultPath": "$.trade"}), '"Buy" puts out $.bought absent here, 42 then'),
    (edited(Check={"ResultSelector": {"price.$": "$.price", "new": True}}), '"Check" puts out $.new true here, absent then'),
    (edited(Buy={"Type": "Fail", "Resource": None}), '"Buy" makes 0 calls here, 1 call then'),
    (
        Machine({**TRADER, "States": {**TRADER["States"], "Buy": {"Type": "Task", "Resource": "${Buyer}", "Next": "More"}, "More": {"Type": "Pass", **END}}}),
        '"More" here, the end then',
    ),
    (
        Machine({**TRADER, "States": {**TRADER["States"], "Buy": {"Type": "Task", "Resource": "${Buyer}", "Next": "More"}, "More": {"Type": "Task", "Resource": "${New}", **END}}}),
        '"More" here, the end then',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("machine", "difference"), OTHER_WAYS)
def test_the_first_difference_of_an_edited_machine_is_named(machine: Machine, difference: str) -> None:
    document = machine.document()
    document["States"]["Buy"] = {name: value for name, value in document["States"]["Buy"].items() if value is not None}
    if document["States"]["Buy"]["Type"] == "Fail":
        document["States"]["Buy"] = {"Type": "Fail", "Error": "no"}
    recording, _ = recorded(TRADER, {"price": 42}, functions=FUNCTIONS)
    assert replay(recording, Machine(document)).difference == difference


def test_a_difference_inside_a_map_says_in_which_iteration() -> None:
    recording, _ = wide()
    definition = json.loads(json.dumps(WIDE))
    definition["States"]["Each"]["ItemProcessor"]["States"]["Shape"]["Parameters"] = {"reply.$": "$.said"}
    assert replay(recording, Machine(definition)).difference == (
        '"Each" [0] "Shape" puts out $.answer absent here, "got a" then'
    )


def test_another_end_is_a_difference() -> None:
    fail = scope(A={"Type": "Fail", "Error": "E"})
    recording, _ = recorded(fail)
    assert (
        replay(recording, Machine(scope(A={"Type": "Fail", "Error": "F"}))).difference
        == "ends with the error F here, E then"
    )
    assert replay(recording, Machine(scope(A={"Type": "Succeed"}))).difference == "ends SUCCEEDED here, FAILED (E) then"
    done, _ = recorded(scope(A={"Type": "Succeed"}), {"a": [1, 2]})
    told = replace(done, output='{"a": [1, 3]}', events=done.events[:1])
    assert replay(told, Machine(scope(A={"Type": "Succeed"}))).difference == '"A" here, the end then'


def test_the_context_is_that_of_the_recorded_execution() -> None:
    machine = scope(
        A={"Type": "Pass", "Parameters": {"id.$": "$$.Execution.Id", "at.$": "$$.Execution.StartTime"}, **END}
    )
    recording, _ = recorded(machine)
    assert replay(recording, Machine(machine)).run.output == {"id": recording.arn, "at": "2026-11-24T12:00:00.000Z"}


def test_a_distributed_map_is_answered_with_what_it_put_out() -> None:
    processor = {
        **scope(I={"Type": "Pass", **END}),
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    }
    machine = scope(A={"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": processor, **END})
    recording, _ = recorded(machine, {"items": [1, 2]})
    again = replay(recording, Machine(machine))
    assert (again.difference, again.run.output) == (None, [1, 2])


def test_an_execution_that_goes_on_or_says_no_input_is_not_replayed() -> None:
    recording, _ = recorded(scope(A={"Type": "Succeed"}))
    for told, said in (({"status": "RUNNING"}, "has not ended yet"), ({"input": None}, "has no input in its history")):
        with pytest.raises(FindingsError, match=said):
            replay(replace(recording, **told), Machine(scope(A={"Type": "Succeed"})))


def test_an_event_that_does_not_say_what_it_follows_follows_the_one_before() -> None:
    recording, _ = recorded(TRADER, {"price": 42}, functions=FUNCTIONS)
    events = [{name: value for name, value in event.items() if name != "previousEventId"} for event in recording.events]
    assert replay(replace(recording, events=events), Machine(TRADER)).difference is None


def test_a_token_is_another_one_each_time_and_no_difference() -> None:
    ask = {
        "Type": "Task",
        "Resource": f"{SEND}.waitForTaskToken",
        "Parameters": {"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}},
        **END,
    }
    recording, _ = recorded(scope(Ask=ask), mocks={"Ask": [Return({"approved": True})]}, services=SAID)
    for event in recording.events:
        for details in event.values():
            if isinstance(details, dict) and "parameters" in details:
                details["parameters"] = '{"QueueUrl": "q", "MessageBody": {"token": "theirs"}}'
    again = replay(recording, Machine(scope(Ask=ask)))
    assert (again.difference, again.run.output) == (None, {"approved": True})


def test_what_a_history_cuts_off_is_not_compared() -> None:
    recording, _ = recorded(TRADER, {"price": 42}, functions=FUNCTIONS)
    for event in recording.events:
        for details in event.values():
            if isinstance(details, dict) and "outputDetails" in details:
                details["outputDetails"] = {"truncated": True}
    [check, *_] = visits_of(recording.events, Machine(TRADER))
    assert (check.output, check.calls[0].result) == (NOT_TOLD, NOT_TOLD)


def test_a_text_that_is_no_json_is_a_text() -> None:
    events = [{"id": 1, "type": "PassStateEntered", "stateEnteredEventDetails": {"name": "A", "input": "plain"}}]
    [visit] = visits_of(events, Machine(scope(A={"Type": "Pass", **END})))
    assert (visit.given, visit.has_left) == ("plain", False)


answers = st.lists(st.sampled_from([Throw("Busy"), Return({"price": 1}), Return({"price": 99}), None]), max_size=3)


@given(check=answers, price=st.integers(0, 100))
def test_whatever_was_recorded_the_same_machine_does_the_same(check: Any, price: int) -> None:
    mocks: Mapping[str, Any] = {"Check": check}
    recording, execution = recorded(TRADER, {"price": price}, functions=FUNCTIONS, mocks=mocks)
    again = replay(recording, Machine(TRADER))
    assert (again.difference, again.run.trail) == (None, execution.trail)
