"""Reverse the trades of a failed rebalance: the compensation of the portfolio rebalance."""

from __future__ import annotations

from typing import TypedDict


class Trade(TypedDict):
    """An executed trade: the stock, and the execution ARN of its state machine."""

    symbol: str
    execution: str


class Rebalance(TypedDict):
    """The event: the portfolio and its trades so far."""

    portfolio: str
    trades: list[Trade]


class Reversal(TypedDict):
    """The result: the stocks whose trades are reversed, the last trade first."""

    portfolio: str
    reversed: list[str]


def lambda_handler(event: Rebalance, context: object) -> Reversal:
    """Return a mock reversal. It is idempotent, so the task can be retried."""
    return {"portfolio": event["portfolio"], "reversed": [trade["symbol"] for trade in reversed(event["trades"])]}
