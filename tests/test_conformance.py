"""What AWS itself recorded, where that data lies beside this checkout: the scores that the docs claim."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from workflow_dsl.definition.machine import Machine
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.local.replay.replay import replay

ROOT = Path(__file__).parent.parent
DATA = ROOT.parent / "shared" / "conformance"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the recorded data is not beside this checkout")


# Two rows of an Express machine are alike but for what the service adds in the one that was started asynchronously; a
# moment that was too far off to be waited for when it was recorded is so no longer.
NOT_TO_BE_HAD = {"test_query_runtime_memory", "test_timestamp_too_far_in_future_boundary[24856]"}


def score(script: str) -> list[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-B", str(DATA / script), "--show", "1000"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    return done.stdout.splitlines()


def test_the_engine_answers_as_the_service_did() -> None:
    lines = score("score_executions.py")
    assert {line.removeprefix("- ") for line in lines if line.startswith("- ")} <= NOT_TO_BE_HAD
    found = re.search(r"history +(\d+)/(\d+)", lines[-1])
    assert found
    history, of = map(int, found.groups())
    assert history >= 0.95 * of


def test_the_validation_misses_nothing_and_cries_no_wolf() -> None:
    """But for three rows whose labels AWS contradicts: docs/validation.md, "Errors and warnings"."""
    lines = score("score_definitions.py")
    found = re.search(r"all +(\d+) of \d+", lines[-1])
    assert found
    assert int(found[1]) <= 3
    assert [line for line in lines if line.startswith("misses") and not re.search(r" 0 of ", line)] == []


# What stands in the recordings for what each execution makes anew.
MADE_ANEW = re.compile(r"<[\w:.-]+>|RandomNumberGenerated|\\?\"(date|timestamp)\\?\"")


def test_what_the_service_recorded_is_replayed_without_a_difference() -> None:
    replayed, differences = 0, {}
    for line in (DATA / "executions.jsonl").read_text("utf-8").splitlines():
        row = json.loads(line)
        events = row["expected"].get("history") or []
        told = [
            text
            for event in events
            for details in event.values()
            if isinstance(details, dict)
            for text in details.items()
        ]
        if not events or MADE_ANEW.search(json.dumps(told)) or any(not isinstance(each["id"], int) for each in events):
            continue
        recording = as_recording(row)
        difference = replay(recording, Machine(recording.definition)).difference
        replayed += 1
        if difference:
            differences[row["id"]] = difference
    assert (replayed > 140, differences) == (True, {})


def as_recording(row: Any) -> Recording:
    """A row as `history --save` would have saved it: what went in and came out is JSON text."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    events = [
        {
            **{key: as_texts(value) if isinstance(value, dict) else value for key, value in event.items()},
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
        output=as_text(expected.get("output")) if expected["status"] == "SUCCEEDED" else None,
        error=expected.get("error"),
        cause=as_text(expected.get("cause")),
        machine="arn:aws:states:us-east-1:111111111111:stateMachine:m",
        workflow="m",
        definition=row["definition"] if isinstance(row["definition"], dict) else json.loads(row["definition"]),
        events=events,
    )


def as_texts(details: Any) -> Any:
    return {
        name: as_text(value) if name in ("input", "output", "parameters") else value for name, value in details.items()
    }


def as_text(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json.dumps(value)
