"""The least policy is exact: pasted in, nothing is missing and nothing unneeded, and every line of it is needed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.permissions.support import machines_of, task
from workflow_dsl.application.application import read_application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.definition.integrations import optimized
from workflow_dsl.findings import FindingsError
from workflow_dsl.permissions import (
    as_yaml,
    least_privilege,
    missing_permissions,
    unknown_calls,
    unneeded_permissions,
)
from workflow_dsl.permissions.edits.template_edits import with_policies
from workflow_dsl.permissions.stanza import stanza
from workflow_dsl.project import Project

ACCOUNT = "us-east-1:111111111111"
RESOURCES = """
Buyer: {Type: AWS::Serverless::Function, Properties: {AutoPublishAlias: live}}
Trades: {Type: AWS::DynamoDB::Table, Properties: {SSESpecification: {KMSMasterKeyId: !Ref Key}}}
Orders: {Type: AWS::SQS::Queue, Properties: {KmsMasterKeyId: !GetAtt Key.Arn}}
News: {Type: AWS::SNS::Topic}
Files: {Type: AWS::S3::Bucket}
Bus: {Type: AWS::Events::EventBus, Properties: {Name: bus}}
Inner: {Type: AWS::Serverless::StateMachine, Properties: {Definition: {}}}
Job: {Type: AWS::ECS::TaskDefinition, Properties: {TaskRoleArn: !GetAtt Worker.Arn}}
Worker: {Type: AWS::IAM::Role, Properties: {}}
Secret: {Type: AWS::SecretsManager::Secret}
Key: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {Statement: [{Effect: Allow, Principal: {AWS: "arn:aws:iam::1:root"}}]}}}
"""
PARAMETERS = {
    "FunctionName": f"arn:aws:lambda:{ACCOUNT}:function:Buyer:live",
    "TableName": "Trades",
    "QueueUrl": "https://sqs.us-east-1.amazonaws.com/111111111111/Orders",
    "TopicArn": f"arn:aws:sns:{ACCOUNT}:News",
    "StateMachineArn": f"arn:aws:states:{ACCOUNT}:stateMachine:Inner",
    "Bucket": "files",
    "SecretId": "${Secret}",
    "TaskDefinition": "${Job}",
    "Entries": [{"EventBusName": "bus"}],
    "ServiceRole": "${Worker}",
    "RoleArn": "${Worker}",
    "ExecutionRoleArn": "arn:aws:iam::111111111111:role/elsewhere",
    "Tags": [{"Key": "a", "Value": "b"}],
}
SDK = [
    *("dynamodb:query", "s3:getObject", "s3:putObject", "sqs:sendMessageBatch", "secretsmanager:getSecretValue"),
    *("lambda:createFunction", "ec2:runInstances", "ec2:describeInstances", "sfn:startExecution", "kms:encrypt"),
    *("scheduler:createSchedule", "sesv2:sendEmail", "ssm:getParameter", "eventbridge:putEvents", "ecs:runTask"),
]
CALLS = [
    *(f"{call}{pattern}" for call, row in optimized().items() for pattern in ("", *row.get("patterns", ()))),
    *(f"aws-sdk:{call}" for call in SDK),
]
DISTRIBUTED = {
    "Type": "Map",
    "ItemReader": {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "files", "Key": "k"}},
    "ItemProcessor": {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "I",
        "States": {"I": {"Type": "Pass", "End": True}},
    },
    "ResultWriter": {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "files"}},
    "End": True,
}
LOGGING = "Tracing: {Enabled: true}\nLogging: {Level: ALL, Destinations: [{CloudWatchLogsLogGroup: {}}]}\n"
SUBSTITUTIONS = "DefinitionSubstitutions: {Secret: !Ref Secret, Job: !Ref Job, Worker: !GetAtt Worker.Arn}\n"
OWN_FIELDS = {"dynamodb": "TableName", "sqs": "QueueUrl", "sns": "TopicArn", "states": "StateMachineArn", "sfn": "StateMachineArn"}  # fmt: skip


def parameters_of(call: str) -> dict[str, Any]:
    """The parameters, without those that name what other services are called for."""
    own = OWN_FIELDS.get(call.removeprefix("aws-sdk:").partition(":")[0])
    others = {"FunctionName", *OWN_FIELDS.values()} - {own} if own else set()
    return {name: value for name, value in PARAMETERS.items() if name not in others}


MACHINES: dict[str, tuple[dict[str, Any], str]] = {
    **{call: ({"S": task(f"arn:aws:states:::{call}", **parameters_of(call))}, "") for call in CALLS},
    "no parameters": ({"S": task("arn:aws:states:::batch:submitJob.sync")}, ""),
    "a distributed Map": ({"S": DISTRIBUTED}, ""),
    "a distributed Map with a name": ({"S": DISTRIBUTED}, "Name: own\n"),
    "logs and traces": ({"S": {"Type": "Succeed"}}, LOGGING),
}


def gaps(folder: Path, states: dict[str, Any], properties: str, policies: list[str]) -> list[str]:
    """What is missing or unneeded with these policies."""
    text = "\n".join([f"{properties}{SUBSTITUTIONS}", *policies])
    machine = machines_of(folder, states, text, RESOURCES)[0]
    return [gap.message for gap in (*missing_permissions(machine), *unneeded_permissions([machine]))]


@pytest.mark.parametrize(("states", "properties"), MACHINES.values(), ids=MACHINES)
def test_the_least_policy_is_exact_and_every_line_of_it_is_needed(
    tmp_path: Path, states: dict[str, Any], properties: str
) -> None:
    machine = machines_of(tmp_path, states, f"{properties}{SUBSTITUTIONS}", RESOURCES)[0]
    if unknown_calls(machine):
        pytest.skip("AWS documents no permissions for this call")
    statements = least_privilege(machine)
    assert gaps(tmp_path, states, properties, as_yaml(statements)) == []
    for fewer in _one_less(statements):
        assert gaps(tmp_path, states, properties, as_yaml(fewer)) != [], fewer


def _one_less(statements: list[tuple[list[str], list[str]]]) -> Iterator[list[tuple[list[str], list[str]]]]:
    """The statements without one action, or without one resource."""
    for index, (actions, resources) in enumerate(statements):
        others = [*statements[:index], *statements[index + 1 :]]
        for action in actions:
            rest = [each for each in actions if each != action]
            yield [*others, *([(rest, resources)] if rest else [])]
        for resource in resources:
            left = [each for each in resources if each != resource]
            yield [*others, *([(actions, left)] if left else [])]


def _applied(folder: Path, machine: TemplateMachine) -> TemplateMachine:
    """A state machine as it is once its policies are written into its template."""
    machine.template.path.write_text(with_policies(machine))
    machines = read_application(Project(folder)).machines
    return next(each for each in machines if each.logical_id == machine.logical_id)


@pytest.mark.parametrize("name", ["StockTrading", "PortfolioRebalance", "MarketImport"])
def test_the_policies_of_this_repository_can_be_replaced_in_place(tmp_path: Path, name: str) -> None:
    shutil.copytree(ROOT / "generated", tmp_path / "generated")
    text = (ROOT / "template.yaml").read_text()
    (tmp_path / "template.yaml").write_text(text)
    machine = _applied(tmp_path, read_application(Project(tmp_path)).named(f"{name}StateMachine"))
    assert [*missing_permissions(machine), *unneeded_permissions([machine])] == []
    after = machine.template.source.text
    start, end = (each.find(f"  {machine.logical_id}:") for each in (text, after))
    assert (after[:end], after.rpartition("\n\n")[2]) == (text[:start], text.rpartition("\n\n")[2])


PAGE = """\
# A page of an application.
Resources:
  Buyer: {Type: AWS::Serverless::Function}  # buys

  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Type: EXPRESS  # kept
      Policies:  # kept, too
        - OldPolicy
      # about the definition
      DefinitionUri: m.asl.json

  # the last one
  Other: {Type: AWS::SNS::Topic}
