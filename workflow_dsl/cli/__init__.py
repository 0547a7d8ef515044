"""The command line: parse, call one room, print, exit 0 (clean), 1 (findings or drift) or 2 (wrong call)."""

from __future__ import annotations

import io
import os
import sys

import click

from workflow_dsl.cli.deployed import deployed, plan
from workflow_dsl.cli.diff import diff
from workflow_dsl.cli.executions import history, replay
from workflow_dsl.cli.generate import compile_, generate
from workflow_dsl.cli.importing import import_
from workflow_dsl.cli.run import run
from workflow_dsl.cli.sdk import install_sdk
from workflow_dsl.cli.serve import serve
from workflow_dsl.cli.state_tests import test_state
from workflow_dsl.cli.studio import studio
from workflow_dsl.cli.usage import diagram, policies, uses
from workflow_dsl.cli.validate import rules_, validate


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="workflow-dsl", message="%(package)s %(version)s")
def main() -> None:
    """Write AWS Step Functions workflows in Python, and check, run and compare any state machine of a SAM template.

    Configure paths in pyproject.toml under [tool.workflow-dsl]: workflows, generated, template, overview. List warning
    codes to suppress under ignore.

    Exit codes: 0 no errors, 1 errors or differences, 2 a wrong call, 130 interrupted.
    """
    _keep_stdout()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character is no reason to fail


def _keep_stdout() -> None:
    """Keep standard output to the command: what programs print that an author's code starts goes to standard error."""
    stdout, stderr = sys.stdout, sys.stderr
    if not isinstance(stdout, io.TextIOWrapper) or not isinstance(stderr, io.TextIOWrapper):
        return  # one of them is closed
    if stdout is not sys.__stdout__:
        return  # a test captures it
    own = os.dup(stdout.fileno())
    os.dup2(stderr.fileno(), stdout.fileno())
    sys.stdout = os.fdopen(own, "w", 1 if os.isatty(own) else -1, stdout.encoding)
    click.get_current_context().call_on_close(_give_stdout_up)


def _give_stdout_up() -> None:
    """Send to standard error what threads and exit functions of an author's code print after the command's end."""
    sys.stdout = sys.stderr  # click has flushed the command's own output


for command in (
    *(generate, compile_, import_, validate, rules_, run, test_state, uses, diagram, policies, diff),
    *(plan, deployed, history, replay, serve, studio, install_sdk),
):
    main.add_command(command)
