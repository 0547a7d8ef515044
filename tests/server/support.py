"""An account that is called in this process as a client calls it, by operations and members."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from workflow_dsl.local.lambda_functions.functions import Handler
from workflow_dsl.local.stand_ins.services import FakeServices
from workflow_dsl.server import api
from workflow_dsl.server.account import Account
from workflow_dsl.server.live.world import World

PREFIX = "arn:aws:states:us-east-1:111111111111"
ROLE = "arn:aws:iam::111111111111:role/runner"
PASS = {"StartAt": "Pass", "States": {"Pass": {"Type": "Pass", "End": True}}}


class Refused(Exception):
    """An error of the API: its code and its message."""


class Api:
    """An account with its engine; `api("StartExecution", ...)` returns the members of the answer."""

    def __init__(
        self,
        functions: Mapping[str, Handler] | None = None,
        services: Mapping[str, Any] | None = None,
        *,
        keep: int = 1_000,
        **options: Any,
    ) -> None:
        self.account = Account(keep)
        self.account.long_poll = 0
        handlers = functions or {}
        self.world = World(
            self.account, services=FakeServices(services or {}), functions_of=lambda _: handlers, **options
        )

    def __call__(self, operation: str, **members: Any) -> Any:
        status, content, _ = api.call(self.account, operation, json.dumps(members).encode())
        answer = json.loads(content)
        if status != 200:
            raise Refused(answer["__type"], answer["message"])
        return answer

    def machine(self, definition: Mapping[str, Any] = PASS, name: str = "machine", **members: Any) -> str:
        """Create a state machine, and return its ARN."""
        defaults = {"name": name, "roleArn": ROLE, "definition": json.dumps(definition)}
        made = self("CreateStateMachine", **{**defaults, **members})
        return str(made["stateMachineArn"])

    def start(self, machine: str, **members: Any) -> str:
        """Start an execution, and return its ARN."""
        return str(self("StartExecution", stateMachineArn=machine, **members)["executionArn"])

    def ended(self, execution: str) -> dict[str, Any]:
        """Wait for the end of an execution, and return its description without its dates."""
        assert self.account.executions[execution].wait(10)
        description = self("DescribeExecution", executionArn=execution)
        return {name: value for name, value in description.items() if not name.endswith(("Date", "Details"))}

    def events(self, execution: str, **members: Any) -> list[str]:
        """Return the types of an execution's events."""
        history = self("GetExecutionHistory", executionArn=execution, **members)
        return [event["type"] for event in history["events"]]

    def worker(self, activity: str) -> Any:
        """Return the next task of an activity, once there is one."""
        self.account.long_poll = 10
        return self("GetActivityTask", activityArn=activity, workerName="worker")


def task(resource: str, **fields: Any) -> dict[str, Any]:
    """Return a definition with one Task."""
    return {"StartAt": "Task", "States": {"Task": {"Type": "Task", "Resource": resource, **fields, "End": True}}}
