"""What the states of a run ask of the engine that runs them."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from datetime import datetime
from random import Random
from typing import Any, Protocol

from workflow_dsl.definition.json import Json
from workflow_dsl.local.engine.execution import Execution, Outcome
from workflow_dsl.local.engine.prepared import PreparedMachine, PreparedState
from workflow_dsl.local.scheduler import Job, Scheduler
from workflow_dsl.local.stand_ins.functions import Function, Handler
from workflow_dsl.local.stand_ins.mocks import Mocks
from workflow_dsl.local.stand_ins.services import Services


class Engine(Protocol):
    """A run's clock, randomness, functions, services and mocks, and the executions it leads to."""

    scheduler: Scheduler
    start: datetime
    random: Random
    functions: Mapping[str, Handler | Function]
    services: Services
    mocks: Mocks
    calls: list[tuple[str, str, Json]]
    background: list[Job]

    def program(self, name: str) -> PreparedMachine | None:
        """The workflow that `states:startExecution` may start under a name."""

    def mocked(self, node: PreparedState, data: Json) -> Generator[Any, Any, Json] | None:
        """The response that a Map or Parallel is to give instead of running what is in it."""

    def execution(
        self, program: PreparedMachine, value: Json, *, name: str, machine_name: str, is_express: bool = False
    ) -> Execution:
        """An execution that has not begun."""

    def run(self, execution: Execution) -> Generator[Any, Any, Outcome]:
        """An execution from its first event to its last; its outcome is returned, not raised."""

    def run_within(self, execution: Execution, timeout: float | None = None) -> Generator[Any, Any, Outcome]:
        """An execution inside another's task, with its own timeout; ABORTED when the task's comes first."""
