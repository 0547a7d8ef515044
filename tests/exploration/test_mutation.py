"""Slips in a definition are noticed by the tests of its paths: trail, status, error and duration."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.exploration.machines import MACHINES, asks, choice, task
from tests.exploration.mutants import mutants_of
from workflow_dsl.exploration.cover import smallest_cover
from workflow_dsl.exploration.execution_paths import Endless, ExecutionPath, Scenario, run_path
from workflow_dsl.exploration.exploring import Exploration, explore
from workflow_dsl.findings import FindingsError
from workflow_dsl.local.runner import prepare
from workflow_dsl.local.stand_ins.mocks import Return
from workflow_dsl.records import replace

GENERATED = sorted((Path(__file__).parents[2] / "generated").glob("*.asl.json"))
NUMBER = "$.n"
OVERLAPPING = choice(
    {"Variable": NUMBER, "NumericLessThan": 10},
    {"Variable": NUMBER, "NumericLessThanEquals": 20},
    {"And": [{"Variable": "$.mode", "StringEquals": "fast"}, {"Variable": "$.limit", "NumericGreaterThan": 3}]},
)
LENGTHS = asks("$count($states.input.seen) > 1", "$sum($states.input.seen) >= 40")
NAMED = {
    "StartAt": "Ask",
    "States": {
        "Ask": task(
            Retry=[{"ErrorEquals": ["Busy", "Slow"], "MaxAttempts": 2}, {"ErrorEquals": ["Late", "States.Timeout"]}],
            Catch=[{"ErrorEquals": ["Busy", "Gone", "Late"], "Next": "Refuse"}],
        ),
        "Refuse": {"Type": "Pass", "End": True},
    },
}
DEFINITIONS: dict[str, dict[str, Any]] = {
    **MACHINES,
    "overlapping": OVERLAPPING,
    "lengths": LENGTHS,
    "named": NAMED,
    **{path.name: json.loads(path.read_text("utf-8")) for path in GENERATED},
}


def asserted(path: ExecutionPath) -> tuple[list[str], str, str | None, float]:
    return path.run.trail, path.run.status, path.run.error, round(path.run.duration, 3)


def mocked(exploration: Exploration, path: ExecutionPath) -> Scenario:
    """What a path is given, with a result of each task that it calls: a test has mocks for those alone."""
    called = {call.state for call in path.run.calls}
    results = {name: (Return(value),) for name, value in exploration.defaults.items() if name in called}
    return replace(path.scenario, responses=results | dict(path.scenario.responses))


def is_noticed(exploration: Exploration, paths: list[ExecutionPath], text: str) -> bool:
    subject = replace(exploration.subject, machine=prepare(text, None, "STANDARD"), text=text)
    for path in paths:
        try:
            if asserted(run_path(subject, mocked(exploration, path), {})) != asserted(path):
                return True
        except (FindingsError, Endless):  # a state without a mock, or a loop without an end
            return True
    return False


def outcomes(definition: dict[str, Any]) -> dict[str, bool]:
    """Return for each mutant, by its slip, if it is noticed; none that validation refuses."""
    exploration = explore(definition)
    paths = smallest_cover(exploration)
    noticed = {}
    for slip, mutant in mutants_of(definition):
        try:
            noticed[slip] = is_noticed(exploration, paths, json.dumps(mutant))
        except FindingsError:
            continue
    return noticed


def test_nine_of_ten_mutants_are_noticed() -> None:
    noticed = [outcome for definition in DEFINITIONS.values() for outcome in outcomes(definition).values()]
    assert len(noticed) > 90
    assert sum(noticed) >= 0.9 * len(noticed)


@pytest.mark.parametrize(
    "name", ["stock_trader.asl.json", "portfolio_rebalance.asl.json", "overlapping", "lengths", "named"]
)
def test_every_mutant_of_a_machine_of_bounds_and_retries_is_noticed(name: str) -> None:
    assert [slip for slip, is_noticed in outcomes(DEFINITIONS[name]).items() if not is_noticed] == []
