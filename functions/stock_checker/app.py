"""Check the price of a stock: the first task of the stock trader."""

from __future__ import annotations

from random import Random
from typing import TypedDict

RANDOM = Random()  # noqa: S311  # a mock price, not a secret


class StockPrice(TypedDict):
    """The result: a price in whole dollars, 0 to 100."""

    stock_price: int


def lambda_handler(event: dict[str, object], context: object, random: Random = RANDOM) -> StockPrice:
    """Return a random price."""
    return {"stock_price": random.randint(0, 100)}
