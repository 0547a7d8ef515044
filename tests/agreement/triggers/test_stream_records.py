"""stream_records.py: the images and keys that the records of a table's stream have."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

NEW = '{"dynamodb": {"NewImage": {"state": {"S": ["NEW"]}}}}'
TABLE = """
Items:
  Type: AWS::DynamoDB::Table
  Properties:
    AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
    KeySchema: [{AttributeName: id, KeyType: HASH}]
    BillingMode: PAY_PER_REQUEST
    StreamSpecification: {StreamViewType: %s}
P:
  Type: AWS::Pipes::Pipe
  Properties:
    RoleArn: arn:aws:iam::1:role/r
    Source: !GetAtt Items.StreamArn
    SourceParameters:
      DynamoDBStreamParameters: {StartingPosition: LATEST}
      FilterCriteria: {Filters: [{Pattern: '%s'}]}
    Target: !Ref M
    TargetParameters: {StepFunctionStateMachineParameters: {InvocationType: FIRE_AND_FORGET}, InputTemplate: '%s'}
"""
NO_NEW = "the stream of Items has no NewImage: its StreamViewType is KEYS_ONLY"
RECORDS = [
    ("NEW_IMAGE", NEW, '{"id": <$.dynamodb.Keys.id.S>}', []),
    ("NEW_AND_OLD_IMAGES", NEW, '{"old": <$.dynamodb.OldImage.state.S>}', []),
    ("!Ref Stage", NEW, '{"old": <$.dynamodb.OldImage.state.S>}', []),
    ("KEYS_ONLY", NEW, '{"id": <$.dynamodb.Keys.id.S>}', [("NEVER_STARTS", NO_NEW)]),
    ("KEYS_ONLY", "{}", '{"new": <$.dynamodb.NewImage>}', [("MISSING_FIELD", NO_NEW)]),
    ("NEW_IMAGE", "{}", '{"id": <$.dynamodb.Keys.Id.S>}', [("MISSING_FIELD", "Items has no key Id")]),
]


@pytest.mark.parametrize(("view", "pattern", "template", "expected"), RECORDS)
def test_a_record_has_the_keys_and_the_images_of_its_stream(
    tmp_path: Path, view: str, pattern: str, template: str, expected: list[tuple[str, str]]
) -> None:
    application = application_of(tmp_path, more=TABLE % (view, pattern, template))
    found = reports(application, "MISSING_FIELD", "NEVER_STARTS")
    assert [(code, message.removeprefix("P: ")) for code, message, _ in found] == expected
