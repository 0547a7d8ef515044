"""Mistakes that mypy finds. `tox -e types` fails if one of these is not an error to mypy."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from workflow_dsl.authoring import (
    Catch,
    Chain,
    Choice,
    Fail,
    Map,
    Pass,
    Retry,
    Task,
    Wait,
    Workflow,
    function,
    jsonata,
    path,
    var,
)

if TYPE_CHECKING:
    Task("A").call("sns:publish", 5)  # type: ignore[arg-type]
    Task("A", resource=function("F"), timeout_second=5)  # type: ignore[call-arg]
    Task("A", resource=function("F"), retry=Catch(Fail("B"), error_equals="E"))  # type: ignore[arg-type]
    assert Task("A", resource=function("F")).timeout  # type: ignore[attr-defined]
    Wait("A", seconds="5")  # type: ignore[arg-type]
    Wait("A", seconds=5), Wait("B", seconds=path("$.a")), Wait("C", seconds=jsonata("$states.input"))
    Pass("A", query_language="JSONPATH")  # type: ignore[arg-type]
    Map("A", item_processor=[Pass("B")])  # type: ignore[arg-type]
    Retry(error_equals="E", jitter_strategy="SOME")  # type: ignore[arg-type]
    Chain([Pass("A"), "B"])  # type: ignore[list-item]
    Pass("A").next("B")  # type: ignore[type-var]
    Choice("A").add_choice(var("$.a"), Pass("B"))  # type: ignore[arg-type]
    Choice("A").add_choice(var("$.a") == 1, Pass("B"))
    Workflow([Pass("A")])  # type: ignore[arg-type]


def test_the_package_is_marked_as_typed() -> None:
    assert files("workflow_dsl").joinpath("py.typed").is_file()
