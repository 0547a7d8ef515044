"""The command line: parse, call one layer, print, exit 0 (clean), 1 (findings or drift), 2 (usage error) or 130."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import click

# The module and the name of each command. It is imported when it is called: most of them need much that others do not.
_COMMANDS = {
    "compile": ("generate", "compile_"),
    "cost": ("exploration", "cost"),
    "deployed": ("stacks.deployed", "deployed"),
    "diagram": ("usage", "diagram"),
    "diff": ("diff", "diff"),
    "explore": ("exploration", "explore"),
    "generate": ("generate", "generate"),
    "guide": ("adopting", "guide"),
    "history": ("stacks.executions", "history"),
    "import": ("importing", "import_"),
    "init": ("adopting", "init"),
    "install-sdk": ("sdk", "install_sdk"),
    "plan": ("stacks.deployed", "plan"),
    "policies": ("usage", "policies"),
    "replay": ("replay", "replay"),
    "rules": ("validate", "rules_"),
    "run": ("run", "run"),
    "serve": ("serve", "serve"),
    "studio": ("studio", "studio"),
    "sync": ("stacks.sync", "sync"),
    "test-state": ("state_tests", "test_state"),
    "tests": ("exploration", "tests_"),
    "types": ("types", "types"),
    "uses": ("usage", "uses"),
    "validate": ("validate", "validate"),
}


class _Commands(click.Group):
    def main(self, *args: Any, **settings: Any) -> Any:
        try:
            return super().main(*args, **settings)
        except OSError as problem:  # where no command can report it: as the text of --help is printed
            click.echo(problem.strerror or problem, err=True)
            _drop_output()
            sys.exit(2)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [*_COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _COMMANDS and cmd_name not in self.commands:
            module, name = _COMMANDS[cmd_name]
            self.add_command(getattr(import_module(f"workflow_dsl.cli.{module}"), name))
        return super().get_command(ctx, cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in _COMMANDS and not args[0].startswith("-"):
            from workflow_dsl.findings import did_you_mean

            hint = did_you_mean(args[0], _COMMANDS) or "`workflow-dsl --help` lists the commands"
            ctx.fail(f"no command {args[0]!r}; {hint}")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:  # before a command could report it: its module was being imported
            click.echo("Interrupted", err=True)
            sys.exit(130)


def _drop_output() -> None:
    """Let what could not be printed go nowhere: Python tries again at its exit, and fails with another exit code."""
    with suppress(AttributeError, OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="workflow-dsl", message="%(package)s %(version)s")
def main() -> None:
    """Write AWS Step Functions workflows in Python, and check, run and compare any state machine of a SAM template.

    Configure paths in pyproject.toml under [tool.workflow-dsl]: workflows, generated, template, overview. List codes to
    suppress under ignore.

    Exit codes: 0 no errors, 1 errors or differences, 2 a usage error, 130 interrupted.
    """
    _check_folder()
    _keep_stdout()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that lacks a character is no reason to fail


def _check_folder() -> None:
    """Raise UsageError if the working directory has been deleted: every command finds its project from there."""
    try:
        Path.cwd()
    except FileNotFoundError:
        raise click.UsageError("the working directory has been deleted; change to one that exists") from None


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
