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
