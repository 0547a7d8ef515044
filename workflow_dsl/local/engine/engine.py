"""The engine of one run: what its executions share, and how one begins and ends."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from datetime import datetime
from random import Random
from typing import Any

from workflow_dsl.application.template.resource_types import LOCAL_ACCOUNT, LOCAL_PARTITION, LOCAL_REGION
from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import uuid
from workflow_dsl.local.engine import history
from workflow_dsl.local.engine.branches import map_attempt, parallel_attempt
from workflow_dsl.local.engine.dataflow import too_deep
from workflow_dsl.local.engine.execution import Execution, Outcome, Thread
from workflow_dsl.local.engine.prepared import PreparedMachine, PreparedState
from workflow_dsl.local.engine.states import WAITING, handled, run_scope
from workflow_dsl.local.engine.tasks import respond, task_attempt
from workflow_dsl.local.errors import RUNTIME, TIMEOUT, HistoryFull, StateError
from workflow_dsl.local.scheduler import Job, Scheduler, Signal
from workflow_dsl.local.stand_ins.functions import Function, Handler
from workflow_dsl.local.stand_ins.mocks import Mocks
from workflow_dsl.local.stand_ins.services import Services

LONGEST = 365 * 24 * 3600.0  # seconds; Step Functions quotas, "Maximum execution time" of a Standard workflow
LONGEST_EXPRESS = 300.0  # of an Express one
MOST_EVENTS = 500_000  # of an Express one, whose five minutes would end it where virtual time does not pass

WAITING |= {
    "Task": handled(task_attempt),
    "Parallel": handled(parallel_attempt),
    "Map": handled(map_attempt),
}


class LocalEngine:
    """A run's clock, randomness, functions, services and mocks, and the executions it leads to."""

    def __init__(
        self,
        start: datetime,
        random: Random,
        functions: Mapping[str, Handler | Function],
        services: Services,
        mocks: Mocks,
        workflows: Callable[[str], PreparedMachine | None],
    ) -> None:
        self.scheduler = Scheduler()
        self.start, self.random = start, random
        self.functions, self.services, self.mocks, self.program = functions, services, mocks, workflows
        self.calls: list[tuple[str, str, Json]] = []
        self.background: list[Job] = []

    def mocked(self, node: PreparedState, data: Json) -> Generator[Any, Any, Json] | None:
        """The response that a Map or Parallel is to give instead of running what is in it."""
        response = self.mocks.answer(node.name, data)
        return None if response is None else respond(self, response, None)

    def execution(
        self, program: PreparedMachine, value: Json, *, name: str, machine_name: str, is_express: bool = False
    ) -> Execution:
        """An execution that has not begun."""
        arn = f"arn:{LOCAL_PARTITION}:states:{LOCAL_REGION}:{LOCAL_ACCOUNT}"
        kind = (
            f"express:{machine_name}:{name}:{uuid(self.random)}" if is_express else f"execution:{machine_name}:{name}"
        )
        return Execution(
            program=program,
            name=name,
            machine_name=machine_name,
            input=value,
            history=history.History(lambda: self.scheduler.now, MOST_EVENTS if is_express else history.LIMIT),
            scheduler=self.scheduler,
            clock_start=self.start,
            random=self.random,
            arn=f"{arn}:{kind}",
            machine_arn=f"{arn}:stateMachine:{machine_name}",
            role_arn=f"arn:{LOCAL_PARTITION}:iam::{LOCAL_ACCOUNT}:role/{machine_name}",
            is_express=is_express,
            started_at=self.scheduler.now,
        )

    def run(self, execution: Execution) -> Generator[Any, Any, Outcome]:
        """An execution from its first event to its last; its outcome is returned, not raised."""
        execution.history.add("ExecutionStarted", 0, history.started, execution.input, execution.role_arn)
        branch = execution.top = Thread(execution, 0, {})
        try:
            output = yield from run_scope(self, branch, execution.program.scope, execution.input)
        except StateError as problem:
            return _failed(branch, problem.error, problem.cause, problem.state)
        except RecursionError:
            name = branch.node.name if branch.node else ""
            return _failed(branch, RUNTIME, too_deep(name).cause, name)
        except HistoryFull:
            if execution.is_express:
                return timed_out(execution)
            cause = f"The execution reached the maximum number of history events ({history.LIMIT})."
            return _failed(branch, RUNTIME, cause)
        branch.note("ExecutionSucceeded", history.with_output, "executionSucceededEventDetails", output, {})
        return Outcome("SUCCEEDED", output)

    def run_within(self, execution: Execution, timeout: float | None = None) -> Generator[Any, Any, Outcome]:
        """An execution inside another's task, with its own timeout; ABORTED when the task's comes first."""
        own = execution.started_at + _longest(execution)
        deadline = own if timeout is None else min(own, execution.started_at + timeout)
        if deadline == float("inf"):
            return (yield from self.run(execution))
        signal = Signal(deadline)
        task = self.scheduler.begin(self.run(execution), lambda _: self.scheduler.set(signal))
        was_done = task.is_done
        try:
            if not was_done:
                yield signal
            was_done = task.is_done
        finally:
            task.stop()
        if not was_done:
            return timed_out(execution) if deadline == own else Outcome("ABORTED")
        if task.error:
            raise task.error
        return task.result  # type: ignore[no-any-return]  # what run() returned

    def run_to_end(self, execution: Execution) -> Outcome:
        """Runs an execution, and what it started and did not wait for."""
        task = self.scheduler.start(self.run(execution))
        self.scheduler.run(task, execution.started_at + min(_longest(execution), LONGEST))
        if not task.is_done:
            task.stop()
            outcome = timed_out(execution)
        elif task.error:
            raise task.error
        else:
            outcome = task.result
        ended = self.scheduler.now
        for each in self.background:
            self.scheduler.run(each, ended + LONGEST)
            if each.error:
                raise each.error
        self.scheduler.now = ended
        return outcome


def _longest(execution: Execution) -> float:
    return min(execution.program.timeout, LONGEST_EXPRESS if execution.is_express else float("inf"))


def _failed(branch: Thread, error: str | None, cause: str | None, state: str | None = None) -> Outcome:
    branch.note("ExecutionFailed", history.with_error, "executionFailedEventDetails", error, cause, {})
    return Outcome("FAILED", None, error, cause, state)


def timed_out(execution: Execution) -> Outcome:
    """The end of an execution that took longer than its machine allows. The service gives no error for it."""
    last = execution.top.last if execution.top else 0
    key = "executionTimedOutEventDetails"
    execution.history.add("ExecutionTimedOut", last, history.with_error, key, TIMEOUT, None, {})
    return Outcome("TIMED_OUT")
