"""`serve`: Step Functions on this computer, for every SDK."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Literal

import click

from workflow_dsl.cli.common import application_if_any, lambda_endpoint_options, problems_reported, say
from workflow_dsl.project import find_project


@click.command(short_help="Serve the Step Functions API on this computer.")
@click.option("--port", type=click.IntRange(0, 65535), default=8083, show_default=True, help="Listen on this port.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Listen on this address.")
@click.option(
    "--time",
    "time_",
    type=click.Choice(["virtual", "real"]),
    default="virtual",
    show_default=True,
    help="Skip the time of Wait states and retries, or wait.",
)
@click.option(
    "--keep",
    type=click.IntRange(0),
    default=10_000,
    show_default=True,
    help="Keep so many executions that have ended, with their histories.",
)
@click.option("--quiet", is_flag=True, help="Print no line for a call or an execution.")
@lambda_endpoint_options
def serve(  # one for each option
    port: int,
    host: str,
    time_: Literal["virtual", "real"],
    keep: int,
    quiet: bool,
    lambda_endpoint: str | None,
    lambda_endpoint_for: Literal["others", "all"],
) -> None:
    """Serve the Step Functions API on this computer, for every SDK and the AWS CLI, without an account.

    With a template, its state machines, functions and resources are there at the start. Other services are answered
    by moto at the same address. Ctrl-C ends it.
    """
    with problems_reported():
        from workflow_dsl.server.settings import Settings
        from workflow_dsl.server.start import serve_forever

        application = application_if_any(find_project(Path.cwd()))
        settings = Settings(
            host=host,
            port=port,
            is_real_time=time_ == "real",
            most_finished=keep,
            lambda_endpoint=lambda_endpoint,
            lambda_endpoint_for=lambda_endpoint_for,
        )
        serve_forever(application, settings, _nothing if quiet else say)
        sys.exit(0)


def _nothing(line: str) -> None:
    """Print nothing."""
