def handler(event, context):
    return {"rows": [{"id": event["id"]}]}
