"""recording.py: recorded executions in files."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from workflow_dsl.findings import FindingsError
from workflow_dsl.local.replay.recording import Recording, events_as_json, read_recording, seconds_since_start
from workflow_dsl.records import replace

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
RECORDING = Recording(
    arn="arn:aws:states:eu-west-1:123456789012:execution:t:e",
    name="e",
    status="SUCCEEDED",
    started=AT,
    stopped=AT + timedelta(seconds=2),
    input='{"a": "ü"}',
    output="1",
    error=None,
    cause=None,
    machine="arn:aws:states:eu-west-1:123456789012:stateMachine:t",
    workflow="t",
    definition={"StartAt": "A", "States": {"A": {"Type": "Succeed"}}},
    events=events_as_json([{"id": 1, "type": "ExecutionStarted", "timestamp": AT + timedelta(seconds=1)}]),
)


def test_a_written_recording_is_read_unchanged(tmp_path: Path) -> None:
    file = tmp_path / "e.json"
    for recording in (RECORDING, replace(RECORDING, stopped=None, input=None)):
        file.write_text(recording.to_text(), "utf-8")
        assert read_recording(file) == recording


def test_the_time_of_an_event_counts_from_the_start() -> None:
    assert seconds_since_start(RECORDING, RECORDING.events[0]) == 1


def content(**changed: Any) -> str:
    return json.dumps({**json.loads(RECORDING.to_text()), **changed})


NOT_RECORDINGS = [
    ("no json", "Expecting value: line 1 column 1 (char 0)"),
    ("[]", "it was not written by `workflow-dsl history --save`"),
    (content(format="another"), "it was not written by `workflow-dsl history --save`"),
    (content(events=[{"id": "1"}]), "its events are not those of an execution"),
    (content(started="noon"), "Invalid isoformat string: 'noon'"),
    (json.dumps({"format": "workflow-dsl execution 1"}), "lacks 'arn'"),
]


@pytest.mark.parametrize(("text", "details"), NOT_RECORDINGS)
def test_a_file_that_is_not_a_recording_is_reported(text: str, details: str, tmp_path: Path) -> None:
    (tmp_path / "e.json").write_text(text)
    with pytest.raises(FindingsError) as error:
        read_recording(tmp_path / "e.json")
    [finding] = error.value.findings
    assert (finding.code, finding.message) == ("RECORDING", f"is not a recorded execution: {details}")
    assert finding.remedy == "save one with `workflow-dsl history NAME --save FILE`"


def test_an_event_must_be_json() -> None:
    with pytest.raises(TypeError, match="is not JSON"):
        events_as_json([{"id": object()}])


MUTATIONS: list[dict[str, Any]] = [
    {"events": [{"id": 1, "type": "A", "timestamp": "yesterday"}]},
    {"events": [{"id": 1, "type": "A", "timestamp": "2026-01-01T00:00:00"}]},
    {"events": [{"id": 1, "type": "A", "timestamp": "2026-01-01T00:00:00Z", "previousEventId": [1]}]},
    {"events": [{"id": 1, "type": "A", "timestamp": "2026-01-01T00:00:00Z", "aEventDetails": 5}]},
    {"events": [{"id": 1, "type": "A", "timestamp": "2026-01-01T00:00:00Z", "aEventDetails": {"index": "one"}}]},
    {"events": [{"id": 1, "type": "A", "timestamp": "2026-01-01T00:00:00Z", "aEventDetails": {"inputDetails": "no"}}]},
    {"machine": 5},
    {"started": None},
    {"status": "ZORK"},
    {"input": ""},
    {"output": "{"},
    {"definition": []},
]


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_a_file_with_one_wrong_value_is_not_a_recording(mutation: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "e.json").write_text(content(**mutation))
    with pytest.raises(FindingsError, match="is not a recorded execution"):
        read_recording(tmp_path / "e.json")
