"""The operations of the API by their names: each is a function of the account and the request's members."""

from __future__ import annotations

from workflow_dsl.server.operations import (
    activities,
    aliases,
    definitions,
    executions,
    histories,
    machines,
    map_runs,
    tags,
    versions,
)
from workflow_dsl.server.operations.operation import Operation

_MODULES = (activities, aliases, definitions, executions, histories, machines, map_runs, tags, versions)
OPERATIONS: dict[str, Operation] = {
    name: function for module in _MODULES for name, function in module.OPERATIONS.items()
}
# Operations that may take long: a handler is called, a definition is checked, or a worker waits for a task. Starting
# an execution is not one of them: its blocking work has its own thread.
SLOW = frozenset(
    (
        *("CreateStateMachine", "UpdateStateMachine", "ValidateStateMachineDefinition", "TestState"),
        *("StartSyncExecution", "RedriveExecution", "GetActivityTask"),
    )
)
