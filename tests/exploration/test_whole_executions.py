"""Whole executions at an endpoint, here this package's own server and a fake one, beside the engine."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.exploration.machines import choice
from tests.fake_aws import serving
from workflow_dsl.exploration.exploring import explore
from workflow_dsl.exploration.whole_executions import execution_lines
from workflow_dsl.findings import FindingsError
from workflow_dsl.server import Server

MACHINE = choice({"Variable": "$.price", "NumericLessThanEquals": 50})
ARN = "arn:aws:states:us-east-1:111111111111:stateMachine:explore"


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


@pytest.mark.parametrize("type_", ["STANDARD", "EXPRESS"])
def test_the_server_runs_executions_as_the_engine(type_: Literal["STANDARD", "EXPRESS"], tmp_path: Path) -> None:
    with Server.of(tmp_path) as server:
        assert execution_lines(explore(MACHINE, type_=type_), server.url) == []
        assert server.client("stepfunctions").list_state_machines()["stateMachines"] == []


def test_an_end_that_differs_is_told_with_its_input() -> None:
    def described(_: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "status": "FAILED",
            "error": "States.Runtime",
            "executionArn": ARN,
            "stateMachineArn": ARN,
            "startDate": 0,
        }

    with serving() as aws:
        aws.responses |= {
            "CreateStateMachine": {"stateMachineArn": ARN, "creationDate": 0},
            "StartExecution": {"executionArn": ARN, "startDate": 0},
            "DescribeExecution": described,
            "DeleteStateMachine": {},
        }
        lines = execution_lines(explore(MACHINE), aws.url)
        assert aws.requests[-1] == ("DeleteStateMachine", {"stateMachineArn": ARN})
    here = '{"status": "SUCCEEDED", "output": {"price": 50}}'
    there = '{"status": "FAILED", "error": "States.Runtime"}'
    assert lines[0] == f'for {{"price": 50}}: the execution ends {here} here, and {there} at the endpoint'


def test_an_endpoint_that_does_not_answer_is_a_finding() -> None:
    with pytest.raises(FindingsError, match="Could not connect"):
        execution_lines(explore(MACHINE), "http://127.0.0.1:9")
