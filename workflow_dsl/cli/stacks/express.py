"""`history` of an Express state machine, from its log group."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from workflow_dsl.cli.stacks.options import progress_line

if TYPE_CHECKING:
    from workflow_dsl.account import Account
    from workflow_dsl.account.executions import ExecutionSummary
    from workflow_dsl.local.replay.recording import Recording


def machine_of_express(arn: str) -> str:
    """Return the ARN of the state machine of an Express execution, or of itself."""
    return ":".join(arn.replace(":express:", ":stateMachine:", 1).split(":")[:7])


def express_executions(
    account: Account, arn: str, most: int, status: str | None, since: datetime | None, not_read: list[str]
) -> list[ExecutionSummary]:
    """Return the executions in the log of a state machine; `not_read` gets what the log leaves out."""
    from workflow_dsl.account.express import list_express, read_express_log

    with progress_line("Reading") as show:
        log = read_express_log(account, arn)
        show(log.group)
        executions = list_express(account, log, most, status, since)
    if log.problem:
        not_read.append(f"Not all is shown: {log.problem}.")
    if since is None:
        click.echo("The last three hours of the log were searched; begin earlier with --since.", err=True)
    return executions


def express_recording(account: Account, arn: str, since: datetime | None, workflow: str) -> Recording:
    """Return an execution in the log of its state machine."""
    from workflow_dsl.account.express import fetch_express, read_express_log

    log = read_express_log(account, machine_of_express(arn))
    return fetch_express(account, log, arn, since, workflow)
