"""The interface of the engine to the states that it runs."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from datetime import datetime
from random import Random
from typing import Any, Protocol

from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding
from workflow_dsl.local.engine.execution import Execution, Outcome, Thread
from workflow_dsl.local.engine.prepared import PreparedMachine, PreparedScope, PreparedState
from workflow_dsl.local.lambda_functions.functions import Function, Handler
from workflow_dsl.local.scheduler import Job, Scheduler
from workflow_dsl.local.stand_ins.mocks import Mocks
from workflow_dsl.local.stand_ins.services import Services
from workflow_dsl.records import Record


class Activities(Protocol):
    """The tasks of activities that workers outside of the run take."""

    def offer(self, arn: str, token: str, value: Json, on_taken: Callable[[str | None], None]) -> None:
        """Offer a task to the workers of an activity; `on_taken` gets the name of the one that takes it, if any."""


class MapRun(Protocol):
    """A Map Run: its ARN, the thread of the Map state, and its numbers."""

    arn: str
    thread: Thread
    state: PreparedState
    items: int
    limits: tuple[int, int, float]  # its concurrency, and the count and percentage of failures that it tolerates
    tolerated: float

    def resize(self, concurrency: int) -> None:
        """Run so many children at once from now on; 0 is as many as the service does."""


class EarlierMapRun(Record):
    """A Map Run that a redrive goes on with: its ARN, the number of its redrives, and the children that succeeded.

    They are the outputs by number, and the descriptions as DescribeExecution has them.
    """

    arn: str
    redrive_count: int
    results: Mapping[int, Json]
    descriptions: Mapping[int, dict[str, Json]]


class Engine(Protocol):
    """The clock, randomness, functions, services and mocks of a run, and the executions in it."""

    scheduler: Scheduler
    start: datetime
    random: Random
    functions: Mapping[str, Handler | Function]
    services: Services
    mocks: Mocks
    calls: list[tuple[str, str, Json]]
    background: list[Job]
    activities: Activities | None  # None where no worker is outside of the run
    obstacles: Mapping[PreparedState, list[Finding]]  # of states that cannot make their call
    runnable: set[str]  # the functions, as states name them, that are known to have a handler that can run here

    def find_machine(self, name: str) -> PreparedMachine | None:
        """Return the state machine that `states:startExecution` starts, None if there is none.

        A name may be followed by a version or an alias: `orders:3`.
        """

    def mock_response(self, state: PreparedState, data: Json) -> Generator[Any, Any, Json] | None:
        """Return the mocked response of a whole Map or Parallel, None if it is not mocked."""

    def new_execution(
        self, machine: PreparedMachine, value: Json, *, name: str, machine_name: str, is_express: bool = False
    ) -> Execution:
        """Return an execution with an input, not yet started."""

    def map_run_changed(self, run: MapRun, status: str) -> None:
        """Take note of a Map Run that starts (RUNNING), or that ends."""

    def earlier_map_run(self, thread: Thread) -> EarlierMapRun | None:
        """Return the Map Run of the state that a redrive goes on with, None if it begins a new one."""

    def kept_results(self, thread: Thread) -> Mapping[int, Json]:
        """Return the results, by number, of the branches or iterations that a redrive does not run again."""

    def run_scope(self, thread: Thread, scope: PreparedScope, value: Json) -> Generator[Any, Any, Json]:
        """Run the states of a scope from its first to an end state, and return the output of the last one."""

    def run_nested(self, execution: Execution, timeout: float | None = None) -> Generator[Any, Any, Outcome]:
        """Run an execution inside another's state. It times out by itself; ABORTED if `timeout` seconds pass first."""
