"""Task states: Lambda functions, nested executions and activities; their arguments, results and refusals."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from workflow_dsl.definition.machine import Machine
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import Function, LambdaContext, Return, Run, Throw, run, send_task_success
from workflow_dsl.local.errors import StateError

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
STATES = "arn:aws:states:us-east-1:111111111111"
INVOKE = "arn:aws:states:::lambda:invoke"
START = "arn:aws:states:::states:startExecution"
SDK = "arn:aws:states:::aws-sdk"
ACTIVITY = f"{STATES}:activity:worker"
F_ARN = "arn:aws:lambda:us-east-1:111111111111:function:F"
MIB_6 = 6 * 1024 * 1024
UUID = "<uuid>"


def machine(resource: str, **fields: Any) -> dict[str, Any]:
    """A machine of one Task state T, and a state H for its Catch."""
    states: dict[str, Any] = {"T": {"Type": "Task", "Resource": resource, "End": True, **fields}}
    return {"StartAt": "T", "States": {**states, **({"H": {"Type": "Succeed"}} if "Catch" in fields else {})}}


def one(state: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A machine of one state S."""
    return {"StartAt": "S", "States": {"S": {**state, **({} if state["Type"] == "Fail" else {"End": True})}}, **fields}


def echo(event: Any, context: LambdaContext) -> Any:
    return event


def returning(result: Any) -> Callable[[Any, Any], Any]:
    return lambda event, context: result


def ended(run_: Run) -> tuple[Any, ...]:
    return (run_.status, run_.output) if run_.status == "SUCCEEDED" else (run_.status, run_.error, run_.cause)


def without_ids(text: str | None) -> str:
    """A cause with UUID instead of the IDs of requests."""
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", UUID, text or "")


def events(run_: Run, kind: str) -> list[dict[str, Any]]:
    """The events of a kind of request, without timestamps."""
    return [
        {name: value for name, value in event.items() if name != "timestamp"}
        for event in run_.history
        if event["type"].startswith(kind) and "State" not in event["type"]
    ]


@pytest.mark.parametrize(
    ("resource", "known_as"),
    [
        (F_ARN, "F"),
        (F_ARN, F_ARN),
        (f"{F_ARN}:live", "F"),
        (f"{F_ARN}:$LATEST", "F"),
        ("${F}", "F"),
        ("${F}", "${F}"),
    ],
)
def test_a_function_is_found_by_its_arn_its_name_or_its_placeholder(resource: str, known_as: str) -> None:
    assert ended(run(machine(resource), {"a": [1]}, functions={known_as: echo})) == ("SUCCEEDED", {"a": [1]})


def test_a_placeholder_stands_for_what_is_substituted() -> None:
    execution = run(machine("${Checker}"), {"a": 1}, functions={"F": echo}, substitutions={"Checker": F_ARN})
    assert [(call.state, call.resource, call.arguments) for call in execution.calls] == [("T", F_ARN, {"a": 1})]


@pytest.mark.parametrize("name", ["F", "F:live", F_ARN, "111111111111:function:F", "function:F"])
def test_lambda_invoke_calls_a_function_under_any_of_its_names(name: str) -> None:
    execution = run(
        machine(INVOKE, Parameters={"FunctionName": name, "Payload.$": "$.p"}), {"p": [1]}, functions={"F": echo}
    )
    assert execution.output["Payload"] == [1]


def test_lambda_invoke_returns_the_payload_with_its_metadata() -> None:
    call = machine(INVOKE, Parameters={"FunctionName": "F", "Payload": {"a": 1}})
    output = run(call, functions={"F": echo}, start_time=datetime(2026, 1, 31, 12, tzinfo=UTC)).output
    request = output["SdkResponseMetadata"]["RequestId"]
    headers = {
        "X-Amz-Executed-Version": "$LATEST",
        "x-amzn-Remapped-Content-Length": "0",
        "Connection": "keep-alive",
        "x-amzn-RequestId": request,
        "Content-Length": "8",
        "Date": "Sat, 31 Jan 2026 12:00:00 GMT",
        "X-Amzn-Trace-Id": output["SdkHttpMetadata"]["HttpHeaders"]["X-Amzn-Trace-Id"],
        "Content-Type": "application/json",
    }
    assert output == {
        "ExecutedVersion": "$LATEST",
        "Payload": {"a": 1},
        "StatusCode": 200,
        "SdkHttpMetadata": {
            "AllHttpHeaders": {name: [value] for name, value in headers.items()},
            "HttpHeaders": headers,
            "HttpStatusCode": 200,
        },
        "SdkResponseMetadata": {"RequestId": request},
    }


