from typing import TypedDict


class Posting(TypedDict):
    account: str
    amount: float


class Posted(TypedDict):
    id: str
    balance: float


def post(event: Posting, context) -> Posted:
    return {"id": "1", "balance": event["amount"]}
