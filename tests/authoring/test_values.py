"""Paths, intrinsic functions and JSONata in Python: each compiles to its ASL."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import assert_reported_at_its_line
from workflow_dsl import Workflow
from workflow_dsl.authoring import (
    Expression,
    Pass,
    Succeed,
    Task,
    array,
    array_contains,
    array_get_item,
    array_length,
    array_partition,
    array_range,
    array_unique,
    base64_decode,
    base64_encode,
    bucket,
    call,
    format_,
    function,
    hash_,
    json_merge,
    json_to_string,
    jsonata,
    math_add,
    math_random,
    path,
    string_split,
    string_to_json,
    table,
    uuid,
)
from workflow_dsl.compiler import compile_workflow
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import run
from workflow_dsl.validation import check

from stepfunctions.inputs import StepInput  # isort: skip  # after workflow_dsl, which imports the SDK

ITEMS = path("$.items")
CASES: list[tuple[Expression, str]] = [
    (path("$$.Execution.Id"), "$$.Execution.Id"),
    (format_("{} bought", path("$.qty")), "States.Format('{} bought', $.qty)"),
    (format_("it's {} of {{all}}", 5), r"States.Format('it\'s {} of \{all\}', 5)"),
    (array(), "States.Array()"),
    (array(1, "a{b}", True, None, path("$.x")), r"States.Array(1, 'a\{b\}', true, null, $.x)"),
    (array_partition(ITEMS, 4), "States.ArrayPartition($.items, 4)"),
    (array_contains(ITEMS, "x"), "States.ArrayContains($.items, 'x')"),
    (array_range(1, 9, 2), "States.ArrayRange(1, 9, 2)"),
    (array_get_item(ITEMS, 0), "States.ArrayGetItem($.items, 0)"),
    (array_length(ITEMS), "States.ArrayLength($.items)"),
    (array_unique(ITEMS), "States.ArrayUnique($.items)"),
    (base64_encode("a"), "States.Base64Encode('a')"),
    (base64_decode(path("$.x")), "States.Base64Decode($.x)"),
    (hash_(path("$.x"), "SHA-1"), "States.Hash($.x, 'SHA-1')"),
    (json_merge(path("$.a"), path("$.b")), "States.JsonMerge($.a, $.b, false)"),
    (string_to_json(path("$.x")), "States.StringToJson($.x)"),
    (json_to_string(path("$.x")), "States.JsonToString($.x)"),
    (math_random(1, 10), "States.MathRandom(1, 10)"),
    (math_random(1, 10, 5), "States.MathRandom(1, 10, 5)"),
    (math_add(path("$.x"), -1), "States.MathAdd($.x, -1)"),
    (string_split("a,b", ","), "States.StringSplit('a,b', ',')"),
    (uuid(), "States.UUID()"),
    (
        format_("{} of {}", math_add(array_length(ITEMS), 1), uuid()),
        "States.Format('{} of {}', States.MathAdd(States.ArrayLength($.items), 1), States.UUID())",
    ),
]


def parameters(**given: Any) -> dict[str, Any]:
    """Return a state's compiled parameters, checked by the validator."""
    machine = compile_workflow(Workflow(Pass("P", parameters=given)))
    assert [str(finding) for finding in check(machine) if finding.severity == "error"] == []
    fields: dict[str, Any] = machine.states["P"].fields["Parameters"]
    return fields


@pytest.mark.parametrize(("expression", "text"), CASES, ids=[text for _, text in CASES])
def test_each_expression_is_its_text_and_valid(expression: Expression, text: str) -> None:
    assert parameters(a=expression) == {"a.$": text}


def test_a_path_adds_the_path_suffix_to_its_field_at_any_depth() -> None:
    given = {"b": {"c": path("$.c"), "plain": 1}, "list": [{"d": path("$.d")}, {"e": 5}]}
    assert parameters(a=given) == {
        "a": {"b": {"c.$": "$.c", "plain": 1}, "list": [{"d.$": "$.d"}, {"e": 5}]},
    }


def test_a_list_with_paths_becomes_an_intrinsic_function() -> None:
    given = [path("$.a"), 1, "it's", [StepInput()["b"], None]]
    assert parameters(list=given) == {"list.$": r"States.Array($.a, 1, 'it\'s', States.Array($['b'], null))"}


@given(st.text(max_size=30))
def test_any_string_survives_compiling_and_running(text: str) -> None:
    workflow = Workflow(Pass("P", parameters={"a": array(text), "b": format_("{}", text)}))
    execution = run(compile_workflow(workflow), {})
    assert execution.output == {"a": [text], "b": text}


