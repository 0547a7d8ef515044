"""`run`: one local execution."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from workflow_dsl.cli.common import (
    FOUND,
    TYPES,
    URL,
    application_if_any,
    json_value,
    lambda_endpoint_options,
    print_json,
    problems_reported,
    say,
)
from workflow_dsl.definition.files import read_file
from workflow_dsl.findings import FindingsError
from workflow_dsl.project import find_project

if TYPE_CHECKING:
    from workflow_dsl.application.application import Application
    from workflow_dsl.local.project_run import ProjectRunner
    from workflow_dsl.local.runner import Run
    from workflow_dsl.validation import Type


@click.command(short_help="Run a state machine on this computer.")
@click.argument("name", metavar="NAME|FILE")
@click.option(
    "--input", "input_", default="{}", metavar="JSON|@FILE|-", help="Use this input: JSON, a file, or standard input."
)
@click.option(
    "--fail", "faults", multiple=True, metavar="STATE=ERROR[*N]", help="Fail the first N calls of a state (repeatable)."
)
@click.option(
    "--return",
    "results",
    multiple=True,
    metavar="STATE=JSON|@FILE",
    help="Return this result from a state (repeatable).",
)
@click.option("--mock", metavar="FILE#CASE", help="Use a test case of a Step Functions Local mock configuration file.")
@click.option("--put", "put", multiple=True, metavar="FILE=s3://BUCKET/KEY", help="Upload a file first (repeatable).")
@click.option(
    "--unchecked", is_flag=True, help="Accept results of --return and --mock that the API or handler cannot return."
)
@click.option(
    "--item",
    "items",
    multiple=True,
    metavar="TABLE=JSON|@FILE",
    help="Put an item, or a list of them, first (repeatable).",
)
@click.option("--history", "as_history", type=click.Choice(["json"]), help="Print the event history instead.")
@click.option(
    "--type", "type_", type=TYPES, metavar="[STANDARD|EXPRESS]", help="Run as this type instead of the template's."
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Repeat the jitter, UUIDs and random numbers of this seed."
)
@click.option(
    "--from",
    "recorded",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Start at the failed state of this recording.",
)
@click.option("--at", metavar="STATE", help="With --from, start at this state instead.")
@click.option(
    "--cost",
    "with_cost",
    is_flag=True,
    help="Also print the price as the other type, and the date and source of the prices.",
)
@click.option("--endpoint-url", type=URL, help="Call AWS services at URL instead of moto in this process.")
@lambda_endpoint_options
def run(  # noqa: PLR0913, PLR0917  # one for each option
    name: str,
    input_: str,
    faults: tuple[str, ...],
    results: tuple[str, ...],
    mock: str | None,
    put: tuple[str, ...],
    unchecked: bool,
    items: tuple[str, ...],
    as_history: str | None,
    type_: Type | None,
    seed: int,
    recorded: Path | None,
    at: str | None,
    with_cost: bool,
    endpoint_url: str | None,
    lambda_endpoint: str | None,
    lambda_endpoint_for: Literal["others", "all"],
) -> None:
    """Run a state machine on this computer, with its real handlers and the template's resources.

    NAME is a workflow, a logical ID in the template, or a definition's file. It needs no account and no Docker: moto
    answers AWS services in this process. Time is virtual: retries and waits complete at once. The exit code is 1 when
    the execution does not succeed.
    """
    with problems_reported():
        from workflow_dsl.application.machines import definition_name
        from workflow_dsl.local.console import EventPrinter, run_result_lines
        from workflow_dsl.local.project_run import ProjectRunner

        application = application_if_any(find_project(Path.cwd()), name=name)
        printer = EventPrinter(partial(say, file=sys.stdout))
        options: Any = {
            "objects": _objects(put),
            "tables": _tables(items),
            "mocks": _mocks(faults, results, mock, definition_name(Path(name)), unchecked=unchecked) or None,
            "type": type_,
            "seed": seed,
            "watch": None if as_history else printer.watch,
        }
        make_runner = partial(
            ProjectRunner,
            endpoint_url=endpoint_url,
            lambda_endpoint=lambda_endpoint,
            lambda_endpoint_for=lambda_endpoint_for,
        )
        with _mocks_as_options(), redirect_stdout(sys.stderr):  # what handlers print is not part of the result
            if recorded or at:
                execution = _run_from(application, name, recorded, at, make_runner, options)
            else:
                execution = make_runner(application).run(name, json_value(input_, "--input"), **options)
        if as_history:
            print_json(execution.history)
        else:
            for line in run_result_lines(execution):
                say(line)
            if with_cost:
                from workflow_dsl.local.prices import price_lines

                for line in price_lines(execution):
                    say(line)
        if execution.status != "SUCCEEDED":
            sys.exit(FOUND)


@contextmanager
def _mocks_as_options() -> Iterator[None]:
    """Turn the remedies of a run, which name mocks in Python, into options of this command."""
    try:
        yield
    except FindingsError as problem:
        from workflow_dsl.local.stand_ins.gaps import GapFinding

        raise FindingsError(
            [finding.on_command_line if isinstance(finding, GapFinding) else finding for finding in problem.findings]
        ) from None


def _tables(texts: tuple[str, ...]) -> dict[str, list[Any]]:
    """The items to put, by table; their numbers are exact."""
    tables: dict[str, list[Any]] = {}
    for text in texts:
        table, separator, value = text.partition("=")
        if not separator:
            raise click.BadParameter(f"write TABLE=JSON or TABLE=@FILE, not {text}", param_hint="--item")
        items = json_value(value, "--item", parse_float=Decimal)
        tables.setdefault(table, []).extend(items if isinstance(items, list) else [items])
    return tables


_MOST_UPLOADED = 1_000_000_000  # bytes; moto keeps an object in memory


def _run_from(
    application: Application,
    name: str,
    file: Path | None,
    at: str | None,
    make_runner: Callable[[Application], ProjectRunner],
    options: Any,
) -> Run:
    """Run on from a state of a recorded execution."""
    from workflow_dsl.local.replay.cli_output import read_execution, with_definition
    from workflow_dsl.local.rerun import run_from

    if file is None:
        raise click.UsageError("--at needs a recording: give --from FILE")
    machine = application.named(name)
    recording = with_definition(read_execution([file]), machine.definition, machine.local_substitutions)
    return run_from(application, machine, recording, at, make_runner, **options)


def _objects(put: tuple[str, ...]) -> dict[str, bytes]:
    """The content of the files to upload, by URL."""
    objects = {}
    for text in put:
        file, separator, url = text.rpartition("=s3://")
        if not separator:
            raise click.BadParameter(f"write FILE=s3://BUCKET/KEY, not {text}", param_hint="--put")
        try:
            objects[f"s3://{url}"] = read_file(Path(file), is_named=True, most=_MOST_UPLOADED)
        except OSError as problem:
            raise click.BadParameter(f"{file} cannot be read: {problem.strerror}", param_hint="--put") from None
    return objects


def _mocks(
    faults: tuple[str, ...], results: tuple[str, ...], mock: str | None, machine: str, *, unchecked: bool
) -> dict[str, Any]:
    from workflow_dsl.local.stand_ins.mocks import parse_fault, read_mock_config

    mocks: dict[str, Any] = {}
    if mock:
        file, _, case = mock.rpartition("#")
        if not file:
            raise click.BadParameter("write FILE#CASE", param_hint="--mock")
        mocks = dict(read_mock_config(Path(file), case, machine, unchecked=unchecked))
    for text in faults:
        try:
            state, responses = parse_fault(text)
        except ValueError as problem:
            raise click.BadParameter(str(problem), param_hint="--fail") from None
        if not isinstance(mocks.get(state, []), list):
            raise click.BadParameter(f"--mock mocks {state!r} already", param_hint="--fail")
        mocks[state] = [*mocks.get(state, []), *responses]
    return mocks | _with_results(mocks, results, unchecked=unchecked)


def _with_results(mocks: dict[str, Any], texts: tuple[str, ...], *, unchecked: bool) -> dict[str, Any]:
    """The mocks of the states with a --return: their failures first, then the results; the last one stays."""
    from workflow_dsl.local.stand_ins.mocks import ConfiguredMock, Return

    responses: dict[str, list[Any]] = {}
    for text in texts:
        state, separator, value = text.partition("=")
        if not separator:
            raise click.BadParameter(f"write STATE=JSON or STATE=@FILE, not {text}", param_hint="--return")
        if not isinstance(mocks.get(state, []), list):
            raise click.BadParameter(f"--mock mocks {state!r} already", param_hint="--return")
        result = Return(json_value(value, "--return"), unchecked=unchecked)
        responses.setdefault(state, [*mocks.get(state, [])]).append(result)
    return {
        state: ConfiguredMock(state, dict(enumerate(of_state)), repeats_last=True)
        for state, of_state in responses.items()
    }
