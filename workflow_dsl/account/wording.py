"""The lines that describe deployed state machines: their differences, what a deployment changes, what is running."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from workflow_dsl.account.comparison import MachineStatus
from workflow_dsl.account.stack import Route
from workflow_dsl.expressions.timestamps import format_utc
from workflow_dsl.views.changes import change_lines, summary

if TYPE_CHECKING:
    from workflow_dsl.account.executions import ExecutionSummary

_MOST_EXECUTIONS = 10  # listed for one state machine


def routes_text(routes: Sequence[Route]) -> str:
    """Return an alias's versions with their shares: `3 (80%) 4 (20%)`."""
    return " ".join(f"{route.version} ({route.percent}%)" for route in routes)


def difference_lines(machine: MachineStatus) -> Iterator[str]:
    """Yield a line for each change from the account to the local definition, in the words of `diff`."""
    for difference in machine.differences:
        since = "" if difference.version is None else f" (since version {difference.version})"
        yield from (f"{line}{since}" for line in change_lines(difference.diff))


def status_lines(machine: MachineStatus) -> Iterator[str]:
    """Yield the lines of `deployed` about a state machine that differs; the first begins with its logical ID."""
    for difference in machine.differences:
        deployed = "the account" if difference.version is None else f"version {difference.version}"
        names = f"from {deployed} to {machine.definition_file}"
        yield f"{machine.logical_id}: {names}: {summary(difference.diff)}"
        yield from (f"  {line}" for line in change_lines(difference.diff))
    yield from (f"{machine.logical_id}: {line}" for line in (*_unknown_lines(machine), *machine.unread))
    if machine.status == "unknown":
        reason = "its local definition is not available" if machine.definition_file else "it is not in the template"
        yield f"{machine.logical_id}: was not compared: {reason}"
    if machine.is_edited and machine.deployed:
        version = machine.deployed.version
        yield f"{machine.logical_id}: was edited in the console after version {version}, which its aliases still run"


def _unknown_lines(machine: MachineStatus) -> Iterator[str]:
    if machine.unknown_values:
        yield f"not compared, only in the account: {', '.join(machine.unknown_values)}"


def plan_lines(
    machine: MachineStatus, running: Sequence[ExecutionSummary] = (), *, has_macros: bool = False
) -> Iterator[str]:
    """Yield the lines of `plan` about a state machine: what a deployment does to it, and to its running executions.

    `has_macros`: the template uses macros, which may create state machines that it does not show.
    """
    yield f"{machine.logical_id}: {planned_action(machine, has_macros=has_macros)}"
    changes = (*difference_lines(machine), *_unknown_lines(machine), *role_lines(machine), *alias_lines(machine))
    for line in (*changes, *running_lines(machine, running)):
        yield f"  {line}"


def not_looked_at(machine: MachineStatus) -> list[str]:
    """Return what a plan could not look at of a state machine, and why."""
    policies = machine.role_changes.unknown if machine.role_changes else ""
    lines = [
        *machine.unread,
        *([f"the changed policies of its role were not compared: {policies}"] if policies else ()),
    ]
    if machine.status == "unknown" and machine.definition_file:
        lines.append("was not compared: its local definition is not available")
    return [f"{machine.logical_id}: {line}" for line in lines]


def plan_markdown(lines: Sequence[str]) -> list[str]:
    """Return the lines of a plan as Markdown for a pull request: a heading for each state machine, and lists."""
    markdown: list[str] = []
    for line in lines:
        is_title, is_first = not line.startswith("  "), not markdown or markdown[-1].startswith("### ")
        gap = [""] if is_first is not is_title or (is_title and markdown) else []
        markdown += [*gap, f"### {line}" if is_title else f"- {_code(line)}"]
    return markdown


def _code(line: str) -> str:
    """A line as Markdown code, whatever backquotes it has (CommonMark, "Code spans")."""
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    return f"{fence} {line.strip()} {fence}" if len(fence) > 1 else f"`{line.strip()}`"


def alias_lines(machine: MachineStatus) -> Iterator[str]:
    """Yield a line for each alias of a state machine that changes: the version that it runs after the deployment."""
    if machine.deployed is None or not machine.differences or machine.is_edited:
        return
    for alias, routes in machine.deployed.aliases.items():
        if alias == machine.published_alias:
            yield f"alias {alias} moves from version {routes_text(routes)} to a new version"
        else:
            yield f"alias {alias} keeps running version {routes_text(routes)}: the template does not move it"


def role_lines(machine: MachineStatus) -> Iterator[str]:
    """Yield a line for each resource on which the role of a state machine may do more or less after a deployment."""
    changes = machine.role_changes
    if changes is None:
        return
    if changes.role:
        yield f"its role changes from {changes.role[0]} to {changes.role[1]}"
    for resource, actions in changes.added.items():
        yield f"its role may now {', '.join(actions)} on {_resource(resource)}"
    for resource, actions in changes.removed.items():
        yield f"its role may no longer {', '.join(actions)} on {_resource(resource)}"
    if changes.is_restricted_otherwise:
        yield "its role is restricted differently: conditions, denials or boundaries of its policies change"


def _resource(resource: str) -> str:
    return "any resource" if resource == "*" else resource


def planned_action(machine: MachineStatus, *, has_macros: bool = False) -> str:
    """Return what a deployment does to a state machine, as the end of a sentence about it."""
    if machine.is_only_in_stack:
        if has_macros:
            return "is not compared: it is not in the template, but a macro may create it"
        return "will be deleted: it is not in the template"
    # In both cases CloudFormation compares the old template with the new one, and finds them equal.
    if machine.was_deleted:
        return "was deleted outside CloudFormation; deploying an unchanged template will not create it again"
    count = sum(len(difference.changes) for difference in machine.differences)
    if machine.is_edited:
        changes = f"{count} change{'' if count == 1 else 's'}"
        where = "account" if machine.is_same_template else "console"
        return f"was edited in the {where} ({changes}); deploying an unchanged template will not overwrite it"
    return {
        "equal": "does not change",
        "drifted": f"changes in {count} place{'' if count == 1 else 's'}",
        "missing": "is new",
        "unknown": "is not compared: its local definition is not available",
    }[machine.status]


def running_lines(machine: MachineStatus, running: Sequence[ExecutionSummary]) -> Iterator[str]:
    """Yield a line for each running execution: it ends with the definition that it began with.

    The executions of a deleted state machine end at their next transition (API reference, DeleteStateMachine).
    """
    is_changed = machine.differences and not machine.is_same_template
    fate = "keeps running with the old definition" if is_changed else "keeps running"
    if machine.is_only_in_stack:
        fate = "will be stopped"
    for execution in running[:_MOST_EXECUTIONS]:
        yield f"{fate}: {execution.name}, started {format_utc(execution.started)}"
    if len(running) > _MOST_EXECUTIONS:
        yield f"and {len(running) - _MOST_EXECUTIONS} more"
