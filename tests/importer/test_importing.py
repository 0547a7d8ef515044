"""Definitions of several kinds, and the workflow modules that they become."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from workflow_dsl.definition.machine import ReferenceTarget
from workflow_dsl.definition.reading import read_source
from workflow_dsl.findings import FindingsError
from workflow_dsl.importer import import_definition

LOOP = """
Comment: Asks until the order is filled.
StartAt: Place Order
TimeoutSeconds: 3600
States:
  Place Order:
    Type: Task
    Resource: ${BuyerArn}
    Retry: [{ErrorEquals: [States.TaskFailed], MaxAttempts: 2}]
    Catch: [{ErrorEquals: [States.ALL], ResultPath: $.error, Next: Tell Owner}]
    Next: Filled?
  Filled?:
    Type: Choice
    Choices:
      - {Variable: $.state, StringEquals: FILLED, Next: Done}
      - And:
          - {Variable: $.tries, NumericGreaterThan: 3}
          - Not: {Variable: $.urgent, IsPresent: true}
        Comment: gives up
        Next: Expired
    Default: Rest
  Rest: {Type: Wait, Seconds: 5, Next: Place Order}
  Tell Owner:
    Type: Task
    Resource: arn:aws:states:::sns:publish
    Parameters: {TopicArn: "${News}", Message.$: "States.Format('{} failed', $.id)"}
    Retry: [{ErrorEquals: [States.TaskFailed], MaxAttempts: 2}]
    Next: Expired
  Done: {Type: Succeed}
  Expired: {Type: Fail, Error: Expired, CausePath: $.state}
"""

LOOP_IN_PYTHON = """\
from workflow_dsl.authoring import Catch, Chain, Choice, Fail, Retry, Succeed, Task, Wait, Workflow, format_, path, var

RETRY_ON_TASK_FAILED = Retry(error_equals="States.TaskFailed", max_attempts=2)


def build() -> Workflow:
    tell_owner = Task("Tell Owner", retry=RETRY_ON_TASK_FAILED).call(
        "sns:publish", TopicArn="${News}", Message=format_("{} failed", path("$.id"))
    )
    place_order = Task(
        "Place Order",
        resource="${BuyerArn}",
        retry=RETRY_ON_TASK_FAILED,
        catch=Catch(tell_owner, error_equals="States.ALL", result_path="$.error"),
    )
    filled = Choice("Filled?")
    expired = Fail("Expired", error="Expired", cause=path("$.state"))

    filled.add_choice(var("$.state") == "FILLED", Succeed("Done"))
    filled.add_choice((var("$.tries") > 3) & ~var("$.urgent").is_present(), expired, comment="gives up")
    filled.default_choice(Chain([Wait("Rest", seconds=5), place_order]))
    tell_owner.next(expired)
    return Workflow(Chain([place_order, filled]), comment="Asks until the order is filled.", timeout_seconds=3600)
"""

NESTED = """
QueryLanguage: JSONata
StartAt: Value All
States:
  Value All:
    Type: Map
    Items: "{% $states.input.holdings %}"
    ItemProcessor:
      ProcessorConfig: {Mode: INLINE}
      StartAt: Look Up
      States:
        Look Up:
          Type: Task
          Resource: arn:aws:states:::lambda:invoke
          Arguments: {FunctionName: "${Checker}", Payload: "{%$states.input%}"}
          Output: "{% $states.result.Payload %}"
          Next: Multiply
        Multiply: {Type: Pass, Output: {value: "{% $states.input.price * 2 %}"}, End: true}
    Next: Both
  Both:
    Type: Parallel
    Branches:
      - StartAt: Sum
        States:
          Sum: {Type: Pass, Assign: {total: "{% $sum($states.input.value) %}"}, End: true}
      - Comment: for the books
        StartAt: Count
        States:
          Count: {Type: Pass, Output: "{% $count($states.input) %}", End: true}
    End: true
"""

NESTED_IN_PYTHON = """\
from workflow_dsl.authoring import Branch, Chain, ItemProcessor, Jsonata, Map, Parallel, Pass, Task, Workflow, jsonata


def build() -> Workflow:
    look_up = Task("Look Up", output=jsonata("$states.result.Payload")).call(
        "lambda:invoke", FunctionName="${Checker}", Payload=Jsonata("{%$states.input%}")
    )
    multiply = Pass("Multiply", output={"value": jsonata("$states.input.price * 2")})
    value_all = Map(
        "Value All",
        items=jsonata("$states.input.holdings"),
        item_processor=ItemProcessor(Chain([look_up, multiply]), mode="INLINE"),
    )
    sum_state = Pass("Sum", assign={"total": jsonata("$sum($states.input.value)")})
    both = Parallel(
        "Both",
        branches=[sum_state, Branch(Pass("Count", output=jsonata("$count($states.input)")), comment="for the books")],
    )
    return Workflow(Chain([value_all, both]), query_language="JSONata")
