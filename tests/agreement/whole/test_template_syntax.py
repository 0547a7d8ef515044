"""template_syntax.py: what stands beside Type and Properties."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

ERROR, WARNING = "SCHEMA_VALIDATION_FAILED", "IGNORED_PROPERTY"
BESIDE = [
    ("AWS::SQS::Queue", "QueueName: q", (ERROR, "X: CloudFormation has no resource attribute QueueName", "move QueueName under Properties")),
    ("AWS::SQS::Queue", "DependOn: Y", (ERROR, "X: CloudFormation has no resource attribute DependOn", 'did you mean "DependsOn"?')),
    ("AWS::Serverless::Function", "MemorySize: 128", (WARNING, "X: SAM ignores MemorySize beside Type", "move MemorySize under Properties")),
    ("AWS::Serverless::StateMachine", "DefinitionUri: a.asl.json", (ERROR, "X: SAM ignores DefinitionUri beside Type", "move DefinitionUri under Properties")),
    ("AWS::Serverless::StateMachine", "Name: n", (WARNING, "X: SAM ignores Name beside Type", "move Name under Properties")),
]  # fmt: skip
RIGHT = [
    ("AWS::SQS::Queue", "DeletionPolicy: Retain, UpdateReplacePolicy: Retain, Metadata: {a: b}, DependsOn: M"),
    ("AWS::SQS::Queue", "Description: the words of a person, Comment: another"),
    ("Custom::Thing", "Version: '1.0'"),
    ("AWS::Serverless::Function", "Connectors: {}, IgnoreGlobals: '*'"),
    ("AWS::Lambda::Alias", "UpdatePolicy: {CodeDeployLambdaAliasUpdate: {}}"),
    ("AWS::AutoScaling::AutoScalingGroup", "CreationPolicy: {}"),
]


@pytest.mark.parametrize(("type_", "attribute", "expected"), BESIDE)
def test_a_property_beside_type_is_reported(
    tmp_path: Path, type_: str, attribute: str, expected: tuple[str, str, str]
) -> None:
    application = application_of(tmp_path, more=f"X: {{Type: {type_}, {attribute}, Properties: {{}}}}\n")
    assert [each for each in reports(application, ERROR, WARNING) if "Type" in each[1] or "attribute" in each[1]] == [
        expected
    ]


@pytest.mark.parametrize(("type_", "attributes"), RIGHT)
def test_resource_attributes_stand_beside_type(tmp_path: Path, type_: str, attributes: str) -> None:
    application = application_of(tmp_path, more=f"X: {{Type: '{type_}', {attributes}, Properties: {{}}}}\n")
    found = reports(application, ERROR, WARNING)
    assert [message for _, message, _ in found if "beside Type" in message or "attribute" in message] == []


def test_a_definition_beside_type_is_not_missing_too(tmp_path: Path) -> None:
    more = "X: {Type: AWS::Serverless::StateMachine, DefinitionUri: a.asl.json, Properties: {Name: n}}\n"
    messages = [message for _, message, _ in reports(application_of(tmp_path, more=more), ERROR, WARNING)]
    assert messages == ["X: SAM ignores DefinitionUri beside Type"]
