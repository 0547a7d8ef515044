"""Helpers of the commands that read an account: its options, progress, and times."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from workflow_dsl.cli.common import URL
from workflow_dsl.project import Project
from workflow_dsl.records import Record

if TYPE_CHECKING:
    from workflow_dsl.account import Account, DeployedStack
    from workflow_dsl.account.samconfig import DeploySettings

_Command = Callable[..., Any]


class AccountOptions(Record):
    """The options that name a stack, an account and a region; None where the call leaves one out."""

    stack_name: str | None
    profile: str | None
    region: str | None
    endpoint_url: str | None
    config_env: str | None
    config_file: str | None

    def settings(self, project: Project) -> DeploySettings:
        """SAM's settings, overridden by the options of the call."""
        from workflow_dsl.account.samconfig import deploy_settings

        configured = deploy_settings(project.root, self.config_env, self.config_file)
        return configured.with_options(self.stack_name, self.profile, self.region)

    def account(self, project: Project, region: str | None = None) -> Account:
        """The account, in the region of the call, else in `region`, else in that of SAM's settings."""
        from workflow_dsl.account import open_account

        settings = self.settings(project)
        return open_account(settings.profile, self.region or region or settings.region, self.endpoint_url)

    def stack(self, project: Project) -> str:
        """The stack's name. Refuses a call without one."""
        name = self.settings(project).stack_name
        if not name:
            raise click.UsageError("no stack name: give --stack-name, or set stack_name in samconfig.toml")
        return name

    def open_stack(self, project: Project) -> tuple[Account, DeployedStack]:
        """The account, and the stack in it. Refuses a call without a stack's name; raises FindingsError."""
        from workflow_dsl.account import existing_stack

        account = self.account(project)
        return account, existing_stack(account, self.stack(project))


def account_options(command: _Command) -> _Command:
    """Add the options that name a stack, an account and a region, as one argument `options`."""

    @functools.wraps(command)
    def with_account(*args: Any, **arguments: Any) -> Any:
        options = AccountOptions(**{name: arguments.pop(name) for name in AccountOptions._fields})
        return command(*args, options=options, **arguments)

    for option in (
        click.option("--config-file", metavar="FILE", help="Read this SAM configuration instead of samconfig.toml."),
        click.option("--config-env", metavar="NAME", help="Use this environment of samconfig.toml instead of default."),
        click.option("--endpoint-url", type=URL, help="Call an emulator at URL instead of AWS."),
        click.option(
            "--region",
            metavar="REGION",
            help="Use this region instead of samconfig.toml's, AWS_DEFAULT_REGION or the profile's.",
        ),
        click.option("--profile", metavar="NAME", help="Use this profile instead of samconfig.toml's, or AWS_PROFILE."),
        click.option("--stack-name", metavar="NAME", help="Use this stack instead of samconfig.toml's stack_name."),
    ):
        with_account = option(with_account)
    return with_account


@contextmanager
def progress_line(label: str) -> Iterator[Callable[[str], None]]:
    """A function that shows the name of what is being read, on one line of a terminal, removed afterwards."""
    from workflow_dsl.views.inert import for_terminal

    is_terminal = sys.stderr.isatty()

    def show(name: str) -> None:
        if is_terminal:
            click.echo(f"\r\x1b[K{label} {for_terminal(name)} ...", nl=False, err=True)

    try:
        yield show
    finally:
        if is_terminal:
            click.echo("\r\x1b[K", nl=False, err=True)