def test_lambda_invoke_without_a_payload_passes_an_empty_object() -> None:
    assert run(machine(INVOKE, Parameters={"FunctionName": "F"}), [1], functions={"F": echo}).output["Payload"] == {}


def test_lambda_invoked_as_an_event_returns_no_payload() -> None:
    parameters = {"FunctionName": "F", "InvocationType": "Event", "Payload": {"a": 1}}
    output = run(machine(INVOKE, Parameters=parameters), functions={"F": echo}).output
    assert (output["StatusCode"], "Payload" in output) == (202, False)


def test_lambda_invoke_of_a_function_that_does_not_exist_fails_as_lambda_does() -> None:
    execution = run(machine(INVOKE, Parameters={"FunctionName.$": "$.name"}), {"name": "G"}, functions={"F": echo})
    cause = (
        "Function not found: arn:aws:lambda:us-east-1:111111111111:function:G:$LATEST (Service: AWSLambda; "
        f"Status Code: 404; Error Code: ResourceNotFoundException; Request ID: {UUID}; Proxy: null)"
    )
    assert (execution.status, execution.error) == ("FAILED", "Lambda.ResourceNotFoundException")
    assert without_ids(execution.cause) == cause


def test_lambda_invoke_of_a_named_function_without_a_handler_is_refused_before_the_start() -> None:
    with pytest.raises(FindingsError, match="calls G, which has no handler"):
        run(machine(INVOKE, Parameters={"FunctionName": "G"}), functions={"F": echo})


def test_the_failure_of_an_asynchronous_invocation_is_ignored() -> None:
    parameters = {"FunctionName": "F", "InvocationType": "Event", "Payload": {"what": "x"}}
    execution = run(machine(INVOKE, Parameters=parameters), functions={"F": refuses})
    assert (execution.status, execution.output["StatusCode"]) == ("SUCCEEDED", 202)


@pytest.mark.parametrize(
    "fields",
    [
        {"Parameters": {"FunctionName.$": "$.n"}},
        {"QueryLanguage": "JSONata", "Arguments": "{% $states.input %}"},
        {"QueryLanguage": "JSONata", "Arguments": "{% $states.input.n %}"},
    ],
)
def test_lambda_invoke_without_a_function_name_fails(fields: dict[str, Any]) -> None:
    execution = run(machine(INVOKE, **fields), {"n": 1}, functions={"F": echo})
    assert (execution.status, execution.error) == ("FAILED", "States.Runtime")


def refuses(event: Any, context: LambdaContext) -> Any:
    raise ValueError(f"no {event['what']}")


def test_a_handlers_exception_is_the_error_and_its_payload_the_cause() -> None:
    execution = run(machine("${F}"), {"what": "stock"}, functions={"F": refuses})
    cause = json.loads(execution.cause or "")
    assert (execution.status, execution.error) == ("FAILED", "ValueError")
    assert sorted(cause) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert (cause["errorMessage"], cause["errorType"]) == ("no stock", "ValueError")
    assert len(cause["stackTrace"]) == 1
    assert "in refuses" in cause["stackTrace"][0]


def test_findings_raised_by_a_handler_reach_the_author() -> None:
    def handler(event: Any, context: LambdaContext) -> Any:
        raise problem

    problem = FindingsError([])
    with pytest.raises(FindingsError) as raised:
        run(machine("${F}"), functions={"F": handler})
    assert raised.value is problem


class OutOfStock(Exception):
    pass


def test_a_custom_exception_is_named_by_its_class_and_can_be_caught() -> None:
    def handler(event: Any, context: LambdaContext) -> Any:
        raise OutOfStock("none left")

    catch = [{"ErrorEquals": ["OutOfStock"], "ResultPath": "$.e", "Next": "H"}]
    output = run(machine("${F}", Catch=catch), {}, functions={"F": handler}).output
    assert (output["e"]["Error"], json.loads(output["e"]["Cause"])["errorMessage"]) == ("OutOfStock", "none left")


def test_a_handler_that_exits_fails_as_a_runtime_that_ended() -> None:
    def handler(event: Any, context: LambdaContext) -> Any:
        raise SystemExit(3)

    execution = run(machine("${F}"), functions={"F": handler})
    cause = json.loads(execution.cause or "")
    assert (execution.error, cause["errorType"]) == ("Runtime.ExitError", "Runtime.ExitError")
    assert cause["errorMessage"].endswith("Error: Runtime exited with error: exit status 3")


