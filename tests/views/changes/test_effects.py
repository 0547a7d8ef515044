"""The effects of a changed definition on callers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workflow_dsl.application.machines import TemplateMachine, machine_outside
from workflow_dsl.application.template import empty_template
from workflow_dsl.definition.machine import Machine
from workflow_dsl.views.changes.effects import RUNNING, effect_words, effects_of


def machine(first: dict[str, Any], **fields: Any) -> TemplateMachine:
    compiled = Machine({"StartAt": "A", "States": {"A": {**first, "End": True}}, **fields})
    return machine_outside(empty_template(Path("template.yaml")), Path("orders.py"), compiled=compiled)


NOTHING: dict[str, Any] = {"Type": "Pass"}
BRANCH = {"StartAt": "B", "States": {"B": {"Type": "Wait", "SecondsPath": "$.seconds", "End": True}}}
WAITS: list[tuple[dict[str, Any], str]] = [
    ({"Type": "Pass", "Parameters": {"id.$": "$.order.id", "x.$": "States.Format('{}', $.y)"}}, "order.id, y"),
    ({"Type": "Wait", "SecondsPath": "$.seconds"}, "seconds"),
    ({"Type": "Map", "ItemsPath": "$.items"}, "items"),
    ({"Type": "Choice", "Choices": [{"Variable": "$.kind", "StringEquals": "a", "Next": "A"}]}, "kind"),
    ({"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $states.input.total + 1 %}"}, "total"),
    ({"Type": "Parallel", "Branches": [BRANCH]}, "seconds"),
]


@pytest.mark.parametrize(("first", "reads"), WAITS)
def test_the_input_that_the_first_state_reads_now_or_no_longer_is_named(first: dict[str, Any], reads: str) -> None:
    nothing, something = machine(NOTHING), machine(first)
    assert list(effect_words(effects_of(nothing, something))) == [
        RUNNING,
        f"the first state now reads {reads} of the input",
    ]
    assert list(effect_words(effects_of(something, nothing))) == [
        RUNNING,
        f"the first state no longer reads {reads} of the input",
    ]
