"""Helpers of every command: errors without a traceback, progress, tables, and the application of the working folder."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, redirect_stdout
from functools import partial, wraps
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

import click

from workflow_dsl.cli.file_problems import file_problem
from workflow_dsl.findings import Finding, FindingsError, Place, Where, did_you_mean
from workflow_dsl.project import Project, find_project
from workflow_dsl.records import replace

if TYPE_CHECKING:
    from workflow_dsl.application.application import Application
    from workflow_dsl.definition.machine import Machine

FOUND, WRONG_CALL, INTERRUPTED = 1, 2, 130  # exit codes
TYPES = click.Choice(["STANDARD", "EXPRESS"], case_sensitive=False)


class _Url(click.ParamType[str]):
    """An endpoint's URL, which is refused before a command begins if no client could use it."""

    name = "URL"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        scheme, _, rest = value.partition("://")
        if scheme not in {"http", "https"} or not rest:
            self.fail(f"{value!r} is not a URL; begin it with http:// or https://", param, ctx)
        return value

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        return "URL"


URL = _Url()


@contextmanager
def problems_reported() -> Iterator[None]:
    """Report whatever ends a command as findings or one line, and exit with its code; never a traceback."""
    try:
        with _termination_as_interrupt():
            yield
    except click.UsageError as problem:
        raise _inert(problem) from None
    except FindingsError as problem:
        if any(finding.code == "UNKNOWN_NAME" for finding in problem.findings):
            raise _inert(click.UsageError("\n".join(finding.text for finding in problem.findings))) from None
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
        say(file_problem(problem), err=True)
        sys.exit(WRONG_CALL)


def _inert(problem: click.UsageError) -> click.UsageError:
    """The error with the foreign text in its message made inert."""
    from workflow_dsl.views.inert import for_terminal

    vars(problem)["message"] = "\n".join(map(for_terminal, problem.message.split("\n")))
    return problem


@contextmanager
def _termination_as_interrupt() -> Iterator[None]:
    """Treat SIGTERM, and SIGHUP of a closed terminal, as Ctrl-C, so that what was begun is undone."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ends = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    # nohup has SIGHUP ignored, and it stays so.
    before = {number: handler for number in ends if (handler := signal.getsignal(number)) is not signal.SIG_IGN}
    for number in before:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)


def exit_code(*, has_findings: bool = False, is_complete: bool = True) -> int:
    """The exit code of a command that prints what it found, also if it was interrupted."""
    return INTERRUPTED if not is_complete else FOUND if has_findings else 0


_Item = TypeVar("_Item")


def progress(items: Sequence[_Item], label: str) -> AbstractContextManager[Iterable[_Item]]:
    """The items one by one, with a progress bar where there are many and a person watches."""
    if len(items) < 20 or not sys.stderr.isatty():
        return nullcontext(items)
    return click.progressbar(items, label=label, file=sys.stderr)


def report(findings: Iterable[Finding]) -> bool:
    """Print findings to standard error, and return whether there is an error among them."""
    findings = list(dict.fromkeys(findings))
    if not findings:
        return False
    from workflow_dsl.cli.source_lines import lines_of
    from workflow_dsl.views.reports import as_text

    try:
        root = find_project(Path.cwd()).root
    except FindingsError:  # a wrong setting, which is what is being reported
        root = Path.cwd()
    lines = lines_of({}, root)
    for finding in findings:
        for line in as_text(_relative(finding, root), lines, coloured):
            click.echo(line, err=True)
    return any(finding.severity == "error" for finding in findings)


def _relative(finding: Finding, root: Path) -> Finding:
    """The finding with the path of a file of the project relative to its root."""
    place = finding.where.place
    return finding.at(place and place._replace(file=place.file.removeprefix(f"{root}/")))


def coloured(text: str, severity: str) -> str:
    """A text in the colour of a severity."""
    return click.style(text, fg={"error": "red", "warning": "yellow"}.get(severity, "cyan"))


def say(line: str, *, err: bool = False, file: IO[str] | None = None) -> None:
    """Print a line that holds foreign text, with control characters made visible."""
    from workflow_dsl.views.inert import for_terminal

    for part in line.split("\n"):
        click.echo(for_terminal(part), file=file, err=err)


@contextmanager
def stdout_kept() -> Iterator[IO[str]]:
    """The command's standard output; what an author's code prints meanwhile goes to standard error."""
    own = sys.stdout
    with redirect_stdout(sys.stderr):
        yield own


def print_json(value: Any) -> None:
    """Print a value as JSON, with control characters as escapes, and times as text."""
    import json

    from workflow_dsl.definition.json import inert_json

    click.echo(inert_json(json.dumps(value, indent=2, ensure_ascii=False, default=str)))


def print_rows(rows: Sequence[tuple[str, ...]]) -> None:
    """Print a table, its first row the heading, within the width of the terminal."""
    from workflow_dsl.views.inert import for_terminal
    from workflow_dsl.views.tables import as_text

    heading, *others = (tuple(map(for_terminal, row)) for row in rows)
    width = _columns() if sys.stdout.isatty() else None
    click.echo("\n".join(as_text(heading, others, width)))


def _columns() -> int:
    """The width of the terminal, or that of the environment."""
    from shutil import get_terminal_size

    return get_terminal_size().columns


def application_of(project: Project, template: str | None = None) -> Application:
    """The application of a project, or of another template. Refuses a call where there is no such template."""
    application = application_if_any(project, template)
    if not application.has_template:
        from workflow_dsl.application.template.infrastructure import run_first

        shown = project.display_path(application.template.path)
        remedy = run_first(project.root) or "name a template with --template"
        raise click.UsageError(f"no file {shown}" if template else f"no {shown} in this project; {remedy}")
    return application


def report_problems(application: Application, logical_ids: Collection[str] | None = None) -> bool:
    """Report the definitions that cannot be read, and return whether there is an error among them.

    With `logical_ids`, those of other state machines are warnings: they stand in the way of nothing.
    """
    has_errors = False
    for machine in application.machines:
        is_chosen = logical_ids is None or machine.logical_id in logical_ids
        has_errors |= report(machine.problems if is_chosen else as_warnings(machine.problems))
    return has_errors


def as_warnings(findings: Iterable[Finding]) -> list[Finding]:
    """The findings, which stand in the way of nothing here, as warnings."""
    return [replace(finding, severity="warning") for finding in findings]


def application_if_any(project: Project, template: str | None = None, name: str = "") -> Application:
    """The application of a project, or of another template; one without resources where there is not a template.

    For a file's name, a template that cannot be read is a warning, and stands in no one's way.
    """
    from workflow_dsl.application.application import read_application

    chosen = replace(project, template=Path.cwd() / template) if template else project
    try:
        return read_application(chosen, compile_workflow=partial(compiled, project))
    except FindingsError as problem:
        if not Path(name).suffix:
            raise
        report(as_warnings(problem.findings))
        nowhere = replace(project, template=Path("no template"))
        return read_application(nowhere, compile_workflow=partial(compiled, project))


_START = "start a project with `workflow-dsl init FOLDER`"


def workflow_paths(project: Project, names: tuple[str, ...]) -> list[Path]:
    """The workflow modules of names or files; all of the project's without names."""
    by_name = {path.stem: path for path in project.workflow_files()}
    if not names and not by_name:
        folder = project.display_path(project.root / project.workflows)
        raise click.UsageError(
            f"no workflow in {folder}/; write one, {_START}, or set workflows under [tool.workflow-dsl]"
        )
    for name in names:
        if name.endswith(".py") and not Path(name).is_file():
            raise click.UsageError(f"no file {name}")
        if not name.endswith(".py") and name not in by_name:
            hint = did_you_mean(name, by_name) or f"the workflows are {', '.join(by_name)}"
            raise click.UsageError(f"no workflow {name!r}; {hint if by_name else f'go to the project, or {_START}'}")
    paths = [Path(name) if name.endswith(".py") else by_name[name] for name in names] or list(by_name.values())
    twice = [stem for stem, count in Counter(path.stem for path in paths).items() if count > 1]
    if twice:
        raise click.UsageError(f"{twice[0]} is named twice, and one file name makes one generated file")
    return paths


