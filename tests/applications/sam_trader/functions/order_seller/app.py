"""Places an order to sell."""


def lambda_handler(event, context):
    return {"id": context.aws_request_id, "side": "sell", "price": str(event["price"])}
