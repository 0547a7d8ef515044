"""A running execution: the data that its branches share, and the data of each branch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.jsonpath import parse_path
from workflow_dsl.expressions.timestamps import format_timestamp
from workflow_dsl.local.engine.history import History, Shape, entered, exited
from workflow_dsl.local.engine.prepared import PreparedMachine, PreparedState
from workflow_dsl.local.errors import StateError
from workflow_dsl.local.scheduler import Scheduler
from workflow_dsl.local.stand_ins.mocks import BranchPath
from workflow_dsl.records import Record, field


class FailedItem(Record):
    """An item, or a batch of items, of a distributed Map whose child execution failed."""

    map: str
    number: int
    error: str | None
    cause: str | None


class Execution(Record, frozen=False):
    """One execution of a state machine: the top one, one that it starts, or a child of a distributed Map."""

    machine: PreparedMachine
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
    extra_context: Mapping[str, Json] = field(default_factory=dict)
    trail: list[str] = field(default_factory=list)
    covered: set[tuple[str | int, ...]] = field(default_factory=set)
    failed_items: list[FailedItem] = field(default_factory=list)
    main_thread: Thread | None = None
    map_run: str | None = None  # the ARN of the Map Run that a child execution belongs to
    weight: int = 0  # the number of items that it has
    number: int = 0  # of its item, or batch of items

    def moment(self) -> datetime:
        """Return the present virtual time."""
        return self.moment_of(self.scheduler.now)

    def moment_of(self, seconds: float) -> datetime:
        """Return the time so many virtual seconds after the start of the clock."""
        return self.clock_start + timedelta(seconds=seconds)


class Outcome(Record):
    """The end of an execution: its status, and its output or error."""

    status: str
    output: Json = None
    error: str | None = None
    cause: str | None = None
    state: str | None = None  # the one that failed


def describe_execution(execution: Execution, outcome: Outcome, render: Callable[[Json], Json]) -> dict[str, Json]:
    """Return an execution that has ended as DescribeExecution does; `render` converts its input and its output."""
    description = {
        "ExecutionArn": execution.arn,
        "Input": render(execution.input),
        "InputDetails": {"Included": True},
        "Name": execution.name,
        "StartDate": format_timestamp(execution.moment_of(execution.started_at)),
        "StateMachineArn": execution.machine_arn,
        "Status": outcome.status,
        "StopDate": format_timestamp(execution.moment()),
    }
    if outcome.status == "SUCCEEDED":
        return {**description, "Output": render(outcome.output), "OutputDetails": {"Included": True}}
    failure = {"Error": outcome.error, "Cause": outcome.cause}
    return {**description, **{name: value for name, value in failure.items() if value is not None}}


class Thread:
    """One thread of control: the top level of an execution, a branch of a Parallel, or an iteration of a Map."""

    __slots__ = (
        *("before_entry", "branch_path", "entered_id", "execution", "is_shared", "item", "last_event"),
        *("earlier_retries", "random", "retries", "state", "token", "variables"),
    )

    def __init__(
        self, execution: Execution, last_event: int, variables: Mapping[str, Json], *, is_shared: bool = False
    ) -> None:
        self.execution = execution
        self.random = execution.random
        self.last_event = last_event  # the ID of the event that the next one links to
        self.variables = variables
        self.is_shared = is_shared  # True if other threads take turns with this one
        self.item: Json = None
        self.branch_path: BranchPath = ()
        self.token: str | None = None
        self.retries = 0
        self.earlier_retries = 0  # that each retrier counts before it handles its first error
        self.state: PreparedState | None = None
        self.entered_id = self.before_entry = last_event

    def fork(self, last_event: int, number: int, *, is_shared: bool) -> Thread:
        """Return a thread for a branch or an iteration: it sees this thread's variables and assigns its own."""
        thread = Thread(self.execution, last_event, self.variables, is_shared=is_shared)
        thread.item = self.item
        thread.branch_path = (*self.branch_path, (self.retries, number))
        return thread

    def record(self, type_: str, shape: Shape | None = None, *values: Any) -> int:
        """Record an event, which the next event links to, and return its ID."""
        self.last_event = self.execution.history.add(type_, self.last_event, shape, values)
        return self.last_event

    def record_without_link(self, type_: str, shape: Shape | None = None, *values: Any) -> int:
        """Record an event that the next event does not link to, as the service does at the end of a Map or Parallel."""
        return self.execution.history.add(type_, self.last_event, shape, values)

    def enter(self, state: PreparedState, value: Json) -> None:
        """Record that this thread enters a state, and reset what belongs to a single visit."""
        execution, before, name = self.execution, self.last_event, state.name
        self.before_entry = before
        self.last_event = self.entered_id = execution.history.add(state.entered_type, before, entered, (name, value))
        self.state, self.retries, self.token = state, 0, None
        execution.trail.append(name)

    def leave(self, state: PreparedState, output: Json, assigned: dict[str, Json] | None) -> None:
        """Record that this thread leaves a state."""
        values = (state.name, output, assigned)
        self.last_event = self.execution.history.add(state.exited_type, self.last_event, exited, values)

    def pass_through(self, state: PreparedState, value: Json) -> None:
        """Record that this thread enters a state and leaves it with its input as its output."""
        execution = self.execution
        number = execution.history.add_visit(state.visit_types, self.last_event, state.name, value)
        if not number:
            self.enter(state, value)
            self.leave(state, value, None)
            return
        self.state, self.entered_id, self.last_event = state, number - 1, number
        execution.trail.append(state.name)

    def note(self, step: str, value: Json) -> None:
        """Take note of the data after a step of a state's input and output processing: only a test of a state does."""

    def before_retry(self, failure: StateError, delay: float) -> None:
        """Get the seconds until a retry, without jitter: a test of a state ends here, with the failure."""

    def read(self, path: str, data: Json) -> Json:
        """Return the value at a path. Raises PathNotFound or EvaluationProblem."""
        return parse_path(path).read(data, self.context, self.variables)

    def error_prefix(self, state: PreparedState) -> str:
        """Return the beginning of the causes of the service's own errors."""
        return (
            f"An error occurred while executing the state '{state.name}' (entered at the event id #{self.entered_id})."
        )

    def moment(self) -> datetime:
        """Return the present virtual time."""
        return self.execution.moment()

    def context(self) -> dict[str, Json]:
        """Return the context object: `$$`, or `$states.context`."""
        execution = self.execution
        context: dict[str, Json] = {
            "Execution": {
                "Id": execution.arn,
                "Input": execution.input,
                "StartTime": format_timestamp(execution.clock_start + timedelta(seconds=execution.started_at)),
                "Name": execution.name,
                "RoleArn": execution.role_arn,
                "RedriveCount": 0,
            },
            "StateMachine": {"Id": execution.machine_arn, "Name": execution.machine_name},
            **execution.extra_context,
        }
        if self.state:
            moment = execution.moment_of(execution.history.events[self.entered_id - 1].time)
            context["State"] = {"Name": self.state.name, "EnteredTime": format_timestamp(moment)}
            if self.state.counts_retries:
                context["State"]["RetryCount"] = self.retries
        if self.item is not None:
            context["Map"] = {"Item": self.item}
        if self.token is not None:
            context["Task"] = {"Token": self.token}
        return context