def compiled(project: Project, path: Path) -> Machine:
    """The machine of a workflow module."""
    from workflow_dsl.compiler.loading import compile_file

    return compile_file(path, root=project.root)


def json_value(text: str, option: str, **reading: Any) -> Any:
    """The JSON that an option has: as text, `@FILE`, or `-` for standard input; `reading` as of json.loads.

    Raises BadParameter, and OSError for a file that cannot be read.
    """
    import json

    from workflow_dsl.definition.files import read_text

    try:
        if text == "-":
            text = standard_input().decode("utf-8-sig")
        elif text[:1] == "@":
            text = read_text(Path(text[1:]), is_named=True)
        return json.loads(text, **reading)
    except UnicodeDecodeError:
        raise click.BadParameter("is not UTF-8", param_hint=option) from None
    except ValueError as problem:
        raise click.BadParameter(f"is not JSON: {problem}", param_hint=option) from None
    except RecursionError:
        raise click.BadParameter("is nested too deeply", param_hint=option) from None


def format_option(
    *formats: str, help: str = "Print in this format."
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """The option of what a command prints, one of these formats; the first is the default."""
    choice = click.Choice(formats)
    return click.option("--format", "format_", type=choice, default=formats[0], show_default=True, help=help)


template_option = click.option("--template", metavar="FILE", help="Use this template instead of the project's.")


def lambda_endpoint_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options that name a Lambda endpoint to a command."""
    all_or_others = click.option(
        "--lambda-endpoint-for",
        type=click.Choice(["others", "all"]),
        default="others",
        help="With --lambda-endpoint: call all functions there, or only those that cannot run here (default).",
    )

    @wraps(command)
    def checked(*args: Any, **arguments: Any) -> None:
        has_endpoint = arguments["lambda_endpoint"] or os.environ.get("LAMBDA_ENDPOINT")  # `serve` reads the latter
        if arguments["lambda_endpoint_for"] == "all" and not has_endpoint:
            raise click.UsageError("--lambda-endpoint-for all needs --lambda-endpoint URL")
        command(*args, **arguments)

    help_ = "Call functions that cannot run here at URL (sam local start-lambda)."
    return click.option("--lambda-endpoint", type=URL, help=help_)(all_or_others(checked))


def standard_input() -> bytes:
    """Everything on standard input."""
    from workflow_dsl.definition.files import MOST_BYTES, limited

    return limited(sys.stdin.buffer.read(MOST_BYTES + 1), "standard input") if sys.stdin else b""


def ignored_codes(project: Project, codes: Iterable[str] = ()) -> frozenset[str]:
    """The codes to suppress: those of the call and those of the project's settings."""
    from workflow_dsl.application.silencing import hint_for_code, ignorable_codes

    allowed = ignorable_codes()
    for code in codes:
        if code not in allowed:
            hint = hint_for_code(code)
            raise click.BadParameter(f"no warning has the code {code!r}: {hint}", param_hint="--ignore")
    for code in project.ignore:
        if code not in allowed:
            where = Where(place=Place("pyproject.toml"))
            message = f"[tool.workflow-dsl] ignore: no warning has the code {code!r}"
            raise FindingsError([Finding("CONFIGURATION", "error", where, message, hint_for_code(code))])
    return frozenset((*codes, *project.ignore))
