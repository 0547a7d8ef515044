"""Callbacks for tasks that wait for one: send_task_success, send_task_failure and send_task_heartbeat.

A handler calls them with the task token that it received; they take effect at once or after virtual seconds.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Generator, Mapping
from threading import get_ident
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.local.scheduler import Scheduler, Signal

# By token and thread: runs with the same seed have the same tokens.
_pending: dict[str, dict[int, PendingTask]] = {}


class PendingTask:
    """A task that waits for a callback; callbacks are (kind, output or error, cause)."""

    def __init__(self, token: str, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._callbacks: deque[tuple[str, Any, Any]] = deque()
        self._signal: Signal | None = None
        self._token, self._thread = token, get_ident()
        _pending.setdefault(token, {})[self._thread] = self

    def send(self, callback: tuple[str, Any, Any], after: float) -> None:
        """Deliver a callback in `after` virtual seconds."""
        self._scheduler.deliver(lambda: self._take(callback, after))

    def _take(self, callback: tuple[str, Any, Any], after: float) -> None:
        if after > 0:
            self._scheduler.start(self._send_at(callback, self._scheduler.now + after))
        else:
            self._arrive(callback)

    def _send_at(self, callback: tuple[str, Any, Any], moment: float) -> Generator[Any, Any, None]:
        yield moment
        self._arrive(callback)

    def _arrive(self, callback: tuple[str, Any, Any]) -> None:
        self._callbacks.append(callback)
        if self._signal:
            self._scheduler.set(self._signal)

    def wait(self, deadline: float | None) -> Generator[Any, Any, tuple[str, Any, Any] | None]:
        """Wait for the next callback; None if the deadline comes first."""
        if not self._callbacks:
            self._signal = Signal(deadline, is_external=True)
            yield self._signal
        return self._callbacks.popleft() if self._callbacks else None

    def close(self) -> None:
        """Forget the token: later callbacks are refused."""
        tasks = _pending.get(self._token, {})
        tasks.pop(self._thread, None)
        if not tasks:
            _pending.pop(self._token, None)


def _task(token: str) -> PendingTask:
    """The task of a token in the run of this thread, or in any run, if a handler's other thread calls."""
    tasks = dict(_pending.get(token, {}))
    task = tasks.get(get_ident()) or next(iter(tasks.values()), None)
    if task is None:
        raise LookupError("unknown task token: already answered, timed out, or never issued")
    return task


def is_pending(token: str) -> bool:
    """True while a task waits for the answer of a token."""
    return bool(_pending.get(token))


def send_task_success(token: str, output: Json, *, after: float = 0) -> None:
    """Complete the waiting task with a result in `after` virtual seconds. Raises LookupError for an unknown token."""
    _task(token).send(("success", output, None), after)


def send_task_failure(token: str, error: str = "", cause: str = "", *, after: float = 0) -> None:
    """Fail the waiting task with an error in `after` virtual seconds. Raises LookupError for an unknown token."""
    _task(token).send(("failure", error, cause), after)


def send_task_heartbeat(token: str, *, after: float = 0) -> None:
    """Restart the heartbeat timeout of the waiting task. Raises LookupError for an unknown token."""
    _task(token).send(("heartbeat", None, None), after)


CALLBACKS: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "SendTaskSuccess": lambda body: send_task_success(body["taskToken"], json.loads(body["output"])),
    "SendTaskFailure": lambda body: send_task_failure(body["taskToken"], body.get("error", ""), body.get("cause", "")),
    "SendTaskHeartbeat": lambda body: send_task_heartbeat(body["taskToken"]),
}


def answer_call(operation: str, body: str | bytes) -> tuple[str, str] | None:
    """Take a call of one of CALLBACKS, as the API has it; return the code and message of its error, if it fails."""
    try:
        CALLBACKS[operation](json.loads(body))
    except LookupError as problem:
        return "TaskDoesNotExist", str(problem)
    except ValueError as problem:
        return "InvalidOutput", f"the output is not JSON: {problem}"
    return None
