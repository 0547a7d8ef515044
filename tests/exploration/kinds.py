"""Machines as published workflows have them, each with a kind of condition that a search must solve."""

from __future__ import annotations

from typing import Any

from tests.exploration.machines import task


def vote(number: int) -> dict[str, Any]:
    """A branch that fails once a table has enough votes, and reads them again each time."""
    enough = {"Variable": "$.votes", "NumericGreaterThanEqualsPath": "$$.Execution.Input.quorum"}
    return {
        "StartAt": f"Read {number}",
        "States": {
            f"Read {number}": task(Next=f"Count {number}"),
            f"Count {number}": {
                "Type": "Pass",
                "Parameters": {"votes.$": "States.ArrayLength($.Item.votes.L)"},
                "Next": f"Enough? {number}",
            },
            f"Enough? {number}": {
                "Type": "Choice",
                "Choices": [{**enough, "Next": f"Enough {number}"}],
                "Default": f"Too few {number}",
            },
            f"Enough {number}": {"Type": "Fail", "Error": "Quorum"},
            f"Too few {number}": {"Type": "Pass", "End": True},
        },
    }


KINDS: dict[str, dict[str, Any]] = {
    "a quorum of branches": {
        "StartAt": "Vote",
        "States": {
            "Vote": {
                "Type": "Parallel",
                "Branches": [vote(number) for number in (1, 2, 3)],
                "Catch": [{"ErrorEquals": ["Quorum"], "Next": "Met"}],
                "Next": "Not met",
            },
            "Met": {"Type": "Succeed"},
            "Not met": {"Type": "Succeed"},
        },
    },
    "a text beside an attribute": {
        "StartAt": "Put",
        "States": {
            "Put": {
                "Type": "Task",
                "Resource": "arn:aws:states:::dynamodb:putItem",
                "Parameters": {"TableName": "orders", "Item": {"id.$": "$.id", "state": "new"}},
                "Next": "Done",
            },
            "Done": {"Type": "Succeed"},
        },
    },
}
