"""mock_checks.py: mocked results that a state cannot have are refused before the run, or when they are computed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, TypedDict

import pytest

from workflow_dsl.findings import FindingsError
from workflow_dsl.local import Function, Return, Throw, read_mock_config, run

GET = {"Resource": "arn:aws:states:::dynamodb:getItem", "Parameters": {"TableName": "t", "Key": {"id": {"S": "1"}}}}
INVOKE = {"Resource": "arn:aws:states:::lambda:invoke", "Parameters": {"FunctionName": "Price"}}
EVENT = {**INVOKE, "Parameters": {"FunctionName": "Price", "InvocationType": "Event"}}
CALLBACK = {
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"},
}
START = {"Resource": "arn:aws:states:::states:startExecution", "Parameters": {"StateMachineArn": "child"}}
RUN_TASK = {
    "Resource": "arn:aws:states:::ecs:runTask.sync",
    "Parameters": {"TaskDefinition": "t", "Cluster": "c"},
}
HTTP = {"Resource": "arn:aws:states:::http:invoke", "Parameters": {"ApiEndpoint": "https://a.example", "Method": "GET",
        "Authentication": {"ConnectionArn": "arn:aws:events:us-east-1:111111111111:connection/c/1"}}}  # fmt: skip
PRICE = {"Resource": "arn:aws:lambda:us-east-1:111111111111:function:Price"}
ACTIVITY = {"Resource": "arn:aws:states:us-east-1:111111111111:activity:Price"}
ONE = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
OTHER = {"StartAt": "B", "States": {"B": {"Type": "Pass", "End": True}}}
PARALLEL = {"Type": "Parallel", "Branches": [ONE, OTHER]}
MAP = {"Type": "Map", "ItemsPath": "$.items", "ItemProcessor": ONE}
META = {"SdkHttpMetadata": {"HttpStatusCode": 200}, "SdkResponseMetadata": {"RequestId": "r"}}
MEANT = "; correct it, or say that it is meant: Return(value, unchecked=True), or --unchecked"
WRITE = "; write Return(value), Throw(error), a list of them, or a function that takes the call's input"


class Quote(TypedDict):
    price: int


def quote(event: Any, context: Any) -> Quote:
    return {"price": 1}


def definition(state: dict[str, Any]) -> dict[str, Any]:
    return {"StartAt": "T", "States": {"T": {"Type": "Task", **state, "End": True}}}


def outcome(state: dict[str, Any], mock: Any) -> Any:
    """The output of a run of one state with a mock, or the message that refuses it."""
    try:
        return run(definition(state), {"items": []}, mocks={"T": mock}, functions={"Price": quote}).output
    except FindingsError as problem:
        return str(problem).removeprefix('"T": ').removesuffix(MEANT)


TAKEN: list[tuple[dict[str, Any], Any]] = [
    (GET, {}),
    (GET, {"Item": {"id": {"S": "1"}, "open": {"BOOL": True}, "tags": {"SS": ["a"]}}, **META}),
    (INVOKE, {"Payload": {"price": 1}, "StatusCode": 200}),
    (INVOKE, {"StatusCode": 200}),
    (EVENT, {"StatusCode": 202, "Payload": "ignored"}),
    (CALLBACK, "what the callback sends"),
    (START, {"ExecutionArn": "arn", "StartDate": "2026-11-28T12:00:00Z"}),
    (RUN_TASK, {"LastStatus": "STOPPED", "StopCode": "EssentialContainerExited"}),
    (HTTP, {"anything": 1}),
    (PRICE, {"price": 5}),
    (ACTIVITY, {"anything": 1}),
    (PARALLEL, [1, 2]),
    (MAP, [1]),
]


@pytest.mark.parametrize(("state", "result"), TAKEN)
def test_a_result_that_the_state_can_have_is_taken(state: dict[str, Any], result: Any) -> None:
    assert outcome(state, Return(result)) == result
    assert outcome(state, lambda arguments: result) == result


REFUSED: list[tuple[dict[str, Any], Any, str]] = [
    (GET, {"Itemm": {}}, "dynamodb:getItem: it has no field 'Itemm'; did you mean \"Item\"?"),
    (GET, {"Item": {"id": "1"}}, "dynamodb:getItem: Field 'Item' must be an object"),
    (GET, None, "dynamodb:getItem: The result must be an object"),
    (GET, {"ConsumedCapacity": {"Units": 1}}, "dynamodb:getItem: it has no field 'Units'; its fields are "
     "TableName, CapacityUnits, ReadCapacityUnits, WriteCapacityUnits, Table, LocalSecondaryIndexes, GlobalSecondaryIndexes"),
    (GET, {"Item": {"id": {"SN": ["1"]}}}, "dynamodb:getItem: it has no field 'SN'; did you mean \"S\"?"),
    (INVOKE, {"price": 5}, "lambda:invoke: it has no field 'price'; its fields are "
     "StatusCode, FunctionError, LogResult, Payload, ExecutedVersion, DurableExecutionArn"),
    (INVOKE, {"Payload": {"prise": 5}}, "`-> Quote` of test_mock_checks.py: the result lacks \"price\", a field of Quote; "
     'the result has "prise", which is not a field of Quote (did you mean "price"?)'),
    (PRICE, {"price": "5"}, '`-> Quote` of test_mock_checks.py: its "price" must be a whole number, not "5"'),
    (START, {"ExecutionArn": "arn"}, "states:startExecution: Required field 'StartDate' is missing"),
    (PARALLEL, [1], "a Parallel state: it must have one item for each of the 2 branches"),
    (PARALLEL, {}, "a Parallel state: it must be a list"),
    (MAP, {"items": []}, "a Map state: it must be a list"),
]  # fmt: skip


def without_place(message: Any) -> Any:
    """A message without the folder and the line of a handler in this file."""
    line = quote.__code__.co_firstlineno
    return str(message).replace(f"{Path(__file__).parent}/", "").replace(f".py:{line}", ".py")


@pytest.mark.parametrize(("state", "result", "problem"), REFUSED)
def test_a_result_that_the_state_cannot_have_is_refused(state: dict[str, Any], result: Any, problem: str) -> None:
    if "its fields are StatusCode" in problem:  # newer versions of botocore have more
        problem = problem.partition(" FunctionError")[0]
    message = f"the mocked result is not one of {problem}"
    for mock in (Return(result), [Throw("E"), Return(result)], lambda arguments: result):
        assert without_place(outcome(state, mock)).startswith(message)


@pytest.mark.parametrize(("state", "result", "_"), REFUSED)
def test_an_unchecked_result_is_meant(state: dict[str, Any], result: Any, _: str) -> None:
    assert outcome(state, Return(result, unchecked=True)) == result
    assert outcome(state, lambda arguments: Return(result, unchecked=True)) == result


def test_a_function_can_answer_with_a_failure_or_after_a_time() -> None:
    mocks: list[Any] = [lambda arguments: Throw("E", "c"), lambda arguments: Return({}, after=2)]
    failed, late = (run(definition(GET), mocks={"T": mock}) for mock in mocks)
    assert (failed.error, failed.cause, late.output, late.duration) == ("E", "c", {}, 2)


def test_all_wrong_results_are_reported_at_once_and_each_once() -> None:
    wrong = [Return({"A": 1}), Return({"A": 1}), Return([])]
    with pytest.raises(FindingsError) as error:
        run(definition(GET), mocks={"T": wrong})
    assert [finding.message for finding in error.value.findings] == [
        "the mocked result is not one of dynamodb:getItem: it has no field 'A'; its fields are Item, ConsumedCapacity",
        "the mocked result is not one of dynamodb:getItem: The result must be an object",
    ]


NO_MOCKS: list[tuple[Any, str]] = [
    ({"Item": {}}, "dict"),
    ("text", "str"),
    (b"bytes", "bytes"),
    (5, "int"),
    ([{"Item": {}}], "dict"),
    ([Return({}), "text"], "str"),
]


@pytest.mark.parametrize(("mock", "type_"), NO_MOCKS)
def test_a_bare_result_is_no_mock(mock: Any, type_: str) -> None:
    assert outcome(GET, mock) == f"the mock has a {type_} in place of a Return or Throw{WRITE}"


def test_a_state_without_a_call_cannot_be_mocked() -> None:
    waits = {"StartAt": "W", "States": {"W": {"Type": "Wait", "Seconds": 1, "End": True}}}
    with pytest.raises(FindingsError) as error:
        run(waits, mocks={"W": Return(1)})
    assert str(error.value) == '"W": a mock is for a Wait state, which makes no call; mock a Task, Parallel or Map'


def test_a_function_may_be_wrapped_in_its_configuration() -> None:
    with pytest.raises(FindingsError, match='its "price" must be a whole number'):
        run(definition(PRICE), mocks={"T": Return({"price": "5"})}, functions={"Price": Function(quote)})


def test_nothing_is_known_of_a_handler_inside_a_test() -> None:
    def quote(event: Any, context: Any) -> Any:
        return {}

    assert run(definition(PRICE), mocks={"T": Return({"a": 1})}, functions={"Price": quote}).output == {"a": 1}


def test_results_of_a_mock_configuration_are_checked_unless_they_are_meant(tmp_path: Path) -> None:
    path = tmp_path / "mocks.json"
    machines = {"M": {"TestCases": {"A": {"T": "R"}}}}
    path.write_text(json.dumps({"StateMachines": machines, "MockedResponses": {"R": {"0": {"Return": {"Item": 1}}}}}))
    with pytest.raises(FindingsError, match="Field 'Item' must be an object"):
        run(definition(GET), mocks=read_mock_config(path, "A"))
    assert run(definition(GET), mocks=read_mock_config(path, "A", unchecked=True)).output == {"Item": 1}


def test_results_of_a_mock_configuration_may_have_fields_that_the_api_does_not_have(tmp_path: Path) -> None:
    path = tmp_path / "mocks.json"
    machines = {"M": {"TestCases": {"A": {"T": "R"}}}}
    path.write_text(json.dumps({"StateMachines": machines, "MockedResponses": {"R": {"0": {"Return": {"done": 1}}}}}))
    assert run(definition(GET), mocks=read_mock_config(path, "A")).output == {"done": 1}
