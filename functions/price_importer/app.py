"""Convert a batch of rows of a price list into prices: a task of the market import."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TypedDict


class Row(TypedDict):
    """A row of the list, by its header. All values are strings."""

    symbol: str
    price: str


class Batch(TypedDict):
    """The event: a batch of a distributed Map."""

    Items: list[Row]


class Price(TypedDict):
    """A price for the table: a string, as DynamoDB's type N requires."""

    symbol: str
    price: str
    at: str


class Prices(TypedDict):
    """The result: each stock once, with its last price in the batch."""

    prices: list[Price]


def utc_now() -> datetime:
    return datetime.now(UTC)


def lambda_handler(event: Batch, context: object, now: Callable[[], datetime] = utc_now) -> Prices:
    """Return the batch's prices. Raises ValueError for a row without a symbol or with a price that is not above 0."""
    at = now().isoformat()
    by_symbol = {symbol_in(row): str(price_in(row)) for row in event["Items"]}
    return {"prices": [{"symbol": symbol, "price": price, "at": at} for symbol, price in by_symbol.items()]}


def symbol_in(row: Row) -> str:
    """Return the row's symbol in upper case."""
    symbol = (row.get("symbol") or "").strip().upper()
    if not symbol:
        raise ValueError(f"a row has no symbol: {row!r}")
    return symbol


def price_in(row: Row) -> Decimal:
    """Return the row's price, exactly as written."""
    try:
        price = Decimal((row.get("price") or "").strip())
    except InvalidOperation:
        price = Decimal(0)
    if not price.is_finite() or price <= 0:
        raise ValueError(f"a row's price is not a number above 0: {row!r}")
    return price
