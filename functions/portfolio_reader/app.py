"""Reads what a portfolio holds and what it should hold: the first task of the portfolio rebalance."""

from __future__ import annotations

from typing import TypedDict


class Wanted(TypedDict):
    """What this function takes: the portfolio's name."""

    portfolio: str


class Holding(TypedDict):
    """Shares of a stock, and what they should be worth, in dollars."""

    symbol: str
    shares: int
    target: float


class Portfolio(TypedDict):
    """What this function returns; `tolerance` is how far, in dollars, a holding may be off its target."""

    portfolio: str
    tolerance: float
    holdings: list[Holding]


# Mock portfolios; a real function would read them from a table.
PORTFOLIOS: dict[str, Portfolio] = {
    "growth": {
        "portfolio": "growth",
        "tolerance": 100.0,
        "holdings": [
            {"symbol": "ACME", "shares": 12, "target": 600.0},
            {"symbol": "GLOBEX", "shares": 30, "target": 1500.0},
            {"symbol": "INITECH", "shares": 4, "target": 200.0},
        ],
    },
    "income": {
        "portfolio": "income",
        "tolerance": 50.0,
        "holdings": [{"symbol": "UMBRELLA", "shares": 20, "target": 1000.0}],
    },
}


def lambda_handler(event: Wanted, context: object) -> Portfolio:
    """The portfolio of this name. Raises ValueError where there is none."""
    name = event.get("portfolio")
    if name not in PORTFOLIOS:
        raise ValueError(f"no portfolio {name!r}; there are {', '.join(PORTFOLIOS)}")
    return PORTFOLIOS[name]
