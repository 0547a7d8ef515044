"""The command line: parse, call one room, print, exit 0 (clean), 1 (findings or drift) or 2 (wrong call)."""

from __future__ import annotations

import io
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from workflow_dsl.findings import Finding, FindingsError, Place, closest
from workflow_dsl.project import Project, find_project

if TYPE_CHECKING:
    from workflow_dsl.asl import Machine
    from workflow_dsl.validation import Type

FOUND, WRONG_CALL, INTERRUPTED = 1, 2, 130
_NOT_CURRENT = {True: "stale", False: "written"}  # by whether the files are only compared


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="workflow-dsl", message="%(package)s %(version)s")
def main() -> None:
    """Workflows in Python for AWS Step Functions: compiled to ASL, checked, and kept from drifting.

    Where things lie is set in pyproject.toml under [tool.workflow-dsl]: workflows, generated, template.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a letter is no reason to fail


@main.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--check", "comparing", is_flag=True, help="Write nothing; exit 1 when a generated file is not current.")
def generate(names: tuple[str, ...], comparing: bool) -> None:
    """Compile and check every workflow, or those named, and write their definitions to generated/.

    Nothing is written while any of them has an error.
    """
    from workflow_dsl import artifacts

    with _problems_reported():
        project = find_project(Path.cwd())
        with _progress(_chosen(project, names), "Compiling") as paths:
            builds = [_build(project, path) for path in paths]
        if _report(finding for build in builds for finding in build.findings):
            click.echo(f"Nothing is {'compared' if comparing else 'written'} until this is mended.", err=True)
            sys.exit(FOUND)
        machines = {build.name: build.machine for build in builds if build.machine}
        files = {name: artifacts.definition(project, name, machine) for name, machine in machines.items()}
        differences = [] if names else artifacts.orphans(project)
        if comparing:
            drifted = (artifacts.drift(project, name, machine) for name, machine in machines.items())
            differences += [finding for findings in drifted for finding in findings]
        outcomes = {name: "unchanged" if file.is_current else _NOT_CURRENT[comparing] for name, file in files.items()}
        if not comparing:
            artifacts.write(files.values())
        _print_table(project, builds, outcomes)
        if _report(differences):
            sys.exit(FOUND)


@main.command("compile")
@click.argument("workflow", metavar="NAME|FILE.py")
def compile_(workflow: str) -> None:
    """Print a workflow's definition, and nothing else, to standard output.

    The definition is not checked here: `generate` and `validate` do that.
    """
    from workflow_dsl.loader import compile_file

    with _problems_reported():
        project = find_project(Path.cwd())
        [path] = _chosen(project, (workflow,))
        click.echo(compile_file(path, root=project.root).to_text().encode(), nl=False)


@main.command()
@click.argument("files", nargs=-1, metavar="[FILE]...", type=click.Path(path_type=Path, allow_dash=True))
@click.option(
    "--type",
    "type_",
    type=click.Choice(["STANDARD", "EXPRESS"]),
    default="STANDARD",
    show_default=True,
    help="The type the state machine will have.",
)
@click.option("--format", "format_", type=click.Choice(["text", "json"]), default="text", show_default=True)
def validate(files: tuple[Path, ...], type_: Type, format_: Literal["text", "json"]) -> None:
    """Check definitions (.json, .yaml, or - for standard input) and workflows (.py).

    Without FILE it checks every generated definition.
    """
    with _problems_reported():
        project = find_project(Path.cwd())
        chosen = list(files) or sorted((project.root / project.generated).glob("*.asl.json"))
        if not chosen:
            folder = project.shown(project.root / project.generated)
            raise click.UsageError(f"no definitions in {folder}; run `workflow-dsl generate`, or name a file")
        findings, unreadable = [], False
        with _progress(chosen, "Checking") as paths:
            for path in paths:
                try:
                    findings += _checked(project, path, type_)
                except OSError as problem:
                    click.echo(f"{path}: {problem.strerror or problem}", err=True)
                    unreadable = True
        if format_ == "json":
            click.echo(json.dumps([finding.as_json() for finding in findings], indent=2, ensure_ascii=False))
        else:
            _report(findings)
            errors = sum(finding.severity == "error" for finding in findings)
            click.echo(f"{len(chosen)} checked: {errors} errors, {len(findings) - errors} warnings", err=True)
        if unreadable:
            sys.exit(WRONG_CALL)
        if any(finding.severity == "error" for finding in findings):
            sys.exit(FOUND)


@main.command()
@click.argument("workflow", metavar="NAME|FILE")
@click.option(
    "--input", "input_", default="{}", metavar="JSON|@FILE|-", help="The input: JSON, a file, or standard input."
)
@click.option(
    "--fail", "faults", multiple=True, metavar="STATE=ERROR[*N]", help="Fail a state's first calls (repeatable)."
)
@click.option("--mock", metavar="FILE#CASE", help="A test case of a Step Functions Local mock configuration file.")
@click.option("--history", "as_history", type=click.Choice(["json"]), help="Print the event history instead.")
@click.option("--type", "type_", type=click.Choice(["STANDARD", "EXPRESS"]), help="The template's type by default.")
@click.option("--seed", type=int, default=0, show_default=True, help="Repeats jitter, UUIDs and random numbers.")
@click.option("--endpoint-url", metavar="URL", help="Call AWS services there instead of in moto in this process.")
def run(
    workflow: str,
    input_: str,
    faults: tuple[str, ...],
    mock: str | None,
    as_history: str | None,
    type_: Type | None,
    seed: int,
    endpoint_url: str | None,
) -> None:
    """Run a workflow on this computer, with the real handlers and the tables of the template.

    No account, no Docker: AWS services are answered by moto in this process, and time is virtual, so that no retry or
    wait takes any. Exits with 1 when the execution does not succeed.
    """
    with _problems_reported():
        from workflow_dsl.local.application import Application
        from workflow_dsl.local.display import Display, ending

        project = find_project(Path.cwd())
        display = Display(click.echo)
        execution = Application(project, endpoint_url).run(
            workflow,
            _input(input_),
            mocks=_mocks(faults, mock, Path(workflow).stem),
            type=type_,
            seed=seed,
            watch=None if as_history else display.watch,
        )
        if as_history:
            click.echo(json.dumps(execution.history, indent=2, ensure_ascii=False, default=str))
        else:
            for line in ending(execution):
                click.echo(line)
        if execution.status != "SUCCEEDED":
            sys.exit(FOUND)


def _input(text: str) -> Any:
    try:
        given = sys.stdin.read() if text == "-" else Path(text[1:]).read_text("utf-8") if text.startswith("@") else text
        return json.loads(given)
    except ValueError as problem:
        raise click.BadParameter(f"is no JSON: {problem}", param_hint="--input") from None


def _mocks(faults: tuple[str, ...], mock: str | None, machine: str) -> dict[str, Any]:
    from workflow_dsl.local.mocks import fault, read_mock_config

    found: dict[str, Any] = {}
    if mock:
        file, _, case = mock.rpartition("#")
        if not file:
            raise click.BadParameter("write FILE#CASE", param_hint="--mock")
        found = dict(read_mock_config(Path(file), case, machine))
    for text in faults:
        try:
            state, responses = fault(text)
        except ValueError as problem:
            raise click.BadParameter(str(problem), param_hint="--fail") from None
        if not isinstance(found.get(state, []), list):
            raise click.BadParameter(f"{state!r} is mocked by --mock already", param_hint="--fail")
        found[state] = [*found.get(state, []), *responses]
    return found


def _checked(project: Project, path: Path, type_: Type) -> list[Finding]:
    from workflow_dsl.validation import check

    if path.suffix == ".py":
        path.stat()  # one that is not there is the caller's mistake, not an author's
        return _build(project, path, type_).findings
    if str(path) == "-":
        text, shown = (sys.stdin.buffer.read() if sys.stdin else b""), "standard input"
    else:
        text, shown = path.read_bytes(), project.shown(path)
    return [finding.placed(Place(shown)) for finding in check(text, type=type_)]


@dataclass(frozen=True, slots=True)
class _Build:
    """A workflow as far as it got: no machine where an author's mistake kept it from being compiled."""

    name: str
    machine: Machine | None
    findings: list[Finding]
    seconds: float


