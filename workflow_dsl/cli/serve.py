"""`serve`: Step Functions on this computer, for every SDK."""

from __future__ import annotations

import os
import sys
from functools import partial
from pathlib import Path
from typing import IO, Literal

import click

from workflow_dsl.cli.common import (
    URL,
    application_if_any,
    lambda_endpoint_options,
    problems_reported,
    say,
    stdout_kept,
)
from workflow_dsl.project import find_project


@click.command(short_help="Serve the Step Functions API on this computer.")
@click.option("--port", type=click.IntRange(0, 65535), default=8083, show_default=True, help="Listen on this port.")
@click.option("--host", metavar="ADDRESS", default="127.0.0.1", show_default=True, help="Listen on this address.")
@click.option(
    "--time",
    "time_",
    type=click.Choice(["virtual", "real"]),
    default="virtual",
    show_default=True,
    help="Skip Wait states and retry intervals, or wait in real time.",
)
@click.option(
    "--keep",
    type=click.IntRange(0),
    default=10_000,
    show_default=True,
    help="Keep at most this many finished executions with their histories.",
)
@click.option("--endpoint-url", type=URL, help="Call other AWS services at URL instead of moto in this process.")
@click.option(
    "--mock",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    envvar="SFN_MOCK_CONFIG",
    metavar="FILE",
    help="Use this mock configuration file for executions of ARN#CASE (or SFN_MOCK_CONFIG).",
)
@click.option(
    "--persist",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Save state machines and finished executions in this file, and load them at the start.",
)
@click.option("--quiet", is_flag=True, help="Do not log calls and executions.")
@lambda_endpoint_options
def serve(  # noqa: PLR0913, PLR0917  # one for each option
    port: int,
    host: str,
    time_: Literal["virtual", "real"],
    keep: int,
    endpoint_url: str | None,
    mock: Path | None,
    persist: Path | None,
    quiet: bool,
    lambda_endpoint: str | None,
    lambda_endpoint_for: Literal["others", "all"],
) -> None:
    """Serve the Step Functions API on this computer, for every SDK and the AWS CLI, without an account.

    The state machines, functions and resources of the project's template exist from the start. moto answers all other
    services at the same address. Stop it with Ctrl-C.
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
            endpoint_url=endpoint_url,
            endpoints=_endpoints(),
            mocks=mock and mock.absolute(),  # a handler changes the working directory
            persist=persist and persist.absolute(),
            lambda_endpoint=lambda_endpoint or os.environ.get("LAMBDA_ENDPOINT"),
            lambda_endpoint_for=lambda_endpoint_for,
        )
        with stdout_kept() as stdout:
            serve_forever(application, settings, partial(_log, stdout), is_quiet=quiet)
        sys.exit(0)


# The variables of Step Functions Local (developer guide, "Setting configuration options for Step Functions Local").
_ENDPOINTS = {
    "ATHENA_ENDPOINT": "athena",
    "BATCH_ENDPOINT": "batch",
    "DYNAMODB_ENDPOINT": "dynamodb",
    "ECS_ENDPOINT": "ecs",
    "EVENTS_ENDPOINT": "events",
    "GLUE_ENDPOINT": "glue",
    "SAGE_MAKER_ENDPOINT": "sagemaker",
    "SNS_ENDPOINT": "sns",
    "SQS_ENDPOINT": "sqs",
}


def _endpoints() -> dict[str, str]:
    """The endpoints of services in the environment, by the services' names."""
    return {service: os.environ[name] for name, service in _ENDPOINTS.items() if os.environ.get(name)}


def _log(stdout: IO[str], line: str) -> None:
    """Print a line; nothing more once nobody reads it, for the requests are to be answered."""
    try:
        say(line, file=stdout)
    except OSError:
        with Path(os.devnull).open("wb") as nothing:
            os.dup2(nothing.fileno(), stdout.fileno())
