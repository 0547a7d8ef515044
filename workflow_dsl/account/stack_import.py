"""The deployed definitions of a stack, to import them: with placeholders for the resources of the stack."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from workflow_dsl.account.access import Account
from workflow_dsl.account.stack import DeployedStack, read_machine
from workflow_dsl.application.application import Application, UnknownName
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import ReferenceTarget
from workflow_dsl.definition.reading import Source, read
from workflow_dsl.findings import did_you_mean, short_list
from workflow_dsl.importer.sources import KINDS, Definition, name_of, placeholder_of, references_of
from workflow_dsl.records import Record


def definitions_in_stack(
    account: Account, stack: DeployedStack, application: Application, names: Collection[str] = ()
) -> Iterator[Definition]:
    """Yield the definitions of a stack's state machines, or of those with these logical IDs.

    The ARN or name of a resource of the stack becomes a placeholder: that of the local template, if it has one, else
    that of the reference. Raises UnknownName for a name that the stack does not have, and FindingsError.
    """
    known = list(stack.machine_arns)
    for name in names:
        if name not in stack.machine_arns:
            remedy = did_you_mean(name, known) or f"it has {short_list(known) or 'none'}"
            raise UnknownName(f"the stack {stack.name} has no state machine {name!r}", remedy)
    values = dict(_values(stack))
    local = {machine.logical_id: machine for machine in application.machines}
    for logical_id in names or known:
        deployed = read_machine(account, stack.machine_arns[logical_id])
        if deployed is None:
            raise UnknownName(f"{logical_id} was deleted outside CloudFormation", f"name another of {stack.name}")
        machine = local.get(logical_id)
        written = references_of(machine) if machine else {}
        placeholders = _Placeholders(values, {target: name for name, target in written.items()}, dict(written))
        document = placeholders.document(read(deployed.definition))
        yield Definition(
            name_of(logical_id, machine.workflow if machine else ""),
            Source(document, file=f"deployed:{logical_id}"),
            placeholders.references,
            tuple(name for name in placeholders.references if name not in written),
            logical_id if machine else "",
            _file_of(machine),
            "EXPRESS" if deployed.type == "EXPRESS" else "STANDARD",
        )


def _file_of(machine: TemplateMachine | None) -> Path | None:
    definition = machine.resource.definition if machine else None
    return definition if isinstance(definition, Path) else None


def _values(stack: DeployedStack) -> Iterator[tuple[str, ReferenceTarget]]:
    """The ARN of each function of the stack, and what Ref has for its other resources, with the reference to each.

    A name that the template gives, such as `orders`, may be meant as text; one that CloudFormation makes has the name
    of the stack in it, or is an ARN or a URL.
    """
    _, partition, _, region, account, _ = stack.arn.split(":", 5)
    for logical_id, physical_id in stack.physical_ids.items():
        kind, attribute = KINDS.get(stack.types.get(logical_id, ""), ("", ""))
        if kind == "function":
            value = f"arn:{partition}:lambda:{region}:{account}:function:{physical_id}"
        elif kind and (":" in physical_id or stack.name in physical_id):
            value = physical_id
        else:
            continue
        yield value, ReferenceTarget(kind, logical_id, attribute)


class _Placeholders(Record):
    """Writes placeholders for the values of a stack, and collects what they mean; `names` are those to keep."""

    values: Mapping[str, ReferenceTarget]
    names: Mapping[ReferenceTarget, str]
    references: dict[str, ReferenceTarget]

    def document(self, value: Json) -> Json:
        """Return a value with placeholders."""
        if isinstance(value, dict):
            return {name: self.document(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self.document(item) for item in value]
        target = self.values.get(value) if isinstance(value, str) else None
        if target is None:
            return value
        name = self.names.get(target) or placeholder_of(target)[2:-1]
        self.references.setdefault(name, target)
        return f"${{{name}}}"
