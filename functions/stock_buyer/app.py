"""Buy a stock at a price: a task of the stock trader."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Literal, TypedDict
from uuid import UUID

RANDOM = Random()  # noqa: S311  # a mock transaction, not a secret


class StockPrice(TypedDict):
    """The event: a price in dollars."""

    stock_price: float


class Transaction(TypedDict):
    """The result. Price and quantity are strings, as DynamoDB's type N requires."""

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
    """Return a transaction of 1 to 10 shares at the event's price. Raises ValueError for an event without a price."""
    return {
        "id": str(UUID(int=random.getrandbits(128), version=4)),
        "price": str(price_in(event)),
        "type": "buy",
        "qty": str(random.randint(1, 10)),
        "timestamp": now().isoformat(),
    }


def price_in(event: Mapping[str, object]) -> float:
    """Return the event's stock_price. Raises ValueError if it is not a number."""
    price = event.get("stock_price")
    if isinstance(price, bool) or not isinstance(price, (int, float)) or not math.isfinite(price):
        raise ValueError(f'stock_price must be a number, as in {{"stock_price": 42}}; the event is {event!r}')
    return price
