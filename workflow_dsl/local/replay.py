"""A recorded execution run again on this computer, with its recorded results: would this machine have done the same?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workflow_dsl.asl import Json, Machine, short
from workflow_dsl.expressions.placeholders import captured
from workflow_dsl.findings import Finding, FindingsError, Where
from workflow_dsl.local.history import Event
from workflow_dsl.local.mocks import Mock, Response, Return, Throw
from workflow_dsl.local.runner import Run, run
from workflow_dsl.local.visits import NOT_TOLD, Call, Visit, visits_of
from workflow_dsl.recording import Recording

# An error that no retrier and no catcher takes: the replay ends where it leaves what was recorded.
_NOT_RECORDED = "States.Runtime"


@dataclass(frozen=True)
class Replay:
    """The run, and the first difference from what was recorded; None where it did the same."""

    run: Run
    difference: str | None
    visited: int  # states that were compared


def replay(recording: Recording, machine: Machine, *, watch: Callable[[int, Event], None] | None = None) -> Replay:
    """Runs a machine on a recorded execution's input, each call answered as it was then.

    Placeholders stand for what they stood for in the recorded definition. Raises FindingsError for an execution whose
    history has no input, or has not ended.
    """
    if recording.input is None or recording.status == "RUNNING":
        said = "has not ended yet" if recording.status == "RUNNING" else "has no input in its history"
        remedy = "record one that has" if recording.status == "RUNNING" else "let its logs include execution data"
        raise FindingsError([Finding("RECORDING", "error", Where(), f"the execution {recording.name} {said}", remedy)])
    then = Machine(recording.definition)
    recorded = visits_of(recording.events, then)
    substitutions = captured(machine.document(), recording.definition)
    execution = run(
        machine,
        json.loads(recording.input),
        mocks=_answers(recorded, machine),
        substitutions=substitutions,
        name=recording.name,
        start_time=recording.started,
        services={},
        context=_context(recording),
        watch=watch,
    )
    again = visits_of(execution.history, execution.machine)
    difference = next(_differences(recorded, again, ""), None) or _ending(recording, execution)
    return Replay(execution, difference, sum(1 for _ in _walk(recorded)))


def _context(recording: Recording) -> dict[str, Json]:
    """What the context object said of the execution."""
    started = recording.started.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    role = next((event["executionStartedEventDetails"].get("roleArn") for event in recording.events[:1]), "")
    return {
        "Execution": {
            "Id": recording.arn,
            "Input": json.loads(recording.input or "{}"),
            "StartTime": started,
            "Name": recording.name,
            "RoleArn": role or "",
            "RedriveCount": 0,
        },
        "StateMachine": {"Id": recording.machine, "Name": recording.machine.rpartition(":")[2]},
    }


class Recorded:
    """What a state's calls were answered then: the call with the same input, or else the next that is left."""

    def __init__(self, calls: list[Call]) -> None:
        self._left = list(calls)

    def answer(self, given: Json) -> Response:
        """The response to a call."""
        same = next((call for call in self._left if call.given == given), None)
        call = same or next(iter(self._left), None)
        if call is None:
            return Throw(_NOT_RECORDED, "the recorded execution did not make this call")
        self._left.remove(call)
        if call.error is not None:
            return Throw(call.error, call.cause)
        return Return(None if call.result is NOT_TOLD else call.result)


def _answers(recorded: list[Visit], machine: Machine) -> dict[str, Mock]:
    """The recorded results of each task of the machine as it is now; none for one that was not called then."""
    calls: dict[str, list[Call]] = {}
    for visit in _walk(recorded):
        calls.setdefault(visit.name, []).extend(call for call in visit.calls if call.has_ended)
    answers: dict[str, Mock] = {}
    for state in machine.walk():
        if state.type == "Task":
            answers[state.name] = Recorded(calls.get(state.name, []))
    for visit in _walk(recorded):
        if _is_distributed(machine, visit.name) and not visit.inner and visit.has_left:
            answers[visit.name] = Return(visit.output)
    return answers


def _is_distributed(machine: Machine, name: str) -> bool:
    return any(each.is_distributed for state in machine.walk() if state.name == name for each in state.nested)


def _walk(visits: list[Visit]) -> Iterator[Visit]:
    for visit in visits:
        yield visit
        for inner in visit.inner.values():
            yield from _walk(inner)


def _differences(then: list[Visit], now: list[Visit], where: str) -> Iterator[str]:
    """What is different, in the order in which it happened."""
    for index in range(max(len(then), len(now))):
        old, new = (side[index] if index < len(side) else None for side in (then, now))
        if old is None or new is None or old.name != new.name:
            yield f"{where}{_named(new)} here, {_named(old)} then"
            return
        inside = f'{where}"{old.name}"'
        yield from _unequal(f"{inside} is entered with", old.given, new.given)
        for before, after in zip(old.calls, new.calls, strict=False):
            yield from _unequal(f"{inside} calls with", before.given, after.given)
        if len(old.calls) != len(new.calls):
            yield f"{inside} makes {_times(len(new.calls))} here, {_times(len(old.calls))} then"
        for number in sorted({*old.inner, *new.inner}):
            yield from _differences(old.inner.get(number, []), new.inner.get(number, []), f"{inside} [{number}] ")
        yield from _unequal(f"{inside} puts out", old.output, new.output)


def _named(visit: Visit | None) -> str:
    return "the end" if visit is None else f'"{visit.name}"'


def _times(count: int) -> str:
    return f"{count} call{'' if count == 1 else 's'}"


def _unequal(what: str, then: Json, now: Json) -> Iterator[str]:
    if then is not NOT_TOLD and now is not NOT_TOLD and then != now:
        path, old, new = _first_unequal(then, now, "$")
        yield f"{what} {path} {_shown(new)} here, {_shown(old)} then"


def _first_unequal(then: Json, now: Json, path: str) -> tuple[str, Json, Json]:
    if isinstance(then, dict) and isinstance(now, dict):
        for name in {**then, **now}:
            if then.get(name, NOT_TOLD) != now.get(name, NOT_TOLD):
                return _first_unequal(then.get(name, NOT_TOLD), now.get(name, NOT_TOLD), f"{path}.{name}")
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        index = next(index for index, each in enumerate(then) if each != now[index])
        return _first_unequal(then[index], now[index], f"{path}[{index}]")
    return path, then, now


def _shown(value: Json) -> str:
    return "absent" if value is NOT_TOLD else short(value)


def _ending(recording: Recording, execution: Run) -> str | None:
    """How the end differs."""
    if execution.status != recording.status:
        now, then = f"{execution.status}{_because(execution.error)}", f"{recording.status}{_because(recording.error)}"
        return f"ends {now} here, {then} then"
    if execution.error != recording.error:
        return f"ends with the error {execution.error} here, {recording.error} then"
    output = NOT_TOLD if recording.output is None else json.loads(recording.output)
    return next(_unequal("puts out at the end", output, execution.output), None)


def _because(error: str | None) -> str:
    return f" ({error})" if error else ""
