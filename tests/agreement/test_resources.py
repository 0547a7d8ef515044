"""resources.py: references in a definition itself that give another resource than their field takes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

WRONG = [
    ("dynamodb:getItem", "TableName", "Table", "StreamArn", "Table.StreamArn is the ARN of a table, but \"A\" TableName takes a table"),
    ("dynamodb:getItem", "TableName", "Table", "Arn", ""),
]  # fmt: skip


@pytest.mark.parametrize(("action", "parameter", "resource", "attribute", "expected"), WRONG)
@pytest.mark.parametrize("form", ["join", "sub"])
def test_a_reference_to_another_resource_is_reported(
    tmp_path: Path, action: str, parameter: str, resource: str, attribute: str, expected: str, form: str
) -> None:
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{action}", "Parameters": {parameter: "HERE"}, "End": True}
    text = json.dumps({"StartAt": "A", "States": {"A": task}})
    before, after = text.split("HERE")
    reference = {"Fn::GetAtt": [resource, attribute]}
    values = {
        "join": ("DefinitionString", json.dumps({"Fn::Join": ["", [before, reference, after]]})),
        "sub": ("DefinitionString", json.dumps({"Fn::Sub": text.replace("HERE", f"${{{resource}.{attribute}}}")})),
    }
    field, value = values[form]
    more = f"N: {{Type: AWS::StepFunctions::StateMachine, Properties: {{RoleArn: 'arn:aws:iam::1:role/r', {field}: {value}}}}}\n"
    found = reports(application_of(tmp_path, more=more), "WRONG_RESOURCE")
    assert [message for _, message, _ in found] == [f"N: {expected}" for _ in [1] if expected]
