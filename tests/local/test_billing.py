"""billing.py: transitions and calls of Lambda functions."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.local import InTurn, Return, Throw, run
from workflow_dsl.local.billing import billed_units, lambda_calls_of, transitions_of

FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:work"
BUSY = [{"ErrorEquals": ["Busy"]}]
CALL = {"Type": "Task", "Resource": FUNCTION, "Retry": BUSY, "End": True}
QUEUE = {"QueueUrl": "q", "MessageBody": "m"}
SEND = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": QUEUE, "End": True}
BRANCH = {"StartAt": "Call", "States": {"Call": {"Type": "Task", "Resource": FUNCTION, "End": True}}}
BOTH = {"Type": "Parallel", "Branches": [BRANCH], "Retry": BUSY, "End": True}
SENT = Return({"MD5OfMessageBody": "x", "MessageId": "1"})
BILLS: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"First": {"Type": "Pass", "End": True}}, {}, "1 transition, 0 Lambda calls"),
    ({"First": CALL}, {"First": Return(1)}, "1 transition, 1 Lambda call"),
    ({"First": CALL}, {"First": InTurn(Throw("Busy"), Return(1))}, "2 transitions, 2 Lambda calls"),
    ({"First": SEND}, {"First": SENT}, "1 transition, 0 Lambda calls"),
    ({"First": BOTH}, {"Call": InTurn(Throw("Busy"), Return(1))}, "4 transitions, 2 Lambda calls"),
]


@pytest.mark.parametrize(("states", "mocks", "bill"), BILLS)
def test_each_entry_of_a_state_and_each_retry_is_a_transition(
    states: dict[str, Any], mocks: dict[str, Any], bill: str
) -> None:
    execution = run({"StartAt": "First", "States": states}, mocks=mocks)
    assert billed_units(transitions_of(execution), lambda_calls_of(execution)) == bill
