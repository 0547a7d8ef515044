"""The engine of one run: what its executions share, and their start and end."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from datetime import datetime
from random import Random
from typing import Any

from workflow_dsl.application.template.resource_types import LOCAL_ACCOUNT, LOCAL_PARTITION, LOCAL_REGION
from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import uuid
from workflow_dsl.findings import Finding
from workflow_dsl.local.engine import history
from workflow_dsl.local.engine.dataflow import nesting_error
from workflow_dsl.local.engine.execution import Execution, Outcome, Thread
from workflow_dsl.local.engine.prepared import PreparedMachine, PreparedScope, PreparedState
from workflow_dsl.local.engine.protocol import Activities, EarlierMapRun, MapRun
from workflow_dsl.local.engine.state_types import run_scope
from workflow_dsl.local.engine.tasks import mocked_response
from workflow_dsl.local.errors import RUNTIME, TIMEOUT, HistoryFull, StateError
from workflow_dsl.local.lambda_functions.functions import Function, Handler
from workflow_dsl.local.scheduler import Job, Scheduler, Signal
from workflow_dsl.local.stand_ins.mocks import Mocks
from workflow_dsl.local.stand_ins.services import Services

MAX_SECONDS = 365 * 24 * 3600.0  # Step Functions quotas, "Maximum execution time" of a Standard workflow
MAX_SECONDS_EXPRESS = 300.0  # of an Express workflow
# Our own limit for an Express workflow, whose five minutes never end in a loop that takes no virtual time.
MAX_EVENTS_EXPRESS = 500_000


class LocalEngine:
    """The clock, randomness, functions, services and mocks of a run, and the executions in it."""

    def __init__(
        self,
        start: datetime,
        random: Random,
        functions: Mapping[str, Handler | Function],
        services: Services,
        mocks: Mocks,
        find_machine: Callable[[str], PreparedMachine | None],
        scheduler: Scheduler | None = None,
    ) -> None:
        self.scheduler = scheduler or Scheduler()
        self.start, self.random = start, random
        self.functions, self.services, self.mocks, self.find_machine = functions, services, mocks, find_machine
        self.calls: list[tuple[str, str, Json]] = []
        self.background: list[Job] = []
        self.activities: Activities | None = None
        self.obstacles: Mapping[PreparedState, list[Finding]] = {}
        self.runnable: set[str] = set()

    def mock_response(self, state: PreparedState, data: Json) -> Generator[Any, Any, Json] | None:
        """Return the mocked response of a whole Map or Parallel, None if it is not mocked."""
        response = self.mocks.answer(state.name, data)
        return None if response is None else mocked_response(self, response, None)

    def new_execution(
        self, machine: PreparedMachine, value: Json, *, name: str, machine_name: str, is_express: bool = False
    ) -> Execution:
        """Return an execution with an input, not yet started."""
        arn = f"arn:{LOCAL_PARTITION}:states:{LOCAL_REGION}:{LOCAL_ACCOUNT}"
        kind = (
            f"express:{machine_name}:{name}:{uuid(self.random)}" if is_express else f"execution:{machine_name}:{name}"
        )
        return Execution(
            machine=machine,
            name=name,
            machine_name=machine_name,
            input=value,
            history=history.History(self.scheduler.time, max_events(is_express=is_express)),
            scheduler=self.scheduler,
            clock_start=self.start,
            random=self.random,
            arn=f"{arn}:{kind}",
            machine_arn=f"{arn}:stateMachine:{machine_name}",
            role_arn=f"arn:{LOCAL_PARTITION}:iam::{LOCAL_ACCOUNT}:role/{machine_name}",
            is_express=is_express,
            started_at=self.scheduler.now,
        )

    def map_run_changed(self, run: MapRun, status: str) -> None:
        """Take note of a Map Run that starts or ends: a run by itself does not."""

    def earlier_map_run(self, thread: Thread) -> EarlierMapRun | None:
        """Return the Map Run that a redrive goes on with: none, as a run by itself is never redriven."""

    def kept_results(self, thread: Thread) -> Mapping[int, Json]:  # the interface of a redrive
        """Return the results of branches that do not run, by number: none, as a run by itself is never redriven."""
        return {}

    def run_scope(self, thread: Thread, scope: PreparedScope, value: Json) -> Generator[Any, Any, Json]:
        """Run the states of a scope from its first to an end state, and return the output of the last one."""
        return run_scope(self, thread, scope, value)

    def run(self, execution: Execution) -> Generator[Any, Any, Outcome]:
        """Run an execution from its first event to its last, and return its outcome, also if it fails."""
        execution.history.add("ExecutionStarted", 0, history.started, (execution.input, execution.role_arn))
        thread = execution.main_thread = Thread(execution, 0, {})
        return (yield from self.run_states(thread, execution.machine.scope, execution.input))

    def run_states(self, thread: Thread, scope: PreparedScope, value: Json) -> Generator[Any, Any, Outcome]:
        """Run the states of an execution up to its last event, and return its outcome, also if it fails."""
        execution = thread.execution
        try:
            output = yield from run_scope(self, thread, scope, value)
        except StateError as failure:
            return _fail(thread, failure.error, failure.cause, failure.state)
        except RecursionError:
            name = thread.state.name if thread.state else ""
            return _fail(thread, RUNTIME, nesting_error(name).cause, name)
        except HistoryFull:
            if execution.is_express:
                return time_out(execution)
            cause = f"The execution reached the maximum number of history events ({history.MAX_EVENTS})."
            return _fail(thread, RUNTIME, cause)
        thread.record("ExecutionSucceeded", history.with_output, "executionSucceededEventDetails", output, {})
        return Outcome("SUCCEEDED", output)

    def run_nested(self, execution: Execution, timeout: float | None = None) -> Generator[Any, Any, Outcome]:
        """Run an execution inside another's state. It times out by itself; ABORTED if `timeout` seconds pass first."""
        own_deadline = execution.started_at + max_seconds(execution)
        deadline = own_deadline if timeout is None else min(own_deadline, execution.started_at + timeout)
        if deadline == float("inf"):
            return (yield from self.run(execution))
        signal = Signal(deadline)
        job = self.scheduler.start_at_once(self.run(execution), lambda _: self.scheduler.set(signal))
        was_done = job.is_done
        try:
            if not was_done:
                yield signal
            was_done = job.is_done
        finally:
            job.stop()
        if not was_done:
            return time_out(execution) if deadline == own_deadline else Outcome("ABORTED")
        return _outcome_of(job)

    def run_to_end(self, execution: Execution) -> Outcome:
        """Run an execution, and then the executions that it started without waiting for them."""
        job = self.scheduler.start(self.run(execution))
        self.scheduler.run(job, execution.started_at + min(max_seconds(execution), MAX_SECONDS))
        if job.is_done:
            outcome = _outcome_of(job)
        else:
            job.stop()
            outcome = time_out(execution)
        ended = self.scheduler.now
        for background in self.background:
            self.scheduler.run(background, ended + MAX_SECONDS)
            if background.error:
                raise background.error
        self.scheduler.now = ended
        return outcome


