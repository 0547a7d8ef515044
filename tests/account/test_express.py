"""`history` of an Express state machine, from its log group."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.account.conftest import ARN, AT, MACHINES, described, lines, run
from tests.fake_aws import ErrorResponse, FakeAws

EXECUTION = f"{MACHINES}:express:app-Trader-X1:e1:5f0c"
DEFINITION = {"StartAt": "Stop", "States": {"Stop": {"Type": "Fail", "Error": "Bad", "Cause": "why"}}}
LOGGING: dict[str, Any] = {
    "level": "ALL",
    "includeExecutionData": True,
    "destinations": [{"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:eu-west-1:1:log-group:/aws/trader:*"}}],
}


def entry(number: int, type_: str, details: dict[str, Any]) -> dict[str, Any]:
    content = {
        "id": str(number),
        "type": type_,
        "details": details,
        "previous_event_id": str(number - 1),
        "event_timestamp": str(int(AT.timestamp() * 1000) + number),
        "execution_arn": EXECUTION,
    }
    return {"message": json.dumps(content), "logStreamName": "s", "timestamp": 0, "eventId": str(number)}


ENTRIES = [
    entry(1, "ExecutionStarted", {"input": '{"a": 1}', "inputDetails": {"truncated": False}, "roleArn": "r"}),
    entry(2, "FailStateEntered", {"name": "Stop", "input": '{"a": 1}', "inputDetails": {"truncated": False}}),
    entry(3, "ExecutionFailed", {"error": "Bad", "cause": "why"}),
]


@pytest.fixture
def express(application: FakeAws) -> FakeAws:
    """The application with an Express state machine that failed once, logged out of order and twice."""
    application.responses |= {
        "DescribeStateMachine": {**described(DEFINITION, "EXPRESS"), "loggingConfiguration": LOGGING},
        "ListExecutions": ErrorResponse("StateMachineTypeNotSupported", "EXPRESS"),
        "DescribeExecution": ErrorResponse("StateMachineTypeNotSupported", "EXPRESS"),
        "FilterLogEvents": lambda query: {"events": [ENTRIES[2], *ENTRIES] if "Arn" not in query else []},
    }
    return application


def test_the_executions_in_a_log_are_listed(express: FakeAws) -> None:
    result = run(express, "history", "trader", "--since", "2026-11-24")
    assert (result.exit_code, result.stderr, lines(result.stdout)) == (
        0,
        "",
        [
            "Execution Status Started Duration Error",
            "e1:5f0c FAILED 2026-11-24 12:00:00 UTC 0.0 s Bad",
        ],
    )
    [parameters] = [query for operation, query in express.requests if operation == "FilterLogEvents"]
    assert (parameters["logGroupName"], parameters["filterPattern"]) == ("/aws/trader", '{ $.type = "Execution*" }')
    assert run(express, "history", "trader", "--status", "SUCCEEDED", "--since", "1d").stdout.count("\n") == 1


FORMS = [
    ("trader", "--execution", "last"),
    ("trader", "--execution", "e1"),
    ("trader", "--execution", "5f0c"),
    (EXECUTION,),
]


@pytest.mark.parametrize("arguments", FORMS)
def test_an_execution_in_a_log_is_shown_and_saved(arguments: tuple[str, ...], express: FakeAws, tmp_path: Path) -> None:
    saved = tmp_path / "e1.json"
    result = run(express, "history", *arguments, "--since", "2026-11-24", "--save", str(saved))
    assert (result.exit_code, result.stdout.splitlines()[:3]) == (
        0,
        ["00:00.001  Stop", "FAILED after 0.002 s: e1:5f0c, 2026-11-24 12:00:00 UTC", 'In "Stop": Bad: why'],
    )
    assert json.loads(saved.read_text())["input"] == '{"a": 1}'


def test_the_last_three_hours_are_searched_unless_told_otherwise(express: FakeAws) -> None:
    assert run(express, "history", "trader").stderr == (
        "The last three hours of the log were searched; begin earlier with --since.\n"
    )


def test_an_execution_that_is_not_in_the_log_is_a_usage_error(express: FakeAws) -> None:
    result = run(express, "history", "trader", "--execution", "e9", "--since", "1d")
    assert (result.exit_code, "no execution e9: list executions by leaving out" in result.stderr) == (2, True)


PARTIAL: list[tuple[dict[str, Any], list[dict[str, Any]], str]] = [
    ({"level": "ERROR"}, ENTRIES[2:], "lacks event 1: it is filtered or cut, because the log has only events of level ERROR"),
    ({"includeExecutionData": False}, [ENTRIES[0], entry(2, "FailStateEntered", {"name": "Stop"}), ENTRIES[2]],
     "has no execution data, because the log has no input and output"),
    ({}, [], "has no event of the execution"),
    ({}, ENTRIES[1:], "lacks event 1: it is filtered or cut"),
]  # fmt: skip


@pytest.mark.parametrize(("logging", "entries", "problem"), PARTIAL)
def test_a_partial_log_is_refused_with_the_reason(
    logging: dict[str, Any], entries: list[dict[str, Any]], problem: str, express: FakeAws
) -> None:
    express.responses["DescribeStateMachine"] = {
        **described(DEFINITION, "EXPRESS"),
        "loggingConfiguration": {**LOGGING, **logging},
    }
    express.responses["FilterLogEvents"] = {"events": entries}
    result = run(express, "history", EXECUTION)
    assert (result.exit_code, result.stderr.splitlines()[0]) == (1, f"error RECORDING: the log /aws/trader {problem}")


@pytest.mark.parametrize("logging", [{}, {"level": "OFF"}, {"level": "ALL", "destinations": []}])
def test_a_state_machine_without_a_log_is_reported(logging: dict[str, Any], express: FakeAws) -> None:
    express.responses["DescribeStateMachine"] = {**described(DEFINITION, "EXPRESS"), "loggingConfiguration": logging}
    result = run(express, "history", ARN)
    assert (result.exit_code, "error RECORDING: the state machine is Express and has no log" in result.stderr) == (
        1,
        True,
    )


def test_a_denied_log_names_the_action(express: FakeAws) -> None:
    express.responses["FilterLogEvents"] = ErrorResponse("AccessDeniedException", "no")
    assert "ask for a policy that allows logs:FilterLogEvents" in run(express, "history", "trader").stderr


def test_a_list_of_a_log_that_leaves_events_out_says_so(express: FakeAws) -> None:
    logging = {**LOGGING, "level": "ERROR"}
    express.responses["DescribeStateMachine"] = {**described(DEFINITION, "EXPRESS"), "loggingConfiguration": logging}
    express.responses["FilterLogEvents"] = {"events": ENTRIES[2:]}
    result = run(express, "history", "trader", "--since", "2026-11-24")
    assert (result.exit_code, result.stderr, result.stdout.splitlines()[1].split()[:2]) == (
        1,
        "Not all is shown: the log has only events of level ERROR.\n",
        ["e1:5f0c", "FAILED"],
    )
