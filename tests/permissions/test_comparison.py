"""comparison.py: what is missing, and what nothing needs; nothing is said of what cannot be known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.permissions.support import FUNCTION, deployed, task
from workflow_dsl.permissions import missing_permissions, unneeded_permissions

RESOURCES = """
Buyer: {Type: AWS::Serverless::Function}
Seller: {Type: AWS::Serverless::Function, Properties: {FunctionName: seller}}
Alias: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Buyer, Name: live}}
Trades: {Type: AWS::DynamoDB::Table, Properties: {TableName: trades}}
Orders: {Type: AWS::SQS::Queue}
Files: {Type: AWS::S3::Bucket, Properties: {BucketName: files}}
"""
HERE = "arn:aws:lambda:us-east-1:111111111111:function"
BUY = {"Buy": task(f"{HERE}:Buyer")}
SELL = {"Sell": task(f"{HERE}:seller")}
STORE = {"Store": task("arn:aws:states:::dynamodb:putItem", TableName="trades")}
PUT = {"Put": task("arn:aws:states:::aws-sdk:s3:putObject", Bucket="files", Key="k")}
SEND = {
    "Send": task("arn:aws:states:::sqs:sendMessage", QueueUrl="https://sqs.us-east-1.amazonaws.com/111111111111/Orders")
}
WAIT = {
    "Run": task(
        "arn:aws:states:::states:startExecution.sync:2", StateMachineArn="arn:aws:states:us-east-1:1:stateMachine:s"
    )
}


def missing(folder: Path, states: dict[str, Any], policies: str) -> list[tuple[str, str]]:
    [machine] = deployed(folder, states, f"Policies: {policies}", RESOURCES)
    return [(gap.level, gap.message.removeprefix("M: ").partition(", and ")[0]) for gap in missing_permissions(machine)]


def allow(action: str, resource: str = '"*"') -> str:
    return f"[{{Statement: [{{Effect: Allow, Action: {action}, Resource: {resource}}}]}}]"


ENOUGH: list[tuple[dict[str, Any], str]] = [
    (BUY, "[{LambdaInvokePolicy: {FunctionName: !Ref Buyer}}]"),
    (BUY, allow("lambda:InvokeFunction", "!GetAtt Buyer.Arn")),
    (BUY, allow("lambda:invokefunction", "[!GetAtt Seller.Arn, !GetAtt Buyer.Arn]")),
    (BUY, allow('"lambda:*"', "!Sub '${Buyer.Arn}:*'")),
    (BUY, allow('"*"')),
    (BUY, allow('"lambda:Invoke?unction"', "!Ref Alias")),
    (BUY, allow("lambda:InvokeFunction", "!Sub 'arn:aws:lambda:*:*:function:${AWS::StackName}-*'")),
    (BUY, allow("lambda:InvokeFunction", "!ImportValue arn")),
    (BUY, allow("lambda:InvokeFunction", "!Ref Elsewhere")),
    (BUY, "[AWSLambdaRole]"),
    (BUY, "[SomeonesPolicy]"),
    (SELL, allow("lambda:InvokeFunction", f"{HERE}:seller")),
    (SELL, allow("lambda:InvokeFunction", f"'{HERE}:sell*'")),
    (SELL, "[{LambdaInvokePolicy: {FunctionName: seller}}]"),
    (STORE, "[{DynamoDBCrudPolicy: {TableName: !Ref Trades}}]"),
    (STORE, allow("dynamodb:PutItem", "!Sub 'arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/trades'")),
    (SEND, "[{SQSSendMessagePolicy: {QueueName: !GetAtt Orders.QueueName}}]"),
    ({"Store": task("arn:aws:states:::dynamodb:putItem", **{"TableName.$": "$.t"})}, "[{DynamoDBCrudPolicy: {TableName: other}}]"),
    ({"Store": task("arn:aws:states:::dynamodb:putItem", TableName="other")}, "[{DynamoDBCrudPolicy: {TableName: other}}]"),
    ({"Far": task("arn:aws:lambda:eu-west-1:222222222222:function:far")}, allow("lambda:InvokeFunction", "!Sub 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:far'")),
    ({"Ask": task("arn:aws:states:::bedrock:invokeModel", ModelId="eu.model")}, allow("bedrock:InvokeModel", "arn:aws:bedrock:::foundation-model/model")),
    # what a policy is given for may be written in many ways
    (PUT, allow("s3:PutObject", "'arn:aws:s3:::files/*'")),
    (PUT, allow("s3:PutObject", "!Sub '${Files.Arn}/in/*'")),
    (STORE, allow("dynamodb:PutItem", "'arn:aws:dynamodb:*:*:table/trades/index/*'")),
    ({"Far": task("arn:aws:lambda:eu-west-1:222222222222:function:far:live")}, "[{LambdaInvokePolicy: {FunctionName: far}}]"),
    ({"Far": task("arn:aws:states:::lambda:invoke", FunctionName="far:live")}, "[{LambdaInvokePolicy: {FunctionName: fa}}]"),
    ({"Far": task("arn:aws:lambda:eu-west-1:222222222222:function:far:live")}, allow("lambda:InvokeFunction", "'arn:aws:lambda:*:*:function:far:*'")),
    ({"Run": task("arn:aws:states:::states:startExecution", StateMachineArn="arn:aws:states:us-east-1:1:stateMachine:s")}, "[{StepFunctionsExecutionPolicy: {StateMachineName: s}}]"),
    (SELL, "[{LambdaInvokePolicy: {FunctionName: sell}}]"),
    (BUY, "[{LambdaInvokePolicy: {FunctionName: !Ref AWS::StackName}}]"),
    (SELL, allow("lambda:InvokeFunction", "!Sub 'arn:aws:lambda:*:*:function:${Stage}-seller'")),
    (SELL, allow("lambda:InvokeFunction", "'{{resolve:ssm:/seller}}'")),
    (BUY, "[{Statement: [{Effect: !If [Is, Allow, Deny], Action: 'sqs:*'}]}]"),
    (BUY, "[!If [Is, {Statement: {Action: 'lambda:*'}}, {Statement: {Action: 'sqs:*'}}]]"),
    ({"End": {"Type": "Succeed"}}, "[]"),
]  # fmt: skip


@pytest.mark.parametrize(("states", "policies"), ENOUGH)
def test_nothing_is_missing_where_it_is_given_or_may_be(tmp_path: Path, states: dict[str, Any], policies: str) -> None:
    assert missing(tmp_path, states, policies) == []


LAMBDA = "lambda:InvokeFunction on !GetAtt"
EXECUTIONS = "!Sub arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}"
RULE = "!Sub arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
TOO_LITTLE: list[tuple[dict[str, Any], str, list[tuple[str, str]]]] = [
    (BUY, "[]", [("must", f'"Buy" needs {LAMBDA} Buyer.Arn')]),
    (BUY, "[{LambdaInvokePolicy: {FunctionName: !Ref Seller}}]", [("must", f'"Buy" needs {LAMBDA} Buyer.Arn')]),
    (BUY, allow("lambda:InvokeFunction", "!GetAtt Trades.Arn"), [("must", f'"Buy" needs {LAMBDA} Buyer.Arn')]),
    (SELL, allow("lambda:InvokeFunction", f"{HERE}:other"), [("must", f'"Sell" needs {LAMBDA} Seller.Arn')]),
    (STORE, "[{DynamoDBReadPolicy: {TableName: !Ref Trades}}]", [("must", '"Store" needs dynamodb:PutItem on !GetAtt Trades.Arn')]),
    (STORE, "[{DynamoDBCrudPolicy: {TableName: other}}]", [("must", '"Store" needs dynamodb:PutItem on !GetAtt Trades.Arn')]),
    ({"Far": task("arn:aws:lambda:eu-west-1:222222222222:function:far")}, allow("lambda:InvokeFunction", f"{HERE}:near"), [
        ("must", '"Far" needs lambda:InvokeFunction on arn:aws:lambda:eu-west-1:222222222222:function:far'),
    ]),
    ({"Buy": BUY["Buy"], "Again": BUY["Buy"]}, "[]", [("must", f'"Buy" needs {LAMBDA} Buyer.Arn')]),
    (WAIT, allow("states:StartExecution"), [
        ("waits", '"Run" needs states:DescribeExecution and states:StopExecution on arn:aws:states:us-east-1:1:execution:s:*'),
        ("must", f'"Run" needs events:PutTargets, events:PutRule and events:DescribeRule on {RULE}'),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("states", "policies", "gaps"), TOO_LITTLE)
def test_what_is_missing_is_said_once_for_each_resource(
    tmp_path: Path, states: dict[str, Any], policies: str, gaps: list[tuple[str, str]]
) -> None:
    assert missing(tmp_path, states, policies) == gaps


def test_a_gap_has_the_line_to_paste(tmp_path: Path) -> None:
    own, of_a_role = (
        deployed(tmp_path, BUY, properties, f"{RESOURCES}R: {{Type: AWS::IAM::Role, Properties: {{Policies: []}}}}\n")[
            0
        ]
        for properties in ("Policies: []", "Role: !GetAtt R.Arn")
    )
    statement = "- Statement: [{Effect: Allow, Action: lambda:InvokeFunction, Resource: !GetAtt Buyer.Arn}]"
    assert [(gap.keys, gap.remedy) for each in (own, of_a_role) for gap in missing_permissions(each)] == [
        (("Resources", "M", "Properties", "Policies"), f"add to Policies: {statement}"),
        (("Resources", "R", "Properties", "Policies"), f"add to the policies of R: {statement}"),
    ]


def test_a_resource_that_lets_the_role_in_itself_is_enough(tmp_path: Path) -> None:
    permission = (
        "A: {Type: AWS::Lambda::Permission, Properties: {FunctionName: !Ref Buyer, Principal: !GetAtt MRole.Arn}}\n"
    )
    [machine] = deployed(tmp_path, BUY, "Policies: []", RESOURCES + permission)
    assert list(missing_permissions(machine)) == []


def unneeded(folder: Path, states: dict[str, Any], policies: str, more: str = "") -> list[str]:
    machines = deployed(folder, states, policies, RESOURCES + more)
    return [gap.message.removeprefix("M: no state needs ") for gap in unneeded_permissions(machines)]


IDLE: list[tuple[dict[str, Any], str, list[str]]] = [
    (BUY, "[{LambdaInvokePolicy: {FunctionName: !Ref Seller}}, AWSLambdaRole]", ["LambdaInvokePolicy for Seller"]),
    (BUY, "[{DynamoDBCrudPolicy: {TableName: !Ref Trades}}, AWSLambdaRole]", ["DynamoDBCrudPolicy for Trades"]),
    (STORE, "[{DynamoDBCrudPolicy: {TableName: !Ref Trades}}]", []),
    (STORE, allow("[dynamodb:PutItem, dynamodb:DeleteItem]"), ["dynamodb:DeleteItem"]),
    (STORE, allow("[sqs:SendMessage, sns:Publish]"), ["sqs:SendMessage, sns:Publish"]),
    (STORE, allow("[dynamodb:PutItem, kms:Decrypt]"), []),
    (STORE, "[AmazonSQSFullAccess, AmazonDynamoDBFullAccess]", ["AmazonSQSFullAccess"]),
    (STORE, "[!If [Is, {Statement: {Action: 'sqs:*'}}, {Statement: {Action: 'sns:*'}}], AmazonDynamoDBFullAccess]", ["sqs:*, sns:*"]),
    # what is not known, or may be called in the role's name
    ({"X": task("${Unknown}")}, allow("sqs:SendMessage"), []),
    ({"X": task("arn:aws:states:::aws-sdk:translate:translateText")}, allow("comprehend:DetectDominantLanguage"), []),
    ({"X": task("arn:aws:states:::aws-sdk:translate:translateText")}, allow("sqs:SendMessage"), ["sqs:SendMessage"]),
]  # fmt: skip


@pytest.mark.parametrize(("states", "policies", "idle"), IDLE)
def test_what_no_state_needs_is_said(tmp_path: Path, states: dict[str, Any], policies: str, idle: list[str]) -> None:
    assert unneeded(tmp_path, states, f"Policies: {policies}") == idle


def test_a_role_of_two_state_machines_is_judged_by_both(tmp_path: Path) -> None:
    role = "R: {Type: AWS::IAM::Role, Properties: {Policies: [{PolicyName: p, PolicyDocument: {Statement: [{Action: [dynamodb:PutItem, lambda:InvokeFunction, sqs:SendMessage]}]}}]}}\n"
    other = "N: {Type: AWS::Serverless::StateMachine, Properties: {Role: !GetAtt R.Arn, Definition: {StartAt: A, States: {A: {Type: Task, Resource: '%s', End: true}}}}}\n"
    assert unneeded(tmp_path, STORE, "Role: !GetAtt R.Arn", role + other % FUNCTION) == ["sqs:SendMessage"]


def test_a_role_that_others_have_is_not_judged(tmp_path: Path) -> None:
    role = "R: {Type: AWS::IAM::Role, Properties: {Policies: [{PolicyName: p, PolicyDocument: {Statement: [{Action: sqs:SendMessage}]}}]}}\n"
    other = "F: {Type: AWS::Serverless::Function, Properties: {Role: !GetAtt R.Arn}}\n"
    assert unneeded(tmp_path, STORE, "Role: !GetAtt R.Arn", role + other) == []


@pytest.mark.parametrize(("states", "policies", "gaps"), TOO_LITTLE)
def test_what_is_pasted_closes_the_gap(
    tmp_path: Path, states: dict[str, Any], policies: str, gaps: list[tuple[str, str]]
) -> None:
    [machine] = deployed(tmp_path, states, f"Policies: {policies}", RESOURCES)
    lines = [gap.remedy.partition(": ")[2] for gap in missing_permissions(machine)]
    assert len(lines) == len(gaps)
    assert set(missing(tmp_path, states, "\n".join(["", *(f"  {line}" for line in lines)]))) & set(gaps) == set()