"""
NEEDED = """\
      Policies:  # kept, too
        - Statement:
            - Effect: Allow
              Action: lambda:InvokeFunction
              Resource: !GetAtt Buyer.Arn
"""
CALL = {"Type": "Task", "Resource": f"arn:aws:lambda:{ACCOUNT}:function:Buyer", "End": True}
ADDED = NEEDED.replace("  # kept, too", "")
OLD = "      Policies:  # kept, too\n        - OldPolicy\n"
PAGES = {
    "replaced": (PAGE, PAGE.replace(OLD, NEEDED)),
    "in one line": (PAGE.replace(OLD, "      Policies: [OldPolicy]\n"), PAGE.replace(OLD, ADDED)),
    "added": (PAGE.replace(OLD, ""), PAGE.replace(OLD, "").replace("m.asl.json\n", f"m.asl.json\n{ADDED}")),
    "at the end": (PAGE[: PAGE.index("\n  # the last")].replace(OLD, ""), None),
    "Windows": (PAGE.replace("\n", "\r\n"), PAGE.replace(OLD, NEEDED).replace("\n", "\r\n")),
}


def _machine(folder: Path, text: str, name: str = "M") -> TemplateMachine:
    (folder / "m.asl.json").write_text(json.dumps({"StartAt": "A", "States": {"A": CALL}}))
    (folder / "template.yaml").write_bytes(text.encode())
    return read_application(Project(folder)).named(name)


@pytest.mark.parametrize(("before", "after"), PAGES.values(), ids=PAGES)
def test_policies_are_written_in_place_and_everything_else_stays(
    tmp_path: Path, before: str, after: str | None
) -> None:
    written = with_policies(_machine(tmp_path, before))
    assert written == (after if after is not None else before + ADDED)


ROLE = """\
  R:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {Service: states.amazonaws.com}, Action: "sts:AssumeRole"}]}
