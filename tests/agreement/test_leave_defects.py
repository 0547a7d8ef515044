"""An application for leave requests: it has no finding, each defect of a table is found, and each valid edit is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.applications import APPLICATIONS, codes_of, validate, validate_edited

T, L = "template.yaml", "sm/leave.asl.json"
# title: the file, the text in it, what stands there instead, and the codes of the findings
SYNTAX = {
    "DependsOn by Ref": (T, "  Check:\n    Type: AWS::Serverless::Function\n", "  Check:\n    Type: AWS::Serverless::Function\n    DependsOn: !Ref Requests\n", "SCHEMA_VALIDATION_FAILED"),
    "Condition by Ref": (T, "    Condition: IsProd\n", "    Condition: !Ref IsProd\n", "SCHEMA_VALIDATION_FAILED"),
    "dash in a name": (T, "  FailedAlarm:\n", "  Failed-Alarm:\n", "SCHEMA_VALIDATION_FAILED"),
    "underscore in an output's name": (T, "  MachineName: {Value", "  machine_name: {Value", "SCHEMA_VALIDATION_FAILED"),
    "parameter of type Integer": (T, "{Type: Number, Default: 5}", "{Type: Integer, Default: 5}", "SCHEMA_VALIDATION_FAILED"),
    "parameter without a type": (T, "{Type: Number, Default: 5}", "{Default: 5}", "SCHEMA_VALIDATION_FAILED"),
    "the version of policies": (T, '"2010-09-09"', '"2012-10-17"', "SCHEMA_VALIDATION_FAILED"),
    "If without else": (T, "QueueName: payroll.fifo", "QueueName: !If [IsProd, payroll.fifo]", "SCHEMA_VALIDATION_FAILED"),
    "Join of several values": (T, '!Sub "${Requests.Arn}/index/byPerson"', '!Join ["/", !GetAtt Requests.Arn, index, byPerson]', "SCHEMA_VALIDATION_FAILED"),
    "GetAtt without attribute": (T, "RoleArn: !GetAtt ChildRole.Arn", "RoleArn: !GetAtt ChildRole", "SCHEMA_VALIDATION_FAILED"),
    "Sub with an object for a name": (T, '!Sub "leave-child-${Stage}"', "!Sub ['leave-${A}', {A: {Name: !Ref Stage}}]", "SCHEMA_VALIDATION_FAILED"),
    "service misspelt in a type": (T, "AWS::StepFunctions::StateMachine", "AWS::StepFunction::StateMachine", "SCHEMA_VALIDATION_FAILED"),
    "policy without its name": (T, "        - PolicyName: start\n          PolicyDocument:", "        - PolicyDocument:", "SCHEMA_VALIDATION_FAILED"),
    "managed policy of another path": (T, "policy/service-role/AWSLambdaRole", "policy/AWSLambdaRole", "SCHEMA_VALIDATION_FAILED"),
    "attribute in small letters in a policy": (T, "Resource: !GetAtt Payroll.Arn", "Resource: !GetAtt Payroll.arn", "UNKNOWN_REFERENCE"),
    "event with the property of another": (T, "Schedule: rate(7 days), Input", "ScheduleExpression: rate(7 days), Input", "SCHEMA_VALIDATION_FAILED"),
    "unknown function of CloudFormation": (T, "{Value: !GetAtt LeaveMachine.Name}", "{Value: {Fn::GetAttr: [LeaveMachine, Name]}}", "SCHEMA_VALIDATION_FAILED"),
    "trust policy misspelt": (T, "AssumeRolePolicyDocument:\n        Version: \"2012-10-17\"\n        Statement: [", "AssumeRolePolicyDoc:\n        Version: \"2012-10-17\"\n        Statement: [", "SCHEMA_VALIDATION_FAILED"),
    "policy template without its parameters": (T, "- CloudWatchPutMetricPolicy: {}", "- CloudWatchPutMetricPolicy", "SCHEMA_VALIDATION_FAILED"),
    "environment without Variables": (T, "        Variables:\n          MACHINE_ARN: !Ref LeaveMachine\n", "        MACHINE_ARN: !Ref LeaveMachine\n", "SCHEMA_VALIDATION_FAILED"),
    "index without a projection": (T, "          Projection: {ProjectionType: ALL}\n", "", "SCHEMA_VALIDATION_FAILED"),
    "path without /": (T, "Path: /leave", "Path: leave", "SCHEMA_VALIDATION_FAILED"),
    "method misspelt": (T, "Method: post, RestApiId: !Ref Api}\n        Weekly", "Method: pots, RestApiId: !Ref Api}\n        Weekly", "SCHEMA_VALIDATION_FAILED"),
    "principal without Sub": (T, '!Sub "states.${AWS::Region}.amazonaws.com"', '"states.${AWS::Region}.amazonaws.com"', "UNKNOWN_PLACEHOLDER"),
}  # fmt: skip

WATCHERS = {
    "log group without its kind": (T, "log-group:${Logs}", "loggroup:${Logs}", "SCHEMA_VALIDATION_FAILED"),
    "alarm to a topic's name": (T, "AlarmActions: [!Ref Alerts]", "AlarmActions: [!GetAtt Alerts.TopicName]", "WRONG_RESOURCE"),
    "rule on a source with *": (T, "source: [aws.states]", "source: ['aws.*']", "NEVER_STARTS"),
    "days that logs are not kept": (T, "RetentionInDays: 14", "RetentionInDays: 10", "SCHEMA_VALIDATION_FAILED"),
    "log group ARN without :*": (T, "log-group:${Logs}:*", "log-group:${Logs}", "SCHEMA_VALIDATION_FAILED"),
    "alarm on a misspelt metric": (T, "MetricName: ExecutionsFailed", "MetricName: ExecutionFailed", "NEVER_ALARMS"),
    "alarm on a misspelt namespace": (T, "Namespace: AWS/States", "Namespace: AWS/StepFunctions", "NEVER_ALARMS"),
    "alarm by the state machine's name": (T, "{Name: StateMachineArn, Value: !Ref LeaveMachine}", "{Name: StateMachineName, Value: !GetAtt LeaveMachine.Name}", "NEVER_ALARMS"),
    "alarm with the name for the ARN": (T, "{Name: StateMachineArn, Value: !Ref LeaveMachine}", "{Name: StateMachineArn, Value: !GetAtt LeaveMachine.Name}", "NEVER_ALARMS"),
    "rule on a misspelt source": (T, "source: [aws.states]", "source: [aws.stepfunctions]", "NEVER_STARTS"),
    "rule on a misspelt status": (T, "status: [FAILED, TIMED_OUT]", "status: [FAILED, TIMEOUT]", "NEVER_STARTS"),
    "rule on a misspelt type": (T, "Step Functions Execution Status Change", "Step Functions Execution State Change", "NEVER_STARTS"),
    "rule on the state machine's name": (T, "stateMachineArn: [!Ref LeaveMachine]", "stateMachineArn: [!GetAtt LeaveMachine.Name]", "NEVER_STARTS"),
    "transformer with another name": (T, '"execution": <execution>', '"execution": <executionArn>', "SCHEMA_VALIDATION_FAILED"),
    "transformer with a path without $": (T, "$.detail.executionArn", "detail.executionArn", "SCHEMA_VALIDATION_FAILED"),
}  # fmt: skip

POLICY = "Action: [states:SendTaskSuccess, states:SendTaskFailure]"
CODE = {
    "answer without permission": (T, POLICY, "Action: [states:SendTaskFailure]", "MISSING_PERMISSION"),
    "start without permission": (T, "              Action: states:StartExecution\n              Resource: !Ref LeaveMachine\n", "              Action: states:DescribeStateMachine\n              Resource: !Ref LeaveMachine\n", "MISSING_PERMISSION"),
    "the name for the ARN in a variable": (T, "MACHINE_ARN: !Ref LeaveMachine", "MACHINE_ARN: !GetAtt LeaveMachine.Name", "WRONG_RESOURCE"),
    "variable of another name": (T, "MACHINE_ARN: !Ref LeaveMachine", "STATE_MACHINE_ARN: !Ref LeaveMachine", "NO_VARIABLE"),
    "variable of another name, read first": ("src/answer.py", 'sfn = boto3.client("stepfunctions")\n', 'sfn = boto3.client("stepfunctions")\nARN = os.environ["MACHINE_ARNS"]\nsfn.describe_state_machine(stateMachineArn=ARN)\n', "NO_VARIABLE"),
    "handler of one parameter": ("src/check.py", "def handler(event, context):", "def handler(event):", "NO_HANDLER"),
    "handler of three parameters": ("src/check.py", "def handler(event, context):", "def handler(event, context, table):", "NO_HANDLER"),
    "payload without a field that is read": (L, '"Payload": {"person.$": "$.person", "days.$": "$.days"}', '"Payload": {"person.$": "$.person"}', "WRONG_ARGUMENT"),
    "no payload": (L, ', "Payload": {"person.$": "$.person", "days.$": "$.days"}', "", "WRONG_ARGUMENT"),
}  # fmt: skip

CALLS = {
    "index of another name": (L, '"IndexName": "byPerson"', '"IndexName": "by-person"', "REFUSED_CALL"),
    "query by the key of the table": (L, '"KeyConditionExpression": "person = :p"', '"KeyConditionExpression": "id = :p"', "REFUSED_CALL"),
    "query by a key of another type": (L, '":p": {"S', '":p": {"N', "REFUSED_CALL"),
    "query of the table by the key of an index": (L, ' "IndexName": "byPerson",', "", "REFUSED_CALL"),
    "query allowed on the table": (T, '!Sub "${Requests.Arn}/index/byPerson"', "!GetAtt Requests.Arn", "MISSING_PERMISSION"),
    "query allowed on another index": (T, '!Sub "${Requests.Arn}/index/byPerson"', '!Sub "${Requests.Arn}/index/byDay"', "MISSING_PERMISSION"),
    "model with an account in its ARN": (T, "bedrock:${AWS::Region}::foundation", "bedrock:${AWS::Region}:${AWS::AccountId}:foundation", "MISSING_PERMISSION"),
    "another model": (T, "foundation-model/anthropic.claude-3-haiku-20240307-v1:0", "foundation-model/anthropic.claude-3-sonnet-20240229-v1:0", "MISSING_PERMISSION"),
    "items that are an object": (L, '"ItemsPath": "$.archive.keys"', '"ItemsPath": "$.archive"', "NOT_A_LIST"),
    "error without the name of its service": (L, '"ResultPath": null,\n      "Next": "Summary"', '"ResultPath": null,\n      "Catch": [{"ErrorEquals": ["ConditionalCheckFailedException"], "Next": "Refused"}],\n      "Next": "Summary"', "UNKNOWN_SERVICE_ERROR"),
}  # fmt: skip

# title: the file, the text in it, and what may stand there instead
VALID = {
    "a list of dependencies": (T, "  Check:\n    Type: AWS::Serverless::Function\n", "  Check:\n    Type: AWS::Serverless::Function\n    DependsOn: [Requests, Archive]\n"),
    "a list of subnets as a type": (T, "{Type: Number, Default: 5}", "{Type: Number, Default: 5}\n  Subnets: {Type: 'List<AWS::EC2::Subnet::Id>'}"),
    "a parameter of the Parameter Store": (T, "{Type: Number, Default: 5}", "{Type: Number, Default: 5}\n  Key: {Type: 'AWS::SSM::Parameter::Value<String>'}"),
    "the version as a date": (T, '"2010-09-09"', "2010-09-09"),
    "If with NoValue": (T, "QueueName: payroll.fifo", "QueueName: !If [IsProd, payroll.fifo, !Ref AWS::NoValue]"),
    "Join of a list": (T, '!Sub "${Requests.Arn}/index/byPerson"', '!Join ["/", [!GetAtt Requests.Arn, index, byPerson]]'),
    "GetAtt as a list": (T, "RoleArn: !GetAtt ChildRole.Arn", "RoleArn: {Fn::GetAtt: [ChildRole, Arn]}"),
    "Sub with the value of a function": (T, '!Sub "leave-child-${Stage}"', "!Sub ['leave-child-${A}', {A: !Ref Stage}]"),
    "a state machine of CloudFormation": (T, "  FailedAlarm:\n", "  Step: {Type: AWS::StepFunctions::Activity, Properties: {Name: a}}\n  FailedAlarm:\n"),
    "the ARN of GetAtt in a log group's": (T, '!Sub "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:${Logs}:*"', "!GetAtt Logs.Arn"),
    "alarm on throttled executions": (T, "MetricName: ExecutionsFailed", "MetricName: ExecutionThrottled"),
    "alarm on redriven executions": (T, "MetricName: ExecutionsFailed", "MetricName: RedrivenExecutionsFailed"),
    "alarm on Map Runs": (T, "MetricName: ExecutionsFailed", "MetricName: OpenMapRunLimit"),
    "alarm on an own metric": (T, "Namespace: AWS/States", "Namespace: Leave/StepFunctions"),
    "rule on all events of Step Functions": (T, "detail: {status: [FAILED, TIMED_OUT], stateMachineArn: [!Ref LeaveMachine]}", "detail: {status: [{anything-but: SUCCEEDED}]}"),
    "rule on calls that CloudTrail has": (T, "Step Functions Execution Status Change", "AWS API Call via CloudTrail"),
    "markup in a transformer": (T, '"execution": <execution>', '"execution": <execution>, "html": "<b>"'),
    "a name of EventBridge in a transformer": (T, '"execution": <execution>', '"execution": <execution>, "rule": "<aws.events.rule-arn>"'),
    "answers by all actions": (T, POLICY, "Action: states:SendTask*"),
    "a role from elsewhere": (T, "      Handler: answer.handler\n", "      Handler: answer.handler\n      Role: !ImportValue Role\n"),
    "a call with another role": ("src/answer.py", "sfn = ", 'boto3.client("sts").assume_role\nsfn = '),
    "a variable with the name beside it": (T, "          MACHINE_ARN: !Ref LeaveMachine\n", "          MACHINE_ARN: !Ref LeaveMachine\n          MACHINE_NAME: !GetAtt LeaveMachine.Name\n"),
    "a variable that may be missing": ("src/answer.py", 'os.environ["MACHINE_ARN"]', 'os.environ.get("MACHINE_ARNS", "")'),
    "a handler with a default": ("src/check.py", "def handler(event, context):", "def handler(event, context, table=None):"),
    "a handler of any parameters": ("src/check.py", "def handler(event, context):", "def handler(event, *_):"),
    "a payload that is the input": (L, '"Payload": {"person.$": "$.person", "days.$": "$.days"}', '"Payload.$": "$"'),
    "a field that is read if it is there": ("src/check.py", 'int(event["days"])', 'int(event["hours"] if "hours" in event else 1)'),
    "a field that is read after a check": ("src/check.py", '    left = 25 - int(event["days"])', '    if "hours" not in event:\n        return {"allowed": True, "left": 1}\n    left = int(event["hours"])'),
    "a field that another function sets": ("src/check.py", '    left = 25 - int(event["days"])', '    complete(event)\n    left = int(event["hours"])'),
    "a query by a name for the key": (L, '"KeyConditionExpression": "person = :p",', '"KeyConditionExpression": "#p = :p", "ExpressionAttributeNames": {"#p": "person"},'),
    "a query allowed on all indexes": (T, "/index/byPerson", "/index/*"),
    "a managed policy in any partition": (T, "        - arn:aws:iam::aws:policy", "        - !Sub arn:${AWS::Partition}:iam::aws:policy"),
    "a policy by its name": (T, "        - CloudWatchPutMetricPolicy: {}\n", "        - CloudWatchPutMetricPolicy: {}\n        - AWSLambdaRole\n"),
    "a wildcard in a pattern": (T, "source: [aws.states]", "source: [{wildcard: 'aws.st*'}]"),
    "an attribute that is a plain string": (L, '"state": {"S": "ALLOWED"}', '"state": "ALLOWED"'),
    "an attribute of a path": (L, '"state": {"S": "ALLOWED"}', '"state.$": "$.state"'),
    "a method in capitals": (T, "Method: post", "Method: POST"),
    "all models of a maker": (T, "anthropic.claude-3-haiku-20240307-v1:0\"", "anthropic.*\""),
    "a model in all regions": (T, "bedrock:${AWS::Region}::foundation", "bedrock:*:*:foundation"),
    "an inference profile": (L, '"ModelId": "anthropic', '"ModelId": "eu.anthropic'),
    "a query allowed by SAM": (T, "        - CloudWatchPutMetricPolicy: {}\n", "        - CloudWatchPutMetricPolicy: {}\n        - DynamoDBReadPolicy: {TableName: !Ref Requests}\n"),
    "an error of a callback": (L, '{"ErrorEquals": ["States.Timeout"]', '{"ErrorEquals": ["States.Timeout", "ValidationException"]'),
}  # fmt: skip


def test_the_application_has_no_finding() -> None:
    assert validate(APPLICATIONS / "leave" / T) == []


@pytest.mark.parametrize(
    ("file", "old", "new", "code"),
    [pytest.param(*case, id=title) for title, case in {**SYNTAX, **WATCHERS, **CODE, **CALLS}.items()],
)
def test_a_defect_is_one_finding(tmp_path: Path, file: str, old: str, new: str, code: str) -> None:
    assert codes_of(validate_edited(tmp_path, "leave", file, old, new)) == [code]


@pytest.mark.parametrize(("file", "old", "new"), [pytest.param(*case, id=title) for title, case in VALID.items()])
def test_a_valid_edit_has_no_finding(tmp_path: Path, file: str, old: str, new: str) -> None:
    assert validate_edited(tmp_path, "leave", file, old, new) == []
