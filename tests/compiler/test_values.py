"""A value in the wrong field or query language is refused at the author's line, with a remedy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from workflow_dsl import Workflow
from workflow_dsl.authoring import (
    Choice,
    Condition,
    ItemProcessor,
    Map,
    Pass,
    Retry,
    Task,
    Wait,
    jsonata,
    math_add,
    path,
    var,
)
from workflow_dsl.compiler import compile_workflow
from workflow_dsl.findings import FindingsError

from stepfunctions.inputs import ExecutionInput  # isort: skip  # after workflow_dsl, which imports the SDK

JSONATA = 'write jsonata("$states.input..."), or add query_language="JSONPath" to the state'
JSONPATH = 'add query_language="JSONata" to the state, or write path("$...")'


def choosing(rule: Any, language: str = "JSONPath", **extra: Any) -> Choice:
    given: Any = {"query_language": language}
    choice = Choice("S", **given)
    choice.add_choice(rule, Pass("A"), **extra)
    return choice


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: Map("S", item_processor=Pass("I"), max_concurrency=path("$.n"), max_concurrency_path="$.m"),
        "Map has both max_concurrency and max_concurrency_path; keep one of the two",
    ),
    (
        lambda: Pass("S", parameters=path("$.a")),
        "Parameters is a path, which ASL does not allow there; put it into an object, or write input_path",
    ),
    (
        lambda: Pass("S", result=path("$.a")),
        "Result is a path, which ASL does not allow there; write the value itself",
    ),
    (
        lambda: Pass("S", result={"a": path("$.a")}),
        "Result.a is a path, which ASL does not allow there; write parameters=...",
    ),
    (
        lambda: Task("S", resource="r", retry=Retry(error_equals=[path("$.e")])),  # type: ignore[list-item]
        "ErrorEquals[0] is a path, which ASL does not allow there; write the value itself",
    ),
    (
        lambda: Pass("S", parameters={"a": jsonata("$x")}),
        f"Parameters.a is JSONata, but the state uses JSONPath; {JSONPATH}",
    ),
    (lambda: Wait("S", seconds=jsonata("5")), f"Seconds is JSONata, but the state uses JSONPath; {JSONPATH}"),
    (
        lambda: Pass("S", query_language="JSONata", output={"a": [path("$.a")]}),
        f"Output.a is a path, but the state uses JSONata; {JSONATA}",
    ),
    (
        lambda: Wait("S", query_language="JSONata", seconds=path("$.a")),
        f"Seconds is a path, but the state uses JSONata; {JSONATA}",
    ),
    (
        lambda: Pass("S", query_language="JSONata", output=ExecutionInput()["a"]),
        f"Output is a path, but the state uses JSONata; {JSONATA}",
    ),
    (
        lambda: choosing(var("$.a").is_null(), "JSONata"),
        'a rule compares a path, but the state uses JSONata; write jsonata("..."), '
        'or add query_language="JSONPath" to the state',
    ),
    (
        lambda: Wait("S", seconds=math_add(path("$.a"), 1)),
        "Seconds takes a path, but is <States.MathAdd($.a, 1)>; assign it to a field or variable in an earlier state",
    ),
    (
        lambda: choosing(jsonata("$x > 1")),
        'a rule is JSONata, but the state uses JSONPath; write var("$.price") <= 50, '
        'or add query_language="JSONata" to the state',
    ),
    (lambda: Pass("S", parameters={"\ud800": 1}), "Parameters has the key '\\ud800', which JSON cannot hold; "),
    (
        lambda: Pass("S", parameters={"a": path("$.a"), "a.$": "$.b"}),
        "Parameters.a is set twice, as a value and as a path; keep one of the two",
    ),
]


@pytest.mark.parametrize(("make", "message"), REFUSED)
def test_a_value_that_asl_cannot_express_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(FindingsError) as refused:
        compile_workflow(Workflow(make()))
    [finding] = refused.value.findings
    assert finding.text.startswith(message)
    assert (finding.where.state, finding.where.place is not None) == ("S", True)


def fields(state: Any, **machine: Any) -> dict[str, Any]:
    state_fields: dict[str, Any] = compile_workflow(Workflow(state, **machine)).document()["States"]["S"]
    return state_fields


def test_a_field_named_as_a_path_takes_a_path() -> None:
    assert fields(Pass("S", parameters={"a.$": path("$.b")}))["Parameters"] == {"a.$": "$.b"}


def test_a_rule_takes_the_sdks_placeholder() -> None:
    rule = Condition({"Variable": ExecutionInput()["a"], "NumericEqualsPath": path("$.b"), "Comment": "c"})
    assert fields(choosing(rule))["Choices"] == [
        {"Variable": "$$.Execution.Input['a']", "NumericEqualsPath": "$.b", "Comment": "c", "Next": "A"}
    ]


def test_a_rule_can_assign_paths_and_output_jsonata() -> None:
    assigning = choosing(var("$.a").is_null(), assign={"b": path("$.b"), "c": [path("$.c"), 1]})
    assert fields(assigning)["Choices"][0]["Assign"] == {"b.$": "$.b", "c.$": "States.Array($.c, 1)"}
    putting_out = choosing(jsonata("$x"), "JSONata", output={"b": [jsonata("$y"), 2]})
    assert fields(putting_out)["Choices"][0]["Output"] == {"b": ["{% $y %}", 2]}


def test_a_jsonata_state_can_be_in_a_jsonpath_machine() -> None:
    processor = ItemProcessor(Pass("I", parameters={"a": path("$.a")}))
    state = Map("S", query_language="JSONata", items=jsonata("$states.input"), item_processor=processor)
    assert fields(state) == {
        "Type": "Map",
        "QueryLanguage": "JSONata",
        "Items": "{% $states.input %}",
        "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "Parameters": {"a.$": "$.a"}, "End": True}}},
        "End": True,
    }
