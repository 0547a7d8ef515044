"""policies/secret_statements.py: secrets by an ARN without its end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

ARN = "arn:aws:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:"
LACKS = ["Resource is the secret carrier/api, and the ARN of a secret ends in - and six characters"]
SECRETS = [
    (f"!Sub '{ARN}carrier/api'", LACKS),
    ("'arn:aws:secretsmanager:eu-west-1:111111111111:secret:carrier/api'", LACKS),
    (f"!Sub '{ARN}carrier/api-??????'", []),
    (f"!Sub '{ARN}carrier/api-*'", []),
    (f"!Sub '{ARN}carrier/*'", []),
    (f"!Sub '{ARN}carrier/api-a1B2c3'", []),
    (f"!Sub '{ARN}${{Stage}}'", []),  # whose value may have the end
    ("!Ref Secret", []),
    ("'*'", []),
]


@pytest.mark.parametrize(("resource", "expected"), SECRETS)
def test_the_arn_of_a_secret_has_its_end(tmp_path: Path, resource: str, expected: list[str]) -> None:
    more = f"Secret: {{Type: AWS::SecretsManager::Secret}}\nPolicy:\n  Type: AWS::IAM::ManagedPolicy\n  Properties:\n    PolicyDocument: {{Statement: [{{Effect: Allow, Action: secretsmanager:GetSecretValue, Resource: {resource}}}]}}\n"
    found = reports(application_of(tmp_path, more=more), "INCOMPLETE_PERMISSION")
    assert [message.removeprefix("Policy: ") for _, message, _ in found] == expected
