"""Parallel and the inline Map: branches, iterations, the scopes of variables, the order of events."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.local import Return, run

END = {"End": True}


def scope(*states: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"StartAt": states[0][0], "States": dict(states)}


def pass_scope(name: str, **fields: Any) -> dict[str, Any]:
    return scope((name, {"Type": "Pass", **END, **fields}))


def parallel(*branches: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A machine of one Parallel state P; H is for a Catch."""
    handler = [("H", {"Type": "Succeed"})] if "Catch" in fields else []
    return scope(("P", {"Type": "Parallel", "Branches": list(branches), **END, **fields}), *handler)


def mapped(processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return scope(("M", {"Type": "Map", "ItemProcessor": processor, **END, **fields}))


def event_links(execution: Any) -> list[tuple[str, int]]:
    return [(event["type"], event["previousEventId"]) for event in execution.history]


def test_branches_get_the_same_input_and_return_a_list_in_their_order() -> None:
    slow = scope(("S", {"Type": "Wait", "Seconds": 5, "Next": "A"}), ("A", {"Type": "Pass", "Result": "a", **END}))
    execution = run(parallel(slow, pass_scope("B"), Parameters={"x.$": "$.y"}, ResultSelector={"all.$": "$"}), {"y": 1})
    assert (execution.output, execution.duration) == ({"all": ["a", {"x": 1}]}, 5)


def test_branches_take_turns() -> None:
    two = scope(("A1", {"Type": "Pass", "Next": "A2"}), ("A2", {"Type": "Pass", **END}))
    assert run(parallel(two, pass_scope("B"))).trail == ["P", "A1", "B", "A2"]


def test_a_failing_branch_stops_the_others_and_its_error_can_be_caught() -> None:
    waits = scope(("W", {"Type": "Wait", "Seconds": 100, "Next": "Never"}), ("Never", {"Type": "Pass", **END}))
    fails = scope(
        ("W2", {"Type": "Wait", "Seconds": 3, "Next": "F"}), ("F", {"Type": "Fail", "Error": "E", "Cause": "c"})
    )
    catch = [{"ErrorEquals": ["E"], "ResultPath": "$.error", "Next": "H"}]
    execution = run(parallel(waits, fails, Catch=catch), {"in": 1})
    assert execution.output == {"in": 1, "error": {"Error": "E", "Cause": "c"}}
    assert (execution.trail, execution.duration) == (["P", "W", "W2", "F", "H"], 3)


def test_an_error_that_nothing_handles_ends_the_execution_inside_of_a_parallel() -> None:
    assert event_links(run(parallel(pass_scope("A", Parameters={"m.$": "$.none"})))) == [
        ("ExecutionStarted", 0),
        ("ParallelStateEntered", 0),
        ("ParallelStateStarted", 2),
        ("PassStateEntered", 3),
        ("ExecutionFailed", 4),
    ]


def test_the_events_of_a_parallel_are_linked_as_in_the_service() -> None:
    assert event_links(run(parallel(pass_scope("A"), pass_scope("B")))) == [
        ("ExecutionStarted", 0),
        ("ParallelStateEntered", 0),
        ("ParallelStateStarted", 2),
        ("PassStateEntered", 3),
        ("PassStateExited", 4),
        ("PassStateEntered", 3),
        ("PassStateExited", 6),
        ("ParallelStateSucceeded", 7),
        ("ParallelStateExited", 7),
        ("ExecutionSucceeded", 9),
    ]


def test_the_events_of_a_map_are_linked_as_in_the_service() -> None:
    assert event_links(run(mapped(pass_scope("A"), MaxConcurrency=1), [1, 2])) == [
        ("ExecutionStarted", 0),
        ("MapStateEntered", 0),
        ("MapStateStarted", 2),
        ("MapIterationStarted", 3),
        ("PassStateEntered", 4),
        ("PassStateExited", 5),
        ("MapIterationSucceeded", 6),
        ("MapIterationStarted", 6),
        ("PassStateEntered", 8),
        ("PassStateExited", 9),
        ("MapIterationSucceeded", 10),
        ("MapStateSucceeded", 11),
        ("MapStateExited", 11),
        ("ExecutionSucceeded", 13),
    ]


MAPS: list[tuple[dict[str, Any], Any, Any]] = [
    (mapped(pass_scope("A")), [], []),
    (mapped(pass_scope("A")), [3, 1], [3, 1]),
    (mapped(pass_scope("A"), ItemsPath="$.l", ResultPath="$.r"), {"l": [1]}, {"l": [1], "r": [1]}),
    (mapped(pass_scope("A"), ItemSelector={"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "all.$": "$"}), [7],
     [{"i": 0, "v": 7, "all": [7]}]),
    (mapped(pass_scope("A"), Parameters={"v.$": "$$.Map.Item.Value"}), [7], [{"v": 7}]),
    (scope(("M", {"Type": "Map", "Iterator": pass_scope("A"), **END})), [1], [1]),
    (mapped(pass_scope("A"), QueryLanguage="JSONata", Items="{% [1..3] %}"), {}, [1, 2, 3]),
    (mapped(pass_scope("A"), QueryLanguage="JSONata", Items=[1, "{% 2 %}"], ItemSelector="{% $states.context.Map.Item.Value * 10 %}"),
     {}, [10, 20]),
    (mapped(pass_scope("A"), MaxConcurrencyPath="$.c", ItemsPath="$.l"), {"c": 2, "l": [1, 2, 3]}, [1, 2, 3]),
    (mapped(scope(("N", {"Type": "Map", "ItemProcessor": pass_scope("A"), **END}))), [[1], [2, 3]],
     [[1], [2, 3]]),
]  # fmt: skip


@pytest.mark.parametrize(("definition", "value", "output"), MAPS)
def test_a_map_returns_the_output_of_each_iteration(definition: dict[str, Any], value: Any, output: Any) -> None:
    execution = run(definition, value)
    assert (execution.status, execution.output) == ("SUCCEEDED", output), execution.cause


FAILING_MAPS: list[tuple[dict[str, Any], Any, str, str]] = [
    (mapped(pass_scope("A")), {"a": 1}, "States.Runtime", 'Reference path "$" must point to array.'),
    (mapped(pass_scope("A"), ItemsPath="$.l"), {}, "States.Runtime", "Invalid path '$.l' : No results for path: $['l']"),
    (mapped(pass_scope("A"), QueryLanguage="JSONata"), {}, "States.QueryEvaluationError", "Map state input must be an array but was: {}"),
    (mapped(pass_scope("A"), MaxConcurrencyPath="$.c", ItemsPath="$.l"), {"l": []}, "States.Runtime",
     "The MaxConcurrencyPath parameter does not reference an input value: $.c"),
]  # fmt: skip


@pytest.mark.parametrize(("definition", "value", "error", "cause"), FAILING_MAPS)
def test_a_map_without_a_list_of_items_or_a_concurrency_fails(
    definition: dict[str, Any], value: Any, error: str, cause: str
) -> None:
    execution = run(definition, value)
    assert execution.error == error
    assert execution.cause == f"An error occurred while executing the state 'M' (entered at the event id #2). {cause}"


WAITING = scope(("W", {"Type": "Wait", "SecondsPath": "$", **END}))


@pytest.mark.parametrize(("concurrency", "duration"), [(1, 6), (2, 4), (3, 3), (0, 3)])
def test_concurrency_shows_in_virtual_time(concurrency: int, duration: float) -> None:
    execution = run(mapped(WAITING, MaxConcurrency=concurrency), [1, 2, 3])
    assert (execution.output, execution.duration) == ([1, 2, 3], duration)


def test_an_inline_map_runs_at_most_40_items_at_once() -> None:
    assert run(mapped(WAITING), [1] * 81).duration == 3


def test_iterations_still_running_when_another_fails_are_aborted() -> None:
    choose = scope(
        ("C", {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "F"}], "Default": "W"}),
        ("W", {"Type": "Wait", "Seconds": 9, **END}),
        ("F", {"Type": "Fail", "Error": "E"}),
    )
    execution = run(mapped(choose), [1, 2])
    assert (execution.status, execution.error, execution.duration) == ("FAILED", "E", 0)
    assert [name for name, _ in event_links(execution)][-4:] == [
        "MapIterationFailed",
        "MapIterationAborted",
        "MapStateFailed",
        "ExecutionFailed",
    ]


def test_iterations_see_outer_variables_and_keep_their_own() -> None:
    inner = pass_scope("I", Assign={"own.$": "$", "seen.$": "$outer"}, Parameters={"seen.$": "$outer"})
    definition = scope(
        ("A", {"Type": "Pass", "Assign": {"outer": 1}, "Next": "M"}),
        ("M", {"Type": "Map", "ItemProcessor": inner, "Next": "B"}),
        ("B", {"Type": "Choice", "Choices": [{"Variable": "$own", "IsPresent": True, "Next": "F"}], "Default": "S"}),
        ("F", {"Type": "Fail"}),
        ("S", {"Type": "Succeed"}),
    )
    execution = run(definition, [5])
    assert (execution.trail[-1], execution.output) == ("S", [{"seen": 1}])


def test_a_whole_map_or_parallel_can_be_mocked() -> None:
    execution = run(mapped(pass_scope("A")), [1], mocks={"M": Return(["mocked"])})
    assert (execution.output, execution.trail) == (["mocked"], ["M"])
    assert run(parallel(pass_scope("A")), mocks={"P": Return([2])}).output == [2]


def test_a_retried_map_starts_again() -> None:
    fails = scope(("F", {"Type": "Fail", "Error": "E"}))
    execution = run(mapped(fails, Retry=[{"ErrorEquals": ["E"], "MaxAttempts": 1}]), [1])
    assert [name for name, _ in event_links(execution)].count("MapStateStarted") == 2
    assert [name for name, _ in event_links(execution)].count("MapStateFailed") == 1
    assert execution.duration == 1
