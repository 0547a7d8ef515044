"""calls/nested_machines.py: calls of StartSyncExecution for a STANDARD state machine."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

SYNC, NESTED = "aws-sdk:sfn:startSyncExecution", "states:startExecution"
CALLS = [
    (SYNC, "STANDARD", ["N: it waits for C, which is a STANDARD state machine"]),
    (SYNC, "EXPRESS", []),
    (SYNC, "!Ref Stage", []),
    (f"{NESTED}.sync:2", "EXPRESS", []),
    (f"{NESTED}.sync", "STANDARD", []),
    (NESTED, "EXPRESS", []),
]


@pytest.mark.parametrize(("resource", "type_", "expected"), CALLS)
def test_a_call_of_start_sync_execution_is_reported_for_a_standard_state_machine(
    tmp_path: Path, resource: str, type_: str, expected: list[str]
) -> None:
    task = {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "Parameters": {"StateMachineArn": "${C}"}}
    definition = json.dumps({"StartAt": "A", "States": {"A": {**task, "End": True}}})
    child = "Policies: [P], Definition: {StartAt: A, States: {A: {Type: Succeed}}}"
    more = (
        f"C: {{Type: AWS::Serverless::StateMachine, Properties: {{Type: {type_}, {child}}}}}\n"
        "N:\n  Type: AWS::Serverless::StateMachine\n  Properties:\n    Policies: [SomeonesPolicy]\n"
        f"    DefinitionSubstitutions: {{C: !Ref C}}\n    Definition: {definition}\n"
    )
    found = reports(application_of(tmp_path, more=more), "REFUSED_CALL")
    assert [message for _, message, _ in found] == expected
