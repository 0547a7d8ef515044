def handler(event, context):
    left = 25 - int(event["days"])
    return {"allowed": left >= 0, "left": left}
