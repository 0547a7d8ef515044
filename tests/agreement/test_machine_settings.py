"""machine_settings.py: settings of state machines that are objects."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

SETTINGS = [
    ("Tracing: Active", ["Tracing is Active, but it takes an object"]),
    ("Tracing: true", ["Tracing is True, but it takes an object"]),
    ("Logging: ALL", ["Logging is ALL, but it takes an object"]),
    ("Tracing: {Enabled: true}", []),
    ("Tracing: !If [Is, {Enabled: true}, !Ref AWS::NoValue]", []),
]


DEFINITIONS = [
    ("DefinitionString: {StartAt: A, States: {A: {Type: Succeed}}}", ["DefinitionString is an object, but it takes a string"]),
    ("Definition: !Sub '{}'", ["Definition is a string, but it takes an object"]),
    ("Definition: '{}'", ["Definition is a string, but it takes an object"]),
    ("Definition: {StartAt: A, States: {A: {Type: Succeed}}}", []),
    ("DefinitionString: !Sub '{\"StartAt\": \"A\", \"States\": {\"A\": {\"Type\": \"Succeed\"}}}'", []),
]  # fmt: skip


@pytest.mark.parametrize(("definition", "expected"), DEFINITIONS)
def test_a_definition_has_the_form_of_its_property(tmp_path: Path, definition: str, expected: list[str]) -> None:
    more = f"N:\n  Type: AWS::StepFunctions::StateMachine\n  Properties:\n    RoleArn: 'arn:aws:iam::1:role/r'\n    {definition}\n"
    found = reports(application_of(tmp_path, more=more), "SCHEMA_VALIDATION_FAILED")
    assert [message.removeprefix("N: ") for _, message, _ in found] == expected


@pytest.mark.parametrize(("setting", "expected"), SETTINGS)
def test_logging_and_tracing_are_objects(tmp_path: Path, setting: str, expected: list[str]) -> None:
    more = f"N:\n  Type: AWS::Serverless::StateMachine\n  Properties:\n    Policies: [SomeonesPolicy]\n    Definition: {{StartAt: A, States: {{A: {{Type: Succeed}}}}}}\n    {setting}\n"
    found = reports(application_of(tmp_path, more=more), "SCHEMA_VALIDATION_FAILED")
    assert [message.removeprefix("N: ") for _, message, _ in found] == expected
