"""What the commands that ask an account share: which one is asked, and what is said while it is."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from workflow_dsl.project import Project

if TYPE_CHECKING:
    from workflow_dsl.account import Account
    from workflow_dsl.account.samconfig import DeploySettings
    from workflow_dsl.application.machines import Stack

_Command = Callable[..., Any]


class Asked(NamedTuple):
    """Which stack, account and region a call asks, as far as it says."""

    stack_name: str | None
    profile: str | None
    region: str | None
    endpoint_url: str | None
    config_env: str | None
    config_file: str | None

    def settings(self, project: Project) -> DeploySettings:
        """SAM's settings, with what the call says over them."""
        from workflow_dsl.account.samconfig import deploy_settings

        configured = deploy_settings(project.root, self.config_env, self.config_file)
        return configured.over(self.stack_name, self.profile, self.region)

    def account(self, project: Project, region: str | None = None) -> Account:
        """The account; in a region where one is known that the call does not say."""
        from workflow_dsl.account import open_account

        settings = self.settings(project)
        return open_account(settings.profile, self.region or region or settings.region, self.endpoint_url)

    def stack(self, project: Project) -> str:
        """The stack's name. Refuses a call that does not say which."""
        name = self.settings(project).stack_name
        if not name:
            raise click.UsageError("which stack? name it with --stack-name, or set stack_name in samconfig.toml")
        return name


def account_options(command: _Command) -> _Command:
    """The options that say which stack, account and region is asked, as one argument, `asked`."""

    @functools.wraps(command)
    def with_account(*args: Any, **given: Any) -> Any:
        asked = Asked(**{name: given.pop(name) for name in Asked._fields})
        return command(*args, asked=asked, **given)

    for option in (
        click.option("--config-file", metavar="FILE", help="Another configuration of SAM's than samconfig.toml."),
        click.option("--config-env", metavar="NAME", help="Another environment of samconfig.toml than default."),
        click.option("--endpoint-url", metavar="URL", help="Ask an emulator there instead of AWS."),
        click.option("--region", help="By default samconfig.toml's, else AWS_DEFAULT_REGION or the profile's."),
        click.option("--profile", help="By default samconfig.toml's, else AWS_PROFILE."),
        click.option("--stack-name", help="By default samconfig.toml's stack_name."),
    ):
        with_account = option(with_account)
    return with_account


def utc(moment: datetime) -> str:
    """A time for people in whatever zone."""
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


@contextmanager
def progress_line(label: str) -> Iterator[Callable[[str], None]]:
    """Says what is being read, on one line of a person's terminal, gone afterwards."""
    is_seen = sys.stderr.isatty()

    def say(name: str) -> None:
        if is_seen:
            click.echo(f"\r\x1b[K{label} {name} ...", nl=False, err=True)

    try:
        yield say
    finally:
        if is_seen:
            click.echo("\r\x1b[K", nl=False, err=True)


def template_stack(project: Project) -> Stack:
    """The state machines of the project's template. Refuses a project without one."""
    from workflow_dsl.application.machines import project_stack

    stack = project_stack(project)
    if stack is None:
        raise click.UsageError(f"no template {project.shown(project.root / project.template)}")
    return stack
