import json
import os

import boto3

sfn = boto3.client("stepfunctions")


def handler(event, context):
    body = json.loads(event["body"])
    if "token" in body:
        sfn.send_task_success(taskToken=body["token"], output=json.dumps({"approved": True}))
    else:
        sfn.start_execution(stateMachineArn=os.environ["MACHINE_ARN"], input=json.dumps(body))
    return {"statusCode": 200}