def test_a_handler_that_interrupts_another_thread_than_the_main_one_fails() -> None:
    def handler(event: Any, context: LambdaContext) -> Any:
        raise KeyboardInterrupt

    with ThreadPoolExecutor() as pool:
        execution = pool.submit(run, machine("${F}"), functions={"F": handler}).result()
    assert execution.error == "Runtime.ExitError"
    with pytest.raises(KeyboardInterrupt):
        run(machine("${F}"), functions={"F": handler})


@pytest.mark.parametrize(
    ("result", "output"),
    [
        ((1, 2), [1, 2]),
        ({1: "a", None: "b"}, {"1": "a", "null": "b"}),
        (None, None),
        ("text", "text"),
        (1.5, 1.5),
        ({"é": "ü"}, {"é": "ü"}),
    ],
)
def test_a_result_is_converted_to_json(result: Any, output: Any) -> None:
    assert ended(run(machine("${F}"), functions={"F": returning(result)})) == ("SUCCEEDED", output)


def test_a_handler_that_changes_its_event_changes_only_its_own_copy() -> None:
    def handler(event: Any, context: LambdaContext) -> Any:
        event["a"].append(2)
        return event

    assert run(machine("${F}", ResultPath="$.r"), {"a": [1]}, functions={"F": handler}).output == {
        "a": [1],
        "r": {"a": [1, 2]},
    }


@pytest.mark.parametrize("result", [{1, 2}, NOON, float("nan"), {"a": object()}, {(1, 2): 3}])
def test_a_result_that_is_not_json_cannot_be_marshalled(result: Any) -> None:
    execution = run(machine("${F}"), functions={"F": returning(result)})
    cause = json.loads(execution.cause or "")
    assert (execution.status, execution.error) == ("FAILED", "Runtime.MarshalError")
    assert cause["errorType"] == "Runtime.MarshalError"
    assert cause["errorMessage"].startswith("Unable to marshal response: ")


def test_a_result_that_contains_itself_cannot_be_marshalled() -> None:
    result: list[Any] = []
    result.append(result)
    assert run(machine("${F}"), functions={"F": returning(result)}).error == "Runtime.MarshalError"


def test_a_response_of_more_than_6_mib_is_too_large() -> None:
    selector = {"ResultSelector": {"ok": True}}
    assert (
        run(machine("${F}", **selector), functions={"F": returning("x" * (MIB_6 - 1))}).error
        == "Function.ResponseSizeTooLarge"
    )
    execution = run(machine("${F}", **selector), functions={"F": returning("x" * MIB_6)})
    assert json.loads(execution.cause or "") == {
        "errorMessage": "Response payload size exceeded maximum allowed payload size (6291456 bytes).",
        "errorType": "Function.ResponseSizeTooLarge",
    }


