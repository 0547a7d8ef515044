"""Scenarios of the portfolio rebalance, with its real handlers and the real stock trader, on a virtual clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from workflow_dsl.local import Mock, Return, Run, RunWorkflow, Throw

READ, REBALANCE, CHECK, CHOOSE = "Read Portfolio", "Rebalance Holdings", "Check Price", "Off Target?"
TRADE, KEEP, ASK = "Trade Stock", "Keep Holding", "All Traded?"
ANNOUNCE, REVERSE, SORRY, FAIL = "Announce Rebalance", "Reverse Trades", "Announce Failure", "Rebalance Failed"


def priced(**prices: float) -> dict[str, Callable[[Any, Any], Any]]:
    """A stock checker with these prices; any other price is 50."""
    return {"StockCheckerFunction": lambda event, context: {"stock_price": prices.get(event.get("symbol"), 50)}}


def traded(name: str) -> Return:
    """The end of a stock trader's execution."""
    started = {"ExecutionArn": name, "StateMachineArn": "trader", "StartDate": "2026-11-28T12:00:00Z"}
    return Return({**started, "Status": "SUCCEEDED"})


def published(execution: Run) -> list[str]:
    return [call.arguments["Message"] for call in execution.calls if call.state in (ANNOUNCE, SORRY)]


def test_holdings_off_target_by_more_than_the_tolerance_are_traded(run_workflow: RunWorkflow) -> None:
    # 12 ACME should be worth 600, 30 GLOBEX 1500 and 4 INITECH 200; the tolerance is 100.
    prices = priced(ACME=58, GLOBEX=54, INITECH=80)
    execution = run_workflow("portfolio_rebalance", {"portfolio": "growth"}, functions=prices)
    assert (execution.status, execution.output) == ("SUCCEEDED", {"portfolio": "growth"}), execution.cause
    traded = [call.arguments["Input"]["symbol"] for call in execution.calls if call.state == TRADE]
    assert traded == ["GLOBEX", "INITECH"]
    assert {record["Price"]["N"] for record in execution.tables["TransactionTable"]} == {"54", "80"}
    assert published(execution) == ["growth is rebalanced: 2 traded"]


def test_the_trader_knows_which_execution_started_it(run_workflow: RunWorkflow) -> None:
    execution = run_workflow("portfolio_rebalance", {"portfolio": "income"}, functions=priced(UMBRELLA=90), name="r1")
    [trade] = [call for call in execution.calls if call.state == TRADE]
    assert trade.arguments["Input"]["AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"].endswith(":r1")


@pytest.mark.parametrize("price", [47.5, 50, 52.5])
def test_within_the_tolerance_nothing_is_traded(run_workflow: RunWorkflow, price: float) -> None:
    execution = run_workflow("portfolio_rebalance", {"portfolio": "income"}, functions=priced(UMBRELLA=price))
    assert (execution.status, execution.trail) == ("SUCCEEDED", [READ, REBALANCE, CHECK, CHOOSE, KEEP, ASK, ANNOUNCE])
    assert published(execution) == ["income is rebalanced: 0 traded"]


def test_without_a_portfolio_it_rebalances_growth(run_workflow: RunWorkflow) -> None:
    execution = run_workflow("portfolio_rebalance", {}, functions=priced())
    assert published(execution) == ["growth is rebalanced: 0 traded"]


def test_if_one_trade_fails_the_others_are_reversed_and_the_topic_is_notified(run_workflow: RunWorkflow) -> None:
    mocks: dict[str, Mock] = {TRADE: [traded("first"), Throw("States.TaskFailed"), traded("third")]}
    prices = priced(ACME=90, GLOBEX=90, INITECH=90)
    execution = run_workflow("portfolio_rebalance", {"portfolio": "growth"}, functions=prices, mocks=mocks)
    assert (execution.status, execution.error) == ("FAILED", "RebalanceFailed")
    assert execution.cause == "GLOBEX could not be traded; all trades are reversed"
    assert execution.trail[-4:] == [ASK, REVERSE, SORRY, FAIL]
    [reversal] = [call.arguments for call in execution.calls if call.state == REVERSE]
    assert reversal == {
        "portfolio": "growth",
        "trades": [
            {"symbol": "ACME", "status": "traded", "execution": "first"},
            {"symbol": "INITECH", "status": "traded", "execution": "third"},
        ],
    }
    assert published(execution) == ["growth is not rebalanced: GLOBEX could not be traded; all trades are reversed"]


def test_a_failed_trader_execution_is_a_failed_trade(run_workflow: RunWorkflow) -> None:
    def checker(event: Any, context: Any) -> Any:
        return {"stock_price": 90} if "target" in event else {}  # the trader asks without a holding

    execution = run_workflow(
        "portfolio_rebalance", {"portfolio": "income"}, functions={"StockCheckerFunction": checker}
    )
    assert (execution.status, execution.error) == ("FAILED", "RebalanceFailed")
    assert published(execution) == ["income is not rebalanced: UMBRELLA could not be traded; all trades are reversed"]


def test_a_price_that_cannot_be_checked_fails_the_rebalance(run_workflow: RunWorkflow) -> None:
    execution = run_workflow("portfolio_rebalance", {"portfolio": "income"}, mocks={CHECK: Throw("Stock.Unknown")})
    assert (execution.status, execution.error, execution.cause) == ("FAILED", "RebalanceFailed", "Stock.Unknown")
    assert execution.trail[-2:] == [SORRY, FAIL]


@pytest.mark.parametrize("state", [READ, CHECK])
def test_it_recovers_when_lambda_is_busy(run_workflow: RunWorkflow, state: str) -> None:
    busy = [Throw("Lambda.TooManyRequestsException")] * 2
    execution = run_workflow(
        "portfolio_rebalance", {"portfolio": "income"}, functions=priced(), mocks={state: busy}, seed=1
    )
    assert execution.status == "SUCCEEDED"
    assert 0 < execution.duration <= 1 + 2  # full jitter: at most the interval, and its double


def test_trades_are_reversed_when_lambda_is_busy_too(run_workflow: RunWorkflow) -> None:
    mocks: dict[str, Mock] = {TRADE: Throw("States.TaskFailed"), REVERSE: [Throw("Lambda.ServiceException")]}
    execution = run_workflow("portfolio_rebalance", {"portfolio": "income"}, functions=priced(UMBRELLA=90), mocks=mocks)
    assert [call.state for call in execution.calls].count(REVERSE) == 2
    assert execution.cause == "UMBRELLA could not be traded; all trades are reversed"


def test_an_unknown_portfolio_fails_with_the_known_names(run_workflow: RunWorkflow) -> None:
    execution = run_workflow("portfolio_rebalance", {"portfolio": "gold"})
    assert (execution.status, execution.error) == ("FAILED", "ValueError")
    assert "unknown portfolio 'gold'; known are growth, income" in str(execution.cause)
