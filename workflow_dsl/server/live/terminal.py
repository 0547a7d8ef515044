"""The lines that are printed of executions while they run: their states as `run` prints them, and how they end."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock

from workflow_dsl.local.console import EventPrinter, cause_summary
from workflow_dsl.records import Record, field
from workflow_dsl.server.records import ExecutionRecord


class _Printed(Record, frozen=False):
    """An execution that is being printed: its printer, the lines not yet printed, and the number of known events."""

    lines: list[str] = field(default_factory=list)
    known: int = 0
    printer: EventPrinter = field(init=False)

    def __post_init__(self) -> None:
        self.printer = EventPrinter(lambda line: self.lines.append(f"    {line}"))


class ExecutionPrinter:
    """Prints what an execution has done since the last time: call it with the record when it waits, or has ended.

    Its lines stay together, below its name if those of another one are above. Children of Map Runs are not printed.
    """

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self._lock = Lock()
        self._printed: dict[str, _Printed] = {}
        self._last = ""

    def __call__(self, record: ExecutionRecord, has_ended: bool) -> None:
        """Print what is new of an execution."""
        if record.map_run_arn:
            return
        with self._lock:
            if not has_ended and record.status != "RUNNING":  # its end is printed, or is about to be
                return
            printed = self._printed.pop(record.arn, None) or _Printed()
            self._add_events(record, printed)
            title = f"{record.machine_arn.rpartition(':')[2]} {record.name}"
            lines = [*([] if record.arn == self._last else [f"  {title}"]), *printed.lines] if printed.lines else []
            if has_ended:
                lines.append(_end_line(record, title))
            else:
                printed.lines = []
                self._printed[record.arn] = printed
            if lines:
                self._last = "" if has_ended else record.arn
                self._show("\n".join(lines))

    def _add_events(self, record: ExecutionRecord, printed: _Printed) -> None:
        """Format the new events. Those before a redrive are known, and were printed then."""
        events = list(record.history.events)
        hidden = 0
        if not printed.known and record.redrive_count:
            hidden = max(index for index, event in enumerate(events) if event.type == "ExecutionRedriven")
        for index in range(printed.known, len(events)):
            time = events[index].time - events[0].time
            printed.printer.print_event(time, record.event(index + 1), is_hidden=index < hidden)
        printed.known = len(events)


def _end_line(record: ExecutionRecord, title: str) -> str:
    seconds = round(((record.stopped or record.started) - record.started).total_seconds(), 3)
    error = ": ".join(filter(None, (" ", record.error, cause_summary(record.cause)))).strip()
    return f"  {record.status} {title}, after {seconds:g} s{error}"
