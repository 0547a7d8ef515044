"""`deployed`, `plan`: what runs in the account against what is here."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow_dsl.cli.account import Asked, account_options, progress_line, template_stack, utc
from workflow_dsl.cli.common import FOUND, compiled, print_rows, problems_reported, report, say
from workflow_dsl.findings import Finding, FindingsError, Where
from workflow_dsl.project import Project, find_project

if TYPE_CHECKING:
    from workflow_dsl.account import Account, DeployedStack, Drift, MachineStatus
    from workflow_dsl.application.machines import Stack

_SHOWN = 10  # executions of a state machine that a plan names
# CloudFormation updates none of these, nor one on which something is going on (user guide, "Stack status codes").
_NOT_TO_BE_UPDATED = ("ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED", "UPDATE_ROLLBACK_FAILED")
_GUIDED = frozenset(("--guided", "-g"))


def _standings(project: Project, account: Account, stack: DeployedStack, here: Stack) -> list[MachineStatus]:
    from workflow_dsl.account import compared
    from workflow_dsl.application.machines import TemplateMachine

    def shown(each: TemplateMachine) -> str:
        path = each.resource.definition
        return project.shown(path) if isinstance(path, Path) else project.template.as_posix()

    with progress_line("Reading") as progress:
        return list(compared(account, stack, here.machines, shown, progress))


@click.command()
@account_options
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
def deployed(asked: Asked, format_: str) -> None:
    """Compare what runs in the account with what is here; exit 1 where it differs.

    Of each state machine: equal, drifted (in which states and fields, what is there and what is here), missing in the
    stack, or unknown here; its newest version, its aliases, and when it was deployed last. A version that an alias
    leads to counts as the newest revision does. Nothing is changed.
    """
    with problems_reported():
        from workflow_dsl.account import read_stack
        from workflow_dsl.account.stack import no_stack

        project = find_project(Path.cwd())
        account, name = asked.account(project), asked.stack(project)
        stack = read_stack(account, name)
        if stack is None:
            raise no_stack(account, name)
        here = template_stack(project)
        standings = _standings(project, account, stack, here)
        if format_ == "json":
            click.echo(json.dumps(_as_json(stack, standings), indent=2, ensure_ascii=False))
        else:
            print_rows(_rows(standings))
            for each in standings:
                for line in _told_drift(each):
                    say(f"{each.logical_id}: {line}")
                if each.is_edited and each.deployed:
                    said = f"edited in the account after version {each.deployed.version}, which its aliases run"
                    click.echo(f"{each.logical_id}: {said}")
            by = f", deployed last by {stack.change_set}" if stack.change_set else ""
            click.echo(f"Stack {stack.name} is {stack.status}{by}.")
        is_wrong = report(finding for each in here.machines for finding in each.problems)
        if is_wrong or any(each.status in ("drifted", "missing") for each in standings):
            sys.exit(FOUND)


def _rows(standings: Sequence[MachineStatus]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("State machine", "Standing", "Definition", "Version", "Aliases", "Deployed last")]
    for each in standings:
        machine = each.deployed
        aliases = {name: _routes(routes) for name, routes in machine.aliases.items()} if machine else {}
        rows.append(
            (
                each.logical_id,
                each.status,
                each.here,
                (machine.version if machine else None) or "",
                ", ".join(f"{name}: {routes}" for name, routes in aliases.items()),
                utc(each.changed) if each.changed else "",
            )
        )
    return rows


def _routes(routes: Sequence[Any]) -> str:
    return " ".join(f"{route.version} ({route.percent} %)" for route in routes)


def _told_drift(each: MachineStatus) -> Iterator[str]:
    for drift in each.drift:
        at = drift.change.where.in_definition or "the definition"
        there = "the account" if drift.version is None else f"version {drift.version}"
        yield f"{at}: {drift.change.say(there, each.here)}"


def _as_json(stack: DeployedStack, standings: Sequence[MachineStatus]) -> dict[str, Any]:
    return {
        "stack": stack.arn,
        "status": stack.status,
        "changeSet": stack.change_set,
        "stateMachines": [
            {
                "logicalId": each.logical_id,
                "workflow": each.workflow or None,
                "definition": each.here or None,
                "standing": each.status,
                "isEdited": each.is_edited,
                "arn": each.deployed.arn if each.deployed else None,
                "version": each.deployed.version if each.deployed else None,
                "aliases": {
                    name: {route.version: route.percent for route in routes}
                    for name, routes in (each.deployed.aliases if each.deployed else {}).items()
                },
                "deployedLast": each.changed.isoformat() if each.changed else None,
                "changes": [_as_json_change(drift) for drift in each.drift],
            }
            for each in standings
        ],
    }


def _as_json_change(drift: Drift) -> dict[str, Any]:
    from workflow_dsl.definition.diff import MISSING

    change = drift.change
    return {
        "version": drift.version,
        "pointer": change.where.pointer,
        "state": change.where.state,
        "field": change.where.field,
        **({} if change.before is MISSING else {"deployed": change.before}),
        **({} if change.after is MISSING else {"here": change.after}),
    }


@click.command(context_settings={"ignore_unknown_options": True})
@account_options
@click.argument("others", nargs=-1, metavar="[SAM DEPLOY'S OPTIONS]...", type=click.UNPROCESSED)
def plan(asked: Asked, others: tuple[str, ...]) -> None:
    """Show what a deployment of what is here would change in which state machine, and which executions are running.

    It takes the options of `sam deploy`, of which it reads those below and --parameter-overrides. It refuses, as
    `generate --check` does, while generated/ is not current or something is an error.
    """
    with problems_reported():
        from workflow_dsl.agreement.common import template_uses_macros

        project = find_project(Path.cwd())
        _refuse_what_is_not_ready(project)
        try:
            stack = _stack_to_be(project, asked, others)
        except FindingsError as problem:
            if _GUIDED.isdisjoint(others) or problem.findings[0].code != "NO_REGION":
                raise
            click.echo("What would change is shown once the region is known: from the next time on.")
            return
        if stack is None:
            click.echo(f"Stack {asked.stack(project)} is new: everything is.")
            return
        account, here = asked.account(project), template_stack(project)
        for each in _standings(project, account, stack, here):
            say(f"{each.logical_id}: {_planned(each, is_whole=not template_uses_macros(here.template))}")
            for line in (*_told_drift(each), *_told_running(account, each)):
                say(f"  {line}")


def _refuse_what_is_not_ready(project: Project) -> None:
    from workflow_dsl.generation.build import generation

    if report(generation(project, project.workflow_files(), partial(compiled, project)).obstacles()):
        click.echo("Nothing is deployed until this is mended.", err=True)
        sys.exit(FOUND)


def _stack_to_be(project: Project, asked: Asked, others: Sequence[str]) -> DeployedStack | None:
    """The stack with the parameters that it will have; None for a new one."""
    from workflow_dsl.account import read_stack
    from workflow_dsl.account.samconfig import parameter_overrides

    stack = read_stack(asked.account(project), asked.stack(project))
    if stack is None:
        return None
    if stack.status in _NOT_TO_BE_UPDATED or stack.status.endswith("_IN_PROGRESS"):
        message = f"the stack {stack.name} is {stack.status}, which CloudFormation does not update"
        remedy = "delete it, and deploy again" if stack.status == "ROLLBACK_COMPLETE" else "see what became of it first"
        raise FindingsError([Finding("STACK_STATUS", "error", Where(), message, remedy)])
    given = parameter_overrides(others) or asked.settings(project).parameters
    secret = {name for name, value in stack.parameters.items() if value is None}  # told as stars, and not to be shown
    plain = {name: value for name, value in given.items() if name not in secret}
    return replace(stack, parameters={**stack.parameters, **plain})


def _planned(each: MachineStatus, *, is_whole: bool) -> str:
    if each.is_only_there:
        said = "is deleted: the template does not have it"
        return said if is_whole else "is not compared: the template does not have it, unless a macro makes it"
    if each.is_gone:
        # CloudFormation compares templates, in which nothing has changed.
        return "was deleted in the account, and a deployment does not make it again"
    count = len(each.drift)
    if each.is_edited:
        return f"was edited in the account in {count} place{'' if count == 1 else 's'}, which a deployment leaves so"
    return {
        "equal": "does not change",
        "drifted": f"changes in {count} place{'' if count == 1 else 's'}",
        "missing": "is new",
        "unknown": "is not compared: its definition is not here",
    }[each.status]


def _told_running(account: Account, each: MachineStatus) -> Iterator[str]:
    """The executions that are running: they end with the definition that they began with.

    But for those of a state machine that is deleted: they end at their next transition (API reference,
    DeleteStateMachine).
    """
    from workflow_dsl.account.executions import running

    going_on = running(account, each.deployed) if each.deployed else []
    how = "is ended" if each.is_only_there else "runs on as it was" if each.drift else "runs on"
    for execution in going_on[:_SHOWN]:
        yield f"{how}: {execution.name}, since {utc(execution.started)}"
    if len(going_on) > _SHOWN:
        yield f"and {len(going_on) - _SHOWN} others"
