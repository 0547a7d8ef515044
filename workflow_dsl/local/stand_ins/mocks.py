"""Mocked responses for the calls of states: results, errors, and the mock configuration of Step Functions Local."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, Union

from workflow_dsl.definition.files import read_text
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError, Place, Where, did_you_mean
from workflow_dsl.local.errors import DATA_LIMIT_EXCEEDED
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex

# The branches and iterations around a call, outermost first: (attempt of the Parallel or Map, index of branch or item).
BranchPath = tuple[tuple[int, int], ...]


class Return(Record):
    """A result of a state, in `after` virtual seconds.

    The result is one that the API can give or that the handler declares, unless it is `unchecked`.
    """

    value: Json
    after: float = 0
    unchecked: bool = False


class Throw(Record):
    """A failure of a state, in `after` virtual seconds."""

    error: str
    cause: str = ""
    after: float = 0


class TooLarge(Throw):
    """The States.DataLimitExceeded of a call whose result was too large, which States.ALL handles (recorded)."""


def recorded_failure(error: str, cause: str, after: float) -> Throw:
    """Return the failure of a call that an event history has."""
    return (TooLarge if error == DATA_LIMIT_EXCEEDED else Throw)(error, cause, after)


Response = Return | Throw


class MockResponder(Protocol):
    """A mock that responds to each call of a state by its input."""

    def answer(self, input: Json, branch_path: BranchPath) -> Response:
        """Return the response to a call in these branches and iterations."""


class InTurn:
    """A mock that gives responses in turn, and the last one to all later calls: no call is a real one."""

    def __init__(self, *responses: Response) -> None:
        if not responses:
            raise ValueError("InTurn needs a response")
        self.responses = responses
        self._count = 0

    def answer(self, input: Json, branch_path: BranchPath) -> Response:
        """Return the response to the next call."""
        self._count += 1
        return self.responses[min(self._count, len(self.responses)) - 1]


Mock = Union[Response, Sequence[Response | None], "ConfiguredMock", MockResponder, Callable[[Json], Json | Response]]


class Mocks:
    """The mocks of one run by state name, with a counter of each state's calls.

    A single response answers every call. A sequence has one response for each call in turn; None, and every call after
    its end, is the real call. A callable receives the input of the call and returns its result, or a response.
    `check` is called with each response that a mock computes, by the name of its state. `cover_what_is_reached` is true
    unless `mocks` is None: then a state that nothing answers is refused once it is reached, not before the start.
    """

    def __init__(self, mocks: Mapping[str, Mock] | None) -> None:
        self.cover_what_is_reached = mocks is not None
        self._mocks = dict(mocks or {})
        self._calls: dict[str, int] = defaultdict(int)
        self.check: Callable[[str, Response], None] | None = None

    def __iter__(self) -> Any:
        return iter(self._mocks)

    def always_answers(self, name: str) -> bool:
        """True if the state never makes a real call."""
        mock = self._mocks.get(name)
        return mock is not None and not isinstance(mock, Sequence)

    def items(self) -> Iterable[tuple[str, Mock]]:
        """Return the mocks by the name of their state."""
        return self._mocks.items()

    def answer(self, name: str, input: Json, branch_path: BranchPath = ()) -> Response | None:
        """Return the response to the next call of a state in these branches and iterations; None for the real call."""
        mock = self._mocks.get(name)
        if mock is None:
            return None
        number = self._calls[name]
        self._calls[name] += 1
        if isinstance(mock, (Return, Throw)):
            return mock
        if isinstance(mock, ConfiguredMock):
            return mock.answer(number)
        if isinstance(mock, Sequence):
            return mock[number] if number < len(mock) else None
        response = mock(input) if callable(mock) else mock.answer(input, branch_path)
        response = response if isinstance(response, (Return, Throw)) else Return(response)
        if self.check:
            self.check(name, response)
        return response


def known_responses(mock: Mock) -> list[Response]:
    """Return the responses of a mock that are known before any call; none of a mock that computes them."""
    if isinstance(mock, (Return, Throw)):
        return [mock]
    if isinstance(mock, ConfiguredMock):
        return list(mock.responses.values())
    if isinstance(mock, InTurn):
        return list(mock.responses)
    return [response for response in mock if response is not None] if isinstance(mock, Sequence) else []


class ConfiguredMock(Record):
    """The responses of a mock configuration file by number of the call, from 0; every call must have one.

    With `repeats_last`, the last of them answers all later calls. `other_fields`: a result may have fields that the API
    does not have, as files that were written for Step Functions Local do.
    """

    name: str
    responses: Mapping[int, Response]
    repeats_last: bool = False
    other_fields: bool = False

    def answer(self, number: int) -> Response:
        if self.repeats_last:
            number = min(number, max(self.responses))
        missing = Throw("States.Runtime", f"{self.name} has no mocked response for call {number}")
        return self.responses.get(number, missing)


def parse_fault(text: str) -> tuple[str, list[Response]]:
    """Parse `STATE=Error.Name*2` into the name of a state and its failures. Raises ValueError."""
    state, _, rest = text.partition("=")
    error, _, times = rest.partition("*")
    if not state or not error or (times and not re.fullmatch("[0-9]{1,5}", times)):
        raise ValueError(f'write "STATE=Error.Name" or "STATE=Error.Name*2", not {text!r}')
    return state, [Throw(error, "injected by --fail") for _ in range(int(times or 1))]


def read_mock_config(path: Path, case: str, machine: str | None = None, *, unchecked: bool = False) -> dict[str, Mock]:
    """Read the mocks of a test case from a MockConfigFile.json of Step Functions Local; `unchecked` as for Return.

    Developer guide, "Testing state machines with Step Functions Local", "Mocked service integrations". Raises
    FindingsError if the file is not a mock configuration or lacks the case.
    """
    machines, responses = _mock_config(path)
    selected = [value for name, value in machines.items() if machine in (None, name)] or list(machines.values())
    cases = {name: states for value in selected for name, states in value.items()}
    if case not in cases:
        remedy = did_you_mean(case, cases) or (f"use one of {', '.join(cases)}" if cases else "add it to TestCases")
        raise _error(path, f"has no test case {case!r}", remedy)
    return {state: _configured(path, name, responses, unchecked=unchecked) for state, name in cases[case].items()}


def check_mock_config(path: Path) -> None:
    """Raise FindingsError for a file that is not a mock configuration, or has a test case that cannot be read."""
    for machine, cases in _mock_config(path)[0].items():
        for case in cases:
            read_mock_config(path, case, machine)


def _mock_config(path: Path) -> tuple[dict[str, dict[str, dict[str, Json]]], dict[str, Json]]:
    """The test cases of each state machine in a mock configuration, and its mocked responses."""
    try:
        content = json.loads(read_text(path, is_named=True))
        machines, responses = dict(content["StateMachines"]), dict(content["MockedResponses"])
        return {
            machine: {case: dict(states) for case, states in value.get("TestCases", {}).items()}
            for machine, value in machines.items()
        }, responses
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as problem:
        reason = f": {problem}" if isinstance(problem, json.JSONDecodeError) else ""
        remedy = 'write an object with "StateMachines" and "MockedResponses"'
        raise _error(path, f"is not a mock configuration{reason}", remedy) from None


def _configured(path: Path, name: Json, responses: Mapping[str, Json], *, unchecked: bool) -> ConfiguredMock:
    if not isinstance(name, str):
        raise _error(path, "a state of the test case has no name of a mocked response", "write a string")
    if name not in responses:
        remedy = did_you_mean(name, responses) or "add it to MockedResponses"
        raise _error(path, f"has no mocked response {name!r}", remedy)
    by_call: dict[int, Response] = {}
    if not isinstance(responses[name], dict):
        remedy = 'write one for each call, such as {"0": {"Return": ...}}'
        raise _error(path, f"{name} has no responses", remedy)
    for calls, value in responses[name].items():
        response = _response(path, name, value, unchecked=unchecked)
        by_call.update(dict.fromkeys(_call_numbers(path, name, calls), response))
    return ConfiguredMock(name, by_call, other_fields=True)


def _call_numbers(path: Path, name: str, calls: str) -> range:
    """The numbers of calls that "0" or "1-2" names."""
    match = _CALLS.fullmatch(calls)
    if not match:
        shown = calls if len(calls) < 20 else f"{calls[:20]}..."
        remedy = 'write a number or a range, such as "0" or "1-2", below 100,000'
        raise _error(path, f'{name} has the call number "{shown}"', remedy)
    return range(int(match[1]), int(match[2] or match[1]) + 1)


# Numbers below 100,000: an execution's history has 25,000 events.
_CALLS = lazy_regex(r"([0-9]{1,5})(?:-([0-9]{1,5}))?")


def _response(path: Path, name: str, response: Json, *, unchecked: bool) -> Response:
    if isinstance(response, dict) and "Return" in response:
        return Return(response["Return"], unchecked=unchecked)
    if isinstance(response, dict) and isinstance(response.get("Throw"), dict):
        error, cause = response["Throw"].get("Error", ""), response["Throw"].get("Cause", "")
        if isinstance(error, str) and isinstance(cause, str):
            return Throw(error, cause)
        raise _error(path, f"{name} has an Error or a Cause that is not a string", "write a string")
    raise _error(path, f"{name} has a response that is neither Return nor Throw", "write Return or Throw")


def _error(path: Path, message: str, remedy: str) -> FindingsError:
    return FindingsError([Finding("MOCKS", "error", Where(place=Place(str(path))), message, remedy)])
