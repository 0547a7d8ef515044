"""Tasks that wait for a callback: send_task_success, send_task_failure and send_task_heartbeat, as in the service.

A handler that is called with a task token answers it with these, at once or after virtual seconds.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.local.scheduler import Scheduler, Signal

_pending: dict[str, Pending] = {}


class Pending:
    """A task that waits: its answers arrive here."""

    def __init__(self, token: str, scheduler: Scheduler) -> None:
        self.token = token
        self._scheduler = scheduler
        self._answers: deque[tuple[str, Any, Any]] = deque()
        self._signal: Signal | None = None
        _pending[token] = self

    def send(self, answer: tuple[str, Any, Any], after: float) -> None:
        if after > 0:
            self._scheduler.start(self._later(answer, self._scheduler.now + after))
        else:
            self._arrive(answer)

    def _later(self, answer: tuple[str, Any, Any], moment: float) -> Generator[Any, Any, None]:
        yield moment
        self._arrive(answer)

    def _arrive(self, answer: tuple[str, Any, Any]) -> None:
        self._answers.append(answer)
        if self._signal:
            self._scheduler.set(self._signal)

    def wait(self, deadline: float | None) -> Generator[Any, Any, tuple[str, Any, Any] | None]:
        """The next answer, None when the deadline comes first."""
        if not self._answers:
            self._signal = Signal(deadline)
            yield self._signal
        return self._answers.popleft() if self._answers else None

    def close(self) -> None:
        _pending.pop(self.token, None)


def _task(token: str) -> Pending:
    if token not in _pending:
        raise LookupError("no running execution waits for this task token: it was answered, timed out, or never given")
    return _pending[token]


def send_task_success(token: str, output: Json, *, after: float = 0) -> None:
    """The waiting task succeeds with this result, `after` virtual seconds. Raises LookupError for an unknown token."""
    _task(token).send(("success", output, None), after)


def send_task_failure(token: str, error: str = "", cause: str = "", *, after: float = 0) -> None:
    """The waiting task fails with this error, `after` virtual seconds. Raises LookupError for an unknown token."""
    _task(token).send(("failure", error, cause), after)


def send_task_heartbeat(token: str, *, after: float = 0) -> None:
    """The waiting task lives on: its heartbeat starts anew. Raises LookupError for an unknown token."""
    _task(token).send(("heartbeat", None, None), after)
