"""The price of executions: Standard by transitions, Express by requests and duration. Prices: prices.json.

Pricing page: the duration of an Express workflow is rounded up to 100 ms, its memory to chunks of 64 MB.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from workflow_dsl.exploration.cover import smallest_cover
from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.exploration.pytest_files.naming import sentence_of
from workflow_dsl.local.billing import billed_units, lambda_calls_of, transitions_of
from workflow_dsl.local.engine.engine import MAX_SECONDS_EXPRESS
from workflow_dsl.local.engine.prepared import parse_resource
from workflow_dsl.local.runner import Run
from workflow_dsl.records import Record

MILLION = 1_000_000
_PRICES = Path(__file__).with_name("prices.json")
_ONLY_STANDARD = (".sync", ".sync:2", ".waitForTaskToken")


@cache
def prices() -> dict[str, Any]:
    """Return the table of prices, with its date, region and source."""
    table: dict[str, Any] = json.loads(_PRICES.read_text("utf-8"))
    return table


class Cost(Record):
    """The billed units of an execution, and the price of a million executions in dollars."""

    transitions: int
    lambda_calls: int
    seconds: float  # virtual, as far as mocks and waits take time
    standard: float
    express: float | None  # None where an Express workflow cannot run it


def cost_of(run: Run) -> Cost:
    """Return the cost of an execution."""
    transitions, lambdas = transitions_of(run), lambda_calls_of(run)
    standard = transitions * prices()["standard"]["thousand_transitions"] / 1_000 * MILLION
    express = _express(run.duration) if _can_be_express(run) else None
    return Cost(transitions, lambdas, run.duration, standard, express)


def _can_be_express(run: Run) -> bool:
    """Developer guide, "Choosing workflow type": five minutes; no jobs, callbacks, activities or distributed Maps."""
    calls = [parse_resource(call.resource) for call in run.calls]
    is_waiting = any(kind == "activity" or pattern in _ONLY_STANDARD for kind, _, _, pattern in calls)
    has_distributed = any(state.is_distributed for state in run.machine.walk())
    return not is_waiting and not has_distributed and run.duration <= MAX_SECONDS_EXPRESS


def _express(seconds: float) -> float:
    """The price of a million executions with the least memory: one chunk."""
    table = prices()["express"]
    step = table["rounding_ms"] / 1_000
    billed = max(math.ceil(seconds / step), 1) * step
    gb_hours = billed * table["chunk_mb"] / 1_024 / 3_600 * MILLION
    price = float(table["million_requests"])
    for most, rate in table["gb_hours"]:
        used = gb_hours if most is None else min(gb_hours, most)
        price += used * rate
        gb_hours -= used
    return price


def price_lines(run: Run) -> Iterator[str]:
    """Yield the price of a million such executions: `$100.00 per million as Standard, ...`, and the prices' source."""
    yield _price(cost_of(run))
    yield _source()


def _price(cost: Cost) -> str:
    express = "cannot be Express" if cost.express is None else f"${cost.express:,.2f} as Express"
    return f"${cost.standard:,.2f} per million as Standard, {express}"


def _source() -> str:
    table = prices()
    return f"Prices of {table['region']} on {table['date']}: {table['source']}"


def cost_lines(exploration: Exploration) -> Iterator[str]:
    """Yield the cost of each way of the smallest cover, the cheapest first; then where Express would be cheaper."""
    costs = sorted(((cost_of(way.run), way) for way in smallest_cover(exploration)), key=lambda each: each[0].standard)
    if not costs:
        yield "no way was found"
        return
    for cost, way in costs:
        yield f"{billed_units(cost.transitions, cost.lambda_calls)}: {_price(cost)}: {sentence_of(exploration, way)}"
    low, high = costs[0][0], costs[-1][0]
    yield f"range: ${low.standard:,.2f} to ${high.standard:,.2f} per million"
    yield f"most expensive: {sentence_of(exploration, costs[-1][1])}"
    yield _advice([cost for cost, _ in costs])
    yield _source()


def _advice(costs: list[Cost]) -> str:
    cheaper = [cost for cost in costs if cost.express is not None and cost.express < cost.standard]
    impossible = [cost for cost in costs if cost.express is None]
    if impossible:
        return f"Express: not possible for {len(impossible)} of {len(costs)} ways"
    return f"Express would be cheaper for {len(cheaper)} of {len(costs)} ways, with 64 MB and the durations above"
