"""events.py: the events that states put on a bus."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.agreement.test_agreement import application_of, reports

RIGHT = {"Source": "shop", "DetailType": "Sold", "Detail": {"id": 1}}
ENTRIES: list[tuple[Any, list[str]]] = [
    ([RIGHT], []),
    ([{"Source.$": "$.source", "DetailType.$": "$.type", "Detail.$": "$"}], []),
    ([{**RIGHT, "Source": "awsome"}], []),
    ("{% $states.input.entries %}", []),
    ([{"Fn::If": ["Is", RIGHT, RIGHT]}], []),
    ([{**RIGHT, "Source": "aws.shop"}], ["write a name of your own, such as com.example.orders"]),
    ([RIGHT, {"Source": "shop", "Detail": {}}], ["add DetailType"]),
    ([{"DetailType": "Sold"}], ["add Detail", "add Source"]),
]


@pytest.mark.parametrize(("entries", "expected"), ENTRIES)
@pytest.mark.parametrize("resource", ["events:putEvents", "aws-sdk:eventbridge:putEvents"])
def test_an_event_has_what_eventbridge_requires(
    tmp_path: Path, resource: str, entries: Any, expected: list[str]
) -> None:
    state = {
        "Type": "Task",
        "Resource": f"arn:aws:states:::{resource}",
        **({"Parameters": {"Entries": entries}} if isinstance(entries, list) else {"QueryLanguage": "JSONata"}),
        "End": True,
    }
    definition = json.dumps({"StartAt": "A", "States": {"A": state}})
    more = f"N: {{Type: AWS::Serverless::StateMachine, Properties: {{Policies: [AWSLambdaRole], Definition: {definition}}}}}\n"
    assert [each[2] for each in reports(application_of(tmp_path, more=more), "REFUSED_CALL")] == expected
