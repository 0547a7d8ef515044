import json

import boto3

client = boto3.client("stepfunctions")


def handler(event, context):
    for record in event["Records"]:
        body = json.loads(record["body"])
        client.send_task_success(taskToken=body["token"], output="{}")
