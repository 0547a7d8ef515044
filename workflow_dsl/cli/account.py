"""`deployed`, `plan`: what runs in the account against what is here."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow_dsl.cli.common import FOUND, compiled, print_rows, problems_reported, report
from workflow_dsl.project import Project, find_project

if TYPE_CHECKING:
    from workflow_dsl.account import Account, DeployedStack, Standing
    from workflow_dsl.deployment import Stack

_Command = Callable[..., Any]


def account_options(command: _Command) -> _Command:
    """The options that say which account and region is asked."""
    for option in (
        click.option("--endpoint-url", metavar="URL", help="Ask an emulator there instead of AWS."),
        click.option("--region", help="By default samconfig.toml's, else AWS_REGION or the profile's."),
        click.option("--profile", help="By default samconfig.toml's, else AWS_PROFILE."),
        click.option("--stack-name", help="By default samconfig.toml's stack_name."),
    ):
        command = option(command)
    return command


def account_of(
    project: Project, stack_name: str | None, profile: str | None, region: str | None, endpoint_url: str | None
) -> tuple[Account, str]:
    """The account, and the stack's name. Refuses a call that does not say which stack."""
    from workflow_dsl.account import open_account
    from workflow_dsl.samconfig import deploy_settings

    settings = deploy_settings(project.root)
    name = stack_name or settings.get("stack_name")
    if not name:
        raise click.UsageError("which stack? name it with --stack-name, or set stack_name in samconfig.toml")
    given = profile or settings.get("profile"), region or settings.get("region")
    return open_account(*given, endpoint_url), name


@contextmanager
def told(label: str) -> Iterator[Callable[[str], None]]:
    """Says what is being read, on one line of a person's terminal, gone afterwards."""
    is_seen = sys.stderr.isatty()

    def say(name: str) -> None:
        if is_seen:
            click.echo(f"\r\x1b[K{label} {name} ...", nl=False, err=True)

    try:
        yield say
    finally:
        if is_seen:
            click.echo("\r\x1b[K", nl=False, err=True)


def here(project: Project) -> Stack:
    from workflow_dsl.deployment import project_stack

    stack = project_stack(project)
    if stack is None:
        raise click.UsageError(f"no template {project.shown(project.root / project.template)}")
    return stack


def _standings(project: Project, account: Account, stack: DeployedStack) -> list[Standing]:
    from workflow_dsl.account import compared
    from workflow_dsl.deployment import Deployed

    def shown(each: Deployed) -> str:
        path = each.resource.definition
        return project.shown(path) if isinstance(path, Path) else project.template.as_posix()

    with told("Reading") as say:
        return list(compared(account, stack, here(project).machines, shown, say))


@click.command()
@account_options
@click.option("--format", "format_", type=click.Choice(["table", "json"]), default="table", show_default=True)
def deployed(
    stack_name: str | None, profile: str | None, region: str | None, endpoint_url: str | None, format_: str
) -> None:
    """Compare what runs in the account with what is here; exit 1 where it differs.

    Of each state machine: equal, drifted (in which states and fields, what is there and what is here), missing in the
    stack, or unknown here; its newest version, its aliases, and when it was changed last. Nothing is changed.
    """
    with problems_reported():
        from workflow_dsl.account import read_stack
        from workflow_dsl.account.stack import no_stack

        project = find_project(Path.cwd())
        account, name = account_of(project, stack_name, profile, region, endpoint_url)
        stack = read_stack(account, name)
        if stack is None:
            raise no_stack(account, name)
        standings = _standings(project, account, stack)
        if format_ == "json":
            click.echo(json.dumps(_as_json(stack, standings), indent=2, ensure_ascii=False))
        else:
            print_rows(_rows(standings))
            for line in _told_changes(standings, "the account"):
                click.echo(line)
            click.echo(f"Stack {stack.name} is {stack.status}, changed last by {stack.change_set or 'no change set'}.")
        if any(each.standing in ("drifted", "missing") for each in standings):
            sys.exit(FOUND)


