def handler(event, context):
    return {"score": 0.5, "reasons": []}
