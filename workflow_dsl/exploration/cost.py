"""The price of executions: Standard by transitions, Express by requests and duration. Prices: prices.json.

Pricing page: a transition is counted each time a step is executed, retries included; the duration of an Express
workflow is rounded up to 100 ms, its memory to chunks of 64 MB.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from workflow_dsl.exploration.cover import smallest_cover
from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.exploration.pytest_files.naming import sentence_of
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
    transitions = transitions_of(run)
    lambdas = sum(_is_lambda(call.resource) for call in run.calls)
    standard = transitions * prices()["standard"]["thousand_transitions"] / 1_000 * MILLION
    express = _express(run.duration) if _can_be_express(run) else None
    return Cost(transitions, lambdas, run.duration, standard, express)


def transitions_of(run: Run) -> int:
    """Return the number of transitions: a state's entry is one, and so is each retry."""
    types = {state.name: state.type for state in run.machine.walk()}
    entries = Counter(types.get(name) for name in run.trail)
    starts = Counter(event["type"] for event in run.history)
    retries = max(len(run.calls) - entries["Task"], 0)
    for type_ in ("Parallel", "Map"):
        retries += max(starts[f"{type_}StateStarted"] - entries[type_], 0)
    return len(run.trail) + retries


def _is_lambda(resource: str) -> bool:
    kind, service, action, _ = parse_resource(resource)
    return kind == "lambda" or (service, action) == ("lambda", "invoke")


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


def cost_line(run: Run) -> str:
    """Return the cost of one execution: `4 transitions, 2 Lambda calls: $100.00 per million as Standard, ...`."""
    return _line(cost_of(run))


def counted_line(run: Run) -> str:
    """Return what an execution is charged for: `4 transitions, 2 Lambda calls`."""
    return _counted(cost_of(run))


def _counted(cost: Cost) -> str:
    lambdas = f"{cost.lambda_calls} Lambda call{_s(cost.lambda_calls)}"
    return f"{cost.transitions} transition{_s(cost.transitions)}, {lambdas}"


def _line(cost: Cost) -> str:
    express = "cannot be Express" if cost.express is None else f"${cost.express:,.2f} as Express"
    return f"{_counted(cost)}: ${cost.standard:,.2f} per million as Standard, {express}"


def _s(number: int) -> str:
    return "" if number == 1 else "s"


def cost_lines(exploration: Exploration) -> Iterator[str]:
    """Yield the cost of each way of the smallest cover, the cheapest first; then where Express would be cheaper."""
    costs = sorted(((cost_of(way.run), way) for way in smallest_cover(exploration)), key=lambda each: each[0].standard)
    if not costs:
        yield "no way was found"
        return
    yield from (f"{_line(cost)}: {sentence_of(exploration, way)}" for cost, way in costs)
    low, high = costs[0][0], costs[-1][0]
    yield f"range: ${low.standard:,.2f} to ${high.standard:,.2f} per million"
    yield f"most expensive: {sentence_of(exploration, costs[-1][1])}"
    yield _advice([cost for cost, _ in costs])
    table = prices()
    yield f"Prices of {table['region']} on {table['date']}: {table['source']}"


def _advice(costs: list[Cost]) -> str:
    cheaper = [cost for cost in costs if cost.express is not None and cost.express < cost.standard]
    impossible = [cost for cost in costs if cost.express is None]
    if impossible:
        return f"Express: not possible for {len(impossible)} of {len(costs)} ways"
    return f"Express would be cheaper for {len(cheaper)} of {len(costs)} ways, with 64 MB and the durations above"
