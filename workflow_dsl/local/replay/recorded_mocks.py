"""The calls of a recorded execution as mocks: for a test, or as a mock configuration of Step Functions Local."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workflow_dsl.definition.files import read_text
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.local.stand_ins.mocks import ConfiguredMock, Response, Return, Throw, recorded_failure
from workflow_dsl.records import Record

if TYPE_CHECKING:
    from workflow_dsl.definition.machine import State
    from workflow_dsl.local.replay.timeline import RecordedCall

_NEVER = 365 * 24 * 3600  # virtual seconds: the maximum duration of an execution
_STOPPED = Throw("States.Runtime", "the recorded execution stopped before this call ended", _NEVER)


def mocks_of(recording: Recording) -> dict[str, ConfiguredMock]:
    """Return the mocks that answer the calls of each state as in a recorded execution, and after the same time.

    The answers of a state are in the order in which a local run makes its calls: attempts, branches and iterations are
    each answered with their own. Every Task has a mock, also one that was not called, so a run makes no real call.
    A distributed Map has one if its result is its output; its items are recorded elsewhere. Raises FindingsError if
    the execution cannot be replayed, or if its history lacks a result.
    """
    answers = _answers(recording, at_once=False).by_state
    return {name: ConfiguredMock(name, dict(enumerate(responses))) for name, responses in answers.items()}


class _Answers(Record):
    """The responses of each state in order, and the states with a call that cannot be mocked."""

    by_state: dict[str, list[Response]]
    incomplete: list[str]


def _answers(recording: Recording, *, at_once: bool) -> _Answers:
    # Lazy import: the tests of a project import this module with workflow_dsl.local, and few read a recording.
    from workflow_dsl.definition.machine import Machine
    from workflow_dsl.local.replay.replay import replay

    replayed = replay(recording, Machine(recording.definition), at_once=at_once)
    states = {state.name: state for state in replayed.run.machine.walk()}
    recorded_states = {state.name: state for state in Machine(recording.definition).walk()}
    answers = _Answers({}, [])
    for name, calls in replayed.calls.items():
        known = {id(call): _map_result(recorded_states[name], call) for call in calls if states[name].type == "Map"}
        if None in known.values():
            answers.incomplete.append(name)
            continue
        answers.by_state[name] = [known.get(id(call)) or _response(name, call) for call in calls]
        if not all(call.has_ended for call in calls):
            answers.incomplete.append(name)
    return answers


def _response(name: str, call: RecordedCall) -> Response:
    from workflow_dsl.local.replay.timeline import UNKNOWN

    if not call.has_ended:
        return _STOPPED
    if call.error is not None:
        return recorded_failure(call.error, call.cause, call.duration)
    if call.result is UNKNOWN:
        message = f'the history does not have the result of each call of "{name}"'
        raise FindingsError([Finding("RECORDING", "error", Where(), message, "include execution data in the history")])
    return Return(call.result, call.duration, unchecked=True)


def _map_result(state: State, call: RecordedCall) -> Response | None:
    """The result of a distributed Map; None if the history does not tell it from the output, which it has."""
    from workflow_dsl.expressions.jsonpath import parse_path
    from workflow_dsl.expressions.problems import EvaluationProblem, PathNotFound

    if not call.has_ended or call.error is not None:
        return _response(state.name, call)
    if any(state.fields.get(field, "$") != "$" for field in ("ResultSelector", "OutputPath", "Output")):
        return None
    path = state.fields.get("ResultPath", "$")
    response = _response(state.name, call)
    if not isinstance(path, str) or not isinstance(response, Return):
        return None
    try:
        return Return(parse_path(path).follow(response.value), response.after, unchecked=True)
    except (PathNotFound, EvaluationProblem):
        return None


def add_to_mock_config(recording: Recording, path: Path) -> tuple[str, list[str]]:
    """Return the text of a mock configuration file with the execution as a test case, and what the case lacks.

    Other cases that the file has stay. The case has the execution's name, in the state machine of the local workflow.
    The file has no times: each call is answered at once. It cannot say that a call never ends, nor what a distributed
    Map's result was before its ResultSelector; the names of such states are the second value. Raises FindingsError.
    """
    answers = _answers(recording, at_once=True)
    document = _existing(path)
    machine = recording.workflow or recording.machine.rpartition(":")[2]
    cases = document["StateMachines"].setdefault(machine, {}).setdefault("TestCases", {})
    called = {name: responses for name, responses in answers.by_state.items() if responses}
    cases[recording.name] = {name: f"{recording.name}: {name}" for name in called}
    for name, responses in called.items():
        document["MockedResponses"][f"{recording.name}: {name}"] = {
            str(number): _configured(response) for number, response in enumerate(responses) if response is not _STOPPED
        }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n", answers.incomplete


def _configured(response: Response) -> Mapping[str, Json]:
    if isinstance(response, Throw):
        return {"Throw": {"Error": response.error, "Cause": response.cause}}
    return {"Return": response.value}


def _existing(path: Path) -> dict[str, dict[str, Json]]:
    """The mock configuration in a file; an empty one if there is no file."""
    if not path.exists():
        return {"StateMachines": {}, "MockedResponses": {}}
    try:
        content = json.loads(read_text(path, is_named=True))
        machines, responses = content["StateMachines"], content["MockedResponses"]
        is_config = isinstance(machines, dict) and isinstance(responses, dict)
        is_config = is_config and all(isinstance(machine, dict) for machine in machines.values())
    except (KeyError, TypeError, ValueError, RecursionError):
        is_config = False
    if not is_config:
        finding = Finding("MOCKS", "error", Where(place=Place(str(path))), _NO_CONFIG, "write to another file")
        raise FindingsError([finding])
    return content  # type: ignore[no-any-return]  # read from JSON


_NO_CONFIG = "exists and is not a mock configuration of Step Functions Local"
