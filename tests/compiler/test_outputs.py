"""Uses of a state's output() where another state's output arrives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from workflow_dsl import Workflow
from workflow_dsl.compiler import compile_workflow
from workflow_dsl.findings import FindingsError

from stepfunctions.steps import Catch, Chain, Fail, Pass, Task, Wait  # isort: skip  # after workflow_dsl


def using(source: Any, **fields: Any) -> Any:
    return Pass("User", parameters={"x": source.output()["a"]["b"]}, **fields)


def test_the_output_of_the_state_before_is_read() -> None:
    source = Task("Source", resource="r")
    states = compile_workflow(Workflow(Chain([source, using(source)]))).states
    assert states["User"].fields["Parameters"] == {"x.$": "$['a']['b']"}


BETWEEN: list[tuple[Callable[[], Any], bool]] = [
    (lambda: Wait("M", seconds=1), True),
    (lambda: Pass("M"), True),
    (lambda: Pass("M", result={}), False),
    (lambda: Pass("M", parameters={}), False),
    (lambda: Pass("M", input_path="$.m"), False),
    (lambda: Pass("M", output_path="$.m"), False),
    (lambda: Task("M", resource="r"), False),
    (lambda: Task("M", resource="r", result_path="$"), False),
    (lambda: Task("M", resource="r", result_path="$.m"), True),
    (lambda: Task("M", resource="r", result_path=None), True),
]


@pytest.mark.parametrize(("between", "is_allowed"), BETWEEN)
def test_an_output_is_read_only_through_states_that_pass_it_on(between: Callable[[], Any], is_allowed: bool) -> None:
    source = Task("Source", resource="r")
    workflow = Workflow(Chain([source, between(), Wait("Rest", seconds=1), using(source)]))
    if is_allowed:
        assert "User" in compile_workflow(workflow).states
        return
    with pytest.raises(FindingsError) as refused:
        compile_workflow(workflow)
    [finding] = refused.value.findings
    assert (finding.where.state, finding.text) == (
        "User",
        'uses the output of "Source", but follows "M"; read it from the input, path("$.x"), or assign a variable',
    )
    assert finding.where.place


def test_a_loop_ends_the_search() -> None:
    source, rest = Pass("Source"), Wait("Rest", seconds=1)
    user = using(source, result_path="$.user")
    source.next(rest)
    rest.next(user)
    user.next(rest)
    assert list(compile_workflow(Workflow(source)).states) == ["Source", "Rest", "User"]


def test_a_use_in_a_catcher_belongs_to_no_state() -> None:
    source = Task("Source", resource="r")
    caught = Task(
        "User", resource="r", catch=Catch(error_equals=["E"], next_step=Fail("F"), result_path=source.output()["a"])
    )
    assert "F" in compile_workflow(Workflow(Chain([source, Pass("M", result={}), caught]))).states
