"""A recorded execution run again on this computer, with its recorded results: would this machine have done the same?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from workflow_dsl.definition.json import Json, inside
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.definition.placeholders import infer_substitutions, substitute
from workflow_dsl.expressions.intrinsic_functions import is_equal
from workflow_dsl.expressions.timestamps import iso
from workflow_dsl.findings import Finding, FindingsError, Where
from workflow_dsl.local.engine.events import REDRIVEN, details_of
from workflow_dsl.local.engine.history import Event
from workflow_dsl.local.replay.differences import Differences
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.local.replay.timeline import UNKNOWN, RecordedCall, Visit, every, visits_of
from workflow_dsl.local.runner import Run, run
from workflow_dsl.local.stand_ins.mocks import BranchPath, Mock, Response, Return, Throw

# An error that no retrier and no catcher takes: the replay ends where it leaves what was recorded.
_NOT_RECORDED = "States.Runtime"
_NEVER = 365 * 24 * 3600  # virtual seconds: later than what waits for a call that was not answered then


@dataclass(frozen=True)
class Replay:
    """The run, and the first difference from what was recorded; None where it did the same."""

    run: Run
    difference: str | None
    visited: int  # states that were compared


def replay(recording: Recording, machine: Machine, *, watch: Callable[[int, Event], None] | None = None) -> Replay:
    """Runs a machine on a recorded execution's input, each call answered as it was then, and after as long.

    Placeholders stand for what they stood for in the recorded definition. UUIDs and times that the execution made
    itself are no difference. Of a distributed Map's item, whose execution is one of its own, the item's states run.
    Raises FindingsError for an execution that has not ended, was redriven, or whose history has no input.
    """
    _refuse_what_cannot_be_run_again(recording)
    then = Machine(recording.definition)
    machine = Machine(
        substitute(machine.document(), infer_substitutions(machine.document(), recording.definition)), machine.places
    )
    item_of = _map_of_the_item(recording, then)
    if item_of is not None:
        then, machine = _item(then, item_of), _item(machine, item_of)
    recorded = visits_of(recording.events, then)
    differences = Differences(recording, recorded, _context(recording))
    execution = run(
        _with_map_runs_as_they_ended(machine, recorded),
        json.loads(recording.input or ""),
        mocks=_answers(recorded, machine, differences, was_stopped=recording.status in ("ABORTED", "TIMED_OUT")),
        name=recording.name,
        start_time=recording.started,
        services={},
        context=_context(recording),
        watch=watch,
    )
    again = visits_of(execution.history, execution.machine)
    difference = differences.of_the_run(recorded, again, recording, execution) or next(
        _map_runs_made_otherwise(then, machine, recorded), None
    )
    return Replay(execution, difference, sum(1 for _ in every(recorded)))


def _refuse_what_cannot_be_run_again(recording: Recording) -> None:
    said, remedy = "", ""
    if recording.status in ("RUNNING", "PENDING_REDRIVE"):
        said, remedy = "has not ended yet", "record one that has"
    elif recording.input is None:
        said, remedy = "has no input in its history", "let its logs include execution data"
    elif any(event["type"] in REDRIVEN for event in recording.events):
        said, remedy = "was redriven, from where it had failed", "record one that was not"
    if said:
        raise FindingsError([Finding("RECORDING", "error", Where(), f"the execution {recording.name} {said}", remedy)])


def _map_of_the_item(recording: Recording, machine: Machine) -> str | None:
    """The distributed Map of which the execution is an item's; None for one of the whole machine."""
    entered = (details_of(event).get("name") for event in recording.events if event["type"].endswith("StateEntered"))
    first = next(entered, machine.start_at)
    owners = (scope.owner for scope in machine.scopes() if scope.is_distributed and scope.start_at == first)
    owner = None if first == machine.start_at else next(owners, None)
    return owner.name if owner else None


def _item(machine: Machine, item_of: str) -> Machine:
    """The machine of a distributed Map's items. Raises FindingsError where there is no such Map."""
    for scope in machine.scopes():
        if scope.owner and scope.owner.name == item_of and scope.is_distributed:
            own = {name: value for name, value in scope.fields.items() if name != "ProcessorConfig"}
            language = {name: value for name, value in machine.fields.items() if name == "QueryLanguage"}
            return Machine(language | own)
    message = f'the execution is that of an item of "{item_of}", which is no distributed Map here'
    raise FindingsError([Finding("RECORDING", "error", Where(), message, "replay the execution that it is a part of")])


def _context(recording: Recording) -> dict[str, Json]:
    """What the context object said of the execution."""
    role = next((details_of(event).get("roleArn") for event in recording.events[:1]), "")
    return {
        "Execution": {
            "Id": recording.arn,
            "Input": json.loads(recording.input or "{}"),
            "StartTime": iso(recording.started),
            "Name": recording.name,
            "RoleArn": role or "",
            "RedriveCount": 0,
        },
        "StateMachine": {"Id": recording.machine, "Name": recording.machine.rpartition(":")[2]},
    }


