"""`history` and `replay`: executions in the account, and one of them run again locally."""

from __future__ import annotations

import re
import shlex
import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

import click

from workflow_dsl.cli.account import AccountOptions, account_options, progress_line
from workflow_dsl.cli.common import FOUND, application_if_any, problems_reported, say
from workflow_dsl.cli.express import express_executions, express_recording
from workflow_dsl.cli.history_output import print_execution, print_list, time_since
from workflow_dsl.cli.saving import SAVE_ALL
from workflow_dsl.cli.saving import save_all as save_all_to
from workflow_dsl.findings import did_you_mean
from workflow_dsl.project import Project, find_project

if TYPE_CHECKING:
    from workflow_dsl.account import Account
    from workflow_dsl.account.executions import ExecutionSummary
    from workflow_dsl.application.application import Application
    from workflow_dsl.application.machines import TemplateMachine
    from workflow_dsl.local.replay.masking import Field
    from workflow_dsl.local.replay.recording import Recording

_LAST = "last"
_MOST_SEARCHED = 1000  # executions, to find one by its name
_MOST_ITEMS = 5  # failed items of a Map Run that are shown
_SAVE_MOCKS = click.option(
    "--save-mocks",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Add the execution's calls to a mock configuration file, as a test case for `run --mock`.",
)


@click.command(short_help="List or show deployed executions.")
@click.argument("name", metavar="NAME|ARN")
@account_options
@click.option("--execution", metavar="NAME|last", help="Show this execution. Its ARN may also replace NAME.")
@click.option(
    "--limit", type=click.IntRange(1, 1000), default=10, show_default=True, help="List at most this many executions."
)
@click.option(
    "--status",
    type=click.Choice(
        ["RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"], case_sensitive=False
    ),
    help="List only executions with this status.",
)
@click.option("--since", callback=time_since, metavar="TIME", help="List only executions since 90m, 2h, 3d, or a date.")
@click.option(
    "--format",
    "format_",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="The output format.",
)
@click.option(
    "--save", metavar="FILE", type=click.Path(path_type=Path), help="Save the execution shown, or the last one."
)
@_SAVE_MOCKS
@SAVE_ALL
@click.option("--mask", multiple=True, metavar="NAME|$.PATH", help="Save *** for values of this field (repeatable).")
def history(  # noqa: PLR0913, PLR0917  # one for each option
    name: str,
    options: AccountOptions,
    execution: str | None,
    limit: int,
    status: str | None,
    since: datetime | None,
    format_: str,
    save: Path | None,
    save_mocks: Path | None,
    save_all: Path | None,
    mask: tuple[str, ...],
) -> None:
    """List the last executions of a deployed state machine, or show one as `run` shows a run, and where it broke.

    NAME is a workflow, a logical ID in the template, or a definition's file; ARN is that of a state machine or an
    execution. Replay a saved execution with `workflow-dsl replay FILE`.
    """
    with problems_reported():
        from workflow_dsl.account.executions import with_errors

        project, name = find_project(Path.cwd()), _without_address(name)
        if name.startswith("arn:"):
            account, arn, workflow = options.account(project, _region_of(name)), name, ""
        else:
            account = options.account(project)
            arn, workflow = _deployed_machine(project, account, options.stack(project), name)
        if not _is_execution(arn) and execution in (None, _LAST):
            is_list = execution is None and save is None and save_mocks is None
            executions = _listed(account, arn, limit if is_list else 1, status, since)
            if is_list and save_all:
                save_all_to(account, executions, workflow, save_all, _masked_fields(mask), since)
                return
            if is_list:
                print_list(list(with_errors(account, executions)), format_)
                return
            if not executions:
                raise click.UsageError("there are no executions yet")
            arn = executions[0].arn
        elif not _is_execution(arn):
            arn = _execution_named(account, arn, str(execution), since)
        _show(account, arn, workflow, format_, _Saving(save, save_mocks, tuple(_masked_fields(mask))), since)


class _Saving(NamedTuple):
    """The files that an execution is saved to, and the fields that are masked in them."""

    file: Path | None
    mocks: Path | None
    fields: tuple[Field, ...]

    def save(self, recording: Recording) -> None:
        from workflow_dsl.generation.writing import write_one
        from workflow_dsl.local.replay.masking import masked

        recording = masked(recording, self.fields)
        if self.file:
            write_one(self.file, recording.to_text())
            click.echo(f"Saved to {self.file}", err=True)
        if self.mocks:
            _save_mocks(recording, self.mocks)


