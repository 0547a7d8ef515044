"""`replay`: a recorded execution run again locally."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from workflow_dsl.cli.common import FOUND, application_if_any, problems_reported, say
from workflow_dsl.cli.stacks.saving import SAVE_MOCKS, save_mocks_to
from workflow_dsl.project import find_project

if TYPE_CHECKING:
    from workflow_dsl.application.application import Application
    from workflow_dsl.application.machines import TemplateMachine
    from workflow_dsl.local.replay.recording import Recording


@click.command(short_help="Run a recorded execution again.")
@click.argument("words", metavar="FILE [FILE] [NAME|FILE]", nargs=-1, required=True)
@click.option(
    "--live",
    metavar="STATE[,STATE]|all",
    help="In these states, call the handlers and services of this computer instead of returning the recorded results.",
)
@SAVE_MOCKS
def replay(words: tuple[str, ...], live: str | None, save_mocks: Path | None) -> None:
    """Run a recorded execution again locally and show the first difference; exit 1 if there is one.

    FILE was written by `workflow-dsl history --save`, or by the AWS CLI: get-execution-history, and optionally
    describe-execution in a second file. The present workflow, or that of NAME, runs with the recorded input, and each
    call returns its recorded result.

    With --live, these states call the handlers and services of this computer, as in `run`; exit 1 if the execution does
    not succeed.
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
            save_mocks_to(recording, save_mocks)
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
