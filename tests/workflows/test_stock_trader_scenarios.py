"""Scenarios of the stock trader, with its real handlers and table, on a virtual clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from workflow_dsl.local import RunWorkflow, Throw

CHECK, CHOOSE, SELL, BUY, RECORD = "Check Stock Value", "Buy or Sell?", "Sell Stock", "Buy Stock", "Record Transaction"


def priced(price: float) -> dict[str, Callable[[Any, Any], Any]]:
    """A stock checker with this price."""
    return {"StockCheckerFunction": lambda event, context: {"stock_price": price}}


PRICES = [(0, BUY), (49.99, BUY), (50, BUY), (50.01, SELL), (51, SELL), (100, SELL)]


@pytest.mark.parametrize(("price", "trade"), PRICES)
def test_it_buys_at_50_and_below_and_sells_above(run_workflow: RunWorkflow, price: float, trade: str) -> None:
    execution = run_workflow("stock_trader", functions=priced(price))
    assert (execution.status, execution.trail) == ("SUCCEEDED", [CHECK, CHOOSE, trade, RECORD]), execution.cause
    assert execution.duration == 0


@pytest.mark.parametrize(("price", "kind"), [(50, "buy"), (51, "sell")])
def test_one_record_of_the_trade_is_written(run_workflow: RunWorkflow, price: int, kind: str) -> None:
    before = datetime.now(UTC)
    execution = run_workflow("stock_trader", functions=priced(price))
    [record] = execution.tables["TransactionTable"]
    assert record == {
        "Id": {"S": str(UUID(record["Id"]["S"], version=4))},
        "Type": {"S": kind},
        "Price": {"N": str(price)},
        "Quantity": {"N": record["Quantity"]["N"]},
        "Timestamp": {"S": record["Timestamp"]["S"]},
    }
    assert record["Quantity"]["N"] in {str(quantity) for quantity in range(1, 11)}
    assert before <= datetime.fromisoformat(record["Timestamp"]["S"]) <= datetime.now(UTC)


def test_the_record_has_the_price_of_the_real_checker(run_workflow: RunWorkflow) -> None:
    execution = run_workflow("stock_trader")
    trade = next(call for call in execution.calls if call.state in (BUY, SELL))
    [record] = execution.tables["TransactionTable"]
    assert record["Price"] == {"N": str(trade.arguments["stock_price"])}
    assert (trade.state == BUY) is (trade.arguments["stock_price"] <= 50)


# The waits are interval * backoff ** (attempt - 1), as the workflow's retries have them.
RECOVERIES = [(CHECK, 50, 15 + 22.5), (BUY, 50, 2 + 2), (SELL, 51, 2 + 2), (RECORD, 50, 20 + 200)]


@pytest.mark.parametrize(("state", "price", "duration"), RECOVERIES)
def test_it_recovers_from_two_failures_of_each_task(
    run_workflow: RunWorkflow, state: str, price: int, duration: float
) -> None:
    execution = run_workflow("stock_trader", functions=priced(price), mocks={state: [Throw("Unlucky")] * 2})
    assert (execution.status, execution.duration) == ("SUCCEEDED", duration)
    assert [call.state for call in execution.calls].count(state) == 3
    assert len(execution.tables["TransactionTable"]) == 1


EXHAUSTIONS = [
    (CHECK, 50, 6, 15 * (1 + 1.5 + 1.5**2 + 1.5**3 + 1.5**4)),
    (BUY, 50, 4, 2 + 2 + 2),
    (SELL, 51, 4, 2 + 2 + 2),
    (RECORD, 50, 6, 20 + 200 + 2_000 + 20_000 + 200_000),
]


@pytest.mark.parametrize(("state", "price", "attempts", "duration"), EXHAUSTIONS)
def test_it_fails_when_the_retries_of_a_task_run_out(
    run_workflow: RunWorkflow, state: str, price: int, attempts: int, duration: float
) -> None:
    execution = run_workflow("stock_trader", functions=priced(price), mocks={state: Throw("Down", "still down")})
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "Down", "still down")
    assert (execution.trail[-1], execution.duration) == (state, duration)
    assert [call.state for call in execution.calls].count(state) == attempts
    assert execution.tables["TransactionTable"] == []


def test_one_failure_less_than_the_retries_allow_is_recovered_from(run_workflow: RunWorkflow) -> None:
    execution = run_workflow("stock_trader", functions=priced(50), mocks={RECORD: [Throw("Down")] * 5})
    assert (execution.status, len(execution.tables["TransactionTable"])) == ("SUCCEEDED", 1)


def test_a_timeout_of_the_service_is_not_retried(run_workflow: RunWorkflow) -> None:
    execution = run_workflow("stock_trader", functions=priced(50), mocks={BUY: Throw("States.Timeout")})
    assert (execution.status, execution.error, execution.duration) == ("FAILED", "States.Timeout", 0)


def test_a_missing_price_fails_at_the_choice_and_trades_nothing(run_workflow: RunWorkflow) -> None:
    execution = run_workflow("stock_trader", functions={"StockCheckerFunction": lambda event, context: {}})
    assert (execution.status, execution.error, execution.trail) == ("FAILED", "States.Runtime", [CHECK, CHOOSE])
    assert execution.tables["TransactionTable"] == []


def test_each_run_starts_with_an_empty_table(run_workflow: RunWorkflow) -> None:
    runs = [run_workflow("stock_trader", functions=priced(50)) for _ in range(2)]
    records = [execution.tables["TransactionTable"] for execution in runs]
    assert [len(items) for items in records] == [1, 1]
    assert records[0][0]["Id"] != records[1][0]["Id"]
