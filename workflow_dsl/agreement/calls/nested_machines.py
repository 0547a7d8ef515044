"""Calls that start a state machine of the type that they cannot start.

API reference of Step Functions: "StartSyncExecution" is not for STANDARD, and "DescribeExecution", which .sync needs,
is not for EXPRESS.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.agreement.common import Problem, machine_type
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template.resource_types import MACHINES
from workflow_dsl.definition.calls import CallSite
from workflow_dsl.definition.machine import State

_SYNC = "arn:aws:states:::aws-sdk:sfn:startSyncExecution"
# The type that a call cannot start, and the remedy.
_REFUSED = {
    ("sfn", "startSyncExecution"): ("STANDARD", "call arn:aws:states:::states:startExecution.sync:2"),
    ("states", "startExecution"): ("EXPRESS", f"call {_SYNC}"),
}


def of_call(machine: TemplateMachine, state: State, site: CallSite) -> Iterator[Problem]:
    """The Resource of a call that waits for a nested state machine of another type, with keys from the state on."""
    call = site.call
    refused, remedy = _REFUSED.get((call.service, call.action), ("", ""))
    nested = machine.template.resource_at(call.target or "", call.service)
    waits = call.waits_for_job or call.action == "startSyncExecution"
    if nested is None or nested.type not in MACHINES or not waits:
        return
    if machine_type(machine.template, nested) == refused:
        message = (
            f"it waits for {nested.logical_id}, which is {'an' if refused[0] == 'E' else 'a'} {refused} state machine"
        )
        yield Problem(("Resource",), message, remedy, "REFUSED_CALL")
