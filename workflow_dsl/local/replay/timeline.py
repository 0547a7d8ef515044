"""The states that an execution visited, read from its event history: input, output, calls, and what is nested in them.

The events are one list in which those of branches and iterations alternate. Here each visit is in its own branch or
iteration, so that executions can be compared whose events came in another order.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine
from workflow_dsl.local.engine.events import (
    FAILED,
    ITERATION,
    MAP_RUN,
    MAP_RUN_FAILED,
    MAP_RUN_SUCCEEDED,
    SCHEDULED,
    SUCCEEDED,
    details_of,
    error_of,
    previous_of,
    time_of,
)
from workflow_dsl.local.stand_ins.mocks import BranchPath
from workflow_dsl.records import Record, field
from workflow_dsl.regexes import lazy_regex

UNKNOWN = object()  # a value that the history lacks or has truncated

_INTEGRATION = lazy_regex(r"^arn:[^:]+:states:::")


class RecordedCall(Record, frozen=False):
    """A call of a task: its input, its result or its error and cause, and its duration in seconds."""

    input: Json
    started: datetime | None
    resource: str = ""  # as the event has it
    branch_path: BranchPath = ()
    result: Json = UNKNOWN
    error: str | None = None
    cause: str = ""
    has_token: bool = False  # the input contains a task token, which differs in every execution
    duration: float = 0
    timeout: float | None = None  # seconds
    has_ended: bool = False
    has_timed_out: bool = False

    def end(self, at: datetime | None) -> None:
        """Record the end of the call."""
        duration = (at - self.started).total_seconds() if at and self.started else 0
        self.duration = max(0, duration if self.timeout is None else min(duration, self.timeout))
        self.has_ended = True


class Visit(Record, frozen=False):
    """One visit to a state: its input, its output once it was exited, its calls, and the variables that it assigned.

    `nested` has the visits inside it, by attempt and branch of a Parallel or attempt and iteration of a Map. The items
    of a distributed Map have executions of their own, so it has `map_runs` instead.
    """

    name: str
    type: str
    input: Json
    scope: tuple[Visit | None, int]  # the visit around it, and its branch or iteration there
    branch_path: BranchPath = ()
    output: Json = UNKNOWN
    has_exited: bool = False
    has_failed: bool = False  # a Parallel or Map with a failed branch or iteration
    calls: list[RecordedCall] = field(default_factory=list)
    map_runs: list[RecordedCall] = field(default_factory=list)
    attempt: int = 0  # the last attempt of a Parallel or Map
    nested: dict[tuple[int, int], list[Visit]] = field(default_factory=dict)
    variables: dict[str, Json] = field(default_factory=dict)

    @property
    def was_interrupted(self) -> bool:
        """True if it was stopped from outside: by the failure of another branch, or with the whole execution."""
        if self.has_exited:
            return False
        if self.calls or self.map_runs:
            return not (self.calls or self.map_runs)[-1].has_ended
        ends = [visits[-1] for (attempt, _), visits in self.nested.items() if attempt == self.attempt]
        interrupted = [end.was_interrupted for end in ends if not end.has_exited]
        return self.type == "Wait" or (bool(interrupted) and all(interrupted))

    def has_failed_at(self, attempt: int) -> bool:
        """True if an attempt of a Parallel or Map failed, which stops its other branches or iterations."""
        return self.has_failed or attempt < self.attempt


def read_visits(events: Iterable[Mapping[str, Any]], machine: Machine) -> list[Visit]:
    """Return the visits to the top-level states of a machine, in order; `events` are in boto3's form."""
    return _Reader(machine).read(events)


