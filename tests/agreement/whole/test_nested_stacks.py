"""nested_stacks.py: the template of a nested stack, what it gets, and what it gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

NESTED = """
Parameters:
  Table: {Type: String}
  Stage: {Type: String, Default: beta}
Resources:
  Queue: {Type: AWS::SQS::Queue}
Outputs:
  Url: {Value: !Ref Queue}
"""
STACK = (
    "Store: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: store.yaml, Parameters: {Table: !Ref Table}}}"
)
WRONG = [
    (
        "store.yaml, P",
        "stores.yaml, P",
        ("TEMPLATE", "Store: TemplateURL names stores.yaml, which does not exist", 'did you mean "store.yaml"?'),
    ),
    (
        "{Table: !Ref Table}",
        "{TableName: !Ref Table}",
        ("UNKNOWN_REFERENCE", "Store: store.yaml has no parameter TableName", 'did you mean "Table"?'),
    ),
    (
        "{Table: !Ref Table}",
        "{Stage: prod}",
        ("SCHEMA_VALIDATION_FAILED", "Store: store.yaml requires Table", "add Table to Parameters"),
    ),
    (
        STACK,
        f"{STACK}\nReader: {{Type: AWS::SNS::Topic, Properties: {{TopicName: !GetAtt Store.Outputs.Uri}}}}",
        ("UNKNOWN_REFERENCE", "Reader: store.yaml has no output Uri", 'did you mean "Url"?'),
    ),
]


@pytest.mark.parametrize(("old", "new", "expected"), WRONG)
def test_a_wrong_nested_stack_is_reported(tmp_path: Path, old: str, new: str, expected: tuple[str, str, str]) -> None:
    (tmp_path / "store.yaml").write_text(NESTED)
    assert reports(application_of(tmp_path, more=STACK.replace(old, new))) == [expected]


RIGHT = [
    STACK,
    STACK.replace("store.yaml", "https://bucket.s3.amazonaws.com/stores.yaml"),
    STACK.replace("store.yaml", "!Sub '${Stage}.yaml'"),
    STACK.replace("store.yaml", "build/store.yaml"),
    STACK.replace("store.yaml", "packaged-store.yaml"),
    STACK.replace("store.yaml", "."),
    STACK.replace("store.yaml", '"a\\0b"'),
    STACK.replace("store.yaml", f"{'x' * 300}/store.yaml"),
    STACK.replace("{Table: !Ref Table}", "!If [IsBeta, {}, {Table: !Ref Table}]"),
    "Store: {Type: AWS::Serverless::Application, Properties: {Location: store.yaml, Parameters: {Table: a, Stage: b}}}",
    "Store: {Type: AWS::Serverless::Application, Properties: {Location: {ApplicationId: a, SemanticVersion: 1.0.0}}}",
    f"{STACK}\nReader: {{Type: AWS::SNS::Topic, Properties: {{TopicName: !Sub '${{Store.Outputs.Url}}'}}}}",
]


@pytest.mark.parametrize("stack", RIGHT)
def test_a_right_nested_stack_or_one_made_elsewhere_is_not_reported(tmp_path: Path, stack: str) -> None:
    (tmp_path / "store.yaml").write_text(NESTED)
    assert reports(application_of(tmp_path, more=stack)) == []
