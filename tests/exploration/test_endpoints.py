"""The states of ways at an endpoint with TestState, beside the engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.exploration.machines import choice
from tests.fake_aws import ErrorResponse, serving
from workflow_dsl.exploration.endpoints import endpoint_lines
from workflow_dsl.exploration.exploring import explore
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import test_state as run_state

MACHINE = choice({"Variable": "$.price", "NumericLessThanEquals": 50})


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")


def as_here(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Answer as the engine does."""
    result = run_state(parameters["definition"], json.loads(parameters["input"]), name=parameters["stateName"])
    return {
        "status": "SUCCEEDED",
        "output": parameters["input"],
        **({"nextState": result.next_state} if result.next_state else {}),
    }


def test_an_endpoint_that_does_the_same_has_no_differences() -> None:
    with serving() as aws:
        aws.responses["TestState"] = as_here
        assert endpoint_lines(explore(MACHINE), aws.url) == []
        assert {request["stateName"] for _, request in aws.requests} == {"Choose", "A", "Other"}


def test_a_difference_has_the_input_and_both_sides() -> None:
    with serving() as aws:
        aws.responses["TestState"] = lambda parameters: {**as_here(parameters), **({"nextState": "Other"} if parameters["stateName"] == "Choose" else {})}  # fmt: skip
        lines = endpoint_lines(explore(MACHINE), aws.url)
    assert lines == ['for {"price": 50}: "Choose" goes to "A" here, and "Other" at the endpoint']


def test_a_refusal_is_a_difference_and_no_answer_is_a_finding() -> None:
    with serving() as aws:
        aws.responses["TestState"] = ErrorResponse("ValidationException", "no such state")
        lines = endpoint_lines(explore(MACHINE), aws.url)
    assert lines
    assert all("the endpoint refuses it" in line for line in lines)
    with pytest.raises(FindingsError, match="Could not connect"):
        endpoint_lines(explore(MACHINE), "http://127.0.0.1:9")
