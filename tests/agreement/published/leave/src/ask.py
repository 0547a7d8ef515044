def handler(event, context):
    print(event["token"], event["person"])
