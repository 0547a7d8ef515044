"""The same definitions, inputs and Lambda results in three engines: ours, MiniStack's and moto's.

Every difference is listed here with the behaviour of the service and its source, so that engines written by others
check ours.
"""

from __future__ import annotations

import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import boto3
import pytest
from moto import mock_aws

from tests.e2e.support import REGION, ROOT, Emulator, ended, eventually, outcome_of
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.placeholders import substitute
from workflow_dsl.local import run
from workflow_dsl.validation import check

# The bodies of the Lambda functions; MiniStack gets the source, and the other engines run it in this process.
FUNCTIONS = {
    "Price50": 'return {"stock_price": 50}',
    "Price51": 'return {"stock_price": 51}',
    "Echo": "return event",
    "Trade": 'return {"id": "1", "type": "buy", "price": "50", "qty": "2", "timestamp": "2026-11-24T12:00:00Z"}',
    "Broken": 'raise ValueError("no price")',
    "Holdings": 'return {"portfolio": "p", "tolerance": 10, "holdings": [{"symbol": "A", "shares": 1, "target": 50}]}',
}
ERRORS = {"Retry": [{"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 1}]}


def states(start: str, **by_name: Mapping[str, Json]) -> Json:
    return {"StartAt": start, "States": by_name}


def task(function: str, **fields: Json) -> Json:
    return {"Type": "Task", "Resource": f"${{{function}}}", **({} if "Next" in fields else {"End": True}), **fields}


def generated(name: str) -> Json:
    return json.loads((ROOT / "generated" / f"{name}.asl.json").read_text("utf-8"))


def trader(checker: str) -> Json:
    """The generated stock trader without the state that writes to a table."""
    text = json.dumps(generated("stock_trader")).replace("StockCheckerFunctionArn", checker)
    definition = json.loads(text.replace("StockBuyerFunctionArn", "Trade").replace("StockSellerFunctionArn", "Trade"))
    definition["States"]["Record Transaction"] = {"Type": "Pass", "End": True}
    return definition


def rebalance() -> Json:
    """The generated portfolio rebalance, with a portfolio that is on target."""
    text = json.dumps(generated("portfolio_rebalance")).replace("PortfolioReaderFunctionArn", "Holdings")
    definition = json.loads(
        text.replace("StockCheckerFunctionArn", "Price50").replace("TradeReverserFunctionArn", "Echo")
    )
    definition["States"]["Announce Rebalance"] = {"Type": "Pass", "Output": "{% $count($traded) %}", "End": True}
    definition["States"]["Announce Failure"] = {"Type": "Pass", "Next": "Rebalance Failed"}
    inner = definition["States"]["Rebalance Holdings"]["ItemProcessor"]["States"]
    inner["Trade Stock"] = {"Type": "Pass", "End": True}
    del inner["Trade Failed"]
    return definition


ITEMS = {
    "Type": "Map",
    "ItemsPath": "$.items",
    "ItemProcessor": states("I", I={"Type": "Pass", "End": True}),
    "End": True,
}
CASES: dict[str, tuple[Json, Json]] = {
    "the trader buys": (trader("Price50"), {}),
    "the trader sells": (trader("Price51"), {}),
    "the rebalance keeps a portfolio on target": (rebalance(), {"portfolio": "p"}),
    "a failing handler is caught": (
        states(
            "A",
            A=task("Broken", **ERRORS, Catch=[{"ErrorEquals": ["ValueError"], "ResultPath": "$.e", "Next": "B"}]),
            B={"Type": "Pass", "Parameters": {"error.$": "$.e.Error"}, "End": True},
        ),
        {"x": 1},
    ),
    "a failing handler fails the execution": (states("A", A=task("Broken")), {}),
    "input and output processing": (
        states(
            "A",
            A=task(
                "Echo",
                InputPath="$.in",
                Parameters={"a.$": "$.a", "b": [1, {"c.$": "$.c"}]},
                ResultSelector={"d.$": "$.b[1].c"},
                ResultPath="$.out",
                OutputPath="$.out.d",
            ),
        ),
        {"in": {"a": 1, "c": "x"}},
    ),
    "intrinsic functions": (
        states(
            "A",
            A={
                "Type": "Pass",
                "Parameters": {
                    "text.$": "States.Format('{} of {}', $.a, $.b)",
                    "sum.$": "States.MathAdd($.a, -3)",
                    "parts.$": "States.ArrayPartition($.list, 2)",
                    "unique.$": "States.ArrayUnique($.list)",
                    "range.$": "States.ArrayRange(1, 9, 4)",
                    "length.$": "States.ArrayLength($.list)",
                    "hash.$": "States.Hash($.b, 'SHA-256')",
                    "encoded.$": "States.Base64Encode($.b)",
                    "split.$": "States.StringSplit('a,b', ',')",
                },
                "End": True,
            },
        ),
        {"a": 5, "b": "ACME", "list": [1, 2, 2, 3]},
    ),
    "a Choice by number, string and presence": (
        states(
            "A",
            A={
                "Type": "Choice",
                "Choices": [
                    {"And": [{"Variable": "$.n", "NumericGreaterThan": 5}, {"Variable": "$.s", "StringMatches": "a*"}], "Next": "B"},
                    {"Not": {"Variable": "$.z", "IsPresent": True}, "Next": "C"},
                ],
                "Default": "D",
            },
            B={"Type": "Pass", "Result": "B", "End": True},
            C={"Type": "Pass", "Result": "C", "End": True},
            D={"Type": "Succeed"},
        ),
        {"n": 6, "s": "abc"},
    ),
    "a Choice without a match": (
        states("A", A={"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericEquals": 1, "Next": "B"}]}, B={"Type": "Succeed"}),
        {"n": 2},
    ),
    "parallel branches": (
        states(
            "A",
            A={
                "Type": "Parallel",
                "Branches": [states("L", L={"Type": "Pass", "Result": 1, "End": True}), states("R", R={"Type": "Succeed"})],
                "ResultSelector": {"left.$": "$[0]", "right.$": "$[1]"},
                "End": True,
            },
        ),
        {"in": 1},
    ),
    "a failing branch": (
        states(
            "A",
            A={
                "Type": "Parallel",
                "Branches": [states("L", L={"Type": "Fail", "Error": "Left", "Cause": "why"}), states("R", R={"Type": "Succeed"})],
                "Catch": [{"ErrorEquals": ["Left"], "Next": "B"}],
                "End": True,
            },
            B={"Type": "Pass", "End": True},
        ),
        {},
    ),
    "a Map over items": (states("A", A=ITEMS), {"items": [1, {"a": 2}, "x"]}),
    "a Map without items": (states("A", A=ITEMS), {"items": []}),
    "a Map with an item selector": (
        states("A", A={**ITEMS, "ItemSelector": {"n.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "all.$": "$.x"}}),
        {"items": ["a", "b"], "x": 1},
    ),
    "variables in JSONPath": (
        states(
            "A",
            A={"Type": "Pass", "Assign": {"a.$": "$.x", "b": 2}, "Next": "B"},
            B={"Type": "Pass", "Parameters": {"a.$": "$a", "b.$": "$b"}, "End": True},
        ),
        {"x": 7},
    ),
    "JSONata with variables": (
        {
            "QueryLanguage": "JSONata",
            **states(
                "A",
                A={"Type": "Pass", "Assign": {"n": "{% $states.input.n * 2 %}"}, "Output": "{% $states.input.list[$ > 1] %}", "Next": "B"},
                B={"Type": "Succeed", "Output": {"n": "{% $n %}", "sum": "{% $sum($states.input) %}"}},
            ),
        },
        {"n": 4, "list": [1, 2, 3]},
    ),
    "failing JSONata": (
        {"QueryLanguage": "JSONata", **states("A", A={"Type": "Pass", "Output": "{% $states.input.a + 'x' %}", "End": True})},
        {"a": 1},
    ),
    "a path without a value": (states("A", A={"Type": "Pass", "Parameters": {"a.$": "$.none"}, "End": True}), {}),
    "a Fail with paths": (states("A", A={"Type": "Fail", "ErrorPath": "$.e", "CausePath": "$.c"}), {"e": "E", "c": "C"}),
    "a Wait": (states("A", A={"Type": "Wait", "SecondsPath": "$.s", "End": True}), {"s": 1}),
}  # fmt: skip


class End(NamedTuple):
    """The end of an execution without its cause, which each engine words in its own way."""

    status: str
    output: Json
    error: str | None


class Difference(NamedTuple):
    """The end of a case in another engine, and the behaviour of the service with its source."""

    end: End
    reason: str


# By case and engine; our engine is right in each.
_BROKEN = "the error is the exception's class: guide, concepts-error-handling, Lambda errors"
_VARIABLES = "variables are read as $name: guide, workflow-variables"
_JSONATA = "JSONata is evaluated: guide, transforming-data; moto's needs a Java runtime"
DIFFERENCES: dict[tuple[str, str], Difference] = {
    ("a failing handler is caught", "MiniStack"): Difference(End("FAILED", None, "Runtime.HandlerError"), _BROKEN),
    ("a failing handler fails the execution", "MiniStack"): Difference(
        End("FAILED", None, "Runtime.HandlerError"), _BROKEN
    ),
    ("variables in JSONPath", "MiniStack"): Difference(End("SUCCEEDED", {"a": None, "b": None}, None), _VARIABLES),
    ("JSONata with variables", "MiniStack"): Difference(
        End("SUCCEEDED", [2, 3], None), "a Succeed has an Output: States Language, Succeed State"
    ),
    ("a path without a value", "MiniStack"): Difference(
        End("SUCCEEDED", {"a": None}, None), "a path must have a value: guide, amazon-states-language-paths"
    ),
    ("the rebalance keeps a portfolio on target", "moto"): Difference(End("FAILED", None, "Exception"), _JSONATA),
    ("JSONata with variables", "moto"): Difference(End("FAILED", None, "States.Runtime"), _JSONATA),
    ("failing JSONata", "moto"): Difference(End("FAILED", None, "States.Runtime"), _JSONATA),
    ("input and output processing", "moto"): Difference(
        End("SUCCEEDED", ["x"], None), "a definite path returns the value, not a list with it: Jayway JsonPath"
    ),
    ("a Choice by number, string and presence", "moto"): Difference(
        End("SUCCEEDED", {"not JSON": "B"}, None), "an execution's output is JSON: API reference, DescribeExecution"
    ),
    ("a Choice without a match", "moto"): Difference(
        End("FAILED", None, "States.Runtime"), "the error is States.NoChoiceMatched: States Language, Choice State"
    ),
    ("variables in JSONPath", "moto"): Difference(End("FAILED", None, "States.Runtime"), _VARIABLES),
}


def source(function: str) -> str:
    return f"def handler(event, context):\n    {FUNCTIONS[function]}\n"


def handlers() -> dict[str, Callable[[Any, Any], Any]]:
    by_name = {}
    for name in FUNCTIONS:
        names: dict[str, Any] = {}
        exec(source(name), names)  # noqa: S102  # our own source, as MiniStack runs it
        by_name[name] = names["handler"]
    return by_name


def our_end(definition: Json, input: Json) -> End:
    execution = run(definition, input, functions=handlers())
    return End(execution.status, execution.output, execution.error)


@pytest.fixture(scope="module")
def in_ministack(emulator: Emulator) -> Callable[[Json, Json], End]:
    client, machines = emulator.client("lambda"), emulator.client("stepfunctions")
    arns = {}
    for name in FUNCTIONS:
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as archive:
            archive.writestr("app.py", source(name))
        function = client.create_function(
            FunctionName=f"case-{name}",
            Runtime="python3.13",
            Role="arn:aws:iam::000000000000:role/any",
            Handler="app.handler",
            Code={"ZipFile": package.getvalue()},
        )
        arns[name] = function["FunctionArn"]

    def execute(definition: Json, input: Json) -> End:
        text = json.dumps(substitute(definition, arns))
        name = f"case-{time.monotonic_ns()}"
        machine = machines.create_state_machine(
            name=name, definition=text, roleArn="arn:aws:iam::000000000000:role/any"
        )
        arn = machines.start_execution(stateMachineArn=machine["stateMachineArn"], input=json.dumps(input))[
            "executionArn"
        ]
        return end_of(ended(emulator, arn))

    return execute


@pytest.fixture(scope="module")
def in_moto() -> Iterator[Callable[[Json, Json], End]]:
    """moto's engine; Lambda, for which moto needs Docker, runs in this process."""
    functions = handlers()
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("AWS_ENDPOINT_URL", raising=False)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        with mock_aws(config={"stepfunctions": {"execute_state_machine": True}}):
            boto3.setup_default_session(region_name=REGION)
            assert boto3.DEFAULT_SESSION
            boto3.DEFAULT_SESSION.events.register("before-call.lambda.Invoke", invoking(functions))
            machines = boto3.client("stepfunctions")
            role = boto3.client("iam").create_role(RoleName="any", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
            arns = {name: f"arn:aws:lambda:{REGION}:123456789012:function:{name}" for name in FUNCTIONS}

            def execute(definition: Json, input: Json) -> End:
                text = json.dumps(substitute(definition, arns))
                machine = machines.create_state_machine(
                    name=f"case-{time.monotonic_ns()}", definition=text, roleArn=role
                )
                arn = machines.start_execution(stateMachineArn=machine["stateMachineArn"], input=json.dumps(input))[
                    "executionArn"
                ]
                execution = eventually(lambda: outcome_of(machines, arn))
                assert execution, "moto's execution did not end within 60 s"
                return end_of(execution)

            yield execute
        boto3.DEFAULT_SESSION = None


def invoking(functions: Mapping[str, Callable[[Any, Any], Any]]) -> Callable[..., Any]:
    def before_call(params: Mapping[str, Any], **_: Any) -> Any:
        from botocore.awsrequest import AWSResponse, HeadersDict

        headers: Any = HeadersDict()
        name = params["url_path"].split("function%3A")[-1].split("function:")[-1].split("/")[0]
        response: dict[str, Any] = {"StatusCode": 200, "ResponseMetadata": {"HTTPStatusCode": 200}}
        try:
            payload = functions[name](json.loads(params["body"] or "{}"), None)
        except ValueError as problem:
            payload = {"errorMessage": str(problem), "errorType": type(problem).__name__, "stackTrace": []}
            response["FunctionError"] = "Unhandled"
        return AWSResponse("", 200, headers, None), {**response, "Payload": io.BytesIO(json.dumps(payload).encode())}

    return before_call


def end_of(execution: Mapping[str, Any]) -> End:
    if execution["status"] != "SUCCEEDED":
        return End(execution["status"], None, execution.get("error"))
    try:
        return End(execution["status"], json.loads(execution["output"]), None)
    except ValueError:
        return End(execution["status"], {"not JSON": execution["output"]}, None)


@pytest.mark.parametrize("name", CASES)
def test_every_case_is_a_valid_definition(name: str) -> None:
    assert [str(finding) for finding in check(CASES[name][0]) if finding.severity == "error"] == []


@pytest.mark.parametrize("name", CASES)
def test_ministack_ends_like_our_engine_or_with_the_listed_difference(
    name: str, in_ministack: Callable[[Json, Json], End]
) -> None:
    compare(name, "MiniStack", in_ministack(*CASES[name]))


@pytest.mark.parametrize("name", CASES)
def test_moto_ends_like_our_engine_or_with_the_listed_difference(
    name: str, in_moto: Callable[[Json, Json], End]
) -> None:
    compare(name, "moto", in_moto(*CASES[name]))


def compare(name: str, engine: str, end: End) -> None:
    our, difference = our_end(*CASES[name]), DIFFERENCES.get((name, engine))
    assert end == (difference.end if difference else our)
    assert difference is None or end != our, f"{engine} ends like our engine now: remove the difference from the list"
