"""option_types.py: an option of a wrong type is refused before anything runs."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.local import run
from workflow_dsl.local.option_types import check_option_types

DEFINITION = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
WRONG: list[tuple[dict[str, Any], str]] = [
    ({"functions": []}, r'functions is \[\]; pass a mapping such as {"FunctionName": handler}'),
    ({"functions": {"f": 3}}, "the handler of f is 3; pass a function that takes an event and a context"),
    ({"mocks": 3}, r'mocks is 3; pass a mapping such as {"State": Return\(value\)}'),
    ({"workflows": "x"}, "workflows is 'x'; pass a mapping"),
    ({"substitutions": 5}, "substitutions is 5; pass a mapping"),
    ({"context": []}, r"context is \[\]; pass a mapping"),
    ({"name": 5}, "name is 5; pass a string"),
    ({"machine_name": 5}, "machine_name is 5; pass a string"),
    ({"seed": 1.5}, "seed is 1.5; pass an integer or a string"),
    ({"start_time": "now"}, "start_time is 'now'; pass a datetime"),
    ({"clock": 3}, "clock is 3; pass a function without arguments"),
    ({"watch": 3}, "watch is 3; pass a function"),
    ({"type": "express"}, """type is 'express'; pass "STANDARD" or "EXPRESS\""""),
    ({"services": 1}, "services is 1; pass a mapping"),
]


@pytest.mark.parametrize(("options", "message"), WRONG)
def test_an_option_of_a_wrong_type_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(TypeError, match=message):
        run(DEFINITION, **options)


@pytest.mark.parametrize(
    "options", [{option: None} for options, _ in WRONG for option in options if option != "machine_name"]
)
def test_none_is_the_default_of_an_option(options: dict[str, Any]) -> None:
    assert run(DEFINITION, **options).status == "SUCCEEDED"


@pytest.mark.parametrize(
    ("option", "hint"),
    [("mock", 'did you mean "mocks"?'), ("beverage", "it has clock, context, functions, machine_name, mocks, name, ")],
)
def test_an_option_that_no_run_has_is_refused_with_the_closest_one(option: str, hint: str) -> None:
    with pytest.raises(TypeError) as refused:
        check_option_types(**{option: 1})
    assert str(refused.value).startswith(f"a run has no option {option!r}; {hint}")