def test_jsonata_has_its_delimiters_once() -> None:
    assert [str(jsonata(" $states.input.a + 1 ")), str(jsonata("{% 1 %}"))] == ["{% $states.input.a + 1 %}", "{% 1 %}"]


def test_a_reference_inside_a_string_stays_a_placeholder() -> None:
    price = bucket("Prices")
    assert format_("{}/{}", f"s3://{price}", path("$.k")).to_jsonpath() == (
        "States.Format('{}/{}', 's3://${PricesName}', $.k)"
    )
    assert format_(f"s3://{price}/{{}}", path("$.k")).to_jsonpath() == "States.Format('s3://${PricesName}/{}', $.k)"
    assert hash_(f"{price}{{}}", "MD5").to_jsonpath() == r"States.Hash('${PricesName}\{\}', 'MD5')"


INSIDE = """write it inside: jsonata("$a = 1 and $b"), jsonata("$a & ' bought'"), jsonata("$a ? 1 : 2")"""
PYTHON_USES: list[Callable[[], object]] = [
    lambda: jsonata("$a") and jsonata("$b"),
    lambda: jsonata("$a") or jsonata("$b"),
    lambda: not jsonata("$a"),
    lambda: jsonata("$a") == 1,  # type: ignore[comparison-overlap]  # mypy finds it too
    lambda: jsonata("$a") != "x",
    lambda: jsonata("$a") < "x",
    lambda: jsonata("$a") + "x",
    lambda: f"{jsonata('$a')} bought",
    lambda: "bought " + jsonata("$a"),
    lambda: "bought {}".format(jsonata("$a")),
    lambda: jsonata("$a")[0],
    lambda: list(jsonata("$a")),
    lambda: len(jsonata("$a")),
    lambda: "x" in jsonata("$a"),
]


@pytest.mark.parametrize("use", PYTHON_USES)
def test_jsonata_is_refused_as_a_python_value(use: Callable[[], object]) -> None:
    assert_reported_at_its_line(
        use, "{% $a %} is used as a Python value, but its value exists only at run time", INSIDE
    )


def test_a_value_can_be_compared_with_none() -> None:
    given: Any = None
    assert [each == None for each in (jsonata("$a"), path("$.a"))] == [False, False]  # noqa: E711
    assert [each != None for each in (jsonata("$a"), path("$.a"))] == [True, True]  # noqa: E711
    assert given or jsonata("$a") is not None
    assert len({jsonata("$a"), jsonata("$a")}) == 1


def test_intrinsic_functions_take_the_sdks_placeholders() -> None:
    assert format_("{} bought", StepInput()["qty"]).to_jsonpath() == "States.Format('{} bought', $['qty'])"


CALCULATE = 'write math_add(path("$.x"), 1), format_("{}...", path("$.x")), or the whole path: path("$.x.y")'


@pytest.mark.parametrize(
    "use",
    [
        lambda: path("$.a") + 1,  # type: ignore[operator]  # mypy finds it too
        lambda: "a" + path("$.a"),  # type: ignore[operator]
        lambda: path("$.a")["b"],  # type: ignore[index]
        lambda: list(path("$.a")),  # type: ignore[call-overload]
    ],
)
def test_a_path_is_refused_in_a_python_expression(use: Callable[[], object]) -> None:
    assert_reported_at_its_line(
        use, "<$.a> is used in a Python expression, but its value exists only at run time", CALCULATE
    )


TEXT = 'use format_("... {} ...", path("$.x"))'
WRONG: list[tuple[Callable[[], object], str, str]] = [
    (lambda: path("price"), "path(): 'price' does not begin with $", 'write it as path("$.price")'),
    (lambda: path(5), "path() is called with 5", 'write a string: path("$.price")'),  # type: ignore[arg-type]
    (lambda: f"{path('$.x')} bought", "<$.x> was turned into a string, but its value exists only at run time", TEXT),
    (lambda: "of " + str(uuid()), "<States.UUID()> was turned into a string, but its value exists only at run time", TEXT),
    (lambda: format_("{} and {}", 1), "format_() needs 2 values, but has 1", "pass one value for each {}"),
    (lambda: format_("{0}", 1), "unmatched or named brace in format_('{0}', ...)", "use {} for a value, and {{ }} for literal braces"),
    (lambda: format_(uuid()), "format_() is called with <States.UUID()>", 'begin with a string: format_("{} bought", ...)'),  # type: ignore[arg-type]
    (lambda: array({"a": 1}), "an intrinsic function has the argument {'a': 1}", "pass a path, another function, a string or a number"),  # type: ignore[arg-type]
    (lambda: array(float("nan")), "States.Array: 'NaN)' is not a string, number, path or call", "see the developer guide, Intrinsic functions for JSONPath states"),
    (lambda: jsonata(""), "jsonata() is called with ''", 'write the expression: jsonata("$states.input.price")'),
]  # fmt: skip


