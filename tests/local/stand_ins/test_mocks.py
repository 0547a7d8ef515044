"""mocks.py: mocked responses of states, and the mock configuration files of Step Functions Local."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workflow_dsl.findings import FindingsError
from workflow_dsl.local import LambdaContext, Return, Run, Throw, read_mock_config, run
from workflow_dsl.local.stand_ins.mocks import Mock, Mocks, parse_fault

TASK = {"Type": "Task", "Resource": "${F}"}
ONE = {"StartAt": "T", "States": {"T": {**TASK, "End": True}}}
RETRY = [{"ErrorEquals": ["States.ALL"], "BackoffRate": 1.0}]
RETRIED = {"StartAt": "T", "States": {"T": {**TASK, "Retry": RETRY, "End": True}}}
TWICE = {"StartAt": "T", "States": {"T": {**TASK, "Next": "U"}, "U": {**TASK, "End": True}}}


def real(event: Any, context: LambdaContext) -> Any:
    return "real"


def outcome(run_: Run) -> tuple[Any, ...]:
    result = (run_.output,) if run_.status == "SUCCEEDED" else (run_.error, run_.cause)
    return (run_.status, *result, run_.duration)


MOCKS: list[tuple[Mock, tuple[Any, ...]]] = [
    (Return({"a": 1}), ("SUCCEEDED", {"a": 1}, 0)),
    (Return(None), ("SUCCEEDED", None, 0)),
    (Return(1, after=2.5), ("SUCCEEDED", 1, 2.5)),
    (Throw("E", "c"), ("FAILED", "E", "c", 0)),
    (Throw("E"), ("FAILED", "E", "", 0)),
    (Throw("E", "c", after=4), ("FAILED", "E", "c", 4)),
    (lambda arguments: {"got": arguments}, ("SUCCEEDED", {"got": {"in": 1}}, 0)),
    ([Return("first"), Return("second")], ("SUCCEEDED", "first", 0)),
    ([None], ("SUCCEEDED", "real", 0)),
    ([], ("SUCCEEDED", "real", 0)),
]


@pytest.mark.parametrize(("mock", "expected"), MOCKS)
def test_a_mock_sets_the_outcome_of_its_state(mock: Mock, expected: tuple[Any, ...]) -> None:
    assert outcome(run(ONE, {"in": 1}, mocks={"T": mock}, functions={"F": real})) == expected


E = Throw("E", "c")
SEQUENCES: list[tuple[list[Any], tuple[Any, ...]]] = [
    ([E, Return(2)], ("SUCCEEDED", 2, 1)),
    ([E, E], ("SUCCEEDED", "real", 2)),
    ([E, None], ("SUCCEEDED", "real", 1)),
    ([E] * 4, ("FAILED", "E", "c", 3)),
]


@pytest.mark.parametrize(("responses", "expected"), SEQUENCES)
def test_a_sequence_has_a_response_for_each_call_and_then_the_handler_is_called(
    responses: list[Any], expected: Any
) -> None:
    assert outcome(run(RETRIED, mocks={"T": responses}, functions={"F": real})) == expected


def test_only_the_named_state_is_mocked_and_all_calls_are_recorded() -> None:
    execution = run(TWICE, {"in": 1}, mocks={"T": Return("mocked")}, functions={"F": real})
    assert [(call.state, call.arguments) for call in execution.calls] == [("T", {"in": 1}), ("U", "mocked")]
    assert execution.output == "real"


def test_a_state_that_is_always_mocked_needs_no_handler() -> None:
    assert run(ONE, mocks={"T": Return(1)}).output == 1
    assert run(ONE, mocks={"T": lambda arguments: 2}).output == 2


def test_mocks_contain_their_states() -> None:
    mocks = Mocks({"A": Return(1), "B": [Return(2)]})
    assert (list(mocks), "A" in mocks, "C" in mocks) == (["A", "B"], True, False)
    assert [mocks.always_answers(name) for name in "ABC"] == [True, False, False]
    assert [mocks.answer("B", None) for _ in range(2)] == [Return(2), None]
    assert list(Mocks(None)) == []


FAULTS = [
    ("T=E", ("T", [Throw("E", "injected by --fail")])),
    ("Buy Stock=States.Timeout*2", ("Buy Stock", [Throw("States.Timeout", "injected by --fail")] * 2)),
    ("T=E*0", ("T", [])),
]


@pytest.mark.parametrize(("text", "expected"), FAULTS)
def test_a_fault_is_parsed_into_a_state_and_its_failures(text: str, expected: Any) -> None:
    assert parse_fault(text) == expected


@pytest.mark.parametrize("text", ["", "T", "T=", "=E", "T=E*x", "T=*2", "T=E*-1"])
def test_a_malformed_fault_is_refused_with_the_right_form(text: str) -> None:
    with pytest.raises(ValueError, match=r'write "STATE=Error\.Name" or "STATE=Error\.Name\*2", not ') as error:
        parse_fault(text)
    assert str(error.value).endswith(repr(text))


CONFIG = {
    "StateMachines": {
        "Stock": {"TestCases": {"Happy": {"T": "Fine"}, "Recovers": {"T": "Flaky"}, "Lost": {"T": "Misssing"}}},
        "Other": {"TestCases": {"Only": {"T": "Broken"}, "Happy": {"T": "Broken"}}},
        "Empty": {},
    },
    "MockedResponses": {
        "Fine": {"0": {"Return": {"price": 1}}},
        "Flaky": {"0-1": {"Throw": {"Error": "E", "Cause": "c"}}, "2": {"Return": "ok"}},
        "Broken": {"0": {"Throw": {"Error": "Only"}}, "5-6": {"Throw": {}}},
        "Missing": {"0": {"Return": 1}},
    },
}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "MockConfigFile.json"
    path.write_text(json.dumps(CONFIG), "utf-8")
    return path


@pytest.mark.parametrize(
    ("case", "machine", "expected"),
    [
        ("Happy", "Stock", ("SUCCEEDED", {"price": 1}, 0)),
        ("Happy", "Other", ("FAILED", "States.Runtime", "Broken has no mocked response for call 1", 1)),
        ("Recovers", "Stock", ("SUCCEEDED", "ok", 2)),
        ("Recovers", None, ("SUCCEEDED", "ok", 2)),
        ("Only", "NoSuchMachine", ("FAILED", "States.Runtime", "Broken has no mocked response for call 1", 1)),
    ],
)
def test_a_test_case_of_a_mock_configuration_runs(config: Path, case: str, machine: str | None, expected: Any) -> None:
    assert outcome(run(RETRIED, mocks=read_mock_config(config, case, machine))) == expected


def responses(path: Path, case: str, calls: int) -> list[Any]:
    mocks = Mocks(read_mock_config(path, case))
    return [mocks.answer("T", None) for _ in range(calls)]


def test_every_call_in_a_range_has_the_response(config: Path) -> None:
    none = [Throw("States.Runtime", f"Broken has no mocked response for call {number}") for number in (1, 2, 3, 4)]
    assert responses(config, "Recovers", 3) == [Throw("E", "c"), Throw("E", "c"), Return("ok")]
    assert responses(config, "Only", 7) == [Throw("Only", ""), *none, Throw("", ""), Throw("", "")]


def test_a_call_without_a_response_fails_the_run(config: Path) -> None:
    rule = {"Variable": "$.never", "IsPresent": True, "Next": "E"}
    states = {
        "T": {**TASK, "Next": "C"},
        "C": {"Type": "Choice", "Choices": [rule], "Default": "T"},
        "E": {"Type": "Succeed"},
    }
    execution = run({"StartAt": "T", "States": states}, mocks=read_mock_config(config, "Happy", "Stock"))
    assert outcome(execution) == ("FAILED", "States.Runtime", "Fine has no mocked response for call 1", 0)


NO_CONFIG = 'is not a mock configuration; write an object with "StateMachines" and "MockedResponses"'
MISTAKES: list[tuple[str, str, str]] = [
    ("{", "Happy", "is not a mock configuration: Expecting property name"),
    ("{}", "Happy", NO_CONFIG),
    ('{"StateMachines": {}}', "Happy", NO_CONFIG),
    ("[]", "Happy", NO_CONFIG),
    ('{"StateMachines": {"M": 5}, "MockedResponses": {}}', "A", NO_CONFIG),
    (json.dumps(CONFIG), "Hapy", "has no test case 'Hapy'; did you mean \"Happy\"?"),
    (json.dumps(CONFIG), "zzzzz", "has no test case 'zzzzz'; use one of Happy, Recovers, Lost, Only"),
    ('{"StateMachines": {}, "MockedResponses": {}}', "A", "has no test case 'A'; add it to TestCases"),
    (json.dumps(CONFIG), "Lost", "has no mocked response 'Misssing'; did you mean \"Missing\"?"),
]


def one_response(calls: str, response: Any, name: str = "R") -> str:
    machines = {"M": {"TestCases": {"A": {"T": "R"}}}}
    return json.dumps({"StateMachines": machines, "MockedResponses": {name: {calls: response}}})


MISTAKES += [
    (one_response("0", {"Return": 1}, "zzzzz"), "A", "has no mocked response 'R'; add it to MockedResponses"),
    (
        one_response("first", {"Return": 1}),
        "A",
        'R has the call number "first"; write a number or a range, such as "0" or "1-2"',
    ),
    (
        one_response("1-x", {"Return": 1}),
        "A",
        'R has the call number "1-x"; write a number or a range, such as "0" or "1-2"',
    ),
    (one_response("0", {"return": 1}), "A", "R has a response that is neither Return nor Throw; write Return or Throw"),
    (one_response("0", 5), "A", "R has a response that is neither Return nor Throw; write Return or Throw"),
]


@pytest.mark.parametrize(("text", "case", "message"), MISTAKES)
def test_a_mistake_in_a_mock_configuration_is_reported_with_its_file(
    tmp_path: Path, text: str, case: str, message: str
) -> None:
    path = tmp_path / "mocks.json"
    path.write_text(text, "utf-8")
    with pytest.raises(FindingsError) as error:
        read_mock_config(path, case)
    (finding,) = error.value.findings
    assert str(finding).startswith(f"{path}: {message}")


def test_a_mock_configuration_that_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mocks.json"
    path.write_bytes(b"\xff\xfe{")
    with pytest.raises(OSError, match="is not UTF-8; save it as UTF-8"):
        read_mock_config(path, "A")