class _Reader:
    """Assigns each event to a visit: an event links to the one before it, and the machine says which states nest."""

    def __init__(self, machine: Machine) -> None:
        self._owners = owners_of(machine)
        self._with_retry = {state.name for state in machine.walk() if state.fields.get("Retry")}
        self._top: list[Visit] = []
        self._visit: dict[int, Visit | None] = {0: None}  # by event
        self._scope: dict[int, tuple[Visit | None, int]] = {0: (None, 0)}

    def read(self, events: Iterable[Mapping[str, Any]]) -> list[Visit]:
        for event in events:
            number, previous, type_ = event["id"], previous_of(event), str(event["type"])
            self._visit[number], self._scope[number] = self._visit.get(previous), self._scope.get(previous, (None, 0))
            details = details_of(event)
            if type_.endswith("StateEntered"):
                self._enter(number, previous, type_.removesuffix("StateEntered"), details)
            elif type_.endswith("StateExited"):
                self._exit(number, previous, details)
            elif type_ == ITERATION:
                self._scope[number] = (self._open(previous, str(details.get("name"))), details.get("index") or 0)
            elif type_ in ("ParallelStateStarted", "MapStateStarted"):
                self._retry(number, previous, type_.removesuffix("StateStarted"))
            elif type_ in ("ParallelStateFailed", "MapStateFailed"):
                self._fail(number, previous, type_.removesuffix("StateFailed"))
            elif (visit := self._visit[number]) is not None:
                _record_call(visit, type_, time_of(event), details)
        return self._top

    def _enter(self, number: int, previous: int, type_: str, details: Mapping[str, Any]) -> None:
        name = str(details.get("name"))
        owner, branch = self._owners.get(name, (None, None))
        parent = self._open(previous, owner) if owner is not None else None
        index = branch if branch is not None else self._iteration(previous, parent)
        scope = (parent, index if parent is not None else 0)
        branch_path = () if parent is None else (*parent.branch_path, (parent.attempt, index))
        visit = Visit(name, type_, _value(details, "input"), scope, branch_path)
        self._visits_in(scope).append(visit)
        self._visit[number], self._scope[number] = visit, scope

    def _exit(self, number: int, previous: int, details: Mapping[str, Any]) -> None:
        visit = self._open(previous, str(details.get("name")))
        if visit is not None:
            visit.output, visit.has_exited = _value(details, "output"), True
            if not (details.get("assignedVariablesDetails") or {}).get("truncated"):
                assigned = details.get("assignedVariables") or {}
                visit.variables = {name: _parsed(text) for name, text in assigned.items() if isinstance(text, str)}
            self._visit[number], self._scope[number] = visit, visit.scope

    def _fail(self, number: int, previous: int, kind: str) -> None:
        """Record that a Parallel or Map failed: the innermost one around the event before."""
        visit = next((outer for outer in self._around(previous) if outer.type == kind and not outer.has_failed), None)
        if visit is not None:
            visit.has_failed = True
            self._visit[number], self._scope[number] = visit, visit.scope

    def _retry(self, number: int, previous: int, kind: str) -> None:
        """Record another attempt of a Parallel or Map; its first event links to the one of the failure."""
        visit = self._visit.get(previous)
        if visit is None or (visit.type == kind and not visit.nested):
            return
        for outer in self._around(previous):
            if outer.type == kind and outer.name in self._with_retry and not outer.has_failed and not outer.has_exited:
                outer.attempt += 1
                self._visit[number], self._scope[number] = outer, outer.scope
                return

    def _open(self, previous: int, name: str) -> Visit | None:
        """The visit to a state that the event before belongs to: directly, or nested in it."""
        return next((visit for visit in self._around(previous) if visit.name == name), None)

    def _around(self, previous: int) -> Iterator[Visit]:
        """The visit that the event before belongs to, and those around it, innermost first."""
        visit, (parent, _) = self._visit.get(previous), self._scope.get(previous, (None, 0))
        if visit is not None:
            yield visit
        while parent is not None:
            yield parent
            parent, _ = parent.scope

    def _iteration(self, previous: int, parent: Visit | None) -> int:
        """The iteration of a Map that the event before belongs to."""
        scope = self._scope.get(previous, (None, 0))
        while scope[0] is not None and scope[0] is not parent:
            scope = scope[0].scope
        return scope[1]

    def _visits_in(self, scope: tuple[Visit | None, int]) -> list[Visit]:
        parent, index = scope
        return self._top if parent is None else parent.nested.setdefault((parent.attempt, index), [])


def _record_call(visit: Visit, type_: str, at: datetime | None, details: Mapping[str, Any]) -> None:
    """Record what an event contains about the calls of a state."""
    calls = visit.map_runs if type_.startswith("MapRun") else visit.calls
    if type_ == MAP_RUN:
        calls.append(RecordedCall(UNKNOWN, at))
    elif type_ in SCHEDULED:
        call_input = _value(details, "parameters" if "parameters" in details else "input")
        kind, action = details.get("resourceType"), str(details.get("resource"))
        # An emulator may have the whole ARN here, of a function or of the integration.
        resource = _INTEGRATION.sub("", f"{kind}:{action}" if kind and not action.startswith("arn:") else action)
        call = RecordedCall(call_input, at, resource, visit.branch_path, has_token=action.endswith(".waitForTaskToken"))
        call.timeout = details.get("timeoutInSeconds")
        calls.append(call)
    elif calls and type_ in (*SUCCEEDED, *FAILED, MAP_RUN_SUCCEEDED, *MAP_RUN_FAILED):
        calls[-1].end(at)
        if type_ in (*FAILED, *MAP_RUN_FAILED):
            calls[-1].error, calls[-1].cause = error_of(type_, details), str(details.get("cause") or "")
            calls[-1].has_timed_out = type_.endswith("TimedOut") and calls[-1].error == "States.Timeout"
        else:
            calls[-1].result = _value(details, "output")


def owners_of(machine: Machine) -> dict[str, tuple[str | None, int | None]]:
    """Return the Parallel or Map around each state, and the index of its branch; None for the branch of a Map."""
    owners: dict[str, tuple[str | None, int | None]] = {}
    for scope in machine.scopes():
        owner = scope.owner.name if scope.owner else None
        last = scope.keys[-1] if scope.keys else None
        owners.update((name, (owner, last if isinstance(last, int) else None)) for name in scope.states)
    return owners


def _value(details: Mapping[str, Any], name: str) -> Json:
    """The input or output in an event's details; UNKNOWN if they lack it or truncate it."""
    text = details.get(name)
    if not isinstance(text, str) or (details.get(f"{name}Details") or {}).get("truncated"):
        return UNKNOWN
    return _parsed(text)


def _parsed(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return text


def all_visits(visits: Iterable[Visit]) -> Iterator[Visit]:
    """Yield all visits, nested ones directly after the one around them."""
    for visit in visits:
        yield visit
        for visits_inside in visit.nested.values():
            yield from all_visits(visits_inside)


def entry_counts(visits: Iterable[Visit]) -> dict[str, tuple[int, bool]]:
    """Return by state how often it was entered, nested states included, and whether every visit was exited."""
    counts: dict[str, tuple[int, bool]] = {}
    for visit in all_visits(visits):
        count, have_exited = counts.get(visit.name, (0, True))
        counts[visit.name] = (count + 1, have_exited and visit.has_exited)
    return counts
