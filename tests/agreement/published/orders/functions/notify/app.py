def lambda_handler(event, context):
    return {"sent": True, "id": event["id"]}