def max_events(*, is_express: bool) -> int:
    """Return how many events an execution may have."""
    return MAX_EVENTS_EXPRESS if is_express else history.MAX_EVENTS


def _outcome_of(job: Job) -> Outcome:
    """Return the outcome of a run that is done. Raises an error that does not belong to the workflow."""
    if job.error:
        raise job.error
    return job.result  # type: ignore[no-any-return]  # the return value of LocalEngine.run


def max_seconds(execution: Execution) -> float:
    """Return how long an execution may take."""
    return min(execution.machine.timeout, MAX_SECONDS_EXPRESS if execution.is_express else float("inf"))


def _fail(thread: Thread, error: str | None, cause: str | None, state: str | None = None) -> Outcome:
    thread.record("ExecutionFailed", history.with_error, "executionFailedEventDetails", error, cause, {})
    return Outcome("FAILED", None, error, cause, state)


def time_out(execution: Execution) -> Outcome:
    """End an execution that exceeded the timeout of its state machine. The service reports no error for it.

    No event leads to the last one, as was measured (floci's issue 2965).
    """
    values: tuple[Any, ...] = ("executionTimedOutEventDetails", TIMEOUT, None, {})
    execution.history.add("ExecutionTimedOut", 0, history.with_error, values)
    return Outcome("TIMED_OUT")
