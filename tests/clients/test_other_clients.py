"""The JavaScript SDK and the AWS CLI with `workflow-dsl serve`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.support import AWS, NEEDS_AWS_CLI, NEEDS_PACKAGES, ROLE, Process, run, serving

DOUBLE = {
    "QueryLanguage": "JSONata",
    "StartAt": "Double",
    "States": {"Double": {"Type": "Pass", "Output": "{% $states.input * 2 %}", "End": True}},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Process]:
    with serving(tmp_path_factory.mktemp("empty")) as process:
        yield process


@NEEDS_PACKAGES
def test_the_javascript_sdk_gets_answers_pages_dates_and_exceptions(server: Process, tmp_path: Path) -> None:
    output = run(tmp_path, server.url, "node", str(Path(__file__).with_name("client.mjs")))
    assert [json.loads(line) for line in output.splitlines()] == [
        ["SUCCEEDED", '{"sum":2}'],
        ["RUNNING", True],
        ["SUCCEEDED", '{"b":2}'],
        [
            *("ExecutionStarted", "TaskStateEntered", "ActivityScheduled", "ActivityStarted", "ActivitySucceeded"),
            *("TaskStateExited", "ExecutionSucceeded"),
        ],
        [True, "ExecutionDoesNotExist", 400],
        ["FAILED", "No"],
    ]


@NEEDS_AWS_CLI
def test_the_aws_cli_creates_runs_and_lists(server: Process, tmp_path: Path) -> None:
    def aws(*arguments: str) -> str:
        return run(tmp_path, server.url, str(AWS), "stepfunctions", *arguments, "--output", "text").strip()

    definition, create = json.dumps(DOUBLE), ("create-state-machine", "--role-arn", ROLE, "--query", "stateMachineArn")
    arn = aws(*create, "--name", "cli", "--definition", definition)
    express = aws(*create, "--name", "cli-express", "--definition", definition, "--type", "EXPRESS")
    execution = aws("start-execution", "--state-machine-arn", arn, "--input", "21", "--query", "executionArn")
    assert aws("describe-execution", "--execution-arn", execution, "--query", "output") == "42"
    sync = aws("start-sync-execution", "--state-machine-arn", express, "--input", "4", "--query", "output")
    names = aws("list-state-machines", "--query", "stateMachines[?starts_with(name, `cli`)].name").split()
    assert (sync, names) == ("8", ["cli", "cli-express"])
