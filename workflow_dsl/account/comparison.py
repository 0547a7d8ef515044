"""The state machines of a deployed stack, compared with the local definitions by state and field."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from workflow_dsl.account.access import Account
from workflow_dsl.account.stack import DeployedMachine, DeployedStack, read_machine
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Template
from workflow_dsl.definition.diff import Change, compare
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.placeholders import infer_substitutions, substitute
from workflow_dsl.definition.reading import read

_Status = Literal["equal", "drifted", "missing", "unknown"]


@dataclass(frozen=True)
class Difference:
    """A change from a deployed definition to the local one; `version` is None for the latest revision."""

    version: str | None
    change: Change


@dataclass(frozen=True)
class MachineStatus:
    """A state machine of the template or the stack, and how its two definitions compare.

    `missing`: the stack does not have it, or someone deleted it. `unknown`: the template does not have it, or its
    local definition is not available.
    """

    logical_id: str
    status: _Status
    workflow: str = ""
    definition_file: str = ""  # as it is printed; "" for a state machine that is not in the template
    deployed: DeployedMachine | None = None
    differences: list[Difference] = field(default_factory=list)
    last_updated: datetime | None = None
    was_deleted: bool = False  # the stack lists it, but someone deleted it outside CloudFormation

    @property
    def is_only_in_stack(self) -> bool:
        """True if the template does not have it, so that a deployment deletes it."""
        return not self.definition_file and self.status == "unknown"

    @property
    def is_edited(self) -> bool:
        """True if only the latest revision differs, and not the version that the last deployment published.

        Each deployment publishes a version, so the revision after it comes from somewhere else. CloudFormation compares
        templates: deploying the same template again does not overwrite such an edit.
        """
        if self.deployed is None or {difference.version for difference in self.differences} != {None}:
            return False
        published = self.deployed.routed_definitions.get(self.deployed.version or "")
        return published not in (None, self.deployed.definition)


def compare_machines(
    account: Account,
    stack: DeployedStack,
    machines: Iterable[TemplateMachine],
    file_name: Callable[[TemplateMachine], str],
    on_read: Callable[[str], None] = lambda logical_id: None,
) -> Iterator[MachineStatus]:
    """Yield the status of the template's state machines, in its order, then of those that only the stack has.

    `file_name` returns the printed name of a definition's file; `on_read` is called with a logical ID before its state
    machine is read. Raises FindingsError.
    """
    expected: set[str] = set()
    for machine in machines:
        logical_id = machine.resource.logical_id
        if _template_in(stack, machine).is_created(logical_id):  # otherwise its condition is false in this stack
            expected.add(logical_id)
            on_read(logical_id)
            yield _template_machine_status(account, stack, machine, file_name(machine))
    for logical_id, arn in stack.machine_arns.items():
        if logical_id not in expected:
            on_read(logical_id)
            yield _stack_machine_status(stack, logical_id, read_machine(account, arn))


def _template_machine_status(
    account: Account, stack: DeployedStack, machine: TemplateMachine, definition_file: str
) -> MachineStatus:
    logical_id = machine.resource.logical_id
    arn = stack.machine_arns.get(logical_id)
    deployed = read_machine(account, arn) if arn else None
    if deployed is None:
        return MachineStatus(logical_id, "missing", machine.workflow, definition_file, was_deleted=arn is not None)
    differences = list(_differences(stack, machine, deployed)) if machine.has_definition else []
    status: _Status = "unknown" if not machine.has_definition else "drifted" if differences else "equal"
    last_updated = stack.last_updated.get(logical_id)
    return MachineStatus(logical_id, status, machine.workflow, definition_file, deployed, differences, last_updated)


def _stack_machine_status(stack: DeployedStack, logical_id: str, deployed: DeployedMachine | None) -> MachineStatus:
    return MachineStatus(
        logical_id,
        "unknown" if deployed else "missing",
        deployed=deployed,
        last_updated=stack.last_updated.get(logical_id),
        was_deleted=not deployed,
    )


def _differences(stack: DeployedStack, machine: TemplateMachine, deployed: DeployedMachine) -> Iterator[Difference]:
    yield from (Difference(None, change) for change in _changes(stack, machine, deployed.definition))
    for version, definition in deployed.routed_definitions.items():
        if definition != deployed.definition:
            yield from (Difference(version, change) for change in _changes(stack, machine, definition))


def _template_in(stack: DeployedStack, machine: TemplateMachine) -> Template:
    return machine.template.in_stack(stack.physical_ids, stack.parameters, stack.arn)


def _changes(stack: DeployedStack, machine: TemplateMachine, deployed_text: str) -> list[Change]:
    known = _template_in(stack, machine).known_substitutions(machine.resource.logical_id)
    local = substitute(machine.definition.document(), known)
    deployed = read(deployed_text)
    return compare(Machine(deployed), Machine(substitute(local, infer_substitutions(local, deployed))))
