"""lambda_tasks.py: what reaches a function by its ARN, lambda:invoke and aws-sdk:lambda:invoke, and what comes back."""

from __future__ import annotations

import base64
import json
import re
from datetime import UTC, datetime
from typing import Any

import pytest

from workflow_dsl.findings import FindingsError
from workflow_dsl.local import FakeServices, LambdaContext, Run, run

ARN = "arn:aws:lambda:us-east-1:111111111111:function:F"
NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def task(resource: str, **fields: Any) -> dict[str, Any]:
    """A machine of one Task state T."""
    return {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": resource, "End": True, **fields}}}


def invoke(value: Any = None, *, service: str = "lambda", functions: Any = None, **parameters: Any) -> Run:
    """An execution that invokes the function F with parameters; its input is the value of paths."""
    machine = task(f"arn:aws:states:::{service}:invoke", Parameters={"FunctionName": "F", **parameters})
    return run(machine, value, functions=functions or {"F": echo}, start_time=NOON)


def echo(event: Any, context: LambdaContext) -> Any:
    return event


def refuses(event: Any, context: LambdaContext) -> Any:
    raise ValueError("no zoë")


def where(event: Any, context: LambdaContext) -> Any:
    return [context.function_version, context.invoked_function_arn]


# The body of the request is the text of Payload, or the JSON of an object or array.
BODIES: list[tuple[Any, Any]] = [
    ('{"a":1}', {"a": 1}),
    ('"text"', "text"),
    ("0", 0),
    ("true", True),
    ("null", None),
    ("", {}),
    ({"a": [1]}, {"a": [1]}),
    ([1, "2"], [1, "2"]),
    ({"text": '{"a":1}'}, {"text": '{"a":1}'}),
]


@pytest.mark.parametrize(("payload", "event"), BODIES)
def test_a_function_gets_what_its_payload_says(payload: Any, event: Any) -> None:
    execution = invoke({"p": payload}, **{"Payload.$": "$.p"})
    assert (execution.status, execution.output["Payload"]) == ("SUCCEEDED", event)


@pytest.mark.parametrize("fields", [{}, {"Payload": None}, {"Payload.$": "$.p"}])
def test_a_function_without_a_payload_gets_an_empty_object(fields: dict[str, Any]) -> None:
    assert invoke({"p": None}, **fields).output["Payload"] == {}


@pytest.mark.parametrize("payload", ["some text", "{a: 1}", "NaN", '{"a":1} x'])
def test_a_payload_of_text_that_is_not_json_is_refused_by_lambda(payload: str) -> None:
    execution = invoke({"p": payload}, **{"Payload.$": "$.p"})
    assert (execution.status, execution.error) == ("FAILED", "Lambda.InvalidRequestContentException")
    assert re.fullmatch(
        r"Could not parse request body into json: Could not parse payload into json: .* \(Service: AWSLambda; "
        r"Status Code: 400; Error Code: InvalidRequestContentException; Request ID: [0-9a-f-]{36}; Proxy: null\)",
        execution.cause or "",
        re.DOTALL,
    )
    assert [event["type"] for event in execution.history][2:-1] == ["TaskScheduled", "TaskStarted", "TaskFailed"]


def test_the_word_that_is_no_json_is_named() -> None:
    cause = invoke({"p": "some text"}, **{"Payload.$": "$.p"}).cause or ""
    expected = "was expecting (JSON String, Number, Array, Object or token 'null', 'true' or 'false')"
    token = f"Unrecognized token 'some': {expected}"
    assert f'{token}\n at [Source: (byte[])"some text"; line: 1, column: 5] (Service: AWSLambda; ' in cause


@pytest.mark.parametrize(("payload", "text"), [(5, "5"), (True, "true"), (0.5, "0.5")])
def test_a_payload_that_is_a_number_or_boolean_does_not_start_the_task(payload: Any, text: str) -> None:
    execution = invoke({"p": payload}, **{"Payload.$": "$.p"})
    cause = (
        "An error occurred while executing the state 'T' (entered at the event id #2). The Parameters "
        f'\'{{"FunctionName":"F","Payload":{text}}}\' could not be used to start the Task: '
        "[The value for the field 'Payload' must be a STRING]"
    )
    assert (execution.error, execution.cause) == ("States.Runtime", cause)
    assert [event["type"] for event in execution.history] == ["ExecutionStarted", "TaskStateEntered", "ExecutionFailed"]


def test_a_literal_payload_that_is_a_number_is_refused_before_the_start() -> None:
    with pytest.raises(FindingsError, match="The value for the field 'Payload' must be a STRING"):
        invoke(Payload=5)


def test_a_function_called_by_its_arn_gets_text_as_it_is() -> None:
    execution = run(task(ARN, InputPath="$.text"), {"text": '{"a":1}'}, functions={"F": echo})
    assert execution.output == '{"a":1}'


def printing(event: Any, context: LambdaContext) -> Any:
    print("checking")
    return {}


def test_the_tail_of_the_log_is_in_the_answer_and_in_its_headers(capsys: pytest.CaptureFixture[str]) -> None:
    output = invoke(LogType="Tail", functions={"F": printing}).output
    first, printed, end, report = base64.b64decode(output["LogResult"]).decode().splitlines()
    assert re.fullmatch(r"START RequestId: [0-9a-f-]{36} Version: \$LATEST", first)
    assert (printed, capsys.readouterr().out) == ("checking", "checking\n")
    assert end == first.replace("START", "END").removesuffix(" Version: $LATEST")
    assert report.startswith("REPORT RequestId: ")
    http = output["SdkHttpMetadata"]
    assert http["HttpHeaders"]["X-Amz-Log-Result"] == output["LogResult"]
    assert http["AllHttpHeaders"]["X-Amz-Log-Result"] == [output["LogResult"]]
    assert "LogResult" not in invoke(LogType="None").output


def test_the_answer_has_its_fields_in_the_services_order() -> None:
    output = invoke(LogType="Tail").output
    assert list(output) == sorted(output)
    http = output["SdkHttpMetadata"]
    assert list(http["HttpHeaders"]) == sorted(http["HttpHeaders"], key=str.lower)
    assert list(http["AllHttpHeaders"]) == [
        *("X-Amz-Log-Result", "X-Amz-Executed-Version", "x-amzn-Remapped-Content-Length", "Connection"),
        *("x-amzn-RequestId", "Content-Length", "Date", "X-Amzn-Trace-Id", "Content-Type"),
    ]


@pytest.mark.parametrize(("kind", "status", "calls"), [("Event", 202, 1), ("DryRun", 204, 0)])
def test_an_invocation_that_is_not_waited_for_has_no_payload(kind: str, status: int, calls: int) -> None:
    seen: list[Any] = []
    for service in ("lambda", "aws-sdk:lambda"):
        functions = {"F": lambda event, context: seen.append(event)}
        output = invoke(service=service, InvocationType=kind, functions=functions).output
        assert (output["StatusCode"], "Payload" in output) == (status, False)
        assert output.get("SdkHttpMetadata", {"HttpStatusCode": status})["HttpStatusCode"] == status
    assert len(seen) == 2 * calls


@pytest.mark.parametrize("kind", ["RequestResponse", "Event", "DryRun"])
def test_every_invocation_needs_the_function(kind: str) -> None:
    machine = task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName.$": "$.f", "InvocationType": kind})
    assert run(machine, {"f": "G"}, functions={"F": echo}).error == "Lambda.ResourceNotFoundException"


QUALIFIED: list[tuple[dict[str, Any], str, str]] = [
    ({"FunctionName": "F"}, "$LATEST", ARN),
    ({"FunctionName": "F:$LATEST"}, "$LATEST", ARN),
    ({"FunctionName": "F:3"}, "3", f"{ARN}:3"),
    ({"FunctionName": "F:live"}, "$LATEST", f"{ARN}:live"),
    ({"FunctionName": f"{ARN}:3"}, "3", f"{ARN}:3"),
    ({"FunctionName": "111111111111:function:F:3"}, "3", f"{ARN}:3"),
    ({"FunctionName": "F", "Qualifier": "3"}, "3", f"{ARN}:3"),
]


@pytest.mark.parametrize(("parameters", "version", "arn"), QUALIFIED)
@pytest.mark.parametrize("service", ["lambda", "aws-sdk:lambda"])
def test_a_version_is_the_one_that_is_executed(service: str, parameters: Any, version: str, arn: str) -> None:
    output = invoke(service=service, functions={"F": where}, **parameters).output
    payload = output["Payload"] if service == "lambda" else json.loads(output["Payload"])
    assert (output["ExecutedVersion"], payload) == (version, [version, arn])


def test_a_version_that_does_not_exist_is_named_by_the_error() -> None:
    machine = task("arn:aws:states:::lambda:invoke", Parameters={"FunctionName.$": "$.f", "Qualifier": "live"})
    execution = run(machine, {"f": "G"}, functions={"F": echo})
    assert (execution.cause or "").startswith(f"Function not found: {ARN[:-1]}G:live (Service: AWSLambda; ")


def test_an_error_has_the_runtimes_text_by_arn_and_compact_text_by_lambda_invoke() -> None:
    by_arn = run(task(ARN), functions={"F": refuses}).cause or ""
    by_invoke = invoke(functions={"F": refuses}).cause or ""
    assert by_arn.startswith('{"errorMessage": "no zoë", "errorType": "ValueError", "requestId": "')
    assert by_invoke.startswith('{"errorMessage":"no zoë","errorType":"ValueError","requestId":"')
    (frame,) = json.loads(by_invoke)["stackTrace"]
    assert re.fullmatch(
        r'  File "/var/task/test_lambda_tasks\.py", line \d+, in refuses\n    raise ValueError.*\n', frame
    )


@pytest.mark.parametrize(("value", "text"), [({"a": 1}, '{"a": 1}'), ("text", '"text"'), (5, "5"), (None, "{}")])
def test_the_sdk_integration_calls_the_function_and_returns_text(value: Any, text: str) -> None:
    output = invoke({"p": value}, service="aws-sdk:lambda", **{"Payload.$": "$.p"}).output
    assert output == {"StatusCode": 200, "Payload": text, "ExecutedVersion": "$LATEST"}


def test_an_error_of_a_function_is_part_of_the_answer_of_the_sdk_integration() -> None:
    output = invoke(service="aws-sdk:lambda", functions={"F": refuses}).output
    assert (output["StatusCode"], output["FunctionError"]) == (200, "Unhandled")
    assert json.loads(output["Payload"])["errorType"] == "ValueError"


def test_the_sdk_integration_has_its_own_error_for_a_missing_function() -> None:
    machine = task("arn:aws:states:::aws-sdk:lambda:invoke", Parameters={"FunctionName": "G"})
    execution = run(machine, functions={"F": echo})
    cause = (
        rf"Function not found: {re.escape(ARN[:-1])}G:\$LATEST \(Service: Lambda, Status Code: 404, Request ID: .*\)"
    )
    assert execution.error == "Lambda.ResourceNotFoundException"
    assert re.fullmatch(cause, execution.cause or "")


@pytest.mark.parametrize("functions", [{}, {"F": echo}])
def test_a_fake_of_the_sdk_integration_answers_instead_of_a_function(functions: dict[str, Any]) -> None:
    machine = task("arn:aws:states:::aws-sdk:lambda:invoke", Parameters={"FunctionName": "F"})
    services = FakeServices({"aws-sdk:lambda:invoke": lambda parameters: {"Payload": "faked"}})
    assert run(machine, functions=functions, services=services).output == {"Payload": "faked"}


LARGE = "x" * 256 * 1024


@pytest.mark.parametrize("resource", [ARN, "arn:aws:states:::lambda:invoke"])
@pytest.mark.parametrize("name", ["States.ALL", "States.TaskFailed", "States.DataLimitExceeded"])
def test_a_result_that_is_too_large_fails_the_task_and_can_be_caught(resource: str, name: str) -> None:
    machine = task(resource, Parameters={"FunctionName": "F"}, Catch=[{"ErrorEquals": [name], "Next": "H"}])
    machine["States"]["H"] = {"Type": "Pass", "End": True}
    execution = run(machine, functions={"F": lambda event, context: LARGE})
    source = resource if resource == ARN else "lambda"
    cause = (
        f"The state/task '{source}' returned a result with a size exceeding the maximum number of bytes service limit."
    )
    assert execution.output == {"Error": "States.DataLimitExceeded", "Cause": cause}
    kinds = [event["type"] for event in execution.history]
    assert kinds[4] == ("LambdaFunctionFailed" if resource == ARN else "TaskFailed")


def test_a_states_own_output_that_is_too_large_is_not_caught_by_all() -> None:
    machine = task("${F}", ResultPath="$.r", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "H"}])
    machine["States"]["H"] = {"Type": "Pass", "End": True}
    execution = run(machine, {"text": LARGE[:200_000]}, functions={"F": lambda event, context: LARGE[:200_000]})
    assert (execution.status, execution.error) == ("FAILED", "States.DataLimitExceeded")
