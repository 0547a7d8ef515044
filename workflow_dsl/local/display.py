"""An execution as it happens, a line an event: states with their virtual time, failures, retries, branches indented."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from workflow_dsl.local.history import Event
from workflow_dsl.local.runner import Run

_METADATA = ("SdkHttpMetadata", "SdkResponseMetadata")
_ITEM = "MapIterationStarted"
_OPENS = ("ParallelStateStarted", _ITEM)
_NAMED = ("StateEntered", "StateExited", "ParallelStateStarted")
_FAILED = ("LambdaFunctionFailed", "TaskFailed", "ActivityFailed")
_TIMED_OUT = ("LambdaFunctionTimedOut", "TaskTimedOut", "ActivityTimedOut")
_SCHEDULED = ("LambdaFunctionScheduled", "TaskScheduled", "ActivityScheduled")


class Display:
    """Watches a run and says each event that a person wants to see."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._depth: dict[int, int] = {0: 0}
        self._entered: dict[str, int] = {}  # each state's depth
        self._failed: dict[int, tuple[float, int]] = {}  # by the failure's event: when, and how many before it

    def watch(self, number: int, event: Event) -> None:
        name = _name(event)
        depth = self._depth.get(event.previous, 0)
        if event.type.endswith("StateEntered"):
            self._entered[name] = depth
        elif name:
            depth = self._entered.get(name, depth)
        self._depth[number] = depth + (event.type in _OPENS)
        for line in self._lines(number, event):
            self._say(f"{clock(event.time)}  {'  ' * depth}{line}")

    def _lines(self, number: int, event: Event) -> Iterator[str]:
        if event.type.endswith("StateEntered"):
            yield str(event.values[0])
        elif event.type == _ITEM:
            yield f"  item {event.values[2]}"
        elif event.type in _SCHEDULED and event.previous in self._failed:
            when, times = self._failed[event.previous]
            self._failed[number] = (0, times)
            yield f"  retry {times} after {seconds(event.time - when)}"
        elif event.type in (*_FAILED, *_TIMED_OUT):
            _, error, cause, _ = event.values
            self._failed[number] = (event.time, self._attempts(event.previous) + 1)
            yield f"  failed: {error}{': ' if cause else ''}{summary(cause)}"
        elif event.type == "EvaluationFailed":
            yield f"  failed: {event.values[1]}: {summary(event.values[2])}"
        elif event.previous in self._failed and event.type.endswith("Started"):
            self._failed[number] = self._failed[event.previous]

    def _attempts(self, previous: int) -> int:
        return self._failed.get(previous, (0, 0))[1]


def _name(event: Event) -> str:
    """The state that an event is of, where its depth is that state's."""
    if event.type == _ITEM:
        return str(event.values[1])
    return str(event.values[0]) if event.type.endswith(_NAMED) else ""


def clock(time: float) -> str:
    """Virtual time as minutes, seconds and milliseconds, with hours where there are any."""
    minutes, rest = divmod(time, 60)
    hours, minutes = divmod(int(minutes), 60)
    return f"{f'{hours}:' if hours else ''}{minutes:02}:{rest:06.3f}"


def seconds(time: float) -> str:
    return f"{time:g} s"


def summary(cause: str | None) -> str:
    """A cause in a line: of a Lambda function's payload only the message."""
    try:
        payload = json.loads(cause or "")
        text = payload["errorMessage"] if isinstance(payload, dict) else cause
    except (ValueError, KeyError):
        text = cause
    line = " ".join(str(text or "").split())
    return line if len(line) <= 200 else f"{line[:197]}..."


def ending(run: Run) -> Iterator[str]:
    """How a run ended: its output, or its error and where it broke; and what is in tables that are not empty."""
    took = f"after {seconds(round(run.duration, 3))} of virtual time"
    yield f"{run.status} {took}"
    if run.status == "SUCCEEDED":
        yield f"Output: {json.dumps(_without_metadata(run.output), indent=2, ensure_ascii=False)}"
    else:
        said = ": ".join(filter(None, (run.error or "no error name", summary(run.cause))))
        yield f'In "{run.failed_in or run.trail[-1]}": {said}'
        yield from _trace(run.cause)
    for table, items in run.tables.items():
        if items:
            yield f"{table}: {len(items)} record{'' if len(items) == 1 else 's'}"
        yield from (f"  {json.dumps(item, ensure_ascii=False)}" for item in items[:20])


def _without_metadata(output: Any) -> Any:
    """The output without what a service integration adds of its HTTP response; the history has it."""
    if not isinstance(output, dict):
        return output
    return {name: "..." if name in _METADATA else value for name, value in output.items()}


def _trace(cause: str | None) -> Iterator[str]:
    try:
        payload: Any = json.loads(cause or "")
        lines = payload.get("stackTrace", []) if isinstance(payload, dict) else []
    except ValueError:
        lines = []
    for line in lines:
        yield from str(line).rstrip().splitlines()
