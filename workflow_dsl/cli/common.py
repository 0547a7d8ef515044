"""What the commands share: what is wrong said without a traceback, progress, tables, names of workflows."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from workflow_dsl.findings import Finding, FindingsError, Place, Where, closest
from workflow_dsl.project import Project, find_project

if TYPE_CHECKING:
    from workflow_dsl.definition.machine import Machine

FOUND, WRONG_CALL, INTERRUPTED = 1, 2, 130  # exit codes
TYPES = click.Choice(["STANDARD", "EXPRESS"])


@contextmanager
def problems_reported() -> Iterator[None]:
    """What cannot go on is said as findings or in a line, never as a traceback."""
    try:
        yield
    except FindingsError as problem:
        report(problem.findings)
        sys.exit(FOUND)
    except BrokenPipeError:
        raise  # click ends quietly on it
    except KeyboardInterrupt:
        click.echo("Interrupted", err=True)
        sys.exit(INTERRUPTED)
    except RecursionError:
        click.echo("A value is nested too deeply for JSON; flatten it", err=True)
        sys.exit(FOUND)
    except OSError as problem:
        where = f"{problem.filename}: " if problem.filename else ""
        click.echo(f"{where}{problem.strerror or problem}", err=True)
        sys.exit(WRONG_CALL)


_Item = TypeVar("_Item")


def progress(items: Sequence[_Item], label: str) -> AbstractContextManager[Iterable[_Item]]:
    """The items one by one, with a bar for a person who would otherwise wait in the dark."""
    if len(items) < 20 or not sys.stderr.isatty():
        return nullcontext(items)
    return click.progressbar(items, label=label, file=sys.stderr)


def report(findings: Iterable[Finding]) -> bool:
    """Prints findings to standard error; whether there is any error among them."""
    findings = list(findings)
    if not findings:
        return False
    from workflow_dsl.cli.targets import Inputs, lines_of
    from workflow_dsl.views.reports import as_text

    try:
        root = find_project(Path.cwd()).root
    except FindingsError:  # a wrong setting, which is what is being said
        root = Path.cwd()
    lines = lines_of(Inputs(), root)
    errors = False
    for finding in findings:
        errors |= finding.severity == "error"
        for line in as_text(finding, lines, coloured):
            click.echo(line, err=True)
    return errors


def coloured(text: str, severity: str) -> str:
    return click.style(text, fg="red" if severity == "error" else "yellow")


def say(line: str) -> None:
    """A line of what came from elsewhere: what a terminal would obey is shown, not sent."""
    from workflow_dsl.views.reports import printable

    for part in line.split("\n"):
        click.echo(printable(part))


def print_rows(rows: Sequence[tuple[str, ...]]) -> None:
    """A table for people, its first row the heading; wide cells are folded where the terminal is narrow."""
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    from workflow_dsl.views.reports import printable

    heading, *others = rows
    table = Table(*(Column(name, overflow="fold") for name in heading), box=None)
    for row in others:
        table.add_row(*(Text(printable(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else 1000).print(table)


def chosen(project: Project, names: tuple[str, ...]) -> list[Path]:
    """The workflow modules that are named, by name or by file; all of them when none is."""
    by_name = {path.stem: path for path in project.workflow_files()}
    if not names and not by_name:
        folder = project.shown(project.root / project.workflows)
        raise click.UsageError(f"no workflows in {folder}; write one, or set workflows under [tool.workflow-dsl]")
    for name in names:
        if name.endswith(".py") and not Path(name).is_file():
            raise click.UsageError(f"no file {name}")
        if not name.endswith(".py") and name not in by_name:
            hint = closest(name, by_name) or f"there are {', '.join(by_name) or 'none'}"
            raise click.UsageError(f"no workflow {name!r}: {hint}")
    paths = [Path(name) if name.endswith(".py") else by_name[name] for name in names] or list(by_name.values())
    twice = [stem for stem, count in Counter(path.stem for path in paths).items() if count > 1]
    if twice:
        raise click.UsageError(f"{twice[0]} is named twice, and a file's name is its machine's name")
    return paths


def compiled(project: Project, path: Path) -> Machine:
    from workflow_dsl.compiler.loading import compile_file

    return compile_file(path, root=project.root)


def standard_input() -> bytes:
    return sys.stdin.buffer.read() if sys.stdin else b""


def ignored_codes(project: Project, given: Iterable[str] = ()) -> frozenset[str]:
    """The codes of what is left out, by the call or by the project's settings."""
    from workflow_dsl.findings import OPTIONAL
    from workflow_dsl.validation import rules

    codes = {rule.code for rule in rules() if rule.severity == "warning"}
    codes |= OPTIONAL
    for code in given:
        if code not in codes:
            raise click.BadParameter(f"no warning has the code {code!r}: {_hint(code, codes)}", param_hint="--ignore")
    for code in project.ignore:
        if code not in codes:
            where = Where(place=Place("pyproject.toml"))
            message = f"[tool.workflow-dsl] ignore: no warning has the code {code!r}"
            raise FindingsError([Finding("CONFIGURATION", "error", where, message, _hint(code, codes))])
    return frozenset((*given, *project.ignore))


def _hint(code: str, codes: set[str]) -> str:
    from workflow_dsl.findings import CATALOG
    from workflow_dsl.validation import rules

    if code in CATALOG or any(code == rule.code for rule in rules()):
        return "an error cannot be left out; `workflow-dsl rules` lists the warnings"
    return closest(code, codes) or "`workflow-dsl rules` lists the warnings"
