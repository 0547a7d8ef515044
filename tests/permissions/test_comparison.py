"""comparison.py: missing and unneeded permissions; no gap where grants or needs are unknown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.permissions.support import FUNCTION, machines_of, task
from workflow_dsl.permissions import Gap, missing_permissions, unneeded_permissions
from workflow_dsl.records import replace

RESOURCES = """
Buyer: {Type: AWS::Serverless::Function}
Seller: {Type: AWS::Serverless::Function, Properties: {FunctionName: seller}}
Alias: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Buyer, Name: live}}
Trades: {Type: AWS::DynamoDB::Table, Properties: {TableName: trades}}
Orders: {Type: AWS::SQS::Queue}
Files: {Type: AWS::S3::Bucket, Properties: {BucketName: files}}
Build: {Type: AWS::CodeBuild::Project}
Stream: {Type: AWS::KinesisFirehose::DeliveryStream}
Limit: {Type: AWS::SSM::Parameter}
Nightly: {Type: AWS::Scheduler::ScheduleGroup, Properties: {Name: nightly}}
Trading: {Type: AWS::Events::EventBus, Properties: {Name: trading}}
Rule: {Type: AWS::Events::Rule}
Work: {Type: AWS::Batch::JobDefinition}
Jobs: {Type: AWS::Batch::JobQueue}
First: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref Buyer}}
"""
HERE = "arn:aws:lambda:us-east-1:111111111111:function"
BUY = {"Buy": task(f"{HERE}:Buyer")}
BUY_LIVE = {"Buy": task(f"{HERE}:Buyer:live")}
SELL = {"Sell": task(f"{HERE}:seller")}
STORE = {"Store": task("arn:aws:states:::dynamodb:putItem", TableName="trades")}
PUT = {"Put": task("arn:aws:states:::aws-sdk:s3:putObject", Bucket="files", Key="k")}
SEND = {
    "Send": task("arn:aws:states:::sqs:sendMessage", QueueUrl="https://sqs.us-east-1.amazonaws.com/111111111111/Orders")
}
FAR = {"Far": task("arn:aws:lambda:eu-west-1:222222222222:function:far")}
SEND_FAR = {
    "Send": task("arn:aws:states:::sqs:sendMessage", QueueUrl="https://sqs.eu-west-1.amazonaws.com/222222222222/far")
}
STORE_FAR = {"Store": task("arn:aws:states:::dynamodb:putItem", TableName="far")}
READ = {"Read": task("arn:aws:states:::aws-sdk:ssm:getParameter", Name="Limit")}
TRANSLATE = {"X": task("arn:aws:states:::aws-sdk:translate:translateText")}
SCHEDULE = "arn:aws:states:::aws-sdk:scheduler:createSchedule"
PLAN = {"Plan": task(SCHEDULE, GroupName="nightly", **{"Name.$": "$.id"})}
SCHEDULES = "arn:aws:scheduler:*:*:schedule"
EMIT = {"Emit": task("arn:aws:states:::events:putEvents", Entries=[{"Source": "x"}])}
EMIT_TRADE = {"Emit": task("arn:aws:states:::events:putEvents", Entries=[{"Source": "x", "EventBusName": "trading"}])}
POST = {"Post": task("arn:aws:states:::http:invoke", ApiEndpoint="https://x.example.com", Method="GET")}
CREDENTIALS = "{Effect: Allow, Action: ['events:*', 'secretsmanager:*'], Resource: '*'}"
SUBMIT = {"Submit": task("arn:aws:states:::batch:submitJob", JobDefinition="Work", JobQueue="Jobs")}
WAIT = {
    "Run": task(
        "arn:aws:states:::states:startExecution.sync:2", StateMachineArn="arn:aws:states:us-east-1:1:stateMachine:s"
    )
}


def missing(folder: Path, states: dict[str, Any], policies: str) -> list[tuple[str, str]]:
    [machine] = machines_of(folder, states, f"Policies: {policies}", RESOURCES)
    return [(gap.level, gap.message.removeprefix("M: ").partition(", and ")[0]) for gap in missing_permissions(machine)]


def allow(action: str, resource: str = '"*"') -> str:
    return f"[{{Statement: [{{Effect: Allow, Action: {action}, Resource: {resource}}}]}}]"


BUILD = {"Build": task("arn:aws:states:::codebuild:startBuild", ProjectName="Build")}
RECORD = {"Record": task("arn:aws:states:::aws-sdk:firehose:putRecord", DeliveryStreamName="Stream", Record={})}
ENOUGH: list[tuple[dict[str, Any], str]] = [
    (BUILD, allow("codebuild:StartBuild", "!GetAtt Build.Arn")),
    (RECORD, allow("firehose:PutRecord", "!GetAtt Stream.Arn")),
    (BUY, "[{LambdaInvokePolicy: {FunctionName: !Ref Buyer}}]"),
    (BUY, allow("lambda:InvokeFunction", "!GetAtt Buyer.Arn")),
    (BUY, allow("lambda:invokefunction", "[!GetAtt Seller.Arn, !GetAtt Buyer.Arn]")),
    (BUY_LIVE, allow('"lambda:*"', "!Sub '${Buyer.Arn}:*'")),
    (BUY, allow('"*"')),
    (BUY_LIVE, allow('"lambda:Invoke?unction"', "!Ref Alias")),
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
    # the many ways to write a resource
    (PUT, allow("s3:PutObject", "'arn:aws:s3:::files/*'")),
    (PUT, allow("s3:PutObject", "!Sub '${Files.Arn}/k*'")),
    (STORE, allow("dynamodb:PutItem", "'arn:aws:dynamodb:*:*:table/tr*'")),
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
    ({"Buy": task(f"{HERE}:Buyer:1")}, allow("lambda:InvokeFunction", "!Ref First")),
    (BUY, allow("lambda:InvokeFunction", "near")),  # the stack may generate this name
    ({"Far": task(f"{HERE}:trading-Buyer-x1Yz8Qw4Tk2B")}, allow("lambda:InvokeFunction", "!GetAtt Buyer.Arn")),  # a name that the stack generated
    ({"Far": task(f"{HERE}:seller")}, allow("lambda:InvokeFunction", "!GetAtt Seller.Arn")),
    ({"Far": task("arn:aws:lambda:eu-west-1:222222222222:function:seller")}, allow("lambda:InvokeFunction", "!GetAtt Seller.Arn")),
    (SEND_FAR, "[{SQSSendMessagePolicy: {QueueName: far}}]"),
    (STORE_FAR, allow("dynamodb:PutItem", "'arn:aws:dynamodb:*:*:table/near-*'")),
    (READ, allow("ssm:GetParameter", "'arn:aws:ssm:us-east-1:111111111111:parameter/other'")),
    (READ, allow("ssm:GetParameter", "!GetAtt Files.Arn")),
    ({"Map": {"Type": "Map", "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}}}}, allow("'states:*'", "!GetAtt Far.Arn")),
    (PLAN, allow("scheduler:CreateSchedule", f"'{SCHEDULES}/nightly/*'")),
    (PLAN, allow("scheduler:CreateSchedule", f"'{SCHEDULES}/*'")),
    (PLAN, allow("scheduler:CreateSchedule", f"'{SCHEDULES}/*/trade-*'")),
    (PLAN, allow("scheduler:CreateSchedule", "!Sub 'arn:aws:scheduler:*:*:schedule/${Nightly}/*'")),
    (PLAN, allow("scheduler:CreateSchedule", "!Sub 'arn:aws:scheduler:*:*:schedule/${Stage}/*'")),
    ({"Plan": task(SCHEDULE, **{"GroupName.$": "$.g", "Name": "n"})}, allow("scheduler:CreateSchedule", f"'{SCHEDULES}/nightly/n'")),
    ({"Plan": task(SCHEDULE, Name="n")}, allow("scheduler:CreateSchedule", f"'{SCHEDULES}/default/n'")),
    (EMIT, allow("events:PutEvents", "'arn:aws:events:*:*:event-bus/default'")),
    (EMIT, "[{EventBridgePutEventsPolicy: {EventBusName: default}}]"),
    (EMIT_TRADE, allow("events:PutEvents", "!GetAtt Trading.Arn")),
    (EMIT_TRADE, "[{EventBridgePutEventsPolicy: {EventBusName: !Ref Trading}}]"),
    ({"Emit": task("arn:aws:states:::events:putEvents", **{"Entries.$": "$.all"})}, allow("events:PutEvents", "!GetAtt Trading.Arn")),
    ({"Emit": task("arn:aws:states:::events:putEvents", Entries=[{"EventBusName.$": "$.bus"}])}, allow("events:PutEvents", "!GetAtt Trading.Arn")),
    (SUBMIT, allow("batch:SubmitJob", "[!Ref Work, !Ref Jobs]")),
    (SUBMIT, allow("batch:SubmitJob", "!ImportValue arn")),
    ({"Any": task("arn:aws:states:::lambda:invoke", **{"FunctionName.$": "$.f"})}, allow("lambda:InvokeFunction", f"{HERE}:near")),
]  # fmt: skip


@pytest.mark.parametrize(("states", "policies"), ENOUGH)
def test_no_gap_where_a_policy_allows_the_call_or_may_allow_it(
    tmp_path: Path, states: dict[str, Any], policies: str
) -> None:
    assert missing(tmp_path, states, policies) == []


LAMBDA = "lambda:InvokeFunction on !GetAtt"
FAR_FUNCTION = "lambda:InvokeFunction on arn:aws:lambda:eu-west-1:222222222222:function:far"
RULE = "!Sub arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
HERE_ON = "!Sub arn:${AWS::Partition}:%s:${AWS::Region}:${AWS::AccountId}"
ON_NIGHTLY = f"scheduler:CreateSchedule on {HERE_ON % 'scheduler'}:schedule/nightly/*"
ON_DEFAULT = f"events:PutEvents on {HERE_ON % 'events'}:event-bus/default"
TOO_LITTLE: list[tuple[dict[str, Any], str, list[tuple[str, str]]]] = [
    (BUY, "[]", [("required", f'"Buy" needs {LAMBDA} Buyer.Arn')]),
    (BUY, "[{LambdaInvokePolicy: {FunctionName: !Ref Seller}}]", [("required", f'"Buy" needs {LAMBDA} Buyer.Arn')]),
    (BUY, allow("lambda:InvokeFunction", "!GetAtt Trades.Arn"), [("required", f'"Buy" needs {LAMBDA} Buyer.Arn')]),
    (SELL, allow("lambda:InvokeFunction", f"{HERE}:other"), [("required", f'"Sell" needs {LAMBDA} Seller.Arn')]),
    (SELL, allow("lambda:InvokeFunction", f"{HERE}:bestseller"), [("required", f'"Sell" needs {LAMBDA} Seller.Arn')]),
    (SELL, "[{LambdaInvokePolicy: {FunctionName: bestseller}}]", [("required", f'"Sell" needs {LAMBDA} Seller.Arn')]),
    (SELL, "[{LambdaInvokePolicy: {FunctionName: Seller}}]", [("required", f'"Sell" needs {LAMBDA} Seller.Arn')]),
    (STORE, "[{DynamoDBReadPolicy: {TableName: !Ref Trades}}]", [("required", '"Store" needs dynamodb:PutItem on !GetAtt Trades.Arn')]),
    (STORE, "[{DynamoDBCrudPolicy: {TableName: other}}]", [("required", '"Store" needs dynamodb:PutItem on !GetAtt Trades.Arn')]),
    (BUY, allow("lambda:InvokeFunction", f"{HERE}:near"), [("required", f'"Buy" needs {LAMBDA} Buyer.Arn')]),
    (BUY, "[{SQSSendMessagePolicy: {QueueName: !GetAtt Orders.QueueName}}]", [("required", f'"Buy" needs {LAMBDA} Buyer.Arn')]),
    (FAR, allow("lambda:InvokeFunction", f"{HERE}:near"), [("required", f'"Far" needs {FAR_FUNCTION}')]),
    (FAR, allow("lambda:InvokeFunction", f"'{HERE}:near*'"), [("required", f'"Far" needs {FAR_FUNCTION}')]),
    (FAR, "[{LambdaInvokePolicy: {FunctionName: near}}]", [("required", f'"Far" needs {FAR_FUNCTION}')]),
    (FAR, allow("lambda:InvokeFunction", "!GetAtt Buyer.Arn"), [("required", f'"Far" needs {FAR_FUNCTION}')]),
    (FAR, allow("lambda:InvokeFunction", "!GetAtt Seller.Arn"), [("required", f'"Far" needs {FAR_FUNCTION}')]),
    (SEND_FAR, "[{SQSSendMessagePolicy: {QueueName: !GetAtt Orders.QueueName}}]", [
        ("required", '"Send" needs sqs:SendMessage on arn:aws:sqs:eu-west-1:222222222222:far')
    ]),
    (SEND_FAR, "[{SQSSendMessagePolicy: {QueueName: near}}]", [
        ("required", '"Send" needs sqs:SendMessage on arn:aws:sqs:eu-west-1:222222222222:far')
    ]),
    (READ, "[]", [("required", '"Read" needs ssm:GetParameter on !GetAtt Limit.Arn')]),
    ({**BUY, **SELL, "Again": SELL["Sell"]}, "[]", [
        ("required", f'"Buy" needs {LAMBDA} Buyer.Arn'), ("required", f'"Sell" needs {LAMBDA} Seller.Arn')
    ]),
    (BUY, "[]\nLogging: {Level: ALL, Destinations: [x]}", [
        ("required", f'"Buy" needs {LAMBDA} Buyer.Arn'),
        ("required", "it needs logs:CreateLogDelivery"),
        ("for_jobs", "it needs logs:GetLogDelivery, logs:UpdateLogDelivery, logs:DeleteLogDelivery, logs:ListLogDeliveries, "
         "logs:PutResourcePolicy, logs:DescribeResourcePolicies and logs:DescribeLogGroups"),
    ]),
    ({"Buy": BUY["Buy"], "Again": BUY["Buy"]}, "[]", [("required", f'"Buy" needs {LAMBDA} Buyer.Arn')]),
    (PLAN, allow("scheduler:CreateSchedule", f"'{SCHEDULES}/default/*'"), [("required", f'"Plan" needs {ON_NIGHTLY}')]),
    (PLAN, allow("scheduler:CreateSchedule", "!GetAtt Nightly.Arn"), [("required", f'"Plan" needs {ON_NIGHTLY}')]),
    (PLAN, allow("scheduler:CreateSchedule", f"'{SCHEDULES}-group/nightly'"), [("required", f'"Plan" needs {ON_NIGHTLY}')]),
    (EMIT, "[{EventBridgePutEventsPolicy: {EventBusName: !Ref Trading}}]", [("required", f'"Emit" needs {ON_DEFAULT}')]),
    (EMIT_TRADE, "[{EventBridgePutEventsPolicy: {EventBusName: default}}]", [("required", '"Emit" needs events:PutEvents on !GetAtt Trading.Arn')]),
    (WAIT, allow("states:StartExecution"), [
        ("for_jobs", '"Run" needs states:DescribeExecution and states:StopExecution on arn:aws:states:us-east-1:1:execution:s:*'),
        ("required", f'"Run" needs events:PutTargets, events:PutRule and events:DescribeRule on {RULE}'),
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("states", "policies", "gaps"), TOO_LITTLE)
def test_a_missing_action_is_reported_once_for_each_resource(
    tmp_path: Path, states: dict[str, Any], policies: str, gaps: list[tuple[str, str]]
) -> None:
    assert missing(tmp_path, states, policies) == gaps


@pytest.mark.parametrize(("name", "gaps"), [("M-*", 0), ("*", 0), ("other", 1)])
def test_an_http_task_is_allowed_on_its_own_state_machine(tmp_path: Path, name: str, gaps: int) -> None:
    own = f"{{Effect: Allow, Action: 'states:InvokeHTTPEndpoint', Resource: 'arn:aws:states:*:*:stateMachine:{name}'}}"
    assert len(missing(tmp_path, POST, f"[{{Statement: [{own}, {CREDENTIALS}]}}]")) == gaps


@pytest.mark.parametrize(("name", "gaps"), [("m-${Env}", 0), ("*", 0), ("m-*", 0), ("n-${Env}", 1), ("m-prod", 0)])
def test_an_http_task_is_allowed_on_its_own_name_with_a_parameter(tmp_path: Path, name: str, gaps: int) -> None:
    resource = f"!Sub 'arn:aws:states:*:*:stateMachine:{name}'"
    own = f"{{Effect: Allow, Action: 'states:InvokeHTTPEndpoint', Resource: {resource}}}"
    properties = f"Name: !Sub 'm-${{Env}}'\nPolicies: [{{Statement: [{own}, {CREDENTIALS}]}}]"
    [machine] = machines_of(tmp_path, POST, properties, RESOURCES, sections="Parameters: {Env: {Type: String}}\n")
    assert len(list(missing_permissions(machine))) == gaps


@pytest.mark.parametrize(("granted", "missed"), [("Work", "Jobs"), ("Jobs", "Work")])
def test_a_job_needs_its_queue_and_its_definition(tmp_path: Path, granted: str, missed: str) -> None:
    states = {"Submit": task("arn:aws:states:::batch:submitJob", JobDefinition="${Work}", JobQueue="${Jobs}")}
    policies = (
        f"{allow('batch:SubmitJob', f'!Ref {granted}')}\nDefinitionSubstitutions: {{Work: !Ref Work, Jobs: !Ref Jobs}}"
    )
    assert missing(tmp_path, states, policies) == [("required", f'"Submit" needs batch:SubmitJob on !Ref {missed}')]


@pytest.mark.parametrize(("role", "gaps"), [("Starter", 0), ("BuyerRole", 1), ("Elsewhere", 0)])
def test_the_role_that_sam_creates_for_a_function_is_no_other_role(tmp_path: Path, role: str, gaps: int) -> None:
    plan = task(SCHEDULE, Name="n", Target={"Arn": FUNCTION, "RoleArn": "${Role}"})
    policies = "Policies: [{Statement: [{Effect: Allow, Action: 'scheduler:*'}, {Effect: Allow, Action: 'iam:PassRole',"
    properties = (
        f"{policies} Resource: !GetAtt {role}.Arn}}]}}]\nDefinitionSubstitutions: {{Role: !GetAtt Starter.Arn}}"
    )
    [machine] = machines_of(tmp_path, {"Plan": plan}, properties, RESOURCES + "Starter: {Type: AWS::IAM::Role}\n")
    assert len(list(missing_permissions(machine))) == gaps


def test_a_gap_has_its_level_its_keys_its_message_and_its_remedy(tmp_path: Path) -> None:
    resource = "arn:aws:states:us-east-1:1:execution:s:*"
    actions = ["states:DescribeExecution", "states:StopExecution"]
    policies = allow("[states:StartExecution, events:*]").replace("events:*", '"events:*"')
    [machine] = machines_of(tmp_path, WAIT, f"Policies: {policies}", RESOURCES)
    assert list(missing_permissions(machine)) == [
        Gap(
            "for_jobs",
            ("Resources", "M", "Properties", "Policies"),
            f'M: "Run" needs {" and ".join(actions)} on {resource}, and the role has no such permission',
            f"add to Policies: - Statement: [{{Effect: Allow, Action: [{', '.join(actions)}], Resource: {resource}}}]",
        )
    ]


def test_a_machine_without_a_definition_misses_nothing(tmp_path: Path) -> None:
    properties = "Policies: []\nLogging: {Level: ALL, Destinations: [x]}"
    [machine] = machines_of(tmp_path, BUY, properties, RESOURCES)
    assert list(missing_permissions(replace(machine, source=None))) == []


@pytest.mark.parametrize(("name", "gaps"), [("other", 1), ("${Name}", 0)])
def test_a_parameter_may_have_another_value_in_the_stack_than_its_default(tmp_path: Path, name: str, gaps: int) -> None:
    policies = allow("lambda:InvokeFunction", f"!Sub '{HERE}:{name}'")
    sections = "Parameters: {Name: {Type: String, Default: other}}\n"
    [machine] = machines_of(tmp_path, SELL, f"Policies: {policies}", RESOURCES, sections=sections)
    assert len(list(missing_permissions(machine))) == gaps


def test_a_gap_has_the_statement_to_paste_and_its_place(tmp_path: Path) -> None:
    role = "R: {Type: AWS::IAM::Role, Properties: {Policies: []}}\n"
    properties = ("Policies: []", "Role: !GetAtt R.Arn")
    machines = [machines_of(tmp_path, BUY, text, RESOURCES + role)[0] for text in properties]
    statement = "{Effect: Allow, Action: lambda:InvokeFunction, Resource: !GetAtt Buyer.Arn}"
    assert [(gap.keys, gap.remedy) for machine in machines for gap in missing_permissions(machine)] == [
        (("Resources", "M", "Properties", "Policies"), f"add to Policies: - Statement: [{statement}]"),
        (("Resources", "R", "Properties", "Policies"), f"add to a policy of R: - {statement}"),
    ]


def test_a_resource_based_policy_for_the_role_is_enough(tmp_path: Path) -> None:
    permission = (
        "A: {Type: AWS::Lambda::Permission, Properties: {FunctionName: !Ref Buyer, Principal: !GetAtt MRole.Arn}}\n"
    )
    [machine] = machines_of(tmp_path, BUY, "Policies: []", RESOURCES + permission)
    assert list(missing_permissions(machine)) == []


def unneeded(folder: Path, states: dict[str, Any], policies: str, more: str = "") -> list[str]:
    machines = machines_of(folder, states, policies, RESOURCES + more)
    return [gap.message.removeprefix("M: no state needs ") for gap in unneeded_permissions(machines)]


UNNEEDED: list[tuple[dict[str, Any], str, list[str]]] = [
    (BUY, "[{LambdaInvokePolicy: {FunctionName: !Ref Seller}}, AWSLambdaRole]", ["LambdaInvokePolicy for Seller"]),
    (BUY, "[{DynamoDBCrudPolicy: {TableName: !Ref Trades}}, AWSLambdaRole]", ["DynamoDBCrudPolicy for Trades"]),
    (STORE, "[{DynamoDBCrudPolicy: {TableName: !Ref Trades}}]", []),
    (STORE, allow("[dynamodb:PutItem, dynamodb:DeleteItem]"), ["dynamodb:DeleteItem"]),
    (STORE, allow("[sqs:SendMessage, sns:Publish]"), ["sqs:SendMessage, sns:Publish"]),
    (STORE, allow("dynamodb:PutItme"), []),
    (STORE, allow("dynamdb:PutItem"), []),
    (STORE, allow("dynamodb:Scan"), ["dynamodb:Scan"]),
    (STORE, allow("[dynamodb:PutItem, kms:Decrypt]"), []),
    (STORE, allow("[dynamodb:PutItem, s3:GetObject, SQS:SendMessage]"), ["s3:GetObject, SQS:SendMessage"]),
    (STORE, "[{LambdaInvokePolicy: {FunctionName: other}}, AmazonDynamoDBFullAccess]", ["LambdaInvokePolicy"]),
    (STORE, "[{LambdaInvokePolicy: {FunctionName: !Ref Alias}}, AmazonDynamoDBFullAccess]", ["LambdaInvokePolicy for Alias"]),
    (STORE, "[!If [Is, {Statement: {Action: 'dynamodb:*', Resource: !GetAtt Orders.Arn}}, {Statement: {Action: 'sqs:*', Resource: !GetAtt Trades.Arn}}]]", ["dynamodb:*, sqs:*"]),
    (STORE, "[AmazonDynamoDBFullAccess]\nTracing: {Enabled: true}", []),
    (STORE, allow("[dynamodb:PutItem, xray:PutTraceSegments]"), ["xray:PutTraceSegments"]),
    (STORE, f"{allow('[dynamodb:PutItem, xray:PutTraceSegments]')}\nTracing: {{Enabled: !If [Is, true, false]}}", []),
    (STORE, f"{allow('[dynamodb:PutItem, xray:PutTraceSegments]')}\nTracing: !If [Is, {{Enabled: true}}, !Ref AWS::NoValue]", []),
    (STORE, f"{allow('[dynamodb:PutItem, logs:CreateLogDelivery]')}\nLogging: {{Level: !If [Is, ALL, 'OFF'], Destinations: [x]}}", []),
    (STORE, f"{allow('[dynamodb:PutItem, logs:CreateLogDelivery]')}\nLogging: !If [Is, {{Level: ALL}}, !Ref AWS::NoValue]", []),
    (STORE, "[AmazonSQSFullAccess, AmazonDynamoDBFullAccess]", ["AmazonSQSFullAccess"]),
    (STORE, "[!If [Is, {Statement: {Action: 'sqs:*'}}, {Statement: {Action: 'sns:*'}}], AmazonDynamoDBFullAccess]", ["sqs:*, sns:*"]),
    # unknown calls, and services that call others
    ({"X": task("${Unknown}")}, allow("sqs:SendMessage"), []),
    (TRANSLATE, allow("comprehend:DetectDominantLanguage"), []),
    (TRANSLATE, allow("[comprehend:DetectDominantLanguage, sqs:SendMessage]"), []),
    (TRANSLATE, allow("SQS:SendMessage"), ["SQS:SendMessage"]),
]  # fmt: skip


@pytest.mark.parametrize(("states", "policies", "permissions"), UNNEEDED)
def test_a_permission_that_no_state_needs_is_reported(
    tmp_path: Path, states: dict[str, Any], policies: str, permissions: list[str]
) -> None:
    assert unneeded(tmp_path, states, f"Policies: {policies}") == permissions


ROLE = "R: {Type: AWS::IAM::Role, Properties: {Policies: [{PolicyName: p, PolicyDocument: {Statement: [{Action: %s}]}}]}}\n"
OTHER = "N: {Type: AWS::Serverless::StateMachine, Properties: {Role: !GetAtt R.Arn, Definition: {StartAt: A, States: {A: {Type: Task, Resource: '%s', End: true}}}}}\n"
TWO_MACHINES = [
    ("[dynamodb:PutItem, lambda:InvokeFunction, sqs:SendMessage]", FUNCTION, ["sqs:SendMessage"]),
    ("[dynamodb:PutItem, lambda:InvokeFunction]", FUNCTION, []),
    ("sqs:SendMessage", "${Unknown}", []),
    ("comprehend:DetectDominantLanguage", "arn:aws:states:::aws-sdk:translate:translateText", []),
]  # fmt: skip


@pytest.mark.parametrize(("actions", "resource", "permissions"), TWO_MACHINES)
def test_a_role_of_two_state_machines_is_compared_with_the_needs_of_both(
    tmp_path: Path, actions: str, resource: str, permissions: list[str]
) -> None:
    assert unneeded(tmp_path, STORE, "Role: !GetAtt R.Arn", ROLE % actions + OTHER % resource) == permissions


def test_a_connector_is_never_unneeded(tmp_path: Path) -> None:
    connector = "C: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: M}, Destination: {Id: Orders}, Permissions: [Write]}}\n"
    assert unneeded(tmp_path, STORE, "Policies: [AmazonDynamoDBFullAccess]", connector) == []


def test_a_connector_to_a_state_machine_has_all_that_running_it_needs(tmp_path: Path) -> None:
    inner = "I: {Type: AWS::Serverless::StateMachine, Properties: {Definition: {StartAt: A, States: {A: {Type: Succeed}}}}}\n"
    connector = (
        "C: {Type: AWS::Serverless::Connector, Properties: {Source: {Id: M}, Destination: {Id: I}, Permissions: %s}}\n"
    )
    states = {"Run": task("arn:aws:states:::states:startExecution.sync:2", StateMachineArn={"Ref": "I"})}
    expected = {"[Read, Write]": [], "[Write]": ["states:DescribeExecution", "events:DescribeRule"]}
    for permissions, lacking in expected.items():
        machine, _ = machines_of(tmp_path, states, "Policies: []", inner + connector % permissions)
        gaps = [gap.message for gap in missing_permissions(machine)]
        assert [
            action for action in ("states:DescribeExecution", "events:DescribeRule") if action in str(gaps)
        ] == lacking
        assert len(gaps) == len(lacking)


REST = [
    ("[dynamodb:PutItem, sqs:SendMessage]", "sqs:SendMessage", True),
    ("[dynamodb:PutItem, 'sqs:*']", "sqs:*", False),
    ("[sqs:SendMessage]", "sqs:SendMessage", False),
]


def test_an_unneeded_permission_is_to_be_removed_from_its_statement(tmp_path: Path) -> None:
    keys = ("Resources", "M", "Properties", "Policies", 0, "Statement", 0)
    for actions, unneeded, is_rest in REST:
        machines = machines_of(tmp_path, STORE, f"Policies: {allow(actions)}", RESOURCES)
        gap = Gap("possible", keys, f"M: no state needs {unneeded}", "remove it", is_rest)
        assert list(unneeded_permissions(machines)) == [gap]


def test_a_role_that_a_function_uses_too_has_no_unneeded_permissions(tmp_path: Path) -> None:
    role = "R: {Type: AWS::IAM::Role, Properties: {Policies: [{PolicyName: p, PolicyDocument: {Statement: [{Action: sqs:SendMessage}]}}]}}\n"
    other = "F: {Type: AWS::Serverless::Function, Properties: {Role: !GetAtt R.Arn}}\n"
    assert unneeded(tmp_path, STORE, "Role: !GetAtt R.Arn", role + other) == []


@pytest.mark.parametrize(("states", "policies", "gaps"), TOO_LITTLE)
def test_pasting_the_remedy_closes_the_gap(
    tmp_path: Path, states: dict[str, Any], policies: str, gaps: list[tuple[str, str]]
) -> None:
    [machine] = machines_of(tmp_path, states, f"Policies: {policies}", RESOURCES)
    lines = [gap.remedy.partition(": ")[2] for gap in missing_permissions(machine)]
    assert len(lines) == len(gaps)
    assert set(missing(tmp_path, states, "\n".join(["", *(f"  {line}" for line in lines)]))) & set(gaps) == set()


ALIAS = {"Buy": task("arn:aws:states:::lambda:invoke", FunctionName=f"{HERE}:Buyer", Qualifier="live")}
CHILDREN = {"Each": {"Type": "Map", "End": True, "ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED"}}}}
RUN_INNER = {"Run": task("arn:aws:states:::states:startExecution.sync", StateMachineArn="${Inner}")}
DEFINITION = "arn:aws:ecs:us-east-1:111111111111:task-definition"
CONTAINER = {"Run": task("arn:aws:states:::ecs:runTask", TaskDefinition=f"{DEFINITION}/job:8")}
OWN = "!Sub 'arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}"
RULE = "!Sub 'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/StepFunctionsGetEvents"
PUT_ORDER = {
    "Put": task(
        "arn:aws:states:::aws-sdk:s3:putObject", Bucket="files", **{"Key.$": "States.Format('orders/{}', $.id)"}
    )
}
LIST = {"List": task("arn:aws:states:::aws-sdk:s3:listObjectsV2", Bucket="files")}
PARTS: dict[str, tuple[dict[str, Any], str, str, str]] = {
    # the states, an action, a resource that covers the needed part, and one that covers another part only
    "an alias": (ALIAS, "lambda:InvokeFunction", "!Sub '${Buyer.Arn}:*'", "!GetAtt Buyer.Arn"),
    "an alias by its reference": (ALIAS, "lambda:InvokeFunction", "!Ref Alias", "!GetAtt Buyer.Arn"),
    "a function without an alias": (BUY, "lambda:InvokeFunction", "!GetAtt Buyer.Arn", "!Sub '${Buyer.Arn}:*'"),
    "a function, not its alias": (BUY, "lambda:InvokeFunction", "!GetAtt Buyer.Arn", "!Ref Alias"),
    "an object": (PUT, "s3:PutObject", "!Sub '${Files.Arn}/*'", "!GetAtt Files.Arn"),
    "an object of another key": (PUT, "s3:PutObject", "!Sub '${Files.Arn}/*'", "!Sub '${Files.Arn}/invoices/*'"),
    "an object by its beginning": (
        PUT_ORDER,
        "s3:PutObject",
        "!Sub '${Files.Arn}/orders/2*'",
        "!Sub '${Files.Arn}/o/*'",
    ),
    "a bucket": (LIST, "s3:ListBucket", "!GetAtt Files.Arn", "!Sub '${Files.Arn}/*'"),
    "a rule for .sync": (WAIT, "events:PutRule", f"{RULE}ForStepFunctionsExecutionRule'", f"{RULE}ForECSTaskRule'"),
    "a revision": (CONTAINER, "ecs:RunTask", f"'{DEFINITION}/job:*'", f"{DEFINITION}/job"),
    "own executions": (CHILDREN, "states:DescribeExecution", f"{OWN}:execution:own:*'", f"{OWN}:stateMachine:own:*'"),
    "own name": (CHILDREN, "states:StartExecution", f"{OWN}:stateMachine:own'", f"{OWN}:stateMachine:n'"),
    "own name by a pattern": (CHILDREN, "states:StartExecution", f"{OWN}:stateMachine:o*'", f"{OWN}:stateMachine:p*'"),
}


@pytest.mark.parametrize(("states", "action", "covering", "other"), PARTS.values(), ids=PARTS)
def test_a_statement_about_another_part_of_a_resource_does_not_cover_the_needed_one(
    tmp_path: Path, states: dict[str, Any], action: str, covering: str, other: str
) -> None:
    def gaps(resource: str) -> tuple[bool, bool]:
        properties = f"Name: own\nPolicies: {allow(action, resource)}"
        [machine] = machines_of(tmp_path, states, properties, RESOURCES)
        lacks = any(action in gap.message for gap in missing_permissions(machine))
        return lacks, any(unneeded_permissions([machine]))

    # A statement that is wrong is one finding: it is not unneeded as well.
    assert (gaps(covering), gaps(other)) == ((False, False), (True, False))


DENIED = [
    # the resource of a Deny, and whether it surely denies the call
    ('"*"', True),
    ("!GetAtt Buyer.Arn", True),
    ("!GetAtt Seller.Arn", False),
    ("!Sub '${Seller.Arn}*'", False),
    ("!ImportValue arn", False),
]


@pytest.mark.parametrize(("resource", "is_denied"), DENIED)
@pytest.mark.parametrize("action", ["lambda:InvokeFunction", '"lambda:*"'])
def test_what_a_statement_denies_is_missing(tmp_path: Path, resource: str, is_denied: bool, action: str) -> None:
    deny = allow(action, resource).replace("Allow", "Deny")
    policies = f"[AWSLambdaRole, {deny[1:-1]}]"
    expected = [("required", '"Buy" needs lambda:InvokeFunction on !GetAtt Buyer.Arn')] if is_denied else []
    assert missing(tmp_path, BUY, policies) == expected


def test_a_denial_with_a_condition_or_exceptions_is_left_open(tmp_path: Path) -> None:
    for open_end in ("Resource: '*', Condition: {}", "NotResource: x"):
        policies = f"[AWSLambdaRole, {{Statement: [{{Effect: Deny, Action: 'lambda:*', {open_end}}}]}}]"
        assert missing(tmp_path, BUY, policies) == []


def test_a_logical_id_is_no_name_of_a_function(tmp_path: Path) -> None:
    [(level, message)] = missing(tmp_path, BUY, "[{LambdaInvokePolicy: {FunctionName: Buyer}}]")
    assert (level, message) == ("required", '"Buy" needs lambda:InvokeFunction on !GetAtt Buyer.Arn')


STAGED = "Buyer: {Type: AWS::Serverless::Function, Properties: {FunctionName: !Sub 'orders-${Stage}-pay'}}\n"
SECTIONS = "Parameters: {Stage: {Type: String}, Env: {Type: String, Default: dev}}\n"
OF_FUNCTION = "!Sub 'arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:%s'"
MAY_BE = [
    "orders-${Stage}-pay",
    "orders-${Stage}-*",
    "orders-*",
    "${Env}-pay",
    "orders-${AWS::StackName}-pay",
    "*",
    "orders-dev-pay",
    "${Stage}",
    "orders-${Stage}-${Env}",
]
ARE_NOT = ["orders-${Stage}-buy", "orders-${Stage}", "orders-${Stage}-pay-later", "order-${Stage}-pay", "invoices-${Stage}*", "my-orders-${Stage}-pay", "invoices-dev-pay"]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "is_missing"), [*((each, False) for each in MAY_BE), *((each, True) for each in ARE_NOT)]
)
def test_names_with_the_same_parameter_are_compared_around_it(tmp_path: Path, name: str, is_missing: bool) -> None:
    states = {"Buy": task("arn:aws:states:::lambda:invoke", FunctionName={"Fn::GetAtt": ["Buyer", "Arn"]})}
    policies = f"Policies: {allow('lambda:InvokeFunction', OF_FUNCTION % name)}"
    [machine] = machines_of(tmp_path, states, policies, STAGED, sections=SECTIONS)
    assert bool([*missing_permissions(machine)]) == is_missing
    template = f"Policies: [{{LambdaInvokePolicy: {{FunctionName: !Sub '{name}'}}}}]"
    [machine] = machines_of(tmp_path, states, template, STAGED, sections=SECTIONS)
    assert bool([*missing_permissions(machine)]) == (is_missing and name != "orders-${Stage}")


def test_the_executions_of_a_state_machine_have_its_name(tmp_path: Path) -> None:
    inner = "I: {Type: AWS::Serverless::StateMachine, Properties: {Name: !Sub 'inner-${Stage}', Definition: {StartAt: A, States: {A: {Type: Succeed}}}}}\n"
    states = {"Run": task("arn:aws:states:::states:startExecution.sync:2", StateMachineArn={"Ref": "I"})}
    own = "arn:aws:states:${AWS::Region}:${AWS::AccountId}"
    statements = "{Action: [states:StartExecution, 'events:*'], Resource: '*'}"
    for name, lacking in (("inner-${Stage}", 0), ("outer-${Stage}", 1), ("*", 0)):
        on_executions = f"{{Action: 'states:*Execution', Resource: !Sub '{own}:execution:{name}:*'}}"
        policies = f"Policies: [{{Statement: [{statements}, {on_executions}]}}]"
        machine, _ = machines_of(tmp_path, states, policies, inner, sections=SECTIONS)
        assert len([*missing_permissions(machine)]) == lacking
