"""A virtual clock and the jobs that run by it: waiting takes no real time, and the order is always the same.

A job is a generator. It yields None to let other jobs take a turn, a number to sleep until that moment (seconds since
the start of the clock), or a Signal to wait for.
"""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Callable, Generator
from typing import Any

Steps = Generator[Any, Any, Any]


class Signal:
    """An event that a job waits for. At the deadline the job wakes without it, and finds `is_set` False.

    Someone outside of the scheduler sets a signal that `is_external`: who answers a task token.
    """

    __slots__ = ("deadline", "is_external", "is_set", "value", "waiting")

    def __init__(self, deadline: float | None = None, *, is_external: bool = False) -> None:
        self.deadline, self.is_external = deadline, is_external
        self.is_set = False
        self.value: Any = None
        self.waiting: Job | None = None


class Job:
    """A running generator, and its result or error once it has ended."""

    __slots__ = ("error", "is_done", "on_done", "result", "steps", "turn")

    def __init__(self, steps: Steps, on_done: Callable[[Job], None] | None = None) -> None:
        self.steps = steps
        self.on_done = on_done
        self.is_done = False
        self.result: Any = None
        self.error: Exception | None = None
        self.turn = 0  # counts the turns taken, so that a stale alarm does not wake the job

    def stop(self) -> None:
        """End the job at its current step, and with it the jobs that it gathers."""
        if not self.is_done:
            self.is_done = True
            self.steps.close()


class Scheduler:
    """Runs jobs in the order of virtual time, and jobs of the same moment in the order in which they became ready."""

    now = 0.0

    def __init__(self) -> None:
        self._ready: deque[tuple[Job, int]] = deque()
        self._alarms: list[tuple[float, int, Job, int]] = []
        self._order = itertools.count()

    def time(self) -> float:
        """Return the moment that it is now."""
        return self.now

    def start(self, steps: Steps, on_done: Callable[[Job], None] | None = None) -> Job:
        """Start a job, which takes its first turn after the jobs that are ready."""
        job = Job(steps, on_done)
        self._ready.append((job, 0))
        return job

    def start_at_once(self, steps: Steps, on_done: Callable[[Job], None] | None = None) -> Job:
        """Start a job and run its first turn: a job that never waits is done on return."""
        job = Job(steps, on_done)
        self._step(job, 0)
        return job

    def deliver(self, action: Callable[[], object]) -> None:
        """Perform what comes from outside: at once here, where whoever calls is in the thread that runs the jobs."""
        action()

    def set(self, signal: Signal, value: Any = None) -> None:
        """Set a signal and wake the job that waits for it; a second call has no effect."""
        if not signal.is_set:
            signal.is_set, signal.value = True, value
            if signal.waiting:
                self._ready.append((signal.waiting, signal.waiting.turn))

    def run(self, until: Job, deadline: float) -> None:
        """Run jobs until one is done, no job is left to run, or the clock passes the deadline."""
        while not until.is_done:
            if self._ready:
                self._step(*self._ready.popleft())
            elif self._alarms and self._alarms[0][0] <= deadline:
                moment, _, job, turn = heapq.heappop(self._alarms)
                if not job.is_done and job.turn == turn:
                    self.now = max(self.now, moment)
                    self._step(job, turn)
            else:
                self.now = max(self.now, deadline) if deadline != float("inf") else self.now
                return

    def _step(self, job: Job, turn: int) -> None:
        if job.is_done or job.turn != turn:
            return
        job.turn += 1
        try:
            request = next(job.steps)
        except StopIteration as end:
            self._finish(job, end.value, None)
        except Exception as error:  # for whoever waits for the job to raise
            self._finish(job, None, error)
        else:
            self._park(job, request)

    def _park(self, job: Job, request: Any) -> None:
        if request is None:
            self._ready.append((job, job.turn))
        elif isinstance(request, Signal):
            if request.is_set:
                self._ready.append((job, job.turn))
                return
            request.waiting = job
            if request.deadline is not None:
                heapq.heappush(self._alarms, (request.deadline, next(self._order), job, job.turn))
        else:
            heapq.heappush(self._alarms, (request, next(self._order), job, job.turn))

    def _finish(self, job: Job, result: Any, error: Exception | None) -> None:
        job.is_done, job.result, job.error = True, result, error
        if job.on_done:
            job.on_done(job)


def gather(scheduler: Scheduler, work: list[Steps]) -> Generator[Any, Any, None]:
    """Run generators side by side until all are done. If one fails, stop the others and raise its error."""
    if len(work) == 1:
        yield from work[0]
        return
    signal = Signal()
    left = len(work)

    def on_done(job: Job) -> None:
        nonlocal left
        left -= 1
        if job.error or not left:
            scheduler.set(signal, job.error)

    jobs = [scheduler.start(steps, on_done) for steps in work]
    try:
        yield signal
    finally:
        for job in jobs:
            job.stop()
    if signal.value:
        raise signal.value


class Workers:
    """Jobs that share work, as many at once as a width that may change while they run."""

    def __init__(self, scheduler: Scheduler, work: Callable[[], Steps]) -> None:
        self._scheduler, self._work = scheduler, work
        self._signal = Signal()
        self._jobs: list[Job] = []
        self._active = self._width = 0

    def run(self, width: int) -> Generator[Any, Any, None]:
        """Run the jobs until all are done. If one fails, stop the others and raise its error."""
        self.resize(width)
        try:
            if self._jobs:
                yield self._signal
        finally:
            for job in self._jobs:
                job.stop()
        if self._signal.value:
            raise self._signal.value

    def resize(self, width: int) -> None:
        """Start jobs up to the new width; those above it end as soon as they ask."""
        self._width = width
        while self._active < width and not self._signal.is_set:
            self._active += 1
            self._jobs.append(self._scheduler.start(self._work(), self._on_done))

    def is_within_width(self) -> bool:
        """Return True if a job may take more work, False if there are too many."""
        return self._active <= self._width

    def _on_done(self, job: Job) -> None:
        self._active -= 1
        if job.error or not self._active:
            self._scheduler.set(self._signal, job.error)
