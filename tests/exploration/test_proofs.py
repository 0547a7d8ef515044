"""A proof that an element can't be reached holds: it is never one of an element that a path reaches."""

from __future__ import annotations

from typing import Any

import pytest

from tests.exploration.machines import MACHINES, choice, task
from workflow_dsl.exploration.exploring import explore
from workflow_dsl.exploration.proofs import never_starts, proofs_of
from workflow_dsl.local.coverage import describe

FAILS_EACH_ITEM = {
    "StartAt": "Lines",
    "States": {
        "Lines": {"Type": "Pass", "Result": [1, 2], "Next": "Each"},
        "Each": {
            "Type": "Map",
            "ItemProcessor": {"StartAt": "Broken", "States": {"Broken": {"Type": "Fail", "Error": "Broken"}}},
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}
PUTS_A_TEXT = {
    "StartAt": "Put",
    "States": {
        "Put": {
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:putItem",
            "Parameters": {"TableName": "orders", "Item": {"id": {"SS.$": "$$.Execution.Name"}}},
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}
READS_NO_TOKEN = {
    "QueryLanguage": "JSONata",
    "StartAt": "Send",
    "States": {
        "Send": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Arguments": {"QueueUrl": "q", "MessageBody": "{% $states.context.Task.Token %}"},
            "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "Failed"}],
            "Next": "Done",
        },
        "Failed": {"Type": "Succeed"},
        "Done": {"Type": "Succeed"},
    },
}
READS_A_VARIABLE = {
    "QueryLanguage": "JSONata",
    "StartAt": "Know",
    "States": {
        "Know": {"Type": "Pass", "Assign": {"queue": "q", "text": "{% $states.input.text %}"}, "Next": "Send"},
        "Send": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage",
            "Arguments": {"QueueUrl": "{% $queue %}", "MessageBody": "{% $text %}"},
            "End": True,
        },
    },
}
BEHIND = "no transition that can be taken leads to it"
CONSTANT = "the data before it is constant, and leads elsewhere"
DEAD: list[tuple[dict[str, Any], dict[str, str]]] = [
    (FAILS_EACH_ITEM, {'"Each" to "Done"': CONSTANT, '"Done"': CONSTANT}),
    (
        PUTS_A_TEXT,
        {
            '"Put" to "Done"': "\"Put\" always fails: The value for the field 'SS' must be an ARRAY",
            '"Done"': BEHIND,
        },
    ),
    (
        READS_NO_TOKEN,
        {
            '"Send" to "Done"': '"Send" always fails: an argument of it reads a field that is never there',
            '"Done"': BEHIND,
        },
    ),
    (
        choice({"Variable": "$.n", "NumericLessThan": 2}, {"Variable": "$.n", "NumericLessThan": 1}),
        {
            '"Choose" Choices[1]': "matches nothing after Choices[0]",
            '"Choose" to "B"': BEHIND,
            '"B"': BEHIND,
        },
    ),
    (
        choice({"Variable": "$$.State.RetryCount", "IsPresent": True}),
        {'"Choose" Choices[0]': "matches no value", '"Choose" to "A"': BEHIND, '"A"': BEHIND},
    ),
    ({"StartAt": "T", "States": {"T": task()}}, {}),
    (READS_A_VARIABLE, {}),
]


@pytest.mark.parametrize(("machine", "proofs"), DEAD)
def test_what_cannot_be_reached_is_proved(machine: dict[str, Any], proofs: dict[str, str]) -> None:
    found = proofs_of(explore(machine))
    assert {describe(element): reason for element, reason in found.items()} == proofs


@pytest.mark.parametrize("name", MACHINES)
def test_a_machine_whose_every_element_is_reached_has_no_proof(name: str) -> None:
    exploration = explore(MACHINES[name])
    starts = [never_starts(state) for state in exploration.machine.states()]
    assert (proofs_of(exploration), [each for each in starts if each]) == ({}, [])


def test_a_placeholder_has_a_plain_value_where_nothing_would_run() -> None:
    wait = {"Type": "Wait", "Seconds": "${Delay}", "Next": "Then"}
    until = {"Type": "Wait", "Timestamp": "${Moment}", "End": True}
    exploration = explore({"StartAt": "Wait", "States": {"Wait": wait, "Then": until}})
    assert [(path.run.trail, path.run.status, path.run.duration) for path in exploration.paths] == [
        (["Wait", "Then"], "SUCCEEDED", 1)
    ]
