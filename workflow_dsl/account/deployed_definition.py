"""A deployed definition as a state machine of the application, and a local one as it is in the stack."""

from __future__ import annotations

import json
from pathlib import Path

from workflow_dsl.account.access import Account, unexpected_responses_reported
from workflow_dsl.account.comparison import local_machine, unknown_values
from workflow_dsl.account.stack import DeployedStack
from workflow_dsl.account.stack_definition import StackDefinition, definition_in_stack
from workflow_dsl.account.stack_values import StackValues
from workflow_dsl.application.application import Application, UnknownName
from workflow_dsl.application.machines import TemplateMachine, machine_outside
from workflow_dsl.definition.reading import Source, read_source
from workflow_dsl.findings import did_you_mean, short_list
from workflow_dsl.records import replace


def deployed_machine(account: Account, stack: DeployedStack, application: Application, name: str) -> TemplateMachine:
    """Return a state machine of a stack: `NAME`, or `NAME:QUALIFIER` for a version or an alias.

    A name is a logical ID, or one that the local template has for its state machine. Raises UnknownName for another,
    and FindingsError for a definition that cannot be read.
    """
    plain, _, qualifier = name.partition(":")
    try:
        machine = application.deployed_as(plain)
    except UnknownName:
        machine = machine_outside(application.template, Path(plain))
    logical_id = machine.logical_id if machine.is_in_template else plain
    if logical_id not in stack.machine_arns:
        known = list(stack.machine_arns)
        remedy = did_you_mean(logical_id, known) or f"it has {short_list(known) or 'none'}"
        raise UnknownName(f"the stack {stack.name} has no state machine {logical_id!r}", remedy)
    text = _definition(account, ":".join(filter(None, (stack.machine_arns[logical_id], qualifier))))
    return replace(machine, source=read_source(text, f"deployed:{name}"), compiled=None, problems=())


@unexpected_responses_reported
def _definition(account: Account, arn: str) -> str:
    return str(account.call("stepfunctions", "describe_state_machine", stateMachineArn=arn)["definition"])


def machine_in_stack(
    account: Account, stack: DeployedStack, machine: TemplateMachine, deployed: TemplateMachine
) -> tuple[TemplateMachine, tuple[str, ...]]:
    """Return a local state machine with the values of the stack, comparable with a deployed one.

    Values that only the account has are those of the deployed definition; their names are returned too.
    """
    local = machine
    if not machine.is_in_template and deployed.is_in_template:  # a file stands for the state machine
        local = replace(deployed, source=machine.source, compiled=machine.definition)
    if local.is_in_template:
        in_stack = definition_in_stack(local, stack, StackValues(account, stack, local.template))
    else:
        in_stack = StackDefinition(machine.definition.document())
    text = json.dumps(deployed.definition.document())
    filled = Source(local_machine(in_stack, text).document())
    return replace(machine, source=filled, compiled=None, problems=()), unknown_values(in_stack, text)
