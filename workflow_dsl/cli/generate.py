"""`generate` and `compile`: workflows to what is committed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_dsl.cli.common import (
    FOUND,
    chosen,
    compiled,
    ignored_codes,
    print_rows,
    problems_reported,
    progress,
    report,
)
from workflow_dsl.project import Project, find_project

if TYPE_CHECKING:
    from workflow_dsl.generation.build import Generation
    from workflow_dsl.generation.files import Artifact

_NOT_CURRENT = {True: "stale", False: "written"}  # by whether the files are only compared


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--check", "comparing", is_flag=True, help="Write nothing; exit 1 when a generated file is not current.")
def generate(names: tuple[str, ...], comparing: bool) -> None:
    """Compile and check every workflow, or those named, and write their definitions and pictures to generated/.

    Nothing is written while any of them has an error. Where template, workflows and functions disagree, that is said
    too. With overview = "docs/state-machines.md" under [tool.workflow-dsl], that page is written as well.
    """
    with problems_reported():
        from workflow_dsl.generation import files as artifacts
        from workflow_dsl.generation.build import generation

        project = find_project(Path.cwd())
        ignore = ignored_codes(project)
        with progress(chosen(project, names), "Compiling") as paths:
            made = generation(project, paths, partial(compiled, project), ignore)
        if report(finding for build in made.builds for finding in build.findings):
            click.echo(f"Nothing is {'compared' if comparing else 'written'} until this is mended.", err=True)
            sys.exit(FOUND)
        page = made.page
        everything = [*(each for files in made.artifacts.values() for each in files), *([page] if page else [])]
        differences = [] if names else artifacts.orphans(project)
        if comparing:
            differences += made.stale()
        was_current = {each.path: each.is_current for each in everything}
        if not comparing:
            artifacts.write(everything)
        _print_table(project, made, was_current, _NOT_CURRENT[comparing])
        is_wrong = report([*differences, *made.disagreements])
        if not made.is_drawn:
            click.echo("Pictures and page are left as they are until this is mended.", err=True)
        if is_wrong:
            sys.exit(FOUND)


@click.command("compile")
@click.argument("workflow", metavar="NAME|FILE.py")
def compile_(workflow: str) -> None:
    """Print a workflow's definition, and nothing else, to standard output.

    The definition is not checked here: `generate` and `validate` do that.
    """
    with problems_reported():
        project = find_project(Path.cwd())
        [path] = chosen(project, (workflow,))
        click.echo(compiled(project, path).to_text().encode(), nl=False)


def _print_table(project: Project, made: Generation, was_current: dict[Path, bool], other: str) -> None:
    """What was made: a row for each workflow, and one for the page; `other` is said of what was not current."""

    def said(artifacts: Iterable[Artifact]) -> str:
        return "unchanged" if all(was_current[each.path] for each in artifacts) else other

    table: list[tuple[str, ...]] = [("Workflow", "States", "File", "", "Time")]
    for build in made.builds:
        if build.machine:
            states = str(sum(1 for _ in build.machine.walk()))
            file = project.shown(project.generated_file(build.name))
            table.append((build.name, states, file, said(made.artifacts[build.name]), f"{build.seconds * 1000:.0f} ms"))
    if made.page:
        table.append(("", "", project.shown(made.page.path), said([made.page]), ""))
    print_rows(table)
