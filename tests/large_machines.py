"""State machines of any length, one for each kind of state: what the benchmark of inferred types checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

State = dict[str, Any]

_FUNCTION = "arn:aws:lambda:eu-west-1:111122223333:function:f"
_ORDER = {
    "id": "1",
    "kind": "a",
    "price": 5,
    "lines": [{"sku": "a", "parts": [{"n": 1}]}],
    "customer": {"address": {"city": "c"}},
}
_TRANSIENT = ("ServiceException", "AWSLambdaException", "SdkClientException", "TooManyRequestsException")
_RETRY = [{"ErrorEquals": [f"Lambda.{name}" for name in _TRANSIENT], "MaxAttempts": 3}]
_CALL = {"Type": "Task", "Resource": _FUNCTION, "TimeoutSeconds": 30, "Retry": _RETRY}
_INVOKE = {**_CALL, "Resource": "arn:aws:states:::lambda:invoke"}


def _task(number: int) -> State:
    return {**_CALL, "ResultPath": f"$.result{number % 7}"}


def _pass(number: int) -> State:
    read = {"id.$": "$.id", "price.$": "$.price", "city.$": "$.customer.address.city", "kind": "x"}
    return {"Type": "Pass", "Parameters": read, "ResultPath": "$.read"}


def _result(number: int) -> State:
    return {"Type": "Pass", "Result": {"number": number, "name": f"n{number}"}, "ResultPath": "$.result"}


def _invoke(number: int) -> State:
    parameters = {"FunctionName": "f", "Payload": {"id.$": "$.id", "price.$": "$.price"}}
    return {**_INVOKE, "Parameters": parameters, "ResultSelector": {"v.$": "$.Payload"}, "ResultPath": "$.answer"}


def _catch(number: int) -> State:
    catcher = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": f"S{number + 1}"}
    return {**_CALL, "ResultPath": "$.result", "Catch": [catcher]}


def _catch_in_one_place(number: int) -> State:
    catcher = {"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Failed"}
    return {**_CALL, "ResultPath": "$.result", "Catch": [catcher]}


def _loop(number: int) -> State:
    """Three states that are gone through until the last of them leads on."""
    if number % 3 < 2:
        return {**_CALL, "ResultPath": "$.poll"} if number % 3 else _pass(number)
    rule = {"Variable": "$.poll.status", "StringEquals": "DONE", "Next": f"S{number + 1}"}
    return {"Type": "Choice", "Choices": [rule], "Default": f"S{number - 2}"}


def _variable(number: int) -> State:
    read = {"value.$": f"$v{(number + 1) % 20}", "id.$": "$.id"}
    return {"Type": "Pass", "Parameters": read, "ResultPath": "$.read", "Assign": {f"v{number % 20}": number % 3}}


def _choice(number: int) -> State:
    comparisons: list[State] = [
        {"Variable": "$.kind", "StringEquals": "b"},
        {"Variable": "$.price", "NumericGreaterThan": 10},
        {"Variable": "$.customer.name", "IsPresent": True},
    ]
    following = {"Next": f"S{number + 1}"}
    return {"Type": "Choice", "Choices": [each | following for each in comparisons], "Default": f"S{number + 1}"}


def _map(number: int) -> State:
    inner = {"Type": "Pass", "Parameters": {"sku.$": "$.sku"}, "End": True}
    state = {"Type": "Map", "ItemsPath": "$.lines", "ResultPath": "$.mapped"}
    return {**state, "ItemProcessor": {"StartAt": f"M{number}", "States": {f"M{number}": inner}}}


def _service(number: int) -> State:
    actions = {
        "dynamodb:getItem": {"TableName": "t", "Key": {"id": {"S.$": "$.id"}}},
        "s3:getObject": {"Bucket": "b", "Key.$": "$.id"},
        "ec2:describeInstances": {"InstanceIds.$": "States.Array($.id)"},
    }
    action, parameters = [*actions.items()][number % len(actions)]
    resource = f"arn:aws:states:::aws-sdk:{action}"
    return {
        "Type": "Task",
        "Resource": resource,
        "Parameters": parameters,
        "ResultPath": "$.answer",
        "TimeoutSeconds": 30,
    }


def _query(number: int) -> State:
    output = {"id": "{% $states.input.id %}", "price": "{% $states.input.price * 2 %}", "lines": [], "number": 3}
    return {"Type": "Pass", "Output": output}


def _invoke_by_query(number: int) -> State:
    arguments = {"FunctionName": "f", "Payload": {"id": "{% $states.input.id %}"}}
    output = "{% $merge([$states.input, {'answer': $states.result.Payload}]) %}"
    return {**_INVOKE, "Arguments": arguments, "Output": output}


def _condition(number: int) -> State:
    conditions = ("$states.input.kind = 'b'", "$states.input.price > 10 and $exists($states.input.customer.name)")
    rules = [{"Condition": f"{{% {each} %}}", "Next": f"S{number + 1}"} for each in conditions]
    return {"Type": "Choice", "Choices": rules, "Default": f"S{number + 1}"}


def _chain(state: Callable[[int], State], count: int, *, language: str = "JSONPath", **start: Any) -> State:
    """A machine whose first state gives an order, and each other one leads to the next."""
    order = {"Output": _ORDER} if language == "JSONata" else {"Result": _ORDER}
    states = {"Start": {"Type": "Pass", **order, **start, "Next": "S0"}}
    for number in range(count):
        fields = state(number)
        states[f"S{number}"] = fields if fields["Type"] == "Choice" else {**fields, "Next": f"S{number + 1}"}
    states[f"S{count}"] = {"Type": "Succeed"}
    return {"QueryLanguage": language, "StartAt": "Start", "States": states}


def _with_one_handler(count: int) -> State:
    """A chain whose catchers all lead to one state."""
    machine = _chain(_catch_in_one_place, count)
    return {**machine, "States": {**machine["States"], "Failed": {"Type": "Fail", "Error": "Failed"}}}


MACHINES: Mapping[str, Callable[[int], State]] = {
    "Pass": partial(_chain, lambda number: {"Type": "Pass"}),
    "Pass with paths": partial(_chain, _pass),
    "Pass with different Results": partial(_chain, _result),
    "Task": partial(_chain, _task),
    "lambda:invoke": partial(_chain, _invoke),
    "catchers": partial(_chain, _catch),
    "catchers, one handler": _with_one_handler,
    "loops": partial(_chain, _loop),
    "variables": partial(_chain, _variable, Assign={f"v{number}": 0 for number in range(20)}),
    "Choices": partial(_chain, _choice),
    "Maps": partial(_chain, _map),
    "aws-sdk": partial(_chain, _service),
    "JSONata": partial(_chain, _query, language="JSONata"),
    "JSONata, lambda:invoke": partial(_chain, _invoke_by_query, language="JSONata"),
    "JSONata, Choices": partial(_chain, _condition, language="JSONata"),
}
