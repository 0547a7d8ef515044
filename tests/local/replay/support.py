"""Definitions that run locally, and their recordings."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from workflow_dsl.local import Run, run
from workflow_dsl.local.replay.recording import Recording, events_as_json
from workflow_dsl.local.runner import NO_INPUT

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
END = {"End": True}
RETRY = [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 2}]


def scope(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def recorded(definition: Any, input: Any = NO_INPUT, **options: Any) -> tuple[Recording, Run]:
    """A local run, and its recording as if it had run in the account."""
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
        events=events_as_json(execution.history),
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
        Shape={"Type": "Pass", "Parameters": {"answer.$": "$.MessageId"}, **END},
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
SERVICES = {"sqs:sendMessage": lambda parameters: {"MessageId": f"got {parameters['MessageBody']}"}}


def wide(**options: Any) -> tuple[Recording, Run]:
    functions = {**FUNCTIONS, **options.pop("functions", {})}
    return recorded(WIDE, {"items": ["a", "b", "c"]}, functions=functions, services=SERVICES, **options)


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
SLOW: dict[str, Any] = scope(Slow={"Type": "Task", "Resource": "${Buyer}", **END})


def history_event(number: int, type_: str, key: str, details: dict[str, Any], at: float = 0) -> dict[str, Any]:
    """An event as in GetExecutionHistory, linked to the one before."""
    moment = AT + timedelta(seconds=at)
    return {
        "id": number,
        "type": type_,
        "previousEventId": number - 1,
        "timestamp": moment,
        f"{key}EventDetails": details,
    }
