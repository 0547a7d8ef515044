"""What runs in an account against what is here: state machine by state machine, in the language of states."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from workflow_dsl.account.access import Account
from workflow_dsl.account.stack import DeployedMachine, DeployedStack, read_machine
from workflow_dsl.asl import Machine
from workflow_dsl.deployment import Deployed
from workflow_dsl.diff import Change, compare
from workflow_dsl.expressions.placeholders import captured, filled
from workflow_dsl.reading import read

_Kind = Literal["equal", "drifted", "missing", "unknown"]


@dataclass(frozen=True)
class Standing:
    """How a state machine of the template or the stack stands.

    `missing` is one that the stack does not have, `unknown` one that the template does not have, or has no definition
    for here. `changes` lead from what is deployed to what is here.
    """

    logical_id: str
    standing: _Kind
    workflow: str = ""
    here: str = ""  # the file with the definition here
    deployed: DeployedMachine | None = None
    changes: list[Change] = field(default_factory=list)
    changed: datetime | None = None


def compared(
    account: Account,
    stack: DeployedStack,
    machines: Iterable[Deployed],
    shown: Callable[[Deployed], str],
    seen: Callable[[str], None] = lambda name: None,
) -> Iterator[Standing]:
    """Every state machine of the template, in its order, and then those that only the stack has.

    `shown` names the file of a definition, `seen` is told each state machine before it is read. Raises FindingsError.
    """
    known = set()
    for each in machines:
        name = each.resource.logical_id
        known.add(name)
        seen(name)
        if name not in stack.machines:
            yield Standing(name, "missing", each.workflow, shown(each))
            continue
        deployed = read_machine(account, stack.machines[name])
        changes = _changes(stack, each, deployed.definition) if each.has_definition else []
        standing: _Kind = "unknown" if not each.has_definition else "drifted" if changes else "equal"
        changed = stack.changed.get(name)
        yield Standing(name, standing, each.workflow, shown(each), deployed, changes, changed)
    for name, arn in stack.machines.items():
        if name not in known:
            seen(name)
            yield Standing(name, "unknown", deployed=read_machine(account, arn), changed=stack.changed.get(name))


def _changes(stack: DeployedStack, each: Deployed, definition: str) -> list[Change]:
    template = each.template.in_stack(stack.physical, stack.parameters, stack.arn)
    known = template.known_substitutions(each.resource.logical_id)
    here = filled(each.written.document(), known)
    there = read(definition)
    return compare(Machine(there), Machine(filled(here, captured(here, there))))
