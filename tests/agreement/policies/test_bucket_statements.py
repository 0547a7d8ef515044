"""policies/bucket_statements.py: statements about S3 that allow nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

OBJECTS = "{} is on objects, and Resource is the ARN of a bucket, so that it allows nothing"
BUCKETS = "{} is on buckets, and Resource is the ARN of objects, so that it allows nothing"
GET, LIST = OBJECTS.format("s3:GetObject"), BUCKETS.format("s3:ListBucket")
STATEMENTS = [
    ("Action: s3:GetObject, Resource: !GetAtt Inbox.Arn", [GET]),
    ("Action: [s3:ListBucket, s3:GetObject], Resource: [!GetAtt Inbox.Arn]", [GET]),
    ("Action: s3:PutObjectAcl, Resource: !Sub 'arn:${AWS::Partition}:s3:::${Inbox}'", [OBJECTS.format("s3:PutObjectAcl")]),
    ("Action: s3:AbortMultipartUpload, Resource: 'arn:aws:s3:::inbox'", [OBJECTS.format("s3:AbortMultipartUpload")]),
    ("Action: s3:ListBucket, Resource: !Sub '${Inbox.Arn}/*'", [LIST]),
    ("Action: s3:ListBucket, Resource: 'arn:aws:s3:::inbox/*'", [LIST]),
    ("Action: s3:GetObject, Resource: !Sub '${Inbox.Arn}/*'", []),
    ("Action: s3:GetObject, Resource: [!GetAtt Inbox.Arn, !Sub '${Inbox.Arn}/*']", []),
    ("Action: s3:ListBucket, Resource: [!GetAtt Inbox.Arn, !Sub '${Inbox.Arn}/*']", []),
    ("Action: s3:GetObject, Resource: 'arn:aws:s3:::inbox*'", []),
    ("Action: s3:GetObject, Resource: '*'", []),
    ("Action: s3:GetObject, Resource: !Sub 'arn:aws:s3:::${Stage}'", []),  # which may be inbox/*
    ("Action: 's3:*', Resource: !GetAtt Inbox.Arn", []),
    ("Action: 's3:Get*', Resource: !GetAtt Inbox.Arn", []),
    ("Action: s3:GetBucketObjectLockConfiguration, Resource: !GetAtt Inbox.Arn", []),
    ("Action: s3:ListBucketMultipartUploads, Resource: !GetAtt Inbox.Arn", []),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "expected"), STATEMENTS)
def test_actions_on_objects_and_on_buckets_have_their_resources(
    tmp_path: Path, statement: str, expected: list[str]
) -> None:
    more = "Inbox: {Type: AWS::S3::Bucket}\nPolicy:\n  Type: AWS::IAM::ManagedPolicy\n  Properties:\n"
    more += f"    PolicyDocument: {{Statement: [{{Effect: Allow, {statement}}}]}}\n"
    found = reports(application_of(tmp_path, more=more), "INCOMPLETE_PERMISSION")
    assert [message.removeprefix("Policy: ") for _, message, _ in found] == expected


def test_a_statement_that_denies_is_not_judged(tmp_path: Path) -> None:
    more = "Inbox: {Type: AWS::S3::Bucket}\nPolicy:\n  Type: AWS::IAM::ManagedPolicy\n  Properties:\n"
    more += "    PolicyDocument: {Statement: [{Effect: Deny, Action: s3:GetObject, Resource: !GetAtt Inbox.Arn}]}\n"
    assert reports(application_of(tmp_path, more=more), "INCOMPLETE_PERMISSION") == []
