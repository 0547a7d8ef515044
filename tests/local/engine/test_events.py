"""Events as GetExecutionHistory returns them, printed like the events of a local run."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.local.console import EventPrinter


def printed(*events: dict[str, Any]) -> list[str]:
    lines: list[str] = []
    printer = EventPrinter(lines.append)
    for number, event in enumerate(events, start=1):
        printer.print_event(event.pop("at", 0), {"id": number, "previousEventId": number - 1, **event})
    return lines


ENTERED = {"type": "TaskStateEntered", "stateEnteredEventDetails": {"name": "Send", "input": "{}"}}
SCHEDULED = {"type": "TaskScheduled", "taskScheduledEventDetails": {"resource": "sendMessage", "parameters": "{}"}}
FAILURES = [
    ("TaskSubmitFailed", "taskSubmitFailed", {"error": "Sqs.Denied", "cause": "no"}, "Sqs.Denied: no"),
    ("TaskStartFailed", "taskStartFailed", {"error": "E"}, "E"),
    ("TaskTimedOut", "taskTimedOut", {"cause": "late"}, "States.Timeout: late"),
    ("LambdaFunctionScheduleFailed", "lambdaFunctionScheduleFailed", {"error": "Lambda.X", "cause": ""}, "Lambda.X"),
    ("LambdaFunctionStartFailed", "lambdaFunctionStartFailed", {"error": "Lambda.Y"}, "Lambda.Y"),
    ("ActivityScheduleFailed", "activityScheduleFailed", {"error": "Z"}, "Z"),
    ("MapRunFailed", "mapRunFailed", {"error": "States.ExceedToleratedFailureThreshold", "cause": "many"}, "States.ExceedToleratedFailureThreshold: many"),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "key", "details", "message"), FAILURES)
def test_every_kind_of_failure_is_printed_with_its_retry(type_: str, key: str, details: Any, message: str) -> None:
    failed = {"type": type_, f"{key}EventDetails": details, "at": 1}
    assert printed(dict(ENTERED), dict(SCHEDULED), failed, {**SCHEDULED, "at": 3}) == [
        "00:00.000  Send",
        f"00:01.000    failed: {message}",
        "00:03.000    retry 1 after 2 s",
    ]


def test_a_redrive_is_printed() -> None:
    redriven = {"type": "ExecutionRedriven", "executionRedrivenEventDetails": {"redriveCount": 1}, "at": 60}
    assert printed(dict(ENTERED), redriven, {**SCHEDULED, "at": 61}) == ["00:00.000  Send", "01:00.000  redriven"]
