"""triggers/event_patterns.py: buckets that a rule names as they name themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

BUCKET = "Inbox: {Type: AWS::S3::Bucket, Properties: {BucketName: !Sub 'inbox-${Stage}'%s}}\n"
MACHINE = """
N:
  Type: AWS::Serverless::StateMachine
  Properties:
    Policies: [SomeonesPolicy]
    Definition: {StartAt: A, States: {A: {Type: Succeed}}}
    Events:
      Uploaded:
        Type: EventBridgeRule
        Properties:
          Pattern: {source: [aws.s3], detail-type: [Object Created], detail: {bucket: {name: [!Sub 'inbox-${Stage}']}}}
"""


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("", ["N: Inbox sends no events to EventBridge"]),
        (", NotificationConfiguration: {EventBridgeConfiguration: {}}", []),
    ],
)
def test_a_bucket_by_its_name_must_send_events(tmp_path: Path, more: str, expected: list[str]) -> None:
    found = reports(application_of(tmp_path, more=BUCKET % more + MACHINE), "NEVER_STARTS")
    assert [message for _, message, _ in found] == expected
