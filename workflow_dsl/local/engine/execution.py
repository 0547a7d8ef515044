"""An execution on its way: what all its branches share, and what each branch has for itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.jsonpath import parse_path
from workflow_dsl.expressions.timestamps import iso
from workflow_dsl.local.engine.history import History, Shape
from workflow_dsl.local.engine.prepared import PreparedMachine, PreparedState
from workflow_dsl.local.scheduler import Scheduler
from workflow_dsl.local.stand_ins.mocks import BranchPath


class FailedItem(NamedTuple):
    """An item, or a batch of them, of a distributed Map whose execution failed."""

    map: str
    number: int
    error: str | None
    cause: str | None


@dataclass(slots=True)
class Execution:
    """One execution of a state machine: the running one, one nested in it, or a child of a distributed Map."""

    program: PreparedMachine
    name: str
    machine_name: str
    input: Json
    history: History
    scheduler: Scheduler
    clock_start: datetime
    random: Random
    arn: str
    machine_arn: str
    role_arn: str
    is_express: bool = False
    started_at: float = 0.0
    extra: Mapping[str, Json] = field(default_factory=dict)
    trail: list[str] = field(default_factory=list)
    covered: set[tuple[str | int, ...]] = field(default_factory=set)
    failed_items: list[FailedItem] = field(default_factory=list)
    top: Thread | None = None

    def moment(self) -> datetime:
        return self.moment_of(self.scheduler.now)

    def moment_of(self, seconds: float) -> datetime:
        return self.clock_start + timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an execution ended."""

    status: str
    output: Json = None
    error: str | None = None
    cause: str | None = None
    state: str | None = None  # the one that failed


def described(execution: Execution, outcome: Outcome, shown: Callable[[Json], Json]) -> dict[str, Json]:
    """An execution that has ended as DescribeExecution tells it; `shown` is how input and output are given."""
    found = {
        "ExecutionArn": execution.arn,
        "Input": shown(execution.input),
        "InputDetails": {"Included": True},
        "Name": execution.name,
        "StartDate": iso(execution.moment_of(execution.started_at)),
        "StateMachineArn": execution.machine_arn,
        "Status": outcome.status,
        "StopDate": iso(execution.moment()),
    }
    if outcome.status == "SUCCEEDED":
        return {**found, "Output": shown(outcome.output), "OutputDetails": {"Included": True}}
    said = {"Error": outcome.error, "Cause": outcome.cause}
    return {**found, **{name: value for name, value in said.items() if value is not None}}


class Thread:
    """One thread of control: the top of an execution, a Parallel's branch, or an iteration of a Map."""

    __slots__ = (
        *("before_entry", "entered_at", "entered_id", "execution", "is_shared", "item", "last", "node"),
        *("random", "retries", "token", "variables", "within"),
    )

    def __init__(
        self, execution: Execution, last: int, variables: Mapping[str, Json], *, is_shared: bool = False
    ) -> None:
        self.execution = execution
        self.random = execution.random
        self.last = last  # the event that the next one follows
        self.variables = variables
        self.is_shared = is_shared  # whether others take turns with it
        self.item: Json = None
        self.within: BranchPath = ()
        self.token: str | None = None
        self.retries = 0
        self.node: PreparedState | None = None
        self.entered_id = self.before_entry = last
        self.entered_at = 0.0

    def inner(self, last: int, number: int, *, is_shared: bool) -> Thread:
        """A branch inside this one: it sees this one's variables, and assigns its own."""
        branch = Thread(self.execution, last, self.variables, is_shared=is_shared)
        branch.item = self.item
        branch.within = (*self.within, (self.retries, number))
        return branch

    def note(self, type_: str, shape: Shape | None = None, *values: Any) -> int:
        """Notes an event that the next one follows."""
        self.last = self.execution.history.add(type_, self.last, shape, *values)
        return self.last

    def note_aside(self, type_: str, shape: Shape | None = None, *values: Any) -> int:
        """Notes an event that the next one does not follow, as the service does at the end of a Map or Parallel."""
        return self.execution.history.add(type_, self.last, shape, *values)

    def enter(self, node: PreparedState, shape: Shape, value: Json) -> None:
        execution = self.execution
        self.before_entry = self.last
        self.last = self.entered_id = execution.history.add(node.entered_type, self.last, shape, node.name, value)
        self.entered_at = execution.scheduler.now
        self.node, self.retries, self.token = node, 0, None
        execution.trail.append(node.name)

    def read(self, path: str, data: Json) -> Json:
        """What a path refers to. Raises PathNotFound or EvaluationProblem."""
        return parse_path(path).read(data, self.context, self.variables)

    def executing(self, node: PreparedState) -> str:
        return (
            f"An error occurred while executing the state '{node.name}' (entered at the event id #{self.entered_id})."
        )

    def moment(self) -> datetime:
        return self.execution.moment()

    def context(self) -> dict[str, Json]:
        """The context object: `$$`, or `$states.context`."""
        execution = self.execution
        found: dict[str, Json] = {
            "Execution": {
                "Id": execution.arn,
                "Input": execution.input,
                "StartTime": iso(execution.clock_start + timedelta(seconds=execution.started_at)),
                "Name": execution.name,
                "RoleArn": execution.role_arn,
                "RedriveCount": 0,
            },
            "StateMachine": {"Id": execution.machine_arn, "Name": execution.machine_name},
            **execution.extra,
        }
        if self.node:
            entered = execution.clock_start + timedelta(seconds=self.entered_at)
            found["State"] = {"Name": self.node.name, "EnteredTime": iso(entered)}
            if self.node.type in ("Task", "Parallel", "Map"):
                found["State"]["RetryCount"] = self.retries
        if self.item is not None:
            found["Map"] = {"Item": self.item}
        if self.token is not None:
            found["Task"] = {"Token": self.token}
        return found
