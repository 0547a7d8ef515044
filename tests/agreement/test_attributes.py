"""Attributes that GetAtt cannot return, where that is sure."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow_dsl.agreement import cross_check
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import template_machines
from workflow_dsl.application.template import read_template
from workflow_dsl.definition.reading import read_source

ATTRIBUTES = {
    ("AWS::ECS::Cluster", "ClusterArn"): [("error", 'did you mean "Arn"?')],
    ("AWS::Kinesis::Stream", "StreamArn"): [("error", 'did you mean "Arn"?')],
    ("AWS::Batch::JobQueue", "Arn"): [("error", 'did you mean "JobQueueArn"?')],
    ("AWS::Lambda::Alias", "Arn"): [("error", 'did you mean "AliasArn"?')],
    ("AWS::ApiGateway::RestApi", "Arn"): [],  # which a later version of the type may have
    ("AWS::Kinesis::Stream", "Arn"): [],
    ("AWS::SQS::Queue", "QueueName"): [],
    ("AWS::Own::Thing", "Arn"): [],
}


@pytest.mark.parametrize(("type_", "attribute"), ATTRIBUTES)
def test_an_attribute_that_a_type_lacks_is_reported(tmp_path: Path, type_: str, attribute: str) -> None:
    path = tmp_path / "template.yaml"
    definition = "{StartAt: A, States: {A: {Type: Pass, Comment: '${X}', End: true}}}"
    path.write_text(
        "Resources:\n  M:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n"
        f"      Definition: {definition}\n      DefinitionSubstitutions: {{X: !GetAtt Z.{attribute}}}\n"
        f"  Z: {{Type: {type_}, Properties: {{}}}}\n"
    )
    template = read_template(path, "template.yaml")
    machines = template_machines(template, lambda file: read_source(file.read_bytes(), file.name))
    findings = [each for each in cross_check(Application(template, machines)) if each.code == "UNKNOWN_REFERENCE"]
    assert [(each.severity, each.remedy) for each in findings] == ATTRIBUTES[type_, attribute]
