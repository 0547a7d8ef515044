"""The world of live executions: it starts them, wakes them, and keeps their records in the account."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import lru_cache, partial
from pathlib import Path
from time import sleep, time
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine
from workflow_dsl.expressions.intrinsic_functions import to_json
from workflow_dsl.findings import FindingsError
from workflow_dsl.local.engine import history
from workflow_dsl.local.engine.execution import Execution, Outcome
from workflow_dsl.local.engine.prepared import PreparedMachine
from workflow_dsl.local.engine.protocol import MapRun
from workflow_dsl.local.errors import RUNTIME, StateError
from workflow_dsl.local.lambda_functions.functions import Function, Handler
from workflow_dsl.local.one_state.api import ApiError
from workflow_dsl.local.stand_ins.mocks import Mocks, read_mock_config
from workflow_dsl.local.stand_ins.network import Guard
from workflow_dsl.local.stand_ins.services import BotoServices, Services
from workflow_dsl.server.account import Account, ActivityTask
from workflow_dsl.server.arns import machine_arn, parse_arn
from workflow_dsl.server.live.clock import LiveScheduler
from workflow_dsl.server.live.engine import LiveEngine
from workflow_dsl.server.live.threads import Threads, Timer
from workflow_dsl.server.records import ExecutionRecord, MapRunRecord
from workflow_dsl.server.state_machines import StateMachine, now

Functions = Callable[[Machine], Mapping[str, Handler | Function]]
_AT_ONCE = frozenset(("Pass", "Choice", "Succeed", "Fail"))  # types of states that never wait
_QUICK = _AT_ONCE | {"Wait"}  # types of states that call nothing
_NO_MOCKS = Mocks(None)
_QUICK_TURNS = 5  # of the states that call nothing, before others take theirs
# The last event of an execution that is ended from outside, and the name of its details.
_LAST_EVENTS = {
    "ABORTED": ("ExecutionAborted", "executionAbortedEventDetails"),
    "FAILED": ("ExecutionFailed", "executionFailedEventDetails"),
}


class World:
    """The surroundings of the executions of an account.

    `watch` gets the record of an execution that waits, with False, and of one that has ended, with True.

    `prepare` is called before states that may call something, each time.
    """

    def __init__(
        self,
        account: Account,
        *,
        services: Services | None = None,
        functions_of: Functions = lambda _: {},
        is_real: bool = False,
        mocks: Path | None = None,
        prepare: Callable[[], None] = lambda: None,
        watch: Callable[[ExecutionRecord, bool], None] = lambda *_: None,
    ) -> None:
        self.account = account
        self.services: Services = services or BotoServices()
        self.functions_of = functions_of
        self.is_real = is_real
        self._mocks = mocks
        self.prepare = prepare
        self.watch = watch
        self.threads, self.timer = Threads(), Timer()
        account.world = self

    def start(
        self, record: ExecutionRecord, machine: PreparedMachine, value: Json, *, is_awaited: bool = False
    ) -> None:
        """Start an execution. One that calls nothing, or that the caller awaits, has ended, or waits, on return.

        So a handler that awaits an execution runs its handlers too: only one is called at a time.
        """
        live = _Live(self, record.clock_start, elapsed=_seconds_since(record.clock_start))
        live.begin(record, machine, value, is_awaited=is_awaited)

    def redrive(self, record: ExecutionRecord, machine: PreparedMachine, value: Json) -> None:
        """Run an execution that has ended unsuccessfully on from the state that it ended in."""
        live = _Live(self, record.clock_start, elapsed=_seconds_since(record.clock_start))
        live.begin(record, machine, value, is_redrive=True)

    def machine_named(self, name: str) -> StateMachine | None:
        """Return the state machine of a name."""
        return self.account.machines.get(machine_arn(name))

    def find_machine(self, name: str) -> PreparedMachine | None:
        """Return the state machine that a task starts under a name, as it is now, or a version of it."""
        self.account.refresh()
        try:
            return self.account.resolve(parse_arn(machine_arn(name)))[1].prepared()
        except ApiError:
            return None

    def mocks_of(self, record: ExecutionRecord) -> Mocks:
        """Return the mocks of an execution's test case. Raises FindingsError if there is no such case."""
        if record.test_case is None or self._mocks is None:
            return _NO_MOCKS
        return Mocks(read_mock_config(self._mocks, record.test_case, record.machine_arn.rpartition(":")[2]))

    def tested_functions(self) -> Mapping[str, Handler | Function]:
        """Return the functions that the test of a state may call."""
        return self.functions_of(Machine({}))

    def definitions(self) -> Mapping[str, str]:
        """Return the definitions of the state machines by name."""
        return {machine.name: machine.revision.definition for machine in self.account.machines.values()}

    def adopt(self, engine: LiveEngine, execution: Execution) -> ExecutionRecord:
        """Return the new record of an execution that an execution starts."""
        record = _record_of(engine, execution)
        engine.records[execution.arn] = record
        self.account.add(record)
        if execution.map_run:
            self.account.map_runs[execution.map_run].children.append(record)
        return record

    def end(self, record: ExecutionRecord, outcome: Outcome) -> None:
        """Record the outcome of an execution."""
        execution = record.execution
        moment = execution.moment() if execution else now()
        if record.end(outcome, moment):
            self.account.changes += 1
            self.account.ended(record)
            self.watch(record, True)
        record.settle()

    def conclude(self, record: ExecutionRecord, outcome: Outcome) -> None:
        """Record an end that the states of an execution did not lead to, with the event that says so.

        No event leads to that of a stop, as was measured (floci's issue 2965).
        """
        with record.lock:
            if record.status == "RUNNING":
                type_, details = _LAST_EVENTS[outcome.status]
                previous = 0 if outcome.status == "ABORTED" else len(record.history.events)
                values: tuple[Any, ...] = (details, outcome.error, outcome.cause, {})
                record.history.add(type_, previous, history.with_error, values)
        self.end(record, outcome)

    def fail(self, record: ExecutionRecord, problem: Exception) -> None:
        """Record an execution that cannot go on here: a call that nothing answers, with the reason as its cause."""
        findings = problem.findings if isinstance(problem, FindingsError) else ()
        cause = "; ".join(finding.text for finding in findings) or str(problem) or type(problem).__name__
        self.conclude(record, Outcome("FAILED", None, RUNTIME, cause))

    def stop(self, record: ExecutionRecord, outcome: Outcome) -> None:
        """End an execution from outside, and all that it has started. One that has ended stays as it is."""
        end_work = record.stop  # its end drops it
        self.conclude(record, outcome)
        if end_work is not None:
            end_work()

    def offer(self, arn: str, token: str, value: Json, on_taken: Callable[[str | None], None]) -> None:
        """Offer a task to the workers of an activity. Raises StateError if the activity does not exist."""
        with self.account.lock:
            activity = self.account.activities.get(arn)
            if activity is None:
                raise StateError(RUNTIME, f"The activity {arn} does not exist.")
            activity.tasks.append(ActivityTask(token, to_json(value), on_taken))
            self.account.changed.notify_all()

    def map_run(self, arn: str) -> MapRunRecord | None:
        """Return a Map Run."""
        return self.account.map_runs.get(arn)

    def map_run_changed(self, engine: LiveEngine, run: MapRun, status: str) -> None:
        """Keep the record of a Map Run."""
        execution = run.thread.execution
        if status != "RUNNING":
            known = self.account.map_runs[run.arn]
            known.status, known.stopped, known.run = status, execution.moment(), None
            return
        if run.arn in self.account.map_runs:
            self.account.map_runs[run.arn].begin_again(run, execution.moment())
            return
        self.account.map_runs[run.arn] = MapRunRecord(
            run.arn,
            execution.arn,
            f"{execution.machine_arn}/{run.arn.rpartition('/')[2].partition(':')[0]}",
            execution.moment(),
            run.items,
            run,
            has_writer="ResultWriter" in run.state.fields,
            max_concurrency=run.limits[0],
            tolerated_count=run.limits[1],
            tolerated_percentage=run.limits[2],
        )


