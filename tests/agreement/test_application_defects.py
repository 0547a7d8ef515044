"""More applications, also of CDK, Terraform and Serverless: none has a finding, and each defect of a table is found."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.agreement.applications import APPLICATIONS, codes_of, validate, validate_edited

# title: the file, the text in it, what stands there instead, and the codes of the findings
CLAIMS = {
    'catch all before a named one': ('sm/claims.asl.yaml', '      - ErrorEquals: [InvalidClaim]\n        ResultPath: $.error\n        Next: Reject\n      - ErrorEquals: [States.ALL]\n        ResultPath: $.error\n        Next: Alert\n', '      - ErrorEquals: [States.ALL]\n        ResultPath: $.error\n        Next: Alert\n      - ErrorEquals: [InvalidClaim]\n        ResultPath: $.error\n        Next: Reject\n', 'SCHEMA_VALIDATION_FAILED'),
    'ResultPath with a filter': ('sm/claims.asl.yaml', 'ResultPath: $.scores\n', 'ResultPath: $.scores[*]\n', 'SCHEMA_VALIDATION_FAILED'),
    'backoff below 1': ('sm/claims.asl.yaml', 'BackoffRate: 2\n        JitterStrategy', 'BackoffRate: 0.5\n        JitterStrategy', 'SCHEMA_VALIDATION_FAILED'),
    'max delay smaller than interval': ('sm/claims.asl.yaml', 'MaxDelaySeconds: 60', 'MaxDelaySeconds: 1', 'SHORT_MAX_DELAY'),
    'handler payload read without Payload': ('sm/claims.asl.yaml', 'claimId.$: $.Payload.claimId', 'claimId.$: $.claimId', 'MISSING_FIELD'),
    'result path forgotten: the item replaces input': ('sm/claims.asl.yaml', '      ConditionExpression: attribute_not_exists(claimId)\n    ResultPath: null\n', '      ConditionExpression: attribute_not_exists(claimId)\n', 'MISSING_FIELD POSSIBLY_MISSING_FIELD'),
    'intrinsic misspelt': ('sm/claims.asl.yaml', "States.Format('Claim {} was rejected', $.claimId)", "States.Formatted('Claim {} was rejected', $.claimId)", 'SCHEMA_VALIDATION_FAILED'),
    'intrinsic arguments too few': ('sm/claims.asl.yaml', "States.Format('Claim {} was rejected', $.claimId)", "States.Format('Claim {} of {} was rejected', $.claimId)", 'INTRINSIC_FAILS'),
    'number compared as string': ('sm/claims.asl.yaml', '{Variable: $.amount, NumericGreaterThanEquals: 10000}', '{Variable: $.amount, NumericGreaterThanEquals: "10000"}', 'SCHEMA_VALIDATION_FAILED'),
    'context object misspelt': ('sm/claims.asl.yaml', 'position.$: $$.Map.Item.Index', 'position.$: $$.Map.Item.Position', 'UNKNOWN_CONTEXT_FIELD'),
    'cause path of a field the error lacks': ('sm/claims.asl.yaml', 'CausePath: $.error.Cause', 'CausePath: $.error.Message', 'MISSING_FIELD'),
    'handler gives no such field': ('sm/claims.asl.yaml', 'items.$: $.Payload.items', 'items.$: $.Payload.lines', 'MISSING_FIELD'),
    'error that no handler raises: misspelt': ('sm/claims.asl.yaml', 'ErrorEquals: [InvalidClaim]', 'ErrorEquals: [InvalidClaims]', 'NEVER_RAISED'),
    'handler file renamed': ('template.yaml', 'Handler: score.handler', 'Handler: scoring.handler', 'NO_HANDLER'),
    'node handler misspelt': ('template.yaml', 'Handler: index.handler', 'Handler: index.handle', 'NO_HANDLER'),
    'PutItem for a machine that updates': ('template.yaml', 'DynamoDBCrudPolicy: {TableName: !Ref ClaimsTable}', 'DynamoDBReadPolicy: {TableName: !Ref ClaimsTable}', 'MISSING_PERMISSION UNNEEDED_PERMISSION'),
    'no invoke of the alias': ('template.yaml', '              Resource: !Ref IntakeFunction.Alias\n', '              Resource: !GetAtt IntakeFunction.Arn\n', 'MISSING_PERMISSION'),
    'no permission for audit queue': ('template.yaml', '        - SQSSendMessagePolicy: {QueueName: !GetAtt AuditQueue.QueueName}\n', '', 'MISSING_PERMISSION'),
    'import may not read objects: bucket ARN': ('template.yaml', 'Action: s3:GetObject\n                Resource: !Sub "${ClaimsBucket.Arn}/*"', 'Action: s3:GetObject\n                Resource: !GetAtt ClaimsBucket.Arn', 'INCOMPLETE_PERMISSION MISSING_PERMISSION'),
    'map may not start itself': ('template.yaml', '            Action: states:StartExecution\n            Resource: !Ref ImportStateMachine\n          - Effect', '            Action: states:StartExecution\n            Resource: !Ref QuoteStateMachine\n          - Effect', 'MISSING_PERMISSION'),
    'pipe invocation type of standard': ('template.yaml', 'InvocationType: FIRE_AND_FORGET', 'InvocationType: REQUEST_RESPONSE', 'WRONG_RESOURCE'),
    'pipe on table instead of stream': ('template.yaml', '      Source: !GetAtt ClaimsTable.StreamArn\n', '      Source: !GetAtt ClaimsTable.Arn\n', 'WRONG_RESOURCE'),
    'pipe source parameters of sqs': ('template.yaml', 'DynamoDBStreamParameters:\n          StartingPosition: LATEST\n', 'SqsQueueParameters:\n', 'SCHEMA_VALIDATION_FAILED'),
    'filter pattern is no JSON': ('template.yaml', '\'{"eventName": ["INSERT"]}\'', '\'{eventName: ["INSERT"]}\'', 'SCHEMA_VALIDATION_FAILED'),
    'event pattern value is a string': ('template.yaml', 'detail-type: [ClaimReceived]', 'detail-type: ClaimReceived', 'SCHEMA_VALIDATION_FAILED'),
    'schedule input no JSON': ('template.yaml', 'Input: \'{"claimId": "sweep"', 'Input: \'{claimId: "sweep"', 'SCHEMA_VALIDATION_FAILED'),
    'schedule cron of five fields': ('template.yaml', 'cron(0 3 * * ? *)', 'cron(0 3 * * ?)', 'SCHEMA_VALIDATION_FAILED'),
    'api starts an express machine async with sync right': ('template.yaml', 'IntegrationSubtype: StepFunctions-StartSyncExecution', 'IntegrationSubtype: StepFunctions-StartExecution', 'MISSING_PERMISSION'),
    'api integration of the standard machine': ('template.yaml', 'StateMachineArn: !Ref QuoteStateMachine', 'StateMachineArn: !Ref ClaimsStateMachine', 'WRONG_RESOURCE'),
    'nested stack parameter misspelt': ('template.yaml', '        TopicArn: !Ref AlertTopic\nOutputs', '        TopicARN: !Ref AlertTopic\nOutputs', 'UNKNOWN_REFERENCE'),
    'nested output without Outputs': ('template.yaml', 'Monitoring.Outputs.AlarmName', 'Monitoring.AlarmName', 'UNKNOWN_REFERENCE'),
    'stream view misspelt': ('template.yaml', 'NEW_AND_OLD_IMAGES', 'NEW_OLD_IMAGES', 'SCHEMA_VALIDATION_FAILED'),
    'filter as an object': ('template.yaml', "Pattern: '{\"eventName\": [\"INSERT\"]}'", 'Pattern: {eventName: [INSERT]}', 'SCHEMA_VALIDATION_FAILED'),
    'nested output misspelt': ('template.yaml', 'Monitoring.Outputs.AlarmName', 'Monitoring.Outputs.Alarm', 'UNKNOWN_REFERENCE'),
    'nested template misspelt': ('template.yaml', 'TemplateURL: nested/monitoring.yaml', 'TemplateURL: nested/monitor.yaml', 'TEMPLATE'),
    'alias of function without one': ('template.yaml', '      AutoPublishAlias: live\n', '', 'UNKNOWN_REFERENCE'),
    'log group ARN by Ref': ('template.yaml', 'LogGroupArn: !GetAtt ClaimsLogGroup.Arn', 'LogGroupArn: !Ref ClaimsLogGroup', 'WRONG_RESOURCE'),
    'logging level misspelt': ('template.yaml', 'Level: ERROR\n', 'Level: ERRORS\n', 'SCHEMA_VALIDATION_FAILED'),
    'fifo message without group': ('sm/claims.asl.yaml', '              MessageGroupId.$: $.customerId\n', '', 'REFUSED_CALL'),
    'key without range': ('sm/claims.asl.yaml', '                claimId: {S.$: $.claimId}\n                receivedAt: {N.$: "States.Format(\'{}\', $.receivedAt)"}\n              UpdateExpression', '                claimId: {S.$: $.claimId}\n              UpdateExpression', 'REFUSED_CALL'),
    'number key as string': ('sm/claims.asl.yaml', '        receivedAt: {N.$: "States.Format(\'{}\', $.receivedAt)"}\n        customerId', '        receivedAt: {S.$: "States.Format(\'{}\', $.receivedAt)"}\n        customerId', 'REFUSED_CALL'),
    'csv reader without header location': ('sm/import.asl.json', ', "CSVHeaderLocation": "FIRST_ROW"', '', 'SCHEMA_VALIDATION_FAILED'),
    'express items that wait': ('sm/import.asl.json', '"Resource": "arn:aws:states:::dynamodb:putItem"', '"Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken"', 'EXPRESS_ITEMS MISSING_PERMISSION SCHEMA_VALIDATION_FAILED TOKEN_NOT_SENT UNNEEDED_PERMISSION WAITS_FOREVER'),
    'dynamodb error of wrong prefix': ('sm/claims.asl.yaml', 'DynamoDB.ConditionalCheckFailedException', 'DynamoDb.ConditionalCheckFailedException', 'UNKNOWN_SERVICE_ERROR'),
    'score times out before its function': ('sm/claims.asl.yaml', 'TimeoutSeconds: 90', 'TimeoutSeconds: 30', 'SHORT_TIMEOUT'),
    'heartbeat above timeout': ('sm/claims.asl.yaml', 'HeartbeatSeconds: 60', 'HeartbeatSeconds: 900', 'SCHEMA_VALIDATION_FAILED'),
    'jsonata concatenation with +': ('sm/quote.asl.json', "'score ' & $string($score)", "'score ' + $string($score)", 'STRING_OPERAND'),
    'ItemsPath of the wrong field': ('sm/claims.asl.yaml', 'ItemsPath: $.intake.items', 'ItemsPath: $.intake.lines', 'MISSING_FIELD'),
    'map item read without its name': ('sm/claims.asl.yaml', 'item.$: $$.Map.Item.Value', 'item.$: $.Map.Item.Value', 'UNKNOWN_CONTEXT_FIELD'),
    'Retry on a Pass': ('sm/claims.asl.yaml', '  Reject:\n    Type: Pass\n', '  Reject:\n    Type: Pass\n    Retry: [{ErrorEquals: [States.ALL]}]\n', 'SCHEMA_VALIDATION_FAILED'),
    'Next misspelt': ('sm/claims.asl.yaml', 'Next: Ask Reviewer\n      - And', 'Next: Ask Reviewr\n      - And', 'MISSING_TRANSITION_TARGET'),
    'two ends': ('sm/claims.asl.yaml', '    ResultPath: null\n    Next: Notify\n', '    ResultPath: null\n    Next: Notify\n    End: true\n', 'SCHEMA_VALIDATION_FAILED'),
    'Catch on a Choice': ('sm/claims.asl.yaml', '    Default: Pay\n  Ask', '    Default: Pay\n    Catch: [{ErrorEquals: [States.ALL], Next: Alert}]\n  Ask', 'CATCH_LOSES_INPUT SCHEMA_VALIDATION_FAILED'),
    'task token of the wrong context path': ('sm/claims.asl.yaml', '        token.$: $$.Task.Token\n    ResultPath: $.review', '        token.$: $$.TaskToken\n    ResultPath: $.review', 'UNKNOWN_CONTEXT_FIELD'),
    'token without path ending': ('sm/claims.asl.yaml', '        claimId.$: $.claimId\n        token.$: $$.Task.Token', '        claimId.$: $.claimId\n        token: $$.Task.Token', 'NO_DOLLAR'),
    'queue ARN for URL': ('template.yaml', 'ReviewQueueUrl: !Ref ReviewQueue', 'ReviewQueueUrl: !GetAtt ReviewQueue.Arn', 'WRONG_RESOURCE'),
    'topic name for ARN': ('template.yaml', 'AlertTopicArn: !Ref AlertTopic', 'AlertTopicArn: !GetAtt AlertTopic.TopicName', 'WRONG_RESOURCE'),
    'subject too long': ('sm/claims.asl.yaml', 'Subject: Claim failed', 'Subject: The claim that the customer sent through the web page could not be processed because of an error in one of the steps', 'REFUSED_CALL'),
    'put events source aws': ('sm/claims.asl.yaml', 'Source: claims.workflow', 'Source: aws.claims', 'REFUSED_CALL'),
    'detail type missing': ('sm/claims.asl.yaml', '          DetailType: ClaimPaid\n', '', 'REFUSED_CALL'),
    'update expression of a key': ('sm/claims.asl.yaml', '"SET #status = :paid"', '"SET #status = :paid, claimId = :paid"', 'REFUSED_CALL'),
    'expression attribute missing': ('sm/claims.asl.yaml', '"SET #status = :paid"', '"SET #status = :payed"', 'REFUSED_CALL'),
    'condition expression syntax': ('sm/claims.asl.yaml', 'attribute_not_exists(claimId)', 'attribute_not_exist(claimId)', 'REFUSED_CALL'),
    'child execution sync without :2 but read output as object': ('sm/claims.asl.yaml', 'startExecution.sync:2', 'startExecution.synch', 'SCHEMA_VALIDATION_FAILED'),
    'express machine as child of sync': ('template.yaml', '  ImportStateMachine:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n', '  ImportStateMachine:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n      Type: EXPRESS\n', 'SCHEMA_VALIDATION_FAILED'),
    'timeout substitution as text': ('template.yaml', 'ApprovalTimeout: 172800', 'ApprovalTimeout: 2 days', 'SCHEMA_VALIDATION_FAILED'),
    'fraud limit substitution missing': ('template.yaml', '        FraudLimit: 0.85\n', '', 'MISSING_SUBSTITUTION'),
    'substitution name case': ('template.yaml', '        BusName: !Ref ClaimsBus\n', '        busName: !Ref ClaimsBus\n', 'MISSING_SUBSTITUTION'),
    'event on a bus that does not exist': ('template.yaml', '            EventBusName: !Ref ClaimsBus\n            Pattern', '            EventBusName: !Ref ClaimBus\n            Pattern', 'UNKNOWN_REFERENCE'),
    'event pattern key misspelt': ('template.yaml', '              detail-type: [ClaimReceived]', '              detailType: [ClaimReceived]', 'NEVER_STARTS'),
    'role trust events for pipe': ('template.yaml', 'Principal: {Service: pipes.amazonaws.com}', 'Principal: {Service: events.amazonaws.com}', 'UNTRUSTED_ROLE'),
    'pipe role may not start it': ('template.yaml', '              - Effect: Allow\n                Action: states:StartExecution\n                Resource: !Ref ImportStateMachine\n  ReviewPipe:', '  ReviewPipe:', 'MISSING_PERMISSION'),
    'stream not enabled': ('template.yaml', '      StreamSpecification:\n        StreamViewType: NEW_AND_OLD_IMAGES\n', '', 'SCHEMA_VALIDATION_FAILED'),
    'api role may not start sync': ('template.yaml', 'Action: states:StartSyncExecution', 'Action: states:StartExecution', 'MISSING_PERMISSION'),
    'function env without handler: runtime of node for python file': ('template.yaml', '      CodeUri: functions/score/\n      Handler: score.handler\n', '      CodeUri: functions/score/\n      Handler: score.handler\n      Runtime: nodejs20.x\n', 'NO_HANDLER'),
    'log policy on group only': ('template.yaml', '"logs:DescribeLogGroups"]\n              Resource: "*"', '"logs:DescribeLogGroups"]\n              Resource: !GetAtt ClaimsLogGroup.Arn', 'INCOMPLETE_PERMISSION MISSING_PERMISSION'),
    'tracing right missing': ('template.yaml', '              - Effect: Allow\n                Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets"]\n                Resource: "*"\n', '', 'INCOMPLETE_PERMISSION'),
    'results prefix not allowed': ('template.yaml', '${ClaimsBucket.Arn}/results/*', '${ClaimsBucket.Arn}/result/*', 'INCOMPLETE_PERMISSION MISSING_PERMISSION'),
    'dependsOn misspelt': ('template.yaml', '  ImportSelfPolicy:\n    Type: AWS::IAM::Policy\n', '  ImportSelfPolicy:\n    Type: AWS::IAM::Policy\n    DependsOn: ImportRoles\n', 'UNKNOWN_REFERENCE'),
    'circular: role names machine': ('template.yaml', '              - Effect: Allow\n                Action: dynamodb:PutItem\n                Resource: !GetAtt ClaimsTable.Arn\n', '              - Effect: Allow\n                Action: [dynamodb:PutItem, states:StartExecution]\n                Resource: [!GetAtt ClaimsTable.Arn, !Ref ImportStateMachine]\n', 'CIRCULAR_DEPENDENCY'),
    'label with blank': ('sm/import.asl.json', '"Label": "Rows"', '"Label": "Claim Rows"', 'INVALID_LABEL_NAME'),
    'tolerated percentage above 100': ('sm/import.asl.json', '"ToleratedFailurePercentage": 5', '"ToleratedFailurePercentage": 500', 'SCHEMA_VALIDATION_FAILED'),
    'batched items read as items': ('sm/import.asl.json', '"ItemsPath": "$.Items"', '"ItemsPath": "$.items"', 'MISSING_FIELD'),
    'reader lists objects for a file': ('sm/import.asl.json', 's3:getObject', 's3:listObjectsV2', 'MISSING_PERMISSION READER_PARAMETERS'),
    'reader key missing': ('sm/import.asl.json', ', "Key": "claims.csv"', '', 'READER_PARAMETERS'),
    'row number as N of a column misspelt N type': ('sm/import.asl.json', '{"N.$": "$.receivedAt"}', '{"N": 5}', 'SCHEMA_VALIDATION_FAILED'),
    'Catch to its own state': ('sm/claims.asl.yaml', '        ResultPath: $.error\n        Next: Alert\n    Next: Store', '        ResultPath: $.error\n        Next: Intake\n    Next: Store', 'LOOP_WITHOUT_WAIT'),
    'OutputPath drops what the next reads': ('sm/claims.asl.yaml', '    ResultPath: $.scores\n    Next: Fraud?', '    ResultPath: $.scores\n    OutputPath: $.scores\n    Next: Fraud?', 'MISSING_FIELD'),
    'ResultSelector without dollar': ('sm/claims.asl.yaml', '      claimId.$: $.Payload.claimId\n', '      claimId: $.Payload.claimId\n', 'NO_DOLLAR'),
    'waitForTaskToken missing': ('sm/claims.asl.yaml', 'sqs:sendMessage.waitForTaskToken', 'sqs:sendMessage', 'MISSING_FIELD UNKNOWN_CONTEXT_FIELD'),
    'max attempts negative': ('sm/claims.asl.yaml', 'MaxAttempts: 4', 'MaxAttempts: -1', 'SCHEMA_VALIDATION_FAILED'),
    'Comparison operator misspelt': ('sm/claims.asl.yaml', 'NumericGreaterThanEquals: 10000', 'NumericGreaterThanOrEquals: 10000', 'SCHEMA_VALIDATION_FAILED'),
    'Default outside of scope': ('sm/import.asl.json', '"StartAt": "Put"', '"StartAt": "Each"', 'MISSING_TRANSITION_TARGET'),
    'distributed without execution type': ('sm/import.asl.json', '"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"', '"Mode": "DISTRIBUTED"', 'SCHEMA_VALIDATION_FAILED'),
    'item reader of listObjects v1': ('sm/import.asl.json', 's3:getObject', 's3:listObjects', 'SCHEMA_VALIDATION_FAILED'),
    'reader config input type': ('sm/import.asl.json', '"InputType": "CSV"', '"InputType": "csv"', 'SCHEMA_VALIDATION_FAILED'),
    'max concurrency path of text': ('sm/import.asl.json', '"MaxConcurrency": 10', '"MaxConcurrency": "10"', 'SCHEMA_VALIDATION_FAILED'),
    'python handler method missing': ('template.yaml', 'Handler: app.lambda_handler', 'Handler: app.handler', 'NO_HANDLER'),
    'code uri misspelt': ('template.yaml', 'CodeUri: functions/notify/', 'CodeUri: functions/notifier/', 'NO_CODE'),
    'python syntax error': ('functions/score/score.py', 'return {"score": 0.5, "reasons": []}', 'return {"score": 0.5, "reasons": []', 'NO_HANDLER'),
    'function returns other name': ('sm/claims.asl.yaml', 'Variable: $.scores[0].score\n', 'Variable: $.scores[0].points\n', 'MISSING_FIELD'),
    'retry of TimeoutError name Lambda': ('sm/claims.asl.yaml', 'ErrorEquals: [States.Timeout, Lambda.TooManyRequestsException]', 'ErrorEquals: [States.TimeOut, Lambda.TooManyRequestsException]', 'UNKNOWN_ERROR'),
    'heartbeat on request response': ('sm/claims.asl.yaml', '    TimeoutSeconds: ${ApprovalTimeout}\n', '    TimeoutSeconds: ${ApprovalTimeout}\n    HeartbeatSeconds: 259200\n', 'SCHEMA_VALIDATION_FAILED'),
    'policy action misspelt prefix': ('template.yaml', 'Action: ["states:DescribeExecution", "states:StopExecution"]\n              Resource: !Sub "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:${ImportStateMachine.Name}:*"', 'Action: ["state:DescribeExecution", "state:StopExecution"]\n              Resource: !Sub "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:execution:${ImportStateMachine.Name}:*"', 'INCOMPLETE_PERMISSION'),
    'resource ARN region missing colon': ('template.yaml', 'arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule', 'arn:${AWS::Partition}:events:${AWS::Region}${AWS::AccountId}:rule/StepFunctionsGetEventsForStepFunctionsExecutionRule', 'WRONG_RESOURCE'),
    'invoke policy for wrong function': ('template.yaml', '- LambdaInvokePolicy: {FunctionName: !Ref NotifyFunction}', '- LambdaInvokePolicy: {FunctionName: !Ref IntakeFunction}', 'MISSING_PERMISSION'),
    'express type misspelt': ('template.yaml', '      Type: EXPRESS\n', '      Type: Express\n', 'SCHEMA_VALIDATION_FAILED'),
    'definition uri misspelt': ('template.yaml', 'DefinitionUri: sm/quote.asl.json', 'DefinitionUri: sm/qoute.asl.json', 'NO_DEFINITION'),
    'api payload version 2.0': ('template.yaml', 'PayloadFormatVersion: "1.0"', 'PayloadFormatVersion: "2.0"', 'SCHEMA_VALIDATION_FAILED'),
    'api request parameter of the wrong name': ('template.yaml', '        Input: $request.body', '        input: $request.body', 'SCHEMA_VALIDATION_FAILED'),
    'pipe target parameters of lambda': ('template.yaml', 'StepFunctionStateMachineParameters:', 'LambdaFunctionParameters:', 'WRONG_RESOURCE'),
    'pipe batch size too large': ('template.yaml', 'BatchSize: 10\n        Filter', 'BatchSize: 100000\n        Filter', 'SCHEMA_VALIDATION_FAILED'),
    'event detail matches text for list': ('template.yaml', 'source: [claims.web]', 'source: [{prefix: claims.}, {suffixx: web}]', 'SCHEMA_VALIDATION_FAILED'),
    'schedule in the local zone misspelt': ('template.yaml', 'FlexibleTimeWindow: {Mode: "OFF"}', 'FlexibleTimeWindow: {Mode: "OFF"}\n            ScheduleExpressionTimezone: Europe/Berln', 'SCHEMA_VALIDATION_FAILED'),
    'schedule state': ('template.yaml', 'FlexibleTimeWindow: {Mode: "OFF"}', 'FlexibleTimeWindow: {Mode: "NONE"}', 'SCHEMA_VALIDATION_FAILED'),
    'nested stack missing parameter': ('template.yaml', '        StateMachineArn: !Ref ClaimsStateMachine\n        TopicArn', '        TopicArn', 'SCHEMA_VALIDATION_FAILED'),
    'output of misspelt resource': ('template.yaml', 'Value: !Ref ClaimsStateMachine\n', 'Value: !Ref ClaimStateMachine\n', 'UNKNOWN_REFERENCE'),
}  # fmt: skip
LEDGER = {
    'python handler lacks field in typed dict': ('sm/ledger.asl.json', '"account": "{% $account %}", "amount": "{% $states.input.amount %}"', '"account": "{% $account %}", "ammount": "{% $states.input.amount %}"', 'WRONG_ARGUMENT'),
    'typed result field misspelt': ('sm/ledger.asl.json', '$states.result.Payload.balance', '$states.result.Payload.balanse', 'UNDECLARED_FIELD'),
    'pass role of the other role': ('template.yaml', 'Action: iam:PassRole\n                Resource: !GetAtt TaskExecutionRole.Arn', 'Action: iam:PassRole\n                Resource: !GetAtt GlueRole.Arn', 'MISSING_PERMISSION'),
    'http endpoint for GET only': ('template.yaml', 'states:HTTPMethod: POST', 'states:HTTPMethod: GET', 'MISSING_PERMISSION'),
    'connection credentials missing': ('template.yaml', '              - Effect: Allow\n                Action: events:RetrieveConnectionCredentials\n                Resource: !GetAtt BankConnection.Arn\n', '', 'MISSING_PERMISSION'),
    'batch rule name of ECS': ('template.yaml', 'StepFunctionsGetEventsForBatchJobsRule', 'StepFunctionsGetEventForBatchJobsRule', 'MISSING_PERMISSION'),
    'trust: lambda': ('template.yaml', '  LedgerRole:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: states.amazonaws.com}', '  LedgerRole:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: {Version: "2012-10-17", Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}', 'UNTRUSTED_ROLE'),
    'schedule without time window': ('template.yaml', '      FlexibleTimeWindow: {Mode: FLEXIBLE, MaximumWindowInMinutes: 10}\n', '      FlexibleTimeWindow: {Mode: FLEXIBLE}\n', 'SCHEMA_VALIDATION_FAILED'),
    'deployment preference without percentage': ('template.yaml', '        Interval: 2\n        Percentage: 20\n', '        Interval: 2\n', 'SCHEMA_VALIDATION_FAILED'),
    'fargate memory that 512 CPU does not take': ('template.yaml', 'Memory: "1024"', 'Memory: "8192"', 'REFUSED_CALL'),
    'fargate memory that 256 CPU does not take': ('template.yaml', 'Cpu: "512"\n      Memory: "1024"', 'Cpu: 256\n      Memory: 1536', 'REFUSED_CALL'),
    'container name of override misspelt': ('sm/ledger.asl.json', '"Name": "report"', '"Name": "reports"', 'REFUSED_CALL'),
    'glue retry of a misspelt error': ('sm/ledger.asl.json', 'Glue.ConcurrentRunsExceededException', 'Glue.ConcurrentRunsExceedException', 'UNKNOWN_SERVICE_ERROR'),
    'jsonata equality with ==': ('sm/ledger.asl.json', "$states.input.state = 'READY'", "$states.input.state == 'READY'", 'INVALID_JSONATA_EXPRESSION'),
    'variable read before it is assigned on a path': ('sm/ledger.asl.json', '"RequestBody": {"account": "{% $account %}", "overdrawn": "{% $overdrawn %}"}', '"RequestBody": {"account": "{% $account %}", "overdrawn": "{% $overdrawn %}", "lines": "{% $lines %}"}', 'UNDEFINED_VARIABLE'),
    'states.result in a Choice': ('sm/ledger.asl.json', '{% $balance < 0 %}', '{% $states.result.balance < 0 %}', 'UNSUPPORTED_JSONATA_EXPRESSION'),
    'jsonata state with ResultPath': ('sm/ledger.asl.json', '"Assign": {"lines": "{% $count($states.result) %}"},', '"ResultPath": "$.lines",', 'SCHEMA_VALIDATION_FAILED UNDEFINED_VARIABLE'),
    'jsonata function misspelt': ('sm/ledger.asl.json', '$merge([', '$merged([', 'UNKNOWN_FUNCTION'),
    'jsonata assign read in same state': ('sm/ledger.asl.json', '"Payload": {"account": "{% $account %}", "amount"', '"Payload": {"account": "{% $balance %}", "amount"', 'UNDEFINED_VARIABLE WRONG_ARGUMENT'),
    'jsonata input field with single brace': ('sm/ledger.asl.json', '"{% $states.input.account %}"}},\n      "Assign"', '"{ $states.input.account }"}},\n      "Assign"', 'NO_EXPRESSION'),
    'jsonata bare name': ('sm/ledger.asl.json', '$balance < 0', 'balance < 0', 'UNSUPPORTED_JSONATA_EXPRESSION'),
    'jsonata Map items not a list field': ('sm/ledger.asl.json', '"Items": "{% $entries %}"', '"ItemsPath": "$.entries"', 'SCHEMA_VALIDATION_FAILED'),
    'wait seconds negative': ('sm/ledger.asl.json', '"Seconds": 30', '"Seconds": -30', 'SCHEMA_VALIDATION_FAILED'),
    'subnets as text in list': ('template.yaml', 'Subnets: !Join [\'","\', !Ref Subnets]', 'Subnets: !Ref Subnets', 'SCHEMA_VALIDATION_FAILED'),
    'job name by ARN': ('template.yaml', 'Job: !Ref Nightly', 'Job: !GetAtt Nightly.Arn', 'WRONG_RESOURCE'),
    'secret name by wrong attribute': ('template.yaml', 'Secret: !Ref ApiKey', 'Secret: !GetAtt ApiKey.Arn', 'UNKNOWN_REFERENCE'),
    'crawler status field misspelt': ('sm/ledger.asl.json', '$states.result.Crawler.State', '$states.result.Crawler.Status', 'MISSING_FIELD'),
    'task execution role trusts lambda': ('template.yaml', 'Principal: {Service: ecs-tasks.amazonaws.com}', 'Principal: {Service: lambda.amazonaws.com}', 'UNTRUSTED_ROLE'),
    'ecs awsvpc missing network': ('sm/ledger.asl.json', '        "NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["${Subnets}"], "SecurityGroups": ["${Group}"], "AssignPublicIp": "DISABLED"}},\n', '', 'REFUSED_CALL UNUSED_SUBSTITUTION'),
    'assign public ip boolean': ('sm/ledger.asl.json', '"AssignPublicIp": "DISABLED"', '"AssignPublicIp": false', 'SCHEMA_VALIDATION_FAILED'),
    'schedule role starts by name only': ('template.yaml', 'Resource: [!Ref Ledger, !Sub "${Ledger}:*"]', 'Resource: [!GetAtt Ledger.Name]', 'WRONG_RESOURCE'),
    'schedule target role missing': ('template.yaml', ', RoleArn: !GetAtt ScheduleRole.Arn', '', 'NO_ROLE'),
    'schedule rate unit': ('template.yaml', 'rate(1 hour)', 'rate(60 min)', 'SCHEMA_VALIDATION_FAILED'),
    'alias linear 200 percent': ('template.yaml', 'Percentage: 20\n', 'Percentage: 200\n', 'SCHEMA_VALIDATION_FAILED'),
    'glue misplaced sync of crawler': ('sm/ledger.asl.json', 'aws-sdk:glue:startCrawler', 'aws-sdk:glue:startCrawler.sync', 'SCHEMA_VALIDATION_FAILED'),
    'http method lower case': ('sm/ledger.asl.json', '"Method": "POST"', '"Method": "post"', 'MISSING_PERMISSION SCHEMA_VALIDATION_FAILED'),
    'http endpoint without scheme': ('sm/ledger.asl.json', '"https://api.bank.example/notify"', '"api.bank.example/notify"', 'MISSING_PERMISSION'),
    'deny of putitem': ('template.yaml', '              - Effect: Allow\n                Action: s3:PutObject', '              - Effect: Deny\n                Action: s3:PutObject', 'MISSING_PERMISSION'),
    'effect misspelt': ('template.yaml', '              - Effect: Allow\n                Action: sns:Publish', '              - Effect: Alow\n                Action: sns:Publish', 'MISSING_PERMISSION'),
    'policy without resource': ('template.yaml', '                Action: sns:Publish\n                Resource: !Ref Topic\n', '                Action: sns:Publish\n', 'SCHEMA_VALIDATION_FAILED'),
    'log destination missing': ('template.yaml', '        Destinations:\n          - CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt Logs.Arn}\n', '', 'SCHEMA_VALIDATION_FAILED'),
    'log group of the other property': ('template.yaml', '{LogGroupArn: !GetAtt Logs.Arn}', '{LogGroup: !GetAtt Logs.Arn}', 'SCHEMA_VALIDATION_FAILED'),
    'state machine policies beside role': ('template.yaml', '      Role: !GetAtt LedgerRole.Arn\n', '      Role: !GetAtt LedgerRole.Arn\n      Policies: [AWSLambdaRole]\n', 'SCHEMA_VALIDATION_FAILED'),
    'scheduler target arn by name': ('template.yaml', 'Target: {Arn: !Ref Ledger,', 'Target: {Arn: !GetAtt Ledger.Name,', 'WRONG_RESOURCE'),
    'condition misspelt': ('template.yaml', '  Results: {Type: AWS::S3::Bucket}', '  Results: {Type: AWS::S3::Bucket, Condition: IsLife}', 'UNKNOWN_REFERENCE'),
    'conditional bucket referenced': ('template.yaml', '  Results: {Type: AWS::S3::Bucket}', '  Results: {Type: AWS::S3::Bucket, Condition: IsLive}', 'CONDITIONAL_REFERENCE'),
    'findinmap key missing': ('template.yaml', 'Memory: "1024"', 'Memory: !FindInMap [Sizes, !Ref Env, Mem]', 'UNKNOWN_REFERENCE'),
    'taskdef network host for fargate': ('template.yaml', 'NetworkMode: awsvpc', 'NetworkMode: bridge', 'REFUSED_CALL'),
    'batch queue and definition swapped': ('sm/ledger.asl.json', '"JobQueue": "${BatchQueue}", "JobDefinition": "${BatchJob}"', '"JobQueue": "${BatchJob}", "JobDefinition": "${BatchQueue}"', 'WRONG_RESOURCE'),
    'launch type of both': ('sm/ledger.asl.json', '"LaunchType": "FARGATE",', '"LaunchType": "FARGATE_SPOT",', 'SCHEMA_VALIDATION_FAILED'),
    'sns message missing': ('sm/ledger.asl.json', '"Arguments": {"TopicArn": "${Topic}", "Message": "{% \'problem \' & $states.input.problem %}"}', '"Arguments": {"TopicArn": "${Topic}"}', 'SCHEMA_VALIDATION_FAILED'),
    'jsonata condition without delimiters': ('sm/ledger.asl.json', '"{% $balance < 0 %}"', '"$balance < 0"', 'SCHEMA_VALIDATION_FAILED'),
    'jsonata states.input in catch output': ('sm/ledger.asl.json', '$states.errorOutput.Error', '$states.error.Error', 'UNKNOWN_STATES_FIELD'),
    'jsonata read of later variable': ('sm/ledger.asl.json', '"Value": "{% $string($lines) %}"', '"Value": "{% $string($key) %}"', 'UNDEFINED_VARIABLE'),
    'jsonata unclosed': ('sm/ledger.asl.json', '{% $count($states.result) %}', '{% $count($states.result %}', 'INVALID_JSONATA_EXPRESSION'),
    'jsonata variable of the map': ('sm/ledger.asl.json', "$states.input.entry.text & ' of ' & $states.input.account", "$entry.text & ' of ' & $states.input.account", 'UNDEFINED_VARIABLE'),
    'jsonata context misspelt': ('sm/ledger.asl.json', '$states.context.Map.Item.Value', '$states.context.Map.Item.Valu', 'UNKNOWN_CONTEXT_FIELD'),
    'jsonata and with &&': ('sm/ledger.asl.json', '$balance < 0', "$balance < 0 && $account != ''", 'INVALID_JSONATA_EXPRESSION'),
}  # fmt: skip
INFRASTRUCTURE = {
    'CDK: policy lacks PutItem': ('cdk.template.json', 'dynamodb:PutItem', 'dynamodb:GetItem', 'MISSING_PERMISSION UNNEEDED_PERMISSION'),
    'CDK: key misspelt': ('cdk.template.json', '{\\"pk\\":{\\"S.$\\"', '{\\"id\\":{\\"S.$\\"', 'REFUSED_CALL'),
    'Terraform: queue policy of another name': ('plan.json', 'arn:aws:sqs:eu-west-1:111111111111:out\\"', 'arn:aws:sqs:eu-west-1:111111111111:outbox\\"', 'MISSING_PERMISSION'),
    'Serverless: schedule role starts another': ('serverless.json', '"Ref": "FlowStepFunctionsStateMachine"\n', '"Ref": "WorkLambdaFunction"\n', 'MISSING_PERMISSION WRONG_RESOURCE'),
    'Terraform: unknown state': ('plan.json', '\\"Next\\": \\"Send\\"', '\\"Next\\": \\"Sent\\"', 'MISSING_TRANSITION_TARGET'),
    'CDK: rule role starts nothing': ('cdk.template.json', '"Action": "states:StartExecution"', '"Action": "states:StartSyncExecution"', 'MISSING_PERMISSION'),
    'CDK: retry error misspelt': ('cdk.template.json', 'Lambda.SdkClientException', 'Lambda.SdkClientExceptions', 'UNKNOWN_SERVICE_ERROR'),
    'Terraform: trust of lambda': ('plan.json', 'states.amazonaws.com', 'lambda.amazonaws.com', 'UNTRUSTED_ROLE'),
    'Serverless: cron with five fields': ('serverless.json', 'cron(0 4 * * ? *)', 'cron(0 4 * * ?)', 'SCHEMA_VALIDATION_FAILED'),
    'Serverless: state timeout below function': ('serverless.json', '\\"TimeoutSeconds\\":30', '\\"TimeoutSeconds\\":3', 'SHORT_TIMEOUT'),
}  # fmt: skip

TEMPLATES = [
    ("claims", "template.yaml"),
    ("ledger", "template.yaml"),
    *(("infrastructure", file) for file in ("cdk.template.json", "plan.json", "serverless.json")),
]


@pytest.mark.parametrize(("name", "file"), TEMPLATES)
def test_a_correct_application_has_no_finding(name: str, file: str) -> None:
    assert validate(APPLICATIONS / name / file) == []


CASES = [
    pytest.param(name, *case, id=f"{name}: {title}")
    for name, cases in (("claims", CLAIMS), ("ledger", LEDGER), ("infrastructure", INFRASTRUCTURE))
    for title, case in cases.items()
]


# title: the file, the text in it, and what can stand there as well
AS_WELL = {
    "claims": {
        "a delay as long as the interval": ("sm/claims.asl.yaml", "MaxDelaySeconds: 60", "MaxDelaySeconds: 2"),
        "an error of the code": (
            "sm/claims.asl.yaml",
            "ErrorEquals: [InvalidClaim]",
            "ErrorEquals: [InvalidClaim, KeyError]",
        ),
        "both prefixes": (
            "sm/claims.asl.yaml",
            "ErrorEquals: [DynamoDB.Cond",
            "ErrorEquals: [DynamoDb.ConditionalCheckFailedException, DynamoDB.Cond",
        ),
        "operators of a pattern": (
            "template.yaml",
            "source: [claims.web]",
            "source: [{prefix: claims.}, {anything-but: {suffix: x}}]",
        ),
        "a pattern of numbers": (
            "template.yaml",
            "detail-type: [ClaimReceived]",
            "detail: {amount: [{numeric: ['>', 5]}], no: [{exists: false}]}",
        ),
        "another pattern of a filter": (
            "template.yaml",
            """'{"eventName": ["INSERT"]}'""",
            """!Sub '{"eventName": ["${Stage}"]}'""",
        ),
        "a flexible window": (
            "template.yaml",
            'FlexibleTimeWindow: {Mode: "OFF"}',
            "FlexibleTimeWindow: {Mode: FLEXIBLE, MaximumWindowInMinutes: 5}",
        ),
        "an ARN with a wildcard": ("template.yaml", 'Resource: "*"', 'Resource: "arn:aws:*"'),
        "a longer request": (
            "template.yaml",
            "        Input: $request.body",
            "        Input: $request.body\n        Name: $request.header.id",
        ),
        "a prefix above": ("template.yaml", "${ClaimsBucket.Arn}/results/*", "${ClaimsBucket.Arn}/res*"),
    },
    "ledger": {
        "all at once": (
            "template.yaml",
            "Type: LINEAR\n        Interval: 2\n        Percentage: 20\n",
            "Type: ALL_AT_ONCE\n",
        ),
        "more memory": ("template.yaml", 'Memory: "1024"', "Memory: 4096"),
        "memory of a mapping": (
            "template.yaml",
            'Cpu: "512"\n      Memory: "1024"',
            'Cpu: "1024"\n      Memory: !FindInMap [Sizes, live, Memory]',
        ),
        "CPU in another unit": ("template.yaml", 'Cpu: "512"', 'Cpu: "0.5 vCPU"'),
        "a job of that name": (
            "template.yaml",
            "      Role: !GetAtt GlueRole.Arn\n      GlueVersion",
            "      Name: nightly\n      Role: !GetAtt GlueRole.Arn\n      GlueVersion",
        ),
        "any method": (
            "template.yaml",
            "StringEquals: {states:HTTPMethod: POST}",
            "StringLike: {states:HTTPMethod: '*'}",
        ),
        "a number of a string": ("sm/ledger.asl.json", "$balance < 0", "$balance - $number('5') < 0"),
        "another error of the service": (
            "sm/ledger.asl.json",
            "Glue.ConcurrentRunsExceededException",
            "Glue.AWSGlueException",
        ),
    },
}


@pytest.mark.parametrize(
    ("name", "file", "old", "new"),
    [pytest.param(name, *edit, id=title) for name, edits in AS_WELL.items() for title, edit in edits.items()],
)
def test_what_is_right_as_well_is_not_reported(tmp_path: Path, name: str, file: str, old: str, new: str) -> None:
    assert validate_edited(tmp_path, name, file, old, new) == []


@pytest.mark.parametrize(("name", "file", "old", "new", "codes"), CASES)
def test_a_defect_is_found(tmp_path: Path, name: str, file: str, old: str, new: str, codes: str) -> None:
    template = file if name == "infrastructure" else "template.yaml"
    assert {*codes_of(validate_edited(tmp_path, name, file, old, new, template))} == {*codes.split()}