def _save_mocks(recording: Recording, path: Path) -> None:
    """Add an execution to a mock configuration file, and say how to run it and what it lacks."""
    from workflow_dsl.generation.writing import write_one
    from workflow_dsl.local.replay.recorded_mocks import add_to_mock_config
    from workflow_dsl.views.inert import for_terminal

    text, incomplete = add_to_mock_config(recording, path)
    write_one(path, text)
    words = ["workflow-dsl", "run", recording.workflow or "NAME", "--mock", f"{path}#{recording.name}"]
    click.echo(for_terminal(f"Saved to {path}, to run with {shlex.join(words)}"), err=True)
    if incomplete:
        states = ", ".join(f'"{name}"' for name in incomplete)
        message = f"Without calls that did not end, and results that the history does not have: {states}"
        click.echo(for_terminal(message), err=True)


def _listed(
    account: Account, arn: str, most: int, status: str | None, since: datetime | None
) -> list[ExecutionSummary]:
    """The last executions of a state machine; of an Express one those in its log."""
    from workflow_dsl.account.access import AwsError
    from workflow_dsl.account.executions import list_executions

    try:
        return list_executions(account, arn, most, status, since)
    except AwsError as problem:
        if problem.code != "StateMachineTypeNotSupported":
            raise
        return express_executions(account, arn, most, status, since)


def _is_execution(arn: str) -> bool:
    return ":execution:" in arn or ":express:" in arn


def _masked_fields(names: tuple[str, ...]) -> list[Field]:
    from workflow_dsl.local.replay.masking import Field

    try:
        return [Field.parse(name) for name in names]
    except ValueError as problem:
        raise click.BadParameter(str(problem), param_hint="--mask") from None


def _show(
    account: Account,
    arn: str,
    workflow: str,
    format_: str,
    saving: _Saving,
    since: datetime | None,
) -> None:
    """Print an execution and save it; exit 1 if its definition or its failed items could not be read."""
    from workflow_dsl.account.executions import fetch_recording

    with progress_line("Reading") as show:
        show(arn.rpartition(":")[2])
        is_express = ":express:" in arn
        recording = (
            express_recording(account, arn, since, workflow) if is_express else fetch_recording(account, arn, workflow)
        )
        items, not_read = _failed_items(account, recording)
    print_execution(recording, items, format_)
    if not recording.definition:
        not_read.append("The definition was not read: states:DescribeStateMachineForExecution is not allowed.")
    for problem in not_read:
        click.echo(problem, err=True)
    saving.save(recording)
    if not_read:
        sys.exit(FOUND)


def _failed_items(account: Account, recording: Recording) -> tuple[list[ExecutionSummary], list[str]]:
    """The failed items of the Map Run in which an execution broke, and the reason why they were not read."""
    from workflow_dsl.account.access import AwsError
    from workflow_dsl.account.executions import failed_items
    from workflow_dsl.local.replay.failure import failure_of

    failure = failure_of(recording)
    if failure is None or failure.map_run is None:
        return [], []
    try:
        return failed_items(account, failure.map_run, _MOST_ITEMS), []
    except AwsError as problem:
        if not problem.is_denied:
            raise
        return [], [f"The failed items of the Map Run were not read: {problem.findings[0].message}."]


def _execution_named(account: Account, machine_arn: str, name: str, since: datetime | None) -> str:
    """The ARN of an execution of a state machine. Refuses a name that no execution has."""
    from workflow_dsl.account.access import AwsError
    from workflow_dsl.account.executions import execution_arn

    arn = execution_arn(machine_arn, name)
    try:
        account.call("stepfunctions", "describe_execution", executionArn=arn)
    except AwsError as problem:
        if problem.code not in ("ExecutionDoesNotExist", "InvalidArn", "StateMachineTypeNotSupported"):
            raise
        executions = _listed(account, machine_arn, _MOST_SEARCHED, None, since)
        logged = next(
            (each.arn for each in executions if ":express:" in each.arn and name in each.name.split(":")), None
        )
        if logged:
            return logged
        names = [execution.name for execution in executions]
        hint = did_you_mean(name, names) or "list executions by leaving out --execution"
        raise click.UsageError(f"no execution {name}: {hint}") from None
    return arn


def _without_address(name: str) -> str:
    """The ARN in an address of the console; any other name as it is."""
    arn = re.search(r"arn:aws[\w-]*:states:[^/?#&\s]+", unquote(name)) if name.startswith("https://") else None
    return arn[0] if arn else name


def _region_of(arn: str) -> str:
    """The region in the ARN of a state machine or an execution. Refuses another ARN."""
    _, _, service, region, _, kind, *_ = [*arn.split(":"), "", "", "", "", ""]
    if service != "states" or kind not in ("stateMachine", "execution", "express"):
        message = _OTHER_ARNS.get(kind, "{arn} is not the ARN of a state machine or an execution")
        raise click.UsageError(message.format(arn=arn))
    return region


