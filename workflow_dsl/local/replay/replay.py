"""A recorded execution replayed locally: the machine runs with the recorded input and the recorded call results."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping

from workflow_dsl.definition.json import Json, value_at
from workflow_dsl.definition.machine import Machine, State
from workflow_dsl.definition.placeholders import infer_substitutions, substitute
from workflow_dsl.expressions.intrinsic_functions import is_equal
from workflow_dsl.expressions.timestamps import format_timestamp
from workflow_dsl.findings import Finding, FindingsError, Where
from workflow_dsl.local.engine.events import REDRIVEN, details_of
from workflow_dsl.local.engine.history import Event
from workflow_dsl.local.replay.differences import Comparison
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.local.replay.redrives import before_redrive
from workflow_dsl.local.replay.timeline import UNKNOWN, RecordedCall, Visit, all_visits, read_visits
from workflow_dsl.local.runner import Run, run
from workflow_dsl.local.stand_ins.mocks import BranchPath, Response, Return, Throw, recorded_failure
from workflow_dsl.records import Record

# An error that no retrier or catcher handles: the replay ends with the first call that was not recorded.
_NOT_RECORDED = "States.Runtime"
_NEVER = 365 * 24 * 3600  # virtual seconds; every timeout of a recorded call comes earlier


class Replay(Record):
    """A local run, and its first difference from the recorded execution; None if there is none."""

    run: Run
    difference: str | None
    visited: int  # compared states
    calls: Mapping[str, list[RecordedCall]]  # the recorded calls that answered local ones, by state, in their order


def replay(
    recording: Recording,
    machine: Machine,
    *,
    watch: Callable[[int, Event], None] | None = None,
    at_once: bool = False,
) -> Replay:
    """Run a machine with the input of a recorded execution; each call has its recorded result and duration.

    With `at_once` the calls take no time, so that their order is that of mocks without a delay. Placeholders have the
    values of the recorded definition. UUIDs and times that the execution generated are not a difference. For the
    execution of a distributed Map's item, the states of the item run, and of a redriven execution what came before its
    first redrive. Raises FindingsError if the execution has not ended, or if its history has no input.
    """
    recording = before_redrive(recording)
    refuse_unless_replayable(recording)
    recorded_machine = Machine(recording.definition)
    substitutions = infer_substitutions(machine.document(), recording.definition)
    machine = Machine(substitute(machine.document(), substitutions), machine.places)
    map_name = _map_of_item(recording, recorded_machine)
    if map_name is not None:
        recorded_machine, machine = _item_machine(recorded_machine, map_name), _item_machine(machine, map_name)
    recorded = read_visits(recording.events, recorded_machine)
    comparison = Comparison(recording, recorded, execution_context(recording))
    was_stopped = recording.status in ("ABORTED", "TIMED_OUT")
    calls = _recorded_calls(recorded, machine, comparison, was_stopped=was_stopped, at_once=at_once)
    execution = run(
        _with_recorded_map_results(machine, recorded),
        json.loads(recording.input or ""),
        mocks=calls,
        name=recording.name,
        start_time=recording.started,
        services={},
        context=execution_context(recording),
        watch=watch,
    )
    local = read_visits(execution.history, execution.machine)
    difference = comparison.first_difference(recorded, local, recording, execution)
    changed_map = next(_changed_maps(recorded_machine, machine, recorded), None)
    answered = {name: state_calls.answered for name, state_calls in calls.items()}
    return Replay(execution, difference or changed_map, sum(1 for _ in all_visits(recorded)), answered)


def refuse_unless_replayable(recording: Recording) -> None:
    """Raise FindingsError for an execution that has not ended or was redriven, or whose history has no input."""
    problem, remedy = "", ""
    if recording.status in ("RUNNING", "PENDING_REDRIVE"):
        problem, remedy = "has not ended yet", "record one that has ended"
    elif recording.input is None:
        problem, remedy = "has no input in its history", "include execution data in the history"
    elif any(event["type"] in REDRIVEN for event in recording.events):
        problem, remedy = "was redriven, and its history does not have its end before that", "record another one"
    if problem:
        message = f"the execution {recording.name} {problem}"
        raise FindingsError([Finding("RECORDING", "error", Where(), message, remedy)])


def _map_of_item(recording: Recording, machine: Machine) -> str | None:
    """The distributed Map whose item the execution ran; None for an execution of the whole machine."""
    entered = (details_of(event).get("name") for event in recording.events if event["type"].endswith("StateEntered"))
    first = next(entered, machine.start_at)
    owners = (scope.owner for scope in machine.scopes() if scope.is_distributed and scope.start_at == first)
    owner = None if first == machine.start_at else next(owners, None)
    return owner.name if owner else None


def _item_machine(machine: Machine, map_name: str) -> Machine:
    """The machine that runs the items of a distributed Map. Raises FindingsError if there is no such Map."""
    for scope in machine.scopes():
        if scope.owner and scope.owner.name == map_name and scope.is_distributed:
            fields = {name: value for name, value in scope.fields.items() if name != "ProcessorConfig"}
            language = {name: value for name, value in machine.fields.items() if name == "QueryLanguage"}
            return Machine(language | fields)
    message = f'the execution ran an item of "{map_name}", which is not a distributed Map in the local definition'
    raise FindingsError([Finding("RECORDING", "error", Where(), message, "replay the execution that started the item")])


def execution_context(recording: Recording) -> dict[str, Json]:
    """Return the context object of a recorded execution."""
    role = next((details_of(event).get("roleArn") for event in recording.events[:1]), "")
    return {
        "Execution": {
            "Id": recording.arn,
            "Input": json.loads(recording.input or "{}"),
            "StartTime": format_timestamp(recording.started),
            "Name": recording.name,
            "RoleArn": role or "",
            "RedriveCount": 0,
        },
        "StateMachine": {"Id": recording.machine, "Name": recording.machine.rpartition(":")[2]},
    }


def _with_recorded_map_results(machine: Machine, recorded: list[Visit]) -> Machine:
    """The machine with the recorded outputs and variables of its distributed Maps.

    The history has the output of such a Map, but not the result before ResultSelector or Output, so these are removed.
    """
    exited = {visit.name: visit for visit in all_visits(recorded) if visit.has_exited}
    document = machine.document()
    for state in machine.walk():
        if state.is_distributed and state.name in exited:
            fields = value_at(document, state.keys)
            for name in _RESULT_FIELDS:
                fields.pop(name, None)
            if exited[state.name].variables:
                fields["Assign"] = exited[state.name].variables
    return Machine(document, machine.places, machine.reference_targets)


_RESULT_FIELDS = ("ResultSelector", "ResultPath", "OutputPath", "Output", "Assign")


def _changed_maps(recorded_machine: Machine, machine: Machine, recorded: list[Visit]) -> Iterator[str]:
    """The distributed Maps whose items would run differently; items cannot be replayed, so only fields are compared."""
    recorded_fields = {state.name: state.fields for state in recorded_machine.walk()}
    visited = {visit.name for visit in all_visits(recorded) if visit.map_runs}
    for state in machine.walk():
        if state.name in visited and state.is_distributed:
            old = recorded_fields.get(state.name, {})
            for name in {**old, **state.fields}:
                if name not in _REPLAYED_FIELDS and not is_equal(state.fields.get(name), old.get(name)):
                    yield f'"{state.name}" has a different {name} than in the recording, so its items are not replayed'


# Fields of a distributed Map that the replay of its execution covers.
_REPLAYED_FIELDS = ("Type", "Comment", "InputPath", "Retry", "Catch", "Next", "End")


def _recorded_calls(
    recorded: list[Visit], machine: Machine, comparison: Comparison, *, was_stopped: bool, at_once: bool
) -> dict[str, RecordedAnswers]:
    """The recorded calls of each Task and distributed Map of the local machine."""
    calls: dict[str, list[RecordedCall]] = {}
    for visit in all_visits(recorded):
        for map_run in visit.map_runs:
            map_run.result = visit.output
        calls.setdefault(visit.name, []).extend(visit.calls or visit.map_runs)
    failed = {visit.name for visit in all_visits(recorded) if visit.has_failed_at(0)}
    return {
        state.name: RecordedAnswers(
            calls.get(state.name, []),
            comparison,
            is_cut=was_stopped or not failed.isdisjoint(owners),
            at_once=at_once,
        )
        for state, owners in _with_owners(machine)
        if state.type == "Task" or state.is_distributed
    }


def recorded_mocks(
    recording: Recording, machine: Machine, local_values: Mapping[str, str]
) -> dict[str, RecordedAnswers]:
    """Return the recorded answers of each Task and distributed Map of a machine, by state.

    `local_values` are what the machine has instead of values in the recorded calls, such as ARNs.
    """
    recorded = read_visits(recording.events, Machine(recording.definition))
    for visit in all_visits(recorded):
        for call in visit.calls:
            call.input = _with_values(call.input, local_values)
    comparison = Comparison(recording, recorded, execution_context(recording))
    return _recorded_calls(recorded, machine, comparison, was_stopped=False, at_once=False)


def _with_values(value: Json, values: Mapping[str, str]) -> Json:
    if isinstance(value, dict):
        return {name: _with_values(member, values) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_values(item, values) for item in value]
    return values.get(value, value) if isinstance(value, str) else value


def _with_owners(machine: Machine) -> Iterator[tuple[State, set[str]]]:
    """Yield each state with the names of the states around it."""
    for state in machine.walk():
        owners, scope = set(), state.scope
        while scope.owner is not None:
            owners.add(scope.owner.name)
            scope = scope.owner.scope
        yield state, owners


class RecordedAnswers:
    """The recorded calls of a state, which answer its local calls.

    A local call takes the recorded one with the same input in the same branch and iteration, else one with the same
    input, else the next unused one. `is_cut`: a failure elsewhere ended these calls, so a call that was not recorded
    does not fail: it gets no answer. `answered` has the recorded calls that were answers, in the order of local ones.
    """

    def __init__(self, calls: list[RecordedCall], comparison: Comparison, *, is_cut: bool, at_once: bool) -> None:
        self.answered: list[RecordedCall] = []
        self._at_once = at_once
        self._unused = {id(call): call for call in calls}
        self._comparison, self._is_cut = comparison, is_cut
        self._by_input: dict[str, list[RecordedCall]] = {}
        for call in calls:
            if call.input is not UNKNOWN and not call.has_token:
                self._by_input.setdefault(comparison.key(call.input), []).append(call)
        self._with_token = [call for call in calls if call.has_token]

    @property
    def is_empty(self) -> bool:
        """True if no call was recorded, or each was used."""
        return not self._unused

    def answer(self, input: Json, branch_path: BranchPath = ()) -> Response:
        """Return the recorded response to a call in these branches and iterations."""
        call = self._matching(input, branch_path)
        if call is None:
            return Throw(_NOT_RECORDED, "the recorded execution did not make this call", _NEVER if self._is_cut else 0)
        del self._unused[id(call)]
        self.answered.append(call)
        if not call.has_ended:
            return Throw(_NOT_RECORDED, "the recorded execution ended before this call did", _NEVER)
        if call.has_timed_out and call.timeout is not None and not self._at_once:
            return Throw(_NOT_RECORDED, "the recorded call timed out", _NEVER)
        duration = 0 if self._at_once else call.duration
        if call.error is not None:
            return recorded_failure(call.error, call.cause, duration)
        return Return(None if call.result is UNKNOWN else call.result, duration, unchecked=True)

    def _matching(self, input: Json, branch_path: BranchPath) -> RecordedCall | None:
        comparison = self._comparison
        same_input = [call for call in self._by_input.get(comparison.key(input), ()) if id(call) in self._unused]
        with_token = [call for call in self._with_token if id(call) in self._unused]
        same_input += [
            call for call in with_token if comparison.are_equal(comparison.recorded_input(call, input), input)
        ]
        same_place = next((call for call in same_input if call.branch_path == branch_path), None)
        if self._is_cut:  # the other unused calls belong to other branches and attempts
            unused = self._unused.values()
            return same_place or next((call for call in unused if call.branch_path == branch_path), None)
        return same_place or next(iter(same_input), None) or next(iter(self._unused.values()), None)
