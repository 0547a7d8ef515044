"""No value that the engine passes through a random machine contradicts the shapes."""

from __future__ import annotations

import pytest

from tests.shapes.random_machines import Machines
from workflow_dsl.definition.machine import Machine
from workflow_dsl.findings import Keys
from workflow_dsl.local import run
from workflow_dsl.local.type_checks import contradictions
from workflow_dsl.shapes import Declared, Shape, flow_of
from workflow_dsl.shapes.literals import literal
from workflow_dsl.shapes.shape import UNKNOWN, join


def _is_always_read(keys: Keys) -> bool:
    """True unless an earlier Choice rule, or an earlier part of this one, may decide."""
    return keys[0] != "Choices" or keys == ("Choices", 0, "Variable")


@pytest.mark.parametrize("part", range(4))
def test_no_value_of_a_run_contradicts_a_shape_and_no_state_that_ends_reads_what_fails(part: int) -> None:
    for seed in range(part * 100, part * 100 + 100):
        machines = Machines(seed)
        machine, value, other = Machine(machines.machine()), machines.value(), machines.value()
        execution = run(machine, value)
        left = {
            event["stateExitedEventDetails"]["name"]
            for event in execution.history
            if "stateExitedEventDetails" in event
        }
        shapes: list[Shape] = [UNKNOWN, literal(value), join(literal(value), literal(other))]
        for shape in shapes:
            assert contradictions(execution, Declared(shape)) == [], (seed, machine.document(), value)
            wrong = [
                (passing.state.name, each.text)
                for passing in flow_of(machine, Declared(shape)).states.values()
                if passing.state.name in left and passing.caught.parts == ()
                for each in passing.reads
                if each.miss.is_sure and each.fails and _is_always_read(each.keys)
            ]
            assert wrong == [], (seed, machine.document(), value)
