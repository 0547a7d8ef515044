"""events.py and display.py: events as GetExecutionHistory gives them, drawn as a run is."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.local.console import Display


def drawn(*events: dict[str, Any]) -> list[str]:
    said: list[str] = []
    display = Display(said.append)
    for number, event in enumerate(events, start=1):
        display.tell(event.pop("at", 0), {"id": number, "previousEventId": number - 1, **event})
    return said


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


@pytest.mark.parametrize(("type_", "key", "details", "said"), FAILURES)
def test_every_kind_of_failure_is_drawn_with_its_retry(type_: str, key: str, details: Any, said: str) -> None:
    failed = {"type": type_, f"{key}EventDetails": details, "at": 1}
    assert drawn(dict(ENTERED), dict(SCHEDULED), failed, {**SCHEDULED, "at": 3}) == [
        "00:00.000  Send",
        f"00:01.000    failed: {said}",
        "00:03.000    retry 1 after 2 s",
    ]


def test_a_redrive_is_drawn() -> None:
    redriven = {"type": "ExecutionRedriven", "executionRedrivenEventDetails": {"redriveCount": 1}, "at": 60}
    assert drawn(dict(ENTERED), redriven, {**SCHEDULED, "at": 61}) == ["00:00.000  Send", "01:00.000  redriven"]