"""
WITH_ROLE = PAGE.replace(OLD, "      Role: !GetAtt R.Arn\n").replace("  # the last", f"{ROLE}  # the last")
STATEMENT = """\
STATEMENT:
  # calls the buyer
  - Effect: Allow
    Action: lambda:InvokeFunction
    Resource: !GetAtt Buyer.Arn
"""


def _indented(text: str, columns: int, key: str = "Statement") -> str:
    return indent(text.replace("STATEMENT", key), " " * columns)


OLD_STATEMENT = STATEMENT.replace("lambda:", '"lambda:*"  # all of them\n    NotAction: lambda:').split(
    "    NotAction"
)[0]
OLD_STATEMENT += '    Resource: "*"\n'
DOCUMENT = 'PolicyDocument:\n  Version: "2012-10-17"\n'
INLINE = f"      Policies:\n        - PolicyName: own\n{indent(DOCUMENT, ' ' * 10)}"
POLICY = f"  P:\n    Type: AWS::IAM::Policy\n    Properties:\n      Roles: [!Ref R]\n{indent(DOCUMENT, ' ' * 6)}"
ALL_COMMENTS = STATEMENT.replace("buyer\n", "buyer\n  # all of them\n")
ROLES = {
    "in the role": (INLINE + _indented(OLD_STATEMENT, 12), INLINE + _indented(ALL_COMMENTS, 12)),
    "in a policy": (POLICY + _indented(OLD_STATEMENT, 8), POLICY + _indented(ALL_COMMENTS, 8)),
    "in a policy in braces": (
        POLICY.partition("PolicyDocument")[0] + "PolicyDocument: {Statement: []}\n",
        POLICY + _indented(STATEMENT.replace("  # calls the buyer\n", ""), 8),
    ),
    "nowhere": (
        "",
        INLINE.replace("own", "least-privilege") + _indented(STATEMENT.replace("  # calls the buyer\n", ""), 12),
    ),
}


@pytest.mark.parametrize(("before", "after"), ROLES.values(), ids=ROLES)
def test_policies_are_written_where_the_role_has_them_with_their_comments(
    tmp_path: Path, before: str, after: str
) -> None:
    text = WITH_ROLE.replace("  # the last", f"{before}  # the last")
    written = with_policies(_machine(tmp_path, text))
    assert written == WITH_ROLE.replace("  # the last", f"{after}  # the last")


def _json_page(policies: str) -> str:
    return (
        '{\n  "Resources": {\n    "Buyer": {"Type": "AWS::Serverless::Function"},\n    "M": {\n'
        '      "Type": "AWS::Serverless::StateMachine",\n      "Properties": {\n'
        f'        {policies}"DefinitionUri": "m.asl.json"\n      }}\n    }}\n  }}\n}}\n'
    )


@pytest.mark.parametrize("before", ["", '"Policies": [ "Old" ],\n        '])
def test_a_template_in_json_keeps_its_layout(tmp_path: Path, before: str) -> None:
    statement = {"Effect": "Allow", "Action": ["lambda:InvokeFunction"], "Resource": [{"Fn::GetAtt": ["Buyer", "Arn"]}]}
    policies = json.dumps([{"Version": "2012-10-17", "Statement": [statement]}], indent=2).replace("\n", "\n" + " " * 8)
    written = with_policies(_machine(tmp_path, _json_page(before)))
    assert written == _json_page(f'"Policies": {policies},\n        ')


REFUSED = {
    "another's role": PAGE.replace(OLD, "      Role: arn:aws:iam::1:role/r\n"),
    "a shared role": WITH_ROLE.replace(
        "  # the last", "  N:\n    Type: AWS::Lambda::Function\n    Properties: {Role: !GetAtt R.Arn}\n  # the last"
    ),
    "several policies": WITH_ROLE.replace("  # the last", f"{POLICY}{POLICY.replace('P:', 'Q:', 1)}  # the last"),
    "in braces": "Resources: {M: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: m.asl.json}}}",
}


@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED)
def test_a_template_in_which_nothing_can_be_written_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(FindingsError, match="its policies cannot be written in"):
        with_policies(_machine(tmp_path, text))


def test_a_new_machine_gets_a_whole_stanza_that_has_no_finding(tmp_path: Path) -> None:
    states = {"A": {**CALL, "Resource": "${BuyerArn}"}}
    (tmp_path / "buy_it.asl.json").write_text(json.dumps({"StartAt": "A", "States": states}))
    machine = _machine(tmp_path, PAGE, str(tmp_path / "buy_it.asl.json"))
    assert stanza(machine)[:5] == [
        "BuyItStateMachine:",
        "  Type: AWS::Serverless::StateMachine",
        "  Properties:",
        "    DefinitionUri: buy_it.asl.json",
        "    DefinitionSubstitutions:",
    ]
    written = with_policies(machine)
    assert written.startswith(PAGE)
    assert [*yaml.safe_load(written.replace("!", ""))["Resources"]] == ["Buyer", "M", "Other", "BuyItStateMachine"]
