"""Buys a stock at the price it is given: a task of the stock trader."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Literal, TypedDict
from uuid import UUID

RANDOM = Random()  # noqa: S311  # a mock transaction, not a secret


class StockPrice(TypedDict):
    """What this function takes: the price in dollars."""

    stock_price: float


class Transaction(TypedDict):
    """What this function returns. Price and quantity are strings: DynamoDB's N takes its numbers so."""

    id: str
    price: str
    type: Literal["buy"]
    qty: str
    timestamp: str


def utc_now() -> datetime:
    return datetime.now(UTC)


def lambda_handler(
    event: StockPrice, context: object, random: Random = RANDOM, now: Callable[[], datetime] = utc_now
) -> Transaction:
    """The transaction: 1 to 10 shares at the event's price. Raises ValueError for an event without a price."""
    return {
        "id": str(UUID(int=random.getrandbits(128), version=4)),
        "price": str(price_in(event)),
        "type": "buy",
        "qty": str(random.randint(1, 10)),
        "timestamp": now().isoformat(),
    }


def price_in(event: Mapping[str, object]) -> float:
    """The event's stock_price, when it is a number."""
    price = event.get("stock_price")
    if isinstance(price, bool) or not isinstance(price, (int, float)) or not math.isfinite(price):
        raise ValueError(f'stock_price must be a number, as in {{"stock_price": 42}}; the event is {event!r}')
    return price
