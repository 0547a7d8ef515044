"""The permissions that only one of two definitions needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workflow_dsl.application.machines import TemplateMachine, machine_outside
from workflow_dsl.application.template import empty_template
from workflow_dsl.definition.machine import Machine
from workflow_dsl.permissions.changes import permission_changes

PUT: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::dynamodb:putItem",
    "Parameters": {"TableName": "Orders"},
}
SEND: dict[str, Any] = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sns:publish",
    "Parameters": {"TopicArn": "arn:aws:sns:eu-west-1:111122223333:news"},
}
UNKNOWN: dict[str, Any] = {"Type": "Task", "Resource": "${Something}"}
ORDERS = ("dynamodb:PutItem", "!Sub arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/Orders")
NEWS = ("sns:Publish", "arn:aws:sns:eu-west-1:111122223333:news")


def machine(*states: dict[str, Any]) -> TemplateMachine:
    compiled = Machine({"States": {f"S{number}": state for number, state in enumerate(states)}})
    return machine_outside(empty_template(Path("template.yaml")), Path("orders.py"), compiled=compiled)


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ([PUT], [PUT, PUT], ([], [], [])),
        ([PUT], [PUT, SEND], ([NEWS], [], [])),
        ([PUT], [SEND], ([NEWS], [ORDERS], [])),
        ([PUT], [PUT, UNKNOWN], ([], [], ["S1"])),
    ],
)
def test_needs_that_one_definition_has_are_listed(
    before: list[dict[str, Any]], after: list[dict[str, Any]], changes: tuple[list[Any], ...]
) -> None:
    assert permission_changes(machine(*before), machine(*after)) == changes
