"""Other values of the same shape: no recorded one is left, equal ones stay equal, and the execution runs as before."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from workflow_dsl.exploration.execution_paths import Scenario
from workflow_dsl.exploration.pytest_files.masked_values import masked_scenario
from workflow_dsl.local.stand_ins.mocks import Return, Throw

SHAPES = [
    ("Ada Lovelace", r"[A-Z][a-z]{2} [A-Z][a-z]{7}"),
    ("ada@mail.example", r"[a-z]{3}@[a-z]{4}\.[a-z]{7}"),
    ("+44 20 7946 0018", r"\+\d\d \d\d \d{4} \d{4}"),
    ("2021-03-04T05:06:07Z", r"\d{4}-\d\d-\d\dT\d\d:\d\d:07Z"),
    ("1990-05-01", r"\d{4}-\d\d-\d\d"),
    ("198.51.100.7", r"192\.0\.2\.\d+"),
    ("arn:aws:sqs:eu-west-1:123456789012:orders", r"arn:aws:sqs:eu-west-1:\d{12}:[a-z]{6}"),
    ("0f8fad5b-d9cb-469f-a165-70867728950e", r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    ('{"name": "Ada"}', r'\{"name": "[A-Z][a-z]{2}"\}'),
    (70_123, r"[1-9]\d{4}"),
    (-12.5, r"-[1-9]\d\.\d"),
]


@pytest.mark.parametrize(("value", "shape"), SHAPES)
def test_a_value_gets_another_of_its_shape(value: str | float, shape: str) -> None:
    masked, kept = masked_scenario(Scenario({"field": value}), "{}", lambda _: True)
    new = masked.input["field"]
    assert (type(new), new != value, bool(re.fullmatch(shape, str(new))), kept) == (type(value), True, True, 0)


def test_equal_values_stay_equal_in_input_results_and_causes() -> None:
    responses = {"Ask": (Return({"owner": "Grace"}), Throw("Busy", '{"owner": "Grace"}'))}
    masked, _ = masked_scenario(Scenario({"name": "Grace"}, responses), "{}", lambda _: True)
    returned, thrown = masked.responses["Ask"]
    assert isinstance(returned, Return)
    assert isinstance(thrown, Throw)
    new = masked.input["name"]
    assert (returned.value, json.loads(thrown.cause), new != "Grace") == ({"owner": new}, {"owner": new}, True)


def test_what_the_definition_has_and_what_the_path_needs_stays() -> None:
    scenario = Scenario({"kind": "gold", "amount": 70, "name": "Ada", "paid": True, "note": None})
    masked, kept = masked_scenario(scenario, '{"StringEquals": "gold"}', lambda tried: tried.input["amount"] == 70)
    fields = masked.input
    assert (fields["kind"], fields["amount"], fields["paid"], fields["note"], kept) == ("gold", 70, True, None, 1)
    assert fields["name"] != "Ada"


@for_all(st.lists(st.text(min_size=4) | st.integers(min_value=1_000)))
def test_different_values_stay_different(values: list[Any]) -> None:
    masked, _ = masked_scenario(Scenario(values), "", lambda _: True)
    assert len({str(each) for each in masked.input}) == len({str(each) for each in values})
    assert [type(each) for each in masked.input] == [type(each) for each in values]
