"""The state machines of a deployed stack, compared with the local definitions by state and field."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Literal

from workflow_dsl.account.access import Account
from workflow_dsl.account.last_deployment import LastDeployment
from workflow_dsl.account.role_changes import RoleChanges
from workflow_dsl.account.stack import DeployedMachine, DeployedStack, read_machine
from workflow_dsl.account.stack_definition import PREFIX, StackDefinition, definition_in_stack, template_in_stack
from workflow_dsl.account.stack_values import StackValues
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.definition.diff import MISSING, Change, compare
from workflow_dsl.definition.json import Json, value_at
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.placeholders import infer_substitutions, substitute
from workflow_dsl.definition.reading import read
from workflow_dsl.definition.state_diff import MachineDiff, diff
from workflow_dsl.records import Record, field, replace

_Status = Literal["equal", "drifted", "missing", "unknown"]


class Difference(Record):
    """The changes from a deployed definition to the local one, by state and by field.

    `version` is None for the latest revision.
    """

    version: str | None
    diff: MachineDiff
    changes: list[Change]


class MachineStatus(Record):
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
    unknown_values: tuple[str, ...] = ()  # values that only the account has, and that were not compared
    not_read: tuple[str, ...] = ()  # the reasons why some of these values were not read
    is_same_template: bool | None = None  # True if CloudFormation sees no change; None if that is unknown
    published_alias: str = ""  # the alias that a deployment moves to the version that it publishes
    role_changes: RoleChanges | None = None  # None where the last deployment is unknown or did not have it

    @property
    def is_only_in_stack(self) -> bool:
        """True if the template does not have it, so that a deployment deletes it."""
        return not self.definition_file and self.status == "unknown"

    @property
    def is_wholly_equal(self) -> bool:
        """True if it is equal, and so are all versions that its aliases point to."""
        return self.status == "equal" and self.deployed is not None and not self.unread

    @property
    def unread(self) -> tuple[str, ...]:
        """The parts of it that were not looked at, each with the reason."""
        versions = self.deployed.not_read if self.deployed else ""
        return *self.not_read, *([f"its versions and aliases were not read: {versions}"] if versions else ())

    @property
    def is_edited(self) -> bool:
        """True if only the account was edited: CloudFormation has the local definition already.

        Or only the latest revision differs, and not the version that the last deployment published. Each deployment
        publishes a version, so the revision after it comes from somewhere else. CloudFormation compares templates:
        deploying the same template again does not overwrite such an edit.
        """
        if self.is_same_template is not None:
            return self.is_same_template
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
    last: LastDeployment | None = None,
) -> Iterator[MachineStatus]:
    """Yield the status of the template's state machines, in its order, then of those that only the stack has.

    `file_name` returns the printed name of a definition's file; `on_read` is called with a logical ID before its state
    machine is read. With the last deployment, a difference that a deployment does not remove is told from one that it
    does. Raises FindingsError.
    """
    expected: set[str] = set()
    for machine in machines:
        logical_id = machine.resource.logical_id
        if template_in_stack(machine.template, stack).is_created(
            logical_id
        ):  # otherwise its condition is false in this stack
            expected.add(logical_id)
            on_read(logical_id)
            status = _template_machine_status(account, stack, machine, file_name(machine))
            is_same = last.has_same(machine, stack) if last and status.status == "drifted" else None
            changes = last.role_changes(machine, stack) if last and status.deployed else None
            alias = _published_alias(machine, stack)
            yield replace(status, is_same_template=is_same, published_alias=alias, role_changes=changes)
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
    last_updated = stack.last_updated.get(logical_id)
    if not machine.has_definition:
        return MachineStatus(
            logical_id, "unknown", machine.workflow, definition_file, deployed, last_updated=last_updated
        )
    values = StackValues(account, stack, machine.template)
    local = definition_in_stack(machine, stack, values)
    differences = list(_differences(local, deployed))
    return MachineStatus(
        logical_id,
        "drifted" if differences else "equal",
        machine.workflow,
        definition_file,
        deployed,
        differences,
        last_updated,
        unknown_values=unknown_values(local, deployed.definition),
        not_read=tuple(values.problems),
    )


def _published_alias(machine: TemplateMachine, stack: DeployedStack) -> str:
    alias = template_in_stack(machine.template, stack).known(machine.properties.get("AutoPublishAlias"))
    return alias if isinstance(alias, str) else ""


def _stack_machine_status(stack: DeployedStack, logical_id: str, deployed: DeployedMachine | None) -> MachineStatus:
    return MachineStatus(
        logical_id,
        "unknown" if deployed else "missing",
        deployed=deployed,
        last_updated=stack.last_updated.get(logical_id),
        was_deleted=not deployed,
    )


def _differences(local: StackDefinition, deployed: DeployedMachine) -> Iterator[Difference]:
    versions: dict[str | None, str] = {None: deployed.definition}
    versions.update(deployed.routed_definitions)
    for version, definition in versions.items():
        if version is None or definition != deployed.definition:
            before, after = Machine(read(definition)), local_machine(local, definition)
            changes = compare(before, after)
            if changes:
                yield Difference(version, diff(before, after), changes)


def local_machine(local: StackDefinition, deployed_text: str) -> Machine:
    """Return the local definition as one of the stack, comparable with a deployed one.

    Values that only the account has are those of the deployed definition. So is the type of a value that the template
    does not decide.
    """
    document: dict[str, Json] = substitute(local.document, _inferred(local, deployed_text))
    for change in compare(Machine(read(deployed_text)), Machine(document)):
        keys = change.where.keys
        if keys in local.untyped and MISSING not in (change.before, change.after):
            value_at(document, keys[:-1])[keys[-1]] = _typed(change.after, change.before)
    return Machine(document)


def unknown_values(local: StackDefinition, deployed_text: str) -> tuple[str, ...]:
    """Return the names of the values that only the account has, and that local_machine() takes from it."""
    return tuple(dict.fromkeys(name.removeprefix(PREFIX) for name in _inferred(local, deployed_text)))


def _inferred(local: StackDefinition, deployed_text: str) -> dict[str, Json]:
    return infer_substitutions(local.document, read(deployed_text))


def _typed(value: Json, example: Json) -> Json:
    """A string as a number or boolean, where the example is one; a number or boolean as a string, where it is that."""
    if isinstance(value, str) and isinstance(example, (int, float)):
        try:
            parsed = json.loads(value)
        except ValueError:
            return value
        return parsed if isinstance(parsed, (int, float)) else value
    return json.dumps(value) if isinstance(value, (int, float)) and isinstance(example, str) else value
