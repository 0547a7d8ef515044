"""The billed units of an execution: its transitions, and its calls of Lambda functions."""

from __future__ import annotations

from collections import Counter

from workflow_dsl.local.engine.prepared import parse_resource
from workflow_dsl.local.runner import Run


def transitions_of(run: Run) -> int:
    """Return the number of transitions. Pricing page: one each time a step is executed, retries included."""
    types = {state.name: state.type for state in run.machine.walk()}
    entries = Counter(types.get(name) for name in run.trail)
    starts = Counter(event["type"] for event in run.history)
    retries = max(len(run.calls) - entries["Task"], 0)
    for type_ in ("Parallel", "Map"):
        retries += max(starts[f"{type_}StateStarted"] - entries[type_], 0)
    return len(run.trail) + retries


def lambda_calls_of(run: Run) -> int:
    """Return the number of calls of Lambda functions, mocked ones included."""
    return sum(_is_lambda(call.resource) for call in run.calls)


def _is_lambda(resource: str) -> bool:
    kind, service, action, _ = parse_resource(resource)
    return kind == "lambda" or (service, action) == ("lambda", "invoke")


def billed_units(transitions: int, lambda_calls: int) -> str:
    """Return units as text: `4 transitions, 2 Lambda calls`."""
    return f"{transitions} transition{_s(transitions)}, {lambda_calls} Lambda call{_s(lambda_calls)}"


def _s(number: int) -> str:
    return "" if number == 1 else "s"
