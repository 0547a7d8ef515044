"""What runs in an account against what is here: state machine by state machine, in the language of states."""

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

_Kind = Literal["equal", "drifted", "missing", "unknown"]


@dataclass(frozen=True)
class Drift:
    """A difference from what is here: of the newest revision, or of a version that an alias leads to."""

    version: str | None
    change: Change


@dataclass(frozen=True)
class MachineStatus:
    """How a state machine of the template or the stack stands.

    `missing` is one that the stack does not have, or that someone has deleted; `unknown` one that the template does not
    have, or has no definition for here. `drift` leads from what is deployed to what is here.
    """

    logical_id: str
    status: _Kind
    workflow: str = ""
    here: str = ""  # the file with the definition here
    deployed: DeployedMachine | None = None
    drift: list[Drift] = field(default_factory=list)
    changed: datetime | None = None
    is_gone: bool = False  # whether the stack has it, but someone has deleted it

    @property
    def is_only_there(self) -> bool:
        """Whether the stack has it, and the template does not: a deployment would delete it."""
        return not self.here and self.status == "unknown"

    @property
    def is_edited(self) -> bool:
        """Whether only the newest revision differs, and the version that was deployed before it does not.

        Each deployment publishes a version: what came after it is no deployment's. CloudFormation compares templates,
        so that another deployment of the same leaves it as it is.
        """
        if self.deployed is None or {drift.version for drift in self.drift} != {None}:
            return False
        return self.deployed.routed.get(self.deployed.version or "") not in (None, self.deployed.definition)


def compared(
    account: Account,
    stack: DeployedStack,
    machines: Iterable[TemplateMachine],
    shown: Callable[[TemplateMachine], str],
    seen: Callable[[str], None] = lambda name: None,
) -> Iterator[MachineStatus]:
    """Every state machine of the template, in its order, and then those that only the stack has.

    `shown` names the file of a definition, `seen` is told each state machine before it is read. Raises FindingsError.
    """
    known = set()
    for each in machines:
        name = each.resource.logical_id
        if not _in_stack(stack, each).is_made(name):
            continue  # its condition does not hold: the stack is not to have it
        known.add(name)
        seen(name)
        deployed = read_machine(account, stack.machines[name]) if name in stack.machines else None
        if deployed is None:
            yield MachineStatus(name, "missing", each.workflow, shown(each), is_gone=name in stack.machines)
            continue
        drift = list(_drift(stack, each, deployed)) if each.has_definition else []
        status: _Kind = "unknown" if not each.has_definition else "drifted" if drift else "equal"
        yield MachineStatus(name, status, each.workflow, shown(each), deployed, drift, stack.changed.get(name))
    for name, arn in stack.machines.items():
        if name not in known:
            seen(name)
            deployed = read_machine(account, arn)
            yield MachineStatus(
                name,
                "unknown" if deployed else "missing",
                deployed=deployed,
                changed=stack.changed.get(name),
                is_gone=not deployed,
            )


def _drift(stack: DeployedStack, each: TemplateMachine, deployed: DeployedMachine) -> Iterator[Drift]:
    yield from (Drift(None, change) for change in _changes(stack, each, deployed.definition))
    for version, definition in deployed.routed.items():
        if definition != deployed.definition:
            yield from (Drift(version, change) for change in _changes(stack, each, definition))


def _in_stack(stack: DeployedStack, each: TemplateMachine) -> Template:
    return each.template.in_stack(stack.physical, stack.parameters, stack.arn)


def _changes(stack: DeployedStack, each: TemplateMachine, definition: str) -> list[Change]:
    known = _in_stack(stack, each).known_substitutions(each.resource.logical_id)
    here = substitute(each.written.document(), known)
    there = read(definition)
    return compare(Machine(there), Machine(substitute(here, infer_substitutions(here, there))))
