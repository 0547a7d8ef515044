"""compiler/values.py: a value in the wrong place or language is said at the author's line, with what to write."""

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

from stepfunctions.inputs import ExecutionInput  # isort: skip  # behind the door

JSONATA = 'write jsonata("$states.input..."), or give the state query_language="JSONPath"'
JSONPATH = 'give the state query_language="JSONata", or write path("$...")'


def choosing(rule: Any, language: str = "JSONPath", **extra: Any) -> Choice:
    given: Any = {"query_language": language}
    choice = Choice("S", **given)
    choice.add_choice(rule, Pass("A"), **extra)
    return choice


REFUSED: list[tuple[Callable[[], Any], str]] = [
    (
        lambda: Map("S", item_processor=Pass("I"), max_concurrency=path("$.n"), max_concurrency_path="$.m"),
        "MaxConcurrency is given twice, as a value and as a path; keep one of the two",
    ),
    (
        lambda: Pass("S", parameters=path("$.a")),
        "Parameters is a path, and ASL takes none there; put it into an object, or write input_path",
    ),
    (
        lambda: Pass("S", result=path("$.a")),
        "Result is a path, and ASL takes none there; write the value itself",
    ),
    (
        lambda: Pass("S", result={"a": path("$.a")}),
        "Result.a is a path, and ASL takes none there; write parameters=...",
    ),
    (
        lambda: Task("S", resource="r", retry=Retry(error_equals=[path("$.e")])),  # type: ignore[list-item]
        "ErrorEquals[0] is a path, and ASL takes none there; write the value itself",
    ),
    (lambda: Pass("S", parameters={"a": jsonata("$x")}), f"Parameters.a is JSONata, and the state is not; {JSONPATH}"),
    (lambda: Wait("S", seconds=jsonata("5")), f"Seconds is JSONata, and the state is not; {JSONPATH}"),
    (
        lambda: Pass("S", query_language="JSONata", output={"a": [path("$.a")]}),
        f"Output.a is a path, and the state is JSONata; {JSONATA}",
    ),
    (
        lambda: Wait("S", query_language="JSONata", seconds=path("$.a")),
        f"Seconds is a path, and the state is JSONata; {JSONATA}",
    ),
    (
        lambda: Pass("S", query_language="JSONata", output=ExecutionInput()["a"]),
        f"Output is a path, and the state is JSONata; {JSONATA}",
    ),
    (
        lambda: choosing(var("$.a").is_null(), "JSONata"),
        'a rule compares by a path, and the state is JSONata; write jsonata("..."), '
        'or give the state query_language="JSONPath"',
    ),
    (
        lambda: Wait("S", seconds=math_add(path("$.a"), 1)),
        "Seconds takes a path, and is <States.MathAdd($.a, 1)>; put it into the output of a state before",
    ),
    (
        lambda: choosing(jsonata("$x > 1")),
        'a rule is JSONata, and the state is not; write var("$.price") <= 50, '
        'or give the state query_language="JSONata"',
    ),
    (lambda: Pass("S", parameters={"\ud800": 1}), "Parameters has the key '\\ud800', which JSON cannot hold; "),
    (
        lambda: Pass("S", parameters={"a": path("$.a"), "a.$": "$.b"}),
        "Parameters.a is given twice, as a value and as a path; keep one of the two",
    ),
]


@pytest.mark.parametrize(("make", "said"), REFUSED)
def test_what_asl_could_not_say_is_refused(make: Callable[[], Any], said: str) -> None:
    with pytest.raises(FindingsError) as refused:
        compile_workflow(Workflow(make()))
    [finding] = refused.value.findings
    assert finding.text.startswith(said)
    assert (finding.where.state, finding.where.place is not None) == ("S", True)


def fields(state: Any, **machine: Any) -> dict[str, Any]:
    found: dict[str, Any] = compile_workflow(Workflow(state, **machine)).document()["States"]["S"]
    return found


def test_a_field_whose_name_says_that_it_is_a_path_may_be_given_one() -> None:
    assert fields(Pass("S", parameters={"a.$": path("$.b")}))["Parameters"] == {"a.$": "$.b"}


def test_a_rules_path_may_be_the_sdks_placeholder() -> None:
    rule = Condition({"Variable": ExecutionInput()["a"], "NumericEqualsPath": path("$.b"), "Comment": "c"})
    assert fields(choosing(rule))["Choices"] == [
        {"Variable": "$$.Execution.Input['a']", "NumericEqualsPath": "$.b", "Comment": "c", "Next": "A"}
    ]


def test_a_rule_may_assign_by_paths_and_in_jsonata_put_out() -> None:
    assigning = choosing(var("$.a").is_null(), assign={"b": path("$.b"), "c": [path("$.c"), 1]})
    assert fields(assigning)["Choices"][0]["Assign"] == {"b.$": "$.b", "c.$": "States.Array($.c, 1)"}
    putting_out = choosing(jsonata("$x"), "JSONata", output={"b": [jsonata("$y"), 2]})
    assert fields(putting_out)["Choices"][0]["Output"] == {"b": ["{% $y %}", 2]}


def test_a_state_in_jsonata_may_stand_in_a_machine_that_is_not() -> None:
    processor = ItemProcessor(Pass("I", parameters={"a": path("$.a")}))
    state = Map("S", query_language="JSONata", items=jsonata("$states.input"), item_processor=processor)
    assert fields(state) == {
        "Type": "Map",
        "QueryLanguage": "JSONata",
        "Items": "{% $states.input %}",
        "ItemProcessor": {"StartAt": "I", "States": {"I": {"Type": "Pass", "Parameters": {"a.$": "$.a"}, "End": True}}},
        "End": True,
    }
