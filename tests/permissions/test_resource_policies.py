"""resource_policies.py: what a policy of a resource may allow to a role."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.permissions.support import machines_of, task
from workflow_dsl.permissions import missing_permissions

CALL = task("arn:aws:states:::lambda:invoke", FunctionName="F")
SEND = task("arn:aws:states:::sqs:sendMessage", QueueUrl="https://sqs.us-east-1.amazonaws.com/111111111111/Q")
FUNCTION = "F: {Type: AWS::Lambda::Function, Properties: {FunctionName: F}}"
QUEUE = "Q: {Type: AWS::SQS::Queue, Properties: {QueueName: Q}}"
PERMISSION = "P: {{Type: AWS::Lambda::Permission, Properties: {{FunctionName: !Ref F, {}}}}}"
POLICY = "P: {{Type: AWS::SQS::QueuePolicy, Properties: {{Queues: [!Ref Q], PolicyDocument: {}}}}}"
MAY_ALLOW = [
    PERMISSION.format("Action: 'lambda:InvokeFunction', Principal: !Ref AWS::AccountId"),
    PERMISSION.format("Action: 'lambda:*', Principal: 'arn:aws:iam::111111111111:role/r'"),
    PERMISSION.format("Action: !Ref Action, Principal: '*'"),
    POLICY.format("{Statement: [{Effect: Allow, Action: 'sqs:SendMessage', Principal: '*'}]}"),
    POLICY.format("{Statement: {Effect: Allow, Action: 'sqs:*', Principal: {AWS: '*'}}}"),
    POLICY.format("!Ref Document"),
]
ALLOWS_NOTHING = [
    PERMISSION.format("Action: 'lambda:InvokeFunction', Principal: apigateway.amazonaws.com"),
    PERMISSION.format("Action: 'lambda:InvokeFunction', Principal: states.amazonaws.com"),
    PERMISSION.format("Action: 'lambda:GetFunction', Principal: '*'"),
    POLICY.format("{Statement: [{Effect: Allow, Action: 'sqs:*', Principal: {Service: sns.amazonaws.com}}]}"),
    POLICY.format("{Statement: [{Effect: Deny, Action: 'sqs:*', Principal: '*'}]}"),
    POLICY.format("{Statement: [{Effect: Allow, Action: 'sqs:ReceiveMessage', Principal: '*'}]}"),
]


def _missing(folder: Path, policy: str) -> list[str]:
    state, target = (SEND, QUEUE) if "Queues" in policy else (CALL, FUNCTION)
    return [gap.message for gap in missing_permissions(machines_of(folder, {"S": state}, "", f"{target}\n{policy}")[0])]


@pytest.mark.parametrize("policy", MAY_ALLOW)
def test_a_policy_for_roles_may_allow_the_action(tmp_path: Path, policy: str) -> None:
    assert _missing(tmp_path, policy) == []


@pytest.mark.parametrize("policy", ALLOWS_NOTHING)
def test_a_policy_for_a_service_or_other_actions_allows_nothing(tmp_path: Path, policy: str) -> None:
    assert len(_missing(tmp_path, policy)) == 1
