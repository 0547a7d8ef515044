"""`deployed` and `plan`: deployed state machines compared with the local definitions."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from workflow_dsl.cli.common import (
    FOUND,
    application_of,
    compiled,
    format_option,
    print_rows,
    problems_reported,
    report,
    report_problems,
    say,
)
from workflow_dsl.cli.stacks.options import AccountOptions, account_options, progress_line
from workflow_dsl.definition.files import read_file
from workflow_dsl.definition.reading import read_source
from workflow_dsl.findings import FindingsError
from workflow_dsl.project import Project, find_project
from workflow_dsl.records import replace

if TYPE_CHECKING:
    from workflow_dsl.account import Account, DeployedStack, MachineStatus
    from workflow_dsl.account.executions import ExecutionSummary
    from workflow_dsl.application.application import Application
    from workflow_dsl.application.machines import TemplateMachine
    from workflow_dsl.definition.diff import Change
    from workflow_dsl.definition.reading import Source

_GUIDED = frozenset(("--guided", "-g"))


class _Comparison(NamedTuple):
    """The state machines of a stack and of those nested in it, and a line for each stack that was not compared."""

    machines: list[MachineStatus]
    not_compared: list[str]


def _compared(
    project: Project, account: Account, stack: DeployedStack, local: Application, *, is_plan: bool = False
) -> _Comparison:
    from workflow_dsl.account import compare_machines
    from workflow_dsl.account.last_deployment import LastDeployment
    from workflow_dsl.account.nested import NestedStack, nested_stacks

    def file_name(machine: TemplateMachine) -> str:
        path = machine.resource.definition
        return project.display_path(path) if isinstance(path, Path) else machine.template.source.file

    compared = _Comparison([], [])
    with progress_line("Reading") as progress:
        nested = nested_stacks(account, stack, local.template, partial(_source, project), project.display_path)
        for part in (NestedStack("", stack, local.machines), *nested):
            if part.stack is None or part.problem:
                compared.not_compared.append(f"{part.prefix.removesuffix('/')}: was not compared: it {part.problem}")
                continue
            last = LastDeployment(account, part.stack) if is_plan else None
            for machine in compare_machines(account, part.stack, part.machines, file_name, progress, last):
                compared.machines.append(replace(machine, logical_id=f"{part.prefix}{machine.logical_id}"))
            if last and last.problem:
                unread = f"the template of the last deployment was not read: {last.problem}"
                effect = "edits in the account may be among the changes, and permissions were not compared"
                compared.not_compared.append(f"{part.stack.name}: {effect}: {unread}")
    return compared


def _source(project: Project, path: Path) -> Source:
    return read_source(read_file(path), project.display_path(path))


@click.command(short_help="Compare deployed and local state machines.")
@account_options
@format_option("table", "json")
def deployed(options: AccountOptions, format_: str) -> None:
    """Compare deployed state machines with the local definitions; exit 1 if they differ or one cannot be compared.

    Each state machine is equal, drifted (every difference is listed by state and field), missing from the stack, or
    unknown (not in the template, or without a local definition). The table also has its latest version, its aliases
    and its last deployment. Versions that an alias points to are compared too. Nothing in the account is changed.
    """
    with problems_reported():
        from workflow_dsl.account.wording import status_lines

        project = find_project(Path.cwd())
        account, stack = options.open_stack(project)
        local = application_of(project)
        has_errors = report_problems(local)
        machines, not_compared = _compared(project, account, stack, local)
        if format_ == "json":
            from workflow_dsl.definition.json import inert_json

            click.echo(inert_json(json.dumps(_as_json(stack, machines, not_compared), indent=2, ensure_ascii=False)))
        else:
            print_rows(_rows(machines))
            for machine in machines:
                for line in status_lines(machine):
                    say(line)
            for line in not_compared:
                say(line)
            change_set = f", last deployed by {stack.change_set}" if stack.change_set else ""
            say(f"Stack {stack.name} is {stack.status}{change_set}.")
        if has_errors or not_compared or not all(machine.is_wholly_equal for machine in machines):
            sys.exit(FOUND)


def _rows(machines: Sequence[MachineStatus]) -> list[tuple[str, ...]]:
    from workflow_dsl.account.wording import routes_text
    from workflow_dsl.expressions.timestamps import format_utc

    rows: list[tuple[str, ...]] = [("State machine", "Status", "Definition", "Version", "Aliases", "Last deployed")]
    for machine in machines:
        aliases = machine.deployed.aliases if machine.deployed else {}
        rows.append(
            (
                machine.logical_id,
                machine.status,
                machine.definition_file,
                (machine.deployed.version if machine.deployed else None) or "",
                ", ".join(f"{alias}: {routes_text(routes)}" for alias, routes in aliases.items()),
                format_utc(machine.last_updated) if machine.last_updated else "",
            )
        )
    return rows


def _as_json(stack: DeployedStack, machines: Sequence[MachineStatus], not_compared: Sequence[str]) -> dict[str, Any]:
    return {
        "stack": stack.arn,
        "status": stack.status,
        "changeSet": stack.change_set,
        "stateMachines": [_machine_as_json(machine) for machine in machines],
        "notCompared": list(not_compared),
    }


def _machine_as_json(machine: MachineStatus) -> dict[str, Any]:
    deployed = machine.deployed
    aliases = deployed.aliases if deployed else {}
    return {
        "logicalId": machine.logical_id,
        "workflow": machine.workflow or None,
        "definition": machine.definition_file or None,
        "standing": machine.status,
        "isEdited": machine.is_edited,
        "arn": deployed.arn if deployed else None,
        "version": deployed.version if deployed else None,
        "aliases": {alias: {route.version: route.percent for route in routes} for alias, routes in aliases.items()},
        "deployedLast": machine.last_updated.isoformat() if machine.last_updated else None,
        "changes": [
            _change_as_json(difference.version, change)
            for difference in machine.differences
            for change in difference.changes
        ],
        "notCompared": list(machine.unknown_values),
        "notRead": list(machine.unread),
    }


def _change_as_json(version: str | None, change: Change) -> dict[str, Any]:
    from workflow_dsl.definition.diff import MISSING

    return {
        "version": version,
        "pointer": change.where.pointer,
        "state": change.where.state,
        "field": change.where.field,
        **({} if change.before is MISSING else {"deployed": change.before}),
        **({} if change.after is MISSING else {"here": change.after}),
    }


@click.command(context_settings={"ignore_unknown_options": True}, short_help="Preview a deployment.")
@account_options
@format_option("text", "markdown", help="Print in this format; markdown is for a pull request.")
@click.option("--explore", is_flag=True, help="Also search for inputs for which executions will differ.")
@click.argument("sam_options", nargs=-1, metavar="[SAM DEPLOY'S OPTIONS]...", type=click.UNPROCESSED)
def plan(options: AccountOptions, format_: str, explore: bool, sam_options: tuple[str, ...]) -> None:
    """Preview a deployment: which state machines change, how, what their roles may do, and which executions still run.

    Accepts all options of `sam deploy`, and uses --parameter-overrides and those listed below. Like
    `generate --check`, it stops if generated/ is out of date or there is an error. Exit 1 if something was not looked
    at.
    """
    with problems_reported():
        from workflow_dsl.account.wording import not_looked_at, plan_lines, plan_markdown
        from workflow_dsl.agreement.common import template_uses_macros

        project = find_project(Path.cwd())
        _refuse_if_not_ready(project)
        try:
            stack = _planned_stack(project, options, sam_options)
        except FindingsError as problem:
            if _GUIDED.isdisjoint(sam_options) or problem.findings[0].code != "NO_REGION":
                raise
            click.echo("No preview: the region is not known yet. The next deployment has one.")
            return
        if stack is None:
            click.echo(f"Stack {options.stack(project)} does not exist yet: everything is new.")
            return
        account, local = options.account(project), application_of(project)
        has_macros = template_uses_macros(local.template) or bool(local.template.loops)
        machines, not_compared = _compared(project, account, stack, local, is_plan=True)
        lines: list[str] = []
        not_read = [*not_compared, *(line for machine in machines for line in not_looked_at(machine))]
        for machine in machines:
            running, not_listed = _running(account, machine)
            not_read += [not_listed] if not_listed else []
            lines += plan_lines(machine, running, has_macros=has_macros)
            lines += _different_executions(machine) if explore else ()
        for line in (*(plan_markdown(lines) if format_ == "markdown" else lines), *not_read):
            say(line)
        if not_read:
            sys.exit(FOUND)


def _different_executions(machine: MachineStatus) -> Iterator[str]:
    """Yield the lines of --explore about a state machine: where executions of the deployed definition go elsewhere."""
    from workflow_dsl.exploration.apart import apart

    for difference in machine.differences:
        version = "the deployed one" if difference.version is None else f"version {difference.version}"
        yield from (f"  {line}" for line in apart(difference.diff, version, "the new one"))


def _running(account: Account, machine: MachineStatus) -> tuple[list[ExecutionSummary], str]:
    """The running executions of a state machine, and the reason why they were not read, "" if they were."""
    from workflow_dsl.account.access import AwsError
    from workflow_dsl.account.executions import running_executions

    try:
        return (running_executions(account, machine.deployed) if machine.deployed else []), ""
    except AwsError as problem:
        if not problem.is_denied:
            raise
        return [], f"{machine.logical_id}: its running executions were not read: {problem.findings[0].message}"


def _refuse_if_not_ready(project: Project) -> None:
    from workflow_dsl.generation.build import generate

    if report(generate(project, project.workflow_files(), partial(compiled, project)).problems()):
        click.echo("Fix the errors above. Nothing was deployed.", err=True)
        sys.exit(FOUND)


def _planned_stack(project: Project, options: AccountOptions, sam_options: Sequence[str]) -> DeployedStack | None:
    """The stack with the parameters that the deployment gives it; None if it does not exist yet."""
    from workflow_dsl.account import read_stack
    from workflow_dsl.account.samconfig import parameter_overrides

    stack = read_stack(options.account(project), options.stack(project))
    if stack is None:
        return None
    return stack.with_parameters(parameter_overrides(sam_options) or options.settings(project).parameters)
