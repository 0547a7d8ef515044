"""`init` and `guide`: a new or adopted project, and a one-page reference for working in it."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_dsl.cli.common import FOUND, format_option, problems_reported, report, say

if TYPE_CHECKING:
    from workflow_dsl.adoption.plan import Plan, Step

_DONE = {"create": "written", "change": "changed", "leave": "unchanged"}
_PLANNED = {"create": "would be written", "change": "would be changed", "leave": "unchanged"}


@click.command(short_help="Start a project, or add workflows to a SAM project.")
@click.argument("folder", required=False, metavar="[FOLDER]")
@click.option("--into", metavar="PROJECT", help="Adopt the state machines of the SAM project in this folder.")
@click.option(
    "--machine", "machines", multiple=True, metavar="NAME", help="Adopt only this state machine (repeatable)."
)
@click.option(
    "--template", metavar="FILE", help="Use this template, relative to the project.  [default: template.yaml]"
)
@click.option("--workflows", metavar="FOLDER", help="Put workflow modules here.  [default: workflows]")
@click.option("--dry-run", "is_dry", is_flag=True, help="Show what would be written, and write nothing.")
@format_option("text", "json")
def init(
    folder: str | None,
    into: str | None,
    machines: tuple[str, ...],
    template: str | None,
    workflows: str | None,
    is_dry: bool,
    format_: str,
) -> None:
    """Start a project in a new FOLDER, or add workflows to an existing SAM project with --into.

    --into converts its state machines to workflows: it writes their modules, definitions, diagrams and a first test
    for each, points the template at the generated definitions, and adds settings to pyproject.toml and a CI workflow.
    Everything else in the template stays as it is. So does a state machine that cannot be converted; the reason is
    printed.

    Files that init did not write are not overwritten, all files are written or none, and nothing is installed. A second
    run changes nothing.
    """
    if (folder is None) == (into is None):
        raise click.UsageError("name a FOLDER for a new project, or an existing project with --into")
    if folder is not None and (machines or template or workflows):
        raise click.UsageError("--machine, --template and --workflows need --into")
    with problems_reported():
        from workflow_dsl.adoption.existing import plan_adoption
        from workflow_dsl.adoption.new import plan_new_project
        from workflow_dsl.adoption.plan import carry_out

        if folder is not None:
            plan = plan_new_project(Path(folder))
        else:
            paths = [Path(option) if option else None for option in (template, workflows)]
            plan = plan_adoption(Path(into or "."), machines, template=paths[0], workflows=paths[1])
        if not is_dry:
            carry_out(plan)
        if format_ == "json":
            click.echo(json.dumps(plan.to_json(), indent=2))
        else:
            _print(plan, is_dry)
        refused = [machine.machine for machine in plan.refused]
        if refused and (machines or not plan.adopted):
            sys.exit(FOUND)


def _print(plan: Plan, is_dry: bool) -> None:
    words = _PLANNED if is_dry else _DONE
    for step in plan.steps:
        say(f"{plan.shown(step.path)}: {words[step.action]}{_detail(step)}")
        if is_dry and step.action == "change":
            for line in step.difference(plan.shown(step.path))[2:]:
                say(f"  {line}")
    for refused in plan.refused:
        say(f"{refused.machine}: stays as it is", err=True)
        report(refused.findings)
    for line in plan.advice:
        say(line)
    if not plan.to_write:
        say(f"nothing to do: {'fix what is reported above' if plan.refused else 'everything is up to date'}")


def _detail(step: Step) -> str:
    if step.action == "change":
        count = step.changed_lines
        return f", {count} line{'' if count == 1 else 's'}: {step.purpose}"
    return f": {step.purpose}" if step.action == "create" or step.text is None else ""


@click.command(short_help="Print a one-page reference for workflows.")
@click.pass_context
def guide(context: click.Context) -> None:
    """Print one page on writing, checking, running and testing workflows, with the JSON output of each command.

    It is Markdown, for you or for a coding assistant.
    """
    with problems_reported():
        from workflow_dsl.adoption.guide import CommandHelp, guide_page

        group = context.find_root().command
        assert isinstance(group, click.Group)  # noqa: S101  # the command line is one
        commands = [(name, group.get_command(context, name)) for name in group.list_commands(context)]
        rows = [
            CommandHelp(name, command.get_short_help_str(100), _json_option(command))
            for name, command in commands
            if command
        ]
        click.echo(guide_page(rows).encode(), nl=False)


def _json_option(command: click.Command) -> str:
    """The option with which a command prints JSON; "" if it has none."""
    for parameter in command.params:
        if isinstance(parameter.type, click.Choice) and "json" in parameter.type.choices:
            return f"{parameter.opts[0]} json"
    return ""
