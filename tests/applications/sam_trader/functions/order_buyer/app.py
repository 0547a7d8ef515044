"""Places an order to buy."""


def lambda_handler(event, context):
    return {"id": context.aws_request_id, "side": "buy", "price": str(event["price"])}
