"""The account: state machines, activities, executions and Map Runs.

Operations change it while they hold its lock; executions change only their own records.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from workflow_dsl.definition.json import Json
from workflow_dsl.local.engine.execution import Outcome
from workflow_dsl.local.engine.prepared import PreparedMachine
from workflow_dsl.local.lambda_functions.functions import Function, Handler
from workflow_dsl.local.stand_ins.services import Services
from workflow_dsl.records import Record, field
from workflow_dsl.server.arns import Arn, parse_arn
from workflow_dsl.server.errors import execution_missing, machine_missing, resource_missing
from workflow_dsl.server.records import ExecutionRecord, MapRunRecord
from workflow_dsl.server.state_machines import Revision, StateMachine, Version


class Executor(Protocol):
    """Runs the executions of an account."""

    services: Services

    def start(
        self, record: ExecutionRecord, machine: PreparedMachine, value: Json, *, is_awaited: bool = False
    ) -> None:
        """Start an execution. One that calls nothing, or that the caller awaits, has ended, or waits, on return."""

    def redrive(self, record: ExecutionRecord, machine: PreparedMachine, value: Json) -> None:
        """Run an execution that has ended unsuccessfully on from the state that it ended in."""

    def stop(self, record: ExecutionRecord, outcome: Outcome) -> None:
        """End an execution from outside, and all that it has started. One that has ended stays as it is."""

    def tested_functions(self) -> Mapping[str, Handler | Function]:
        """Return the functions that the test of a state may call."""

    def definitions(self) -> Mapping[str, str]:
        """Return the definitions of the state machines by name."""


class Activity(Record, frozen=False):
    """An activity, and its tasks that no worker has taken yet."""

    arn: str
    name: str
    created: datetime
    tags: dict[str, str] = field(default_factory=dict)
    encryption: Mapping[str, Any] | None = None
    tasks: deque[ActivityTask] = field(default_factory=deque)


class ActivityTask(Record):
    """A task of an activity: its token, its input, and what is called with the name of the worker that takes it."""

    token: str
    input: str
    on_taken: Callable[[str | None], None]


class Account:
    """Everything that the API shows. `most_finished` bounds the executions that have ended: the oldest are dropped."""

    def __init__(self, most_finished: int = 10_000) -> None:
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)  # of activities' tasks
        self.machines: dict[str, StateMachine] = {}
        self.activities: dict[str, Activity] = {}
        self.executions: dict[str, ExecutionRecord] = {}
        self.map_runs: dict[str, MapRunRecord] = {}
        self.logical_ids: dict[str, str] = {}  # the ARN that a template's logical ID makes -> the ARN of its name
        self.refresh: Callable[[], None] = lambda: None  # reads what the project has changed
        self.world: Executor | None = None
        self.long_poll = 60.0  # seconds that a worker waits for a task; API reference, GetActivityTask
        self.is_closed = False
        self.changes = 0  # counts what may have changed the account
        self._most_finished = most_finished
        self._finished: deque[str] = deque()

    def close(self) -> None:
        """Wake all waiting workers, without a task."""
        self.is_closed = True
        self.wake_workers()

    def wake_workers(self) -> None:
        """Let the workers that wait for a task look again."""
        with self.lock:
            self.changed.notify_all()

    def machine(self, arn: Arn) -> StateMachine:
        """Return the state machine of an ARN, which may be that of a version or an alias. Raises ApiError."""
        text = arn.text.removesuffix(f":{arn.qualifier}") if arn.qualifier else arn.text
        machine = self.machines.get(text) or self.machines.get(self.logical_ids.get(text, ""))
        if machine is None:
            raise machine_missing(arn.text)
        return machine

    def resolve(self, arn: Arn) -> tuple[StateMachine, Revision, Version | None]:
        """Return the state machine, the revision and the version of an ARN; None for no version.

        Raises ApiError for one that does not exist.
        """
        machine = self.machine(arn)
        if not arn.qualifier:
            return machine, machine.revision, None
        alias = machine.aliases.get(arn.qualifier)
        number = alias.choose() if alias else arn.version
        version = machine.versions.get(number)
        if version is None:
            raise machine_missing(arn.text)
        return machine, version.revision, version

    def execution(self, text: str) -> ExecutionRecord:
        """Return the execution of an ARN. Raises ApiError."""
        record = self.executions.get(text)
        if record is None or record.is_express:
            arn = parse_arn(text, "execution").text
            record = self.executions.get(arn)
            if record is None:
                raise execution_missing(arn)
        return record

    def map_run(self, text: str) -> MapRunRecord:
        """Return the Map Run of an ARN. Raises ApiError."""
        arn = parse_arn(text, "mapRun").text
        run = self.map_runs.get(arn)
        if run is None:
            raise resource_missing(arn)
        return run

    def add(self, record: ExecutionRecord) -> None:
        """Add an execution that has started."""
        with self.lock:
            self.executions[record.arn] = record

    def ended(self, record: ExecutionRecord) -> None:
        """Record that an execution has ended, and drop the oldest ones."""
        with self.lock:
            self._finished.append(record.arn)
            while len(self._finished) > self._most_finished:
                arn = self._finished.popleft()
                old = self.executions.get(arn)
                if old and old.status != "RUNNING":
                    del self.executions[arn]
                    self._drop_map_runs(arn)

    def _drop_map_runs(self, execution: str) -> None:
        for arn in [arn for arn, run in self.map_runs.items() if run.execution_arn == execution]:
            del self.map_runs[arn]