def _seconds_since(moment: datetime) -> float:
    """The seconds from a moment to now, also the part of a millisecond: the ends of executions keep their order."""
    return time() - moment.timestamp()


@lru_cache(maxsize=256)
def _types_in(machine: PreparedMachine) -> frozenset[str]:
    return frozenset(state.type for state in machine.states())


def _go_on(record: ExecutionRecord, execution: Execution, turns: Iterator[None]) -> None:
    """Go on with an execution until it ends or is stopped; other threads take turns."""
    for _ in turns:
        if record.execution is not execution:
            return
        sleep(0)


def _record_of(engine: LiveEngine, execution: Execution) -> ExecutionRecord:
    name = execution.machine_name.partition("/")[0]
    machine = engine.world.machine_named(name)
    parent = next(iter(engine.records.values()), None)
    revision = machine.revision if machine else parent.revision if parent else None
    if revision is None:
        raise LookupError(execution.machine_arn)
    return ExecutionRecord(
        execution.arn,
        execution.name,
        execution.machine_arn,
        revision,
        to_json(execution.input),
        execution.moment(),
        execution.clock_start,
        execution.history,
        map_run_arn=execution.map_run,
        item_count=execution.weight,
        number=execution.number,
        execution=execution,
    )


class _Live:
    """A running execution with those that it starts: its engine, and the thread that runs a slice of it."""

    def __init__(self, world: World, start: datetime, elapsed: float) -> None:
        self._world, self._start = world, start
        self._lock = threading.Lock()
        self._is_running = self._again = False
        self._is_quick = False
        self._records: dict[str, ExecutionRecord] = {}
        self.scheduler = LiveScheduler(self.wake, is_real=world.is_real, elapsed=elapsed)

    def begin(
        self,
        record: ExecutionRecord,
        machine: PreparedMachine,
        value: Json,
        *,
        is_redrive: bool = False,
        is_awaited: bool = False,
    ) -> None:
        try:
            mocks = self._world.mocks_of(record)
        except FindingsError as problem:
            self._world.fail(record, problem)
            return
        engine = LiveEngine(self._world, self._start, self.scheduler, machine, mocks)
        execution = engine.execution_of(record, machine, value)
        if is_redrive:
            execution.history.events = record.history.events
            engine.redrive(record)
        record.history, record.execution = execution.history, execution
        engine.records[record.arn] = record
        self._records = engine.records
        types = _types_in(machine)
        if types <= _AT_ONCE:
            self._run_at_once(engine, record, execution)
            return
        self._is_quick = types <= _QUICK
        self.scheduler.start(engine.run_nested(execution))
        self.wake(is_here=is_awaited)

    def _run_at_once(self, engine: LiveEngine, record: ExecutionRecord, execution: Execution) -> None:
        """Run an execution that never waits; of a long one the rest in a thread, while other requests are answered."""
        self.scheduler.retire()
        turns = engine.run_at_once(execution)
        for _ in turns:
            self._world.threads.submit(partial(_go_on, record, execution, turns))
            break

    def wake(self, *, is_here: bool = False) -> None:
        """Run a slice: here if the states call nothing, and else in a thread. A running one goes on instead."""
        with self._lock:
            if self._is_running:
                self._again = True
                return
            self._is_running = True
        if self._is_quick or is_here:
            self._run()
        else:
            self._world.threads.submit(self._run)

    def _run(self) -> None:
        while True:
            with self._lock:
                self._again = False
            delay = self._slice()
            for record in list(self._records.values()):
                self._world.watch(record, False)
            with self._lock:
                if self._again:
                    continue
                self._is_running = False
            if delay is not None:
                self._world.timer.after(delay, self.wake)
            elif not self._records:
                self.scheduler.retire()
            return

    def _slice(self) -> float | None:
        if self._is_quick:
            return self.scheduler.run_slice(_QUICK_TURNS)
        self._world.prepare()
        services: Any = self._world.services
        with Guard(getattr(services, "urls", ()), getattr(services, "start", None)):
            return self.scheduler.run_slice()
