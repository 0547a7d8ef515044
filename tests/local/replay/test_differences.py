"""differences.py: differences between a recorded execution and a local one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.local.replay.support import (
    ARNS,
    END,
    FUNCTIONS,
    SEND,
    SERVICES,
    TRADER,
    WIDE,
    recorded,
    scope,
    wide,
)
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.placeholders import substitute
from workflow_dsl.local import Return
from workflow_dsl.local.replay.replay import replay
from workflow_dsl.records import replace


def edited(**changes: Any) -> Machine:
    """The trader with some states changed: `Buy={...}` over the state's own fields."""
    states = {name: {**state, **changes.get(name, {})} for name, state in TRADER["States"].items()}
    return Machine({**TRADER, "States": states})


CHEAP = [{"Variable": "$.price", "NumericLessThan": 10, "Next": "Buy"}]
EDITS: list[tuple[Machine, str]] = [
    (edited(**{"Buy?": {"Choices": CHEAP}}), '"Sell" now, "Buy" in the recording'),
    (edited(Buy={"Parameters": {"price": 1}}), '"Buy" calls with $.price 1 now, 42 in the recording'),
    (edited(Buy={"ResultPath": "$.trade"}), '"Buy" outputs $.bought missing now, 42 in the recording'),
    (edited(Check={"ResultSelector": {"price.$": "$.price", "new": True}}), '"Check" outputs $.new true now, missing in the recording'),
    (edited(Buy={"Type": "Fail", "Resource": None}), '"Buy" is a Fail now, a Task in the recording'),
    (
        Machine({**TRADER, "States": {**TRADER["States"], "Buy": {"Type": "Task", "Resource": "${Buyer}", "Next": "More"}, "More": {"Type": "Pass", **END}}}),
        '"More" now, the end in the recording',
    ),
    (
        Machine({**TRADER, "States": {**TRADER["States"], "Buy": {"Type": "Task", "Resource": "${Buyer}", "Next": "More"}, "More": {"Type": "Task", "Resource": "${New}", **END}}}),
        '"More" now, the end in the recording',
    ),
]  # fmt: skip


@pytest.mark.parametrize(("machine", "difference"), EDITS)
def test_the_first_difference_of_an_edited_machine_is_described(machine: Machine, difference: str) -> None:
    document = machine.document()
    document["States"]["Buy"] = {name: value for name, value in document["States"]["Buy"].items() if value is not None}
    if document["States"]["Buy"]["Type"] == "Fail":
        document["States"]["Buy"] = {"Type": "Fail", "Error": "no"}
    recording, _ = recorded(TRADER, {"price": 42}, functions=FUNCTIONS)
    assert replay(recording, Machine(document)).difference == difference


def test_true_differs_from_1_and_1_equals_1_0() -> None:
    recording, _ = recorded(scope(A={"Type": "Pass", "Result": {"count": 1}, **END}))
    replays = [
        replay(recording, Machine(scope(A={"Type": "Pass", "Result": {"count": count}, **END})))
        for count in (True, 1.0)
    ]
    assert [replayed.difference for replayed in replays] == ['"A" outputs $.count true now, 1 in the recording', None]


def test_a_difference_in_a_map_names_the_iteration() -> None:
    recording, _ = wide()
    definition = json.loads(json.dumps(WIDE))
    definition["States"]["Each"]["ItemProcessor"]["States"]["Shape"]["Parameters"] = {"reply.$": "$.MessageId"}
    assert replay(recording, Machine(definition)).difference == (
        '"Each" [0] "Shape" outputs $.answer missing now, "got a" in the recording'
    )


def test_another_end_is_a_difference() -> None:
    fail = scope(A={"Type": "Fail", "Error": "E"})
    recording, _ = recorded(fail)
    assert (
        replay(recording, Machine(scope(A={"Type": "Fail", "Error": "F"}))).difference
        == "ends with the error F now, E in the recording"
    )
    assert (
        replay(recording, Machine(scope(A={"Type": "Succeed"}))).difference
        == '"A" is a Succeed now, a Fail in the recording'
    )
    recording, _ = recorded(scope(A={"Type": "Succeed"}), {"a": [1, 2]})
    changed = replace(recording, output='{"a": [1, 3]}', events=recording.events[:1])
    assert replay(changed, Machine(scope(A={"Type": "Succeed"}))).difference == '"A" now, the end in the recording'


def test_a_new_task_token_is_not_a_difference() -> None:
    ask = {
        "Type": "Task",
        "Resource": f"{SEND}.waitForTaskToken",
        "Parameters": {"QueueUrl": "q", "MessageBody": {"token.$": "$$.Task.Token"}},
        **END,
    }
    recording, _ = recorded(scope(Ask=ask), mocks={"Ask": [Return({"approved": True})]}, services=SERVICES)
    for event in recording.events:
        for details in event.values():
            if isinstance(details, dict) and "parameters" in details:
                details["parameters"] = '{"QueueUrl": "q", "MessageBody": {"token": "theirs"}}'
    again = replay(recording, Machine(scope(Ask=ask)))
    assert (again.difference, again.run.output) == (None, {"approved": True})


