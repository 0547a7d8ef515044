"""ValidateStateMachineDefinition and TestState."""

from __future__ import annotations

from workflow_dsl.local.one_state.api import answer
from workflow_dsl.local.one_state.testing import World as TestedWorld
from workflow_dsl.server.account import Account
from workflow_dsl.server.operations.operation import Answer, Members, Operation
from workflow_dsl.validation.diagnostics import diagnostics

_MOST = 100  # API reference, ValidateStateMachineDefinition, "maxResults"


def validate(account: Account, request: Members) -> Answer:
    """Return the diagnostics of a definition: errors, and with the severity WARNING also warnings."""
    severities = ("ERROR", "WARNING") if request.get("severity") == "WARNING" else ("ERROR",)
    problems = diagnostics(request["definition"], request.get("type", "STANDARD"))
    chosen = [problem for problem in problems if problem.severity in severities]
    most = request.get("maxResults") or _MOST
    return {
        "result": "FAIL" if any(problem.severity == "ERROR" for problem in chosen) else "OK",
        "diagnostics": [
            {
                "severity": problem.severity,
                "code": problem.code,
                "message": problem.message,
                **({} if problem.location is None else {"location": problem.location}),
            }
            for problem in chosen[:most]
        ],
        "truncated": len(chosen) > most,
    }


def test_state(account: Account, request: Members) -> Answer:
    """Return the test of one state; without a mock, its task calls what executions call."""
    world = account.world
    if world is None or "mock" in request:
        return answer(request)
    return answer(request, TestedWorld(world.tested_functions(), world.services, world.definitions()))


OPERATIONS: dict[str, Operation] = {"ValidateStateMachineDefinition": validate, "TestState": test_state}
