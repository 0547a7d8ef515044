"""Realistic defects, each one edit of a correct application, and the findings of `validate`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from workflow_dsl.cli import main

APPLICATIONS = Path(__file__).parent / "defects"

# title: the text in orders.yaml, what stands there instead, and the codes of the findings
ORDERS = {
    "GetAtt of a misspelt attribute": ("CheckArn: !GetAtt Check.Arn", "CheckArn: !GetAtt Check.Arm", "UNKNOWN_REFERENCE"),
    "a resource whose name begins with another's": ("CheckArn: !GetAtt Check.Arn", "CheckArn: !GetAtt CheckFn.Arn", "UNKNOWN_REFERENCE"),
    "misspelt resource": ("CheckArn: !GetAtt Check.Arn", "CheckArn: !GetAtt Chek.Arn", "UNKNOWN_REFERENCE"),
    "function's name as Resource": ("CheckArn: !GetAtt Check.Arn", "CheckArn: !Ref Check", "WRONG_RESOURCE"),
    "topic's name for its ARN": ("TopicArn: !Ref Topic", "TopicArn: !GetAtt Topic.TopicName", "WRONG_RESOURCE"),
    "queue's ARN for its URL": ("QueueUrl: !Ref Queue", "QueueUrl: !GetAtt Queue.Arn", "WRONG_RESOURCE"),
    "queue's name for its URL": ("QueueUrl: !Ref Queue", "QueueUrl: !GetAtt Queue.QueueName", "WRONG_RESOURCE"),
    "bucket's ARN for its name": ("BucketName: !Ref Bucket", "BucketName: !GetAtt Bucket.Arn", "WRONG_RESOURCE"),
    "bucket's domain for its name": ("BucketName: !Ref Bucket", "BucketName: !GetAtt Bucket.DomainName", "WRONG_RESOURCE"),
    "a function where a machine belongs": ("ShippingArn: !Ref Shipping", "ShippingArn: !GetAtt Label.Arn", "WRONG_RESOURCE"),
    "machine's name for its ARN": ("ShippingArn: !Ref Shipping", "ShippingArn: !GetAtt Shipping.Name", "WRONG_RESOURCE"),
    "a queue for a table": ("TableName: !Ref Table", "TableName: !Ref Queue", "WRONG_RESOURCE"),
    "substitution missing": ("        QueueUrl: !Ref Queue\n", "", "MISSING_SUBSTITUTION"),
    "substitution misspelt": ("        QueueUrl: !Ref Queue\n", "        QueueURL: !Ref Queue\n", "MISSING_SUBSTITUTION"),
    "placeholder misspelt inside text": ('FunctionName: "${ChargeArn}"', 'FunctionName: "${Charge}:live"', "MISSING_SUBSTITUTION"),
    "substitution as a map": ("TableName: !Ref Table\n        T", "TableName: {Name: !Ref Table}\n        T", "SCHEMA_VALIDATION_FAILED"),
    "number by Ref": ("Seconds: 60, Next: Announce", "Seconds: !Ref Delay, Next: Announce", "SCHEMA_VALIDATION_FAILED"),
    "number by Sub": ("TimeoutSeconds: 86400", "TimeoutSeconds: !Sub '${Delay}'", "SCHEMA_VALIDATION_FAILED"),
    "number by If in a Retry": ("MaxAttempts: 4", "MaxAttempts: !If [Large, 4, 2]", "SCHEMA_VALIDATION_FAILED"),
    "number by FindInMap in a Choice": ("NumericGreaterThan: 1000", "NumericGreaterThan: !FindInMap [Limits, !Ref Stage, Approval]", "SCHEMA_VALIDATION_FAILED"),
    "number by ImportValue in a Map": ("MaxConcurrency: 5", "MaxConcurrency: !ImportValue Concurrency", "SCHEMA_VALIDATION_FAILED"),
    "permission to invoke another function": ("- LambdaInvokePolicy: {FunctionName: !Ref Check}", "- LambdaInvokePolicy: {FunctionName: !Ref Label}", "MISSING_PERMISSION"),
    "permission to read only": ("DynamoDBWritePolicy", "DynamoDBReadPolicy", "MISSING_PERMISSION UNNEEDED_PERMISSION"),
    "receive for send": ("SQSSendMessagePolicy", "SQSPollerPolicy", "MISSING_PERMISSION UNNEEDED_PERMISSION"),
    "no permission to publish": ("        - SNSPublishMessagePolicy: {TopicName: !GetAtt Topic.TopicName}\n", "", "MISSING_PERMISSION"),
    "bus of another name": ("EventBridgePutEventsPolicy: {EventBusName: !Ref Bus}", "EventBridgePutEventsPolicy: {EventBusName: default}", "MISSING_PERMISSION"),
    "function for its alias": ('Action: "lambda:InvokeFunction", Resource: !Ref Charge.Alias', 'Action: "lambda:InvokeFunction", Resource: !GetAtt Charge.Arn', "MISSING_PERMISSION"),
    "bucket for its objects": ('!Sub "${Bucket.Arn}/*"', "!GetAtt Bucket.Arn", "INCOMPLETE_PERMISSION MISSING_PERMISSION"),
    "another prefix of the bucket": ('!Sub "${Bucket.Arn}/*"', '!Sub "${Bucket.Arn}/invoices/*"', "MISSING_PERMISSION"),
    "no right to start": ('            - {Effect: Allow, Action: "states:StartExecution", Resource: !Ref Shipping}\n', "", "MISSING_PERMISSION"),
    "machine for its executions": ('"arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:${Shipping.Name}:*"', '"${Shipping}"', "INCOMPLETE_PERMISSION"),
    "no rule for .sync": ('Action: ["events:PutTargets", "events:PutRule", "events:DescribeRule"]', 'Action: ["events:PutRule", "events:DescribeRule"]', "MISSING_PERMISSION"),
    "no permission on the key": ('            - {Effect: Allow, Action: ["kms:GenerateDataKey", "kms:Decrypt"], Resource: !GetAtt Key.Arn}\n', "", "MISSING_PERMISSION"),
    "only decrypt": ('["kms:GenerateDataKey", "kms:Decrypt"]', '["kms:Decrypt"]', "MISSING_PERMISSION"),
    "misspelt prefix of an action": ('"states:StartExecution", Resource: !Ref Shipping', '"stepfunctions:StartExecution", Resource: !Ref Shipping', "MISSING_PERMISSION"),
    "a denial of the action": ('            - {Effect: Allow, Action: "s3:PutObject"', '            - {Effect: Deny, Action: "s3:Put*", Resource: "*"}\n            - {Effect: Allow, Action: "s3:PutObject"', "MISSING_PERMISSION"),
    "role of a schedule trusts the wrong service": ("Service: scheduler.amazonaws.com", "Service: events.amazonaws.com", "UNTRUSTED_ROLE"),
    "role of a schedule starts the wrong machine": ('Action: "states:StartExecution", Resource: !Ref Orders}', 'Action: "states:StartExecution", Resource: !Ref Shipping}', "MISSING_PERMISSION"),
    "role of a schedule has the wrong action": ('Action: "states:StartExecution", Resource: !Ref Orders}', 'Action: "states:StartSyncExecution", Resource: !Ref Orders}', "MISSING_PERMISSION"),
    "handler's file misspelt": ("Handler: charge.handler", "Handler: charges.handler", "NO_HANDLER"),
    "handler's function misspelt": ("Handler: charge.handler", "Handler: charge.handle", "NO_HANDLER"),
    "handler with a slash": ("Handler: charge.handler", "Handler: charge/charge.handler", "NO_HANDLER"),
    "function's folder misspelt": ("CodeUri: charge/", "CodeUri: charges/", "NO_CODE"),
    "express with .sync": ("Type: STANDARD", "Type: EXPRESS", "SCHEMA_VALIDATION_FAILED"),
    "misspelt Next": ("Next: Large?", "Next: Large", "MISSING_TRANSITION_TARGET"),
    "misspelt field": ("            TimeoutSeconds: 60\n", "            TimeoutSecond: 60\n", "SCHEMA_VALIDATION_FAILED"),
    "catcher of a misspelt service error": ("ErrorEquals: [OutOfStock]", "ErrorEquals: [States.TaskFail]", "UNKNOWN_ERROR"),
    "parameter spelled as in boto3": ("MessageBody:", "Message_Body:", "SCHEMA_VALIDATION_FAILED"),
    "unknown API action": ("aws-sdk:s3:putObject", "aws-sdk:s3:writeObject", "SCHEMA_VALIDATION_FAILED"),
    "jsonpath in jsonata": ('Items: "{% $states.input.parcels %}"', "ItemsPath: $.parcels", "SCHEMA_VALIDATION_FAILED"),
    "jsonata bare name": ("{% $count($states.input) > 0 %}", "{% $count(parcels) > 0 %}", "UNSUPPORTED_JSONATA_EXPRESSION"),
    "jsonata not closed": ("{% $states.result.Payload %}", "{% $states.result.Payload }", "SCHEMA_VALIDATION_FAILED"),
    "token not sent": (", token.$: $$.Task.Token", "", "TOKEN_NOT_SENT"),
    "waits forever": ("            TimeoutSeconds: 86400\n", "", "WAITS_FOREVER"),
    "context misspelt": ("$$.Execution.Id", "$$.Execution.ID", "UNKNOWN_CONTEXT_FIELD"),
    "logical ID for a function's name": ("LambdaInvokePolicy: {FunctionName: !Ref Check}", "LambdaInvokePolicy: {FunctionName: Check}", "MISSING_PERMISSION"),
    "policy template unknown": ("SNSPublishMessagePolicy", "SNSPublishPolicy", "UNKNOWN_REFERENCE"),
    "policy template with the wrong parameter": ("DynamoDBWritePolicy: {TableName: !Ref Table}", "DynamoDBWritePolicy: {TableArn: !GetAtt Table.Arn}", "SCHEMA_VALIDATION_FAILED"),
    "path without .$": ("MessageBody: {order.$: $.id,", "MessageBody: {order: $.id,", "NO_DOLLAR"),
    "misspelt integration": ("arn:aws:states:::events:putEvents", "arn:aws:states:::events:putEvent", "SCHEMA_VALIDATION_FAILED"),
    "indexes of the table": ("DynamoDBWritePolicy: {TableName: !Ref Table}", "Statement: [{Effect: Allow, Action: 'dynamodb:PutItem', Resource: !Sub 'arn:aws:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${Table}/index/*'}]", "MISSING_PERMISSION"),
    "alias that SAM does not create": (", AutoPublishAlias: live", "", "UNKNOWN_REFERENCE"),
    "condition that there is not": ("  Bus:\n    Type: AWS::Events::EventBus\n", "  Bus:\n    Type: AWS::Events::EventBus\n    Condition: IsLarge\n", "UNKNOWN_REFERENCE"),
    "dependency that there is not": ("  Orders:\n    Type: AWS::Serverless::StateMachine\n", "  Orders:\n    Type: AWS::Serverless::StateMachine\n    DependsOn: [Charge, Labels]\n", "UNKNOWN_REFERENCE"),
    "output of a misspelt machine": ("Resources:\n", "Outputs: {Arn: {Value: !Ref Order}}\nResources:\n", "UNKNOWN_REFERENCE"),
    "misspelt property": ("      Tracing: {Enabled: true}\n", "      Tracings: {Enabled: true}\n", "SCHEMA_VALIDATION_FAILED"),
    "CloudFormation's name of a property": ("      Type: STANDARD\n", "      StateMachineType: STANDARD\n", "SCHEMA_VALIDATION_FAILED"),
    "misspelt type": ("Type: STANDARD", "Type: Standard", "SCHEMA_VALIDATION_FAILED"),
    "tags as a list": ("      Type: STANDARD\n", "      Type: STANDARD\n      Tags: [{Key: team, Value: shop}]\n", "SCHEMA_VALIDATION_FAILED"),
    "a role and policies": ("      Type: STANDARD\n", "      Type: STANDARD\n      Role: arn:aws:iam::123456789012:role/orders\n", "SCHEMA_VALIDATION_FAILED"),
    "level without a log group": ("      Type: STANDARD\n", "      Type: STANDARD\n      Logging: {Level: ALL}\n", "SCHEMA_VALIDATION_FAILED"),
    "misspelt level": ("      Type: STANDARD\n", "      Type: STANDARD\n      Logging: {Level: ERRORS}\n", "SCHEMA_VALIDATION_FAILED"),
    "role that nothing creates": ("      Type: STANDARD\n", "      Type: STANDARD\n      Role: !GetAtt OrdersRole.Arn\n", "SCHEMA_VALIDATION_FAILED UNKNOWN_REFERENCE"),
    "event of a kind that SAM does not have": ("Type: EventBridgeRule", "Type: EventRule", "SCHEMA_VALIDATION_FAILED"),
    "event without a pattern": ("Properties: {Pattern: {source: [shop.web]}}", "Properties: {EventPattern: {source: [shop.web]}}", "SCHEMA_VALIDATION_FAILED"),
    "pattern with a plain value": ("source: [shop.web]", "source: shop.web", "SCHEMA_VALIDATION_FAILED"),
    "schedule with a misspelt unit": ("rate(1 day)", "rate(1 dy)", "SCHEMA_VALIDATION_FAILED"),
    "schedule in the form of Unix": ("rate(1 day)", '"0 8 * * *"', "SCHEMA_VALIDATION_FAILED"),
}  # fmt: skip

# title: the text in reports.yaml, what stands there instead, and the codes of the findings
REPORTS = {
    "role trusts lambda": ("Principal: {Service: states.amazonaws.com}", "Principal: {Service: lambda.amazonaws.com}", "UNTRUSTED_ROLE"),
    "role trusts account": ("Principal: {Service: states.amazonaws.com}", "Principal: {AWS: !Ref 'AWS::AccountId'}", "UNTRUSTED_ROLE"),
    "role trusts a misspelt domain": ("Principal: {Service: states.amazonaws.com}", "Principal: {Service: states.amazon.com}", "UNTRUSTED_ROLE"),
    "rule without role": (", RoleArn: !GetAtt DailyRole.Arn", "", "NO_ROLE"),
    "rule's role for another machine": ('Action: "states:StartExecution", Resource: !Ref Reports}', 'Action: "states:StartExecution", Resource: !Sub "arn:aws:states:${AWS::Region}:${AWS::AccountId}:stateMachine:report"}', "MISSING_PERMISSION"),
    "rule's role trusts scheduler": ("Service: events.amazonaws.com", "Service: scheduler.amazonaws.com", "UNTRUSTED_ROLE"),
    "rule takes the machine's role": ("RoleArn: !GetAtt DailyRole.Arn", "RoleArn: !GetAtt ReportsRole.Arn", "UNTRUSTED_ROLE"),
    "pipe waits for a standard machine": ("InvocationType: FIRE_AND_FORGET", "InvocationType: REQUEST_RESPONSE", "WRONG_RESOURCE"),
    "pipe's role without start": ('Action: "states:StartExecution", Resource: !GetAtt Reports.Arn', 'Action: "states:Start", Resource: !GetAtt Reports.Arn', "MISSING_PERMISSION"),
    "pipe's role trusts events": ("Service: pipes.amazonaws.com", "Service: events.amazonaws.com", "UNTRUSTED_ROLE"),
    "no log rights": ("              - logs:CreateLogDelivery\n", "", "MISSING_PERMISSION"),
    "Map's right to start another machine": ('stateMachine:reports"', 'stateMachine:report"', "MISSING_PERMISSION"),
    "Map's right on executions of another machine": (":execution:reports:*", ":execution:report:*", "INCOMPLETE_PERMISSION"),
    "bucket for the objects that a Map reads": ('!Sub "${Input.Arn}/*"', "!GetAtt Input.Arn", "INCOMPLETE_PERMISSION MISSING_PERMISSION"),
    "no pass of task role": ("[!GetAtt TaskRole.Arn, !GetAtt PullRole.Arn]", "[!GetAtt PullRole.Arn]", "MISSING_PERMISSION"),
    "no pass of pull role": ("[!GetAtt TaskRole.Arn, !GetAtt PullRole.Arn]", "[!GetAtt TaskRole.Arn]", "MISSING_PERMISSION"),
    "passes the wrong role": ('Action: "iam:PassRole", Resource: !GetAtt ScheduleRole.Arn', 'Action: "iam:PassRole", Resource: !GetAtt DailyRole.Arn', "MISSING_PERMISSION"),
    "task definition without revision": ('"ecs:RunTask", Resource: !Ref Renderer', '"ecs:RunTask", Resource: !Sub "arn:aws:ecs:${AWS::Region}:${AWS::AccountId}:task-definition/renderer"', "MISSING_PERMISSION"),
    "cluster for a task definition": ('"ecs:RunTask", Resource: !Ref Renderer', '"ecs:RunTask", Resource: !GetAtt Cluster.Arn', "MISSING_PERMISSION"),
    "API's name for the prefix of an action": ("ses:SendEmail", "sesv2:SendEmail", "MISSING_PERMISSION"),
    "no permission to create a schedule": ('          - {Effect: Allow, Action: "scheduler:CreateSchedule", Resource: "*"}\n', "", "MISSING_PERMISSION"),
    "rule for another kind of job": ("StepFunctionsGetEventsForECSTaskRule", "StepFunctionsGetEventsForBatchJobsRule", "MISSING_PERMISSION"),
    "policy of another role": ("Roles: [!Ref ReportsRole]", "Roles: [!Ref DailyRole]", "INCOMPLETE_PERMISSION MISSING_PERMISSION"),
    "misspelt next in text": ('"Next": "Mail"', '"Next": "Mails"', "MISSING_TRANSITION_TARGET"),
    "comma missing in text": ('"Next": "Mail"\n', '"Next": "Mail",\n', "INVALID_JSON_DESCRIPTION"),
    "misspelt resource in Sub": ("${Cluster.Arn}", "${Clusters.Arn}", "UNKNOWN_REFERENCE"),
    "misspelt attribute in Sub": ('"${Reader.Arn}",\n                    "Retry"', '"${Reader.ARN}",\n                    "Retry"', "UNKNOWN_REFERENCE"),
    "name as Resource in Sub": ('"${Reader.Arn}",\n                    "Retry"', '"${Reader}",\n                    "Retry"', "SCHEMA_VALIDATION_FAILED UNNEEDED_PERMISSION"),
    "bucket's ARN in Sub": ('"Bucket": "${Input}"', '"Bucket": "${Input.Arn}"', "WRONG_FORM"),
    "no execution type": ('"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"', '"Mode": "DISTRIBUTED"', "SCHEMA_VALIDATION_FAILED"),
    "no csv header": (', "CSVHeaderLocation": "FIRST_ROW"', "", "SCHEMA_VALIDATION_FAILED"),
    "no Sub": ("DefinitionString: !Sub |", "DefinitionString: |", "MISSING_SUBSTITUTION"),
    "role reference is a name": ("RoleArn: !GetAtt ReportsRole.Arn\n      Logging", "RoleArn: !Ref ReportsRole\n      Logging", "WRONG_RESOURCE"),
    "role of target as a name": ("RoleArn: !GetAtt DailyRole.Arn", "RoleArn: !Ref DailyRole", "WRONG_RESOURCE"),
    "role of schedule as a name in definition": ("${ScheduleRole.Arn}", "${ScheduleRole}", "WRONG_FORM"),
    "schedule role trusts lambda": ("Service: scheduler.amazonaws.com", "Service: lambda.amazonaws.com", "UNTRUSTED_ROLE"),
    "rule targets name": ("Arn: !Ref Reports, RoleArn", "Arn: !GetAtt Reports.Name, RoleArn", "WRONG_RESOURCE"),
    "role missing in template": ("RoleArn: !GetAtt ReportsRole.Arn\n      Logging", "RoleArn: !GetAtt ReportRole.Arn\n      Logging", "UNKNOWN_REFERENCE"),
    "level without a log group": ("        Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Logs.Arn}}]\n", "", "SCHEMA_VALIDATION_FAILED"),
    "log group's name for its ARN": ("LogGroupArn: !GetAtt Logs.Arn", "LogGroupArn: !Ref Logs", "WRONG_RESOURCE"),
    "misspelt resource in a policy of the role": ('!Sub "${Input.Arn}/*"', '!Sub "${Inputs.Arn}/*"', "UNKNOWN_REFERENCE"),
    "SAM's name of a property": ("StateMachineName: reports", "Name: reports", "SCHEMA_VALIDATION_FAILED"),
    "tags as a map": ("      StateMachineName: reports\n", "      StateMachineName: reports\n      Tags: {team: shop}\n", "SCHEMA_VALIDATION_FAILED"),
    "rule's plural after one": ("rate(1 day)", "rate(1 days)", "SCHEMA_VALIDATION_FAILED"),
    "rule without pattern and schedule": ("      ScheduleExpression: rate(1 day)\n", "", "SCHEMA_VALIDATION_FAILED"),
    "rule's target without Id": ("{Id: reports, Arn", "{Arn", "SCHEMA_VALIDATION_FAILED"),
    "rule's input that is no JSON": ("""Input: '{"key": "rows.csv", "to": "x"}'""", "Input: rows.csv", "SCHEMA_VALIDATION_FAILED"),
    "target that the template lacks": ("Arn: !Ref Reports, RoleArn", "Arn: !Ref Report, RoleArn", "UNKNOWN_REFERENCE"),
}  # fmt: skip

NIGHTLY = "Properties: {ScheduleExpression: rate(1 day), "
# title: the text in orders.yaml, and another that is as right
UNUSUAL = {
    "type left out by If": ("Type: STANDARD", "Type: !Ref AWS::NoValue"),
    "plural of a schedule": ("ScheduleExpression: rate(1 day)", "ScheduleExpression: rate(1 days)"),
    "input with an attribute of the schedule": (NIGHTLY, f"""{NIGHTLY}Input: '{{"n": <aws.scheduler.attempt-number>}}', """),
    "input of another stack": (NIGHTLY, f"{NIGHTLY}Input: '{{{{resolve:ssm:/orders/input}}}}', "),
    "pattern with alternatives": ("source: [shop.web]", "source: [shop.web], $or: [{detail: {n: [{numeric: ['>', 1]}]}}, {detail-type: [x]}]"),
    "pattern with a list by reference": ("source: [shop.web]", "source: !If [Large, [shop.web], [shop.app]]"),
}  # fmt: skip


def validate(folder: Path, name: str, old: str = "", new: str = "") -> set[str]:
    """The codes of the findings of an application, or of one with a defect."""
    shutil.copytree(APPLICATIONS, folder, dirs_exist_ok=True)
    text = (APPLICATIONS / f"{name}.yaml").read_text("utf-8")
    assert old in text
    (folder / "template.yaml").write_text(text.replace(old, new, 1), "utf-8")
    result = CliRunner().invoke(main, ["validate", str(folder / "template.yaml"), "--format", "json"])
    return {finding["code"] for finding in json.loads(result.stdout)}


@pytest.mark.parametrize("name", ["orders", "reports"])
def test_a_correct_application_has_no_finding(tmp_path: Path, name: str) -> None:
    assert validate(tmp_path, name) == set()


@pytest.mark.parametrize(("old", "new", "codes"), ORDERS.values(), ids=ORDERS)
def test_a_defect_of_an_application_with_sam_is_found(tmp_path: Path, old: str, new: str, codes: str) -> None:
    assert validate(tmp_path, "orders", old, new) == {*codes.split()}


@pytest.mark.parametrize(("old", "new", "codes"), REPORTS.values(), ids=REPORTS)
def test_a_defect_of_an_application_with_cloudformation_is_found(
    tmp_path: Path, old: str, new: str, codes: str
) -> None:
    assert validate(tmp_path, "reports", old, new) == {*codes.split()}


@pytest.mark.parametrize(("old", "new"), UNUSUAL.values(), ids=UNUSUAL)
def test_an_unusual_form_that_is_right_has_no_finding(tmp_path: Path, old: str, new: str) -> None:
    assert validate(tmp_path, "orders", old, new) == set()
