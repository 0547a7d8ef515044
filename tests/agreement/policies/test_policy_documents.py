"""policies/policy_documents.py: resources of policies that are the name or the ID of a resource, and not its ARN."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports


def remedies(tmp_path: Path, type_: str, resource: str) -> list[str]:
    """The remedies for a policy with this resource, where Thing is of a type."""
    more = f"Thing: {{Type: '{type_}'}}\nRole:\n  Type: AWS::IAM::ManagedPolicy\n  Properties:\n    PolicyDocument:\n      Statement: [{{Effect: Allow, Action: 'x:Y', Resource: {resource}}}]\n"
    return [remedy for _, _, remedy in reports(application_of(tmp_path, more=more), "WRONG_RESOURCE")]


NAMED = ["AWS::Events::Connection", "AWS::KMS::Key", "AWS::Logs::LogGroup", "AWS::Kinesis::Stream", "AWS::S3::Bucket"]


@pytest.mark.parametrize("type_", NAMED)
def test_a_name_or_an_id_for_an_arn_is_reported(tmp_path: Path, type_: str) -> None:
    assert remedies(tmp_path, type_, "!Ref Thing") == ["write !GetAtt Thing.Arn"]


@pytest.mark.parametrize("type_", NAMED)
def test_the_arn_is_not_reported(tmp_path: Path, type_: str) -> None:
    assert remedies(tmp_path, type_, "!GetAtt Thing.Arn") == []


RIGHT = [("AWS::Events::Connection", "!GetAtt Thing.ArnForPolicy"), ("AWS::Batch::JobQueue", "!Ref Thing")]


@pytest.mark.parametrize(("type_", "resource"), RIGHT)
def test_another_value_that_is_an_arn_is_not_reported(tmp_path: Path, type_: str, resource: str) -> None:
    assert remedies(tmp_path, type_, resource) == []
