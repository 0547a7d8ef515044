"""`explore`, `tests` and `cost`: the execution paths of a state machine, its tests, and its price."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from workflow_dsl.cli.common import (
    URL,
    application_if_any,
    application_of,
    exit_code,
    format_option,
    print_json,
    problems_reported,
    report,
    say,
    template_option,
)
from workflow_dsl.project import find_project

if TYPE_CHECKING:
    from workflow_dsl.application.application import Application
    from workflow_dsl.application.machines import TemplateMachine
    from workflow_dsl.exploration.exploring import Exploration
    from workflow_dsl.exploration.pytest_files.text import Case

_SEED = click.option(
    "--seed",
    type=int,
    default=0,
    show_default=True,
    help="Search in a different order for each seed; 0 is document order.",
)
_RUNS = click.option(
    "--runs",
    type=click.IntRange(1, 100_000),
    default=2_000,
    show_default=True,
    help="Run at most this many executions.",
)


@click.command(short_help="Find every execution path of a state machine.")
@click.argument("name", metavar="NAME|FILE")
@click.option(
    "--against", metavar="NAME|FILE", help="Run both on all execution paths of both, and show where they differ."
)
@click.option("--against-endpoint", type=URL, help="Compare each state with the TestState API at this endpoint.")
@click.option(
    "--executions", is_flag=True, help="At the endpoint, also compare whole executions of the paths without calls."
)
@click.option("--real-handlers", is_flag=True, help="Also run each path with the real handlers and moto.")
@template_option
@_SEED
@_RUNS
@format_option("text", "json")
def explore(  # noqa: PLR0913, PLR0917  # one for each option
    name: str,
    against: str | None,
    against_endpoint: str | None,
    executions: bool,
    real_handlers: bool,
    template: str | None,
    seed: int,
    runs: int,
    format_: str,
) -> None:
    """Find execution paths that reach every state, transition, retrier, catcher and Choice rule.

    NAME is a workflow, a logical ID in the template, or a definition's file. The search makes up inputs, results and
    failures of tasks; it calls no handler or service. It prints each path with its values and
    price, and the elements that no path reaches, with the reason.

    The exit code is 1 if a comparison finds a difference, or for a finding: a Choice rule that can never match, an
    error name that an earlier retrier or catcher handles, a loop without a way out, a state that fails on an allowed
    input, or data or a history that long lists make too large. Ctrl-C prints the paths found so far, with exit code
    130. The price of a path is that of a million executions; Lambda, data transfer and free tiers are not included.
    """
    with problems_reported():
        if executions and against_endpoint is None:
            raise click.UsageError("--executions needs --against-endpoint")
        if format_ == "json" and (against or against_endpoint or real_handlers):
            raise click.UsageError("--format json prints the paths only; leave it out to compare them")
        if sum(map(bool, (against, against_endpoint, real_handlers))) > 1:
            raise click.UsageError("--against, --against-endpoint and --real-handlers: use one of them at a time")
        from workflow_dsl.application.declarations import Declarations
        from workflow_dsl.exploration.mishaps import mishaps
        from workflow_dsl.exploration.reports.lines import difference_lines, real_lines, results_of
        from workflow_dsl.exploration.reports.reasons import dead_parts

        application = _application(name, template)
        machine = application.named(name)
        others = _application(against, template) if against is not None else application
        other_machine = others.named(against or name)  # before a search that a wrong name would make useless
        exploration = _explored(application, machine, seed, runs)
        _print_paths(exploration, format_)
        if against is not None:
            other = _explored(others, other_machine, seed, runs, results_of(exploration))
            _print_differences(exploration, difference_lines(exploration, other, name, against))
        if against_endpoint is not None:
            _print_differences(exploration, _endpoint_lines(exploration, against_endpoint, executions=executions))
        if real_handlers:
            from workflow_dsl.local.project_run import ProjectRunner

            for line in real_lines(exploration, ProjectRunner(application), name):
                say(line)
        findings = [*dead_parts(exploration), *mishaps(exploration, Declarations(application).of(machine))]
        report(findings)
        sys.exit(exit_code(has_findings=bool(findings), is_complete=exploration.is_complete))


def _application(name: str, template: str | None) -> Application:
    project = find_project(Path.cwd())
    return application_of(project, template) if template else application_if_any(project, name=name)


def _print_paths(exploration: Exploration, format_: str) -> None:
    if format_ == "json":
        from workflow_dsl.exploration.reports.as_json import as_json

        print_json(as_json(exploration))
        return
    from workflow_dsl.exploration.reports.lines import exploration_lines

    for line in exploration_lines(exploration):
        say(line)


def _endpoint_lines(exploration: Exploration, url: str, *, executions: bool) -> list[str]:
    from workflow_dsl.exploration.endpoints import endpoint_lines
    from workflow_dsl.exploration.whole_executions import execution_lines

    progress = _said_after_a_second()
    lines = endpoint_lines(exploration, url, progress)
    return [*lines, *(execution_lines(exploration, url, progress) if executions else [])]


def _print_differences(exploration: Exploration, lines: list[str]) -> NoReturn:
    say("")
    for line in lines or ["no difference in any execution path that was found"]:
        say(line)
    sys.exit(exit_code(has_findings=bool(lines), is_complete=exploration.is_complete))


@click.command("tests", short_help="Write a pytest file that covers a state machine.")
@click.argument("name", metavar="NAME|FILE")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), default=Path("tests"), show_default=True, metavar="FOLDER|FILE",
    help="Write test_NAME_paths.py into this folder, or write this file.",
)  # fmt: skip
@click.option(
    "--from", "recorded", multiple=True, type=click.Path(path_type=Path), metavar="RECORDING",
    help="Write a test of this execution instead, saved with `history --save` (repeatable).",
)  # fmt: skip
@click.option("--mask-values", is_flag=True, help="With --from: write other values of the same shape that run alike.")
@click.option("--snapshot", is_flag=True, help="Also assert the present output of each execution.")
@click.option("--stdout", is_flag=True, help="Print the tests, and write nothing.")
@template_option
@_SEED
@_RUNS
def tests_(  # noqa: PLR0913, PLR0917  # one for each option
    name: str,
    output: Path,
    recorded: tuple[Path, ...],
    mask_values: bool,
    snapshot: bool,
    stdout: bool,
    template: str | None,
    seed: int,
    runs: int,
) -> None:
    """Write a pytest file with a small set of tests that covers a state machine.

    Each test runs one execution path with `run_workflow`, a small input and mocked task results, and asserts the
    trail, status and virtual duration. If the file exists, missing tests are added at its end, and nothing else in it
    changes.
    """
    with problems_reported():
        from workflow_dsl.definition.files import existing_text
        from workflow_dsl.exploration.pytest_files.text import added_to, file_in, new_file
        from workflow_dsl.generation.writing import write_one

        if mask_values and not recorded:
            raise click.UsageError("--mask-values needs --from: only recorded values are masked")
        application = _application(name, template)
        machine = application.named(name)
        label = machine.workflow or machine.logical_id
        path = output if output.suffix == ".py" else file_in(output, label)
        text = (existing_text(path) or "") if path.is_file() and not stdout else ""
        exploration = None if recorded else _explored(application, machine, seed, runs)
        done = _coverage(exploration) if exploration else "as recorded"
        try:
            if exploration:
                cases = _cases(application, exploration, name, text, snapshot=snapshot)
            else:
                cases = _recorded_cases(application, machine, name, recorded, text, snapshot=snapshot, mask=mask_values)
            text, new = added_to(text, cases) if text else (new_file(label, cases), cases)
        except SyntaxError as problem:
            raise click.UsageError(f"{path}:{problem.lineno}: is not Python: {problem.msg}") from None
        if stdout:
            click.echo(text, nl=False)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_one(path, text)
            say(f"{path}: {len(new)} test{'' if len(new) == 1 else 's'} added; {done}")
        sys.exit(exit_code(is_complete=exploration is None or exploration.is_complete))


def _cases(application: Application, exploration: Exploration, name: str, text: str, *, snapshot: bool) -> list[Case]:
    from workflow_dsl.exploration.pytest_files.cases import cases_of
    from workflow_dsl.exploration.pytest_files.text import names_in
    from workflow_dsl.local.project_run import ProjectRunner

    def say_left_out(reason: str) -> None:
        say(f"no test of an execution path: {reason}", err=True)

    taken, runner = names_in(text), ProjectRunner(application)
    return cases_of(exploration, name, runner, taken, with_output=snapshot, left_out=say_left_out)


def _recorded_cases(
    application: Application,
    machine: TemplateMachine,
    name: str,
    files: tuple[Path, ...],
    text: str,
    *,
    snapshot: bool,
    mask: bool,
) -> list[Case]:
    """A test for each recorded execution."""
    from workflow_dsl.exploration.pytest_files.cases import recorded_case
    from workflow_dsl.exploration.pytest_files.text import names_in
    from workflow_dsl.local.project_run import ProjectRunner
    from workflow_dsl.local.replay.cli_output import read_execution, with_definition

    cases: list[Case] = []
    for file in files:
        recording = with_definition(read_execution([file]), machine.definition, machine.local_substitutions)
        taken = {*names_in(text), *(case.name for case in cases)}
        masks = _say_what_stays if mask else None
        runner = ProjectRunner(application)
        cases.append(recorded_case(recording, name, runner, taken, with_output=snapshot, masks=masks))
    return cases


def _say_what_stays(number: int) -> None:
    if number:
        values = "1 value stays" if number == 1 else f"{number} values stay"
        say(f"{values} as recorded, since the execution depends on it; look at the file before you share it", err=True)


def _coverage(exploration: Exploration) -> str:
    return f"the paths cover {exploration.percent:.0f}% of {len(exploration.elements)} elements"


@click.command(short_help="Show the price of executions of a state machine.")
@click.argument("name", metavar="NAME|FILE")
@template_option
@_SEED
@_RUNS
def cost(name: str, template: str | None, seed: int, runs: int) -> None:
    """Show the price of a million executions for each execution path of a state machine, and the range
    of prices.

    Standard workflows are priced by transitions, Express workflows by requests and duration. Prices are those of
    us-east-1, with their date and source; Lambda, data transfer and free tiers are not included.
    """
    with problems_reported():
        from workflow_dsl.exploration.reports.cost import cost_lines

        application = _application(name, template)
        exploration = _explored(application, application.named(name), seed, runs)
        for line in cost_lines(exploration):
            say(line)
        sys.exit(exit_code(is_complete=exploration.is_complete))


def _explored(
    application: Application, machine: TemplateMachine, seed: int, runs: int, results: Any = None
) -> Exploration:
    """The execution paths of a state machine; `results` are examples of the results of its states."""
    from workflow_dsl.exploration.in_application import explore_machine

    show = _said_after_a_second()

    def progress(exploration: Exploration) -> None:
        paths = len(exploration.paths)
        show(f"{paths} path{'' if paths == 1 else 's'}, {exploration.percent:.0f}% covered")

    exploration = explore_machine(application, machine, results, seed=seed, most_runs=runs, progress=progress)
    if not exploration.is_complete:
        say("interrupted: showing the paths found so far", err=True)
    return exploration


def _said_after_a_second() -> Callable[[str], None]:
    """Progress on standard error, at most once a second."""
    last = time.monotonic()

    def show(text: str) -> None:
        nonlocal last
        if time.monotonic() - last > 1:
            last = time.monotonic()
            say(f"{text} ...", err=True)

    return show
