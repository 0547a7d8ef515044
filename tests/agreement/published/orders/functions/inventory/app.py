import os

import boto3
from reservations import reserve

table = boto3.resource("dynamodb").Table(os.environ["TABLE_NAME"])


def handler(event, context):
    missing = reserve(table, event["items"])
    return {"status": "MISSING" if missing else "RESERVED", "missing": len(missing)}
