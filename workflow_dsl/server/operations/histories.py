"""The event history of an execution."""

from __future__ import annotations

from typing import Any

from workflow_dsl.server.account import Account
from workflow_dsl.server.operations.operation import Answer, Members, Operation
from workflow_dsl.server.paging import page

# The members of event details that hold data, and are left out without execution data.
_DATA = frozenset(("input", "output", "parameters", "assignedVariables", "error", "cause"))


def get_history(account: Account, request: Members) -> Answer:
    """Return the events of an execution, also while it runs."""
    record = account.execution(request["executionArn"])
    numbers = range(1, len(record.history.events) + 1)
    sign = -1 if request.get("reverseOrder") else 1
    answer = page(numbers[::sign], request, "events", lambda number: (sign * number, ""))
    answer["events"] = [record.event(number) for number in answer["events"]]
    if request.get("includeExecutionData") is False:
        answer["events"] = [_without_data(event) for event in answer["events"]]
    return answer


def _without_data(event: dict[str, Any]) -> dict[str, Any]:
    return {
        name: {key: each for key, each in value.items() if key not in _DATA} if isinstance(value, dict) else value
        for name, value in event.items()
    }


OPERATIONS: dict[str, Operation] = {"GetExecutionHistory": get_history}
