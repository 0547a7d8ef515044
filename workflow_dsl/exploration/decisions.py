"""The values that the Choice states of an execution decide by."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from workflow_dsl.exploration.execution_paths import ExecutionPath
from workflow_dsl.exploration.exploring import Exploration
from workflow_dsl.exploration.search.candidates import ABSENT
from workflow_dsl.expressions.jsonpath import parse_path
from workflow_dsl.expressions.problems import EvaluationProblem, PathNotFound
from workflow_dsl.local.engine.prepared import PreparedState


def values_read(exploration: Exploration, path: ExecutionPath) -> tuple[Any, ...]:
    """Return what the rules of each Choice that is entered read of its input, and all values of variables."""
    choices = {state.name: state for state in exploration.machine.states() if state.type == "Choice"}
    values: list[Any] = []
    for event in path.run.history:
        entered, exited = event.get("stateEnteredEventDetails"), event.get("stateExitedEventDetails", {})
        if entered and entered["name"] in choices:
            values.append(_values_of_rules(choices[entered["name"]], json.loads(entered["input"])))
        values += [exited["assignedVariables"]] if "assignedVariables" in exited else []
    return tuple(values)


def _values_of_rules(state: PreparedState, data: Any) -> Any:
    """The values at the paths of the rules; the whole input of a JSONata state."""
    return data if state.is_jsonata else [_value_at(path, data) for path in _paths(state.fields["Choices"])]


def _paths(rules: Any) -> Iterator[str]:
    for rule in rules:
        yield from _paths(rule.get("And", rule.get("Or", ())))
        yield from _paths([rule["Not"]] if "Not" in rule else ())
        fields = (value for name, value in rule.items() if name == "Variable" or name.endswith("Path"))
        yield from (path for path in fields if path.startswith(("$.", "$[")))


def _value_at(path: str, data: Any) -> Any:
    try:
        return parse_path(path).read(data, dict, {})
    except (PathNotFound, EvaluationProblem):
        return ABSENT
