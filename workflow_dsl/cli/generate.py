"""`generate` and `compile`: workflows compiled to the definitions that are committed."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_dsl.cli.common import (
    FOUND,
    compiled,
    ignored_codes,
    print_rows,
    problems_reported,
    progress,
    report,
    workflow_paths,
)
from workflow_dsl.project import Project, find_project, missing_template

if TYPE_CHECKING:
    from workflow_dsl.generation.build import Generated
    from workflow_dsl.generation.writing import GeneratedFile

_STATUS = {True: "out of date", False: "written"}  # of a file that was not current, by --check


@click.command("generate", short_help="Compile workflows into generated/.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--check", "is_check", is_flag=True, help="Write nothing; exit 1 if a generated file is out of date.")
@click.option("--force", is_flag=True, help="Replace files that `generate` did not write too.")
def generate(names: tuple[str, ...], is_check: bool, force: bool) -> None:
    """Compile and check every workflow, or those named, and write definitions and diagrams to generated/.

    Nothing is written while a workflow has an error. While the template disagrees with workflows or functions, the
    definitions are written, and diagrams and the overview page are not. With overview = "docs/state-machines.md" under
    [tool.workflow-dsl], that page is written too. A file that `generate` did not write is replaced only with --force.
    """
    with problems_reported():
        from workflow_dsl.generation.build import generate as generate_all
        from workflow_dsl.generation.writing import write

        project = find_project(Path.cwd())
        ignore = ignored_codes(project)
        report(missing_template(project))
        with progress(workflow_paths(project, names), "Compiling") as paths:
            generated = generate_all(project, paths, partial(compiled, project), ignore)
        if report(finding for workflow in generated.workflows for finding in workflow.findings):
            click.echo(f"Fix the errors above. Nothing was {'compared' if is_check else 'written'}.", err=True)
            sys.exit(FOUND)
        page = generated.page
        every_file = [*(file for of_one in generated.files.values() for file in of_one), *([page] if page else [])]
        was_current = {file.path: file.is_current for file in every_file}
        if not is_check:
            if not force and report(generated.written_by_others()):
                click.echo("Nothing was written.", err=True)
                sys.exit(FOUND)
            write(every_file)
        differences = [] if names else generated.orphans()
        if is_check:
            differences += generated.out_of_date()
        _print_table(project, generated, was_current, _STATUS[is_check])
        has_errors = report([*differences, *generated.disagreements])
        if not generated.can_draw:
            click.echo("Diagrams and the overview page were not updated; fix the errors above first.", err=True)
        if has_errors:
            sys.exit(FOUND)


@click.command("compile", short_help="Print a workflow's definition.")
@click.argument("workflow", metavar="NAME|FILE.py")
def compile_(workflow: str) -> None:
    """Print a workflow's definition to standard output, and nothing else.

    It is not checked; `generate` and `validate` do that.
    """
    with problems_reported():
        project = find_project(Path.cwd())
        [path] = workflow_paths(project, (workflow,))
        click.echo(compiled(project, path).to_text().encode(), nl=False)


def _print_table(project: Project, generated: Generated, was_current: dict[Path, bool], status: str) -> None:
    """Print a row for each workflow and one for the page; `status` is that of a file that was not current."""

    def status_of(files: Iterable[GeneratedFile]) -> str:
        return "unchanged" if all(was_current[file.path] for file in files) else status

    table: list[tuple[str, ...]] = [("Workflow", "States", "File", "", "Time")]
    for workflow in generated.workflows:
        if workflow.machine:
            states = str(sum(1 for _ in workflow.machine.walk()))
            file = project.display_path(project.generated_file(workflow.name))
            time = f"{workflow.seconds * 1000:.0f} ms"
            table.append((workflow.name, states, file, status_of(generated.files[workflow.name]), time))
    if generated.page:
        table.append(("", "", project.display_path(generated.page.path), status_of([generated.page]), ""))
    print_rows(table)
