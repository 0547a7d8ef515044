"""Turns rows of a price list into prices: the task of the market import, for a batch of rows at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import TypedDict


class Row(TypedDict):
    """A row of the list, by its header; every value is a text."""

    symbol: str
    price: str


class Batch(TypedDict):
    """What this function takes: a batch of a distributed Map."""

    Items: list[Row]


class Price(TypedDict):
    """A price as the table has it; a text, for DynamoDB's N takes its numbers so."""

    symbol: str
    price: str
    at: str


class Prices(TypedDict):
    """What this function returns: each stock once, with its last price in the batch."""

    prices: list[Price]


def utc_now() -> datetime:
    return datetime.now(UTC)


def lambda_handler(event: Batch, context: object, now: Callable[[], datetime] = utc_now) -> Prices:
    """The batch's prices. Raises ValueError for a row without a symbol, or whose price is no amount above 0."""
    at = now().isoformat()
    by_symbol = {symbol_in(row): str(price_in(row)) for row in event["Items"]}
    return {"prices": [{"symbol": symbol, "price": price, "at": at} for symbol, price in by_symbol.items()]}


def symbol_in(row: Row) -> str:
    """The row's symbol, in capitals."""
    symbol = (row.get("symbol") or "").strip().upper()
    if not symbol:
        raise ValueError(f"a row has no symbol: {row!r}")
    return symbol


def price_in(row: Row) -> Decimal:
    """The row's price, to the cent's part as it is written."""
    try:
        price = Decimal((row.get("price") or "").strip())
    except InvalidOperation:
        price = Decimal(0)
    if not price.is_finite() or price <= 0:
        raise ValueError(f"a row's price is no amount above 0: {row!r}")
    return price
