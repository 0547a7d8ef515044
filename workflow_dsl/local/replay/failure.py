"""The place where a recorded execution broke: state, branches and items, input, last call, and the whole cause."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine
from workflow_dsl.local.engine.events import ITERATION, MAP_RUN, SCHEDULED, details_of, error_of, previous_of
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.local.replay.timeline import owners_of
from workflow_dsl.records import Record

Event = Mapping[str, Any]


class Failure(Record):
    """The state in which an execution failed, was aborted or timed out.

    `around` are the states around it, innermost first, each with the index of its branch or item: None where the
    history does not have it. Values are JSON strings as in the history, None where it lacks them.
    """

    state: str
    around: Sequence[tuple[str, str, int | None]]  # the kind of index, the state, the index
    error: str
    cause: str
    input: str | None = None
    retries: int = 0
    resource: str | None = None  # what was called
    parameters: str | None = None
    map_run: str | None = None
    child_execution: str | None = None

    @property
    def where(self) -> str:
        """The state with the branches and items that it is in: `"Charge" in item 7 of "Each"`."""
        parts = [f'"{self.state}"']
        for kind, owner, index in self.around:
            parts.append(f'of "{owner}"' if index is None else f'in {kind} {index} of "{owner}"')
        return " ".join(parts)

    @property
    def function(self) -> str | None:
        """The name of the Lambda function that was called."""
        name = _object(self.parameters).get("FunctionName") if self.resource == "lambda:invoke" else self.resource
        if not isinstance(name, str) or (self.resource != "lambda:invoke" and ":function:" not in name):
            return None
        return name.rpartition(":function:")[2].partition(":")[0]

    @property
    def function_arn(self) -> str | None:
        """The ARN of that function; None where the call has only its name."""
        names = (self.resource, _object(self.parameters).get("FunctionName"))
        return next((name for name in names if isinstance(name, str) and name.startswith("arn:")), None)

    @property
    def request_id(self) -> str | None:
        """The ID of the request to the function, which its log has too."""
        request_id = _object(self.cause).get("requestId")
        return request_id if isinstance(request_id, str) else None


def failure_of(recording: Recording) -> Failure | None:
    """Return where an execution broke; None for one that has not failed, or whose history does not have its end.

    An event links to the one that led to it (API reference, HistoryEvent, previousEventId), so the way back from the
    last event leads to the state that failed.
    """
    entered = failed_visit_of(recording)
    if entered is None:
        return None
    chain = list(_way_back(recording.events))
    visit = _since(chain, entered)
    details = details_of(chain[0])
    scheduled = [details_of(event) for event in visit if event["type"] in SCHEDULED]
    call = scheduled[0] if scheduled else {}
    return Failure(
        state=str(details_of(entered).get("name")),
        around=_enclosing_states(recording, str(details_of(entered).get("name")), chain),
        error=recording.error or error_of(str(chain[0]["type"]), details),
        cause=recording.cause or str(details.get("cause") or ""),
        input=details_of(entered).get("input"),
        retries=max(0, len(scheduled) - 1),
        resource=_resource(call),
        parameters=call.get("parameters", call.get("input")),
        map_run=next((details_of(event).get("mapRunArn") for event in visit if event["type"] == MAP_RUN), None),
        child_execution=_child(recording.cause, visit),
    )


def failed_visit_of(recording: Recording) -> Event | None:
    """Return the event of entering the state in which an execution broke; None as failure_of() does."""
    if not recording.events or recording.status in ("SUCCEEDED", "RUNNING", "PENDING_REDRIVE"):
        return None
    return _entered(recording.events, list(_way_back(recording.events)))


def _way_back(events: Sequence[Event]) -> Iterator[Event]:
    by_id = {event["id"]: event for event in events}
    event: Event | None = events[-1]
    while event is not None:
        yield event
        previous = previous_of(event)
        event = by_id.get(previous) if previous < event["id"] else None


def _entered(events: Sequence[Event], chain: Sequence[Event]) -> Event | None:
    """The event of entering the state that failed."""
    for event in chain[1:]:
        if event["type"] == "EvaluationFailed" and details_of(event).get("state"):
            return _last_entered(events, details_of(event)["state"])
        if event["type"].endswith("StateEntered"):
            return event
        if event["type"].endswith("StateExited"):
            return _last_entered(events, details_of(event).get("name"))
    return next((event for event in reversed(events) if event["type"].endswith("StateEntered")), None)


def _last_entered(events: Sequence[Event], name: Json) -> Event | None:
    entered = (event for event in reversed(events) if event["type"].endswith("StateEntered"))
    return next((event for event in entered if details_of(event).get("name") == name), None)


def _since(chain: Sequence[Event], entered: Event) -> list[Event]:
    """The events of the visit that failed, the last one first."""
    return [event for event in chain if event["id"] > entered["id"]]


def _enclosing_states(recording: Recording, state: str, chain: Sequence[Event]) -> list[tuple[str, str, int | None]]:
    owners = owners_of(Machine(recording.definition))
    around: list[tuple[str, str, int | None]] = []
    owner, branch = owners.get(state, (None, None))
    while owner is not None:
        if branch is None:
            around.append(("item", owner, _item_of(owner, chain)))
        else:
            around.append(("branch", owner, branch))
        owner, branch = owners.get(owner, (None, None))
    return around


def _item_of(owner: str, chain: Sequence[Event]) -> int | None:
    iterations = (details_of(event) for event in chain if event["type"] == ITERATION)
    return next((details.get("index") for details in iterations if details.get("name") == owner), None)


def _resource(call: Mapping[str, Any]) -> str | None:
    kind, action = call.get("resourceType"), call.get("resource")
    return f"{kind}:{action}" if kind and action and not str(action).startswith("arn:") else action


def _child(cause: str | None, visit: Sequence[Event]) -> str | None:
    """The ARN of the execution that the state started and waited for."""
    answers = [cause, *(details_of(event).get("output") for event in visit if event["type"] == "TaskSubmitted")]
    arns = (_object(answer).get("ExecutionArn") for answer in answers)
    return next((arn for arn in arns if isinstance(arn, str)), None)


def _object(text: str | None) -> dict[str, Json]:
    try:
        value = json.loads(text) if isinstance(text, str) else None
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


_LONGEST = 2000  # characters of an input that are shown; it can have 256 KB


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"


# Errors that an execution with the same definition and the same input has again: the definition raises them itself.
_LASTING = ("States.Runtime", "States.QueryEvaluationError", "States.NoChoiceMatched", "States.DataLimitExceeded")


def failure_lines(failure: Failure, shown_cause: str = "") -> Iterator[str]:
    """Yield what a person needs to find the fault: input, call, whole cause, logs, other executions, and a redrive.

    The cause is left out where it was shown already.
    """
    if failure.input is not None:
        yield f"Input: {_cut(failure.input)}"
    if failure.resource:
        yield f"Called: {failure.resource} with {_cut(failure.parameters or 'what the history does not have')}"
    if failure.cause not in ("", shown_cause):
        yield f"Cause: {failure.cause}"
    if failure.function:
        request = f", request ID {failure.request_id}" if failure.request_id else ""
        yield f"Log group: /aws/lambda/{failure.function}{request}"
    if failure.child_execution:
        yield f"Child execution: {failure.child_execution}"
    if failure.map_run:
        yield f"Map Run: {failure.map_run}"
    yield f"Redrive: {_redrive(failure)}"


def _redrive(failure: Failure) -> str:
    """The effect of a redrive, which keeps the definition and the input (guide, "Redriving executions")."""
    if failure.resource is None and failure.map_run is None:
        return "fails again, because it keeps the definition; start a new execution after deploying the fixed one"
    if failure.error in _LASTING:
        return "fails again, because it keeps the definition and the input"
    effect = "can succeed once the called function or service works"
    return f'runs on from "{failure.state}" with the same definition; it {effect}'
