"""Executions saved to files: as recordings, and as test cases of mock configurations."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_dsl.cli.common import say
from workflow_dsl.cli.stacks.express import express_recording
from workflow_dsl.cli.stacks.options import progress_line
from workflow_dsl.records import Record

if TYPE_CHECKING:
    from workflow_dsl.account import Account
    from workflow_dsl.account.executions import ExecutionSummary
    from workflow_dsl.local.replay.masking import Field
    from workflow_dsl.local.replay.recording import Recording

SAVE_MOCKS = click.option(
    "--save-mocks",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Add the execution's calls to a mock configuration file, as a test case for `run --mock`.",
)

SAVE_ALL = click.option(
    "--save-all",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Save each listed execution as FOLDER/NAME.json: the last five failures with --status FAILED --limit 5.",
)


class Saving(Record):
    """The files that an execution is saved to, and the fields that are masked in them."""

    file: Path | None
    mocks: Path | None
    fields: tuple[Field, ...]

    def save(self, recording: Recording) -> None:
        """Write the files, and say on standard error which."""
        from workflow_dsl.generation.writing import write_one
        from workflow_dsl.local.replay.masking import masked

        recording = masked(recording, self.fields)
        if self.file:
            write_one(self.file, recording.to_text())
            click.echo(f"Saved to {self.file}", err=True)
        if self.mocks:
            save_mocks_to(recording, self.mocks)


def save_mocks_to(recording: Recording, path: Path) -> None:
    """Add an execution to a mock configuration file, and say how to run it and what it lacks."""
    from workflow_dsl.generation.writing import write_one
    from workflow_dsl.local.replay.recorded_mocks import add_to_mock_config
    from workflow_dsl.views.inert import for_terminal

    text, incomplete = add_to_mock_config(recording, path)
    write_one(path, text)
    words = ["workflow-dsl", "run", recording.workflow or "NAME", "--mock", f"{path}#{recording.name}"]
    click.echo(for_terminal(f"Saved to {path}, to run with {shlex.join(words)}"), err=True)
    if incomplete:
        states = ", ".join(f'"{name}"' for name in incomplete)
        message = f"Without calls that did not end, and results that the history does not have: {states}"
        click.echo(for_terminal(message), err=True)


def masked_fields(names: tuple[str, ...]) -> list[Field]:
    """Return the fields of --mask. Refuses another path."""
    from workflow_dsl.local.replay.masking import Field

    try:
        return [Field.parse(name) for name in names]
    except ValueError as problem:
        raise click.BadParameter(str(problem), param_hint="--mask") from None


def save_all(
    account: Account,
    executions: Iterable[ExecutionSummary],
    workflow: str,
    folder: Path,
    fields: Sequence[Field],
    since: datetime | None,
) -> None:
    """Save executions, each in a file with its name in the folder."""
    from workflow_dsl.account.executions import fetch_recording
    from workflow_dsl.generation.writing import write_one
    from workflow_dsl.local.replay.masking import masked

    folder.mkdir(parents=True, exist_ok=True)
    for execution in executions:
        with progress_line("Reading") as show:
            show(execution.arn.rpartition(":")[2])
            is_express = ":express:" in execution.arn
            recording = (
                express_recording(account, execution.arn, since, workflow)
                if is_express
                else fetch_recording(account, execution.arn, workflow)
            )
        name = re.sub(r"[^\w.-]", "_", recording.name)
        file = folder / f"{name}.json"
        write_one(file, masked(recording, fields).to_text())
        say(f"Saved to {file}", err=True)
