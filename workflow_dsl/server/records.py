"""The records of executions and Map Runs, as the API shows them while they run and after they have ended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Event as Flag
from threading import Lock
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import to_json
from workflow_dsl.expressions.timestamps import format_timestamp
from workflow_dsl.local.engine.execution import Execution, Outcome
from workflow_dsl.local.engine.history import Events, History, event_as_dict
from workflow_dsl.local.engine.protocol import MapRun
from workflow_dsl.records import Record, field
from workflow_dsl.server.live.progress import Branch, Path, Resume, resume_of
from workflow_dsl.server.state_machines import Revision

# API reference, RedriveExecution, "clientToken".
_TOKENS_LAST = timedelta(minutes=15)
_MOST_TOKENS = 10


class ExecutionRecord(Record, frozen=False):
    """An execution. After its end only the events and the result are kept of what the engine had."""

    arn: str
    name: str
    machine_arn: str
    revision: Revision
    input: str
    started: datetime
    clock_start: datetime
    history: History
    version_arn: str | None = None
    alias_arn: str | None = None
    trace_header: str | None = None
    map_run_arn: str | None = None
    test_case: str | None = None  # of the mock configuration
    is_orphan: bool = False  # True once its state machine has been deleted
    item_count: int = 0
    number: int = 0  # among the children of a Map Run
    status: str = "RUNNING"
    stopped: datetime | None = None
    output: str | None = None
    error: str | None = None
    cause: str | None = None
    redrive_count: int = 0
    redriven: datetime | None = None
    redrive_tokens: dict[str, datetime] = field(default_factory=dict)  # by clients' tokens, when each redrove it
    execution: Execution | None = None
    stop: Callable[[], None] | None = None  # ends the work of the engine
    is_settled: bool = False  # True once nothing is left to do after its end
    settled: Flag | None = None  # made only for those who wait: it takes as much memory as all else here
    lock: Lock = field(default_factory=Lock)
    resume: Resume | None = None  # where a redrive goes on
    branches: dict[Path, Branch] = field(default_factory=dict)  # while it runs

    @property
    def is_express(self) -> bool:
        """True for an Express execution, which the API does not show."""
        return self.revision.type == "EXPRESS"

    def event(self, number: int) -> dict[str, Any]:
        """Return the event with this ID, in the shape of the API."""
        return event_as_dict(self.history.events[number - 1], number, self.clock_start)

    def described(self) -> dict[str, Json]:
        """Return an execution that has succeeded as DescribeExecution does in a ResultWriter's files."""
        return {
            "ExecutionArn": self.arn,
            "Input": self.input,
            "InputDetails": {"Included": True},
            "Name": self.name,
            "StartDate": format_timestamp(self.started),
            "StateMachineArn": self.machine_arn,
            "Status": self.status,
            "StopDate": format_timestamp(self.stopped or self.started),
            "Output": self.output,
            "OutputDetails": {"Included": True},
        }

    def redriven_by(self, token: str, moment: datetime) -> datetime | None:
        """Return when a client's token has redriven the execution, if that answer is still repeated."""
        known = self.redrive_tokens.get(token)
        return known if known and moment - known <= _TOKENS_LAST else None

    def begin_again(self, moment: datetime, token: str | None = None) -> None:
        """Record a redrive, and the client's token of it."""
        if token:
            latest = [(name, date) for name, date in self.redrive_tokens.items() if name != token]
            self.redrive_tokens = dict([*latest, (token, moment)][-_MOST_TOKENS:])
        self.redriven, self.redrive_count = moment, self.redrive_count + 1
        self.status, self.stopped = "RUNNING", None
        self.error = self.cause = None
        self.is_settled, self.settled = False, None

    def end(self, outcome: Outcome, moment: datetime) -> bool:
        """Store the outcome and return True, or return False if the execution has already ended."""
        with self.lock:
            if self.status != "RUNNING":
                return False
            self.output = to_json(outcome.output) if outcome.status == "SUCCEEDED" else None
            self.error, self.cause, self.stopped = outcome.error, outcome.cause, moment
            self.resume = self.place() if outcome.status != "SUCCEEDED" else None
            self.branches = {}
            self.history = _frozen(self.history)
            self.status = outcome.status
        self.stop = self.execution = None
        return True

    def settle(self) -> None:
        """Wake those who wait for the end."""
        with self.lock:
            self.is_settled = True
        if self.settled:
            self.settled.set()

    def wait(self, seconds: float) -> bool:
        """Wait for the end, and return True, or False if so many seconds have passed without it."""
        with self.lock:
            if self.is_settled:
                return True
            settled = self.settled = self.settled or Flag()
        return settled.wait(seconds)

    def place(self) -> Resume | None:
        """Return the state that a Standard execution is in, with its input, its variables, and the branches in it."""
        if self.execution is None or self.is_express:
            return None
        thread, scope = self.execution.main_thread, self.execution.machine.scope
        if thread is None:
            return Resume(scope.start, self.execution.input, {})
        return resume_of(self.history, Branch(thread, scope, self.execution.input, 0), self.branches)


def _frozen(history: History) -> History:
    """The events so far, without the engine that records them."""
    frozen = History(_no_time)
    frozen.events = Events(history.events.fields)
    return frozen


def _no_time() -> float:
    return 0.0


class MapRunRecord(Record, frozen=False):
    """A Map Run of a distributed Map."""

    arn: str
    execution_arn: str
    machine_arn: str
    started: datetime
    items: int
    run: MapRun | None = None
    status: str = "RUNNING"
    stopped: datetime | None = None
    children: list[ExecutionRecord] = field(default_factory=list)
    has_writer: bool = False
    max_concurrency: int = 0
    tolerated_count: int = 0
    tolerated_percentage: float = 0.0
    redrive_count: int = 0
    redriven: datetime | None = None

    def begin_again(self, run: MapRun, moment: datetime) -> None:
        """Record a redrive."""
        self.run, self.status, self.stopped = run, "RUNNING", None
        self.redriven, self.redrive_count = moment, self.redrive_count + 1

    def change(self, concurrency: int | None, count: int | None, percentage: float | None) -> None:
        """Change the limits that are not None. Those on failures apply at once."""
        self.max_concurrency = self.max_concurrency if concurrency is None else concurrency
        self.tolerated_count = self.tolerated_count if count is None else count
        self.tolerated_percentage = self.tolerated_percentage if percentage is None else percentage
        run = self.run
        if run is None:
            return
        if concurrency is not None:
            run.thread.execution.scheduler.deliver(lambda: run.resize(concurrency))
        limits = (count, None if percentage is None else self.items * percentage / 100)
        run.tolerated = min((limit for limit in limits if limit is not None), default=run.tolerated)
