"""parameters.py: values that the constraints of a parameter exclude."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.agreement.whole.parameters import refusal


@pytest.mark.parametrize(
    ("declaration", "value", "expected"),
    [
        ({"Type": "String", "AllowedValues": ["a", "b"]}, "c", "is not one of a, b"),
        ({"Type": "String", "AllowedValues": ["a", "b"]}, "a", ""),
        ({"Type": "String", "AllowedValues": [True, False]}, "true", ""),
        ({"Type": "CommaDelimitedList", "AllowedValues": ["a", "b"]}, "a, b", ""),
        ({"Type": "Number"}, "week", "is not a number"),
        ({"Type": "Number", "MinValue": 1}, 0, "is less than 1"),
        ({"Type": "Number", "MaxValue": "5"}, "6", "is more than 5"),
        ({"Type": "List<Number>", "MaxValue": 5}, "1,2", ""),
        ({"Type": "String", "MinLength": 2}, "a", "has less than 2 characters"),
        ({"Type": "String", "MaxLength": 2}, "abc", "has more than 2 characters"),
        ({"Type": "AWS::SSM::Parameter::Value<String>", "AllowedValues": ["a"]}, "/name", ""),
        ({"Type": "String"}, {"Ref": "Other"}, ""),
    ],
)
def test_a_value_that_a_parameter_refuses_has_a_reason(declaration: Any, value: Any, expected: str) -> None:
    assert refusal(declaration, value) == expected
