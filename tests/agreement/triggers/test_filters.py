"""triggers/filters.py: filters of pipes and of functions that no record matches."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.agreement.test_agreement import application_of, reports

SOURCES = """
Rows: {{Type: AWS::DynamoDB::Table, Properties: {{StreamSpecification: {{StreamViewType: NEW_IMAGE}}}}}}
Mapping:
  Type: AWS::Lambda::EventSourceMapping
  Properties: {{FunctionName: !Ref Checker, StartingPosition: LATEST, EventSourceArn: {source}, FilterCriteria: {{Filters: [{{Pattern: '{pattern}'}}]}}}}
"""
DYNAMODB, SQS = "!GetAtt Rows.StreamArn", "!GetAtt Queue.Arn"
NO_TYPE = "the attribute status in its filter has no type, as attributes in a stream do"
NUMBER = "the attribute total in its filter is a number, and numbers in a stream are strings"
FILTERS: list[tuple[str, Any, list[str]]] = [
    (DYNAMODB, {"eventName": ["INSERT", "MODIFY"]}, []),
    (DYNAMODB, {"eventName": ["insert"]}, ["no record has the eventName insert of its filter"]),
    (DYNAMODB, {"eventName": "INSERT"}, ["eventName in its filter is not a list"]),
    (DYNAMODB, {"eventName": [{"anything-but": ["REMOVE"]}]}, []),
    (DYNAMODB, {"NewImage": {"status": {"S": ["paid"]}}}, ["no record has the field NewImage of its filter"]),
    (DYNAMODB, {"dynamodb": {"NewImage": {"status": {"S": ["paid"]}}}}, []),
    (DYNAMODB, {"dynamodb": {"NewImage": {"status": ["paid"]}}}, [NO_TYPE]),
    (DYNAMODB, {"dynamodb": {"NewImage": {"status": [{"exists": True}]}}}, []),
    (DYNAMODB, {"dynamodb": {"NewImage": {"status": {"String": ["paid"]}}}}, ["the attribute status in its filter has the type String, which DynamoDB does not have"]),
    (DYNAMODB, {"dynamodb": {"Keys": {"total": {"N": [5]}}}}, [NUMBER]),
    (DYNAMODB, {"dynamodb": {"Keys": {"total": {"N": [{"numeric": [">", 5]}]}}}}, [NUMBER]),
    (DYNAMODB, {"dynamodb": {"Keys": {"total": {"N": ["5"]}}}}, []),
    (DYNAMODB, {"dynamodb": {"NewImages": {"status": {"S": ["paid"]}}}}, ["no record has the field NewImages of its filter"]),
    (DYNAMODB, {"$or": [{"eventName": ["INSERT"]}, {"eventNames": ["REMOVE"]}]}, ["no record has the field eventNames of its filter"]),
    (DYNAMODB, {"userIdentity": {"type": ["Service"]}}, []),
    (SQS, {"body": {"status": ["paid"]}}, []),
    (SQS, {"status": ["paid"]}, ["no record has the field status of its filter"]),
    (SQS, {"status": [{"exists": False}]}, []),
    (SQS, {"Body": {"status": ["paid"]}}, ["no record has the field Body of its filter"]),
    (SQS, {"messageAttributes": {"kind": {"stringValue": ["paid"]}}}, []),
    ("arn:aws:sqs:eu-west-1:1:q", {"status": ["paid"]}, ["no record has the field status of its filter"]),
    ("arn:aws:mq:eu-west-1:1:q", {"status": ["paid"]}, []),
]  # fmt: skip


POSITIONS = [(DYNAMODB, ["it reads a stream without StartingPosition"]), (SQS, [])]


@pytest.mark.parametrize(("source", "expected"), POSITIONS)
def test_a_mapping_of_a_stream_has_its_position(tmp_path: Path, source: str, expected: list[str]) -> None:
    more = SOURCES.format(source=source, pattern="{}").replace("StartingPosition: LATEST, ", "")
    found = reports(application_of(tmp_path, more=more))
    assert [message.removeprefix("Mapping: ") for _, message, _ in found if message.startswith("Mapping: ")] == expected


@pytest.mark.parametrize(("source", "pattern", "expected"), FILTERS)
def test_a_filter_that_no_record_matches_is_reported(
    tmp_path: Path, source: str, pattern: Any, expected: list[str]
) -> None:
    more = SOURCES.format(source=source, pattern=json.dumps(pattern))
    found = reports(application_of(tmp_path, more=more))
    assert [message for _, message, _ in found if message.startswith("Mapping: ")] == [
        f"Mapping: {message}" for message in expected
    ]
