"""`sync`: deployed definitions updated from the local ones, without a deployment."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_dsl.cli.common import FOUND, application_of, compiled, ignored_codes, problems_reported, report, say
from workflow_dsl.cli.stacks.options import AccountOptions, account_options
from workflow_dsl.findings import Finding, FindingsError, did_you_mean, short_list
from workflow_dsl.project import Project, find_project

if TYPE_CHECKING:
    from workflow_dsl.account import Account, DeployedStack
    from workflow_dsl.account.sync import SyncPlan
    from workflow_dsl.application.application import Application
    from workflow_dsl.application.machines import TemplateMachine

_SECONDS = 0.3  # between two looks at the files
Wait = Callable[[float], None]


@click.command(short_help="Update only the deployed definitions, in seconds.")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@account_options
@click.option("--yes", is_flag=True, help="Update without asking.")
@click.option("--watch", is_flag=True, help="Update again after each edit, until Ctrl-C.")
@click.option("--gradual", is_flag=True, help="Also update state machines that the template deploys gradually.")
@click.pass_context
def sync(
    context: click.Context, names: tuple[str, ...], options: AccountOptions, yes: bool, watch: bool, gradual: bool
) -> None:
    """Update the definitions of a stack's state machines, all or those named, from the local ones.

    For development stacks: only definitions are updated, with the stack's own substitutions. The command first
    generates and checks, shows the changes as `diff` does, and asks. Nothing is updated if there is an error, if other
    parts of the template have changed too, or if a state machine is deployed gradually. The next deployment that
    changes a definition overwrites the update.
    """
    wait: Wait = (context.obj or {}).get("wait", time.sleep)
    with problems_reported():
        project = find_project(Path.cwd())
        once = partial(
            _sync, project, options.account(project), options.stack(project), names, yes=yes, gradual=gradual
        )
        if not watch:
            sys.exit(0 if once() else FOUND)
        for _ in _edits(project, wait):
            try:
                once()
            except FindingsError as problem:
                report(problem.findings)
            say("Waiting for an edit; stop with Ctrl-C.")


def _sync(
    project: Project, account: Account, stack_name: str, names: Collection[str], *, yes: bool, gradual: bool
) -> bool:
    """Generate, check, show and update; False if something stands in the way."""
    from workflow_dsl.account import existing_stack
    from workflow_dsl.account.sync import apply

    stack = existing_stack(account, stack_name)
    stack.with_parameters({})  # refuses a stack that is being updated, or cannot be
    if report(_generated(project)):
        click.echo("Fix the errors above. Nothing was updated.", err=True)
        return False
    plan = _plan(account, stack, application_of(project), names, gradual=gradual)
    _print_changes(plan)
    if report(plan.findings):
        click.echo("Nothing was updated.", err=True)
        return False
    if not plan.updates:
        say(f"Nothing to update: stack {stack.name} has the local definitions.")
        return True
    count = f"{len(plan.updates)} definition{'' if len(plan.updates) == 1 else 's'}"
    if not yes and not click.confirm(f"Update {count} in stack {stack.name} ({stack.arn})?", err=True):
        click.echo("Nothing was updated.", err=True)
        return False
    for update in plan.updates:
        revision = apply(account, update)
        say(f"{update.logical_id}: updated{f', revision {revision}' if revision else ''}")
    return True


def _print_changes(plan: SyncPlan) -> None:
    from workflow_dsl.views.changes import change_lines, summary

    for update in plan.updates:
        say(f"{update.logical_id}: {summary(update.diff)}")
        for line in (*change_lines(update.diff), *update.notes):
            say(f"  {line}")


def _generated(project: Project) -> list[Finding]:
    """Write the generated files, and return the errors that keep them or a definition from being deployed."""
    from workflow_dsl.application.checking import check_machine, placeholders_reported
    from workflow_dsl.application.declarations import Declarations
    from workflow_dsl.application.silencing import Silencing
    from workflow_dsl.generation.build import generate
    from workflow_dsl.generation.writing import write

    ignore = ignored_codes(project)
    generated = generate(project, project.workflow_files(), partial(compiled, project), ignore)
    findings = [finding for workflow in generated.workflows for finding in workflow.findings]
    findings += generated.disagreements
    reported = placeholders_reported(generated.disagreements)
    silencing = Silencing(project)
    declarations = Declarations(generated.application) if generated.application else None
    for machine in generated.application.machines if generated.application else []:
        if machine.compiled is None and machine.has_definition:
            findings += silencing.left(check_machine(machine, reported, ignore=ignore, declarations=declarations))
    errors = [finding for finding in findings if finding.severity == "error"]
    errors = errors or generated.written_by_others()
    if not errors:
        write(file for files in generated.files.values() for file in files)
        write([generated.page] if generated.page else [])
    return errors


def _plan(
    account: Account, stack: DeployedStack, local: Application, names: Collection[str], *, gradual: bool
) -> SyncPlan:
    from workflow_dsl.account import compare_machines
    from workflow_dsl.account.last_deployment import LastDeployment
    from workflow_dsl.account.sync import plan_sync

    machines = _machines_named(local, names)
    by_id = {machine.logical_id: machine for machine in machines}
    statuses = compare_machines(account, stack, machines, lambda machine: machine.template.source.file)
    pairs = [(by_id[status.logical_id], status) for status in statuses if status.logical_id in by_id]
    return plan_sync(account, stack, pairs, LastDeployment(account, stack), may_be_gradual=gradual)


def _machines_named(local: Application, names: Collection[str]) -> list[TemplateMachine]:
    machines = [
        machine for machine in local.machines if not names or {machine.logical_id, machine.workflow} & set(names)
    ]
    known = [name for machine in local.machines for name in (machine.logical_id, machine.workflow) if name]
    for name in names:
        if name not in known:
            hint = did_you_mean(name, known) or f"the template has {short_list(known) or 'none'}"
            raise click.UsageError(f"no state machine {name!r}; {hint}")
    return machines


def _edits(project: Project, wait: Wait) -> Iterator[None]:
    """Yield at once, and after each change of a workflow, a hand-written definition or the template."""
    seen: Mapping[Path, int] = {}
    watched = _watched(project)
    while True:
        now = _times(watched)
        if now != seen:
            seen = now
            yield
            watched = _watched(project)
            seen = {**_times(watched), **seen}  # an edit while it was updated counts, a new file does not
        wait(_SECONDS)


def _watched(project: Project) -> list[Path]:
    """The template, the workflows folder, and the definitions that the template names and no workflow generates."""
    from workflow_dsl.application.template import read_template

    template = project.root / project.template
    generated = {project.generated_file(path.stem) for path in project.workflow_files()}
    try:
        definitions = [machine.definition for machine in read_template(template).state_machines()]
    except (FindingsError, OSError, ValueError):  # an edit that is not complete
        definitions = []
    named = [path for path in definitions if isinstance(path, Path) and path not in generated]
    return [template, project.root / project.workflows, *named]


def _times(watched: Collection[Path]) -> dict[Path, int]:
    """The time of the last change of each file, and of each module in a folder."""
    files = [file for path in watched for file in (path.rglob("*.py") if path.is_dir() else [path])]
    times: dict[Path, int] = {}
    for file in files:
        with suppress(OSError):  # it was just removed
            times[file] = file.stat().st_mtime_ns
    return times