def _rows(standings: Sequence[Standing]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [("State machine", "Standing", "Definition", "Version", "Aliases", "Changed last")]
    for each in standings:
        machine = each.deployed
        aliases = {name: _routes(routes) for name, routes in machine.aliases.items()} if machine else {}
        rows.append(
            (
                each.logical_id,
                each.standing,
                each.here,
                (machine.version if machine else None) or "",
                ", ".join(f"{name}: {routes}" for name, routes in aliases.items()),
                f"{each.changed:%Y-%m-%d %H:%M}" if each.changed else "",
            )
        )
    return rows


def _routes(routes: Sequence[Any]) -> str:
    return " ".join(f"{route.version} ({route.percent} %)" for route in routes)


def _told_changes(standings: Sequence[Standing], there: str) -> Iterator[str]:
    for each in standings:
        for change in each.changes:
            at = change.where.in_definition or "the definition"
            yield f"{each.logical_id}: {at}: {change.say(there, each.here)}"


def _as_json(stack: DeployedStack, standings: Sequence[Standing]) -> dict[str, Any]:
    from workflow_dsl.diff import ABSENT

    return {
        "stack": stack.arn,
        "status": stack.status,
        "changeSet": stack.change_set,
        "stateMachines": [
            {
                "logicalId": each.logical_id,
                "workflow": each.workflow or None,
                "definition": each.here or None,
                "standing": each.standing,
                "arn": each.deployed.arn if each.deployed else None,
                "version": each.deployed.version if each.deployed else None,
                "aliases": {
                    name: {route.version: route.percent for route in routes}
                    for name, routes in (each.deployed.aliases if each.deployed else {}).items()
                },
                "changed": each.changed.isoformat() if each.changed else None,
                "changes": [
                    {
                        "pointer": change.where.pointer,
                        "state": change.where.state,
                        "field": change.where.field,
                        **({} if change.before is ABSENT else {"deployed": change.before}),
                        **({} if change.after is ABSENT else {"here": change.after}),
                    }
                    for change in each.changes
                ],
            }
            for each in standings
        ],
    }


@click.command(context_settings={"ignore_unknown_options": True})
@account_options
@click.argument("others", nargs=-1, metavar="[SAM DEPLOY'S OPTIONS]...", type=click.UNPROCESSED)
def plan(
    stack_name: str | None,
    profile: str | None,
    region: str | None,
    endpoint_url: str | None,
    others: tuple[str, ...],
) -> None:
    """Show what a deployment of what is here would change in which state machine, and which executions are running.

    It takes the options of `sam deploy`, of which it reads --stack-name, --profile and --region. It refuses while
    generated/ is not current or something is an error.
    """
    with problems_reported():
        from workflow_dsl.account import read_stack
        from workflow_dsl.account.executions import running
        from workflow_dsl.generation import generation

        project = find_project(Path.cwd())
        made = generation(project, project.workflow_files(), partial(compiled, project))
        wrong = [finding for build in made.builds for finding in build.findings if finding.severity == "error"]
        wrong += [finding for finding in made.disagreements if finding.severity == "error"]
        wrong += [finding for name in made.machines for finding in made.drift(name)] if not wrong else []
        if report(wrong):
            click.echo("Nothing is deployed until this is mended.", err=True)
            sys.exit(FOUND)
        account, name = account_of(project, stack_name, profile, region, endpoint_url)
        stack = read_stack(account, name)
        if stack is None:
            click.echo(f"Stack {name} is new: everything is.")
            return
        standings = _standings(project, account, stack)
        for each in standings:
            click.echo(f"{each.logical_id}: {_planned(each)}")
            for line in _told_changes([each], "the account"):
                click.echo(f"  {line.removeprefix(f'{each.logical_id}: ')}")
            if each.deployed and each.standing == "drifted":
                going_on = running(account, each.deployed)
                for execution in going_on[:10]:
                    click.echo(f"  runs on as it was: {execution.name}, since {execution.started:%Y-%m-%d %H:%M}")
                if len(going_on) > 10:
                    click.echo(f"  and {len(going_on) - 10} others")


def _planned(each: Standing) -> str:
    count = len(each.changes)
    return {
        "equal": "does not change",
        "drifted": f"changes in {count} place{'' if count == 1 else 's'}",
        "missing": "is new",
        "unknown": "is not compared: only one side has its definition",
    }[each.standing]
