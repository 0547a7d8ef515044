"""What a state answers instead of what it calls: faults, results, and Step Functions Local's own mock configuration."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, Union

from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, FindingsError, Place, Where, closest

# The branches and iterations around a call, outermost first: the attempt of the Parallel or Map, and the index.
BranchPath = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Return:
    """The state's result, `after` virtual seconds."""

    value: Json
    after: float = 0


@dataclass(frozen=True, slots=True)
class Throw:
    """The state's failure, `after` virtual seconds."""

    error: str
    cause: str = ""
    after: float = 0


Response = Return | Throw


class Answering(Protocol):
    """What decides on each call of a state by what the call is given."""

    def answer(self, given: Json, within: BranchPath) -> Response:
        """The response to a call; `within` says in which branches and iterations it is."""


Mock = Union[Response, Sequence[Response | None], "Configured", Answering, Callable[[Json], Json]]


class Mocks:
    """The responses of one run by state name; how often each state was called is counted.

    One response answers every call; of a sequence, the first answers the first call, and so on, where None and the end
    of it leave the call to what the state really calls. A callable is given the call's input and returns its result.
    """

    def __init__(self, mocks: Mapping[str, Mock] | None) -> None:
        self._mocks = dict(mocks or {})
        self._calls: Counter[str] = Counter()

    def __iter__(self) -> Any:
        return iter(self._mocks)

    def always_answers(self, name: str) -> bool:
        """Whether no call of the state is left to what it really calls."""
        mock = self._mocks.get(name)
        return mock is not None and not isinstance(mock, Sequence)

    def answer(self, name: str, data: Json, within: BranchPath = ()) -> Response | None:
        """The response to a state's next call, in these branches and iterations; None to really make it."""
        mock = self._mocks.get(name)
        if mock is None:
            return None
        number = self._calls[name]
        self._calls[name] += 1
        if isinstance(mock, (Return, Throw)):
            return mock
        if isinstance(mock, Configured):
            return mock.answer(number)
        if isinstance(mock, Sequence):
            return mock[number] if number < len(mock) else None
        return Return(mock(data)) if callable(mock) else mock.answer(data, within)


@dataclass(frozen=True, slots=True)
class Configured:
    """The responses of a mock configuration file by the call's number: each call must have one."""

    name: str
    responses: Mapping[int, Response]

    def answer(self, number: int) -> Response:
        missing = Throw("States.Runtime", f"{self.name} has no mocked response for call {number}")
        return self.responses.get(number, missing)


def fault(text: str) -> tuple[str, list[Response]]:
    """`STATE=Error.Name*2` as a state's name and its failures. Raises ValueError."""
    state, _, rest = text.partition("=")
    error, _, times = rest.partition("*")
    if not state or not error or (times and not times.isdecimal()):
        raise ValueError(f'write "STATE=Error.Name" or "STATE=Error.Name*2", not {text!r}')
    return state, [Throw(error, "a fault asked for") for _ in range(int(times or 1))]


def read_mock_config(path: Path, case: str, machine: str | None = None) -> dict[str, Mock]:
    """The mocks of a test case in a MockConfigFile.json, as Step Functions Local reads it.

    Developer guide, "Testing state machines with Step Functions Local", "Mocked service integrations". Raises
    FindingsError for a file that is not one, or does not have the case.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        machines, responses = dict(content["StateMachines"]), dict(content["MockedResponses"])
        named = [each for name, each in machines.items() if machine in (None, name)] or list(machines.values())
        cases = {name: dict(states) for each in named for name, states in each.get("TestCases", {}).items()}
    except (KeyError, TypeError, ValueError, AttributeError) as problem:
        raise _wrong(
            path, f"is no mock configuration: {problem}", 'it has "StateMachines" and "MockedResponses"'
        ) from None
    if case not in cases:
        raise _wrong(path, f"has no test case {case!r}", closest(case, cases) or f"it has {', '.join(cases) or 'none'}")
    return {state: _configured(path, name, responses) for state, name in cases[case].items()}


def _configured(path: Path, name: str, responses: Mapping[str, Json]) -> Configured:
    if name not in responses:
        raise _wrong(path, f"has no mocked response {name!r}", closest(name, responses) or "add it to MockedResponses")
    found: dict[int, Response] = {}
    if not isinstance(responses[name], dict):
        raise _wrong(
            path, f"{name} has no responses", 'write them by the number of the call, as {"0": {"Return": ...}}'
        )
    for calls, response in responses[name].items():
        first, _, last = calls.partition("-")
        if not first.isdecimal() or (last and not last.isdecimal()):
            raise _wrong(path, f'{name} has the calls "{calls}"', 'write a number or a range, as "0" or "1-2"')
        for number in range(int(first), int(last or first) + 1):
            found[number] = _response(path, name, response)
    return Configured(name, found)


def _response(path: Path, name: str, response: Json) -> Response:
    if isinstance(response, dict) and "Return" in response:
        return Return(response["Return"])
    if isinstance(response, dict) and isinstance(response.get("Throw"), dict):
        return Throw(response["Throw"].get("Error", ""), response["Throw"].get("Cause", ""))
    raise _wrong(path, f"{name} has a response that is neither Return nor Throw", "write one of the two")


def _wrong(path: Path, message: str, remedy: str) -> FindingsError:
    return FindingsError([Finding("MOCKS", "error", Where(place=Place(str(path))), message, remedy)])
