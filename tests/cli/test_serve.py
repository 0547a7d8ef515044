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
from workflow_dsl.cli import main

Process = subprocess.Popen[str]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Process, str]]:
    """A server in an empty folder, and its address."""
    command = [sys.executable, "-m", "workflow_dsl", "serve", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_prints_a_line_per_call_and_execution_and_ends_at_a_signal(
    served: tuple[Process, str], number: signal.Signals
) -> None:
    process, url = served
    call(url, "CreateStateMachine", name="m", definition=json.dumps(PASS), roleArn=ROLE)
    call(url, "StartExecution", stateMachineArn=f"{PREFIX}:stateMachine:m", name="e")
    call(url, "DescribeExecution", executionArn=f"{PREFIX}:execution:m:none")
    process.send_signal(number)
    output, errors = process.communicate(timeout=30)
    lines = [re.sub(r"after .* s$", "after a moment", line) for line in output.splitlines()]
    assert sorted(lines) == [
        "  SUCCEEDED m e, after a moment",
        "CreateStateMachine",
        "DescribeExecution ExecutionDoesNotExist",
        "StartExecution",
    ]
    assert (process.returncode, errors) == (130, "Interrupted\n")


def test_a_port_in_use_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        result = CliRunner().invoke(main, ["serve", "--port", str(port)])
    assert (result.exit_code, result.output) == (2, f"127.0.0.1:{port}: Address already in use\n")
