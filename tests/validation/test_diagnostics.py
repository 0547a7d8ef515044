"""diagnostics.py: findings in the words of the service, with its locations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workflow_dsl.validation import Type
from workflow_dsl.validation.diagnostics import definition_message, diagnostics

FAILED = "SCHEMA_VALIDATION_FAILED"
VALUES = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"


ALL = {"ErrorEquals": ["States.ALL"]}


def machine(**fields: Any) -> str:
    return json.dumps({"StartAt": "S", "States": {"S": {"End": True, **fields}}})


def machines(**states: dict[str, Any]) -> str:
    return json.dumps({"StartAt": "A", "States": {name: {"Type": "Pass", **state} for name, state in states.items()}})


def callback(pattern: str) -> str:
    resource = f"arn:aws:states:::sqs:sendMessage{pattern}"
    body = {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"}
    return machine(Type="Task", Resource=resource, Parameters=body)


@pytest.mark.parametrize(
    ("text", "type_", "expected"),
    [
        (machine(Type="Pass"), "STANDARD", []),
        ("", "STANDARD", [(FAILED, "Definition must be a valid JSON object", None)]),
        ("[1]", "STANDARD", [(FAILED, "Definition must be a valid JSON object", None)]),
        ("{}", "STANDARD", [(FAILED, "These fields are required: [States, StartAt]", "/")]),
        (
            machine(Type="Wait", Seconds=10**17),
            "STANDARD",
            [(FAILED, "Maximum value is 99999999", "/States/S/Seconds")],
        ),
        (machine(Type="Wait", Seconds=-1), "STANDARD", [(FAILED, "Minimum value is 0", "/States/S/Seconds")]),
        (
            "StartAt: S",
            "STANDARD",
            [
                (
                    "INVALID_JSON_DESCRIPTION",
                    f"Unrecognized token 'StartAt': {VALUES}\n at [Source: (String)\"StartAt: S\"; line: 1, column: 8]",
                    '[Source: (String)"StartAt: S"; line: 1, column: 8]',
                )
            ],
        ),
        (
            machine(Type="Pass", QueryLanguage="JSONata", Output={"a": "{% $states.input.a + %}"}),
            "STANDARD",
            [("INVALID_JSONATA_EXPRESSION", "Unexpected end of expression", "/States/S/Output/a")],
        ),
        (
            machine(Type="Pass", QueryLanguage="JSONata", Output="{% total %}"),
            "STANDARD",
            [
                (
                    "UNSUPPORTED_JSONATA_EXPRESSION",
                    "Reference to 'total' at the top level is not supported.",
                    "/States/S/Output",
                )
            ],
        ),
        (
            machine(Type="Pass", QueryLanguage="JSONata", Output="{% $states.result %}"),
            "STANDARD",
            [("UNSUPPORTED_JSONATA_EXPRESSION", "Field '$states.result' does not exist.", "/States/S/Output")],
        ),
        (
            machine(Type="Pass", TimeoutSeconds=5),
            "STANDARD",
            [(FAILED, "Field 'TimeoutSeconds' is not supported", "/States/S")],
        ),
        (
            machine(
                Type="Task", Resource="arn:aws:lambda:us-east-1:111111111111:function:f", Retry=[{"Errors": [], **ALL}]
            ),
            "STANDARD",
            [(FAILED, "Field 'Errors' is not supported", "/States/S/Retry[0]")],
        ),
        (
            json.dumps({"StartAt": "S", "States": {"S": {"Type": "Succeed"}}, "Name": "order"}),
            "STANDARD",
            [(FAILED, "Field 'Name' is not supported", "/")],
        ),
        (
            machine(
                Type="Task",
                Resource="arn:aws:states:::aws-sdk:s3:putBucketTagging",
                Parameters={"Bucket": "b", "Tagging": {"TagSet": [{"key": "cart", "Value": "v"}]}},
            ),
            "STANDARD",
            [(FAILED, 'The field "key" is not supported by Step Functions', "/States/S/Parameters")],
        ),
        (
            machine(Type="Pass", Parameters={"a": {"b.$": "$["}}),
            "STANDARD",
            [
                (
                    FAILED,
                    "The value for the field 'b.$' must be a valid JSONPath or a valid intrinsic function call",
                    "/States/S/Parameters/a",
                )
            ],
        ),
        (
            machines(A={"Next": "B"}, B={"Next": "A"}),
            "STANDARD",
            [("MISSING_END_STATE", "Workflow has no terminal state", None)],
        ),
        (
            machines(A={"Next": "Nowhere"}),
            "STANDARD",
            [
                ("MISSING_TRANSITION_TARGET", "Missing 'Next' target: Nowhere", "/States/A/Next"),
                ("MISSING_END_STATE", "Workflow has no terminal state", None),
            ],
        ),
        (
            machines(
                A={"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "No"}], "Default": "B"},
                B={"End": True},
            ),
            "STANDARD",
            [("MISSING_TRANSITION_TARGET", "Missing 'Next' target: No", "/States/A/Choices[0]/Next")],
        ),
        (
            callback(".waitForTaskToken"),
            "EXPRESS",
            [
                (
                    FAILED,
                    "Express state machine does not support '.waitForTaskToken' service integration ",
                    "/States/S/Resource",
                )
            ],
        ),
        (
            machine(Type="Task", Resource="arn:aws:states:::sqs:fly"),
            "STANDARD",
            [
                (
                    FAILED,
                    "The resource provided arn:aws:states:::sqs:fly is not recognized. The value is not a valid resource "
                    "ARN, or the resource is not available in this region.",
                    "/States/S/Resource",
                )
            ],
        ),
    ],
)
def test_a_problem_has_the_code_the_words_and_the_location_of_the_service(
    text: str, type_: Type, expected: list[tuple[str, str, str | None]]
) -> None:
    errors = [each for each in diagnostics(text, type_) if each.severity == "ERROR"]
    assert [(each.code, each.message, each.location) for each in errors] == expected


def test_only_the_warnings_of_the_service_are_reported() -> None:
    text = machine(Type="Pass", Parameters={"a": "$.b"}, Assign={"never": "read"})
    assert [(each.severity, each.code) for each in diagnostics(text, "STANDARD")] == [("WARNING", "NO_DOLLAR")]


def test_a_place_that_is_not_known_is_null_in_the_message() -> None:
    problems = diagnostics(machines(A={"Next": "A"}), "STANDARD")
    message = "Invalid State Machine Definition: 'MISSING_END_STATE: Workflow has no terminal state at null'"
    assert definition_message(problems) == message


def test_the_message_of_a_refused_definition_lists_its_problems() -> None:
    wait = {"Type": "Wait", "Timestamp": "tomorrow"}
    text = json.dumps({"StartAt": "A", "States": {"A": {**wait, "Next": "B"}, "B": {**wait, "End": True}}})
    message = definition_message(each for each in diagnostics(text, "STANDARD") if each.severity == "ERROR")
    problem = f"{FAILED}: String does not match RFC3339 timestamp at /States/{{}}/Timestamp"
    assert message == f"Invalid State Machine Definition: '{problem.format('A')}, {problem.format('B')}'"
