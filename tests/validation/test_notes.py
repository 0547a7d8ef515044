"""check(): what is a note because a working definition may well be meant so, and what remains a warning."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.validation import check

END: dict[str, Any] = {"Type": "Pass", "End": True}
FUNCTION = "arn:aws:lambda:us-east-1:111111111111:function:Check"
RETRIED = {"Retry": [{"ErrorEquals": ["Lambda.TooManyRequestsException"]}]}
TOKEN = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
    "Parameters": {"QueueUrl": "${Queue}", "MessageBody": {"Token.$": "$$.Task.Token"}},
    "End": True,
}
QUERY: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::aws-sdk:dynamodb:query",
    "Parameters": {
        "TableName": "${Table}",
        "KeyConditionExpression": "id = :id",
        "ExpressionAttributeValues": {":id": {"S": "x"}},
    },
    "End": True,
}


def machine(**states: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states}


def call(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": FUNCTION, **({"End": True} if "Next" not in fields else {}), **fields}


def choice(*rules: dict[str, Any]) -> dict[str, Any]:
    return machine(C={"Type": "Choice", "Choices": [{**rule, "Next": "D"} for rule in rules]}, D=END)


def of_field(field: str, **test: Any) -> dict[str, Any]:
    return {"Variable": f"$.{field}", **test}


WARNED = "warning NO_LAMBDA_RETRY"
NOTED = "note NO_LAMBDA_RETRY"
DEFAULT, NO_DEFAULT = "warning NO_DEFAULT", "note NO_DEFAULT"
NOTES: list[tuple[dict[str, Any], list[str]]] = [
    (machine(A=call()), [NOTED]),
    (machine(A=call(Next="B"), B=call()), [NOTED, NOTED]),
    (machine(A=call(Next="B"), B=call(**RETRIED)), [WARNED]),
    (machine(A=call(**RETRIED)), []),
    (choice(of_field("a", StringEquals="x")), [DEFAULT]),
    (choice(of_field("a", StringEquals="x"), of_field("a", StringEquals="y")), [NO_DEFAULT]),
    (choice(of_field("a", NumericEquals=1), of_field("a", NumericEquals=2)), [NO_DEFAULT]),
    (choice(of_field("a", StringEquals="x"), {"Or": [of_field("a", StringEquals=each) for each in "yz"]}), [NO_DEFAULT]),
    (choice(of_field("a", StringEquals="x"), of_field("b", StringEquals="y")), [DEFAULT]),
    (choice(of_field("a", StringEquals="x"), of_field("a", StringMatches="y*")), [DEFAULT]),
    (choice(of_field("a", NumericLessThan=40), of_field("a", NumericGreaterThan=60)), [DEFAULT]),
    (choice(of_field("a", NumericLessThan=40), of_field("a", NumericGreaterThan=40)), [DEFAULT]),
    (choice(of_field("a", NumericLessThan=40), of_field("a", NumericGreaterThanEquals=40)), []),
    (choice(of_field("a", NumericLessThanEquals=40), of_field("a", NumericGreaterThan=40)), []),
    (choice(of_field("a", NumericLessThanEquals=40), of_field("b", NumericGreaterThan=40)), [DEFAULT]),
    (choice(of_field("a", IsPresent=True), of_field("a", IsPresent=False)), []),
    (machine(A=QUERY), ["note UNLIMITED_RESPONSE"]),
    (machine(A={**QUERY, "Parameters": {**QUERY["Parameters"], "Select": "COUNT"}}), []),
    (machine(A=TOKEN), ["warning WAITS_FOREVER"]),
    (machine(A=TOKEN) | {"TimeoutSeconds": 3600}, []),
    (machine(A={**TOKEN, "HeartbeatSeconds": 60}), []),
    (machine(A={**TOKEN, "HeartbeatSeconds": 60, "TimeoutSeconds": 60}), ["note USELESS_HEARTBEAT"]),
    (machine(A={**TOKEN, "HeartbeatSeconds": 60, "TimeoutSeconds": 61}), []),
]  # fmt: skip


@pytest.mark.parametrize(("definition", "expected"), NOTES)
def test_what_may_be_meant_so_is_a_note(definition: dict[str, Any], expected: list[str]) -> None:
    assert [f"{each.severity} {each.code}" for each in check(definition)] == expected


def reads(path: str, language: str = "JSONPath", **more: Any) -> dict[str, Any]:
    field = {"Parameters": {"value.$": path}} if language == "JSONPath" else {"Output": {"value": path}}
    return machine(A={"Type": "Pass", **field, "Next": "B"}, B={**END, **more}) | {"QueryLanguage": language}


CONTEXT, EXPRESSION = "warning UNKNOWN_CONTEXT_FIELD", "warning NO_EXPRESSION"
ALMOST: list[tuple[dict[str, Any], list[str]]] = [
    (reads("$.Map.Item.Value"), [CONTEXT]),
    (reads("$.Map.Item.Value.id"), [CONTEXT]),
    (reads("$.Task.Token"), [CONTEXT]),
    (reads("$.Map.Item.Value[0].id"), [CONTEXT]),
    (reads("$.Map.Items"), []),
    (reads("$.Map.Item.Values"), []),
    (reads("$.Task.TokenCount"), []),
    (reads("$$.Execution.Id"), []),
    (reads("$.Execution.Id"), []),
    (reads("$.Map.Item.Value", Parameters={"Map.$": "$$.Map"}), [CONTEXT]),
    (reads("$.Task.Token", ResultPath="$.Task"), []),
    (reads("{ $states.input.id }", "JSONata"), [EXPRESSION]),
    (reads("{{$states.input.id}}", "JSONata"), [EXPRESSION]),
    (reads("$round($states.input.price * 2)", "JSONata"), [EXPRESSION]),
    (reads("$states.input.price & ' EUR'", "JSONata"), [EXPRESSION]),
    (reads("$cost(5)", "JSONata"), []),
    (reads("$round up", "JSONata"), []),
    (reads("$states.inputs", "JSONata"), ["warning JSONPATH_IN_JSONATA"]),
    (reads("{$id}", "JSONata", Assign={"id": 1}), [EXPRESSION]),
    (reads("{$now()}", "JSONata"), [EXPRESSION]),
    (reads("{$name}", "JSONata"), []),
    (reads("{{$now}}", "JSONata"), []),
    (reads("{% $states.input.id %}", "JSONata"), []),
    (reads("{ price: 5 $ }", "JSONata"), []),
    (reads("{$5}", "JSONata"), []),
]


@pytest.mark.parametrize(("definition", "expected"), ALMOST)
def test_what_is_almost_the_context_object_or_an_expression_is_a_warning(
    definition: dict[str, Any], expected: list[str]
) -> None:
    assert [f"{each.severity} {each.code}" for each in check(definition)] == expected


def item(of: str = "$$.Map.Item.Value") -> dict[str, Any]:
    return {"Parameters": {"item.$": of}}


def mapped(inner: dict[str, Any], name: str = "I", **more: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": machine(**{name: {**END, **inner}}), "End": True, **more}


ITEMS: list[tuple[dict[str, Any], list[str]]] = [
    (machine(A={**END, **item()}), [CONTEXT]),
    (machine(A={**END, **item("$$.Map")}), [CONTEXT]),
    (machine(M=mapped({}, ItemSelector={"item.$": "$$.Map.Item.Value"})), []),
    (machine(M=mapped({}, ItemsPath="$$.Map.Item.Value")), [CONTEXT]),
    (machine(M=mapped(item())), []),
    (machine(M=mapped(mapped({}, "J", ItemsPath="$$.Map.Item.Value"))), []),
    (machine(M=mapped({"Type": "Parallel", "Branches": [machine(P={**END, **item()})]})), []),
    (machine(P={"Type": "Parallel", "Branches": [machine(A={**END, **item()})], "End": True}), [CONTEXT]),
    ({"QueryLanguage": "JSONata", **machine(A={**END, "Output": "{% $states.context.Map.Item.Index %}"})}, [CONTEXT]),
]


@pytest.mark.parametrize(("definition", "expected"), ITEMS)
def test_the_item_of_a_map_is_read_where_a_map_has_one(definition: dict[str, Any], expected: list[str]) -> None:
    assert [f"{each.severity} {each.code}" for each in check(definition)] == expected
