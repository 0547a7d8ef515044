"""`history --save-all`: the files of several deployed executions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_dsl.cli.account import progress_line
from workflow_dsl.cli.common import say
from workflow_dsl.cli.express import express_recording

if TYPE_CHECKING:
    from workflow_dsl.account import Account
    from workflow_dsl.account.executions import ExecutionSummary
    from workflow_dsl.local.replay.masking import Field

SAVE_ALL = click.option(
    "--save-all",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Save each listed execution as FOLDER/NAME.json: the last five failures with --status FAILED --limit 5.",
)


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
    for each in executions:
        with progress_line("Reading") as show:
            show(each.arn.rpartition(":")[2])
            is_express = ":express:" in each.arn
            recording = (
                express_recording(account, each.arn, since, workflow)
                if is_express
                else fetch_recording(account, each.arn, workflow)
            )
        name = re.sub(r"[^\w.-]", "_", recording.name)
        file = folder / f"{name}.json"
        write_one(file, masked(recording, fields).to_text())
        say(f"Saved to {file}", err=True)
