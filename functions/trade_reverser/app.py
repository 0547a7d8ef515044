"""Reverses the trades of a rebalance that did not get through: the compensation of the portfolio rebalance."""

from __future__ import annotations

from typing import TypedDict


class Trade(TypedDict):
    """A trade that was made: the stock, and the execution that made it."""

    symbol: str
    execution: str


class Rebalance(TypedDict):
    """What this function takes: the portfolio and its trades so far."""

    portfolio: str
    trades: list[Trade]


class Reversal(TypedDict):
    """What this function returns: the stocks whose trades are reversed, the last trade first."""

    portfolio: str
    reversed: list[str]


def lambda_handler(event: Rebalance, context: object) -> Reversal:
    """A mock reversal; a second one of the same trades changes nothing more, so that it may be tried again."""
    return {"portfolio": event["portfolio"], "reversed": [trade["symbol"] for trade in reversed(event["trades"])]}
