"""checking.py: the findings of a definition as its template deploys it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workflow_dsl.application.checking import check_machine
from workflow_dsl.application.machines import template_machines
from workflow_dsl.application.template import read_template
from workflow_dsl.definition.reading import read_source

SERVICES = {
    "QueueUrl": ("sqs:sendMessage", {"MessageBody": "x"}),
    "Bucket": ("aws-sdk:s3:getObject", {"Key": "x"}),
    "TopicArn": ("sns:publish", {"Message": "x"}),
    "StateMachineArn": ("states:startExecution", {}),
}


@pytest.mark.parametrize(
    ("field", "value", "remedy"),
    [
        ("QueueUrl", "!GetAtt Jobs.Arn", "write Target: !Ref Jobs in DefinitionSubstitutions"),
        ("Bucket", "!GetAtt Files.Arn", "write Target: !Ref Files in DefinitionSubstitutions"),
        ("TopicArn", "!GetAtt News.TopicName", "write Target: !Ref News in DefinitionSubstitutions"),
        ("StateMachineArn", "!GetAtt M.Name", "write Target: !Ref M in DefinitionSubstitutions"),
        ("QueueUrl", "jobs", "write Target: https://sqs.REGION.amazonaws.com/ACCOUNT/NAME in DefinitionSubstitutions"),
        ("TopicArn", "!GetAtt Jobs.QueueName", "write Target: arn:aws:sns:REGION:ACCOUNT:NAME in DefinitionSubstitutions"),
    ],
)  # fmt: skip
def test_the_wrong_value_of_a_placeholder_is_mended_in_the_template(
    tmp_path: Path, field: str, value: str, remedy: str
) -> None:
    action, parameters = SERVICES[field]
    state = {"Type": "Task", "Resource": f"arn:aws:states:::{action}", "End": True}
    state["Parameters"] = {field: "${Target}", **parameters}
    (tmp_path / "m.asl.json").write_text(json.dumps({"StartAt": "A", "States": {"A": state}}))
    (tmp_path / "template.yaml").write_text(
        "Resources:\n  M:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n      Name: m\n"
        f"      DefinitionUri: m.asl.json\n      DefinitionSubstitutions: {{Target: {value}}}\n"
        "  Jobs: {Type: AWS::SQS::Queue, Properties: {QueueName: jobs}}\n"
        "  News: {Type: AWS::SNS::Topic, Properties: {TopicName: news}}\n  Files: {Type: AWS::S3::Bucket}\n"
    )
    template = read_template(tmp_path / "template.yaml")
    [machine] = template_machines(template, lambda path: read_source(path.read_text(), path.name))
    assert [finding.remedy for finding in check_machine(machine) if finding.code == "WRONG_FORM"] == [remedy]