"""


def one(**fields: Any) -> dict[str, Any]:
    return {"StartAt": "A", "States": {"A": fields}}


def choice(*rules: dict[str, Any]) -> dict[str, Any]:
    ways = [{**rule, "Next": "B"} for rule in rules]
    return {"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": ways}, "B": {"Type": "Succeed"}}}


def lines_of(document: Any, **references: ReferenceTarget) -> list[str]:
    """The lines of build()."""
    text = import_definition(read_source(document), references)
    return text.partition("def build() -> Workflow:\n")[2].splitlines()


@pytest.mark.parametrize(("definition", "module"), [(LOOP, LOOP_IN_PYTHON), (NESTED, NESTED_IN_PYTHON)])
def test_a_definition_becomes_a_module_that_a_person_would_write(definition: str, module: str) -> None:
    assert import_definition(read_source(definition)) == module


STATES: list[tuple[dict[str, Any], str]] = [
    ({"Type": "Pass", "Result": None, "ResultPath": None, "End": True}, 'Pass("A", result=None, result_path=None)'),
    ({"Type": "Pass", "Parameters": {"a.$": "$$.State.Name"}, "End": True}, 'Pass("A", parameters={"a": path("$$.State.Name")})'),
    ({"Type": "Pass", "Parameters": {"a.$": "States.Array( 1 )"}, "End": True}, 'Pass("A", parameters={"a.$": "States.Array( 1 )"})'),
    ({"Type": "Pass", "Parameters": {"a.$": "States.MathAdd($.n, 1)"}, "End": True}, 'Pass("A", parameters={"a": math_add(path("$.n"), 1)})'),
    (
        {"Type": "Pass", "Parameters": {"a.$": "States.JsonMerge($.a, $.b, false)"}, "End": True},
        'Pass("A", parameters={"a": json_merge(path("$.a"), path("$.b"))})',
    ),
    ({"Type": "Pass", "Result": {"a.$": "$.b"}, "End": True}, 'Pass("A", result={"a.$": "$.b"})'),
    ({"Type": "Wait", "SecondsPath": "$.s", "End": True}, 'Wait("A", seconds=path("$.s"))'),
    ({"Type": "Task", "Resource": "${F}", "Retry": [], "Catch": [], "End": True}, 'Task("A", resource="${F}", retry=[], catch=[])'),
    (
        {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:s3:listBuckets", "Parameters": {}, "End": True},
        'Task("A", resource=call("aws-sdk:s3:listBuckets"))',
    ),
    (
        {"Type": "Task", "Resource": "arn:aws:states:::sqs:sendMessage", "Parameters": {"QueueUrl": "u", "MessageBody.$": "$"}, "End": True},
        'Task("A", resource=call("sqs:sendMessage", QueueUrl="u", MessageBody=path("$")))',
    ),
    ({"Type": "Fail", "Cause": 'a "quoted" \\ line\nand \u202e more'}, "Fail(\"A\", cause='a \"quoted\" \\\\ line\\nand \\u202e more')"),
]  # fmt: skip


@pytest.mark.parametrize(("state", "expression"), STATES)
def test_a_state_becomes_the_shortest_constructor_that_compiles_to_it(state: dict[str, Any], expression: str) -> None:
    assert lines_of(one(**state)) in (
        [f"    a = {expression}", "    return Workflow(a)"],
        [f"    return Workflow({expression})"],
    )


RULES: list[tuple[dict[str, Any], str]] = [
    ({"Variable": "$.a", "NumericLessThanEquals": 50}, 'var("$.a") <= 50'),
    ({"Variable": "$.a", "BooleanEquals": False}, 'var("$.a").is_false()'),
    ({"Variable": "$.a", "StringEqualsPath": "$.b"}, 'var("$.a", "text") == var("$.b")'),
    ({"Variable": "$.a", "TimestampLessThan": "2026-01-31T12:00:00Z"}, 'var("$.a", "time") < "2026-01-31T12:00:00Z"'),
    ({"Variable": "$.a", "IsNull": True}, 'var("$.a").is_null()'),
    ({"Variable": "$.a", "IsNull": False}, 'Condition({"Variable": "$.a", "IsNull": False})'),
    ({"Not": {"Variable": "$.a", "StringMatches": "a*"}}, '~(var("$.a").matches("a*"))'),
    (
        {"Or": [{"Variable": "$.a", "StringEquals": letter} for letter in "xyz"]},
        'var("$.a").is_in(["x", "y", "z"])',
    ),
    (
        {"And": [{"Variable": "$.a", "NumericEquals": 1}, {"Or": [{"Variable": "$.b", "IsPresent": True}, {"Variable": "$.c", "NumericEquals": 2}]}]},
        '(var("$.a") == 1) & (var("$.b").is_present() | (var("$.c") == 2))',
    ),
    ({"And": [{"Variable": "$.a", "IsNull": True}]}, 'Condition({"And": [{"Variable": "$.a", "IsNull": True}]})'),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "expression"), RULES)
def test_a_rule_becomes_a_condition(rule: dict[str, Any], expression: str) -> None:
    assert f'    a.add_choice({expression}, Succeed("B"))' in lines_of(choice(rule))


def test_a_placeholder_that_the_template_resolves_becomes_a_reference_with_its_name() -> None:
    targets = {
        "CheckerArn": ReferenceTarget("function", "Checker", "Arn"),
        "T": ReferenceTarget("table", "Trades", "Ref"),
    }
    state = {"Type": "Task", "Resource": "${CheckerArn}", "Parameters": {"t": "${T}", "u": "${U}"}, "End": True}
    assert lines_of(one(**state), **targets)[0] == (
        '    a = Task("A", resource=function("Checker"), parameters={"t": table("Trades", placeholder="T"), "u": "${U}"})'
    )


def test_names_in_any_script_or_that_python_has_taken_become_names_of_variables() -> None:
    names = ["Map", "class", "Über uns", "注文", "1st", "Buy or Sell?", "buy-or-sell", "path", "ListURLs", "l"]
    states: dict[str, Any] = {
        name: {"Type": "Task", "Resource": "${F}", "Next": after} for name, after in pairwise(names)
    }
    states[names[-1]] = {"Type": "Task", "Resource": "${F}", "End": True}
    build = lines_of({"StartAt": names[0], "States": states})
    assert [line.split()[0] for line in build[: len(names)]] == [
        *("map_state", "class_state", "uber_uns", "state", "state_1st", "buy_or_sell", "buy_or_sell_2"),
        *("path_state", "list_urls", "state_l"),
    ]


def test_a_large_machine_is_divided_into_functions_by_branch() -> None:
    states: dict[str, Any] = {
        f"S{number}": {"Type": "Task", "Resource": "${F}", "Next": f"S{number + 1}"} for number in range(40)
    }
    states["S2"] = {"Type": "Choice", "Choices": [{"Variable": "$.a", "IsNull": True, "Next": "S3"}], "Default": "S40"}
    states["S40"] = {"Type": "Succeed"}
    text = import_definition(read_source({"StartAt": "S0", "States": states}))
    assert [line for line in text.splitlines() if line.startswith("def ")] == [
        "def build() -> Workflow:",
        "def then_s11(s40: Succeed) -> Chain:",
        "def then_s23(s40: Succeed) -> Chain:",
    ]


REFUSED: list[tuple[str, str]] = [
    (
        '{"StartAt": "A", "States": {"A": {"Type": "Wait", "Seconds": ${S}, "End": true}}}',
        'd.json:1:62: "A" Seconds: is the placeholder ${S} without quotes; put it in quotes, or write the value',
    ),
    (
        "StartAt: A\nStates:\n  A:\n    Type: Wait\n    Seconds: ${S}\n    End: true\n",
        'd.json:5:14: "A" Seconds: is the placeholder ${S} without quotes; put it in quotes, or write the value',
    ),
    (
        '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}}}',
        "",
    ),
    ("[1]", ""),
    ('{"StartAt": 1, "States": {"A": [], "B": {"Type": "Choice", "Choices": {}}}}', ""),
]


@pytest.mark.parametrize(("text", "message"), REFUSED)
def test_what_cannot_be_imported_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(FindingsError) as error:
        import_definition(read_source(text, "d.json"))
    assert all(finding.where.place for finding in error.value.findings)
    assert message in ("", str(error.value))


def test_what_a_definition_holds_is_never_executed() -> None:
    text = "\"\"\" + __import__('os').abort() + f'{1/0}' # \\"
    state = {"Type": "Pass", "Comment": text, "Result": {text: [text]}, "End": True}
    assert "Workflow" in import_definition(read_source({"StartAt": text, "Comment": text, "States": {text: state}}))


LONG = "arn:aws:lambda:eu-central-1:111111111111:function:" + "a" * 90
LAYOUTS: list[Any] = [
    LOOP,
    NESTED,
    one(Type="Task", Resource=LONG, Comment="words " * 60, TimeoutSeconds=3, End=True),
    one(
        Type="Pass",
        Result={"a" * 30: [LONG] * 3, "b": [], "c": {}, "d": 1.5e10, "e": "\n".join(["x" * 50] * 4)},
        End=True,
    ),
    choice({"And": [{"Variable": f"$.{'a' * 40}", "StringEquals": letter * 20} for letter in "abcd"]}),
    one(Type="Pass", QueryLanguage="JSONata", Output="{% $string($states.input." + "a" * 120 + ") %}", End=True),
]


@pytest.mark.skipif(not Path(sys.executable).with_name("ruff").is_file(), reason="ruff is not installed beside Python")
@pytest.mark.parametrize("definition", LAYOUTS)
def test_a_module_is_formatted_and_has_nothing_to_lint(definition: Any, tmp_path: Path) -> None:
    (tmp_path / "w.py").write_text(import_definition(read_source(definition)), "utf-8")
    ruff = [str(Path(sys.executable).with_name("ruff"))]
    options = ["--isolated", "--no-cache", "--config", "line-length = 120", "w.py"]
    for command in (["format", "--diff"], ["check", "--select", "E,F,I,N,RET,UP,SIM"]):
        result = subprocess.run([*ruff, *command, *options], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert (result.returncode, result.stdout.strip() in ("", "All checks passed!")) == (0, True), result.stdout


def test_the_order_of_fields_and_of_states_does_not_matter() -> None:
    document = read_source(LOOP).document
    other = {**document, "States": dict(reversed(document["States"].items()))}
    assert import_definition(read_source(json.dumps(other))) == LOOP_IN_PYTHON


def task(resource: str, *errors: str) -> dict[str, Any]:
    return {"Type": "Task", "Resource": resource, "Retry": [{"ErrorEquals": [*errors], "MaxAttempts": 7}]}


LONG_ARN = "arn:aws:lambda:eu-west-1:123456789012:function:check-the-price-of-the-share-before-a-sale-4KQ"
DYNAMO_ERRORS = ["DynamoDb.ThrottlingException", "DynamoDb.RequestLimitExceeded", "DynamoDb.InternalServerError"]


def test_long_names_lists_of_errors_and_repeated_calls_become_constants() -> None:
    get = {"TableName": "${Prices}", "Key": {"Id": {"S.$": "$.id"}, "Day": {"S.$": "$.day"}}, "ConsistentRead": True}
    states = {
        "A": {**task(LONG_ARN, *DYNAMO_ERRORS), "Next": "B"},
        "B": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "Parameters": get, "Next": "C"},
        "C": {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:getItem", "Parameters": get, "End": True},
    }
    text = import_definition(read_source({"StartAt": "A", "States": states}))
    assert (
        text
        == f"""\
