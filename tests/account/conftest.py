"""A fake account with one stack and one state machine, equal to the local one until a test changes it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.fake_aws import FakeAws, serving
from workflow_dsl.cli import main
from workflow_dsl.project import Project

AT = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MACHINES = "arn:aws:states:eu-west-1:123456789012"
ARN = f"{MACHINES}:stateMachine:app-Trader-X1"
TEMPLATE = """\
Parameters: {Limit: {Type: Number, Default: 5}, Size: {Type: String, Default: BIG}}
Conditions: {IsBig: !Equals [!Ref Size, BIG]}
Resources:
  Trader:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: generated/trader.asl.json
      Policies: [SomeonesPolicy]
      DefinitionSubstitutions:
        CheckerArn: !GetAtt Checker.Arn
        Trades: !Ref Trades
        Limit: !Ref Limit
        Put: !Sub arn:${AWS::Partition}:states:::dynamodb:putItem
        Kind: !If [IsBig, big, small]
        Role: !GetAtt TraderRole.Arn
  Checker: {Type: AWS::Serverless::Function, Properties: {InlineCode: x, Handler: app.handler}}
  Trades: {Type: AWS::DynamoDB::Table}
"""
WORKFLOW = """
from stepfunctions.steps import Chain, Choice, ChoiceRule, Pass, Retry, Task
from workflow_dsl import Workflow

def build():
    check = Task("Check", resource="${CheckerArn}", retry=Retry(error_equals=["Busy"], interval_seconds=2))
    choose = Choice("Choose")
    choose.add_choice(ChoiceRule.NumericLessThan("$.price", 50), Task("Record", resource="${Put}", parameters={
        "TableName": "${Trades}", "Item": {"Price": {"N": "${Limit}"}, "Kind": {"S": "${Kind} ${Role}"}},
    }))
    choose.default_choice(Pass("Nothing"))
    return Workflow(Chain([check, choose]))
"""
SUBSTITUTIONS = {
    "CheckerArn": "arn:aws:lambda:eu-west-1:123456789012:function:app-Checker-X2",
    "Trades": "app-Trades-X3",
    "Limit": "7",
    "Put": "arn:aws:states:::dynamodb:putItem",
    "Kind": "small",
    "Role": "arn:aws:iam::123456789012:role/app-TraderRole-X4",
}


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[FakeAws]:
    """Fake AWS services, with credentials and region for the test only."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_CONFIG_FILE": str(tmp_path / "none"),
        "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "none"),
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    with serving() as services:
        yield services


@pytest.fixture
def application(project: Project, aws: FakeAws) -> FakeAws:
    """A project whose only state machine is deployed without a difference, in the stack of its samconfig.toml."""
    (project.root / project.workflows / "trader.py").write_text(WORKFLOW)
    (project.root / "template.yaml").write_text(TEMPLATE)
    (project.root / "samconfig.toml").write_text('[default.global.parameters]\nstack_name = "app"\n')
    assert CliRunner().invoke(main, ["generate"]).exit_code == 0
    definition = (project.root / "generated" / "trader.asl.json").read_text()
    for name, value in SUBSTITUTIONS.items():
        definition = definition.replace(f"${{{name}}}", value)
    aws.responses |= {
        "DescribeStacks": {"Stacks": [STACK]},
        "ListStackResources": {"StackResourceSummaries": RESOURCES},
        "DescribeStateMachine": described(json.loads(definition)),
        # SAM's name of the uploaded definition is unknown.
        "GetTemplate": {"TemplateBody": TEMPLATE.replace("generated/trader.asl.json", "{Bucket: code}")},
        "ListStateMachineVersions": {
            "stateMachineVersions": [{"stateMachineVersionArn": f"{ARN}:4", "creationDate": AT}]
        },
        "ListStateMachineAliases": {
            "stateMachineAliases": [{"stateMachineAliasArn": f"{ARN}:live", "creationDate": AT}]
        },
        "DescribeStateMachineAlias": routed({"4": 100}),
    }
    return aws


STACK: dict[str, Any] = {
    "StackName": "app",
    "StackId": "arn:aws:cloudformation:eu-west-1:123456789012:stack/app/1",
    "CreationTime": AT,
    "StackStatus": "UPDATE_COMPLETE",
    "ChangeSetId": "arn:aws:cloudformation:eu-west-1:123456789012:changeSet/samcli-deploy1/2",
    "Parameters": [
        {"ParameterKey": "Limit", "ParameterValue": "7"},
        {"ParameterKey": "Size", "ParameterValue": "SMALL"},
    ],
}


def resource(logical_id: str, type_: str, physical_id: str) -> dict[str, Any]:
    return {
        "LogicalResourceId": logical_id,
        "PhysicalResourceId": physical_id,
        "ResourceType": type_,
        "LastUpdatedTimestamp": AT,
        "ResourceStatus": "UPDATE_COMPLETE",
    }


RESOURCES = [
    resource("Trader", "AWS::StepFunctions::StateMachine", ARN),
    resource("Checker", "AWS::Lambda::Function", "app-Checker-X2"),
    resource("Trades", "AWS::DynamoDB::Table", "app-Trades-X3"),
    resource("TraderRole", "AWS::IAM::Role", "app-TraderRole-X4"),
]


def described(definition: Any, type_: str = "STANDARD") -> dict[str, Any]:
    """The response of DescribeStateMachine."""
    return {
        "stateMachineArn": ARN,
        "name": "app-Trader-X1",
        "definition": json.dumps(definition),
        "roleArn": "arn:aws:iam::123456789012:role/app-TraderRole-X4",
        "type": type_,
        "creationDate": AT,
        "status": "ACTIVE",
    }


def routed(weights: dict[str, int]) -> dict[str, Any]:
    """The response of DescribeStateMachineAlias."""
    rows = [{"stateMachineVersionArn": f"{ARN}:{version}", "weight": weight} for version, weight in weights.items()]
    return {"stateMachineAliasArn": f"{ARN}:live", "name": "live", "routingConfiguration": rows}


def run(aws: FakeAws, command: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, [command, "--endpoint-url", aws.url, *arguments], catch_exceptions=False)


def lines(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def definition_of(aws: FakeAws) -> Any:
    response = aws.responses["DescribeStateMachine"]
    assert isinstance(response, dict)
    return json.loads(response["definition"])


def deploy(aws: FakeAws, definition: Any) -> None:
    aws.responses["DescribeStateMachine"] = described(definition)


def running(count: int) -> dict[str, Any]:
    """The response of ListExecutions with running executions."""
    execution = {"stateMachineArn": ARN, "status": "RUNNING", "startDate": AT}
    numbers = range(1, count + 1)
    return {
        "executions": [{**execution, "name": f"e{n}", "executionArn": f"{MACHINES}:execution:t:{n}"} for n in numbers]
    }
