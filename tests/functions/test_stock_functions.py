"""The functions of the stock trader: results and refused events."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from random import Random
from typing import Any
from uuid import UUID

import pytest
from boto3.dynamodb.types import TypeDeserializer

from functions.stock_buyer import app as buyer
from functions.stock_checker import app as checker
from functions.stock_seller import app as seller

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)


def test_the_checker_returns_a_price_from_0_to_100() -> None:
    prices = {checker.lambda_handler({}, None, Random(seed))["stock_price"] for seed in range(2_000)}
    assert (min(prices), max(prices)) == (0, 100)


@pytest.mark.parametrize(("trade", "kind"), [(buyer.lambda_handler, "buy"), (seller.lambda_handler, "sell")])
def test_a_trade_is_the_same_for_the_same_seed_and_time(trade: Callable[..., Any], kind: str) -> None:
    first, second = (trade({"stock_price": 42}, None, Random(7), lambda: NOON) for _ in range(2))
    assert first == second
    assert first == {
        "id": str(UUID(first["id"], version=4)),
        "price": "42",
        "type": kind,
        "qty": first["qty"],
        "timestamp": "2026-01-31T12:00:00+00:00",
    }


@pytest.mark.parametrize("trade", [buyer.lambda_handler, seller.lambda_handler])
def test_a_trade_has_1_to_10_shares_and_its_own_id(trade: Callable[..., Any]) -> None:
    trades = [trade({"stock_price": 1.5}, None, Random(seed)) for seed in range(500)]
    assert {trade["qty"] for trade in trades} == {str(quantity) for quantity in range(1, 11)}
    assert len({trade["id"] for trade in trades}) == 500
    assert trades[0]["price"] == "1.5"


@pytest.mark.parametrize("trade", [buyer.lambda_handler, seller.lambda_handler])
def test_a_trade_has_the_current_time_in_utc(trade: Callable[..., Any]) -> None:
    before = datetime.now(UTC)
    time = datetime.fromisoformat(trade({"stock_price": 1}, None)["timestamp"])
    assert before <= time <= datetime.now(UTC)


@pytest.mark.parametrize("trade", [buyer.lambda_handler, seller.lambda_handler])
@pytest.mark.parametrize("price", [None, "42", True, float("nan"), float("inf"), [], ...])
def test_a_price_that_is_missing_or_not_a_number_is_refused(trade: Callable[..., Any], price: object) -> None:
    event = {} if price is ... else {"stock_price": price}
    with pytest.raises(ValueError, match=r'stock_price must be a number, as in \{"stock_price": 42\}; the event is'):
        trade(event, None)


@pytest.mark.parametrize("handler", [buyer.lambda_handler, seller.lambda_handler])
def test_a_trade_goes_into_dynamodb_as_the_workflow_writes_it(handler: Callable[..., Any]) -> None:
    trade = json.loads(json.dumps(handler({"stock_price": 42}, None, Random(1), lambda: NOON)))
    item: dict[str, Any] = {
        "Price": {"N": trade["price"]},
        "Quantity": {"N": trade["qty"]},
        "Type": {"S": trade["type"]},
    }
    read = {name: TypeDeserializer().deserialize(value) for name, value in item.items()}
    assert read == {"Price": 42, "Quantity": int(trade["qty"]), "Type": trade["type"]}
