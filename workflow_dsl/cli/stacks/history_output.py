"""The output of `history`: a list of executions, or one with the place where it broke; as text or JSON."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import click

from workflow_dsl.cli.common import print_json, print_rows, say
from workflow_dsl.records import Record, field_names

if TYPE_CHECKING:
    from workflow_dsl.account.executions import ExecutionSummary
    from workflow_dsl.local.replay.parts import Part
    from workflow_dsl.local.replay.recording import Recording

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def time_since(_: click.Context, __: click.Parameter, value: str | None) -> datetime | None:
    """Return the time of an option: `90m`, `2h` or `3d` ago, or an ISO 8601 date or time, in UTC without an offset."""
    ago = re.fullmatch(r"(\d{1,6})([mhd])", value or "")
    try:
        if ago:
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        time = datetime.fromisoformat(value) if value else None
    except (ValueError, OverflowError):
        raise click.BadParameter(f"write 90m, 2h, 3d, or a date such as 2026-11-24T12:00, not {value}") from None
    return time.replace(tzinfo=UTC) if time and not time.tzinfo else time


class Shown(Record):
    """The format in which an execution is printed, and the part of it."""

    format: str
    part: Part

    def refuse_part(self, *, is_list: bool) -> None:
        """Refuse a part of a list of executions, or in JSON."""
        if not self.part.is_whole and is_list:
            message = "--failed, --state and --item show a part of one execution: add --execution NAME"
            raise click.UsageError(f"{message}; --status FAILED lists those that failed")
        if not self.part.is_whole and self.format == "json":
            raise click.UsageError("--failed, --state and --item are for the text format")


def print_list(executions: Sequence[ExecutionSummary], format_: str) -> None:
    """Print a list of executions; columns that would be empty are left out."""
    from workflow_dsl.expressions.timestamps import format_utc

    if format_ == "json":
        print_json([_summary_as_json(execution) for execution in executions])
        return
    rows = [("Execution", "Status", "Started", "Duration", "Version", "Error")]
    rows += [
        (
            execution.name,
            execution.status,
            format_utc(execution.started),
            execution.duration,
            execution.qualifier,
            execution.error,
        )
        for execution in executions
    ]
    is_used = [index < 4 or any(row[index] for row in rows[1:]) for index in range(len(rows[0]))]
    print_rows([tuple(cell for cell, used in zip(row, is_used, strict=True) if used) for row in rows])


def print_execution(recording: Recording, items: Sequence[ExecutionSummary], chosen: Shown) -> None:
    """Print an execution as `run` prints a run; `items` are failed ones of its Map Run. Raises FindingsError."""
    from workflow_dsl.local.console import EventPrinter, cause_summary, recording_result_lines
    from workflow_dsl.local.replay.console_links import link_lines
    from workflow_dsl.local.replay.failure import failure_of
    from workflow_dsl.local.replay.large_maps import SucceededItems, succeeded_items
    from workflow_dsl.local.replay.parts import hidden_events
    from workflow_dsl.local.replay.recording import seconds_since_start

    chosen.refuse_part(is_list=False)
    if chosen.format == "json":
        print_json(_execution_as_json(recording, items))
        return
    is_whole = chosen.part.is_whole
    counted = succeeded_items(recording) if is_whole else SucceededItems(hidden_events(recording, chosen.part))
    shown, hidden = EventPrinter(say), counted.events
    for event in recording.events:
        shown.print_event(seconds_since_start(recording, event), event, is_hidden=event["id"] in hidden)
    for name, (succeeded, total) in counted.counts.items():
        say(f'"{name}": {succeeded} of {total} items succeeded, which are not printed')
    for line in (*recording_result_lines(recording), *link_lines(recording, failure_of(recording))):
        say(line)
    for item in items:
        say(f"Failed item: {item.arn}: {': '.join(filter(None, (item.error, cause_summary(item.cause))))}")


def _execution_as_json(recording: Recording, items: Sequence[ExecutionSummary]) -> dict[str, Any]:
    from workflow_dsl.local.replay.console_links import links_of
    from workflow_dsl.local.replay.failure import failure_of

    failure = failure_of(recording)
    described = failure and {
        **{name: getattr(failure, name) for name in field_names(failure)},
        "around": [{"kind": kind, "state": state, "index": index} for kind, state, index in failure.around],
        "function": failure.function,
        "requestId": failure.request_id,
    }
    return {
        "arn": recording.arn,
        "name": recording.name,
        "status": recording.status,
        "started": recording.started.isoformat(),
        "stopped": recording.stopped.isoformat() if recording.stopped else None,
        "input": recording.input,
        "output": recording.output,
        "error": recording.error,
        "cause": recording.cause,
        "failure": {_camel(name): value for name, value in described.items()} if described else None,
        "console": links_of(recording, failure),
        "failedItems": [_summary_as_json(item) for item in items],
        "events": len(recording.events),
    }


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))


def _summary_as_json(execution: ExecutionSummary) -> dict[str, Any]:
    return {
        "arn": execution.arn,
        "name": execution.name,
        "status": execution.status,
        "started": execution.started.isoformat(),
        "stopped": execution.stopped.isoformat() if execution.stopped else None,
        "version": execution.qualifier or None,
        "error": execution.error or None,
        "cause": execution.cause or None,
    }
