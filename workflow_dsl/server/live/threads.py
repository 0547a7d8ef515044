"""Threads for work that may block, and the thread that wakes executions. All end with the process."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue

Work = Callable[[], None]
_IDLE_SECONDS = 30.0


class Threads:
    """As many threads as there is work; an idle one is used again."""

    def __init__(self) -> None:
        self._queue: SimpleQueue[Work] = SimpleQueue()
        self._lock = threading.Lock()
        self._idle = 0

    def submit(self, work: Work) -> None:
        """Do work in a thread."""
        with self._lock:
            has_idle = self._idle > 0
            self._idle -= has_idle
        self._queue.put(work)
        if not has_idle:
            threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                work = self._queue.get(timeout=_IDLE_SECONDS)
            except Empty:
                with self._lock:
                    if self._idle:
                        self._idle -= 1
                        return
                continue
            work()
            with self._lock:
                self._idle += 1


class Timer:
    """Does work after a delay, in one thread: the work has to be short."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._alarms: list[tuple[float, int, Work]] = []
        self._order = itertools.count()
        self._thread: threading.Thread | None = None

    def after(self, seconds: float, work: Work) -> None:
        """Do work after so many seconds."""
        with self._changed:
            heapq.heappush(self._alarms, (time.monotonic() + seconds, next(self._order), work))
            if self._thread is None:
                self._thread = threading.Thread(target=self._serve, daemon=True)
                self._thread.start()
            self._changed.notify()

    def _serve(self) -> None:
        while True:
            self._next()()

    def _next(self) -> Work:
        with self._changed:
            while not self._alarms or self._alarms[0][0] > time.monotonic():
                delay = self._alarms[0][0] - time.monotonic() if self._alarms else None
                self._changed.wait(None if delay is None else min(delay, threading.TIMEOUT_MAX))
            return heapq.heappop(self._alarms)[2]
