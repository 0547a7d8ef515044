"""The scores that the docs claim against answers recorded from AWS; skipped without the recorded data."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from workflow_dsl.application.application import read_application
from workflow_dsl.definition.machine import Machine
from workflow_dsl.local.replay.failure import failure_of
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.local.replay.replay import replay
from workflow_dsl.project import Project
from workflow_dsl.server.start import Server

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "conformance"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the recorded data is not next to this checkout")


# Two rows of an Express state machine differ only in what the service adds to an asynchronous execution, so one of them
# cannot match. The other row has a timestamp that was too far in the future to wait for when it was recorded.
UNREPRODUCIBLE = {"test_query_runtime_memory", "test_timestamp_too_far_in_future_boundary[24856]"}


def score(script: str, *data: str) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    files = [str(DATA / name) if (DATA / name).is_file() else name for name in data]
    command = [sys.executable, "-B", str(DATA / script), "--show", "1000", *files]
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    return process.stdout.splitlines()


def test_the_local_engine_matches_the_recorded_executions() -> None:
    lines = score("score_executions.py")
    assert {line.removeprefix("- ") for line in lines if line.startswith("- ")} <= UNREPRODUCIBLE
    match = re.search(r"history +(\d+)/(\d+)", lines[-1])
    assert match
    matching, total = map(int, match.groups())
    assert matching >= 0.95 * total


def test_the_local_engine_matches_the_recorded_executions_that_call_functions() -> None:
    """The cause of one row is no JSON since its request ID was replaced; two histories have the name of another role."""
    lines = score("score_executions.py", "lambda.jsonl")
    assert [line for line in lines if line.startswith("- ")] == ["- test_catch"]
    assert lines[-1].split("history")[1].split()[0] == "29/31"


# What these rows record is not the service's: the error of an emulator's own Python, and that of a later call.
NOT_OF_THE_SERVICE = (
    "test_map_state_label_",
    "test_start_sync_execution",
    "test_start_async_describe_history_execution",
)
# The server of the test has no functions; one row's mock was replaced by a placeholder.
NEEDS_MORE = ("test_base_lambda_task_state", "test_base_lambda_service_task_state", "test_put_events_mock_success")


def test_the_api_answers_as_the_service_word_for_word(tmp_path: Path) -> None:
    with Server(read_application(Project(tmp_path))) as server:
        lines = score("score_api.py", "--endpoint-url", server.url)
    different = [line.split()[2] for line in lines if line.startswith("- ")]
    assert [name for name in different if not name.startswith(NOT_OF_THE_SERVICE + NEEDS_MORE)] == []
    assert re.search(r"all +162 rows", lines[-1])


def test_paths_are_read_as_jayways_two_versions_read_them() -> None:
    """All but one, `'it\\\\'` in a filter, which the older version cannot parse and the newer one can."""
    lines = score("score_expressions.py", "jsonpath.jsonl")
    match = re.search(r"(\d+) of (\d+) right, 0 crashes", lines[-1])
    assert match
    assert int(match[1]) >= int(match[2]) - 1


def test_the_validation_has_no_missed_and_no_false_errors() -> None:
    """Except for three rows whose labels AWS contradicts: docs/usage.md, "Definitions"."""
    lines = score("score_definitions.py")
    match = re.search(r"all +(\d+) of \d+", lines[-1])
    assert match
    assert int(match[1]) <= 3
    assert [line for line in lines if line.startswith("misses") and not re.search(r" 0 of ", line)] == []


# Stand-ins in the recordings for values that differ in each execution; a cause with one is no JSON any more.
MASKED = re.compile(r"<[\w:.-]+|\"(date|timestamp|RandomNumberGenerated)\"|'errorType|lambda_function_name|\$\.Cause ")
FUNCTION, STAND_IN = (
    re.compile(r"\b\w{1,64}_uid\d+"),
    re.compile(r"(?:no_such_)?<?lambda_(?:\d_)?function_(?:\d_)?name>?"),
)


def recorded_rows() -> Iterator[Any]:
    """Yield the rows with a history whose events have the service's IDs, with the name of their one function."""
    for file in ("executions.jsonl", "lambda.jsonl"):
        for line in (DATA / file).read_text("utf-8").splitlines():
            row = json.loads(line)
            events = row["expected"].get("history") or []
            if events and all(isinstance(event["id"], int) for event in events):
                yield {**row, "expected": unmasked(row)}


def unmasked(row: Any) -> Any:
    text = json.dumps(row["expected"]).replace("<partition>", "aws").replace("<region>", "us-east-1")
    names = set(FUNCTION.findall(json.dumps([row["definition"], row["input"]])))
    if len(names) == 1:
        text = STAND_IN.sub(names.pop(), text)
    return json.loads(text)


def test_recorded_executions_are_replayed_with_no_difference_but_in_what_they_mask() -> None:
    rows, differences = list(recorded_rows()), {}
    for row in rows:
        recording = as_recording(row)
        difference = replay(recording, Machine(recording.definition)).difference
        if difference:
            differences[row["id"]] = difference
    assert {id_: each for id_, each in differences.items() if not MASKED.search(each)} == {}
    assert (len(rows), len(differences)) == (202, 22)


def test_every_recorded_failure_says_where_and_why() -> None:
    failed = 0
    for file in ("executions.jsonl", "lambda.jsonl"):
        for line in (DATA / file).read_text("utf-8").splitlines():
            row = json.loads(line)
            if not row["expected"].get("history") or row["expected"]["status"] == "SUCCEEDED":
                continue
            recording = as_recording(row)
            failure = failure_of(recording)
            assert failure is not None, row["id"]
            assert failure.state in {state.name for state in Machine(recording.definition).walk()}, row["id"]
            assert (failure.error, failure.cause) == (recording.error or "", recording.cause or ""), row["id"]
            named = re.match(r"An error occurred while executing the state '(.+?)' ", failure.cause)
            assert named is None or named[1] == failure.state, row["id"]
            failed += 1
    assert failed == 51


def as_recording(row: Any) -> Recording:
    """Return the row as `history --save` writes it, with inputs and outputs as JSON strings."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    events = [
        {
            **{key: with_json_strings(value) if isinstance(value, dict) else value for key, value in event.items()},
            "timestamp": at.isoformat(),
        }
        for event in row["expected"]["history"]
    ]
    expected = row["expected"]
    return Recording(
        arn="arn:aws:states:us-east-1:111111111111:execution:m:e",
        name="e",
        status=expected["status"],
        started=at,
        stopped=at,
        input=json.dumps(row["input"]),
        output=as_json_string(expected.get("output")) if expected["status"] == "SUCCEEDED" else None,
        error=expected.get("error"),
        cause=as_json_string(expected.get("cause")),
        machine="arn:aws:states:us-east-1:111111111111:stateMachine:m",
        workflow="m",
        definition=row["definition"] if isinstance(row["definition"], dict) else json.loads(row["definition"]),
        events=events,
    )


def with_json_strings(details: Any) -> Any:
    return {
        name: as_json_string(value) if name in ("input", "output", "parameters") else value
        for name, value in details.items()
    }


def as_json_string(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
