"""Read the holdings and targets of a portfolio: the first task of the portfolio rebalance."""

from __future__ import annotations

from typing import TypedDict


class Request(TypedDict):
    """The event: a portfolio's name."""

    portfolio: str


class Holding(TypedDict):
    """Shares of a stock, and their target value in dollars."""

    symbol: str
    shares: int
    target: float


class Portfolio(TypedDict):
    """The result; `tolerance` is the largest accepted difference from a target, in dollars."""

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


def lambda_handler(event: Request, context: object) -> Portfolio:
    """Return the portfolio of this name. Raises ValueError for an unknown one."""
    name = event.get("portfolio")
    if name not in PORTFOLIOS:
        raise ValueError(f"unknown portfolio {name!r}; known are {', '.join(PORTFOLIOS)}")
    return PORTFOLIOS[name]
