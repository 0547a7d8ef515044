"""The price of each execution path, and the range of all."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.exploration.path_groups import paths_to_show
from workflow_dsl.exploration.pytest_files.naming import sentence_of
from workflow_dsl.local.billing import billed_units
from workflow_dsl.local.prices import Cost, both_prices, cost_of, source_line


def cost_lines(exploration: Exploration) -> Iterator[str]:
    """Yield the cost of each path of the smallest cover, the cheapest first; then where Express would be cheaper."""
    paths = [(group.first.run, group.nameless) for group in paths_to_show(exploration)]
    costs = sorted(((cost_of(run), path) for run, path in paths), key=lambda priced: priced[0].standard)
    if not costs:
        yield "no path was found"
        return
    for cost, path in costs:
        units = billed_units(cost.transitions, cost.lambda_calls)
        yield f"{units}: {both_prices(cost)}: {sentence_of(exploration, path)}"
    low, high = costs[0][0], costs[-1][0]
    yield f"range: ${low.standard:,.2f} to ${high.standard:,.2f} per million"
    yield f"most expensive: {sentence_of(exploration, costs[-1][1])}"
    yield _advice([cost for cost, _ in costs])
    yield source_line()


def _advice(costs: list[Cost]) -> str:
    cheaper = [cost for cost in costs if cost.express is not None and cost.express < cost.standard]
    impossible = [cost for cost in costs if cost.express is None]
    if impossible:
        return f"Express: not possible for {len(impossible)} of {len(costs)} paths"
    return f"Express would be cheaper for {len(cheaper)} of {len(costs)} paths, with 64 MB and the durations above"
