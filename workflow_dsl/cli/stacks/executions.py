"""`history`: executions in the account."""

from __future__ import annotations

import re
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import click

from workflow_dsl.cli.common import FOUND, application_if_any, format_option, problems_reported
from workflow_dsl.cli.stacks.express import express_executions, express_recording
from workflow_dsl.cli.stacks.history_output import Shown, print_execution, print_list, time_since
from workflow_dsl.cli.stacks.options import AccountOptions, account_options, progress_line
from workflow_dsl.cli.stacks.saving import SAVE_ALL, SAVE_MOCKS, Saving, masked_fields
from workflow_dsl.cli.stacks.saving import save_all as save_all_to
from workflow_dsl.findings import did_you_mean
from workflow_dsl.project import Project, find_project

if TYPE_CHECKING:
    from workflow_dsl.account import Account
    from workflow_dsl.account.executions import ExecutionSummary
    from workflow_dsl.application.application import Application
    from workflow_dsl.application.machines import TemplateMachine
    from workflow_dsl.local.replay.recording import Recording

_LAST = "last"
_MOST_SEARCHED = 1000  # executions, to find one by its name
_MOST_ITEMS = 5  # failed items of a Map Run that are shown


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
@format_option("text", "json")
@click.option(
    "--save", metavar="FILE", type=click.Path(path_type=Path), help="Save the execution shown, or the last one."
)
@SAVE_MOCKS
@SAVE_ALL
@click.option("--failed", is_flag=True, help="Show only the failed states and those around them.")
@click.option("--state", metavar="STATE", help="Show only this state and everything inside it.")
@click.option("--item", type=click.IntRange(0), metavar="NUMBER", help="Show only this item of Maps.")
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
    failed: bool,
    state: str | None,
    item: int | None,
    mask: tuple[str, ...],
) -> None:
    """List the last executions of a deployed state machine, or show one as `run` does, and where it failed.

    NAME is a workflow, a logical ID in the template, or a definition's file; ARN is that of a state machine or an
    execution. At an --endpoint-url, without a stack, NAME may be a state machine's name. Replay a saved execution with
    `workflow-dsl replay FILE`.
    """
    with problems_reported():
        from workflow_dsl.account.executions import with_errors
        from workflow_dsl.local.replay.parts import Part

        shown = Shown(format_, Part(state, item, failed))
        account, arn, workflow = _address_of(find_project(Path.cwd()), options, _without_address(name))
        if not _is_execution(arn) and execution in (None, _LAST):
            is_list = execution is None and save is None and save_mocks is None
            shown.refuse_part(is_list=is_list)
            not_read: list[str] = []
            executions = _listed(account, arn, limit if is_list else 1, status, since, not_read)
            if is_list and save_all:
                save_all_to(account, executions, workflow, save_all, masked_fields(mask), since)
                return
            if is_list:
                print_list(list(with_errors(account, executions, not_read)), format_)
                for problem in not_read:
                    click.echo(problem, err=True)
                sys.exit(FOUND if not_read else 0)
            if not executions:
                raise click.UsageError("there are no executions yet")
            arn = executions[0].arn
        elif not _is_execution(arn):
            arn = _execution_named(account, arn, str(execution), since)
        _show_execution(account, arn, workflow, shown, Saving(save, save_mocks, tuple(masked_fields(mask))), since)


def _address_of(project: Project, options: AccountOptions, name: str) -> tuple[Account, str, str]:
    """The account, the ARN of a state machine or an execution, and the workflow of the state machine if it has one."""
    if name.startswith("arn:"):
        return options.account(project, _region_of(name)), name, ""
    account = options.account(project)
    if options.endpoint_url and not options.settings(project).stack_name:
        return account, *_machine_at_endpoint(project, account, name)
    return account, *_deployed_machine(project, account, options.stack(project), name)


def _listed(
    account: Account, arn: str, most: int, status: str | None, since: datetime | None, not_read: list[str]
) -> list[ExecutionSummary]:
    """The last executions of a state machine; of an Express one those in its log."""
    from workflow_dsl.account.access import AwsError
    from workflow_dsl.account.executions import list_executions

    try:
        return list_executions(account, arn, most, status, since)
    except AwsError as problem:
        if problem.code != "StateMachineTypeNotSupported":
            raise
        return express_executions(account, arn, most, status, since, not_read)


def _is_execution(arn: str) -> bool:
    return ":execution:" in arn or ":express:" in arn


def _show_execution(
    account: Account,
    arn: str,
    workflow: str,
    shown: Shown,
    saving: Saving,
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
    print_execution(recording, items, shown)
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
        not_read: list[str] = []
        return failed_items(account, failure.map_run, _MOST_ITEMS, not_read), not_read
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
        executions = _listed(account, machine_arn, _MOST_SEARCHED, None, since, [])
        logged = next(
            (listed.arn for listed in executions if ":express:" in listed.arn and name in listed.name.split(":")), None
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
    from workflow_dsl.account import existing_stack

    application = application_if_any(project)
    machine = application.deployed_as(name)
    stack = existing_stack(account, stack_name)
    if machine.logical_id not in stack.machine_arns:
        raise click.UsageError(f"the stack {stack_name} has no {machine.logical_id}: deploy it first")
    return stack.machine_arns[machine.logical_id], _local_name(application, machine)


def _machine_at_endpoint(project: Project, account: Account, name: str) -> tuple[str, str]:
    """The ARN of a state machine that an emulator has by its name, and the name that finds its local definition.

    NAME is that of the state machine, or one by which the project knows it.
    """
    from workflow_dsl.account.executions import machine_arns
    from workflow_dsl.application.application import UnknownName

    arns = machine_arns(account)
    application = application_if_any(project)
    machine = next((candidate for candidate in application.machines if candidate.resource.name == name), None)
    if machine is None:
        with suppress(UnknownName):
            machine = application.deployed_as(name)
    known = name if machine is None or name in arns else machine.resource.name
    if known not in arns:
        hint = did_you_mean(name, arns) or "see the names with `aws stepfunctions list-state-machines`"
        raise click.UsageError(f"no state machine {known} at the endpoint: {hint}")
    return arns[known], "" if machine is None else _local_name(application, machine)


def _local_name(application: Application, machine: TemplateMachine) -> str:
    """The name that finds the local definition of a state machine: its workflow, if no other one has it too."""
    is_shared = sum(other.workflow == machine.workflow for other in application.machines) > 1
    return machine.logical_id if is_shared or not machine.workflow else machine.workflow
