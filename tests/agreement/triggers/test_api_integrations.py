"""triggers/api_integrations.py: integrations of REST APIs with Step Functions."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.test_agreement import application_of, reports

METHOD = """
Method:
  Type: AWS::ApiGateway::Method
  Properties:
    HttpMethod: POST
    Integration:
      Type: AWS
      IntegrationHttpMethod: POST
      Credentials: 'arn:aws:iam::1:role/r'
      Uri: !Sub 'arn:aws:apigateway:${{AWS::Region}}:{service}:action/StartExecution'
      RequestTemplates: {{application/json: !Sub '{text}'}}
"""
MISSPELT = "StartExecution has no parameter {}"
LACKS = "its request template for StartExecution has no stateMachineArn"
TEMPLATES = [
    ("states", '{"stateMachineArn": "${M}"}', []),
    ("states", '{"stateMachineARN": "${M}"}', [MISSPELT.format("stateMachineARN")]),
    ("states", '#set($b = $input.json("$")){"input": "$b", "statemachineArn":"${M}"}', [MISSPELT.format("statemachineArn")]),
    ("states", '#set($b = $input.json("$")){"input": "$b", "stateMachineArn":"${M}"}', []),
    ("states", '$input.json("$")', []),
    ("states", '#set($b = $input.body)\n\n{"input": "$b", "name": "n"}', [LACKS]),
    ("states", '{"input": "$util.escapeJavaScript($input.body)"}', [LACKS]),
    ("states", '{"input": "$b", $rest}', []),
    ("stepfunctions", '{"stateMachineArn": "${M}"}', ["its URI has the service stepfunctions, which API Gateway does not have"]),
    ("sqs", '{"stateMachineARN": "x"}', []),
]  # fmt: skip


@pytest.mark.parametrize(("service", "text", "expected"), TEMPLATES)
def test_a_request_names_the_service_and_the_state_machine(
    tmp_path: Path, service: str, text: str, expected: list[str]
) -> None:
    found = reports(application_of(tmp_path, more=METHOD.format(service=service, text=text)))
    messages = [message for _, message, _ in found if message.startswith("Method: ")]
    assert messages == [f"Method: {message}" for message in expected]
