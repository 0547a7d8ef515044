"""An execution as it happens, a line an event: states with their virtual time, failures, retries, branches indented."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC
from pathlib import PurePath
from typing import Any

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
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.local.runner import Run

_METADATA = ("SdkHttpMetadata", "SdkResponseMetadata")
_OPENS = ("ParallelStateStarted", ITERATION)


class Display:
    """Watches an execution and says each event that a person wants to see."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._depth: dict[int, int] = {0: 0}
        self._entered: dict[str, int] = {}  # each state's depth
        self._failed: dict[int, tuple[float, int]] = {}  # by the failure's event: when, and how many before it
        self._item: dict[int, str] = {}  # by event: the item that it is of
        self._said_item = ""

    def watch(self, number: int, event: Event) -> None:
        """An event of a run that is going on."""
        told = event.shape(*event.values) if event.shape else {}
        self.tell(event.time, {"id": number, "previousEventId": event.previous, "type": event.type, **told})

    def tell(self, time: float, event: Mapping[str, Any]) -> None:
        """An event as boto3 gives it, so many seconds after the beginning."""
        number, previous, type_ = event["id"], previous_of(event), event["type"]
        details = details_of(event)
        name = details.get("name", "") if type_.endswith(("StateEntered", "StateExited", ITERATION)) else ""
        depth = self._depth.get(previous, 0)
        if type_.endswith("StateEntered"):
            self._entered[name] = depth
        elif name:
            depth = self._entered.get(name, depth)
        self._depth[number] = depth + (type_ in _OPENS)
        self._note_item(number, previous, type_, details)
        for line in self._lines(time, number, previous, type_, details):
            self._say(f"{clock(time)}  {'  ' * depth}{line}{self._of_item(number)}")

    def _of_item(self, number: int) -> str:
        """Of which item a line is, where the one above is of another."""
        item, last = self._item.get(number, ""), self._said_item
        self._said_item = item
        return f" (item {item})" if item not in ("", last) else ""

    def _note_item(self, number: int, previous: int, type_: str, details: Mapping[str, Any]) -> None:
        if type_ == ITERATION:
            self._item[number] = self._said_item = str(details.get("index"))
        elif not type_.startswith("Map") and previous in self._item:
            self._item[number] = self._item[previous]

    def _lines(self, time: float, number: int, previous: int, type_: str, details: Mapping[str, Any]) -> Iterator[str]:
        if type_.endswith("StateEntered"):
            yield str(details.get("name"))
        elif type_ == ITERATION:
            yield f"  item {details.get('index')}"
        elif type_ in SCHEDULED and previous in self._failed:
            when, times = self._failed[previous]
            self._failed[number] = (0, times)
            yield f"  retry {times} after {seconds(round(time - when, 3))}"
        elif type_ in (*FAILED, *MAP_RUN_FAILED):
            self._failed[number] = (time, self._failed.get(previous, (0, 0))[1] + 1)
            yield f"  failed: {': '.join(filter(None, (error_of(type_, details), summary(details.get('cause')))))}"
        elif type_ in REDRIVEN:
            yield "redriven"
        elif type_ == "EvaluationFailed":
            yield f"  failed: {details.get('error')}: {summary(details.get('cause'))}"
        elif previous in self._failed and type_.endswith("Started"):
            self._failed[number] = self._failed[previous]


def clock(time: float) -> str:
    """Virtual time as minutes, seconds and milliseconds, with hours where there are any."""
    minutes, rest = divmod(time, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{f'{hours}:' if hours else ''}{minutes:02}:{rest:06.3f}"


def seconds(time: float) -> str:
    """A duration as a person says it."""
    return f"{time:g} s" if time < _DAY else f"{time / _DAY:.3g} days"


_DAY = 24 * 60 * 60
_FRAME = re.compile(r'File "([^"]+)", line (\d+)')


def summary(cause: str | None) -> str:
    """A cause in a line: of a Lambda function's payload the message, and the line that raised it."""
    text, at = cause, ""
    payload = _payload(cause)
    if "errorMessage" in payload:
        text, frames = payload["errorMessage"], _FRAME.findall("".join(map(str, payload.get("stackTrace") or ())))
        at = f" ({PurePath(frames[-1][0]).name}:{frames[-1][1]})" if frames else ""
    line = " ".join(str(text or "").split())
    return f"{line if len(line) <= 200 else f'{line[:197]}...'}{at}"


def _payload(cause: str | None) -> Mapping[str, Any]:
    """What a Lambda function told of its failure; nothing where it is another failure."""
    try:
        payload: Any = json.loads(cause or "")
    except ValueError:
        return {}
    return payload if isinstance(payload, dict) else {}


def ending(run: Run) -> Iterator[str]:
    """How a run ended: its output, or its error and where it broke; and what is in tables that are not empty."""
    took = f"after {seconds(round(run.duration, 3))} of virtual time"
    yield f"{run.status} {took}"
    if run.status == "SUCCEEDED":
        yield f"Output: {json.dumps(_without_metadata(run.output), indent=2, ensure_ascii=False)}"
    else:
        yield f'In "{run.failed_in or run.trail[-1]}": {_failure(run.error, run.cause, run.status)}'
        yield from _trace(run.cause)
    for number, failed in enumerate(run.failed_items[:_ITEMS]):
        yield f'Item {failed.number} of "{failed.map}": {_failure(failed.error, failed.cause, "FAILED")}'
        yield from _trace(failed.cause) if number == 0 else ()
    if len(run.failed_items) > _ITEMS:
        yield f"and {len(run.failed_items) - _ITEMS} other items"
    for table, items in run.tables.items():
        if items:
            yield f"{table}: {len(items)} record{'' if len(items) == 1 else 's'}"
        yield from (f"  {json.dumps(item, ensure_ascii=False)}" for item in items[:20])


def final(found: Recording) -> Iterator[str]:
    """How a recorded execution ended, and which one it was."""
    took = f" after {seconds(round((found.stopped - found.started).total_seconds(), 3))}" if found.stopped else ""
    yield f"{found.status}{took}: {found.name}, {found.started.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
    if found.error or found.cause or found.status == "TIMED_OUT":
        yield _failure(found.error, found.cause, found.status)
        yield from _trace(found.cause)
    elif found.output is not None:
        yield f"Output: {json.dumps(_without_metadata(json.loads(found.output)), indent=2, ensure_ascii=False)}"


def _without_metadata(output: Any) -> Any:
    """The output without what a service integration adds of its HTTP response; the history has it."""
    if not isinstance(output, dict):
        return output
    return {name: "..." if name in _METADATA else value for name, value in output.items()}


def _trace(cause: str | None) -> Iterator[str]:
    for line in _payload(cause).get("stackTrace") or ():
        yield from str(line).rstrip().splitlines()


def _failure(error: str | None, cause: str | None, status: str) -> str:
    """An error and its cause; an execution that timed out has neither."""
    unnamed = "it took longer than the state machine's TimeoutSeconds" if status == "TIMED_OUT" else "no error name"
    return ": ".join(filter(None, (error or unnamed, summary(cause))))


_ITEMS = 5  # of a distributed Map that are told of
