"""function_settings.py: a Wait that is longer than its state machine may run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(60, ["M: Seconds is 60, but the state machine ends after 60 seconds"]), (59, []), ("{% 60 %}", [])],
)
def test_a_wait_that_outlasts_its_state_machine_is_reported(
    tmp_path: Path, seconds: object, expected: list[str]
) -> None:
    wait = {"Type": "Wait", "Seconds": seconds, "End": True}
    definition = {"QueryLanguage": "JSONata", "StartAt": "A", "TimeoutSeconds": 60, "States": {"A": wait}}
    application = application_of(tmp_path, "{}", definition=definition)
    assert [message for _, message, _ in reports(application, "SHORT_TIMEOUT")] == expected


SETTINGS = [
    ("MemorySize: 512", []),
    ("MemorySize: '512'", []),
    ("MemorySize: 512MB", ["its MemorySize is 512MB, but it takes a number"]),
    ("Timeout: 30s", ["its Timeout is 30s, but it takes a number"]),
    ("Timeout: !Ref Stage", []),
]


@pytest.mark.parametrize(("setting", "expected"), SETTINGS)
def test_timeouts_and_memory_are_numbers(tmp_path: Path, setting: str, expected: list[str]) -> None:
    more = f"F: {{Type: AWS::Lambda::Function, Properties: {{Runtime: python3.13, Handler: a.b, Code: {{S3Bucket: b, S3Key: k}}, {setting}}}}}\n"
    found = reports(application_of(tmp_path, more=more), "SCHEMA_VALIDATION_FAILED")
    assert [message.removeprefix("F: ") for _, message, _ in found] == expected
