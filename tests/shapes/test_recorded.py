"""No value of an execution recorded from AWS contradicts the shapes; skipped without the recorded data."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine
from workflow_dsl.shapes import Declared, Flow, StateFlow, flow_of
from workflow_dsl.shapes.conformity import problems
from workflow_dsl.shapes.literals import literal
from workflow_dsl.shapes.shape import UNKNOWN

DATA = Path(__file__).parent.parent.parent.parent / "shared" / "conformance"

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the recorded data is not next to this checkout")

_INVENTED = "RandomNumberGenerated"  # stands for a number in the recordings


def parsed(value: Json) -> Json:
    """A value; some rows have it as JSON text."""
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


def rows(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for line in (DATA / name).read_text("utf-8").splitlines():
        row = json.loads(line)
        definition = parsed(row["definition"])
        if isinstance(definition, dict):
            yield row, definition


def passages(row: dict[str, Any]) -> Iterator[tuple[str, bool, Json]]:
    """The states that an execution entered and left, with True for an input, and the value."""
    for event in row["expected"].get("history") or []:
        for key, is_input in (("stateEnteredEventDetails", True), ("stateExitedEventDetails", False)):
            if key in event:
                yield event[key]["name"], is_input, event[key].get("input" if is_input else "output")


def differences(flow: Flow, name: str, is_input: bool, value: Json) -> list[str]:
    """How a value differs from the shapes of every state of a name."""
    named: list[StateFlow] = [each for each in flow.states.values() if each.state.name == name]
    shapes = [shape for each in named for shape in ((each.input,) if is_input else (each.output, each.caught))]
    found = [list(problems(shape, each)) for shape in shapes for each in (value, parsed(value))]
    return min(found, key=len)


def input_of(row: dict[str, Any]) -> Declared:
    events = row["expected"].get("history") or []
    started = [each["executionStartedEventDetails"] for each in events if "executionStartedEventDetails" in each]
    return Declared(literal(parsed(started[0]["input"])) if started else UNKNOWN)


@pytest.mark.parametrize("name", ["executions.jsonl", "lambda.jsonl"])
@pytest.mark.parametrize("is_known", [False, True])
def test_no_value_of_a_recorded_execution_contradicts_a_shape(name: str, is_known: bool) -> None:
    compared, wrong = 0, []
    for row, definition in rows(name):
        flow = flow_of(Machine(definition), input_of(row) if is_known else Declared())
        for state, is_input, value in passages(row):
            compared += 1
            if found := [each for each in differences(flow, state, is_input, value) if _INVENTED not in each]:
                wrong.append((row["id"], state, found))
        if row["expected"]["status"] == "SUCCEEDED" and row["expected"].get("has_output"):
            output = row["expected"]["output"]
            found = min((list(problems(flow.output, each)) for each in (output, parsed(output))), key=len)
            wrong += [(row["id"], "", [each]) for each in found if _INVENTED not in each]
    assert compared > 50
    assert wrong == []


@pytest.mark.parametrize("name", ["executions.jsonl", "lambda.jsonl"])
@pytest.mark.parametrize("is_known", [False, True])
def test_no_state_that_a_recorded_execution_left_reads_what_is_said_to_fail(name: str, is_known: bool) -> None:
    wrong = []
    for row, definition in rows(name):
        flow = flow_of(Machine(definition), input_of(row) if is_known else Declared())
        left = {state for state, is_input, _ in passages(row) if not is_input}
        wrong += [
            (row["id"], each.text)
            for passing in flow.states.values()
            if passing.state.name in left and passing.caught.parts == ()
            for each in passing.reads
            if each.miss.is_sure and each.fails
        ]
    assert wrong == []
