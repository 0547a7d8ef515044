"""Calls of intrinsic functions with a string for a number."""

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
]


@pytest.mark.parametrize(("call", "remedies"), CALLS)
def test_a_string_for_a_number_is_reported(call: str, remedies: list[str]) -> None:
    state = {"Type": "Pass", "Parameters": {"x.$": call}, "End": True}
    found = check({"StartAt": "A", "States": {"A": state}})
    assert [each.remedy for each in found if each.code == "INTRINSIC_FAILS"] == remedies
