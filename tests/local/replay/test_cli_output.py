"""cli_output.py: executions as the AWS CLI prints them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.local.replay.support import ARNS, FUNCTIONS, TRADER, recorded
from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.placeholders import substitute
from workflow_dsl.findings import FindingsError
from workflow_dsl.local.replay.cli_output import is_execution, read_execution, with_definition
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.local.replay.replay import replay

INPUT = {"price": 42}


def trader() -> Recording:
    return recorded(substitute(TRADER, ARNS), INPUT, functions=FUNCTIONS)[0]


def numeric(time: str) -> float:
    return datetime.fromisoformat(time).timestamp()


def milliseconds(time: str) -> float:
    return numeric(time) * 1000


def history(time: Callable[[str], Any] = str) -> dict[str, Any]:
    return {"events": [{**event, "timestamp": time(event["timestamp"])} for event in trader().events]}


def described(**changed: Any) -> dict[str, Any]:
    recording = trader()
    return {
        "executionArn": recording.arn,
        "stateMachineArn": recording.machine,
        "name": "e",
        "status": "SUCCEEDED",
        "startDate": 1764000000.0,
        "input": json.dumps(INPUT),
        "output": recording.output,
        **changed,
    }


def written(folder: Path, *contents: Any) -> list[Path]:
    paths = [folder / f"{number}.json" for number in range(len(contents))]
    for path, content in zip(paths, contents, strict=True):
        path.write_text(json.dumps(content))
    return paths


def entries() -> list[dict[str, Any]]:
    """The events of the execution as the log group of an Express state machine has them."""
    return [
        {
            "id": str(event["id"]),
            "type": event["type"],
            "details": next((value for key, value in event.items() if key.endswith("EventDetails")), {}),
            "previous_event_id": str(event["previousEventId"]),
            "event_timestamp": str(int(milliseconds(event["timestamp"]))),
            "execution_arn": "arn:aws:states:us-east-1:111111111111:express:local:e:1",
        }
        for event in trader().events
    ]


def exported(*changed: dict[str, Any]) -> dict[str, Any]:
    return {"events": [{"message": json.dumps(entry), "eventId": "1"} for entry in (*entries(), *changed)]}


def pages() -> list[dict[str, Any]]:
    events = history()["events"]
    return [{"events": events[:3], "nextToken": "a"}, {"events": events[3:6], "NextToken": "b"}, {"events": events[6:]}]


def queried() -> dict[str, Any]:
    """The rows of a query in CloudWatch Logs Insights."""
    rows = [
        [{"field": "@timestamp", "value": "1"}, {"field": "@message", "value": json.dumps(each)}] for each in entries()
    ]
    return {"results": rows, "status": "Complete"}


# Files that a shell writes: one document after another, in the encoding of PowerShell, or with text before each.
TEXTS: dict[str, Callable[[], bytes]] = {
    "page after page": lambda: "\n".join(json.dumps(page, indent=1) for page in pages()).encode(),
    "an event a line": lambda: "\n".join(map(json.dumps, history()["events"])).encode(),
    "a log entry a line": lambda: "\n".join(map(json.dumps, entries())).encode(),
    "a followed log": lambda: "\n".join(
        f"2026-11-24T12:00:00 states/x {json.dumps(each)}" for each in entries()
    ).encode(),
    "UTF-16": lambda: json.dumps(history()).encode("utf-16"),
    "a byte order mark": lambda: json.dumps(history()).encode("utf-8-sig"),
}


@pytest.mark.parametrize("form", TEXTS)
def test_every_file_that_a_shell_writes_is_read(form: str, tmp_path: Path) -> None:
    (tmp_path / "e.json").write_bytes(TEXTS[form]())
    recording = with_definition(read_execution([tmp_path / "e.json"]), Machine(TRADER), UNCALLED)
    assert replay(recording, Machine(TRADER)).difference is None


WHOLE: dict[str, Callable[[], list[Any]]] = {
    "ISO times": lambda: [history()],
    "times as numbers": lambda: [history(numeric)],
    "times in milliseconds": lambda: [history(milliseconds)],
    "a list of events": lambda: [history()["events"]],
    "in reverse order": lambda: [{"events": history()["events"][::-1]}],
    "a log": lambda: [exported()],
    "a log with a repeated event": lambda: [exported(entries()[2])],
    "a list of log entries": lambda: [entries()[::-1]],
    "pages in a list": lambda: [pages()],
    "pages in files": lambda: pages()[::-1],
    "rows of a query": lambda: [queried()],
    "with a description": lambda: [history(), described()],
    "after a description": lambda: [described(), history(numeric)],
}


@pytest.mark.parametrize("form", WHOLE)
def test_every_form_is_replayed_without_a_difference(form: str, tmp_path: Path) -> None:
    paths = written(tmp_path, *WHOLE[form]())
    machine = Machine(TRADER)
    recording = with_definition(read_execution(paths), machine, UNCALLED)
    assert replay(recording, machine).difference is None
    assert recording.definition == substitute(TRADER, ARNS | UNCALLED)
    assert all(map(is_execution, paths))


UNCALLED = {"Seller": "arn:aws:lambda:us-east-1:111111111111:function:local"}  # the history does not have it


def test_an_edit_is_a_difference(tmp_path: Path) -> None:
    machine = Machine(json.loads(json.dumps(TRADER).replace("50", "10")))
    recording = with_definition(read_execution(written(tmp_path, history())), machine, UNCALLED)
    assert replay(recording, machine).difference == '"Sell" now, "Buy" in the recording'


def without(content: dict[str, Any], *names: str) -> dict[str, Any]:
    events = [
        {key: {n: v for n, v in value.items() if n not in names} if isinstance(value, dict) else value for key, value in event.items()}
        for event in content["events"]
    ]  # fmt: skip
    return {"events": events}


def truncated(content: dict[str, Any]) -> dict[str, Any]:
    content["events"][0]["executionStartedEventDetails"]["inputDetails"] = {"truncated": True}
    return content


PARTIAL: dict[str, tuple[Callable[[], list[Any]], str, str]] = {
    "cut": (lambda: [{**history(), "nextToken": "more"}], "is only the first part of a history", "without --max-items"),
    "filtered": (lambda: [{"events": history()["events"][::2]}], "lacks event 2: it is filtered or cut", "fetch it whole"),
    "without its start": (lambda: [history()["events"][3:]], "lacks event 1: it is filtered or cut", "fetch it whole"),
    "a log of errors": (
        lambda: [{"events": exported()["events"][4:6]}], "lacks event 1: it is filtered or cut", "Level ALL and IncludeExecutionData",
    ),
    "pages without the last": (lambda: pages()[:2], "is only the first part of a history", "without --max-items"),
    "pages without the first": (lambda: pages()[1:], "lacks event 1: it is filtered or cut", "fetch it whole"),
    "without its end": (
        lambda: [{"events": history()["events"][:-1]}, described()], "has no end, and the execution is SUCCEEDED", "fetch it whole",
    ),
    "without data": (lambda: [without(history(), "input", "output")], "has no execution data", "--include-execution-data"),
    "with a long input": (lambda: [truncated(history())], "does not have the whole input", "describe-execution"),
    "of two executions": (
        lambda: [history(), described(input="{}")], "belongs to a different execution than the description", "fetch it whole",
    ),
    "two histories": (lambda: [history(), history()], "is not the history of one execution", "give one"),
    "a description alone": (lambda: [described()], "is not the history of one execution", "get-execution-history"),
    "a log of two executions": (
        lambda: [exported({**entries()[0], "execution_arn": "another"})], "has events of several executions", "execution_arn",
    ),
    "without a time": (lambda: [history(lambda time: None)], "has an event with the time None", "fetch it whole"),
}  # fmt: skip


@pytest.mark.parametrize("kind", PARTIAL)
def test_a_partial_history_is_refused_with_what_to_fetch(kind: str, tmp_path: Path) -> None:
    contents, message, remedy = PARTIAL[kind]
    with pytest.raises(FindingsError) as refused:
        read_execution(written(tmp_path, *contents()))
    [finding] = refused.value.findings
    assert (finding.code, finding.message, remedy in finding.remedy) == ("RECORDING", message, True)


def test_a_long_input_comes_from_the_description(tmp_path: Path) -> None:
    assert read_execution(written(tmp_path, truncated(history()), described())).input == json.dumps(INPUT)


def test_a_saved_recording_keeps_its_definition(tmp_path: Path) -> None:
    saved = tmp_path / "e.json"
    saved.write_text(trader().to_text())
    recording = read_execution([saved])
    assert recording == trader()
    assert with_definition(recording, Machine(TRADER), {}) is recording
    assert is_execution(saved)


@pytest.mark.parametrize("content", ["{", "[]", "{}", '{"StartAt": "A", "States": {}}', '[{"id": 1}]'])
def test_another_file_is_not_an_execution(content: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(content)
    assert not is_execution(tmp_path / "x.json")
    with pytest.raises(FindingsError, match="is not a recorded execution"):
        read_execution([tmp_path / "x.json"])


ODD = [{"input": "{}", "inputDetails": "text"}, {"input": "{}", "inputDetails": [1]}, "text", ["a"]]


@pytest.mark.parametrize("started", ODD)
def test_odd_details_of_the_first_event_are_refused(started: object, tmp_path: Path) -> None:
    events = [
        {"id": 1, "type": "ExecutionStarted", "timestamp": 0, "executionStartedEventDetails": started},
        {"id": 2, "type": "ExecutionSucceeded", "timestamp": 1, "executionSucceededEventDetails": {"output": "{}"}},
    ]
    (tmp_path / "x.json").write_text(json.dumps({"events": events}))
    with pytest.raises(FindingsError, match=r"is not a recorded execution|the whole input"):
        read_execution([tmp_path / "x.json"])
