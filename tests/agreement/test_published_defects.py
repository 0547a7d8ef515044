"""Applications in the style of AWS's published samples: none has an error, and each defect of a table is found."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from workflow_dsl.cli import main

APPLICATIONS = Path(__file__).parent / "published"

# title: the file, the text in it, what stands there instead, and the codes of the findings
ORDERS = {
    'trust: lambda for states': ('template.yaml', 'Service: states.amazonaws.com\n            Action: sts:AssumeRole\n            Condition', 'Service: lambda.amazonaws.com\n            Action: sts:AssumeRole\n            Condition', 'UNTRUSTED_ROLE'),
    'trust: AssumeRoleWithWebIdentity action': ('template.yaml', '            Action: sts:AssumeRole\n            Condition', '            Action: sts:AssumeRoleWithWebIdentity\n            Condition', 'UNTRUSTED_ROLE'),
    'role of another service (ApiRole) for machine': ('template.yaml', 'Role: !GetAtt OrderStateMachineRole.Arn', 'Role: !GetAtt ApiRole.Arn', 'CIRCULAR_DEPENDENCY INCOMPLETE_PERMISSION MISSING_PERMISSION UNTRUSTED_ROLE'),
    'role Ref instead of Arn': ('template.yaml', 'Role: !GetAtt OrderStateMachineRole.Arn', 'Role: !Ref OrderStateMachineRole', 'WRONG_RESOURCE'),
    'statement action misspelt prefix': ('template.yaml', 'Action: sqs:SendMessage\n', 'Action: sqs:SendMessages\n', 'MISSING_PERMISSION UNNEEDED_PERMISSION'),
    'sqs action on one of two queues': ('template.yaml', 'Resource: [!GetAtt ShippingQueue.Arn, !GetAtt FulfilmentQueue.Arn]', 'Resource: !GetAtt ShippingQueue.Arn', 'MISSING_PERMISSION'),
    'sqs resource is queue URL (Ref)': ('template.yaml', 'Resource: [!GetAtt ShippingQueue.Arn, !GetAtt FulfilmentQueue.Arn]', 'Resource: [!Ref ShippingQueue, !Ref FulfilmentQueue]', 'WRONG_RESOURCE'),
    'dynamodb ARN service misspelt': ('template.yaml', ':dynamodb:${AWS::Region}:${AWS::AccountId}:table/${OrdersTableName}', ':dynamo:${AWS::Region}:${AWS::AccountId}:table/${OrdersTableName}', 'MISSING_PERMISSION'),
    'dynamodb ARN account/region swapped': ('template.yaml', ':dynamodb:${AWS::Region}:${AWS::AccountId}:table/', ':dynamodb:${AWS::AccountId}:${AWS::Region}:table/', 'MISSING_PERMISSION'),
    'dynamodb ARN without account': ('template.yaml', ':dynamodb:${AWS::Region}:${AWS::AccountId}:table/', ':dynamodb:${AWS::Region}:table/', 'MISSING_PERMISSION'),
    'dynamodb ARN with tables/': ('template.yaml', ':table/${OrdersTableName}', ':tables/${OrdersTableName}', 'MISSING_PERMISSION'),
    'lambda invoke with action lambda:Invoke': ('template.yaml', 'Action: lambda:InvokeFunction\n', 'Action: lambda:Invoke\n', 'MISSING_PERMISSION UNNEEDED_PERMISSION'),
    'lambda missing payment': ('template.yaml', '                  - !GetAtt PaymentFunction.Arn\n                  - !Sub "${PaymentFunction.Arn}:*"\n', '', 'MISSING_PERMISSION'),
    'events:PutEvents on wrong bus arn': ('template.yaml', 'Resource: !GetAtt OrderBus.Arn', 'Resource: !Sub "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"', 'MISSING_PERMISSION'),
    'kms key missing': ('template.yaml', '              - Effect: Allow\n                Action: [kms:Decrypt, kms:GenerateDataKey]\n                Resource: !GetAtt OrderKey.Arn\n', '', 'MISSING_PERMISSION'),
    's3 prefix other': ('template.yaml', '${ReceiptBucket}/receipts/*', '${ReceiptBucket}/receipt/*', 'MISSING_PERMISSION'),
    's3 arn with region/account': ('template.yaml', 'arn:aws:s3:::${ReceiptBucket}/receipts/*', 'arn:aws:s3:${AWS::Region}:${AWS::AccountId}:${ReceiptBucket}/receipts/*', 'MISSING_PERMISSION'),
    'child sync: describe on stateMachine arn': ('template.yaml', ':execution:${AuditStateMachine.Name}:*', ':stateMachine:${AuditStateMachine.Name}', 'INCOMPLETE_PERMISSION'),
    'child sync: rule name misspelt': ('template.yaml', 'rule/StepFunctionsGetEventsForStepFunctionsExecutionRule', 'rule/StepFunctionsGetEventForStepFunctionsExecutionRule', 'MISSING_PERMISSION'),
    'logs action missing': ('template.yaml', '                  - logs:CreateLogDelivery\n', '', 'MISSING_PERMISSION'),
    'xray missing': ('template.yaml', '                  - xray:PutTraceSegments\n', '', 'INCOMPLETE_PERMISSION'),
    'logs only on log group arn': ('template.yaml', '                  - xray:GetSamplingTargets\n                Resource: "*"', '                  - xray:GetSamplingTargets\n                Resource: !GetAtt OrderLogGroup.Arn', 'INCOMPLETE_PERMISSION MISSING_PERMISSION'),
    'policy version date wrong': ('template.yaml', '        - PolicyName: invoke\n          PolicyDocument:\n            Version: "2012-10-17"', '        - PolicyName: invoke\n          PolicyDocument:\n            Version: "2021-10-17"', 'SCHEMA_VALIDATION_FAILED'),
    'SAM policy template misspelt': ('template.yaml', '        - LambdaInvokePolicy: {FunctionName: !Ref NotifyFunction}', '        - LambdaInvokesPolicy: {FunctionName: !Ref NotifyFunction}', 'UNKNOWN_REFERENCE'),
    'SAM policy template ARN for name': ('template.yaml', 'LambdaInvokePolicy: {FunctionName: !Ref NotifyFunction}', 'LambdaInvokePolicy: {FunctionName: !GetAtt NotifyFunction.Arn}', 'WRONG_RESOURCE'),
    'DynamoDBWritePolicy with ARN': ('template.yaml', 'DynamoDBWritePolicy: {TableName: !Ref AuditTable}', 'DynamoDBWritePolicy: {TableName: !GetAtt AuditTable.Arn}', 'WRONG_RESOURCE'),
    'connector to wrong permission': ('template.yaml', 'Permissions: [Read]', 'Permissions: [Write]', 'MISSING_PERMISSION'),
    'connector destination misspelt': ('template.yaml', 'Destination: {Id: OrdersTable}', 'Destination: {Id: OrderTable}', 'UNKNOWN_REFERENCE'),
    'connector permission name': ('template.yaml', 'Permissions: [Read]', 'Permissions: [ReadOnly]', 'MISSING_PERMISSION SCHEMA_VALIDATION_FAILED'),
    'Connectors under Properties': ('template.yaml', '    Connectors:\n      ReadOrders:\n        Properties:\n          Destination: {Id: OrdersTable}\n          Permissions: [Read]\n    Properties:\n      Type: EXPRESS\n', '    Properties:\n      Connectors:\n        ReadOrders:\n          Properties:\n            Destination: {Id: OrdersTable}\n            Permissions: [Read]\n      Type: EXPRESS\n', 'MISSING_PERMISSION SCHEMA_VALIDATION_FAILED'),
    'substitution missing': ('template.yaml', '        EventBusName: !Ref OrderBus\n        Audit', '        Audit', 'MISSING_SUBSTITUTION'),
    'substitution misspelt in def': ('statemachine/orders.asl.yaml', '${ReceiptBucket}', '${ReceiptsBucket}', 'MISSING_SUBSTITUTION'),
    'substitution unused': ('template.yaml', '        ReceiptBucket: !Ref ReceiptBucket\n', '        ReceiptBucket: !Ref ReceiptBucket\n        Unused: x\n', 'UNUSED_SUBSTITUTION'),
    'substitution: table for topic': ('template.yaml', 'ApprovalTopicArn: !Ref ApprovalTopic\n', 'ApprovalTopicArn: !Ref OrdersTable\n', 'WRONG_RESOURCE'),
    'substitution: queue arn': ('template.yaml', 'ShippingQueueUrl: !Ref ShippingQueue', 'ShippingQueueUrl: !GetAtt ShippingQueue.Arn', 'WRONG_RESOURCE'),
    'substitution: fn name in Resource': ('template.yaml', 'InventoryFunctionArn: !GetAtt InventoryFunction.Arn', 'InventoryFunctionArn: !Ref InventoryFunction', 'WRONG_RESOURCE'),
    'substitution: ApprovalLimit text': ('template.yaml', 'Approval: 100, ', 'Approval: low, ', 'SCHEMA_VALIDATION_FAILED'),
    'substitution: timeout quoted': ('statemachine/orders.asl.yaml', 'TimeoutSeconds: ${ApprovalTimeout}', 'TimeoutSeconds: "${ApprovalTimeout}"', 'SCHEMA_VALIDATION_FAILED'),
    'substitution: default of parameter is no number': ('template.yaml', '    Type: Number\n    Default: 86400', '    Type: String\n    Default: 1 day', 'SCHEMA_VALIDATION_FAILED'),
    'substitution number: parameter out of range': ('template.yaml', 'Default: 86400', 'Default: 864000000', 'SCHEMA_VALIDATION_FAILED SHORT_TIMEOUT'),
    'GetAtt attribute wrong: bus': ('template.yaml', 'Resource: !GetAtt OrderBus.Arn', 'Resource: !GetAtt OrderBus.EventBusArn', 'UNKNOWN_REFERENCE'),
    'Ref of misspelt param': ('template.yaml', 'ApprovalTimeout: !Ref ApprovalTimeout', 'ApprovalTimeout: !Ref ApprovalTimeOut', 'UNKNOWN_REFERENCE'),
    'Ref pseudo misspelt': ('template.yaml', 'aws:SourceAccount: !Ref AWS::AccountId', 'aws:SourceAccount: !Ref AWS::AccountID', 'UNKNOWN_REFERENCE'),
    'Sub missing (literal ${})': ('template.yaml', 'Name: !Sub "${Stage}-orders"\n      Type', 'Name: "${Stage}-orders"\n      Type', 'UNKNOWN_PLACEHOLDER'),
    'Sub missing in resource': ('template.yaml', 'Resource: !Sub "arn:aws:s3:::${ReceiptBucket}/receipts/*"', 'Resource: "arn:aws:s3:::${ReceiptBucket}/receipts/*"', 'UNKNOWN_PLACEHOLDER'),
    'Sub with quoted !Ref text': ('template.yaml', 'Resource: !GetAtt OrderKey.Arn\n              - Effect', 'Resource: "!GetAtt OrderKey.Arn"\n              - Effect', 'UNKNOWN_PLACEHOLDER'),
    'FindInMap map misspelt': ('template.yaml', 'ApprovalLimit: !FindInMap [Limits,', 'ApprovalLimit: !FindInMap [Limit,', 'UNKNOWN_REFERENCE'),
    'FindInMap second key misspelt': ('template.yaml', '!FindInMap [Limits, !Ref Stage, Approval]', '!FindInMap [Limits, !Ref Stage, Approvals]', 'UNKNOWN_REFERENCE'),
    'FindInMap key missing for prod': ('template.yaml', '    prod: {Approval: 1000, Memory: 512}\n', '    prd: {Approval: 1000, Memory: 512}\n', 'CONDITIONAL_REFERENCE'),
    'If condition misspelt': ('template.yaml', '[!If [IsDev, !Ref DebugTopic', '[!If [IsDevelopment, !Ref DebugTopic', 'UNKNOWN_REFERENCE'),
    'Condition in condition misspelt': ('template.yaml', '!Not [!Condition IsProd]', '!Not [!Condition IsProduction]', 'UNKNOWN_REFERENCE'),
    'default not in AllowedValues': ('template.yaml', '    Default: dev\n    AllowedValues', '    Default: development\n    AllowedValues', 'SCHEMA_VALIDATION_FAILED'),
    'Equals with value not allowed': ('template.yaml', '!Equals [!Ref Stage, prod]', '!Equals [!Ref Stage, production]', 'CONDITIONAL_REFERENCE'),
    'conditional resource referenced: topic': ('template.yaml', 'ApprovalTopicArn: !Ref ApprovalTopic', 'ApprovalTopicArn: !Ref DebugTopic', 'CONDITIONAL_REFERENCE MISSING_PERMISSION'),
    'conditional resource in policy': ('template.yaml', 'Action: sns:Publish\n                Resource: !Ref ApprovalTopic', 'Action: sns:Publish\n                Resource: [!Ref ApprovalTopic, !Ref DebugTopic]', 'CONDITIONAL_REFERENCE'),
    'conditional resource: wrong branch of If': ('template.yaml', '!If [IsDev, !Ref DebugTopic, !Ref ApprovalTopic]', '!If [IsDev, !Ref ApprovalTopic, !Ref DebugTopic]', 'CONDITIONAL_REFERENCE'),
    'conditional resource in unconditional output': ('template.yaml', '  DebugTopicArn:\n    Condition: IsDev\n', '  DebugTopicArn:\n', 'CONDITIONAL_REFERENCE'),
    'conditional: table made conditional': ('template.yaml', '  AuditTable:\n    Type: AWS::DynamoDB::Table\n', '  AuditTable:\n    Type: AWS::DynamoDB::Table\n    Condition: IsProd\n', 'CONDITIONAL_REFERENCE'),
    'conditional: function made conditional': ('template.yaml', '  InventoryFunction:\n    Type: AWS::Serverless::Function\n', '  InventoryFunction:\n    Type: AWS::Serverless::Function\n    Condition: IsProd\n', 'CONDITIONAL_REFERENCE'),
    'nested: param misspelt': ('template.yaml', '        MachineArn: !Ref AuditStateMachine\n', '        MachineARN: !Ref AuditStateMachine\n', 'UNKNOWN_REFERENCE'),
    'nested: param missing': ('template.yaml', '        MachineArn: !Ref AuditStateMachine\n', '', 'SCHEMA_VALIDATION_FAILED'),
    'nested: output misspelt': ('template.yaml', 'Reports.Outputs.FunctionArn', 'Reports.Outputs.ReportFunctionArn', 'UNKNOWN_REFERENCE'),
    'nested: allowed value': ('template.yaml', '        Stage: !Ref Stage\n\nOutputs', '        Stage: staging\n\nOutputs', 'SCHEMA_VALIDATION_FAILED'),
    "nested: allowed value of a parameter's": ('reports.yaml', 'AllowedValues: [dev, prod]', 'AllowedValues: [beta, prod]', 'CONDITIONAL_REFERENCE'),
    'nested: number text': ('template.yaml', '        Stage: !Ref Stage\n\nOutputs', '        Stage: !Ref Stage\n        Days: week\n\nOutputs', 'SCHEMA_VALIDATION_FAILED'),
    'nested: number below MinValue': ('template.yaml', '        Stage: !Ref Stage\n\nOutputs', '        Stage: !Ref Stage\n        Days: 0\n\nOutputs', 'SCHEMA_VALIDATION_FAILED'),
    "nested: child's definition broken": ('reports.yaml', 'Next: Audit', 'Next: Audits', 'MISSING_TRANSITION_TARGET'),
    "nested: child's missing permission": ('reports.yaml', '        - LambdaInvokePolicy: {FunctionName: !Ref ReportFunction}\n', '', 'MISSING_PERMISSION'),
    'nested: file misspelt': ('template.yaml', 'TemplateURL: reports.yaml', 'TemplateURL: report.yaml', 'TEMPLATE'),
    'nested: name for ARN in param': ('template.yaml', 'MachineArn: !Ref AuditStateMachine\n', 'MachineArn: !GetAtt AuditStateMachine.Name\n', 'WRONG_RESOURCE'),
    'express with sync': ('template.yaml', '      Name: !Sub "${Stage}-orders"\n      Type: STANDARD', '      Name: !Sub "${Stage}-orders"\n      Type: EXPRESS', 'EXPRESS_TIMEOUT SCHEMA_VALIDATION_FAILED'),
    'DefinitionUri misspelt': ('template.yaml', 'statemachine/orders.asl.yaml', 'statemachines/orders.asl.yaml', 'NO_DEFINITION'),
    'circular: policy refs machine': ('template.yaml', '                Resource: !Ref AuditStateMachine\n', '                Resource: [!Ref AuditStateMachine, !Ref OrderStateMachine]\n', 'CIRCULAR_DEPENDENCY'),
    'circular: function env <-> machine': ('template.yaml', '      FunctionName: !Sub "${Stage}-payment"\n', '      FunctionName: !Sub "${Stage}-payment"\n      Environment: {Variables: {MACHINE: !Ref OrderStateMachine}}\n', 'CIRCULAR_DEPENDENCY'),
    'SAM logging in CFN shape': ('template.yaml', '      Logging:\n        Level: ERROR', '      LoggingConfiguration:\n        Level: ERROR', 'SCHEMA_VALIDATION_FAILED'),
    'policies with role': ('template.yaml', '      Tags:\n        project: orders\n', '      Tags:\n        project: orders\n      Policies: [AWSLambdaRole]\n', 'SCHEMA_VALIDATION_FAILED'),
    'cron minute 60': ('template.yaml', 'cron(0 3 * * ? *)', 'cron(60 3 * * ? *)', 'SCHEMA_VALIDATION_FAILED'),
    'cron weekday MO': ('template.yaml', 'cron(0 3 * * ? *)', 'cron(0 3 ? * MO-FR *)', 'SCHEMA_VALIDATION_FAILED'),
    'schedule input no json': ('template.yaml', 'Input: \'{"id": "nightly", "total": 0, "items": []}\'', "Input: '{id: nightly}'", 'SCHEMA_VALIDATION_FAILED'),
    'schedule input as object': ('template.yaml', 'Input: \'{"id": "nightly", "total": 0, "items": []}\'', 'Input: {id: nightly, total: 0}', 'SCHEMA_VALIDATION_FAILED'),
    'schedule timezone invalid': ('template.yaml', 'Europe/Berlin', 'Europe/Berln', 'SCHEMA_VALIDATION_FAILED'),
    'event type S3 on machine': ('template.yaml', '        Nightly:\n          Type: ScheduleV2\n          Properties:\n            ScheduleExpression: cron(0 3 * * ? *)\n            ScheduleExpressionTimezone: Europe/Berlin\n', '        Nightly:\n          Type: S3\n          Properties:\n            Bucket: !Ref ReceiptBucket\n            Events: s3:ObjectCreated:*\n', 'SCHEMA_VALIDATION_FAILED'),
    'ScheduleV2 with Schedule property': ('template.yaml', '            ScheduleExpression: cron(0 3', '            Schedule: cron(0 3', 'SCHEMA_VALIDATION_FAILED'),
    'Input and InputPath both': ('template.yaml', '            InputPath: $.detail\n', "            InputPath: $.detail\n            Input: '{}'\n", 'SCHEMA_VALIDATION_FAILED'),
    'SQS event source: URL for ARN': ('template.yaml', 'Queue: !GetAtt ShippingQueue.Arn', 'Queue: !Ref ShippingQueue', 'WRONG_RESOURCE'),
    'SQS visibility timeout below function timeout': ('template.yaml', 'VisibilityTimeout: 90', 'VisibilityTimeout: 5', 'SCHEMA_VALIDATION_FAILED'),
    'SQS batch size over 10000': ('template.yaml', 'BatchSize: 5', 'BatchSize: 50000', 'SCHEMA_VALIDATION_FAILED'),
    'fifo batch of standard DLQ for fifo queue': ('template.yaml', '      QueueName: !Sub "${Stage}-fulfilment.fifo"\n', '      QueueName: !Sub "${Stage}-fulfilment.fifo"\n      RedrivePolicy: {deadLetterTargetArn: !GetAtt OrderDeadLetters.Arn, maxReceiveCount: 3}\n', 'SCHEMA_VALIDATION_FAILED'),
    'fifo name without .fifo': ('template.yaml', 'QueueName: !Sub "${Stage}-fulfilment.fifo"', 'QueueName: !Sub "${Stage}-fulfilment"', 'SCHEMA_VALIDATION_FAILED'),
    'API integration without credentials': ('template.yaml', '                credentials: !GetAtt ApiRole.Arn\n                passthroughBehavior', '                passthroughBehavior', 'NO_ROLE'),
    'API integration: wrong role': ('template.yaml', '                credentials: !GetAtt ApiRole.Arn\n                passthroughBehavior', '                credentials: !GetAtt OrderStateMachineRole.Arn\n                passthroughBehavior', 'MISSING_PERMISSION UNTRUSTED_ROLE'),
    'API: StartSync on STANDARD': ('template.yaml', '"stateMachineArn": "${ApiStateMachine}"', '"stateMachineArn": "${OrderStateMachine}"', 'WRONG_RESOURCE'),
    'API: uri action misspelt': ('template.yaml', 'states:action/StartSyncExecution', 'states:action/StartExecutionSync', 'SCHEMA_VALIDATION_FAILED'),
    'API: uri action path': ('template.yaml', 'states:action/StartExecution"', 'states:StartExecution"', 'SCHEMA_VALIDATION_FAILED'),
    'API: role lacks StartSync': ('template.yaml', 'Action: states:StartSyncExecution, Resource: !Ref ApiStateMachine', 'Action: states:StartExecution, Resource: !Ref ApiStateMachine', 'MISSING_PERMISSION'),
    'API: role trust': ('template.yaml', 'Service: apigateway.amazonaws.com}, Action: sts:AssumeRole', 'Service: apigw.amazonaws.com}, Action: sts:AssumeRole', 'UNTRUSTED_ROLE'),
    'API: httpMethod GET': ('template.yaml', '                type: aws\n                httpMethod: POST\n                uri: !Sub "arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartExecution"', '                type: aws\n                httpMethod: GET\n                uri: !Sub "arn:${AWS::Partition}:apigateway:${AWS::Region}:states:action/StartExecution"', 'SCHEMA_VALIDATION_FAILED'),
    'API: mapping template stateMachineARN': ('template.yaml', '"stateMachineArn": "${OrderStateMachine}"', '"stateMachineARN": "${OrderStateMachine}"', 'SCHEMA_VALIDATION_FAILED'),
    'API: mapping template name of machine': ('template.yaml', '"stateMachineArn": "${OrderStateMachine}"', '"stateMachineArn": "${OrderStateMachine.Name}"', 'WRONG_RESOURCE'),
    'API: mapping template without Sub': ('template.yaml', 'application/json: !Sub \'{"input": "$util.escapeJavaScript($input.json(\'\'$\'\'))", "stateMachineArn": "${OrderStateMachine}"}\'', 'application/json: \'{"input": "$util.escapeJavaScript($input.json(\'\'$\'\'))", "stateMachineArn": "${OrderStateMachine}"}\'', 'SCHEMA_VALIDATION_FAILED'),
    'handler file misspelt': ('template.yaml', 'Handler: app.lambda_handler', 'Handler: apps.lambda_handler', 'NO_HANDLER'),
    'handler function misspelt': ('template.yaml', 'Handler: app.lambda_handler', 'Handler: app.handler', 'NO_HANDLER'),
    'node handler misspelt': ('template.yaml', 'Handler: index.handler\n      Runtime', 'Handler: index.handle\n      Runtime', 'NO_HANDLER'),
    'code folder misspelt': ('template.yaml', 'CodeUri: functions/payment/', 'CodeUri: functions/payments/', 'NO_CODE'),
    'python syntax error': ('functions/notify/app.py', 'def lambda_handler(event, context):', 'def lambda_handler(event, context)', 'NO_HANDLER'),
    'runtime is node for python code': ('template.yaml', '      CodeUri: functions/notify/\n      Handler: app.lambda_handler\n', '      CodeUri: functions/notify/\n      Handler: app.lambda_handler\n      Runtime: nodejs20.x\n', 'NO_HANDLER'),
    'runtime misspelt': ('template.yaml', 'Runtime: python3.12\n    Timeout: 15', 'Runtime: python312\n    Timeout: 15', 'SCHEMA_VALIDATION_FAILED'),
    'function timeout 1000': ('template.yaml', '      Runtime: nodejs20.x\n      Timeout: 30', '      Runtime: nodejs20.x\n      Timeout: 1000', 'SCHEMA_VALIDATION_FAILED'),
    'task timeout below function timeout': ('statemachine/orders.asl.yaml', 'TimeoutSeconds: 20', 'TimeoutSeconds: 5', 'SHORT_TIMEOUT'),
    'handler field misspelt vs Choice': ('statemachine/orders.asl.yaml', 'Variable: $.inventory.status', 'Variable: $.inventory.state', 'MISSING_FIELD'),
    'ResultSelector without Payload': ('statemachine/orders.asl.yaml', 'receipt.$: $.Payload.receipt', 'receipt.$: $.receipt', 'MISSING_FIELD'),
    'jsonata sent misspelt': ('template.yaml', '{% $states.input.sent %}', '{% $states.input.send %}', 'MISSING_FIELD'),
    'dynamodb key misspelt': ('statemachine/orders.asl.yaml', '      Key:\n        id: {S.$: $.id}\n      UpdateExpression', '      Key:\n        orderId: {S.$: $.id}\n      UpdateExpression', 'REFUSED_CALL'),
    'dynamodb key type N': ('statemachine/orders.asl.yaml', '      Key:\n        id: {S.$: $.id}\n      UpdateExpression', '      Key:\n        id: {N.$: $.id}\n      UpdateExpression', 'REFUSED_CALL'),
    'dynamodb item lacks key': ('statemachine/orders.asl.yaml', '        id: {S.$: $.id}\n        status', '        order: {S.$: $.id}\n        status', 'REFUSED_CALL'),
    'dynamodb key has more than key': ('statemachine/orders.asl.yaml', '      Key:\n        id: {S.$: $.id}\n      UpdateExpression', '      Key:\n        id: {S.$: $.id}\n        customer: {S: x}\n      UpdateExpression', 'REFUSED_CALL'),
    'dynamodb jsonata item key misspelt': ('template.yaml', '                pk: {S:', '                PK: {S:', 'REFUSED_CALL'),
    'dynamodb key via States.Format whole': ('statemachine/orders.asl.yaml', '      Key:\n        id: {S.$: $.id}\n      UpdateExpression', '      Key.$: "States.Format(\'{}\', $.id)"\n      UpdateExpression', 'WRONG_PARAMETER'),
}  # fmt: skip

# title: the file, the text in it, what stands there instead, and the codes of the findings
MEDIA = {
    'trust: state.amazonaws.com': ('template.yaml', 'Service: states.amazonaws.com}, Action', 'Service: state.amazonaws.com}, Action', 'UNTRUSTED_ROLE'),
    'lambda resource is function name (Ref)': ('template.yaml', 'Action: "lambda:InvokeFunction", Resource: !GetAtt Thumbnail.Arn}', 'Action: "lambda:InvokeFunction", Resource: !Ref Thumbnail}', 'WRONG_RESOURCE'),
    'dynamodb resource is table name (Ref)': ('template.yaml', 'Resource: !GetAtt Labels.Arn', 'Resource: !Ref Labels', 'WRONG_RESOURCE'),
    's3 resource is bucket name Ref/*': ('template.yaml', 'Resource: !Sub "${Results.Arn}/*"', 'Resource: !Sub "${Results}/*"', 'WRONG_RESOURCE'),
    'policy document without Statement list key (Statements)': ('template.yaml', '            Statement:\n              - {Effect: Allow, Action: "lambda:InvokeFunction", Resource: !GetAtt Thumbnail.Arn}', '            Statements:\n              - {Effect: Allow, Action: "lambda:InvokeFunction", Resource: !GetAtt Thumbnail.Arn}', 'SCHEMA_VALIDATION_FAILED'),
    'effect allow lower case': ('template.yaml', '{Effect: Allow, Action: "sns:Publish"', '{Effect: allow, Action: "sns:Publish"', 'MISSING_PERMISSION'),
    'Actions for Action': ('template.yaml', '{Effect: Allow, Action: "sns:Publish"', '{Effect: Allow, Actions: "sns:Publish"', 'SCHEMA_VALIDATION_FAILED'),
    'Resources for Resource': ('template.yaml', 'Action: "sns:Publish", Resource: !Ref Alerts', 'Action: "sns:Publish", Resources: !Ref Alerts', 'SCHEMA_VALIDATION_FAILED'),
    'policy not attached': ('template.yaml', 'Roles: [!Ref ImageRole]', 'Roles: [!Ref BatchRole]', 'INCOMPLETE_PERMISSION MISSING_PERMISSION UNNEEDED_PERMISSION'),
    'policy Roles with ARN': ('template.yaml', 'Roles: [!Ref ImageRole]', 'Roles: [!GetAtt ImageRole.Arn]', 'WRONG_RESOURCE'),
    'sns publish on topic name': ('template.yaml', 'Resource: !Ref Alerts}', 'Resource: !GetAtt Alerts.TopicName}', 'WRONG_RESOURCE'),
    'rekognition action misspelt': ('template.yaml', 'rekognition:DetectLabels", Resource', 'rekognition:DetectLabel", Resource', 'MISSING_PERMISSION'),
    'lambda alias not covered': ('template.yaml', 'Resource: [!GetAtt Thumbnail.Arn, !Ref ClassifyAlias]', 'Resource: [!GetAtt Thumbnail.Arn, !GetAtt Classify.Arn]', 'MISSING_PERMISSION'),
    'distributed map start missing': ('template.yaml', '              - {Effect: Allow, Action: "states:StartExecution", Resource: !Sub "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:images-batch"}\n', '', 'MISSING_PERMISSION'),
    'map self reference circular': ('template.yaml', 'Resource: !Sub "arn:${AWS::Partition}:states:${AWS::Region}:${AWS::AccountId}:stateMachine:images-batch"', 'Resource: !Ref BatchMachine', 'CIRCULAR_DEPENDENCY'),
    'list bucket missing': ('template.yaml', '              - {Effect: Allow, Action: "s3:ListBucket", Resource: !GetAtt Uploads.Arn}\n', '', 'MISSING_PERMISSION'),
    'list bucket on objects': ('template.yaml', 'Action: "s3:ListBucket", Resource: !GetAtt Uploads.Arn', 'Action: "s3:ListBucket", Resource: !Sub "${Uploads.Arn}/*"', 'MISSING_PERMISSION'),
    'result writer put missing': ('template.yaml', 'Action: ["s3:PutObject", "s3:GetObject", "s3:ListMultipartUploadParts"', 'Action: ["s3:GetObject", "s3:ListMultipartUploadParts"', 'MISSING_PERMISSION'),
    'GetAtt attribute wrong: table': ('template.yaml', 'Resource: !GetAtt Labels.Arn', 'Resource: !GetAtt Labels.TableArn', 'UNKNOWN_REFERENCE'),
    'GetAtt attribute wrong in Sub': ('template.yaml', '!Sub "${Uploads.Arn}/*"', '!Sub "${Uploads.BucketArn}/*"', 'UNKNOWN_REFERENCE'),
    'express distributed map': ('template.yaml', 'StateMachineName: images-batch\n', 'StateMachineName: images-batch\n      StateMachineType: EXPRESS\n', 'SCHEMA_VALIDATION_FAILED'),
    'StateMachineType Express': ('template.yaml', 'StateMachineType: STANDARD', 'StateMachineType: Standard', 'SCHEMA_VALIDATION_FAILED'),
    'RoleArn missing': ('template.yaml', '      RoleArn: !GetAtt BatchRole.Arn\n', '', 'SCHEMA_VALIDATION_FAILED'),
    'logging level OFF misspelt': ('template.yaml', 'Level: ALL\n', 'Level: INFO\n', 'SCHEMA_VALIDATION_FAILED'),
    'log group arn without :* literal': ('template.yaml', 'LogGroupArn: !GetAtt ImageLogs.Arn', 'LogGroupArn: !Sub "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:/aws/vendedlogs/states/images"', 'SCHEMA_VALIDATION_FAILED'),
    'log group misspelt logical id': ('template.yaml', 'LogGroupArn: !GetAtt ImageLogs.Arn', 'LogGroupArn: !GetAtt ImagesLogs.Arn', 'UNKNOWN_REFERENCE'),
    'log group is bucket': ('template.yaml', 'LogGroupArn: !GetAtt ImageLogs.Arn', 'LogGroupArn: !GetAtt Results.Arn', 'WRONG_RESOURCE'),
    'Destinations object not list': ('template.yaml', 'Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt ImageLogs.Arn}}]', 'Destinations: {CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt ImageLogs.Arn}}', 'SCHEMA_VALIDATION_FAILED'),
    'two log destinations': ('template.yaml', 'Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt ImageLogs.Arn}}]', 'Destinations: [{CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt ImageLogs.Arn}}, {CloudWatchLogsLogGroup: {LogGroupArn: !GetAtt ImageLogs.Arn}}]', 'SCHEMA_VALIDATION_FAILED'),
    'machine name with space': ('template.yaml', 'StateMachineName: images-batch\n', 'StateMachineName: images batch\n', 'INCOMPLETE_PERMISSION MISSING_PERMISSION'),
    'machine name too long': ('template.yaml', 'StateMachineName: images-batch\n', 'StateMachineName: images-images-images-images-images-images-images-images-images-images-images-images-\n', 'INCOMPLETE_PERMISSION MISSING_PERMISSION'),
    'duplicate state machine names': ('template.yaml', 'StateMachineName: images-batch\n', 'StateMachineName: images\n', 'INCOMPLETE_PERMISSION MISSING_PERMISSION'),
    'duplicate logical names in yaml': ('template.yaml', '  Jobs:\n    Type: AWS::SQS::Queue\n', '  Jobs:\n    Type: AWS::SQS::Queue\n  Alerts:\n    Type: AWS::SQS::Queue\n', 'WRONG_RESOURCE'),
    'resource without Type': ('template.yaml', '  Jobs:\n    Type: AWS::SQS::Queue\n', '  Jobs:\n    Properties: {QueueName: jobs}\n', 'MISSING_PERMISSION SCHEMA_VALIDATION_FAILED WRONG_FORM'),
    'DependsOn circular': ('template.yaml', '  ImagePolicy:\n    Type: AWS::IAM::Policy\n', '  ImagePolicy:\n    Type: AWS::IAM::Policy\n    DependsOn: ImageMachine\n', 'CIRCULAR_DEPENDENCY'),
    'version: revision id wrong attr': ('template.yaml', '!GetAtt ImageMachine.StateMachineRevisionId', '!GetAtt ImageMachine.RevisionId', 'UNKNOWN_REFERENCE'),
    'alias: weights do not add to 100': ('template.yaml', 'Weight: 100', 'Weight: 50', 'SCHEMA_VALIDATION_FAILED'),
    "alias: machine's ARN for version's": ('template.yaml', 'StateMachineVersionArn: !Ref ImageVersion', 'StateMachineVersionArn: !Ref ImageMachine', 'WRONG_RESOURCE'),
    "version of a function's": ('template.yaml', '{StateMachineArn: !Ref ImageMachine,', '{StateMachineArn: !Ref Thumbnail,', 'WRONG_RESOURCE'),
    'tags as map in CFN': ('template.yaml', 'StateMachineName: images-batch\n', 'StateMachineName: images-batch\n      Tags: {a: b}\n', 'SCHEMA_VALIDATION_FAILED'),
    'reserved/unknown property in CFN': ('template.yaml', 'TracingConfiguration: {Enabled: false}', 'Tracing: {Enabled: false}', 'SCHEMA_VALIDATION_FAILED'),
    'encryption config KMS key missing type': ('template.yaml', 'TracingConfiguration: {Enabled: false}', 'EncryptionConfiguration: {KmsKeyId: alias/x}', 'SCHEMA_VALIDATION_FAILED'),
    'rule without role': ('template.yaml', 'Arn: !Ref ImageAlias, RoleArn: !GetAtt EventRole.Arn', 'Arn: !Ref ImageAlias', 'NO_ROLE'),
    'rule role trust': ('template.yaml', 'Principal: {Service: [events.amazonaws.com]}', 'Principal: {Service: [event.amazonaws.com]}', 'UNTRUSTED_ROLE'),
    'rule role not on alias target': ('template.yaml', 'Resource: [!Ref ImageMachine, !Ref ImageAlias, !Ref BatchMachine]', 'Resource: [!Ref BatchMachine]', 'MISSING_PERMISSION'),
    'rule: detail-type misspelt for s3': ('template.yaml', 'detail-type: [Object Created]', 'detail-type: [ObjectCreated]', 'NEVER_STARTS'),
    'rule: detailtype key': ('template.yaml', 'detail-type: [Object Created]', 'detailType: [Object Created]', 'NEVER_STARTS'),
    'rule: source aws.S3': ('template.yaml', 'source: [aws.s3]', 'source: [aws.S3]', 'NEVER_STARTS'),
    'rule: bucket pattern arn': ('template.yaml', 'bucket: {name: [!Ref Uploads]}', 'bucket: {name: [!GetAtt Uploads.Arn]}', 'NEVER_STARTS'),
    'rule: pattern plain': ('template.yaml', 'source: [aws.s3]', 'source: aws.s3', 'SCHEMA_VALIDATION_FAILED'),
    'rule: s3 without EventBridge notifications': ('template.yaml', '    Properties:\n      NotificationConfiguration:\n        EventBridgeConfiguration: {EventBridgeEnabled: true}\n', '', 'NEVER_STARTS'),
    'rule: schedule rate(1 days)': ('template.yaml', 'rate(7 days)', 'rate(7 day)', 'SCHEMA_VALIDATION_FAILED'),
    'dynamodb key lacks range': ('template.yaml', '"Key": {"image": {"S.$": "$.detail.object.key"}, "version": {"N": "1"}}', '"Key": {"image": {"S.$": "$.detail.object.key"}}', 'REFUSED_CALL'),
    'dynamodb range key type S': ('template.yaml', '"version": {"N": "1"}}', '"version": {"S": "1"}}', 'REFUSED_CALL'),
    'dynamodb item range key type S': ('template.yaml', '                  "version": {"N": "1"},', '                  "version": {"S": "1"},', 'REFUSED_CALL'),
}  # fmt: skip

# title: the file, the text in it, what stands there instead, and the codes of the findings
DATA = {
    'glue StartJobRun only': ('template.yaml', '[glue:StartJobRun, glue:GetJobRun, glue:GetJobRuns, glue:BatchStopJobRun]', '[glue:StartJobRun]', 'INCOMPLETE_PERMISSION'),
    'glue job arn misspelt': ('template.yaml', ':job/${TransformJob}', ':jobs/${TransformJob}', 'INCOMPLETE_PERMISSION MISSING_PERMISSION'),
    'athena permission missing': ('template.yaml', '[athena:StartQueryExecution, athena:StopQueryExecution', '[athena:StopQueryExecution', 'MISSING_PERMISSION'),
    'getQueryResults missing': ('template.yaml', 'Action: athena:GetQueryResults\n', 'Action: athena:GetQueryExecution\n', 'MISSING_PERMISSION'),
    'PassRole missing': ('template.yaml', 'Action: iam:PassRole\n              Resource: [!GetAtt WorkerRole.Arn, !GetAtt PullRole.Arn]', 'Action: iam:GetRole\n              Resource: [!GetAtt WorkerRole.Arn, !GetAtt PullRole.Arn]', 'MISSING_PERMISSION'),
    'PassRole on names': ('template.yaml', 'Resource: [!GetAtt WorkerRole.Arn, !GetAtt PullRole.Arn]', 'Resource: [!Ref WorkerRole, !Ref PullRole]', 'WRONG_RESOURCE'),
    'events rule for ECS missing': ('template.yaml', 'rule/StepFunctionsGetEventsForECSTaskRule', 'rule/StepFunctionsGetEventsForECSTasksRule', 'MISSING_PERMISSION'),
    'batch SubmitJob misspelt': ('template.yaml', 'batch:SubmitJob,', 'batch:StartJob,', 'MISSING_PERMISSION'),
    'crawler arn: job/': ('template.yaml', ':crawler/${Crawler}', ':job/${Crawler}', 'MISSING_PERMISSION'),
    'ecs task role trusts ecs': ('template.yaml', 'Service: ecs-tasks.amazonaws.com', 'Service: ecs.amazonaws.com', 'UNTRUSTED_ROLE'),
    'pipe role without stream permissions': ('template.yaml', '              - {Effect: Allow, Action: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"], Resource: !GetAtt Runs.StreamArn}\n', '', 'MISSING_PERMISSION'),
    'Sub pseudo misspelt': ('template.yaml', '!Sub "arn:${AWS::Partition}:glue:${AWS::Region}:${AWS::AccountId}:job/', '!Sub "arn:${AWS::Partition}:glue:${AWS::region}:${AWS::AccountId}:job/', 'INCOMPLETE_PERMISSION MISSING_PERMISSION UNKNOWN_REFERENCE'),
    'express with waitForTaskToken in data: activity': ('template.yaml', '    Properties:\n      DefinitionUri: definitions/pipeline.asl.json\n', '    Properties:\n      Type: EXPRESS\n      DefinitionUri: definitions/pipeline.asl.json\n', 'SCHEMA_VALIDATION_FAILED'),
    'no definition': ('template.yaml', '      DefinitionUri: definitions/pipeline.asl.json\n', '', 'SCHEMA_VALIDATION_FAILED'),
    'two definitions': ('template.yaml', '      DefinitionUri: definitions/pipeline.asl.json\n', '      DefinitionUri: definitions/pipeline.asl.json\n      Definition: {StartAt: A, States: {A: {Type: Succeed}}}\n', 'SCHEMA_VALIDATION_FAILED'),
    'rule: cron five fields': ('template.yaml', 'cron(15 2 * * ? *)', 'cron(15 2 * * *)', 'SCHEMA_VALIDATION_FAILED'),
    'cron hour 25': ('template.yaml', 'cron(15 2 * * ? *)', 'cron(15 25 * * ? *)', 'SCHEMA_VALIDATION_FAILED'),
    'pipe target standard w/ REQUEST_RESPONSE': ('template.yaml', 'Target: !Ref Lookup\n', 'Target: !Ref Pipeline\n', 'MISSING_PERMISSION POSSIBLY_MISSING_FIELD'),
    'pipe role for lookups': ('template.yaml', 'Service: pipes.amazonaws.com', 'Service: pipe.amazonaws.com', 'UNTRUSTED_ROLE'),
    'pipe source is table ARN': ('template.yaml', 'Source: !GetAtt Runs.StreamArn\n', 'Source: !GetAtt Runs.Arn\n', 'WRONG_RESOURCE'),
    'pipe: no StartingPosition': ('template.yaml', '{StartingPosition: LATEST, BatchSize: 1}', '{BatchSize: 1}', 'SCHEMA_VALIDATION_FAILED'),
    'table without stream': ('template.yaml', '      StreamSpecification: {StreamViewType: NEW_IMAGE}\n', '', 'SCHEMA_VALIDATION_FAILED'),
    'HTTP API: subtype misspelt': ('template.yaml', 'StepFunctions-StartSyncExecution', 'StepFunctions-StartSyncExec', 'SCHEMA_VALIDATION_FAILED'),
    'HTTP API: sync on standard': ('template.yaml', 'StateMachineArn: !Ref Lookup\n', 'StateMachineArn: !Ref Pipeline\n', 'WRONG_RESOURCE'),
    'HTTP API: payload format 2.0': ('template.yaml', 'PayloadFormatVersion: "1.0"', 'PayloadFormatVersion: "2.0"', 'SCHEMA_VALIDATION_FAILED'),
    'HTTP API: param misspelt': ('template.yaml', '        StateMachineArn: !Ref Lookup\n        Input', '        StateMachineARN: !Ref Lookup\n        Input', 'SCHEMA_VALIDATION_FAILED'),
    'HTTP API: no credentials': ('template.yaml', '      CredentialsArn: !GetAtt ApiRole.Arn\n', '', 'NO_ROLE'),
    'HTTP API: integration type HTTP_PROXY': ('template.yaml', 'IntegrationType: AWS_PROXY', 'IntegrationType: HTTP_PROXY', 'SCHEMA_VALIDATION_FAILED'),
    'alias as event target unknown': ('template.yaml', '      AutoPublishAlias: live\n', '', 'UNKNOWN_REFERENCE'),
    'jsonata result field misspelt': ('template.yaml', '$states.result.Payload.rows', '$states.result.Payload.row', 'MISSING_FIELD'),
    'jsonata Payload missing': ('template.yaml', '$states.result.Payload.rows', '$states.result.rows', 'MISSING_FIELD'),
    'dynamodb jsonata key by format': ('template.yaml', 'Key: {run: {S:', 'Key: {id: {S:', 'REFUSED_CALL'),
}  # fmt: skip


def validate(template: Path) -> list[str]:
    """The severity and the code of each finding of a template."""
    result = CliRunner().invoke(main, ["validate", str(template), "--format", "json"])
    return [f"{finding['severity']} {finding['code']}" for finding in json.loads(result.stdout)]


# The results of a query that has no limit may be too large: the one finding in the correct applications.
OF_CORRECT = {"orders": [], "media": [], "data": ["warning DATA_LIMIT"]}


@pytest.mark.parametrize("name", OF_CORRECT)
def test_a_correct_application_has_no_other_finding(name: str) -> None:
    assert validate(APPLICATIONS / name / "template.yaml") == OF_CORRECT[name]


CASES = [
    pytest.param(name, *case, id=f"{name}: {title}")
    for name, cases in (("orders", ORDERS), ("media", MEDIA), ("data", DATA))
    for title, case in cases.items()
]


@pytest.mark.parametrize(("name", "file", "old", "new", "codes"), CASES)
def test_a_defect_is_found(tmp_path: Path, name: str, file: str, old: str, new: str, codes: str) -> None:
    shutil.copytree(APPLICATIONS / name, tmp_path, dirs_exist_ok=True)
    text = (tmp_path / file).read_text("utf-8")
    assert old in text
    (tmp_path / file).write_text(text.replace(old, new, 1), "utf-8")
    found = validate(tmp_path / "template.yaml")
    assert {each.partition(" ")[2] for each in found if each not in OF_CORRECT[name]} == {*codes.split()}


@pytest.mark.parametrize("name", ["sam.yaml", "cloudformation.yaml", "cdk.json"])
def test_an_unusual_template_that_deploys_has_no_error(name: str) -> None:
    assert [each for each in validate(APPLICATIONS / "unusual" / name) if each.startswith("error")] == []