_OTHER_ARNS = {
    "mapRun": "{arn} is a Map Run; name one of its executions, or the execution that started it",
}


def _deployed_machine(project: Project, account: Account, stack_name: str, name: str) -> tuple[str, str]:
    """The ARN of a deployed state machine, and the name that finds its local definition."""
    from workflow_dsl.account import read_stack
    from workflow_dsl.account.stack import missing_stack_error

    application = application_if_any(project)
    machine = application.deployed_as(name)
    stack = read_stack(account, stack_name)
    if stack is None:
        raise missing_stack_error(account, stack_name)
    if machine.logical_id not in stack.machine_arns:
        raise click.UsageError(f"the stack {stack_name} has no {machine.logical_id}: deploy it first")
    is_shared = sum(each.workflow == machine.workflow for each in application.machines) > 1
    local_name = machine.logical_id if is_shared or not machine.workflow else machine.workflow
    return stack.machine_arns[machine.logical_id], local_name


@click.command(short_help="Run a recorded execution again.")
@click.argument("words", metavar="FILE [FILE] [NAME|FILE]", nargs=-1, required=True)
@click.option(
    "--live",
    metavar="STATE[,STATE]|all",
    help="Call the handlers and services of this computer in these states, instead of taking the recorded answers.",
)
@_SAVE_MOCKS
def replay(words: tuple[str, ...], live: str | None, save_mocks: Path | None) -> None:
    """Run a recorded execution again locally and show the first difference; exit 1 if there is one.

    FILE was written by `workflow-dsl history --save`, or by the AWS CLI: get-execution-history, with describe-execution
    in a second file or without it. The workflow as it is now, or the state machine or definition of NAME, runs with the
    recorded input, and each call gets its recorded answer: would it have done the same?

    With --live, some calls are made on this computer, as `run` makes them; exit 1 if the execution does not succeed.
    """
    with problems_reported():
        from workflow_dsl.local.console import EventPrinter
        from workflow_dsl.local.replay.cli_output import is_execution, read_execution, with_definition
        from workflow_dsl.local.replay.redrives import before_redrive, redrive_count
        from workflow_dsl.local.replay.replay import replay as replay_recording

        files = [Path(words[0]), *(Path(word) for word in words[1:] if is_execution(Path(word)))]
        names = [word for word in words[1:] if not is_execution(Path(word))]
        if len(names) > 1:
            raise click.UsageError(f"name one workflow or definition, not {' and '.join(names)}")
        recording = read_execution(files)
        application = application_if_any(find_project(Path.cwd()))
        machine = application.named(names[0] if names else _recorded_workflow(recording, application, files[0]))
        recording = with_definition(recording, machine.definition, machine.local_substitutions)
        if save_mocks:
            _save_mocks(recording, save_mocks)
        if live is not None:
            _replay_live(application, machine, recording, live)
            return
        replayed = replay_recording(recording, machine.definition, watch=EventPrinter(say).watch)
        if replayed.difference:
            say(f"Not the same as {recording.name}: {replayed.difference}")
            sys.exit(FOUND)
        redrives = redrive_count(recording)
        until = f" up to the first of {redrives} redrive{'' if redrives == 1 else 's'}" if redrives else ""
        states = f"{replayed.visited} state{'' if replayed.visited == 1 else 's'}"
        say(f"The same as {recording.name}{until}: {states}, {before_redrive(recording).status}")


def _replay_live(application: Application, machine: TemplateMachine, recording: Recording, live: str) -> None:
    from workflow_dsl.local.console import EventPrinter, run_result_lines
    from workflow_dsl.local.rerun import replay_live

    states = [] if live == "all" else [name.strip() for name in live.split(",")]
    execution = replay_live(application, machine, recording, states, EventPrinter(say).watch)
    for line in run_result_lines(execution):
        say(line)
    say(f"{execution.status} now, {recording.status} in the recording")
    if execution.status != "SUCCEEDED":
        sys.exit(FOUND)


def _recorded_workflow(recording: Recording, application: Application, file: Path) -> str:
    """The workflow or logical ID that a recording names. A recording is data: what else it may name is not opened."""
    names = {*application.workflow_files, *(machine.logical_id for machine in application.machines)}
    names |= {machine.workflow for machine in application.machines}
    if not recording.workflow or recording.workflow not in names:
        named = f"names {recording.workflow}, which the project does not have" if recording.workflow else ""
        raise click.UsageError(f"{file} {named or 'does not name its workflow'}: add the name after the file")
    return recording.workflow
