"""The engine of a live execution: every execution in it has a record in the account."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator, Mapping
from copy import copy
from datetime import datetime
from random import Random
from typing import Any, Protocol

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine
from workflow_dsl.local.engine import history
from workflow_dsl.local.engine.engine import MAX_SECONDS, LocalEngine, max_events, time_out
from workflow_dsl.local.engine.events import details_of
from workflow_dsl.local.engine.execution import Execution, Outcome, Thread
from workflow_dsl.local.engine.history import History
from workflow_dsl.local.engine.prepared import PreparedMachine, PreparedScope
from workflow_dsl.local.engine.protocol import Activities, EarlierMapRun, MapRun
from workflow_dsl.local.lambda_functions.functions import Function, Handler
from workflow_dsl.local.scheduler import Job, Signal
from workflow_dsl.local.stand_ins.mocks import Mocks
from workflow_dsl.local.stand_ins.services import Services
from workflow_dsl.server.live.clock import LiveScheduler
from workflow_dsl.server.live.progress import Branch, Path, Resume, path_of
from workflow_dsl.server.records import ExecutionRecord, MapRunRecord
from workflow_dsl.server.state_machines import StateMachine

Steps = Generator[Any, Any, Outcome]
_RANDOM = Random()  # noqa: S311  # of all executions, not for secrets: a seed for each takes as long as a state


class World(Activities, Protocol):
    """The surroundings of an execution: the services that it calls, and the records of executions that it starts."""

    services: Services
    functions_of: Callable[[Machine], Mapping[str, Handler | Function]]

    def find_machine(self, name: str) -> PreparedMachine | None:
        """Return the state machine that a task starts under a name, as it is now."""

    def machine_named(self, name: str) -> StateMachine | None:
        """Return the state machine of a name."""

    def adopt(self, engine: LiveEngine, execution: Execution) -> ExecutionRecord:
        """Return the new record of an execution that an execution starts."""

    def end(self, record: ExecutionRecord, outcome: Outcome) -> None:
        """Record the outcome of an execution."""

    def conclude(self, record: ExecutionRecord, outcome: Outcome) -> None:
        """Record an end that the states of an execution did not lead to."""

    def fail(self, record: ExecutionRecord, problem: Exception) -> None:
        """Record an execution that cannot go on here."""

    def map_run(self, arn: str) -> MapRunRecord | None:
        """Return a Map Run."""

    def map_run_changed(self, engine: LiveEngine, run: MapRun, status: str) -> None:
        """Keep the record of a Map Run."""


class LiveEngine(LocalEngine):
    """An engine whose executions the account shows, and somebody outside can answer and stop."""

    scheduler: LiveScheduler

    def __init__(
        self, world: World, start: datetime, scheduler: LiveScheduler, machine: PreparedMachine, mocks: Mocks
    ) -> None:
        functions = world.functions_of(machine.definition)
        super().__init__(start, _RANDOM, functions, world.services, mocks, world.find_machine, scheduler)
        self.world = world
        self.activities = world
        self.records: dict[str, ExecutionRecord] = {}  # of the executions that run, by ARN
        self._redriven: dict[str, Resume] = {}  # where a redrive begins, by an execution's ARN
        self._earlier: MapRunRecord | None = None  # the Map Run that a redrive goes on with
        self._unfinished: dict[int, ExecutionRecord] = {}  # its children that did not succeed, by number
        self._going_on: dict[tuple[str, Path], Resume] = {}  # by an execution's ARN, and a branch's place
        self._at_state: dict[tuple[str, Path], Resume] = {}  # for the first state of a thread

    def new_execution(
        self, machine: PreparedMachine, value: Json, *, name: str, machine_name: str, is_express: bool = False
    ) -> Execution:
        """Return an execution that an execution starts, with the type and the role of its state machine."""
        own = self.world.machine_named(machine_name)
        is_express = is_express or (own is not None and own.type == "EXPRESS")
        execution = super().new_execution(machine, value, name=name, machine_name=machine_name, is_express=is_express)
        execution.role_arn = own.revision.role_arn if own else execution.role_arn
        return execution

    def execution_of(self, record: ExecutionRecord, machine: PreparedMachine, value: Json) -> Execution:
        """Return the execution of a record, with an input, not yet started."""
        return Execution(
            machine=machine,
            name=record.name,
            machine_name=record.machine_arn.rpartition(":")[2],
            input=value,
            history=History(self.scheduler.time, max_events(is_express=record.is_express)),
            scheduler=self.scheduler,
            clock_start=self.start,
            random=self.random,
            arn=record.arn,
            machine_arn=record.machine_arn,
            role_arn=record.revision.role_arn,
            is_express=record.is_express,
            started_at=self.scheduler.now,
        )

    def run(self, execution: Execution) -> Steps:
        """Run an execution, from the state that a redrive begins at if it is one."""
        resume = self._redriven.pop(execution.arn, None)
        if resume is None:
            return (yield from super().run(execution))
        record = self.records[execution.arn]
        details = {"redriveCount": record.redrive_count}
        last = len(execution.history.events)
        number = execution.history.add(
            "ExecutionRedriven", last, history.with_details, ("executionRedrivenEventDetails", details)
        )
        thread = execution.main_thread = Thread(execution, number, resume.variables)
        scope = self._resumed(thread, execution.machine.scope, resume)
        return (yield from self.run_states(thread, scope, resume.input))

    def _resumed(self, thread: Thread, scope: PreparedScope, resume: Resume) -> PreparedScope:
        """Return a scope that begins where a thread goes on."""
        scope = copy(scope)
        scope.start, thread.variables = resume.state, resume.variables
        if resume.branches or resume.outputs:
            self._at_state[thread.execution.arn, path_of(thread)] = resume
        return scope

    def redrive(self, record: ExecutionRecord) -> None:
        """Let an execution go on where it ended, with the Map Run that it was in."""
        if record.resume is None:
            return
        self._redriven[record.arn] = record.resume
        for event in reversed(record.history.events):
            if event.type in ("MapRunStarted", "MapRunRedriven") and event.shape:
                details = details_of(event.shape(*event.values))
                self._earlier = self.world.map_run(details["mapRunArn"])
            if event.type.endswith("StateEntered") or self._earlier:
                break

    def earlier_map_run(self, thread: Thread) -> EarlierMapRun | None:
        """Return the Map Run that a redrive goes on with: once, and only at the state that it goes on in."""
        run = self._earlier
        if run is None or run.status == "SUCCEEDED" or run.execution_arn != thread.execution.arn or self._unfinished:
            return None
        children = {child.number: child for child in run.children}
        self._unfinished = {number: child for number, child in children.items() if child.status != "SUCCEEDED"}
        run.children = [child for child in run.children if child.status == "SUCCEEDED"]
        kept = {number: child for number, child in children.items() if child.status == "SUCCEEDED"}
        results = {number: json.loads(child.output or "null") for number, child in kept.items()}
        descriptions = {number: child.described() for number, child in kept.items()}
        return EarlierMapRun(run.arn, run.redrive_count + 1, results, descriptions)

    def _redrive_child(self, execution: Execution) -> None:
        """Let a Standard child go on where it ended. An Express one starts anew, as a new execution."""
        record = self._unfinished.pop(execution.number, None)
        if record is None or self._earlier is None or record.is_express or record.resume is None:
            return
        execution.arn, execution.name = record.arn, record.name
        execution.history.events = record.history.events
        record.begin_again(execution.moment())
        record.history, record.execution = execution.history, execution
        self.records[record.arn] = record
        self._redriven[record.arn] = record.resume
        self._earlier.children.append(record)

    def kept_results(self, thread: Thread) -> Mapping[int, Json]:
        """Return the results of the branches that had succeeded before a redrive; the others go on where they were."""
        arn, path = thread.execution.arn, path_of(thread)
        resume = self._at_state.pop((arn, path), None)
        if resume is None:
            return {}
        self._going_on.update({(arn, (*path, int(number))): each for number, each in resume.branches.items()})
        return {int(number): output for number, output in resume.outputs.items()}

    def run_scope(self, thread: Thread, scope: PreparedScope, value: Json) -> Generator[Any, Any, Json]:
        """Run a branch or an iteration, and know where it is: a redrive goes on there."""
        record, path = self.records.get(thread.execution.arn), path_of(thread)
        resume = self._going_on.pop((thread.execution.arn, path), None) if self._going_on else None
        branch = Branch(thread, scope, value, thread.last_event)
        if record is not None and not record.is_express:
            record.branches[path] = branch
        if resume is None:
            branch.output = yield from super().run_scope(thread, scope, value)
        else:
            resumed = self._resumed(thread, scope, resume)
            branch.output = yield from super().run_scope(thread, resumed, resume.input)
        branch.has_output = True
        return branch.output

    def run_nested(self, execution: Execution, timeout: float | None = None) -> Steps:
        """Run an execution, record how it ends, and end it when it is stopped."""
        if execution.map_run and self._earlier and execution.map_run == self._earlier.arn:
            self._redrive_child(execution)
        record = self.records.get(execution.arn) or self.world.adopt(self, execution)
        if record.execution is not execution:  # it was stopped before its first turn
            return _outcome_of_stop(record)
        steps = super().run_nested(execution, timeout)
        try:
            outcome = yield from self._stoppable(record, steps)
        except GeneratorExit:
            if record.execution is execution:
                self.world.conclude(record, Outcome("ABORTED"))
            raise
        except Exception as problem:
            if record.execution is execution:
                self.world.fail(record, problem)
            raise
        finally:
            self.records.pop(execution.arn, None)
        if record.execution is execution:  # else it was stopped, and may have been redriven since
            self.world.end(record, outcome)
        execution.main_thread = None  # it refers to the execution, and would keep it until a search for cycles
        return outcome

    def run_at_once(self, execution: Execution) -> Iterator[None]:
        """Run an execution whose states never wait, and record how it ends. In a long one others may take turns."""
        record = self.records[execution.arn]
        try:
            outcome = yield from self.run(execution)
        except Exception as problem:  # shown as its cause
            self.world.fail(record, problem)
        else:
            if record.execution is execution:  # else it was stopped by another thread
                self.world.end(record, outcome)
        self.records.clear()
        execution.main_thread = None  # as above

    def _stoppable(self, record: ExecutionRecord, steps: Steps) -> Steps:
        signal, started = Signal(), self.scheduler.now
        job: Job = self.scheduler.start_at_once(steps, lambda _: self.scheduler.set(signal))
        record.stop = _stopping(self.scheduler, signal)
        try:
            if not job.is_done:
                self.scheduler.end_at(started + MAX_SECONDS, signal)
                yield signal
        finally:
            was_done = job.is_done
            job.stop()
        if not was_done and signal.value is not None and record.execution:
            return time_out(record.execution)
        if not was_done:
            return _outcome_of_stop(record)
        if job.error:
            raise job.error
        outcome: Outcome = job.result
        return outcome

    def map_run_changed(self, run: MapRun, status: str) -> None:
        """Keep the record of a Map Run."""
        self.world.map_run_changed(self, run, status)


def _outcome_of_stop(record: ExecutionRecord) -> Outcome:
    """The outcome of an execution that was ended from outside; it may have been redriven since."""
    status = "FAILED" if record.status == "FAILED" else "ABORTED"
    return Outcome(status, None, record.error, record.cause)


def _stopping(scheduler: LiveScheduler, signal: Signal) -> Callable[[], None]:
    return lambda: scheduler.deliver(lambda: scheduler.set(signal))