def _with_map_runs_as_they_ended(machine: Machine, recorded: list[Visit]) -> Machine:
    """The machine with its distributed Maps putting out, and assigning, what they did then.

    The history has what such a Map put out, not the result that it was made of; so nothing is made of it again.
    """
    left = {visit.name: visit for visit in every(recorded) if visit.has_left}
    document = machine.document()
    for state in machine.walk():
        if _is_distributed(state.nested) and state.name in left:
            fields = inside(document, state.keys)
            for name in _MADE_OF_A_RESULT:
                fields.pop(name, None)
            if left[state.name].assigned:
                fields["Assign"] = left[state.name].assigned
    return Machine(document, machine.places, machine.reference_targets)


_MADE_OF_A_RESULT = ("ResultSelector", "ResultPath", "OutputPath", "Output", "Assign")


def _map_runs_made_otherwise(then: Machine, now: Machine, recorded: list[Visit]) -> Iterator[str]:
    """The distributed Maps of which something is another, which can be said, but not tried."""
    before = {state.name: state.fields for state in then.walk()}
    visited = {visit.name for visit in every(recorded) if visit.runs}
    for state in now.walk():
        if state.name in visited and _is_distributed(state.nested):
            old = before.get(state.name, {})
            for name in {**old, **state.fields}:
                if name not in _OF_THIS_EXECUTION and not is_equal(state.fields.get(name), old.get(name)):
                    yield f'"{state.name}" has another {name} here, and its items are not run again'


# What of a distributed Map shows in the execution that it is in.
_OF_THIS_EXECUTION = ("Type", "Comment", "InputPath", "Retry", "Catch", "Next", "End")


def _is_distributed(machines: list[Machine]) -> bool:
    return any(each.is_distributed for each in machines)


def _answers(
    recorded: list[Visit], machine: Machine, differences: Differences, *, was_stopped: bool
) -> dict[str, Mock]:
    """The recorded results of each task and distributed Map of the machine as it is now."""
    calls: dict[str, list[RecordedCall]] = {}
    for visit in every(recorded):
        for run_ in visit.runs:
            run_.result = visit.output
        calls.setdefault(visit.name, []).extend(visit.calls or visit.runs)
    cut = {visit.name for visit in every(recorded) if visit.has_failed_at(0)}
    return {
        state.name: _Recorded(calls.get(state.name, []), differences, is_cut=was_stopped or not cut.isdisjoint(around))
        for state, around in _with_owners(machine)
        if state.type == "Task" or _is_distributed(state.nested)
    }


def _with_owners(machine: Machine) -> Iterator[tuple[State, set[str]]]:
    """Each state with the names of those that it is inside."""
    for state in machine.walk():
        around, scope = set(), state.scope
        while scope.owner is not None:
            around.add(scope.owner.name)
            scope = scope.owner.scope
        yield state, around


class _Recorded:
    """What a state's calls were answered then.

    A call has the answer of the one with the same input in the same branch and iteration, else of one with the same
    input, else of the next that is left. Where branches were cut off, a call that was not made there is one that was
    not answered.
    """

    def __init__(self, calls: list[RecordedCall], differences: Differences, *, is_cut: bool) -> None:
        self._left = {id(call): call for call in calls}
        self._differences, self._is_cut = differences, is_cut
        self._alike: dict[str, list[RecordedCall]] = {}
        for call in calls:
            if call.given is not UNKNOWN and not call.has_token:
                self._alike.setdefault(differences.key(call.given), []).append(call)
        self._with_token = [call for call in calls if call.has_token]

    def answer(self, given: Json, within: BranchPath = ()) -> Response:
        """The response to a call; `within` says in which branches and iterations it is."""
        call = self._taken(given, within)
        if call is None:
            return Throw(_NOT_RECORDED, "the recorded execution did not make this call", _NEVER if self._is_cut else 0)
        del self._left[id(call)]
        if not call.has_ended:
            return Throw(_NOT_RECORDED, "the recorded execution ended before this call did", _NEVER)
        if call.has_timed_out and call.limit is not None:
            return Throw(_NOT_RECORDED, "then, no answer came before its timeout", _NEVER)
        if call.error is not None:
            return Throw(call.error, call.cause, call.took)
        return Return(None if call.result is UNKNOWN else call.result, call.took)

    def _taken(self, given: Json, within: BranchPath) -> RecordedCall | None:
        alike = [call for call in self._alike.get(self._differences.key(given), ()) if id(call) in self._left]
        compared = self._differences
        waiting = [call for call in self._with_token if id(call) in self._left]
        alike += [call for call in waiting if compared.is_same(compared.given_alike(call, given), given)]
        here = next((call for call in alike if call.within == within), None)
        if self._is_cut:  # what is left is of other branches and attempts
            return here or next((call for call in self._left.values() if call.within == within), None)
        return here or next(iter(alike), None) or next(iter(self._left.values()), None)
