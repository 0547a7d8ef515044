"""The clock of live executions: it runs in real time, and by default it skips what nobody has to wait for."""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from math import inf
from time import monotonic
from typing import Any

from workflow_dsl.local.scheduler import Job, Scheduler, Signal


class LiveScheduler(Scheduler):
    """Runs the jobs of one execution in slices, each until nothing is left to do but wait.

    In virtual time the clock skips to the next alarm. It does not skip a time limit while somebody outside may still
    answer: a task token stays open in real time. `elapsed` is the reading of the clock at the start.
    """

    def __init__(self, wake: Callable[[], None], *, is_real: bool = False, elapsed: float = 0.0) -> None:
        self._zero = monotonic() - elapsed  # earlier by what is skipped
        self._is_real = is_real
        self._wake = wake
        self._inbox: deque[Callable[[], object]] = deque()
        self._external: list[tuple[Signal, Job, int]] = []
        self._ends: list[tuple[float, Signal]] = []  # the moments at which executions time out
        self._limits: set[tuple[Job, int]] = set()  # the turns that end at a time limit, not at a moment to sleep to
        super().__init__()

    @property
    def now(self) -> float:
        """The seconds since the start of the clock."""
        return monotonic() - self._zero

    @now.setter
    def now(self, moment: float) -> None:
        self._zero -= max(0.0, moment - self.now)

    def time(self) -> float:
        """Return the moment that it is now."""
        return monotonic() - self._zero

    def deliver(self, action: Callable[[], object]) -> None:
        """Perform what comes from outside between two turns, in the thread that runs the jobs."""
        self._inbox.append(action)
        self._wake()

    def end_at(self, moment: float, signal: Signal) -> None:
        """Set a signal once the clock would skip beyond a moment."""
        self._ends.append((moment, signal))

    def retire(self) -> None:
        """Wake nobody any more: all has ended, and what ran it is let go without a search for cycles."""
        self._wake = _nothing

    def run_slice(self, most_turns: float = inf) -> float | None:
        """Run jobs until all wait. Return the real seconds until the next alarm, None if there is none.

        It returns 0.0 if the jobs that are ready have taken so many turns.
        """
        while True:
            if self._inbox:
                self._inbox.popleft()()
            elif self._ready:
                if most_turns == 0:
                    return 0.0
                most_turns -= 1
                self._step(*self._ready.popleft())
            elif not self._alarms:
                return None
            else:
                delay = self._next_alarm()
                if delay is not None:
                    return delay

    def _next_alarm(self) -> float | None:
        """Run the job of the next alarm if its moment has come, or may be skipped to; else return the delay to it."""
        moment, _, job, turn = self._alarms[0]
        is_limit = (job, turn) in self._limits
        if not job.is_done and job.turn == turn:
            delay = moment - self.now
            if delay > 0 and (self._is_real or (is_limit and self._is_awaited())):
                return delay
            if self._ends and self._skips_an_end(moment):
                return None
            self.now = moment
        heapq.heappop(self._alarms)
        self._limits.discard((job, turn))
        self._step(job, turn)
        return None

    def _skips_an_end(self, moment: float) -> bool:
        """Skip to the first end before a moment, and set its signal; False if there is none."""
        self._ends = [end for end in self._ends if not end[1].is_set]
        first = min(self._ends, key=lambda end: end[0], default=None)
        if first is None or first[0] > moment:
            return False
        self.now = first[0]
        self.set(first[1], first[0])
        return True

    def _is_awaited(self) -> bool:
        """True while somebody outside may answer a job."""
        self._external = [wait for wait in self._external if not wait[0].is_set and wait[1].turn == wait[2]]
        self._external = [wait for wait in self._external if not wait[1].is_done]
        return bool(self._external)

    def _park(self, job: Job, request: Any) -> None:
        super()._park(job, request)
        if isinstance(request, Signal) and not request.is_set:
            if request.is_external:
                self._external.append((request, job, job.turn))
            if request.deadline is not None:
                self._limits.add((job, job.turn))


def _nothing() -> None:
    """Wake nobody."""
