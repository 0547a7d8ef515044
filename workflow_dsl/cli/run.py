"""`run`: a workflow on this computer."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from workflow_dsl.cli.common import FOUND, TYPES, problems_reported
from workflow_dsl.project import find_project

if TYPE_CHECKING:
    from workflow_dsl.validation import Type


@click.command()
@click.argument("workflow", metavar="NAME|FILE")
@click.option(
    "--input", "input_", default="{}", metavar="JSON|@FILE|-", help="The input: JSON, a file, or standard input."
)
@click.option(
    "--fail", "faults", multiple=True, metavar="STATE=ERROR[*N]", help="Fail a state's first calls (repeatable)."
)
@click.option("--mock", metavar="FILE#CASE", help="A test case of a Step Functions Local mock configuration file.")
@click.option(
    "--put", "put", multiple=True, metavar="FILE=s3://BUCKET/KEY", help="Put a file into a bucket first (repeatable)."
)
@click.option("--history", "as_history", type=click.Choice(["json"]), help="Print the event history instead.")
@click.option("--type", "type_", type=TYPES, help="The template's type by default.")
@click.option("--seed", type=int, default=0, show_default=True, help="Repeats jitter, UUIDs and random numbers.")
@click.option("--endpoint-url", metavar="URL", help="Call AWS services there instead of in moto in this process.")
def run(  # noqa: PLR0913, PLR0917  # one for each option
    workflow: str,
    input_: str,
    faults: tuple[str, ...],
    mock: str | None,
    put: tuple[str, ...],
    as_history: str | None,
    type_: Type | None,
    seed: int,
    endpoint_url: str | None,
) -> None:
    """Run a workflow on this computer, with the real handlers and the tables of the template.

    No account, no Docker: AWS services are answered by moto in this process, and time is virtual, so that no retry or
    wait takes any. Exits with 1 when the execution does not succeed.
    """
    with problems_reported():
        from workflow_dsl.local.console import Display, ending
        from workflow_dsl.local.project_run import Application

        project = find_project(Path.cwd())
        display = Display(click.echo)
        execution = Application(project, endpoint_url).run(
            workflow,
            _input(input_),
            objects=_objects(put),
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


def _objects(put: tuple[str, ...]) -> dict[str, bytes]:
    """The files to be put into buckets, by URL."""
    found = {}
    for text in put:
        file, is_given, url = text.rpartition("=s3://")
        if not is_given:
            raise click.BadParameter(f"write FILE=s3://BUCKET/KEY, not {text}", param_hint="--put")
        try:
            found[f"s3://{url}"] = Path(file).read_bytes()
        except OSError as problem:
            raise click.BadParameter(f"{file} cannot be read: {problem.strerror}", param_hint="--put") from None
    return found


def _mocks(faults: tuple[str, ...], mock: str | None, machine: str) -> dict[str, Any]:
    from workflow_dsl.local.stand_ins.mocks import fault, read_mock_config

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