MAKES = scope(
    Make={"Type": "Pass", "Parameters": {"id.$": "States.UUID()", "at.$": "$$.State.EnteredTime", "of.$": "$.of"}, "Next": "Send"},
    Send={"Type": "Task", "Resource": SEND, "Parameters": {"QueueUrl": "q", "MessageBody.$": "States.Format('{} at {}', $.id, $.at)"}, **END},
)  # fmt: skip


def test_uuids_and_times_differ_only_if_they_come_from_outside() -> None:
    one, other = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"
    answers = {"sqs:sendMessage": lambda parameters: {"MessageId": one}}
    recording, _ = recorded(MAKES, {"of": one, "not": other}, services=answers, seed=7)
    assert replay(recording, Machine(MAKES)).difference is None
    document = json.loads(json.dumps(MAKES))
    document["States"]["Make"]["Parameters"]["of.$"] = "$.not"
    assert (
        replay(recording, Machine(document)).difference
        == f'"Make" outputs $.of "{other}" now, "{one}" in the recording'
    )
    document["States"]["Make"]["Parameters"]["of.$"] = "$$.State.EnteredTime"
    assert '"Make" outputs $.of "2026-11-24T12:00:00.000Z" now' in str(replay(recording, Machine(document)).difference)


def test_only_the_token_may_differ_in_the_input_of_a_callback_task() -> None:
    ask = {
        "Type": "Task",
        "Resource": f"{SEND}.waitForTaskToken",
        "Parameters": {"QueueUrl": "q", "MessageBody": {"token.$": "States.Format('t={}', $$.Task.Token)", "order.$": "$.id", "l": [1]}},
        **END,
    }  # fmt: skip
    recording, _ = recorded(scope(Ask=ask), {"id": 7}, mocks={"Ask": [Return({"approved": True})]}, services=SERVICES)
    for entry in recording.events:
        for details in entry.values():
            if isinstance(details, dict) and "parameters" in details:
                details["parameters"] = (
                    '{"QueueUrl": "q", "MessageBody": {"token": "t=AAAA/+9=", "order": 7, "l": [1]}}'
                )
    assert replay(recording, Machine(scope(Ask=ask))).difference is None
    renamed = json.loads(json.dumps(ask).replace('"order.$"', '"oid.$"'))
    assert replay(recording, Machine(scope(Ask=renamed))).difference == (
        '"Ask" calls with $.MessageBody.order missing now, 7 in the recording'
    )


def test_another_call_is_a_difference() -> None:
    deployed = substitute(TRADER, ARNS)
    recording, _ = recorded(deployed, {"price": 1}, functions=FUNCTIONS)
    other = json.loads(json.dumps(deployed).replace(ARNS["Buyer"], ARNS["Seller"]))
    assert replay(recording, Machine(other)).difference == (
        f'"Buy" calls {ARNS["Seller"]} now, {ARNS["Buyer"]} in the recording'
    )
    sent, _ = recorded(
        scope(Send={"Type": "Task", "Resource": SEND, "Parameters": {"QueueUrl": "q", "MessageBody": "m"}, **END}),
        services=SERVICES,
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
        '"Send" calls sqs:sendMessage.waitForTaskToken now, sqs:sendMessage in the recording'
    )


def test_variables_are_compared_if_the_history_has_them() -> None:
    def sets(**variables: Any) -> dict[str, Any]:
        return scope(A={"Type": "Pass", "Assign": variables, **END})

    recording, _ = recorded(sets(x=1, xDetails="foo"))
    others = ({"x": 2, "xDetails": "bar"}, {"x": 1}, {"x": 1, "xDetails": "foo", "new": 3})
    assert [
        replay(recording, Machine(sets(**variables))).difference for variables in (*others, {"x": 1, "xDetails": "foo"})
    ] == [
        '"A" assigns x $ 2 now, 1 in the recording',
        '"A" assigns xDetails $ missing now, "foo" in the recording',
        '"A" assigns new $ 3 now, missing in the recording',
        None,
    ]


def test_a_generated_uuid_returned_by_a_call_is_not_a_difference() -> None:
    machine = scope(
        Id={"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}, "Next": "Echo"},
        Echo={"Type": "Task", "Resource": "${Checker}", **END},
    )
    recording, _ = recorded(machine, functions={"Checker": lambda event, context: event})
    assert replay(recording, Machine(machine)).difference is None


def test_an_early_end_is_a_difference_with_its_error() -> None:
    machine = scope(A={"Type": "Pass", "Next": "E"}, E={"Type": "Pass", **END})
    recording, _ = recorded(machine)
    broken = {**machine, "States": {**machine["States"], "A": {"Type": "Pass", "OutputPath": "$.none", "Next": "E"}}}
    assert (
        replay(recording, Machine(broken)).difference == 'ends FAILED (States.Runtime) in "A" now, "E" in the recording'
    )


def test_another_cause_of_a_fail_state_is_a_difference() -> None:
    recording, _ = recorded(scope(A={"Type": "Fail", "Error": "E", "Cause": "sold out"}))
    again = replay(recording, Machine(scope(A={"Type": "Fail", "Error": "E", "Cause": "closed"})))
    assert again.difference == 'ends with the cause $ "closed" now, "sold out" in the recording'
