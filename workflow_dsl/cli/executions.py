"""`history`, `replay`: executions in the account, and one of them again on this computer."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_dsl.cli.account import Asked, account_options, progress_line, template_stack, utc
from workflow_dsl.cli.common import FOUND, chosen, compiled, print_rows, problems_reported, say
from workflow_dsl.findings import closest
from workflow_dsl.project import Project, find_project

if TYPE_CHECKING:
    from workflow_dsl.account import Account
    from workflow_dsl.account.executions import Listed
    from workflow_dsl.local.replay.recording import Recording

_LAST = "last"


@click.command()
@click.argument("name", metavar="NAME|ARN")
@account_options
@click.option("--execution", metavar="NAME|last", help="Show this one; its ARN may stand for NAME as well.")
@click.option("--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many are listed.")
@click.option(
    "--save", metavar="FILE", type=click.Path(path_type=Path), help="Save the one that is shown, or the last."
)
def history(name: str, asked: Asked, execution: str | None, limit: int, save: Path | None) -> None:
    """List the last executions of a deployed state machine, or show one as `run` shows a run.

    NAME is a workflow, or a state machine's logical id in the template; an ARN is a state machine's or an execution's.
    A saved one can be replayed: `workflow-dsl replay FILE`.
    """
    with problems_reported():
        from workflow_dsl.account.executions import latest, recorded

        project = find_project(Path.cwd())
        if name.startswith("arn:"):
            account, arn, workflow = asked.account(project, _region_of(name)), name, ""
        else:
            account = asked.account(project)
            arn, workflow = _machine(project, account, asked.stack(project), name)
        if ":execution:" not in arn and execution in (None, _LAST):
            executions = latest(account, arn, limit if execution is None and save is None else 1)
            if execution is None and save is None:
                _list(executions)
                return
            if not executions:
                raise click.UsageError("there is no execution yet")
            arn = executions[0].arn
        elif ":execution:" not in arn and execution:
            arn = _named(account, arn, execution)
        with progress_line("Reading") as progress:
            progress(arn.rpartition(":")[2])
            found = recorded(account, arn, workflow)
        _show(found)
        if save:
            from workflow_dsl.generation.files import write_one

            write_one(save, found.to_text())
            click.echo(f"Saved to {save}", err=True)


def _list(executions: Sequence[Listed]) -> None:
    rows = [("Execution", "Status", "Started", "Took")]
    rows += [(each.name, each.status, utc(each.started), each.took) for each in executions]
    print_rows(rows)


def _named(account: Account, machine: str, name: str) -> str:
    """The ARN of an execution of a state machine. Refuses a name that it has not."""
    from workflow_dsl.account.access import Refused
    from workflow_dsl.account.executions import execution_of, latest

    arn = execution_of(machine, name)
    try:
        account.ask("stepfunctions", "describe_execution", executionArn=arn)
    except Refused as problem:
        if problem.code not in ("ExecutionDoesNotExist", "InvalidArn"):
            raise
        near = closest(name, [each.name for each in latest(account, machine, 1000)])
        raise click.UsageError(f"no execution {name}: {near or 'see which there are without --execution'}") from None
    return arn


def _region_of(arn: str) -> str:
    """The region in the ARN of a state machine or an execution. Refuses a call with another ARN."""
    _, _, service, region, _, kind, *_ = [*arn.split(":"), "", "", "", "", ""]
    if service != "states" or kind not in ("stateMachine", "execution"):
        raise click.UsageError(_OTHERS.get(kind, "{arn} is no ARN of a state machine or an execution").format(arn=arn))
    return region


_OTHERS = {
    "express": "an Express execution's history is in its state machine's log group",
    "mapRun": "{arn} is a Map Run; name one of its executions, or the one that it is part of",
}


def _machine(project: Project, account: Account, stack_name: str, name: str) -> tuple[str, str]:
    """The ARN of the state machine of a workflow or a logical id, and the workflow's name."""
    from workflow_dsl.account import read_stack
    from workflow_dsl.account.stack import no_stack

    machines = template_stack(project).machines
    by_name = {each.workflow: each for each in machines if each.workflow}
    by_name |= {each.resource.logical_id: each for each in machines}
    if name not in by_name:
        near = closest(name, by_name) or f"there are {', '.join(by_name)}"
        raise click.UsageError(f"no state machine {name!r}: {near}")
    stack = read_stack(account, stack_name)
    if stack is None:
        raise no_stack(account, stack_name)
    wanted = by_name[name].resource.logical_id
    if wanted not in stack.machines:
        raise click.UsageError(f"the stack {stack_name} has no {wanted}: deploy it first")
    return stack.machines[wanted], by_name[name].workflow


def _show(found: Recording) -> None:
    """An execution as `run` shows a run."""
    from workflow_dsl.local.console import Display, final
    from workflow_dsl.local.replay.recording import seconds_into

    display = Display(say)
    for event in found.events:
        display.tell(seconds_into(found, event), event)
    for line in final(found):
        say(line)


@click.command()
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.argument("workflow", metavar="[WORKFLOW]", required=False)
def replay(file: Path, workflow: str | None) -> None:
    """Run a recorded execution again on this computer, and show the first difference; exit 1 where there is one.

    FILE is one that `workflow-dsl history --save` wrote. The workflow as it is now runs with the recorded input, and
    each call is answered as it was then: would it have done the same?
    """
    with problems_reported():
        from workflow_dsl.local.console import Display
        from workflow_dsl.local.replay.recording import read_recording
        from workflow_dsl.local.replay.replay import replay as replayed

        recording = read_recording(file)
        project = find_project(Path.cwd())
        name = workflow or recording.workflow
        if not name:
            raise click.UsageError(f"{file} does not say of which workflow it is: name it after the file")
        [path] = chosen(project, (name,))
        done = replayed(recording, compiled(project, path), watch=Display(say).watch)
        if done.difference:
            say(f"Not the same as {recording.name}: {done.difference}")
            sys.exit(FOUND)
        states = f"{done.visited} state{'' if done.visited == 1 else 's'}"
        say(f"The same as {recording.name}: {states}, {recording.status}")
