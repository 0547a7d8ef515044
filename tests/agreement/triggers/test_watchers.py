"""triggers/watchers.py: rules for the events of executions, which start nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.agreement.test_agreement import application_of, reports

WATCHED = {"source": ["aws.states"], "detail-type": ["Step Functions Execution Status Change"]}
PATTERNS: list[tuple[dict[str, Any], list[str]]] = [
    ({**WATCHED, "detail": {"status": ["FAILED"]}}, []),
    ({**WATCHED, "status": ["FAILED"]}, ["no event has the field status of its event pattern"]),
    ({**WATCHED, "status": [{"exists": False}]}, []),
    ({**WATCHED, "replay-name": ["x"]}, []),
    ({"source": ["mine"], "order": {"id": ["1"]}}, ["no event has the field order of its event pattern"]),
]


@pytest.mark.parametrize("target", ["!GetAtt Queue.Arn", "!Ref M"])
@pytest.mark.parametrize(("pattern", "expected"), PATTERNS)
def test_the_fields_of_an_event_are_below_its_detail(
    tmp_path: Path, pattern: dict[str, Any], expected: list[str], target: str
) -> None:
    more = f"R: {{Type: AWS::Events::Rule, Properties: {{EventPattern: {json.dumps(pattern)}, Targets: [{{Id: t, Arn: {target}, RoleArn: 'arn:aws:iam::1:role/r'}}]}}}}\n"
    found = reports(application_of(tmp_path, more=more))
    assert [message.removeprefix("R: ") for _, message, _ in found if message.startswith("R: ")] == expected