@pytest.mark.parametrize(("mistake", "message", "remedy"), WRONG)
def test_a_mistake_is_reported_at_its_line(mistake: Callable[[], object], message: str, remedy: str) -> None:
    assert_reported_at_its_line(mistake, message, remedy)


def test_invalid_jsonata_is_refused_at_once() -> None:
    with pytest.raises(FindingsError, match=r"jsonata\(\): "):
        jsonata("1 +")


def test_references_in_lists_and_strings_are_recorded() -> None:
    start = Pass("P", parameters={"a": [function("F"), path("$.x")], "t": format_("{}/{}", table("T"), path("$.x"))})
    machine = compile_workflow(Workflow(start))
    assert machine.document()["States"]["P"]["Parameters"] == {
        "a.$": "States.Array('${FArn}', $.x)",
        "t.$": "States.Format('{}/{}', '${TName}', $.x)",
    }
    assert {name: each.substitution for name, each in machine.reference_targets.items()} == {
        "FArn": "!GetAtt F.Arn",
        "TName": "!Ref T",
    }
    assert [str(finding) for finding in check(machine) if finding.severity == "error"] == []


def test_a_reference_in_a_key_is_recorded() -> None:
    machine = compile_workflow(Workflow(Pass("P", parameters={table("T"): path("$.x")})))
    assert machine.document()["States"]["P"]["Parameters"] == {"${TName}.$": "$.x"}
    assert list(machine.reference_targets) == ["TName"]


def test_an_argument_of_call_modified_later_is_refused() -> None:
    item: dict[str, Any] = {"Id": {"S": "1"}}
    put = Task("Put", resource=call("dynamodb:putItem", TableName="t", Item=item))
    item["Price"] = {"N": "2"}
    with pytest.raises(FindingsError, match='"Put": an argument of call\\(\\) was modified after it was passed in'):
        compile_workflow(Workflow(put))


def test_libraries_can_show_and_compare_values(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger().warning("%s and %s and %s", path("$.a"), jsonata("$b"), StepInput()["c"])
    assert caplog.messages == ["<$.a> and {% $b %} and <$['c']>"]


LISTS = [
    ([[path("$.x"), 1], [2, 3]], "States.Array(States.Array($.x, 1), States.Array(2, 3))"),
    ([1, [2, path("$.x")]], "States.Array(1, States.Array(2, $.x))"),
]


@pytest.mark.parametrize(("given", "text"), LISTS)
def test_a_nested_list_with_a_path_becomes_a_nested_array(given: Any, text: str) -> None:
    machine = compile_workflow(Workflow(Pass("P", parameters={"a": given})))
    assert machine.document()["States"]["P"]["Parameters"] == {"a.$": text}


NO_VALUES: list[tuple[Callable[[], object], str]] = [
    (lambda: {"sold_out": path("$.qty") == 0}, "<$.qty> is compared in Python, but its value exists only at run time"),
    (lambda: bool(path("$.a")), "<$.a> is compared in Python, but its value exists only at run time"),
    (lambda: format_("{}", jsonata("$x")), "an intrinsic function has the JSONata argument {% $x %}"),
    (lambda: path("$.\ud800"), "'$.\\ud800' has an unpaired surrogate, which JSON cannot hold"),
    (lambda: jsonata("'\ud800'"), "\"{% '\\ud800' %}\" has an unpaired surrogate, which JSON cannot hold"),
    (
        lambda: compiled(Pass("P", parameters={"a": [path("$.a"), float("nan")]})),
        "an intrinsic function has the argument nan",
    ),
    (lambda: compiled(Pass("P", parameters=Succeed("S"))), "Parameters is S, which JSON cannot hold"),
    (lambda: compiled(Pass("\ud800")), "a state's name is '\\ud800'"),
]


def compiled(start: Any) -> object:
    return compile_workflow(Workflow(start))


@pytest.mark.parametrize(("mistake", "message"), NO_VALUES)
def test_an_impossible_value_is_refused(mistake: Callable[[], object], message: str) -> None:
    with pytest.raises(FindingsError) as refused:
        mistake()
    [finding] = refused.value.findings
    assert message in finding.message or finding.message.startswith("States.Array")
    assert finding.where.place
    assert finding.where.place.file == __file__


def test_literal_braces_are_doubled_as_in_python() -> None:
    assert format_("{{{}}}", path("$.x")).to_jsonpath() == r"States.Format('\{{}\}', $.x)"
