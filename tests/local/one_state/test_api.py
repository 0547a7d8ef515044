"""api.py: TestState requests as clients send them, with the API's responses and errors."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from workflow_dsl.local.one_state.api import ApiError, answer
from workflow_dsl.local.one_state.testing import World

DATA = Path(__file__).parents[4] / "shared" / "conformance"
PASSING = '{"Type": "Pass", "Parameters": {"b.$": "$.a"}, "Next": "B"}'
TASK = (
    '{"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "End": true, '
    '"Parameters": {"QueueUrl": "q", "MessageBody": "m"}}'
)
ROLE = "arn:aws:iam::111111111111:role/test"

RESPONSES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    (
        {"definition": PASSING, "input": '{"a": 1}'},
        {"status": "SUCCEEDED", "output": '{"b":1}', "nextState": "B"},
    ),
    (
        {"definition": '{"Type": "Fail", "Error": "E", "Cause": "c"}', "inspectionLevel": "DEBUG"},
        {
            "status": "FAILED",
            "error": "E",
            "cause": "c",
            "inspectionData": {"input": "{}", "afterInputPath": "{}"},
        },
    ),
    (
        {
            "definition": '{"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $v %}", "End": true}',
            "variables": '{"v": null}',
            "inspectionLevel": "TRACE",
        },
        {
            "status": "SUCCEEDED",
            "output": "null",
            "inspectionData": {"input": "{}", "variables": '{"v":null}'},
        },
    ),
    (
        {
            "definition": TASK.replace('"End"', '"Retry": [{"ErrorEquals": ["E"], "IntervalSeconds": 5}], "End"'),
            "mock": {"errorOutput": {"error": "E"}},
            "stateConfiguration": {"retrierRetryCount": 1},
            "inspectionLevel": "DEBUG",
        },
        {
            "status": "RETRIABLE",
            "error": "E",
            "inspectionData": {
                "input": "{}",
                "afterInputPath": "{}",
                "afterParameters": '{"QueueUrl":"q","MessageBody":"m"}',
                "errorDetails": {"retryIndex": 0, "retryBackoffIntervalSeconds": 10},
            },
        },
    ),
]


@pytest.mark.parametrize(("request_", "response"), RESPONSES)
def test_a_response_has_json_as_text(request_: dict[str, Any], response: dict[str, Any]) -> None:
    assert answer(request_) == response


def test_a_task_is_called_with_a_role() -> None:
    world = World(services={"sqs:sendMessage": lambda _: {"MessageId": "1"}})
    assert answer({"definition": TASK, "roleArn": ROLE}, world) == {
        "status": "SUCCEEDED",
        "output": '{"MessageId":"1"}',
    }


ERRORS: list[tuple[dict[str, Any], str, str]] = [
    ({"definition": TASK}, "ValidationException", "RoleArn must be specified when testing a Task state"),
    (
        *({"definition": TASK, "mock": {"result": "1", "errorOutput": {"error": "E"}}}, "ValidationException"),
        "A test mock should have only one of the following fields: [result, errorOutput].",
    ),
    (
        *({"definition": TASK, "mock": {"result": "1"}, "revealSecrets": True}, "ValidationException"),
        "TestState does not support RevealSecrets when a mock is specified.",
    ),
    ({"definition": TASK, "mock": {"result": "{"}}, "ValidationException", "Mocked result must be valid JSON"),
    ({"definition": TASK, "mock": {"errorOutput": {}}}, "ValidationException", "An error must be specified"),
    ({"definition": PASSING, "context": "{}"}, "ValidationException", "Context can only be specified when a mock is"),
    ({"definition": PASSING, "variables": "[]"}, "ValidationException", "Variables must be a JSON object"),
    ({"definition": PASSING, "variables": "null"}, "ValidationException", "Variables must be a JSON object"),
    ({"definition": PASSING, "input": "{"}, "InvalidExecutionInput", "Invalid State Machine Execution Input"),
    ({"definition": PASSING, "input": "NaN"}, "InvalidExecutionInput", "Invalid State Machine Execution Input"),
    ({"definition": TASK, "mock": {"result": "[NaN]"}}, "ValidationException", "Mocked result must be valid JSON"),
    (
        *({"definition": TASK, "mock": {"result": "{}"}, "context": "null"}, "ValidationException"),
        "Invalid Context object provided: Context object must be a JSON object",
    ),
    ({"definition": PASSING, "stateName": "B"}, "InvalidDefinition", "Invalid State Machine Definition: '"),
    (
        *({"definition": '{"Type": "Pas", "End": true}'}, "InvalidDefinition"),
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The field 'Type' should have one of these "
        "values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map] at /States/StateName/Type'",
    ),
    (
        *({"definition": "{"}, "InvalidDefinition"),
        "Invalid State Machine Definition: 'INVALID_JSON_DESCRIPTION: Unexpected end-of-input\n at [Source: (String)",
    ),
    (
        *({"definition": "7"}, "InvalidDefinition"),
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: Definition must be a valid JSON object at null'",
    ),
    (
        *({"definition": '{"Type": "Pass", "Next": "S", "Extra": 1}', "stateName": "S"}, "InvalidDefinition"),
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: ",
    ),
    (
        *({"definition": '{"Type": "Pas"}'}, "InvalidDefinition"),
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: The field 'Type' ",
    ),
    ({"definition": PASSING, "roleArn": "role"}, "InvalidArn", "Invalid Role Arn: 'role'"),
]  # fmt: skip


@pytest.mark.parametrize(("request_", "code", "message"), ERRORS)
def test_an_error_has_the_code_and_the_message_of_the_api(request_: dict[str, Any], code: str, message: str) -> None:
    with pytest.raises(ApiError) as error:
        answer(request_)
    assert (error.value.code, error.value.message[: len(message)]) == (code, message)


# The recorded request lacks the string that its mock had, so that it cannot be accepted.
UNREPRODUCIBLE = {"test_put_events_mock_success"}


@pytest.mark.skipif(not DATA.is_dir(), reason="the recorded data is not next to this checkout")
def test_recorded_requests_get_the_recorded_answers() -> None:
    cases = [json.loads(line) for line in (DATA / "api.jsonl").read_text("utf-8").splitlines()]
    cases = [case for case in cases if case["op"] == "test_state"]
    judge = _module("score_api").judge
    wrong = {case["id"].rpartition("::")[2] for case in cases if judge(case, _answer_to(case)) != (True, True)}
    assert wrong - UNREPRODUCIBLE == set()


def _answer_to(case: dict[str, Any]) -> dict[str, Any]:
    """The answer to a recorded request; its functions, which were not recorded, return what they did."""
    names = set(re.findall(r"lambda_func_uid\d+", json.dumps(case["request"])))
    result = {} if "lambda_service" in case["id"] else "HelloWorld!"
    try:
        return answer(case["request"], World(functions=dict.fromkeys(names, lambda event, context: result)))
    except ApiError as error:
        return {"status": "API_ERROR", "api_error": {"Code": error.code, "Message": error.message}}


def _module(name: str) -> Any:
    """A module of the recorded data, with those beside it that it imports."""
    sys.path.insert(0, str(DATA))
    try:
        spec = importlib.util.spec_from_file_location(name, DATA / f"{name}.py")
        assert spec
        assert spec.loader
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module
    finally:
        sys.path.remove(str(DATA))