def test_a_request_of_more_than_6_mib_is_too_large() -> None:
    repeated = {f"a{number}.$": "$.a" for number in range(26)}
    execution = run(machine("${F}", Parameters=repeated), {"a": "x" * (MIB_6 // 25)}, functions={"F": echo})
    assert (execution.status, execution.error) == ("FAILED", "Lambda.RequestTooLargeException")


def test_a_result_larger_than_256_kib_exceeds_the_data_limit() -> None:
    execution = run(machine("${F}"), functions={"F": returning("x" * 256 * 1024)})
    assert (execution.status, execution.error) == ("FAILED", "States.DataLimitExceeded")


def test_a_handlers_context_describes_the_function_and_the_invocation() -> None:
    def handler(event: Any, context: LambdaContext) -> Any:
        seen.append(context)

    seen: list[LambdaContext] = []
    function = Function(handler, memory=512, timeout=2.5)
    run(machine(F_ARN), functions={"F": function}, seed=1)
    run(machine("${F}"), functions={"F": Function(handler, name="stack-F-1")}, seed=1)
    run(machine("${F}"), functions={"F": handler}, seed=2)
    first, named, other = seen
    assert first == LambdaContext("F", first.aws_request_id, 512, 2.5, log_group_name="/aws/lambda/F")
    assert (first.invoked_function_arn, first.get_remaining_time_in_millis()) == (F_ARN, 2500)
    assert (first.function_version, first.log_stream_name, first.identity, first.client_context) == (
        "$LATEST", "local", None, None)  # fmt: skip
    assert (named.function_name, named.memory_limit_in_mb, named.get_remaining_time_in_millis()) == (
        "stack-F-1",
        128,
        3000,
    )
    assert first.aws_request_id == named.aws_request_id != other.aws_request_id


def test_a_function_is_called_with_the_jsonata_arguments() -> None:
    arguments = {"total": "{% $sum($states.input.prices) %}", "who": "{% $states.context.State.Name %}"}
    definition = machine("${F}", QueryLanguage="JSONata", Arguments=arguments, Output="{% $states.result.total * 2 %}")
    execution = run(definition, {"prices": [1, 2]}, functions={"F": echo})
    assert (execution.output, execution.calls[0].arguments) == (6, {"total": 3, "who": "T"})


def test_a_jsonata_task_without_arguments_is_called_with_its_input() -> None:
    assert run(machine("${F}", QueryLanguage="JSONata"), {"a": 1}, functions={"F": echo}).output == {"a": 1}


def test_the_events_of_a_function_that_succeeds() -> None:
    execution = run(machine(F_ARN, TimeoutSeconds=5), {"a": 1}, functions={"F": returning(2)})
    not_truncated = {"truncated": False}
    scheduled = {"resource": F_ARN, "timeoutInSeconds": 5, "input": '{"a":1}', "inputDetails": not_truncated}
    assert events(execution, "Lambda") == [
        {"type": "LambdaFunctionScheduled", "id": 3, "previousEventId": 2, "lambdaFunctionScheduledEventDetails": scheduled},
        {"type": "LambdaFunctionStarted", "id": 4, "previousEventId": 3},
        {"type": "LambdaFunctionSucceeded", "id": 5, "previousEventId": 4,
         "lambdaFunctionSucceededEventDetails": {"output": "2", "outputDetails": not_truncated}},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("resource", "mock", "types"),
    [
        (F_ARN, Throw("E", "c"), ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionFailed"]),
        (F_ARN, Return(1, after=9), ["LambdaFunctionScheduled", "LambdaFunctionStarted", "LambdaFunctionTimedOut"]),
        (INVOKE, Return({"Payload": 1}), ["TaskScheduled", "TaskStarted", "TaskSucceeded"]),
        (INVOKE, Throw("E", "c"), ["TaskScheduled", "TaskStarted", "TaskFailed"]),
        (INVOKE, Throw("States.Timeout"), ["TaskScheduled", "TaskStarted", "TaskTimedOut"]),
        (ACTIVITY, Return(1), ["ActivityScheduled", "ActivityStarted", "ActivitySucceeded"]),
        (ACTIVITY, Throw("States.HeartbeatTimeout"), ["ActivityScheduled", "ActivityStarted", "ActivityTimedOut"]),
    ],
)
def test_each_kind_of_call_has_its_own_events(resource: str, mock: Return | Throw, types: list[str]) -> None:
    parameters = {"Parameters": {"FunctionName": "F"}} if resource == INVOKE else {}
    execution = run(machine(resource, TimeoutSeconds=5, **parameters), mocks={"T": mock})
    recorded = [
        event for event in execution.history if "State" not in event["type"] and "Execution" not in event["type"]
    ]
    assert [event["type"] for event in recorded] == types
    assert [event["previousEventId"] for event in recorded] == [2, 3, 4]


def test_the_events_of_an_integration_that_fails() -> None:
    definition = machine(INVOKE, Parameters={"FunctionName": "F"}, TimeoutSeconds=9)
    resource = {"resourceType": "lambda", "resource": "invoke"}
    scheduled = {**resource, "region": "us-east-1", "parameters": '{"FunctionName":"F"}', "timeoutInSeconds": 9}
    assert events(run(definition, mocks={"T": Throw("E", "c")}), "Task") == [
        {"type": "TaskScheduled", "id": 3, "previousEventId": 2, "taskScheduledEventDetails": scheduled},
        {"type": "TaskStarted", "id": 4, "previousEventId": 3, "taskStartedEventDetails": resource},
        {"type": "TaskFailed", "id": 5, "previousEventId": 4,
         "taskFailedEventDetails": {**resource, "error": "E", "cause": "c"}},
    ]  # fmt: skip


LIMITS: list[tuple[dict[str, Any], float, tuple[Any, ...]]] = [
    ({"TimeoutSeconds": 5}, 4, ("SUCCEEDED", 1, 4)),
    ({"TimeoutSeconds": 5}, 5, ("SUCCEEDED", 1, 5)),
    ({"TimeoutSeconds": 5}, 6, ("FAILED", "States.Timeout", 5)),
    ({"TimeoutSecondsPath": "$.t"}, 4, ("FAILED", "States.Timeout", 3)),
    ({"TimeoutSeconds": "{% $states.input.t * 2 %}", "QueryLanguage": "JSONata"}, 7, ("FAILED", "States.Timeout", 6)),
    ({"TimeoutSecondsPath": "$.zero"}, 1, ("FAILED", "States.Runtime", 0)),
    ({"TimeoutSecondsPath": "$.none"}, 1, ("FAILED", "States.Runtime", 0)),
    ({"TimeoutSecondsPath": "$.text"}, 1, ("FAILED", "States.Runtime", 0)),
    ({"TimeoutSecondsPath": "$.list"}, 1, ("FAILED", "States.Runtime", 0)),
]


@pytest.mark.parametrize(("fields", "after", "expected"), LIMITS)
def test_a_task_fails_when_it_takes_longer_than_its_timeout(
    fields: dict[str, Any], after: float, expected: tuple[Any, ...]
) -> None:
    value = {"t": 3, "zero": 0, "text": "x", "list": []}
    execution = run(machine("${F}", **fields), value, mocks={"T": Return(1, after=after)})
    assert (*ended(execution)[:2], execution.duration) == expected


def nested(pattern: str = "", **fields: Any) -> dict[str, Any]:
    parameters = {"StateMachineArn": f"{STATES}:stateMachine:child", "Input.$": "$", "Name": "n"}
    return machine(f"{START}{pattern}", Parameters=parameters, **fields)


def description(render: Callable[[Any], Any], **more: Any) -> dict[str, Any]:
    """The description of a child execution that waited three seconds."""
    return {
        "ExecutionArn": f"{STATES}:execution:child:n",
        "Input": render({"a": 1}),
        "InputDetails": {"Included": True},
        "Name": "n",
        "StartDate": "2026-01-31T12:00:00.000Z",
        "StateMachineArn": f"{STATES}:stateMachine:child",
        "StopDate": "2026-01-31T12:00:03.000Z",
        **more,
    }


def compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


WAITS = one({"Type": "Wait", "Seconds": 3})


def test_startexecution_without_sync_does_not_wait() -> None:
    execution = run(nested(), {"a": 1}, workflows={"child": WAITS}, start_time=NOON)
    output = {name: value for name, value in execution.output.items() if not name.startswith("Sdk")}
    assert output == {"ExecutionArn": f"{STATES}:execution:child:n", "StartDate": "2026-01-31T12:00:00.000Z"}
    assert execution.duration == 0


def test_an_execution_started_without_sync_runs_to_its_end() -> None:
    child = {
        "StartAt": "W",
        "States": {
            "W": {"Type": "Wait", "Seconds": 3, "Next": "C"},
            "C": {"Type": "Task", "Resource": "${F}", "End": True},
        },
    }
    events_: list[Any] = []
    run(nested(), {"a": 1}, workflows={"child": child}, functions={"F": lambda event, context: events_.append(event)})
    assert events_ == [{"a": 1}]


@pytest.mark.parametrize(("pattern", "render"), [(".sync", compact), (".sync:2", lambda value: value)])
def test_a_nested_execution_is_described_with_strings_or_json(pattern: str, render: Callable[[Any], Any]) -> None:
    execution = run(nested(pattern), {"a": 1}, workflows={"child": WAITS}, start_time=NOON)
    succeeded = {"Status": "SUCCEEDED", "Output": render({"a": 1}), "OutputDetails": {"Included": True}}
    assert (execution.output, execution.duration) == (description(render, **succeeded), 3)


FAILING = {
    "StartAt": "W",
    "States": {"W": {"Type": "Wait", "Seconds": 3, "Next": "F"}, "F": {"Type": "Fail", "Error": "E", "Cause": "c"}},
}


@pytest.mark.parametrize(
    ("child", "more"),
    [
        (FAILING, {"Status": "FAILED", "Error": "E", "Cause": "c"}),
        (one({"Type": "Wait", "Seconds": 9}, TimeoutSeconds=3), {"Status": "TIMED_OUT"}),
    ],
)
def test_a_nested_execution_that_does_not_succeed_fails_the_task(child: dict[str, Any], more: dict[str, Any]) -> None:
    catch = [{"ErrorEquals": ["States.TaskFailed"], "Next": "H"}]
    execution = run(nested(".sync", Catch=catch), {"a": 1}, workflows={"child": child}, start_time=NOON)
    assert (execution.output["Error"], execution.trail) == ("States.TaskFailed", ["T", "H"])
    assert json.loads(execution.output["Cause"]) == description(compact, **more)


def test_a_nested_execution_within_its_timeout_succeeds() -> None:
    child = one({"Type": "Wait", "Seconds": 3}, TimeoutSeconds=4)
    immediate = one({"Type": "Pass", "Result": 7}, TimeoutSeconds=4)
    assert run(nested(".sync:2"), workflows={"child": child}).duration == 3
    assert run(nested(".sync:2"), workflows={"child": immediate}).output["Output"] == 7


def test_the_sdk_integration_starts_executions_and_names_them() -> None:
    definition = machine(
        "arn:aws:states:::aws-sdk:sfn:startExecution", Parameters={"StateMachineArn": f"{STATES}:stateMachine:child"}
    )
    arn = run(definition, workflows={"child": WAITS}).output["ExecutionArn"]
    assert arn.rpartition(":")[0] == f"{STATES}:execution:child"
    assert len(arn.rpartition(":")[2]) == 36


BOTH_LIMITS = {"TimeoutSeconds": 30, "HeartbeatSeconds": 10}
IN_PATHS = {"Credentials": {"RoleArn.$": "$.role"}}
IN_JSONATA = {"QueryLanguage": "JSONata", "Credentials": {"RoleArn": "{% $states.input.role %}"}, "Arguments": {}}
ROLE = {"taskCredentials": {"roleArn": "r"}}
SCHEDULED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("${F}", BOTH_LIMITS, {"timeoutInSeconds": 30}),
    ("${F}", IN_PATHS, ROLE),
    ("${F}", IN_JSONATA, ROLE),
    (INVOKE, {"Parameters": {"FunctionName": "F"}, **BOTH_LIMITS}, {"timeoutInSeconds": 30, "heartbeatInSeconds": 10}),
    (INVOKE, {"Parameters": {"FunctionName": "F"}, **IN_PATHS}, ROLE),
    (ACTIVITY, BOTH_LIMITS, {"timeoutInSeconds": 30, "heartbeatInSeconds": 10}),
]


@pytest.mark.parametrize(("resource", "fields", "expected"), SCHEDULED)
def test_the_event_of_a_scheduled_task_has_its_limits_and_its_role(
    resource: str, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    execution = run(machine(resource, **fields), {"role": "r"}, functions={"F": echo, "worker": echo})
    (details,) = [
        value for event in execution.history for name, value in event.items() if name.endswith("ScheduledEventDetails")
    ]
    assert {name: details[name] for name in details if name.endswith(("InSeconds", "Credentials"))} == expected


ENDS = one({"Type": "Pass"})
INPUTS: list[tuple[Any, Any]] = [
    ({"a": 1}, {"a": 1}),
    ('{"a":1}', {"a": 1}),
    ("[1]", [1]),
    ('"text"', "text"),
    (None, {}),
]


@pytest.mark.parametrize(("given", "received"), INPUTS)
def test_the_input_of_an_execution_is_a_value_or_its_text(given: Any, received: Any) -> None:
    parameters = {"StateMachineArn": f"{STATES}:stateMachine:child", "Input.$": "$.i"}
    started = run(machine(f"{START}.sync:2", Parameters=parameters), {"i": given}, workflows={"child": ENDS})
    assert (started.output["Input"], started.output["Output"]) == (received, received)


@pytest.mark.parametrize(("pattern", "event"), [("", "TaskFailed"), (".sync", "TaskSubmitFailed")])
def test_a_job_that_cannot_be_started_is_not_submitted(pattern: str, event: str) -> None:
    def refuse(parameters: dict[str, Any]) -> Any:
        raise StateError("Batch.ServerException", "no")

    job = {"JobName": "j", "JobQueue": "q", "JobDefinition": "d"}
    parameters = {"StateMachineArn": f"{STATES}:stateMachine:child"}
    for execution in (
        run(machine(f"{START}{pattern}", Parameters=parameters)),
        run(
            machine(f"arn:aws:states:::batch:submitJob{pattern}", Parameters=job), services={"batch:submitJob": refuse}
        ),
    ):
        failed = execution.history[4]
        details = failed[f"{event[0].lower()}{event[1:]}EventDetails"]
        assert (failed["type"], details["error"]) == (event, execution.error)
        assert details["resource"].endswith(pattern)


REFUSED_INPUTS = [
    (START, "StepFunctions.InvalidExecutionInputException", "(Service: AWSStepFunctions; Status Code: 400; "),
    (f"{SDK}:sfn:startExecution", "Sfn.InvalidExecutionInputException", "(Service: Sfn, Status Code: 400, "),
]


@pytest.mark.parametrize(("resource", "error", "cause"), REFUSED_INPUTS)
def test_an_input_of_text_that_is_not_json_is_refused_by_the_api(resource: str, error: str, cause: str) -> None:
    parameters = {"StateMachineArn": f"{STATES}:stateMachine:child", "Input": "some text"}
    execution = run(machine(resource, Parameters=parameters), workflows={"child": ENDS})
    assert (execution.status, execution.error) == ("FAILED", error)
    assert cause in (execution.cause or "")


def test_only_the_optimized_integration_adds_metadata_to_a_started_execution() -> None:
    parameters = {"StateMachineArn": f"{STATES}:stateMachine:child"}
    names = ["ExecutionArn", "SdkHttpMetadata", "SdkResponseMetadata", "StartDate"]
    for resource, expected in ((START, names), (f"{SDK}:sfn:startExecution", ["ExecutionArn", "StartDate"])):
        assert list(run(machine(resource, Parameters=parameters), workflows={"child": ENDS}).output) == expected


def test_the_sdk_integration_has_its_own_error_for_a_machine_that_does_not_exist() -> None:
    execution = run(
        machine(f"{SDK}:sfn:startExecution", Parameters={"StateMachineArn": f"{STATES}:stateMachine:child"})
    )
    cause = f"State Machine Does Not Exist: '{STATES}:stateMachine:child' (Service: Sfn, Status Code: 400, Request ID: {UUID})"
    assert (execution.error, without_ids(execution.cause)) == ("Sfn.StateMachineDoesNotExistException", cause)


def test_an_execution_of_a_machine_that_does_not_exist_fails() -> None:
    execution = run(nested(".sync:2"), workflows={"other": WAITS})
    cause = (
        f"State Machine Does Not Exist: '{STATES}:stateMachine:child' (Service: AWSStepFunctions; Status Code: 400; "
        f"Error Code: StateMachineDoesNotExist; Request ID: {UUID}; Proxy: null)"
    )
    assert (execution.status, execution.error) == ("FAILED", "StepFunctions.StateMachineDoesNotExistException")
    assert without_ids(execution.cause) == cause


def test_an_activitys_worker_is_a_function_under_its_name_or_arn() -> None:
    for known_as in ("worker", ACTIVITY):
        assert run(machine(ACTIVITY), {"a": 1}, functions={known_as: echo}).output == {"a": 1}
    assert run(machine(ACTIVITY), {"what": "work"}, functions={"worker": refuses}).error == "ValueError"


def test_an_activity_without_a_worker_waits_for_its_token_until_it_times_out() -> None:
    timed_out = run(machine(ACTIVITY, TimeoutSeconds=10))
    missed = run(machine(ACTIVITY, TimeoutSeconds=10, HeartbeatSeconds=3))
    assert (*ended(timed_out), timed_out.duration) == ("FAILED", "States.Timeout", None, 10)
    assert (*ended(missed), missed.duration) == ("FAILED", "States.HeartbeatTimeout", None, 3)


def test_an_activitys_token_is_in_the_context_object_and_can_be_answered_by_another_branch() -> None:
    def answer(event: Any, context: LambdaContext) -> None:
        send_task_success(tokens[0], "done", after=4)

    tokens: list[str] = []
    work = {"Type": "Task", "Resource": ACTIVITY, "Parameters": {"token.$": "$$.Task.Token"}, "End": True}
    reply = {
        "StartAt": "R",
        "States": {
            "R": {"Type": "Wait", "Seconds": 1, "Next": "A"},
            "A": {"Type": "Task", "Resource": "${F}", "End": True},
        },
    }
    both = {"Type": "Parallel", "Branches": [{"StartAt": "W", "States": {"W": work}}, reply], "End": True}

    def watch(number: int, event: Any) -> None:
        if event.type == "ActivityScheduled":
            tokens.append(json.loads(event.shape(*event.values)["activityScheduledEventDetails"]["input"])["token"])

    execution = run({"StartAt": "P", "States": {"P": both}}, functions={"F": answer}, watch=watch)
    assert (execution.output, execution.duration) == (["done", None], 5)


def refusal(definition: Any, **options: Any) -> list[str]:
    with pytest.raises(FindingsError) as raised:
        run(definition, **options)
    return [str(finding) for finding in raised.value.findings]


def test_a_task_without_a_handler_is_refused_before_anything_runs() -> None:
    message = '"T" Resource: calls {}, which has no handler; pass its handler in functions, by name or ARN (known: {})'
    assert refusal(machine("${G}"), functions={"F": echo}) == [message.format("${G}", "F")]
    assert refusal(machine(F_ARN), mocks={"T": [Return(1)]}) == [message.format(F_ARN, "none")]


def test_with_a_mapping_of_mocks_a_task_is_refused_once_it_is_reached() -> None:
    definition = machine("${G}")
    definition["States"]["Skip?"] = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.skip", "IsPresent": True, "Next": "Done"}],
        "Default": definition["StartAt"],
    }
    definition["States"]["Done"] = {"Type": "Succeed"}
    definition["StartAt"] = "Skip?"
    assert run(definition, {"skip": True}, mocks={}).trail == ["Skip?", "Done"]
    message = (
        '"T" Resource: calls ${G}, which has no handler; pass its handler in functions, by name or ARN (known: none)'
    )
    assert refusal(definition, mocks={}) == refusal(definition) == [message]


def test_a_mock_of_a_state_that_does_not_exist_is_refused() -> None:
    message = "a mock is for {!r}, which is not a state of the workflow; {}"
    definition = {"StartAt": "Check", "States": {"Check": {"Type": "Pass", "End": True}}}
    assert refusal(definition, mocks={"Chekc": Return(1), "zzzzz": Return(2)}) == [
        message.format("Chekc", 'did you mean "Check"?'),
        message.format("zzzzz", "the states are Check"),
    ]


def test_a_definition_that_validation_refuses_is_not_run() -> None:
    assert len(refusal({"StartAt": "Nowhere", "States": {"A": {"Type": "Pass", "End": True}}})) >= 1
    assert len(refusal("{")) == 1
    assert len(refusal(nested(), workflows={"child": {"StartAt": "A", "States": {}}})) >= 1


@pytest.mark.parametrize("config", [{"InputType": "PARQUET"}])
def test_a_reader_that_the_local_runner_does_not_support_is_refused(config: dict[str, Any]) -> None:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **one({"Type": "Pass"})}
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": config,
        "Parameters": {"Bucket": "b", "Key": "k"},
    }
    definition = {
        "StartAt": "M",
        "States": {"M": {"Type": "Map", "ItemReader": reader, "ItemProcessor": processor, "End": True}},
    }
    assert refusal(definition) == [
        '"M" ItemReader.ReaderConfig: is not supported by the local runner; mock the state, or use a file of CSV, JSON or JSONL'
    ]


def test_the_variables_that_a_task_assigns_are_in_its_exited_event() -> None:
    execution = run(machine("${F}", Assign={"v.$": "$.a"}), {"a": [1]}, functions={"F": echo})
    assert execution.history[-2]["stateExitedEventDetails"] == {
        "name": "T",
        "output": '{"a":[1]}',
        "outputDetails": {"truncated": False},
        "assignedVariables": {"v": "[1]"},
        "assignedVariablesDetails": {"truncated": False},
    }


def test_an_exception_outside_the_workflow_is_raised_unchanged() -> None:
    def broken(parameters: dict[str, Any]) -> Any:
        raise ZeroDivisionError("in the test's own service")

    get = machine("arn:aws:states:::dynamodb:getItem", Parameters={"TableName": "t", "Key": {"id": {"S": "1"}}})
    child = {**get, "TimeoutSeconds": 60}
    for definition in (get, nested(".sync")):
        with pytest.raises(ZeroDivisionError, match="in the test's own service"):
            run(definition, services={"dynamodb:getItem": broken}, workflows={"child": child})


def test_a_definition_can_be_a_machine() -> None:
    assert run(Machine(machine("${F}")), {"a": 1}, functions={"F": echo}).output == {"a": 1}


def test_a_definition_can_be_a_string_and_the_start_time_can_come_from_a_clock() -> None:
    text = json.dumps(one({"Type": "Pass", "Parameters": {"t.$": "$$.Execution.StartTime"}}))
    assert run(text, clock=lambda: NOON).output == {"t": "2026-01-31T12:00:00.000Z"}


def test_the_same_seed_gives_the_same_history() -> None:
    definition = machine("${F}", Parameters={"id.$": "States.UUID()"})
    first, again, other = (run(definition, functions={"F": echo}, start_time=NOON, seed=seed) for seed in (1, 1, "x"))
    assert first.history == again.history != other.history
