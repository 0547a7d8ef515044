"""The definitions that `diff` compares: by a name or a file, a file of a Git revision, or a deployed one."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_dsl.application.application import Application, UnknownName
from workflow_dsl.application.machines import TemplateMachine, machine_outside
from workflow_dsl.cli.common import say
from workflow_dsl.definition.files import DEFINITION_SUFFIXES, limited
from workflow_dsl.definition.reading import is_template, read_source
from workflow_dsl.records import replace

if TYPE_CHECKING:
    from workflow_dsl.account import Account, DeployedStack

_PREFIX = "git:"
_DEPLOYED = "deployed:"
_SECONDS = 60  # to read one file of a revision; a partial clone that would download it is told not to


def both(
    application: Application, old: str, new: str, open_stack: Callable[[], tuple[Account, DeployedStack]]
) -> tuple[TemplateMachine, TemplateMachine]:
    """The two state machines to compare. `open_stack` is called for a name that begins with `deployed:`.

    Beside a deployed definition, a local one has the values of the stack. Raises as definition_named().
    """
    names = (old, new)
    if not any(name.startswith(_DEPLOYED) for name in names):
        return in_one_template(*(definition_named(application, name) for name in names))
    from workflow_dsl.account.deployed_definition import deployed_machine, machine_in_stack

    account, stack = open_stack()
    sides = [
        deployed_machine(account, stack, application, name.removeprefix(_DEPLOYED))
        if name.startswith(_DEPLOYED)
        else definition_named(application, name)
        for name in names
    ]
    deployed = next(side for side, name in zip(sides, names, strict=True) if name.startswith(_DEPLOYED))
    for index, name in enumerate(names):
        if not name.startswith(_DEPLOYED):
            sides[index], unknown = machine_in_stack(account, stack, sides[index], deployed)
            if unknown:
                say(f"not compared, only in the account: {', '.join(unknown)}", err=True)
    return in_one_template(*sides)


def definition_named(application: Application, name: str) -> TemplateMachine:
    """The state machine of a name, as Application.named takes it, or of `git:REV:PATH`.

    Raises UsageError for a revision or file that Git does not have, and FindingsError for what is not a definition.
    """
    return _of_revision(application, name) if name.startswith(_PREFIX) else application.named(name)


def in_one_template(before: TemplateMachine, after: TemplateMachine) -> tuple[TemplateMachine, TemplateMachine]:
    """Both definitions as those of one state machine: with the same name, and the same values for placeholders."""
    if before.is_in_template and after.is_in_template:
        return before, after
    machine = before if before.is_in_template else after
    one, other = (replace(machine, source=side.source, compiled=side.compiled, problems=()) for side in (before, after))
    return one, other


def _of_revision(application: Application, name: str) -> TemplateMachine:
    revision, _, path = name.removeprefix(_PREFIX).partition(":")
    if not revision or not path or revision.startswith("-") or "\0" in name:
        raise click.UsageError(f"{name} is not git:REV:PATH; write git:main:generated/NAME.asl.json")
    if not path.endswith(DEFINITION_SUFFIXES):
        raise click.UsageError(f"{path} is not a definition's file; {_instead_of(application, path)} of the revision")
    source = read_source(_git_file(revision, path), name)
    if is_template(source.document) or not {"StartAt", "States"} <= source.document.keys():
        raise click.UsageError(f"{name} is not a definition; name a file with StartAt and States")
    try:
        return replace(application.deployed_as(path), source=source, compiled=None, problems=())
    except UnknownName:
        return machine_outside(application.template, Path(path), source)


def _instead_of(application: Application, path: str) -> str:
    """The file that a workflow generates, which stands for it in a revision: no module of one is executed."""
    project, name = application.project, Path(path).stem
    if project is None or name not in application.workflow_files:
        return "name a .json or .yaml file"
    return f"name {application.shown(project.generated_file(name))}"


# Git before 2.45 knows no GIT_NO_LAZY_FETCH, and would run the repository's own core.sshCommand for a missing file.
_OFFLINE = {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none", "GIT_TERMINAL_PROMPT": "0"}


def _git_file(revision: str, path: str) -> bytes:
    """A file of a revision, by its path from the working folder. No filter, pager or hook of a repository runs."""
    within = path if path.startswith(("./", "../")) else f"./{path}"
    result = _git("cat-file", "blob", f"{revision}:{within}")
    if result.returncode:
        reason = _reason(result)
        if reason.startswith(_NO_REPOSITORY):
            raise click.UsageError(f"this is not a Git repository, so it has no {revision}:{path}; name a file")
        raise click.UsageError(f"git has no {revision}:{path}: {reason}; check both with `git ls-tree`")
    return limited(result.stdout, f"{revision}:{path}")


def refuse_unknown_revision(revision: str) -> None:
    """Raise UsageError for a revision that Git does not have."""
    result = _git("rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{tree}}")
    if result.returncode:
        reason = _reason(result)
        if reason.startswith(_NO_REPOSITORY):
            raise click.UsageError(f"this is not a Git repository, so it has no revision {revision}")
        raise click.UsageError(f"git has no revision {revision}{reason and f': {reason}'}; see `git log`")


_NO_REPOSITORY = "not a git repository"


def _reason(result: subprocess.CompletedProcess[bytes]) -> str:
    return result.stderr.decode("utf-8", "replace").strip().removeprefix("fatal: ").rstrip(".")


def _git(*arguments: str) -> subprocess.CompletedProcess[bytes]:
    command = ["git", "--no-pager", *arguments]
    environment = {**os.environ, **_OFFLINE, "LC_ALL": "C"}
    try:
        return subprocess.run(command, env=environment, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603  # git
    except FileNotFoundError:
        raise click.UsageError("git is not installed; install it, or name a file instead of a revision") from None
    except subprocess.TimeoutExpired:
        raise click.UsageError(
            f"git did not answer within {_SECONDS} s; try again, or name a file instead of a revision"
        ) from None
