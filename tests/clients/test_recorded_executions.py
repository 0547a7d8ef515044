"""The executions recorded from AWS, through the API: each answers as `run` does. Skipped without the recorded data."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.clients.support import ROLE, ROOT, ended
from workflow_dsl.application.application import read_application
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import run
from workflow_dsl.project import Project
from workflow_dsl.server.start import Server

DATA = ROOT.parent / "shared" / "conformance" / "executions.jsonl"
pytestmark = pytest.mark.skipif(not DATA.is_file(), reason="the recorded data is not next to this checkout")
Answer = tuple[str, str, str | None]
# What no two executions share: their names, those of their machines and roles, moments, and random values.
OWN = re.compile(
    r"\brow-\d+\b|\brunner\b|\blocal\b|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.]+Z?"
)


def of_run(row: Any) -> Answer | None:
    """The answer of `run`, None if it refuses the definition."""
    with suppress(FindingsError):
        execution = run(row["definition"], row["input"], type=row.get("sm_type") or "STANDARD")
        return execution.status, plain(execution.output), execution.error
    return None


def of_api(client: Any, number: int, row: Any) -> Answer | None:
    definition, is_express = row["definition"], row.get("sm_type") == "EXPRESS"
    text = definition if isinstance(definition, str) else json.dumps(definition)
    try:
        arn = client.create_state_machine(
            name=f"row-{number}", definition=text, roleArn=ROLE, type="EXPRESS" if is_express else "STANDARD"
        )["stateMachineArn"]
    except client.exceptions.InvalidDefinition:
        return None
    request = {"stateMachineArn": arn, "input": json.dumps(row["input"])}
    if is_express:
        execution = client.start_sync_execution(**request)
    else:
        execution = ended(client, client.start_execution(**request)["executionArn"])
    output = execution.get("output")
    return execution["status"], plain(None if output is None else json.loads(output)), execution.get("error")


def plain(output: Any) -> str:
    return OWN.sub("OWN", json.dumps(output))


def test_each_row_has_the_status_output_and_error_of_run(tmp_path: Path) -> None:
    rows = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
    own = [row for row in rows if "MathRandom" not in str(row["definition"])]
    with Server(read_application(Project(tmp_path))) as server, ThreadPoolExecutor(4) as threads:
        client = server.client("stepfunctions")
        answers = threads.map(lambda each: of_api(client, *each), enumerate(own))
        different = {row["id"]: (answer, of_run(row)) for row, answer in zip(own, answers, strict=True)}
    different = {name: answers for name, answers in different.items() if answers[0] != answers[1]}
    assert (len(own) > 300, different) == (True, {})
