"""The functions of the portfolio rebalance and the market import."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from functions.portfolio_reader import app as reader
from functions.price_importer import app as importer
from functions.trade_reverser import app as reverser

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("name", ["growth", "income"])
def test_a_portfolio_is_read_by_its_name(name: str) -> None:
    portfolio = reader.lambda_handler({"portfolio": name}, None)
    assert portfolio["portfolio"] == name
    assert portfolio["holdings"]


@pytest.mark.parametrize("event", [{"portfolio": "gold"}, {}])
def test_an_unknown_portfolio_is_refused_with_the_known_names(event: Any) -> None:
    with pytest.raises(ValueError, match="known are growth, income"):
        reader.lambda_handler(event, None)


def test_trades_are_reversed_last_one_first() -> None:
    trades: list[reverser.Trade] = [{"symbol": "A", "execution": "1"}, {"symbol": "B", "execution": "2"}]
    assert reverser.lambda_handler({"portfolio": "growth", "trades": trades}, None) == {
        "portfolio": "growth",
        "reversed": ["B", "A"],
    }


def test_rows_become_prices_each_stock_once_with_its_last_price() -> None:
    rows: list[importer.Row] = [
        {"symbol": " acme ", "price": "12.50"},
        {"symbol": "B", "price": " 7 "},
        {"symbol": "ACME", "price": "13"},
    ]
    assert importer.lambda_handler({"Items": rows}, None, now=lambda: NOON) == {
        "prices": [
            {"symbol": "ACME", "price": "13", "at": "2026-11-24T12:00:00+00:00"},
            {"symbol": "B", "price": "7", "at": "2026-11-24T12:00:00+00:00"},
        ]
    }


def test_a_price_has_the_current_time_in_utc() -> None:
    before = datetime.now(UTC)
    [price] = importer.lambda_handler({"Items": [{"symbol": "A", "price": "1"}]}, None)["prices"]
    assert before <= datetime.fromisoformat(price["at"]) <= datetime.now(UTC)


BAD: list[tuple[Any, str]] = [
    ({"symbol": "", "price": "1"}, "a row has no symbol"),
    ({"price": "1"}, "a row has no symbol"),
    ({"symbol": "A", "price": "x"}, "a row's price is not a number above 0"),
    ({"symbol": "A"}, "a row's price is not a number above 0"),
    ({"symbol": "A", "price": "0"}, "a row's price is not a number above 0"),
    ({"symbol": "A", "price": "-1"}, "a row's price is not a number above 0"),
    ({"symbol": "A", "price": "NaN"}, "a row's price is not a number above 0"),
    ({"symbol": "A", "price": "Infinity"}, "a row's price is not a number above 0"),
]


@pytest.mark.parametrize(("row", "message"), BAD)
def test_a_bad_row_is_refused(row: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        importer.lambda_handler({"Items": [row]}, None)
