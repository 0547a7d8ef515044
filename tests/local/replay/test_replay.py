"""replay.py and visits.py: what was recorded, done again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflow_dsl.definition.machine import Machine, substituted
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import Return, Run, Throw, run
from workflow_dsl.local.replay.recording import Recording, plain_events, read_recording
from workflow_dsl.local.replay.replay import replay
from workflow_dsl.local.replay.timeline import UNKNOWN, visits_of

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
    (edited(Buy={"Type": "Fail", "Resource": None}), '"Buy" is a Fail here, a Task then'),
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


def test_true_is_not_one_and_one_is_one_point_nought() -> None:
    recording, _ = recorded(scope(A={"Type": "Pass", "Result": {"count": 1}, **END}))
    other = [
        replay(recording, Machine(scope(A={"Type": "Pass", "Result": {"count": now}, **END}))) for now in (True, 1.0)
    ]
    assert [each.difference for each in other] == ['"A" puts out $.count true here, 1 then', None]


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
    assert replay(recording, Machine(scope(A={"Type": "Succeed"}))).difference == '"A" is a Succeed here, a Fail then'
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
    assert (check.output, check.calls[0].result) == (UNKNOWN, UNKNOWN)


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


DISTRIBUTED: dict[str, Any] = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
FAN: dict[str, Any] = {
    "Type": "Map",
    "ItemsPath": "$.items",
    "ItemProcessor": {**scope(I={"Type": "Pass", **END}), **DISTRIBUTED},
    "ResultSelector": {"first.$": "$[0]"},
    "ResultPath": "$.out",
    "Assign": {"all.$": "$"},
    "Next": "Use",
}
FANNED: dict[str, Any] = scope(Fan=FAN, Use={"Type": "Pass", "Parameters": {"all.$": "$all", "out.$": "$.out"}, **END})


def test_a_distributed_map_puts_out_and_assigns_what_it_did_then() -> None:
    recording, execution = recorded(FANNED, {"items": [1, 2]})
    again = replay(recording, Machine(FANNED))
    assert (again.difference, again.run.output) == (None, execution.output)
    assert execution.output == {"all": {"first": 1}, "out": {"first": 1}}


def test_what_cannot_be_made_again_of_a_distributed_map_is_said_where_it_is_another() -> None:
    recording, _ = recorded(FANNED, {"items": [1, 2]})
    machine = Machine({**FANNED, "States": {**FANNED["States"], "Fan": {**FAN, "ResultPath": "$.other"}}})
    assert replay(recording, machine).difference == (
        '"Fan" has another ResultPath here, and its items are not run again'
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


def test_the_execution_of_an_item_is_replayed_with_the_items_states() -> None:
    item = scope(Ask={"Type": "Task", "Resource": "${Seller}", "Next": "Done"}, Done={"Type": "Pass", **END})
    recording, _ = recorded(item, {"price": 3}, functions=FUNCTIONS)
    whole = scope(Fan={**FAN, "ItemProcessor": {**item, **DISTRIBUTED}, "Next": "Use"}, Use={"Type": "Succeed"})
    told = replace(recording, definition=whole)
    again = replay(told, Machine(whole))
    assert (again.difference, again.run.trail) == (None, ["Ask", "Done"])
    edited = json.loads(json.dumps(whole))
    edited["States"]["Fan"]["ItemProcessor"]["States"]["Done"]["Result"] = 5
    assert replay(told, Machine(edited)).difference == '"Done" puts out $ 5 here, {"sold": 3} then'
    with pytest.raises(FindingsError, match='is that of an item of "Fan", which is no distributed Map here'):
        replay(told, Machine(item))


SLOW: dict[str, Any] = scope(Slow={"Type": "Task", "Resource": "${Buyer}", **END})


def test_a_call_takes_as_long_as_it_did_so_that_a_shorter_timeout_shows() -> None:
    recording, _ = recorded(SLOW, {"price": 1}, functions=FUNCTIONS, mocks={"Slow": [Return({}, after=40)]})
    assert replay(recording, Machine(SLOW)).run.duration == 40
    hurried = scope(Slow={**SLOW["States"]["Slow"], "TimeoutSeconds": 30})
    assert replay(recording, Machine(hurried)).difference == (
        'ends FAILED (States.Timeout) in "Slow" here, SUCCEEDED then'
    )


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


def test_branches_that_another_ones_failure_cut_off_do_the_same() -> None:
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


def test_an_execution_that_someone_stopped_did_the_same_until_then() -> None:
    machine = scope(Rest={"Type": "Wait", "Seconds": 60, "Next": "Slow"}, Slow={**SLOW["States"]["Slow"]})
    recording, _ = recorded(machine, {"price": 1}, functions=FUNCTIONS)
    for last in ("WaitStateEntered", "LambdaFunctionStarted"):
        at = next(index for index, event in enumerate(recording.events) if event["type"] == last)
        stopped = replace(recording, status="ABORTED", output=None, events=recording.events[: at + 1])
        assert replay(stopped, Machine(machine)).difference is None
        ends = {name: each for name, each in machine["States"]["Rest"].items() if name != "Next"}
        assert replay(stopped, Machine(scope(Rest={**ends, **END}))).difference == (
            None if last == "WaitStateEntered" else 'the end here, "Slow" then'
        )


MAKES = scope(
    Make={"Type": "Pass", "Parameters": {"id.$": "States.UUID()", "at.$": "$$.State.EnteredTime", "of.$": "$.of"}, "Next": "Send"},
    Send={"Type": "Task", "Resource": SEND, "Parameters": {"QueueUrl": "q", "MessageBody.$": "States.Format('{} at {}', $.id, $.at)"}, **END},
)  # fmt: skip


def test_uuids_and_times_that_the_execution_made_are_no_difference_and_those_that_came_in_are() -> None:
    one, other = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
    answers = {"sqs:sendMessage": lambda parameters: {"MessageId": one}}
    recording, _ = recorded(MAKES, {"of": one, "not": other}, services=answers, seed=7)
    assert replay(recording, Machine(MAKES)).difference is None
    document = json.loads(json.dumps(MAKES))
    document["States"]["Make"]["Parameters"]["of.$"] = "$.not"
    assert replay(recording, Machine(document)).difference == f'"Make" puts out $.of "{other}" here, "{one}" then'
    document["States"]["Make"]["Parameters"]["of.$"] = "$$.State.EnteredTime"
    assert '"Make" puts out $.of "2026-11-24T12:00:00.000Z" here' in str(
        replay(recording, Machine(document)).difference
    )


def test_an_execution_that_was_redriven_is_not_replayed() -> None:
    recording, _ = recorded(scope(A={"Type": "Succeed"}))
    redriven = {"id": 9, "type": "ExecutionRedriven", "timestamp": AT.isoformat(), "previousEventId": 8}
    with pytest.raises(FindingsError, match="was redriven, from where it had failed; record one that was not"):
        replay(replace(recording, events=[*recording.events, redriven]), Machine(scope(A={"Type": "Succeed"})))


def event(number: int, type_: str, key: str, details: dict[str, Any], at: float = 0) -> dict[str, Any]:
    """An event as GetExecutionHistory gives it, each after the one before."""
    moment = AT + timedelta(seconds=at)
    return {
        "id": number,
        "type": type_,
        "previousEventId": number - 1,
        "timestamp": moment,
        f"{key}EventDetails": details,
    }


@pytest.mark.parametrize(
    ("type_", "key", "details", "error"),
    [
        ("TaskFailed", "taskFailed", {"error": "Sqs.Busy", "cause": "c"}, "Sqs.Busy"),
        ("TaskSubmitFailed", "taskSubmitFailed", {"error": "States.Denied", "cause": "c"}, "States.Denied"),
        ("TaskStartFailed", "taskStartFailed", {"error": "E", "cause": "c"}, "E"),
        ("TaskTimedOut", "taskTimedOut", {"cause": "c"}, "States.Timeout"),
        ("TaskTimedOut", "taskTimedOut", {"error": "States.HeartbeatTimeout", "cause": "c"}, "States.HeartbeatTimeout"),
    ],
)
def test_every_way_in_which_a_call_fails_is_read(type_: str, key: str, details: dict[str, Any], error: str) -> None:
    entered = {"name": "A", "input": "{}", "inputDetails": {"truncated": False}}
    resource = {"resourceType": "sqs", "resource": "sendMessage"}
    events = [
        event(1, "ExecutionStarted", "executionStarted", {"input": "{}"}),
        {**event(2, "TaskStateEntered", "stateEntered", entered), "previousEventId": 0},
        event(3, "TaskScheduled", "taskScheduled", {**resource, "parameters": '{"a": 1}'}),
        event(4, "TaskStarted", "taskStarted", resource),
        event(5, type_, key, details, at=2.5),
    ]
    [visit] = visits_of(events, Machine(scope(A={"Type": "Task", "Resource": SEND, **END})))
    [call] = visit.calls
    assert (call.given, call.error, call.cause, call.took, call.has_ended) == ({"a": 1}, error, "c", 2.5, True)


def test_of_a_call_that_waits_for_its_token_only_the_token_is_another_one() -> None:
    ask = {
        "Type": "Task",
        "Resource": f"{SEND}.waitForTaskToken",
        "Parameters": {"QueueUrl": "q", "MessageBody": {"token.$": "States.Format('t={}', $$.Task.Token)", "order.$": "$.id", "l": [1]}},
        **END,
    }  # fmt: skip
    recording, _ = recorded(scope(Ask=ask), {"id": 7}, mocks={"Ask": [Return({"approved": True})]}, services=SAID)
    for each in recording.events:
        for details in each.values():
            if isinstance(details, dict) and "parameters" in details:
                details["parameters"] = (
                    '{"QueueUrl": "q", "MessageBody": {"token": "t=AAAA/+9=", "order": 7, "l": [1]}}'
                )
    assert replay(recording, Machine(scope(Ask=ask))).difference is None
    renamed = json.loads(json.dumps(ask).replace('"order.$"', '"oid.$"'))
    assert replay(recording, Machine(scope(Ask=renamed))).difference == (
        '"Ask" calls with $.MessageBody.order absent here, 7 then'
    )


def test_another_call_is_a_difference() -> None:
    there = json.loads(substituted(json.dumps(TRADER), ARNS))
    recording, _ = recorded(there, {"price": 1}, functions=FUNCTIONS)
    other = json.loads(json.dumps(there).replace(ARNS["Buyer"], ARNS["Seller"]))
    assert replay(recording, Machine(other)).difference == (f'"Buy" calls {ARNS["Seller"]} here, {ARNS["Buyer"]} then')
    sent, _ = recorded(
        scope(Send={"Type": "Task", "Resource": SEND, "Parameters": {"QueueUrl": "q", "MessageBody": "m"}, **END}),
        services=SAID,
    )
    waits = scope(
        Send={
            "Type": "Task",
            "Resource": f"{SEND}.waitForTaskToken",
            "Parameters": {"QueueUrl": "q", "MessageBody": "m"},
            **END,
        }
    )
    assert replay(sent, Machine(waits)).difference == (
        '"Send" calls sqs:sendMessage.waitForTaskToken here, sqs:sendMessage then'
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
def test_a_branch_is_cut_off_by_another_ones_failure_wherever_it_is(last: str, event_type: str) -> None:
    mocks = {"Fails": [Throw("Broken", after=9)], "One": [Return({}, after=1)], "Three": [Return({}, after=50)]}
    recording, _ = recorded(CUT, {"price": 1}, functions=FUNCTIONS, mocks=mocks)
    kept, dropped, is_past = [], set(), False
    for each in recording.events:
        details: Any = next((value for key, value in each.items() if key.endswith("EventDetails")), {})
        is_later = is_past and (each["previousEventId"] in dropped or details.get("name") in ("Two", "Three"))
        if is_later or (each["previousEventId"] in dropped and "Failed" not in each["type"]):
            dropped.add(each["id"])
            continue
        kept.append(each)
        if details.get("name") == last and each["type"].endswith(event_type):
            is_past = True
            dropped.add(each["id"])
    again = replay(replace(recording, events=kept), Machine(CUT))
    assert (again.difference, again.run.trail[-1]) == (None, "Sorry")


POLL = {"Type": "Task", "Resource": "${Checker}", "Parameters": {"job": "x"}, "Retry": RETRY, **END}
INSIDE: list[dict[str, Any]] = [
    scope(Poll=POLL),
    scope(Par={"Type": "Parallel", "Branches": [scope(Poll=POLL)], **END}),
    scope(One={"Type": "Pass", "Result": [0], "Next": "In"}, In={"Type": "Map", "ItemProcessor": scope(Poll=POLL), **END}),
]  # fmt: skip


@pytest.mark.parametrize("inside", INSIDE)
def test_calls_with_the_same_input_are_answered_in_their_own_iteration(inside: dict[str, Any]) -> None:
    machine = scope(Each={"Type": "Map", "ItemProcessor": inside, "MaxConcurrency": 2, **END})
    answers = [Throw("Busy"), Return({"n": 1}), Return({"n": 0})]
    recording, _ = recorded(machine, [0, 1], functions=FUNCTIONS, mocks={"Poll": answers})
    assert replay(recording, Machine(machine)).difference is None


def test_a_call_with_another_number_of_the_same_size_has_its_own_answer() -> None:
    def numbers(*items: float) -> dict[str, Any]:
        late = {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 1, "Next": "Late"}], "Default": "Ask"}
        ask = {"Type": "Task", "Resource": "${Checker}", **END}
        each = scope(First=late, Late={"Type": "Wait", "Seconds": 5, "Next": "Ask"}, Ask=ask)
        return scope(
            Items={"Type": "Pass", "Result": list(items), "Next": "Each"},
            Each={"Type": "Map", "ItemProcessor": each, **END},
        )

    recording, execution = recorded(numbers(1, 2), functions=FUNCTIONS, mocks={"Ask": [Return("two"), Return("one")]})
    again = replay(recording, Machine(numbers(1.0, 2.0)))
    assert (execution.output, again.difference) == (["one", "two"], None)


@pytest.mark.parametrize("last", ["One", "Two"])
def test_an_attempt_of_a_parallel_is_cut_off_where_it_failed_and_the_next_one_begins_anew(last: str) -> None:
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
    for each in recording.events:
        details: Any = next((value for key, value in each.items() if key.endswith("EventDetails")), {})
        attempts += each["type"] == "ParallelStateStarted"
        if attempts == 1 and (each["previousEventId"] in dropped or details.get("name") in later):
            dropped.add(each["id"])
        else:
            kept.append(each)
    again = replay(replace(recording, events=kept), Machine(machine))
    assert (again.difference, again.run.status) == (None, "SUCCEEDED")


def test_an_inner_parallel_that_is_not_retried_is_left_to_the_one_around_it() -> None:
    inner = {"Type": "Parallel", "Branches": [scope(Ask={"Type": "Task", "Resource": "${Checker}", **END})], **END}
    machine = scope(Outer={"Type": "Parallel", "Branches": [scope(Inner=inner)], "Retry": RETRY, **END})
    recording, _ = recorded(machine, {}, functions=FUNCTIONS, mocks={"Ask": [Throw("Busy"), Return(1)]})
    [outer] = visits_of(recording.events, Machine(machine))
    assert (outer.attempt, {key: [visit.attempt for visit in visits] for key, visits in outer.inner.items()}) == (
        1,
        {(0, 0): [0], (1, 0): [0]},
    )
    assert replay(recording, Machine(machine)).difference is None


def test_variables_are_compared_where_the_history_has_them() -> None:
    def sets(**variables: Any) -> dict[str, Any]:
        return scope(A={"Type": "Pass", "Assign": variables, **END})

    recording, _ = recorded(sets(x=1, xDetails="foo"))
    others = ({"x": 2, "xDetails": "bar"}, {"x": 1}, {"x": 1, "xDetails": "foo", "new": 3})
    assert [replay(recording, Machine(sets(**each))).difference for each in (*others, {"x": 1, "xDetails": "foo"})] == [
        '"A" assigns x $ 2 here, 1 then',
        '"A" assigns xDetails $ absent here, "foo" then',
        '"A" assigns new $ 3 here, absent then',
        None,
    ]


def test_what_an_answer_gives_back_of_what_the_execution_made_is_its_own() -> None:
    machine = scope(
        Id={"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}, "Next": "Echo"},
        Echo={"Type": "Task", "Resource": "${Checker}", **END},
    )
    recording, _ = recorded(machine, functions={"Checker": lambda event, context: event})
    assert replay(recording, Machine(machine)).difference is None


def test_how_it_ends_here_is_told_where_it_went_on_then() -> None:
    machine = scope(A={"Type": "Pass", "Next": "E"}, E={"Type": "Pass", **END})
    recording, _ = recorded(machine)
    broken = {**machine, "States": {**machine["States"], "A": {"Type": "Pass", "OutputPath": "$.none", "Next": "E"}}}
    assert replay(recording, Machine(broken)).difference == 'ends FAILED (States.Runtime) in "A" here, "E" then'


def test_another_cause_of_a_fail_state_is_a_difference() -> None:
    recording, _ = recorded(scope(A={"Type": "Fail", "Error": "E", "Cause": "sold out"}))
    again = replay(recording, Machine(scope(A={"Type": "Fail", "Error": "E", "Cause": "closed"})))
    assert again.difference == 'ends with the cause $ "closed" here, "sold out" then'


@pytest.mark.parametrize(
    ("resource", "called"),
    [
        ({"resourceType": "dynamodb", "resource": "putItem"}, "dynamodb:putItem"),
        ({"resourceType": "states", "resource": "arn:aws:states:::dynamodb:putItem"}, "dynamodb:putItem"),
        (
            {"resourceType": "lambda", "resource": "arn:aws:lambda:us-east-1:1:function:f"},
            "arn:aws:lambda:us-east-1:1:function:f",
        ),
    ],
)
def test_a_call_is_named_the_same_however_the_history_spells_it(resource: dict[str, str], called: str) -> None:
    events = [
        event(1, "ExecutionStarted", "executionStarted", {"input": "{}"}),
        {**event(2, "TaskStateEntered", "stateEntered", {"name": "T", "input": "{}"}), "previousEventId": 0},
        event(3, "TaskScheduled", "taskScheduled", {**resource, "parameters": "{}"}),
    ]
    [visit] = visits_of(events, Machine(scope(T={"Type": "Task", "Resource": "${X}", **END})))
    assert [call.resource for call in visit.calls] == [called]


def test_a_large_map_is_replayed_in_a_moment() -> None:
    machine = scope(
        Each={
            "Type": "Map",
            "ItemProcessor": scope(Call={"Type": "Task", "Resource": "${Checker}", **END}),
            **END,
        }
    )
    items = [{"price": number, "at": ["2026-11-24T12:00:00Z"] * 50} for number in range(400)]
    recording, _ = recorded(machine, items, functions=FUNCTIONS)
    edited = json.loads(json.dumps(machine))
    edited["States"]["Each"]["ItemProcessor"]["States"]["Call"]["Parameters"] = {"price.$": "$.price", "new": 1}
    assert replay(recording, Machine(edited)).difference == (
        '"Each" [0] "Call" calls with $.at absent here, ["2026-11-24T12:00:00Z", "2026-11-24T12:00:00Z", "2026-11... then'
    )


def test_a_longer_timeout_waits_longer_and_a_service_words_its_causes() -> None:
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
    return [at, *(keys for key, each in named for keys in places(each, (*at, key)))]


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
def test_a_recording_with_any_one_thing_changed_is_refused_or_replayed_and_never_breaks(
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


def test_a_recording_of_another_machine_than_its_definition_is_replayed() -> None:
    recording, _ = recorded(FANNED, {"items": [1, 2]})
    renamed = scope(Else=FANNED["States"]["Fan"], Use=FANNED["States"]["Use"])
    again = replay(replace(recording, definition=renamed), Machine(FANNED))
    assert again.difference is not None
