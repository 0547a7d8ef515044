"""`serve`: what it prints, and what it does once nobody reads that."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from workflow_dsl.project import Project

HANDLER = "import os\n\ndef handler(event, context):\n    print('called')\n    os.write(1, b'raw\\n')\n"
FUNCTION = {"CodeUri": ".", "Handler": "app.handler", "Runtime": "python3.12"}
DEFINITION = {"StartAt": "Call", "States": {"Call": {"Type": "Task", "Resource": "${F}", "End": True}}}
MACHINE = {"Definition": DEFINITION, "DefinitionSubstitutions": {"F": {"Fn::GetAtt": ["F", "Arn"]}}}
ARN = "arn:aws:states:us-east-1:111111111111:stateMachine:M"
Ask = Callable[..., int]


@pytest.fixture
def serving(project: Project) -> Iterator[tuple[subprocess.Popen[str], Ask]]:
    """A server of a state machine in a process of its own, and a function that calls an operation."""
    resources = {
        "F": {"Type": "AWS::Serverless::Function", "Properties": FUNCTION},
        "M": {"Type": "AWS::Serverless::StateMachine", "Properties": {"Name": "M", **MACHINE}},
    }
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}
    (project.root / "template.yaml").write_text(json.dumps(template))
    (project.root / "app.py").write_text(HANDLER)
    command = [sys.executable, "-m", "workflow_dsl", "serve", "--port", "0"]
    process = subprocess.Popen(command, cwd=project.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    address = process.stdout.readline().partition("http://")[2].partition(";")[0]

    def ask(operation: str, **members: Any) -> int:
        connection = HTTPConnection(address, timeout=60)
        headers = {"X-Amz-Target": f"AWSStepFunctions.{operation}"}
        connection.request("POST", "/", json.dumps(members), headers)
        status = connection.getresponse().status
        connection.close()
        return status

    yield process, ask
    process.kill()
    process.communicate()


def test_what_handlers_print_goes_to_standard_error(serving: tuple[subprocess.Popen[str], Ask]) -> None:
    process, ask = serving
    assert process.stdout is not None
    assert process.stderr is not None
    assert ask("StartExecution", stateMachineArn=ARN, name="x") == 200
    assert [process.stderr.readline() for _ in range(2)] == ["called\n", "raw\n"]
    lines = [process.stdout.readline().split(" after ")[0].strip() for _ in range(4)]  # an execution may end first
    without_time = {re.sub(r"^00:\d\d\.\d{3}  ", "", line) for line in lines}
    assert without_time == {"StartExecution", "M x", "Call", "SUCCEEDED M x,"}


def test_calls_are_answered_when_nobody_reads_the_log(serving: tuple[subprocess.Popen[str], Ask]) -> None:
    process, ask = serving
    assert process.stdout is not None
    process.stdout.close()
    assert [ask("ListStateMachines") for _ in range(3)] == [200, 200, 200]
    process.send_signal(signal.SIGTERM)
    process.stdout = None
    assert process.wait(60) == 130
