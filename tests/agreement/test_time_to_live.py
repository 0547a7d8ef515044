"""table_keys.py: a time to live that DynamoDB ignores, so that the item never expires."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

ON, OFF = {"AttributeName": "ends", "Enabled": True}, {"AttributeName": "ends", "Enabled": False}
NUMBER = "write N for S"
TIMES: list[tuple[dict[str, object], object, list[str]]] = [
    (ON, {"S": "2026-11-30"}, [NUMBER]),
    (ON, {"S.$": "$.ends"}, [NUMBER]),
    (ON, {"N": "1796000000"}, []),
    (ON, {"NULL": True}, []),
    (ON, "{% $states.input.ends %}", []),
    (OFF, {"S": "2026-11-30"}, []),
    ({**ON, "Enabled": {"Ref": "Stage"}}, {"S": "2026-11-30"}, []),
    ({**ON, "AttributeName": {"Ref": "Stage"}}, {"S": "2026-11-30"}, []),
]


@pytest.mark.parametrize(("settings", "value", "remedies"), TIMES)
def test_a_time_to_live_is_a_number(
    tmp_path: Path, settings: dict[str, object], value: object, remedies: list[str]
) -> None:
    parameters = {"TableName": {"Ref": "Kept"}, "Item": {"Id": {"S": "1"}, "ends": value}}
    task = {"Type": "Task", "Resource": "arn:aws:states:::dynamodb:putItem", "Parameters": parameters, "End": True}
    table = {
        "AttributeDefinitions": [{"AttributeName": "Id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "Id", "KeyType": "HASH"}],
        "TimeToLiveSpecification": settings,
    }
    definition = {"StartAt": "A", "States": {"A": task}}
    more = (
        f"Kept: {{Type: AWS::DynamoDB::Table, Properties: {json.dumps(table)}}}\n"
        "N:\n  Type: AWS::Serverless::StateMachine\n  Properties:\n"
        "    Policies: [DynamoDBWritePolicy: {TableName: !Ref Kept}]\n"
        f"    Definition: {json.dumps(definition)}\n"
    )
    assert [remedy for _, _, remedy in reports(application_of(tmp_path, more=more), "NEVER_EXPIRES")] == remedies
