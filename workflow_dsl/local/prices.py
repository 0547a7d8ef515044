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
    express = _express(run.duration) if _can_be_express(run) else None
    return Cost(transitions, lambdas, run.duration, _standard(transitions), express)


def _standard(transitions: int) -> float:
    """The price of a million executions with so many transitions."""
    return float(transitions * prices()["standard"]["thousand_transitions"] / 1_000 * MILLION)


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


def price_of(run: Run) -> float:
    """Return the price of a million such executions of the state machine's own type."""
    return _express(run.duration) if run.type == "EXPRESS" else _standard(transitions_of(run))


def billed_line(run: Run) -> str:
    """Return what an execution is charged for: `4 transitions, 2 Lambda calls, $100.00 per million`."""
    as_express = " as Express" if run.type == "EXPRESS" else ""
    units = billed_units(transitions_of(run), lambda_calls_of(run))
    return f"{units}, ${price_of(run):,.2f} per million{as_express}"


def price_lines(run: Run) -> Iterator[str]:
    """Yield the price of a million such executions: `$100.00 per million as Standard, ...`, and the prices' source."""
    yield both_prices(cost_of(run))
    yield source_line()


def both_prices(cost: Cost) -> str:
    """Return the prices of both types: `$100.00 per million as Standard, $1.10 as Express`."""
    express = "cannot be Express" if cost.express is None else f"${cost.express:,.2f} as Express"
    return f"${cost.standard:,.2f} per million as Standard, {express}"


def source_line() -> str:
    """Return the region, date and source of the prices."""
    table = prices()
    return f"Prices of {table['region']} on {table['date']}: {table['source']}"
