"""Calls of StartSyncExecution for a STANDARD state machine (API reference of Step Functions, "StartSyncExecution").

A STANDARD state machine that starts an EXPRESS one with `.sync` waits for it: published workflows do so.
"""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.agreement.common import Problem, machine_type
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template.resource_types import MACHINES
from workflow_dsl.definition.calls import CallSite
from workflow_dsl.definition.machine import State


def of_call(machine: TemplateMachine, state: State, site: CallSite) -> Iterator[Problem]:
    """The Resource of a call that starts a nested state machine of another type, with keys from the state on."""
    call = site.call
    if (call.service, call.action) != ("sfn", "startSyncExecution"):
        return
    nested = machine.template.resource_at(call.target or "", call.service)
    if nested is not None and nested.type in MACHINES and machine_type(machine.template, nested) == "STANDARD":
        message = f"it waits for {nested.logical_id}, which is a STANDARD state machine"
        yield Problem(("Resource",), message, "call arn:aws:states:::states:startExecution.sync:2", "REFUSED_CALL")
