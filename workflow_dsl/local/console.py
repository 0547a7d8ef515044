"""The lines that are printed of an execution: states with their time, failures and retries, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import PurePath
from typing import Any

from workflow_dsl.expressions.timestamps import format_utc
from workflow_dsl.local.engine.events import (
    FAILED,
    ITERATION,
    MAP_RUN_FAILED,
    REDRIVEN,
    SCHEDULED,
    details_of,
    error_of,
    previous_of,
)
from workflow_dsl.local.engine.history import Event
from workflow_dsl.local.one_state.inspection import StateTest
from workflow_dsl.local.prices import billed_line
from workflow_dsl.local.replay.failure import failure_lines, failure_of
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.local.runner import Run
from workflow_dsl.regexes import lazy_regex

_METADATA = ("SdkHttpMetadata", "SdkResponseMetadata")
_MOST_ITEMS = 5  # failed items of distributed Maps that are printed
_MOST_RECORDS = 20  # of each table
_INDENTING = ("ParallelStateStarted", ITERATION)


class EventPrinter:
    """Prints a line for each state, failure and retry of an execution; branches and items are indented."""

    def __init__(self, print_line: Callable[[str], None]) -> None:
        self._print_line = print_line
        self._depth: dict[int, int] = {0: 0}  # by event
        self._state_depth: dict[str, int] = {}
        self._failed: dict[int, tuple[float, int]] = {}  # by event of a failure: its time, and the attempts so far
        self._item: dict[int, str] = {}  # by event: the Map item that it belongs to
        self._last_item = ""

    def watch(self, number: int, event: Event) -> None:
        """Print an event of a local run; `number` is its ID."""
        details = event.shape(*event.values) if event.shape else {}
        self.print_event(event.time, {"id": number, "previousEventId": event.previous, "type": event.type, **details})

    def print_event(self, time: float, event: Mapping[str, Any], *, is_hidden: bool = False) -> None:
        """Print an event in boto3's form; `time` is in seconds since the start of the execution.

        A hidden one is not printed, but known where later ones link to it.
        """
        number, previous, type_ = event["id"], previous_of(event), event["type"]
        details = details_of(event)
        name = details.get("name", "") if type_.endswith(("StateEntered", "StateExited", ITERATION)) else ""
        depth = self._depth.get(previous, 0)
        if type_.endswith("StateEntered"):
            self._state_depth[name] = depth
        elif name:
            depth = self._state_depth.get(name, depth)
        self._depth[number] = depth + (type_ in _INDENTING)
        self._assign_item(number, previous, type_, details)
        for line in self._lines(time, number, previous, type_, details):
            if is_hidden:
                continue
            self._print_line(f"{format_clock(time)}  {'  ' * depth}{line}{self._item_suffix(number)}")

    def _item_suffix(self, number: int) -> str:
        """The item that a line belongs to, if the line above belongs to another one."""
        item, last = self._item.get(number, ""), self._last_item
        self._last_item = item
        return f" (item {item})" if item not in ("", last) else ""

    def _assign_item(self, number: int, previous: int, type_: str, details: Mapping[str, Any]) -> None:
        if type_ == ITERATION:
            self._item[number] = self._last_item = str(details.get("index"))
        elif not type_.startswith("Map") and previous in self._item:
            self._item[number] = self._item[previous]

    def _lines(self, time: float, number: int, previous: int, type_: str, details: Mapping[str, Any]) -> Iterator[str]:
        if type_.endswith("StateEntered"):
            yield str(details.get("name"))
        elif type_ == ITERATION:
            yield f"  item {details.get('index')}"
        elif type_ in SCHEDULED and previous in self._failed:
            failed_at, attempts = self._failed[previous]
            self._failed[number] = (0, attempts)
            yield f"  retry {attempts} after {format_duration(round(time - failed_at, 3))}"
        elif type_ in (*FAILED, *MAP_RUN_FAILED):
            self._failed[number] = (time, self._failed.get(previous, (0, 0))[1] + 1)
            parts = error_of(type_, details), cause_summary(details.get("cause"))
            yield f"  failed: {': '.join(filter(None, parts))}"
        elif type_ in REDRIVEN:
            yield "redriven"
        elif type_ == "EvaluationFailed":
            yield f"  failed: {details.get('error')}: {cause_summary(details.get('cause'))}"
        elif previous in self._failed and type_.endswith("Started"):
            self._failed[number] = self._failed[previous]


def format_clock(time: float) -> str:
    """Format a time in seconds as minutes, seconds and milliseconds, after an hour with hours: `1:00:00.000`."""
    minutes, rest = divmod(time, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{f'{hours}:' if hours else ''}{minutes:02}:{rest:06.3f}"


def format_duration(time: float) -> str:
    """Format a duration in seconds, in as many digits as a reader needs: `1.5 s`, `197.8 s`, `2.57 days`."""
    if time >= _DAY:
        days = f"{time / _DAY:.3g}"
        return f"{days} day" if days == "1" else f"{days} days"
    return f"{round(time, 3 if time < 1 else 2 if time < 100 else 1):.10g} s"


_DAY = 24 * 60 * 60
_FRAME = lazy_regex(r'File "([^"]+)", line (\d+)')


def cause_summary(cause: str | None) -> str:
    """Return a cause as one line; for a Lambda function's error its message, and the line that raised it."""
    text, position = cause, ""
    payload = _payload(cause)
    if "errorMessage" in payload:
        text, frames = payload["errorMessage"], _FRAME.findall("".join(map(str, payload.get("stackTrace") or ())))
        position = f" ({PurePath(frames[-1][0]).name}:{frames[-1][1]})" if frames else ""
    line = " ".join(str(text or "").split())
    return f"{line if len(line) <= 200 else f'{line[:197]}...'}{position}"


