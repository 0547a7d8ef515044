"""grants.py: the grants of a state machine's role, unless they are unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.permissions.support import machines_of
from workflow_dsl.permissions.grants import granted, is_shared
from workflow_dsl.permissions.roles import role_of

ROLE = """
R:
  Type: AWS::IAM::Role
  Properties:
    ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSLambdaRole]
    Policies:
      - {PolicyName: p, PolicyDocument: {Statement: {Effect: Allow, Action: "sqs:*", Resource: "*"}}}
P:
  Type: AWS::IAM::Policy
  Properties: {Roles: [!Ref R], PolicyDocument: {Statement: [{Action: [sns:Publish, sns:Subscribe]}]}}
Other:
  Type: AWS::IAM::Policy
  Properties: {Roles: [!Ref Q], PolicyDocument: {Statement: [{Action: "s3:*"}]}}
"""
MANAGED = "P: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: {Statement: [{Action: a:B}]}}}"
CONNECTOR = """
F: {Type: AWS::Serverless::Function}
T: {Type: AWS::DynamoDB::Table}
C:
  Type: AWS::Serverless::Connector
  Properties: {Source: {Id: M}, Destination: %s, Permissions: [Write]}
"""
INVOKE = ["lambda:InvokeAsync", "lambda:InvokeFunction"]
GRANTS: list[tuple[str, str, list[str] | None]] = [
    ("", "", []),
    ("Policies: AWSLambdaRole", "", ["lambda:InvokeFunction"]),
    ("Policies: [{LambdaInvokePolicy: {FunctionName: f}}]", "", ["lambda:InvokeFunction"]),
    ("Policies: [{Statement: [{Effect: Allow, Action: ['a:B', 'c:*']}, {Effect: Deny, Action: d}]}]", "", ["a:B", "c:*"]),
    ("Policies: {Statement: {Effect: Allow, Action: a:B}}", "", ["a:B"]),
    ("Policies: [!Sub 'arn:${AWS::Partition}:iam::aws:policy/AmazonSQSFullAccess']", "", ["sqs:*"]),
    ("Policies: [!If [Is, {Statement: {Action: a:B}}, !Ref AWS::NoValue]]", "", ["a:B"]),
    ("Policies: [!Ref P]", MANAGED, ["a:B"]),
    ("Tracing: {Enabled: true}", "", ["xray:*"]),
    ("Name: x", "P: {Type: AWS::IAM::Policy, Properties: {Roles: [!Ref MRole], PolicyDocument: {Statement: {Action: a:B}}}}", ["a:B"]),
    ("Name: x", CONNECTOR % "{Id: F}", INVOKE),
    ("Name: x", CONNECTOR % "{Arn: 'arn:aws:sqs:us-east-1:111111111111:q', Type: AWS::SQS::Queue}", ["sqs:SendMessage"]),
    ("Role: !GetAtt R.Arn", f"R: {{Type: AWS::IAM::Role}}\n{CONNECTOR.replace('Id: M', 'RoleName: !Ref R, Type: AWS::StepFunctions::StateMachine') % '{Id: F}'}", INVOKE),
    ("Role: !GetAtt R.Arn", f"R: {{Type: AWS::IAM::Role}}\nN: {{Type: AWS::Serverless::StateMachine, Properties: {{Role: !GetAtt R.Arn}}}}\n{CONNECTOR.replace('Id: M', 'Id: N') % '{Id: F}'}", INVOKE),
    ("Name: x", CONNECTOR % "[{Id: F}, {Id: F}]", INVOKE * 2),
    ("Name: x", CONNECTOR.replace("Id: M", "Id: Elsewhere") % "{Id: F}", []),
    ("Role: !GetAtt R.Arn", "R: {Type: AWS::IAM::Role, Properties: {RoleName: mine}}\nP: {Type: AWS::IAM::Policy, Properties: {Roles: [mine], PolicyDocument: {Statement: {Action: a:B}}}}", ["a:B"]),
    # unknown
    ("Policies: ['arn:aws:iam::111111111111:policy/AWSLambdaRole']", "", None),
    ("Policies: [{Statement: [{Effect: !If [Is, Allow, Deny], Action: a:B}]}]", "", None),
    ("Role: !If [Is, !GetAtt R.Arn, !ImportValue x]", ROLE, None),
    ("Name: x", "C: {Type: Custom::Policy, Properties: {Role: !Ref MRole}}", None),
    ("Name: x", (CONNECTOR % "{Id: F}").replace("[Write]", "!If [Is, [Write], [Read]]"), None),
    ("Policies: [SomeonesPolicy]", "", None),
    ("Policies: [!Ref Somewhere]", "", None),
    ("Policies: [!ImportValue policy]", "", None),
    ("Policies: [{Statement: [{Effect: Allow, NotAction: a}]}]", "", None),
    ("Policies: [{Statement: [{Effect: Allow, Action: [!Ref A]}]}]", "", None),
    ("Policies: [{Statement: [1]}]", "", None),
    ("Policies: [PowerUserAccess]", "", None),
    ("Name: x", CONNECTOR % "{Arn: x, Type: AWS::Kinesis::Stream}", None),
    ("Name: x", CONNECTOR.replace("Id: M", "Arn: x") % "{Id: F}", None),
    ("Role: arn:aws:iam::111111111111:role/r", "", None),
    ("Role: !GetAtt Elsewhere.Arn", "", None),
    ("Role: !GetAtt R.Arn", "R: {Type: 'AWS::IAM::Role', Properties: {Policies: [{PolicyName: p}]}}", None),
    ("Role: !GetAtt R.Arn", "R: {Type: 'AWS::IAM::Role', Properties: {Policies: [1]}}", None),
    # a role of the template
    ("Role: !GetAtt R.Arn", ROLE, ["lambda:InvokeFunction", "sqs:*", "sns:Publish", "sns:Subscribe"]),
    ("Role: !GetAtt [R, Arn]", ROLE, ["lambda:InvokeFunction", "sqs:*", "sns:Publish", "sns:Subscribe"]),
]  # fmt: skip


@pytest.mark.parametrize(("properties", "resources", "actions"), GRANTS)
def test_a_role_has_these_grants_or_they_are_unknown(
    tmp_path: Path, properties: str, resources: str, actions: list[str] | None
) -> None:
    machine, *_ = machines_of(tmp_path, {}, properties, resources)
    grants = granted(machine.template, "M")
    assert (
        None if grants is None else [action for grant in grants if not grant.is_denied for action in grant.actions]
    ) == actions


def test_a_connector_on_the_state_machine_itself_counts(tmp_path: Path) -> None:
    [machine] = machines_of(tmp_path, {}, "Name: x", "Q: {Type: AWS::SQS::Queue}")
    document = machine.template.source.document["Resources"]["M"]
    document["Connectors"] = {"C": {"Properties": {"Destination": {"Id": "Q"}, "Permissions": ["Write"]}}}
    grants = granted(machine.template, "M")
    assert [grant.actions for grant in grants or ()] == [("sqs:SendMessage",)]


def test_a_cloudformation_state_machine_without_a_role_has_unknown_grants(tmp_path: Path) -> None:
    [machine] = machines_of(tmp_path, {}, type_="AWS::StepFunctions::StateMachine")
    assert (role_of(machine.template, "M"), granted(machine.template, "M")) == (None, None)


TRUST = "{Statement: [{Principal: {Service: states.amazonaws.com}}]}"
SHARED = [
    (f"R: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {TRUST}}}}}", False),
    ("R: {Type: AWS::IAM::Role, Properties: {AssumeRolePolicyDocument: {Statement: [{Principal: {Service: [states.amazonaws.com, lambda.amazonaws.com]}}]}}}", True),
    (f"R: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {TRUST}}}}}\nF: {{Type: AWS::Serverless::Function, Properties: {{Role: !GetAtt R.Arn}}}}", True),
    (f"R: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {TRUST}}}}}\nK: {{Type: AWS::KMS::Key, Properties: {{KeyPolicy: {{Statement: [{{Principal: {{AWS: !GetAtt R.Arn}}}}]}}}}}}", False),
]  # fmt: skip


@pytest.mark.parametrize(("resources", "shared"), SHARED)
def test_a_role_is_shared_by_its_trust_policy_or_by_a_reference(tmp_path: Path, resources: str, shared: bool) -> None:
    [machine] = machines_of(tmp_path, {}, "Role: !GetAtt R.Arn", resources)
    assert is_shared(machine.template, "R") == shared


def test_the_role_that_sam_creates_can_be_shared(tmp_path: Path) -> None:
    [machine] = machines_of(
        tmp_path, {}, "Name: x", "F: {Type: AWS::Serverless::Function, Properties: {Role: !GetAtt MRole.Arn}}"
    )
    assert is_shared(machine.template, "MRole")
