"""Calls of intrinsic functions with arguments that they do not take."""

from __future__ import annotations

import pytest

from workflow_dsl.validation import check

CALLS = [
    ("States.MathAdd($.price, '200')", ["write 200, without quotes"]),
    ("States.ArrayGetItem($.items, '0')", ["write 0, without quotes"]),
    ("States.Format('{}', States.ArrayPartition($.items, 'four'))", ["write a number"]),
    ("States.ArrayRange(1, $.last, '1')", ["write 1, without quotes"]),
    ("States.MathAdd($.price, -200)", []),
    ("States.ArrayContains($.items, '1')", []),
    ("States.JsonMerge($.a, $.b, 'false')", ["write false, without quotes"]),
    ("States.ArrayLength('items')", ["write a list"]),
    ("States.ArrayPartition($.items, -1)", ["write a number above 0"]),
    ("States.ArrayPartition($.items, 1)", []),
    ("States.ArrayRange(1, 9000, 2)", ["write a smaller range, or a larger step"]),
    ("States.ArrayRange(0, -1000, -1)", ["write a smaller range, or a larger step"]),
    ("States.ArrayRange(1, 1000, 1)", []),
    ("States.ArrayRange(1, -9000, 1)", []),
    ("States.ArrayRange($.first, 9000, 1)", []),
    ("States.Hash('MD5', $.data)", ["swap the arguments"]),
    ("States.Hash('MD5', 'SHA-1')", []),
    ("States.ArrayGetItem(0, $.items)", ["write a list"]),
    ("States.MathAdd(0, $.price)", []),
]


@pytest.mark.parametrize(("call", "remedies"), CALLS)
def test_a_literal_argument_that_is_refused_is_reported(call: str, remedies: list[str]) -> None:
    state = {"Type": "Pass", "Parameters": {"x.$": call}, "End": True}
    found = check({"StartAt": "A", "States": {"A": state}})
    assert [each.remedy for each in found if each.code == "INTRINSIC_FAILS"] == remedies


@pytest.mark.parametrize("field", ["ErrorPath", "CausePath"])
def test_a_call_in_a_fail_state_is_checked_too(field: str) -> None:
    state = {"Type": "Fail", field: "States.Format('no', $.x)"}
    found = check({"StartAt": "A", "States": {"A": state}})
    assert [str(each) for each in found] == [
        f'"A" {field}: States.Format fails: the template has 0 {{}} for 1 values; pass one value for each {{}}'
    ]


KINDS = [
    ("States.MathAdd($.text, 1)", ["write States.StringToJson($.text)"]),
    ("States.MathAdd(1, States.ArrayLength($.text))", ["write States.StringToJson($.text)"]),
    ("States.StringToJson($.number)", ["write States.JsonToString($.number)"]),
    ("States.ArrayLength($)", ["pass a list"]),
    ("States.Base64Encode($.list)", ["write States.JsonToString($.list)"]),
    ("States.MathAdd($.number, $.list[0])", []),
    ("States.ArrayGetItem($.list, $.number)", []),
    ("States.JsonMerge($, $.unknown, false)", []),
    ("States.MathAdd($.unknown, 1)", []),
    ("States.Format('{}', $.list)", []),
    ("States.StringToJson(States.JsonToString($.list))", []),
]


@pytest.mark.parametrize(("call", "remedies"), KINDS)
def test_a_path_to_a_value_of_another_kind_is_reported(call: str, remedies: list[str]) -> None:
    values = {"text": "x", "number": 1, "list": [1], "unknown.$": "$.anything"}
    first = {"Type": "Pass", "Parameters": values, "Next": "B"}
    second = {"Type": "Pass", "Parameters": {"x.$": call}, "End": True}
    found = check({"StartAt": "A", "States": {"A": first, "B": second}})
    assert [each.remedy for each in found if each.code == "VALUE_KIND"] == remedies
