"""event_starts.py: events in moto that start executions, and the inputs that they give."""

from __future__ import annotations

import json
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from tests.server.support import PASS, PREFIX
from workflow_dsl.application.application import read_application
from workflow_dsl.project import find_project
from workflow_dsl.server.event_starts import input_of
from workflow_dsl.server.start import Server

EVENT = {"source": "shop", "time": "2026-01-02T03:04:05Z", "detail": {"id": 7, "name": 'a "b"'}}
PATHS = {"id": "$.detail.id", "name": "$.detail.name", "none": "$.nothing"}


@pytest.mark.parametrize(
    ("target", "value"),
    [
        ({}, EVENT),
        ({"Input": '{"fixed": 1}'}, {"fixed": 1}),
        ({"InputPath": "$.detail"}, EVENT["detail"]),
        (
            {"InputTransformer": {"InputPathsMap": PATHS, "InputTemplate": '{"n": <name>, "text": "no <id>: <name>"}'}},
            {"n": 'a "b"', "text": 'no 7: a "b"'},
        ),
        ({"InputTransformer": {"InputPathsMap": PATHS, "InputTemplate": '{"x": <none>}'}}, {"x": None}),
    ],
)
def test_a_target_gets_the_part_of_the_event_that_it_asks_for(target: dict[str, Any], value: Any) -> None:
    assert json.loads(input_of(target, EVENT)) == value


TEMPLATE = {
    "Resources": {
        "Order": {
            "Type": "AWS::Serverless::StateMachine",
            "Properties": {
                "Definition": PASS,
                "Events": {
                    "Placed": {
                        "Type": "EventBridgeRule",
                        "Properties": {"Pattern": {"source": ["shop"]}, "InputPath": "$.detail"},
                    }
                },
            },
        },
        "Uploads": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"NotificationConfiguration": {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}},
        },
        "Uploaded": {
            "Type": "AWS::Events::Rule",
            "Properties": {
                "EventPattern": {"detail-type": ["Object Created"], "detail": {"object": {"key": [{"prefix": "in/"}]}}},
                "Targets": [
                    {"Id": "Order", "Arn": {"Fn::GetAtt": ["Order", "Arn"]}, "InputPath": "$.detail.object.key"}
                ],
            },
        },
    }
}


def test_an_event_and_an_upload_start_the_state_machine_of_their_rules(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(json.dumps(TEMPLATE))
    lines: SimpleQueue[str] = SimpleQueue()
    with Server(read_application(find_project(tmp_path)), show=lines.put) as server:
        events, s3 = server.client("events"), server.client("s3")
        entry = {"Source": "shop", "DetailType": "Placed", "Detail": '{"id": 7}'}
        events.put_events(Entries=[entry, {**entry, "Source": "other"}])
        s3.put_object(Bucket="uploads", Key="out/a", Body=b"")
        s3.put_object(Bucket="uploads", Key="in/b", Body=b"")
        client = server.client("stepfunctions")
        arn = f"{PREFIX}:stateMachine:Order"
        ends = 0
        while ends < 2:
            ends += "SUCCEEDED Order" in lines.get(timeout=30)
        executions = client.list_executions(stateMachineArn=arn)["executions"]
        outputs = [client.describe_execution(executionArn=each["executionArn"])["output"] for each in executions]
        assert outputs == ['"in/b"', '{"id":7}']
