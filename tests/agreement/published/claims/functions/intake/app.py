class InvalidClaim(Exception):
    pass


def lambda_handler(event, context):
    if "claimId" not in event:
        raise InvalidClaim("no id")
    return {"claimId": event["claimId"], "valid": True, "items": event.get("items", [])}