def _build(project: Project, path: Path, type_: Type = "STANDARD") -> _Build:
    from workflow_dsl.loader import compile_file
    from workflow_dsl.validation import check

    started = time.perf_counter()
    try:
        machine = compile_file(path, root=project.root)
    except FindingsError as problem:
        return _Build(path.stem, None, list(problem.findings), time.perf_counter() - started)
    return _Build(path.stem, machine, check(machine, type=type_), time.perf_counter() - started)


def _chosen(project: Project, names: tuple[str, ...]) -> list[Path]:
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


@contextmanager
def _problems_reported() -> Iterator[None]:
    """What cannot go on is said in one line each, never as a traceback."""
    try:
        yield
    except FindingsError as problem:
        _report(problem.findings)
        sys.exit(FOUND)
    except BrokenPipeError:
        raise
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


def _progress(paths: list[Path], label: str) -> AbstractContextManager[Iterable[Path]]:
    """The paths one by one, with a bar for a person who would otherwise wait in the dark."""
    hidden = len(paths) < 20 or not sys.stderr.isatty()
    return click.progressbar(paths, label=label, file=sys.stderr, hidden=hidden)


def _report(findings: Iterable[Finding]) -> bool:
    """Prints findings to standard error; whether there is any error among them."""
    errors = False
    for finding in findings:
        errors |= finding.severity == "error"
        label = click.style(f"{finding.severity} {finding.code}", fg="red" if finding.severity == "error" else "yellow")
        click.echo(f"{finding} [{label}]", err=True)
    return errors


def _print_table(project: Project, builds: list[_Build], outcomes: dict[str, str]) -> None:
    from rich.console import Console
    from rich.table import Column, Table
    from rich.text import Text

    folding = [Column(name, overflow="fold") for name in ("Workflow", "States", "File", "", "Time")]
    table = Table(*folding, box=None)
    for build in builds:
        if build.machine:
            table.add_row(
                Text(build.name),
                str(sum(1 for _ in build.machine.walk())),
                Text(project.shown(project.generated_file(build.name))),
                outcomes[build.name],
                f"{build.seconds * 1000:.0f} ms",
            )
    Console().print(table)
