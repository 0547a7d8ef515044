"""Transitions, calls of functions, and the price of a million executions."""

from __future__ import annotations

from typing import Any

import pytest

from tests.exploration.machines import BOTH_BRANCHES, COUNTS_TO_THREE, task
from workflow_dsl.local import InTurn, Return, Throw, run
from workflow_dsl.local.prices import Cost, billed_line, cost_of, price_lines, price_of, prices

LAMBDA = {"StartAt": "T", "States": {"T": task(Retry=[{"ErrorEquals": ["Busy"], "IntervalSeconds": 2}])}}
QUEUE = {
    "StartAt": "Q",
    "States": {
        "Q": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": {"QueueUrl": "q", "MessageBody.$": "$$.Task.Token"},
            "End": True,
        }
    },
}
COSTS: list[tuple[dict[str, Any], dict[str, Any], Cost]] = [
    (COUNTS_TO_THREE, {}, Cost(8, 0, 0, 200.0, 1.1)),
    (LAMBDA, {"T": Return(1)}, Cost(1, 1, 0, 25.0, 1.1)),
    (LAMBDA, {"T": InTurn(Throw("Busy"), Return(1))}, Cost(2, 2, 2.0, 50.0, 3.08)),
    (BOTH_BRANCHES, {"Left": Return({"size": 1})}, Cost(5, 1, 0, 125.0, 1.1)),
    (QUEUE, {"Q": Return(1)}, Cost(1, 0, 0, 25.0, None)),
]


@pytest.mark.parametrize(("machine", "mocks", "cost"), COSTS)
def test_an_execution_costs_its_transitions_or_its_duration(
    machine: dict[str, Any], mocks: dict[str, Any], cost: Cost
) -> None:
    found = cost_of(run(machine, mocks=mocks))
    express = None if found.express is None else round(found.express, 2)
    assert (found.transitions, found.lambda_calls, found.seconds, round(found.standard, 2), express) == (
        cost.transitions, cost.lambda_calls, cost.seconds, cost.standard, cost.express
    )  # fmt: skip


def test_the_price_of_a_million_has_its_date_and_source() -> None:
    price, source = price_lines(run(LAMBDA, mocks={"T": Return(1)}))
    assert price == "$25.00 per million as Standard, $1.10 as Express"
    assert source == f"Prices of us-east-1 on {prices()['date']}: {prices()['source']}"


def test_the_prices_have_a_date_a_region_and_a_source() -> None:
    assert {"date", "region", "source"} <= prices().keys()


LINES = [
    ("STANDARD", Return(1), "1 transition, 1 Lambda call, $25.00 per million", 25.0),
    ("EXPRESS", Return(1, after=0.25), "1 transition, 1 Lambda call, $1.31 per million as Express", 1.3),
]


@pytest.mark.parametrize(("type_", "mock", "line", "price"), LINES)
def test_a_run_is_priced_as_the_type_that_it_has(type_: Any, mock: Return, line: str, price: float) -> None:
    execution = run(LAMBDA, mocks={"T": mock}, type=type_)
    assert (billed_line(execution), round(price_of(execution), 1)) == (line, price)
