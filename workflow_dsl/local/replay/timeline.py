"""A history as what a person asks of it: which states were visited, with what in and out, and what they called.

The service's events are one list, in which branches and iterations are mingled; here each is in its own place, so that
two executions can be compared though their events came in another order.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
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

UNKNOWN = object()  # a value that a history has not, or only the beginning of

_INTEGRATION = re.compile(r"^arn:[^:]+:states:::")


@dataclass
class RecordedCall:
    """A call of a task: what it was given, and its result, or the error and cause that it failed with, in seconds."""

    given: Json
    began: datetime | None
    resource: str = ""  # what is called, as the event has it
    within: BranchPath = ()  # the branches and iterations around it
    result: Json = UNKNOWN
    error: str | None = None
    cause: str = ""
    has_token: bool = False  # whether a task token is in what it was given, which is another one each time
    took: float = 0
    limit: float | None = None  # seconds after which it would have timed out
    has_ended: bool = False
    has_timed_out: bool = False

    def end(self, at: datetime | None) -> None:
        """Notes when it ended."""
        took = (at - self.began).total_seconds() if at and self.began else 0
        self.took = max(0, took if self.limit is None else min(took, self.limit))
        self.has_ended = True


@dataclass
class Visit:
    """A state that was entered: its input, its output where it was left, and its calls.

    `inner` are the visits inside it by attempt and branch of a Parallel, or attempt and iteration of a Map; a
    distributed Map's items have executions of their own, and it has `runs` instead. `assigned` are the variables that
    it set.
    """

    name: str
    type: str
    given: Json
    scope: tuple[Visit | None, int]
    within: BranchPath = ()  # the branches and iterations around it
    output: Json = UNKNOWN
    has_left: bool = False
    has_failed: bool = False  # a Parallel or Map of which a branch or an iteration failed
    calls: list[RecordedCall] = field(default_factory=list)
    runs: list[RecordedCall] = field(default_factory=list)
    attempt: int = 0  # the last one of a Parallel or Map that was retried
    inner: dict[tuple[int, int], list[Visit]] = field(default_factory=dict)
    assigned: dict[str, Json] = field(default_factory=dict)

    @property
    def was_cut(self) -> bool:
        """Whether it was stopped from outside: by a branch beside it that failed, or with the whole execution."""
        if self.has_left:
            return False
        if self.calls or self.runs:
            return not (self.calls or self.runs)[-1].has_ended
        ends = [visits[-1] for (attempt, _), visits in self.inner.items() if attempt == self.attempt]
        inside = [end.was_cut for end in ends if not end.has_left]
        return self.type == "Wait" or (bool(inside) and all(inside))

    def has_failed_at(self, attempt: int) -> bool:
        """Whether an attempt of a Parallel or Map failed, which cut off what was still going on in it."""
        return self.has_failed or attempt < self.attempt


def visits_of(events: Iterable[Mapping[str, Any]], machine: Machine) -> list[Visit]:
    """The visits of an execution at the top of its machine, in order; the events as boto3 gives them."""
    return _Reader(machine).read(events)


class _Reader:
    """Where each event belongs: the service says which event it follows, and the machine what is inside what."""

    def __init__(self, machine: Machine) -> None:
        self._owner = _owners(machine)
        self._retried = {state.name for state in machine.walk() if state.fields.get("Retry")}
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
                self._leave(number, previous, details)
            elif type_ == ITERATION:
                self._scope[number] = (self._open(previous, str(details.get("name"))), details.get("index") or 0)
            elif type_ in ("ParallelStateStarted", "MapStateStarted"):
                self._retry(number, previous, type_.removesuffix("StateStarted"))
            elif type_ in ("ParallelStateFailed", "MapStateFailed"):
                self._fail(number, previous, type_.removesuffix("StateFailed"))
            elif (visit := self._visit[number]) is not None:
                _call(visit, type_, time_of(event), details)
        return self._top

    def _enter(self, number: int, previous: int, type_: str, details: Mapping[str, Any]) -> None:
        name = str(details.get("name"))
        owner, branch = self._owner.get(name, (None, None))
        inside = self._open(previous, owner) if owner is not None else None
        index = branch if branch is not None else self._iteration(previous, inside)
        scope = (inside, index if inside is not None else 0)
        within = () if inside is None else (*inside.within, (inside.attempt, index))
        visit = Visit(name, type_, _value(details, "input"), scope, within)
        self._list(scope).append(visit)
        self._visit[number], self._scope[number] = visit, scope

    def _leave(self, number: int, previous: int, details: Mapping[str, Any]) -> None:
        visit = self._open(previous, str(details.get("name")))
        if visit is not None:
            visit.output, visit.has_left = _value(details, "output"), True
            if not (details.get("assignedVariablesDetails") or {}).get("truncated"):
                assigned = details.get("assignedVariables") or {}
                visit.assigned = {name: _parsed(text) for name, text in assigned.items() if isinstance(text, str)}
            self._visit[number], self._scope[number] = visit, visit.scope

    def _fail(self, number: int, previous: int, kind: str) -> None:
        """Notes that a Parallel or Map failed: the innermost around what its failure follows."""
        visit = next((each for each in self._around(previous) if each.type == kind and not each.has_failed), None)
        if visit is not None:
            visit.has_failed = True
            self._visit[number], self._scope[number] = visit, visit.scope

    def _retry(self, number: int, previous: int, kind: str) -> None:
        """Notes another attempt of a Parallel or Map: the service has its first event follow the one that failed."""
        visit = self._visit.get(previous)
        if visit is None or (visit.type == kind and not visit.inner):
            return
        for each in self._around(previous):
            if each.type == kind and each.name in self._retried and not each.has_failed and not each.has_left:
                each.attempt += 1
                self._visit[number], self._scope[number] = each, each.scope
                return

    def _open(self, previous: int, name: str) -> Visit | None:
        """The visit of a state that an event is in: the one it follows, or one around it."""
        return next((visit for visit in self._around(previous) if visit.name == name), None)

    def _around(self, previous: int) -> Iterator[Visit]:
        """The visit that an event follows, and those around it, from the inside."""
        visit, (inside, _) = self._visit.get(previous), self._scope.get(previous, (None, 0))
        if visit is not None:
            yield visit
        while inside is not None:
            yield inside
            inside, _ = inside.scope

    def _iteration(self, previous: int, inside: Visit | None) -> int:
        """The iteration of a Map that an event is in."""
        scope = self._scope.get(previous, (None, 0))
        while scope[0] is not None and scope[0] is not inside:
            scope = scope[0].scope
        return scope[1]

    def _list(self, scope: tuple[Visit | None, int]) -> list[Visit]:
        inside, index = scope
        return self._top if inside is None else inside.inner.setdefault((inside.attempt, index), [])


def _call(visit: Visit, type_: str, at: datetime | None, details: Mapping[str, Any]) -> None:
    """Notes what an event says of the calls of a state."""
    calls = visit.runs if type_.startswith("MapRun") else visit.calls
    if type_ == MAP_RUN:
        calls.append(RecordedCall(UNKNOWN, at))
    elif type_ in SCHEDULED:
        given = _value(details, "parameters" if "parameters" in details else "input")
        kind, resource = details.get("resourceType"), str(details.get("resource"))
        # An emulator may have the whole ARN here, of a function or of the integration.
        called = _INTEGRATION.sub("", f"{kind}:{resource}" if kind and not resource.startswith("arn:") else resource)
        call = RecordedCall(given, at, called, visit.within, has_token=resource.endswith(".waitForTaskToken"))
        call.limit = details.get("timeoutInSeconds")
        calls.append(call)
    elif calls and type_ in (*SUCCEEDED, *FAILED, MAP_RUN_SUCCEEDED, *MAP_RUN_FAILED):
        calls[-1].end(at)
        if type_ in (*FAILED, *MAP_RUN_FAILED):
            calls[-1].error, calls[-1].cause = error_of(type_, details), str(details.get("cause") or "")
            calls[-1].has_timed_out = type_.endswith("TimedOut") and calls[-1].error == "States.Timeout"
        else:
            calls[-1].result = _value(details, "output")


def _owners(machine: Machine) -> dict[str, tuple[str | None, int | None]]:
    """The state around each state, and the branch of it; a Map has but one."""
    found: dict[str, tuple[str | None, int | None]] = {}
    for scope in machine.scopes():
        owner = scope.owner.name if scope.owner else None
        last = scope.keys[-1] if scope.keys else None
        found.update((name, (owner, last if isinstance(last, int) else None)) for name in scope.states)
    return found


def _value(details: Mapping[str, Any], name: str) -> Json:
    """What an event says that came in or out; NOT_TOLD where it does not, or cuts it off."""
    text = details.get(name)
    if not isinstance(text, str) or (details.get(f"{name}Details") or {}).get("truncated"):
        return UNKNOWN
    return _parsed(text)


def _parsed(text: str) -> Json:
    try:
        return json.loads(text)
    except ValueError:
        return text


def every(visits: Iterable[Visit]) -> Iterator[Visit]:
    """All visits, those inside others right after these."""
    for visit in visits:
        yield visit
        for inner in visit.inner.values():
            yield from every(inner)


def entered(visits: Iterable[Visit]) -> dict[str, tuple[int, bool]]:
    """How often each state was entered, nested ones included, and whether it was left every time, be it by its end."""
    found: dict[str, tuple[int, bool]] = {}
    for visit in every(visits):
        times, is_left = found.get(visit.name, (0, True))
        found[visit.name] = (times + 1, is_left and visit.has_left)
    return found