def _payload(cause: str | None) -> Mapping[str, Any]:
    """The error payload of a Lambda function; empty for any other cause."""
    try:
        payload: Any = json.loads(cause or "")
    except ValueError:
        return {}
    return payload if isinstance(payload, dict) else {}


def run_result_lines(run: Run) -> Iterator[str]:
    """Yield the lines about the end of a local run: its output or its error, and the records in its tables."""
    yield f"{run.status} after {format_duration(round(run.duration, 3))} of virtual time; {billed_line(run)}"
    if run.status == "SUCCEEDED":
        yield f"Output: {json.dumps(_without_metadata(run.output), indent=2, ensure_ascii=False)}"
    else:
        yield f'In "{run.failed_in or run.trail[-1]}": {_failure(run.error, run.cause, run.status)}'
        yield from _trace(run.cause)
    for index, item in enumerate(run.failed_items[:_MOST_ITEMS]):
        yield f'Item {item.number} of "{item.map}": {_failure(item.error, item.cause, "FAILED")}'
        yield from _trace(item.cause) if index == 0 else ()
    if len(run.failed_items) > _MOST_ITEMS:
        yield f"and {len(run.failed_items) - _MOST_ITEMS} more"
    for table, records in run.tables.items():
        if records:
            yield f"{table}: {len(records)} record{'' if len(records) == 1 else 's'}"
        yield from (f"  {json.dumps(record, ensure_ascii=False)}" for record in records[:_MOST_RECORDS])


def recording_result_lines(recording: Recording) -> Iterator[str]:
    """Yield the lines about the end of a recorded execution: its status, name and start, its output or its error."""
    duration = ""
    if recording.stopped:
        seconds = round((recording.stopped - recording.started).total_seconds(), 3)
        duration = f" after {format_duration(seconds)}"
    yield f"{recording.status}{duration}: {recording.name}, {format_utc(recording.started)}"
    failure = failure_of(recording)
    if failure or recording.error or recording.cause or recording.status == "TIMED_OUT":
        error = _failure(recording.error, recording.cause, recording.status)
        yield f"In {failure.where}{_after_retries(failure.retries)}: {error}" if failure else error
        yield from _trace(recording.cause)
        yield from failure_lines(failure, cause_summary(recording.cause)) if failure else ()
    elif recording.output is not None:
        output = _without_metadata(json.loads(recording.output))
        yield f"Output: {json.dumps(output, indent=2, ensure_ascii=False)}"


def _after_retries(count: int) -> str:
    return f", after {count} {'retry' if count == 1 else 'retries'}" if count else ""


def _without_metadata(output: Any) -> Any:
    """The output without the HTTP metadata that a service integration adds; the event history has it."""
    if not isinstance(output, dict):
        return output
    return {name: "..." if name in _METADATA else value for name, value in output.items()}


def _trace(cause: str | None) -> Iterator[str]:
    for line in _payload(cause).get("stackTrace") or ():
        yield from str(line).rstrip().splitlines()


def _failure(error: str | None, cause: str | None, status: str) -> str:
    """An error and its cause; an execution that timed out has neither."""
    unnamed = _UNNAMED.get(status, "no error name")
    return ": ".join(filter(None, (error or unnamed, cause_summary(cause))))


_UNNAMED = {"TIMED_OUT": "it took longer than the state machine's TimeoutSeconds", "ABORTED": "was aborted"}
_COLUMNS = 80
_LABEL_COLUMNS = 16
_NOTHING = object()


def state_test_lines(name: str, test: StateTest) -> Iterator[str]:
    """Yield how a state ends, its input and the data after each step, named after the field that changes it."""
    is_success = test.status == "SUCCEEDED"
    yield f'"{name}": {test.status}' + ("" if is_success else f": {_failure(test.error, test.cause, test.status)}")
    yield from _trace(test.cause)
    yield from _handler_lines(test)
    if test.next_state is not None:
        yield f'Next state: "{test.next_state}"'
    previous: Any = _NOTHING
    for step, value in test.inspection.items():
        if step not in ("errorDetails", "variables"):
            label = step.removeprefix("after")
            yield from _step_lines(f"{label[0].upper()}{label[1:]}", value, is_same=value == previous)
            previous = value
    if test.status in ("SUCCEEDED", "CAUGHT_ERROR"):
        yield from _step_lines("Output", test.output, is_same=test.output == previous)
    if "variables" in test.inspection:
        yield from _step_lines("Variables", test.inspection["variables"])


def _handler_lines(test: StateTest) -> Iterator[str]:
    """Yield which retrier and which catcher handle the error, or that the retrier has no attempt left."""
    details = test.inspection.get("errorDetails", {})
    if "retryIndex" in details:
        delay = details.get("retryBackoffIntervalSeconds")
        effect = "has no attempt left" if delay is None else f"tries again after {format_duration(delay)}"
        yield f"Retry[{details['retryIndex']}] {effect}"
    if "catchIndex" in details:
        yield f"Catch[{details['catchIndex']}] catches it"


def _step_lines(label: str, value: Any, *, is_same: bool = False) -> Iterator[str]:
    """Yield a value beside its label if it fits into a line, and else below it."""
    shown = _without_metadata(value)
    text = "(the same)" if is_same else json.dumps(shown, ensure_ascii=False)
    line = f"{label:{_LABEL_COLUMNS - 1}} {text}"
    if len(line) <= _COLUMNS:
        yield line
    else:
        yield label
        yield from (f"  {line}" for line in json.dumps(shown, indent=2, ensure_ascii=False).splitlines())
