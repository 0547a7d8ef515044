"""rules/calls/table_expressions.py: the clauses of update expressions."""

from __future__ import annotations

import pytest

from workflow_dsl.validation import check

VALUES = {":v": {"N": "1"}}
UPDATES = [
    ("SET hits = :v", []),
    ("SET hits = hits + :v REMOVE draft", []),
    ("set hits = :v", []),
    ("ADD hits :v", []),
    ("DELETE tags :v", []),
    ("SET #set = :v", []),
    ("SET hits :v", ["UpdateExpression has SET without ="]),
    ("REMOVE draft SET hits :v", ["UpdateExpression has SET without ="]),
    ("ADD hits = :v", ["UpdateExpression has = in ADD"]),
    ("SET draft = :v ADD hits = :v", ["UpdateExpression has = in ADD"]),
    ("DELETE tags = :v", ["UpdateExpression has = in DELETE"]),
]


@pytest.mark.parametrize(("expression", "expected"), UPDATES)
def test_clauses_of_an_update_have_their_form(expression: str, expected: list[str]) -> None:
    names = {"ExpressionAttributeNames": {"#set": "set"}} if "#set" in expression else {}
    parameters = {
        "TableName": "t",
        "Key": {"id": {"S": "1"}},
        "UpdateExpression": expression,
        "ExpressionAttributeValues": VALUES,
        **names,
    }
    task = {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:updateItem", "Parameters": parameters, "End": True}
    findings = check({"StartAt": "A", "States": {"A": task}})
    assert [each.message for each in findings if each.code == "REFUSED_CALL"] == expected
