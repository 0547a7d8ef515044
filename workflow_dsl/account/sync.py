"""Updates of deployed definitions: a plan as data, and the function that carries it out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workflow_dsl.account.access import Account, unexpected_responses_reported
from workflow_dsl.account.comparison import MachineStatus, local_machine
from workflow_dsl.account.last_deployment import LastDeployment
from workflow_dsl.account.stack import DeployedMachine, DeployedStack
from workflow_dsl.account.stack_definition import PREFIX, StackDefinition, definition_in_stack, template_in_stack
from workflow_dsl.account.stack_values import StackValues
from workflow_dsl.account.template_changes import changed_parts
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.definition.json import Json, leaves, value_at
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.placeholders import is_placeholder, placeholders_in
from workflow_dsl.definition.reading import read
from workflow_dsl.definition.state_diff import MachineDiff, diff
from workflow_dsl.findings import Finding, Place, Where, short_list
from workflow_dsl.records import Record, field
from workflow_dsl.regexes import lazy_regex
from workflow_dsl.validation import check

_DEPLOY = "deploy the stack"
_ABSENT = lazy_regex(r"<(\w+), not in the stack>")
_AT_ONCE = "ALL_AT_ONCE"  # the type of a DeploymentPreference that moves an alias in one step


class Update(Record):
    """A deployed definition and its replacement; `notes` say what does not change."""

    logical_id: str
    arn: str
    diff: MachineDiff
    notes: tuple[str, ...] = ()

    @property
    def definition(self) -> Machine:
        """The new definition."""
        return self.diff.after


class SyncPlan(Record):
    """The updates of a stack, and the findings that prevent them; with any finding, nothing is updated."""

    updates: list[Update] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def plan_sync(
    account: Account,
    stack: DeployedStack,
    machines: Iterable[tuple[TemplateMachine, MachineStatus]],
    last: LastDeployment,
    *,
    may_be_gradual: bool = False,
) -> SyncPlan:
    """Return the updates for state machines of a stack whose deployed definition differs from the local one.

    `may_be_gradual` allows updates of state machines that are deployed gradually. Raises FindingsError.
    """
    plan, machines = SyncPlan(), list(machines)
    plan.findings.extend(_other_changes(stack, [machine for machine, _ in machines], last))
    for machine, status in machines:
        if status.deployed is None or status.status == "unknown":
            plan.findings.append(_not_there(machine, status))
            continue
        local = definition_in_stack(machine, stack, StackValues(account, stack, machine.template))
        after = local_machine(local, status.deployed.definition)
        update = Update(
            machine.logical_id,
            status.deployed.arn,
            diff(Machine(read(status.deployed.definition)), after),
            tuple(_notes(status.deployed)),
        )
        if update.diff:
            problems = [*_unknown_values(machine, local, status.deployed), *_gradual(machine, stack, status.deployed)]
            allowed = [problem for problem in problems if not (may_be_gradual and problem.remedy == _TELL)]
            plan.findings.extend(allowed or _invalid(machine, after))
            plan.updates.append(update)
    return plan


@unexpected_responses_reported
def apply(account: Account, update: Update) -> str:
    """Update a deployed definition, and nothing else of its state machine; return the ID of the new revision.

    Raises FindingsError. Running executions keep the definition that they started with; executions that start within
    a few seconds may still use it too (API reference, UpdateStateMachine).
    """
    response = account.call(
        "stepfunctions",
        "update_state_machine",
        stateMachineArn=update.arn,
        definition=update.definition.to_text(),
    )
    return str(response.get("revisionId", ""))


def _other_changes(stack: DeployedStack, machines: list[TemplateMachine], last: LastDeployment) -> Iterator[Finding]:
    if not machines:
        return
    template, local = last.template(), machines[0].template
    place = local.source.file
    if template is None:
        reason = f": {last.problem}" if last.problem else ""
        message = f"the template of the last deployment of {stack.name} cannot be read{reason}"
        yield _finding(place, message, f"allow cloudformation:GetTemplate, or {_DEPLOY}")
        return
    parts = changed_parts(template, local)
    if parts:
        yield _finding(place, f"differs from the deployed template of {stack.name}: {short_list(parts)}", _DEPLOY)


def _not_there(machine: TemplateMachine, status: MachineStatus) -> Finding:
    if status.status == "unknown":
        return _about(machine, "has no definition on this computer", "name a local file in its DefinitionUri")
    return _about(machine, "is not in the stack", _DEPLOY)


_TELL = "deploy the stack, or add --gradual"


def _gradual(machine: TemplateMachine, stack: DeployedStack, deployed: DeployedMachine) -> Iterator[Finding]:
    """Yield a finding for a state machine that is deployed gradually."""
    template = template_in_stack(machine.template, stack)
    preference = template.value(machine.properties.get("DeploymentPreference"))
    kind = preference.get("Type", _AT_ONCE) if isinstance(preference, dict) else _AT_ONCE
    split = [alias for alias, routes in deployed.aliases.items() if len(routes) > 1]
    if split:
        yield _about(machine, f"has an alias that routes to two versions: {short_list(split)}", _TELL)
    elif preference and kind != _AT_ONCE:
        yield _about(machine, f"is deployed gradually ({kind})", _TELL)


def _notes(deployed: DeployedMachine) -> Iterator[str]:
    for alias, routes in deployed.aliases.items():
        versions = " and ".join(route.version for route in routes)
        yield f"alias {alias} keeps running version {versions}: an update publishes no version"
    if deployed.not_read:
        yield f"its versions and aliases were not read: {deployed.not_read}"


def _unknown_values(machine: TemplateMachine, local: StackDefinition, deployed: DeployedMachine) -> Iterator[Finding]:
    """Yield a finding for values that are known only at deployment and are not in the deployed definition."""
    document = read(deployed.definition)
    absent = {match[1]: None for _, text in leaves(local.document) for match in _ABSENT.finditer(str(text))}
    if absent:
        yield _about(machine, f"refers to resources that the stack does not have: {short_list(absent)}", _DEPLOY)
    substitutions = machine.template.substitutions_of(machine.logical_id)
    unknown = {
        name.removeprefix(PREFIX): None
        for keys, text in leaves(local.document)
        if isinstance(text, str) and "${" in text and not _is_certain(text, value_at(document, keys))
        for name in placeholders_in(text)
        if name.startswith(PREFIX) or name in substitutions
    }
    if unknown:
        yield _about(machine, f"has values that are known only at deployment: {short_list(unknown)}", _DEPLOY)


def _is_certain(text: str, deployed: Json) -> bool:
    """True for a placeholder that fills the whole value, and so stands for the deployed one."""
    return is_placeholder(text) and deployed is not None


def _invalid(machine: TemplateMachine, definition: Machine) -> list[Finding]:
    """Findings for a definition that is wrong with the values of the stack, which the local check did not have."""
    errors = [finding for finding in check(definition, type=machine.resource.type) if finding.severity == "error"]
    return [_about(machine, f"would be rejected: {error.text}", _DEPLOY) for error in errors]


def _about(machine: TemplateMachine, message: str, remedy: str) -> Finding:
    return Finding("NOT_SYNCED", "error", Where(place=machine.place()), f"{machine.logical_id} {message}", remedy)


def _finding(file: str, message: str, remedy: str) -> Finding:
    return Finding("NOT_SYNCED", "error", Where(place=Place(file)), message, remedy)
