"""The states of paths at an endpoint with TestState, beside the engine."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.exploration.machines import choice, task
from tests.fake_aws import ErrorResponse, serving
from workflow_dsl.exploration.cover import smallest_cover
from workflow_dsl.exploration.endpoints import endpoint_lines
from workflow_dsl.exploration.exploring import explore
from workflow_dsl.exploration.visits import visits_of
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import Return, Throw
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


READS_ALL = {
    "StartAt": "Know",
    "States": {
        "Know": {"Type": "Pass", "Assign": {"limit": 3}, "Next": "Ask"},
        "Ask": task(
            ResultSelector={"by.$": "$$.Execution.Name", "limit.$": "$limit"},
            Catch=[{"ErrorEquals": ["States.ALL"], "Next": "Caught"}],
            Next="Done",
        ),
        "Caught": {"Type": "Pass", "Parameters": {"name.$": "$$.State.Name"}, "End": True},
        "Done": {"Type": "Succeed"},
    },
}


def test_a_visit_has_the_variables_the_response_and_the_context_object_of_its_state() -> None:
    exploration = explore(READS_ALL)
    visits = [visit for path in smallest_cover(exploration) for visit in visits_of(exploration, path)]
    asked = [visit for visit in visits if visit.state == "Ask"]
    answers = [(visit.variables, type(visit.response), visit.output, visit.next) for visit in asked]
    assert answers == [
        ({"limit": 3}, Return, {"by": "local", "limit": 3}, "Done"),
        ({"limit": 3}, Throw, {"Error": "Example.Error", "Cause": "fails"}, "Caught"),
    ]
    assert {(visit.context["Execution"]["Name"], visit.context["State"]["RetryCount"]) for visit in asked} == {
        ("local", 0)
    }
    assert {visit.state for visit in visits} == {"Know", "Ask", "Done"}  # a context object needs a mock


def test_a_test_is_given_what_the_visit_had() -> None:
    with serving() as aws:
        aws.responses["TestState"] = {"status": "SUCCEEDED"}
        endpoint_lines(explore(READS_ALL), aws.url)
        asked = [request for _, request in aws.requests if request["stateName"] == "Ask"]
    assert [request["mock"] for request in asked] == [
        {"result": "{}", "fieldValidationMode": "NONE"},
        {"errorOutput": {"error": "Example.Error", "cause": "fails"}, "fieldValidationMode": "NONE"},
    ]
    assert [(request["variables"], json.loads(request["context"])["Execution"]["Name"]) for request in asked] == [
        ('{"limit": 3}', "local")
    ] * 2


def test_the_first_field_that_differs_is_named() -> None:
    machine = {
        "StartAt": "Pass",
        "States": {"Pass": {"Type": "Pass", "Result": {"a": [1, {"b": 2}], "c": 3}, "End": True}},
    }
    with serving() as aws:
        aws.responses["TestState"] = {"status": "SUCCEEDED", "output": '{"a": [1, {"b": 5}], "c": 4}'}
        assert endpoint_lines(explore(machine), aws.url) == [
            'for {}: "Pass" gives 2 in a[1].b here, and 5 at the endpoint'
        ]
