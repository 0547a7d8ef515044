"""`diff`: two definitions compared state by state, in words."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_dsl.cli.common import (
    FOUND,
    application_if_any,
    application_of,
    format_option,
    problems_reported,
    template_option,
)
from workflow_dsl.cli.stacks.options import AccountOptions, account_options
from workflow_dsl.project import find_project

if TYPE_CHECKING:
    from workflow_dsl.definition.state_diff import MachineDiff


@click.command(short_help="Compare two definitions state by state.")
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@format_option(
    "text",
    "json",
    "markdown",
    "svg",
    "mermaid",
    help="Print in this format; svg and mermaid draw NEW with the changes in color.",
)
@click.option("--explore", is_flag=True, help="Also search for inputs for which executions differ.")
@template_option
@account_options
def diff(old: str, new: str, format_: str, explore: bool, template: str | None, options: AccountOptions) -> None:
    """Compare two definitions: what changed in each state, and what that means; exit 1 if they differ.

    OLD and NEW are each a workflow, a logical ID in the template, or a definition's file. git:REV:PATH is a
    definition's file in a Git revision; PATH is relative to the working folder. deployed:NAME is a state machine of the
    stack, deployed:NAME:VERSION one of its versions or aliases. States that were renamed or moved are recognized by
    their content. The order of states and fields does not matter.
    """
    with problems_reported():
        from workflow_dsl.cli.definitions import both
        from workflow_dsl.definition.state_diff import diff as differences
        from workflow_dsl.views import changes
        from workflow_dsl.views.diagram import to_mermaid_diff, to_svg_diff

        if explore and format_ not in ("text", "markdown"):
            raise click.UsageError(f"--explore has no {format_}; use --format text or markdown")
        project = find_project(Path.cwd())
        application = application_of(project, template) if template else application_if_any(project, name=new)
        before, after = both(application, old, new, lambda: options.open_stack(project))
        differing = differences(before.definition, after.definition)
        report = changes.Report(old, new, differing, changes.effects_of(before, after))
        if format_ == "svg":
            text = to_svg_diff(
                differing, f"{old} and {new}", {**before.local_substitutions, **after.local_substitutions}
            )
        elif format_ == "mermaid":
            text = to_mermaid_diff(differing)
        elif format_ == "json":
            text = f"{changes.as_json(report)}\n"
        else:
            picture = to_mermaid_diff(differing) if differing else ""
            lines = changes.as_markdown(report, picture) if format_ == "markdown" else changes.as_text(report)
            text = "".join(
                f"{line}\n" for line in (*lines, *(_different_executions(differing, format_) if explore else ()))
            )
        click.echo(text.encode(), nl=False)
        if differing:
            sys.exit(FOUND)


def _different_executions(diff: MachineDiff, format_: str) -> Iterator[str]:
    """Yield the lines of --explore."""
    from workflow_dsl.exploration.apart import apart
    from workflow_dsl.views.inert import for_markdown, for_terminal

    lines = apart(diff)
    if format_ == "markdown":
        yield from ("", "#### Executions", "") if lines else ()
        yield from (f"- {for_markdown(line)}" for line in lines)
    else:
        yield from (f"> {for_terminal(line)}" for line in lines)
