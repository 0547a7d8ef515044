"""The values of an execution against the shapes of its states, so that annotations which lie are found."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.local.runner import Run
from workflow_dsl.shapes import Declared, Shape, StateFlow, flow_of
from workflow_dsl.shapes.conformity import problems


def contradictions(execution: Run, declared: Declared) -> list[str]:
    """Return how values that entered and left the states of an execution differ from their shapes, each as a line."""
    flow = flow_of(execution.machine, declared)
    by_name: dict[str, list[StateFlow]] = {}
    for passing in flow.states.values():
        by_name.setdefault(passing.state.name, []).append(passing)
    lines: dict[str, None] = {}
    for name, is_input, value in _passages(execution.history):
        shapes = [
            shape
            for passing in by_name.get(name, [])
            for shape in ((passing.input,) if is_input else (passing.output, passing.caught))
        ]
        differences = [list(problems(shape, value, _SUBJECTS[is_input])) for shape in shapes]
        if differences and all(differences):
            closest = min(range(len(shapes)), key=lambda index: len(differences[index]))
            for each in differences[closest]:
                lines.setdefault(f'"{name}": {each}{_sources(shapes[closest])}')
    return list(lines)


_SUBJECTS = {True: "the input", False: "the output"}


def _passages(history: list[Mapping[str, Any]] | list[dict[str, Any]]) -> Iterator[tuple[str, bool, Json]]:
    """Yield the states that an execution entered and left, with True for an input, and the value."""
    for event in history:
        for key, is_input in (("stateEnteredEventDetails", True), ("stateExitedEventDetails", False)):
            details = event.get(key)
            if details:
                yield details["name"], is_input, json.loads(details["input" if is_input else "output"])


def _sources(shape: Shape) -> str:
    origins = dict.fromkeys(origin.text for part in shape.records for origin in part.origins)
    return f" (declared in {', '.join(origins)})" if origins else ""
