"""calls/answered_errors.py: errors that no function answers a task token with."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

PYTHON = "def handler(event, context):\n    sfn.send_task_failure(taskToken=event['t'], error={}, cause='no')\n"
NODE = "exports.handler = (e) => sfn.send(new SendTaskFailureCommand({{ taskToken: e.t, error: {} }}));\n"


def messages(tmp_path: Path, code: str, suffix: str, more: str = "") -> list[str]:
    """The messages where a state with a task token catches Rejected, and a function has this code."""
    runtime = "python3.13" if suffix == "py" else "nodejs22.x"
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / f"app.{suffix}").write_text(code)
    task = {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": "${Q}", "MessageBody": {"t.$": "$$.Task.Token"}},
        "Catch": [{"ErrorEquals": ["Rejected"], "Next": "Z"}],
        "Next": "Z",
    }
    definition = json.dumps({"StartAt": "A", "States": {"A": task, "Z": {"Type": "Succeed"}}})
    resources = (
        f"F: {{Type: AWS::Serverless::Function, Properties: {{CodeUri: f, Handler: app.handler, Runtime: {runtime}}}}}\n{more}"
        "N:\n  Type: AWS::Serverless::StateMachine\n  Properties:\n    Policies: [SomeonesPolicy]\n"
        f"    DefinitionSubstitutions: {{Q: !Ref Queue}}\n    Definition: {definition}\n"
    )
    return [message for _, message, _ in reports(application_of(tmp_path, more=resources), "NEVER_RAISED")]


ELSEWHERE = (
    "G: {Type: AWS::Lambda::Function, Properties: {Code: {S3Bucket: b, S3Key: k}, Handler: a.b, Runtime: python3.13}}\n"
)
CASES = [
    (PYTHON.format("'Refused'"), "py", "", ["N: no function answers with the error Rejected"]),
    (NODE.format("'Refused'"), "js", "", ["N: no function answers with the error Rejected"]),
    (PYTHON.format("'Rejected'"), "py", "", []),
    (PYTHON.format("event['e']"), "py", "", []),
    (PYTHON.format("'Refused'") + "# Rejected\n", "py", "", []),
    ("def handler(event, context): ...\n", "py", "", []),
    (PYTHON.format("'Refused'"), "py", ELSEWHERE, []),
]


@pytest.mark.parametrize(("code", "suffix", "more", "expected"), CASES)
def test_an_error_that_no_function_answers_with_is_reported(
    tmp_path: Path, code: str, suffix: str, more: str, expected: list[str]
) -> None:
    assert messages(tmp_path, code, suffix, more) == expected