from workflow_dsl.authoring import Chain, Retry, Task, Workflow, call, path

CHECK_THE_PRICE_ARN = "{LONG_ARN}"
DYNAMO_DB_ERRORS = {json.dumps(DYNAMO_ERRORS)}
GET_ITEM = call(
    "dynamodb:getItem",
    TableName="${{Prices}}",
    Key={{"Id": {{"S": path("$.id")}}, "Day": {{"S": path("$.day")}}}},
    ConsistentRead=True,
)


def build() -> Workflow:
    a = Task("A", resource=CHECK_THE_PRICE_ARN, retry=Retry(error_equals=DYNAMO_DB_ERRORS, max_attempts=7))
    b = Task("B", resource=GET_ITEM)
    c = Task("C", resource=GET_ITEM)
    return Workflow(Chain([a, b, c]))
"""
    )


def test_a_branch_with_a_choice_is_a_function_of_its_own() -> None:
    branch = choice({"Variable": "$.a", "IsPresent": True})
    document = one(Type="Parallel", Branches=[json.loads(json.dumps(branch).replace('"A"', '"Look"'))], End=True)
    assert lines_of(document) == [
        '    return Workflow(Parallel("A", branches=[look_branch()]))',
        "",
        "",
        "def look_branch() -> Choice:",
        '    look = Choice("Look")',
        "",
        '    look.add_choice(var("$.a").is_present(), Succeed("B"))',
        "    return look",
    ]


def test_a_shortened_name_does_not_end_with_a_small_word() -> None:
    document = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": "${F}", "End": True}}}
    text = json.dumps(document).replace('"A"', '"Get the record of the owner from the table"')
    assert lines_of({**json.loads(text), "Comment": "c" * 90})[0].startswith("    get_the_record_of_the_owner = Task(")
