"""`serve` as a process: it answers, prints a line per call, refuses a port in use, and ends at a signal."""

from __future__ import annotations

import http.client
import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from click.testing import CliRunner

from tests.server.support import PASS, PREFIX, ROLE
from tests.support import SIGNALS, heeded
from workflow_dsl.cli import main
from workflow_dsl.server import Server

Process = subprocess.Popen[str]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Process, str]]:
    """A server in an empty folder, and its address."""
    command = [sys.executable, "-m", "workflow_dsl", "serve", "--port", "0"]
    with heeded():
        process = subprocess.Popen(command, cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with process:
        assert process.stdout
        line = process.stdout.readline()
        match = re.fullmatch(r"Step Functions is at (http://127\.0\.0\.1:\d+); stop with Ctrl-C\n", line)
        assert match, line
        yield process, match[1]
        process.kill()


def call(url: str, operation: str, **members: Any) -> Any:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.request("POST", "/", json.dumps(members), {"X-Amz-Target": f"AWSStepFunctions.{operation}"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


@pytest.mark.parametrize("number", SIGNALS)
def test_it_prints_a_line_per_call_and_execution_and_ends_at_a_signal(
    served: tuple[Process, str], number: signal.Signals
) -> None:
    process, url = served
    call(url, "CreateStateMachine", name="m", definition=json.dumps(PASS), roleArn=ROLE)
    call(url, "StartExecution", stateMachineArn=f"{PREFIX}:stateMachine:m", name="e")
    call(url, "DescribeExecution", executionArn=f"{PREFIX}:execution:m:none")
    process.send_signal(number)
    output, errors = process.communicate(timeout=30)
    lines = [re.sub(r"after .* s$|00:00.\d+", "after a moment", line) for line in output.splitlines()]
    assert sorted(lines) == [
        "    after a moment  Pass",
        "  SUCCEEDED m e, after a moment",
        "  m e",
        "CreateStateMachine",
        "DescribeExecution ExecutionDoesNotExist",
        "StartExecution",
    ]
    assert (process.returncode, errors) == (130, "Interrupted\n")


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        result = CliRunner().invoke(main, ["serve", "--port", str(port)])
    assert (result.exit_code, result.output) == (
        2,
        f"127.0.0.1:{port}: Address already in use; name another port with --port\n",
    )


TEMPLATE = {
    "Resources": {
        "Orders": {
            "Type": "AWS::Serverless::StateMachine",
            "Properties": {"Name": "orders", "DefinitionUri": "orders.asl.json"},
        }
    }
}


@pytest.fixture
def executed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The URL of a server with the project of the current folder, and another state machine; both have run."""
    (tmp_path / "template.yaml").write_text(json.dumps(TEMPLATE))
    (tmp_path / "orders.asl.json").write_text(json.dumps(PASS))
    monkeypatch.chdir(tmp_path)
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(variable, "local")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with Server.of(tmp_path) as server:
        client = server.client("stepfunctions")
        client.create_state_machine(name="other", definition=json.dumps(PASS), roleArn=ROLE)
        for name in ("orders", "other"):
            client.start_execution(stateMachineArn=f"{PREFIX}:stateMachine:{name}", name="e1", input="[1]")
        yield server.url


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, arguments)
    return result.exit_code, result.output


@pytest.mark.parametrize("name", ["orders", "Orders", "other"])
def test_history_shows_executions_of_a_served_state_machine_by_its_name(executed: str, name: str) -> None:
    code, listed = run("history", name, "--endpoint-url", executed)
    assert (code, "e1" in listed, "SUCCEEDED" in listed) == (0, True, True)
    code, shown = run("history", name, "--endpoint-url", executed, "--execution", "last")
    assert (code, "Pass" in shown) == (0, True)


def test_a_served_execution_is_replayed_and_drawn(executed: str) -> None:
    run("history", "Orders", "--endpoint-url", executed, "--execution", "e1", "--save", "e1.json")
    assert run("replay", "e1.json")[1].splitlines()[-1] == "The same as e1: 1 state, SUCCEEDED"
    code, drawn = run("diagram", "Orders", "--execution", "e1.json")
    assert (code, "Pass" in drawn) == (0, True)


def test_history_of_a_name_that_the_endpoint_does_not_have_says_so(executed: str) -> None:
    code, message = run("history", "order", "--endpoint-url", executed)
    assert (code, 'no state machine order at the endpoint: did you mean "orders"?' in message) == (2, True)
