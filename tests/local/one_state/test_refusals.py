"""refusals.py: each request that the TestState API refuses has the API's code and message."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.findings import FindingsError
from workflow_dsl.local import Return, StateTestOptions, Throw, test_state

MESSAGE = {"QueueUrl": "q", "MessageBody": "m"}
TASK = {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": MESSAGE, "End": True}
WAITING = {
    **TASK,
    "Resource": f"{TASK['Resource']}.waitForTaskToken",
    "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"},
}
CHILD = "arn:aws:states:us-east-1:111111111111:stateMachine:child"
JOB = {**TASK, "Resource": "arn:aws:states:::states:startExecution.sync:2", "Parameters": {"StateMachineArn": CHILD}}
START = {**JOB, "Resource": "arn:aws:states:::states:startExecution"}
ACTIVITY = {"Type": "Task", "End": True, "Resource": "arn:aws:states:us-east-1:111111111111:activity:Approve"}
STATES = {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": True}}}
PARALLEL = {"Type": "Parallel", "Branches": [STATES], "End": True}
MAP = {"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **STATES}, "End": True}
DISTRIBUTED = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
WRITER = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "b"}}
WRITTEN = {**MAP, "ItemProcessor": {"ProcessorConfig": DISTRIBUTED, **STATES}, "ResultWriter": WRITER}

NEEDS_MOCK = "TestState API does not support Map or Parallel states. Supported state types include: [Task, Wait, Pass, Succeed, Fail, Choice]"
PATTERN = "TestState API does not support '.sync' or '.waitForTaskToken' integration patterns without a mock"
NO_CALLBACK = (
    "Context object contains 'Task' when state is not a Task state with a '.sync' or '.waitForTaskToken' service "
    "integration pattern"
)
SHAPE = "Mock result schema validation error: "

INVALID, DEFINITION = "ValidationException", "InvalidDefinition"
REFUSED: list[tuple[Any, Any, str, str]] = [
    (PARALLEL, {}, DEFINITION, NEEDS_MOCK),
    (MAP, {}, DEFINITION, NEEDS_MOCK),
    (WAITING, {}, DEFINITION, PATTERN),
    (JOB, {}, DEFINITION, PATTERN),
    (ACTIVITY, {}, DEFINITION, "TestState API does not support Activity tasks without a mock"),
    *(
        ({"Type": type_, **fields}, {"mock": mock}, INVALID, f"State type '{type_}' is not supported when a mock is specified")
        for type_, fields in (
            ("Pass", {"End": True}),
            ("Succeed", {}),
            ("Fail", {"Error": "E"}),
            ("Wait", {"Seconds": 1, "End": True}),
            ("Choice", {"Choices": [{"Variable": "$.a", "IsNull": True, "Next": "N"}]}),
        )
        for mock in (Return(1), Throw("E"))
    ),
    (PARALLEL, {"mock": Return({})}, INVALID, "Mocked result must be an array."),
    (
        *(PARALLEL, {"mock": Return([1, 2])}, INVALID),
        "Mocked result must contain the same number of items as number of Parallel branches.",
    ),
    (MAP, {"mock": Return({})}, INVALID, "Mocked result must be an array."),
    (WRITTEN, {"mock": Return([])}, INVALID, "Mocked result must be a JSON object."),
    (
        *(MAP, {"mock": Return([1]), "failed_iterations": 3}, INVALID),
        "Map iteration failure count must be less than or equal to the number of Map iterations",
    ),
    (START, {"mock": Return({"ExecutionArn": "e"})}, INVALID, f"{SHAPE}Required field 'StartDate' is missing"),
    (TASK, {"mock": Return({"MessageId": 1}), "validation": "PRESENT"}, INVALID, f"{SHAPE}Field 'MessageId' must be a string"),
    (JOB, {"mock": Return({"Output": {}, "Status": "DONE"}), "validation": "PRESENT"}, INVALID, f"{SHAPE}Field 'Status' is not an expected value"),
    (TASK, {"mock": Throw("")}, INVALID, "An error must be specified in the mocked error output"),
    *(
        (TASK, {"mock": Throw("E"), "context": context}, INVALID, f"Invalid Context object provided: {problem}")
        for context, problem in (
            ({"Executoin": {}}, "Field 'Executoin' is not allowed"),
            ({"Execution": {"id": "x"}}, "Field 'id' is not allowed"),
            ({"Execution": {"Name": 1}}, "Execution.Name must be a string"),
            ({"State": {"RetryCount": "1"}}, "State.RetryCount must be an integer"),
            ({"State": {"RetryCount": True}}, "State.RetryCount must be an integer"),
            ({"StateMachine": "m"}, "StateMachine must be an object"),
            ({"Map": {}}, "'Map' field is not supported when mocking a Context object"),
            ({"Task": {"Token": "t"}}, NO_CALLBACK),
        )
    ),
    (
        *(MAP, {"mock": Throw("E"), "failed_in": "Two"}, INVALID),
        "State 'Two' from which the error originates is not in the tested Map or Parallel state",
    ),
    (TASK, {"mock": Throw("E"), "retries": -1}, INVALID, "retries must not be negative: -1"),
    (TASK, {"mock": Throw("E"), "variables": [1]}, INVALID, "Variables must be a JSON object"),
]  # fmt: skip


@pytest.mark.parametrize(("state", "options", "code", "message"), REFUSED)
def test_a_request_is_refused_as_the_api_does(
    state: dict[str, Any], options: StateTestOptions, code: str, message: str
) -> None:
    with pytest.raises(FindingsError) as refused:
        test_state(state, [1, 2], **options)
    assert [(finding.code, finding.message) for finding in refused.value.findings] == [(code, message)]


ACCEPTED: list[tuple[Any, StateTestOptions]] = [
    (TASK, {"mock": Return({"MessageId": "1", "More": [1]})}),
    (START, {"mock": Return({}), "validation": "PRESENT"}),
    (TASK, {"mock": Return(1), "validation": "NONE"}),
    (WAITING, {"mock": Return("any"), "context": {"Task": {"Token": "t"}}}),
    (ACTIVITY, {"mock": Return("any")}),
    (JOB, {"mock": Throw("E"), "context": {}}),
    (MAP, {"mock": Return([1]), "failed_iterations": 2}),
    (MAP, {"mock": Throw("E"), "failed_in": "One"}),
    (WRITTEN, {"mock": Return({"MapRunArn": "a"})}),
    (PARALLEL, {"mock": Return([1])}),
]


@pytest.mark.parametrize(("state", "options"), ACCEPTED)
def test_other_requests_are_not(state: dict[str, Any], options: StateTestOptions) -> None:
    assert test_state(state, [1, 2], **options).status in ("SUCCEEDED", "FAILED")


NAMES: list[tuple[dict[str, Any], str | None, str]] = [
    (STATES, None, "StateName must be specified when the definition is a state machine; the states are One"),
    (STATES, "one", 'State not found in definition; did you mean "One"?'),
    (STATES, "Other", "State not found in definition; the states are One"),
]


@pytest.mark.parametrize(("definition", "name", "message"), NAMES)
def test_the_state_has_a_name_in_its_state_machine(definition: dict[str, Any], name: str | None, message: str) -> None:
    with pytest.raises(FindingsError) as refused:
        test_state(definition, name=name)
    assert [(finding.code, finding.text) for finding in refused.value.findings] == [(INVALID, message)]


def test_a_definition_has_no_errors() -> None:
    with pytest.raises(FindingsError) as refused:
        test_state({"Type": "Pass", "Nxt": "B", "InputPath": 1, "End": True})
    assert [finding.code for finding in refused.value.findings] == ["SCHEMA_VALIDATION_FAILED"] * 2


@pytest.mark.parametrize("options", [{"variables": {"v": {1}}}, {"context": {"v": {1}}}])
def test_options_are_json(options: Any) -> None:
    with pytest.raises(FindingsError, match="is not valid JSON"):
        test_state({"Type": "Pass", "End": True}, **options)
