"""A virtual clock, and the tasks that live by it: what waits costs no time, and the order is always the same.

A task is a generator. It yields None to let the others take a turn, a number to sleep until that moment (seconds since
the clock's start), or a Signal to wait for. Nothing here sleeps.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Generator
from typing import Any

Steps = Generator[Any, Any, Any]


class Signal:
    """Something that tasks wait for. A deadline wakes them without it: they then see `is_set` False."""

    __slots__ = ("deadline", "is_set", "value", "waiting")

    def __init__(self, deadline: float | None = None) -> None:
        self.deadline = deadline
        self.is_set = False
        self.value: Any = None
        self.waiting: Job | None = None


class Job:
    """A generator on its way, and how it ended."""

    __slots__ = ("error", "is_done", "on_done", "result", "steps", "turn")

    def __init__(self, steps: Steps, on_done: Callable[[Job], None] | None = None) -> None:
        self.steps = steps
        self.on_done = on_done
        self.is_done = False
        self.result: Any = None
        self.error: Exception | None = None
        self.turn = 0  # counts what the task waited for, so that a stale alarm does not wake it

    def stop(self) -> None:
        """Ends the task where it stands, and with it what it started."""
        if not self.is_done:
            self.is_done = True
            self.steps.close()


class Scheduler:
    """Runs tasks in the order of virtual time; at one moment, in the order in which they became ready."""

    def __init__(self) -> None:
        self.now = 0.0
        self._ready: deque[tuple[Job, int]] = deque()
        self._alarms: list[tuple[float, int, Job, int]] = []
        self._order = itertools.count()

    def start(self, steps: Steps, on_done: Callable[[Job], None] | None = None) -> Job:
        task = Job(steps, on_done)
        self._ready.append((task, 0))
        return task

    def begin(self, steps: Steps, on_done: Callable[[Job], None] | None = None) -> Job:
        """Starts a task with its first turn at once: one that waits for nothing is then done."""
        task = Job(steps, on_done)
        self._step(task, 0)
        return task

    def set(self, signal: Signal, value: Any = None) -> None:
        """Wakes who waits for the signal; a second time does nothing."""
        if not signal.is_set:
            signal.is_set, signal.value = True, value
            if signal.waiting:
                self._ready.append((signal.waiting, signal.waiting.turn))

    def run(self, until: Job, deadline: float) -> None:
        """Runs until a task is done, nothing is left to do, or the clock passes the deadline."""
        while not until.is_done:
            if self._ready:
                self._step(*self._ready.popleft())
            elif self._alarms and self._alarms[0][0] <= deadline:
                moment, _, task, turn = heapq.heappop(self._alarms)
                if not task.is_done and task.turn == turn:
                    self.now = max(self.now, moment)
                    self._step(task, turn)
            else:
                self.now = max(self.now, deadline) if deadline != float("inf") else self.now
                return

    def _step(self, task: Job, turn: int) -> None:
        if task.is_done or task.turn != turn:
            return
        task.turn += 1
        try:
            request = next(task.steps)
        except StopIteration as end:
            self._finish(task, end.value, None)
        except Exception as problem:  # whatever it is belongs to who waits for the task
            self._finish(task, None, problem)
        else:
            self._park(task, request)

    def _park(self, task: Job, request: Any) -> None:
        if request is None:
            self._ready.append((task, task.turn))
        elif isinstance(request, Signal):
            if request.is_set:
                self._ready.append((task, task.turn))
                return
            request.waiting = task
            if request.deadline is not None:
                heapq.heappush(self._alarms, (request.deadline, next(self._order), task, task.turn))
        else:
            heapq.heappush(self._alarms, (request, next(self._order), task, task.turn))

    def _finish(self, task: Job, result: Any, error: Exception | None) -> None:
        task.is_done, task.result, task.error = True, result, error
        if task.on_done:
            task.on_done(task)


def gather(scheduler: Scheduler, work: list[Steps]) -> Generator[Any, Any, None]:
    """Runs generators side by side until all are done or one fails; then the others are stopped, and it is raised."""
    if len(work) == 1:
        yield from work[0]
        return
    signal = Signal()
    left = len(work)

    def on_done(task: Job) -> None:
        nonlocal left
        left -= 1
        if task.error or not left:
            scheduler.set(signal, task.error)

    tasks = [scheduler.start(each, on_done) for each in work]
    try:
        yield signal
    finally:
        for task in tasks:
            task.stop()
    if signal.value:
        raise signal.value
