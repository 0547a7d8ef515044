"""`validate` and `rules`: what is wrong, and what is checked."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_dsl.cli.common import (
    FOUND,
    TYPES,
    WRONG_CALL,
    coloured,
    compiled,
    ignored_codes,
    problems_reported,
    progress,
    standard_input,
)
from workflow_dsl.findings import Finding, FindingsError, closest
from workflow_dsl.project import Project, find_project

if TYPE_CHECKING:
    from workflow_dsl.validation import Type
    from workflow_dsl.views.reports import Lines

_FORMATS = ("text", "json", "sarif", "github")


@click.command()
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--type", "type_", type=TYPES, help="The type of the state machines; else the template's, or STANDARD.")
@click.option("--format", "format_", type=click.Choice([*_FORMATS]), default="text", show_default=True)
@click.option(
    "--ignore",
    "ignored",
    multiple=True,
    metavar="CODE",
    help="Leave a warning, or MISSING_PERMISSION, out (repeatable).",
)
@click.option("--strict", is_flag=True, help="Exit with 1 for warnings too.")
def validate(paths: tuple[str, ...], type_: Type | None, format_: str, ignored: tuple[str, ...], strict: bool) -> None:
    """Check definitions (.json, .yaml, or - for standard input), SAM templates, and workflows (.py).

    PATH is a file, a folder that is searched, or a pattern such as "**/*.asl.json". Of a template every state machine
    is checked, with its type and substitutions. Without PATH it is the project's template and generated definitions.
    Warnings can be left out for good by ignore = ["CODE"] under [tool.workflow-dsl]; `workflow-dsl rules` lists them.
    """
    from workflow_dsl.cli import targets as inputs
    from workflow_dsl.views.reports import printable

    with problems_reported():
        found = inputs.Inputs()
        try:
            project = find_project(Path.cwd())
            ignore = ignored_codes(project, ignored)
        except FindingsError as problem:
            if format_ == "text":
                raise
            _print(list(problem.findings), format_, inputs.lines_of(found, Path.cwd()))
            sys.exit(FOUND)
        unreadable: list[str] = []
        files = _named(paths, unreadable) if paths else dict.fromkeys(_of_the_project(project), True)
        found = inputs.gather(project, files, partial(compiled, project), standard_input, type_)
        findings = [finding for finding in found.findings if finding.code not in ignore]
        with progress(found.given, "Checking") as each:
            for given in each:
                findings += given.findings(ignore)
        for line in (*unreadable, *found.unreadable, *found.passed_over):
            click.echo(printable(line), err=True)
        _print(findings, format_, inputs.lines_of(found, project.root))
        errors = sum(finding.severity == "error" for finding in findings)
        if format_ == "text":
            click.echo(_counted(len(found.given), errors, len(findings) - errors), err=True)
        if unreadable or found.unreadable:
            sys.exit(WRONG_CALL)
        if errors or (strict and findings):
            sys.exit(FOUND)


def _counted(definitions: int, errors: int, warnings: int) -> str:
    counts = (definitions, "definition"), (errors, "error"), (warnings, "warning")
    checked, *rest = (f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts)
    return f"{checked} checked: {', '.join(rest)}"


def _named(paths: tuple[str, ...], unreadable: list[str]) -> dict[Path, bool]:
    """The files that arguments name, and whether by name rather than by a folder or a pattern."""
    from workflow_dsl.cli.targets import files_of

    files: dict[Path, bool] = {}
    for path in paths:
        before = len(unreadable)
        for file in (found := files_of(path, unreadable)):
            files[file] = files.get(file, False) or file == Path(path)
        if not found and len(unreadable) == before:
            why = "no definition in it" if path and Path(path).is_dir() else "no file of that name"
            unreadable.append(f"nothing to check in {path!r}: {why}")
    return files


def _of_the_project(project: Project) -> list[Path]:
    template = project.root / project.template
    files = [*([template] if template.is_file() else []), *_generated(project)]
    if not files:
        generated = project.shown(project.root / project.generated)
        said = f"no {project.template} and no definitions in {generated}"
        raise click.UsageError(f"nothing to check in {project.root}: {said}; name a file or a folder")
    return files


def _generated(project: Project) -> list[Path]:
    return sorted((project.root / project.generated).glob("*.asl.json"))


def _print(findings: list[Finding], format_: str, lines: Lines) -> None:
    """Prints findings to standard output, in one of the formats of `validate`."""
    from workflow_dsl.validation import rules
    from workflow_dsl.views import reports

    if format_ == "json":
        click.echo(reports.as_json(findings))
    elif format_ == "sarif":
        click.echo(reports.as_sarif(findings, rules(), _version()))
    else:
        for finding in findings if format_ == "text" else ():
            for line in reports.as_text(finding, lines, coloured):
                click.echo(line)
        for line in reports.as_github(findings) if format_ == "github" else ():
            click.echo(line)


def _version() -> str:
    from importlib.metadata import version  # 20 ms that no other format need wait for

    return version("workflow-dsl")


@click.command("rules")
@click.argument("names", nargs=-1, metavar="[NAME|CODE]...")
@click.option("--output", metavar="FILE", type=click.Path(path_type=Path), help="Write them all, as Markdown.")
def rules_(names: tuple[str, ...], output: Path | None) -> None:
    """List what `validate` checks: a rule's name, its code, and what it says.

    With a rule's name or code it tells more: where AWS says so, and what is wrong and right by it.
    """
    with problems_reported():
        from workflow_dsl.validation import rules
        from workflow_dsl.validation.rules_page import OTHERS, chapter, handbook

        known = rules()
        if output:
            output.write_text(handbook(), "utf-8")
            return
        if not names:
            for rule in known:
                click.echo(f"{rule.severity:8} {rule.code:30} {rule.name}\n    {rule.summary}")
            for code, said in OTHERS.items():
                click.echo(f"{'':8} {code}\n    {said}")
        for name in names:
            if name in OTHERS:
                click.echo(f"{name}: {OTHERS[name]}")
                continue
            chosen = [rule for rule in known if name in (rule.name, rule.code)]
            if not chosen:
                every = [each for rule in known for each in (rule.name, rule.code)]
                raise click.UsageError(f"no rule {name!r}: {closest(name, every) or 'see `workflow-dsl rules`'}")
            for rule in chosen:
                click.echo(chapter(rule))
