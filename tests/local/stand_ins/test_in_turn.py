"""InTurn: responses one after another, without a real call at their end."""

from __future__ import annotations

import pytest

from workflow_dsl.findings import FindingsError
from workflow_dsl.local import InTurn, Return, Throw, run

TASK = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage",
    "Parameters": {"QueueUrl": "q", "MessageBody": "m"},
    "Retry": [{"ErrorEquals": ["Busy"]}],
    "End": True,
}
DEFINITION = {"StartAt": "T", "States": {"T": TASK}}
SENT = {"MD5OfMessageBody": "", "MessageId": "1"}


def test_the_last_response_answers_all_later_calls() -> None:
    failed = run(DEFINITION, mocks={"T": InTurn(Throw("Busy"))})
    sent = run(DEFINITION, mocks={"T": InTurn(Throw("Busy"), Return(SENT))})
    assert (failed.error, failed.duration, sent.output, sent.duration) == ("Busy", 7.0, SENT, 1.0)


def test_its_results_are_checked_before_the_run() -> None:
    with pytest.raises(FindingsError, match="it has no field 'Nothing'"):
        run(DEFINITION, mocks={"T": InTurn(Throw("Busy"), Return({**SENT, "Nothing": 1}))})


def test_it_needs_a_response() -> None:
    with pytest.raises(ValueError, match="InTurn needs a response"):
        InTurn()
