"""Parallel and the inline Map: branches, iterations, scopes of variables, order of events."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from workflow_dsl.local import Return, run

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
END = {"End": True}


def scope(*states: tuple[str, dict[str, Any]]) -> dict[str, Any]:
    return {"StartAt": states[0][0], "States": dict(states)}


def one(name: str, **fields: Any) -> dict[str, Any]:
    return scope((name, {"Type": "Pass", **END, **fields}))


def parallel(*branches: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return scope(("P", {"Type": "Parallel", "Branches": list(branches), **END, **fields}), ("H", {"Type": "Succeed"}))


def mapped(processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return scope(("M", {"Type": "Map", "ItemProcessor": processor, **END, **fields}))


def reached(definition: dict[str, Any]) -> dict[str, Any]:
    """The definition without states that nothing leads to, for those that have no Catch."""
    states = definition["States"]
    if not any("Catch" in state for state in states.values()):
        definition = {**definition, "States": {name: state for name, state in states.items() if name != "H"}}
    return definition


def types(execution: Any) -> list[tuple[str, int]]:
    return [(event["type"], event["previousEventId"]) for event in execution.history]


def test_branches_get_the_same_input_and_give_a_list_in_their_order() -> None:
    slow = scope(("S", {"Type": "Wait", "Seconds": 5, "Next": "A"}), ("A", {"Type": "Pass", "Result": "a", **END}))
    execution = run(
        reached(parallel(slow, one("B"), Parameters={"x.$": "$.y"}, ResultSelector={"all.$": "$"})), {"y": 1}
    )
    assert (execution.output, execution.duration) == ({"all": ["a", {"x": 1}]}, 5)


def test_branches_take_turns() -> None:
    two = scope(("A1", {"Type": "Pass", "Next": "A2"}), ("A2", {"Type": "Pass", **END}))
    assert run(reached(parallel(two, one("B")))).trail == ["P", "A1", "B", "A2"]


def test_a_failing_branch_stops_the_others_and_its_error_can_be_caught() -> None:
    waits = scope(("W", {"Type": "Wait", "Seconds": 100, "Next": "Never"}), ("Never", {"Type": "Pass", **END}))
    fails = scope(
        ("W2", {"Type": "Wait", "Seconds": 3, "Next": "F"}), ("F", {"Type": "Fail", "Error": "E", "Cause": "c"})
    )
    catch = [{"ErrorEquals": ["E"], "ResultPath": "$.error", "Next": "H"}]
    execution = run(parallel(waits, fails, Catch=catch), {"in": 1})
    assert execution.output == {"in": 1, "error": {"Error": "E", "Cause": "c"}}
    assert (execution.trail, execution.duration) == (["P", "W", "W2", "F", "H"], 3)


def test_the_events_of_a_parallel_follow_each_other_as_the_services_do() -> None:
    assert types(run(reached(parallel(one("A"), one("B"))))) == [
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


def test_the_events_of_a_map_follow_each_other_as_the_services_do() -> None:
    assert types(run(mapped(one("A"), MaxConcurrency=1), [1, 2])) == [
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
    (mapped(one("A")), [], []),
    (mapped(one("A")), [3, 1], [3, 1]),
    (mapped(one("A"), ItemsPath="$.l", ResultPath="$.r"), {"l": [1]}, {"l": [1], "r": [1]}),
    (mapped(one("A"), ItemSelector={"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value", "all.$": "$"}), [7],
     [{"i": 0, "v": 7, "all": [7]}]),
    (mapped(one("A"), Parameters={"v.$": "$$.Map.Item.Value"}), [7], [{"v": 7}]),
    (scope(("M", {"Type": "Map", "Iterator": one("A"), **END})), [1], [1]),
    (mapped(one("A"), QueryLanguage="JSONata", Items="{% [1..3] %}"), {}, [1, 2, 3]),
    (mapped(one("A"), QueryLanguage="JSONata", Items=[1, "{% 2 %}"], ItemSelector="{% $states.context.Map.Item.Value * 10 %}"),
     {}, [10, 20]),
    (mapped(one("A"), MaxConcurrencyPath="$.c", ItemsPath="$.l"), {"c": 2, "l": [1, 2, 3]}, [1, 2, 3]),
    (mapped(mapped(one("A"))["States"] and scope(("N", {"Type": "Map", "ItemProcessor": one("A"), **END}))), [[1], [2, 3]],
     [[1], [2, 3]]),
]  # fmt: skip


@pytest.mark.parametrize(("definition", "given", "output"), MAPS)
def test_a_map_gives_what_each_item_came_to(definition: dict[str, Any], given: Any, output: Any) -> None:
    execution = run(definition, given)
    assert (execution.status, execution.output) == ("SUCCEEDED", output), execution.cause


NO_ITEMS: list[tuple[dict[str, Any], Any, str, str]] = [
    (mapped(one("A")), {"a": 1}, "States.Runtime", 'Reference path "$" must point to array.'),
    (mapped(one("A"), ItemsPath="$.l"), {}, "States.Runtime", "Invalid path '$.l' : No results for path: $['l']"),
    (mapped(one("A"), QueryLanguage="JSONata"), {}, "States.QueryEvaluationError", "Map state input must be an array but was: {}"),
    (mapped(one("A"), MaxConcurrencyPath="$.c", ItemsPath="$.l"), {"l": []}, "States.Runtime",
     "The MaxConcurrencyPath parameter does not reference an input value: $.c"),
]  # fmt: skip


@pytest.mark.parametrize(("definition", "given", "error", "cause"), NO_ITEMS)
def test_a_map_without_items_fails(definition: dict[str, Any], given: Any, error: str, cause: str) -> None:
    execution = run(definition, given)
    assert execution.error == error
    assert execution.cause == f"An error occurred while executing the state 'M' (entered at the event id #2). {cause}"


WAITING = scope(("W", {"Type": "Wait", "SecondsPath": "$", **END}))


@pytest.mark.parametrize(("concurrency", "duration"), [(1, 6), (2, 4), (3, 3), (0, 3)])
def test_concurrency_shows_in_virtual_time(concurrency: int, duration: float) -> None:
    execution = run(mapped(WAITING, MaxConcurrency=concurrency), [1, 2, 3])
    assert (execution.output, execution.duration) == ([1, 2, 3], duration)


def test_an_inline_map_runs_at_most_40_items_at_once() -> None:
    assert run(mapped(WAITING), [1] * 81).duration == 3


def test_iterations_that_run_when_another_fails_are_aborted() -> None:
    choose = scope(
        ("C", {"Type": "Choice", "Choices": [{"Variable": "$", "NumericEquals": 2, "Next": "F"}], "Default": "W"}),
        ("W", {"Type": "Wait", "Seconds": 9, **END}),
        ("F", {"Type": "Fail", "Error": "E"}),
    )
    execution = run(mapped(choose), [1, 2])
    assert (execution.status, execution.error, execution.duration) == ("FAILED", "E", 0)
    assert [name for name, _ in types(execution)][-4:] == [
        "MapIterationFailed",
        "MapIterationAborted",
        "MapStateFailed",
        "ExecutionFailed",
    ]


def test_branches_and_iterations_see_outer_variables_and_keep_their_own() -> None:
    inner = one("I", Assign={"own.$": "$", "seen.$": "$outer"}, Parameters={"seen.$": "$outer"})
    definition = scope(
        ("A", {"Type": "Pass", "Assign": {"outer": 1}, "Next": "M"}),
        ("M", {"Type": "Map", "ItemProcessor": inner, "Next": "B"}),
        ("B", {"Type": "Choice", "Choices": [{"Variable": "$own", "IsPresent": True, "Next": "F"}], "Default": "S"}),
        ("F", {"Type": "Fail"}),
        ("S", {"Type": "Succeed"}),
    )
    execution = run(definition, [5])
    assert (execution.trail[-1], execution.output) == ("S", [{"seen": 1}])


def test_a_map_or_parallel_can_be_mocked_as_a_whole() -> None:
    execution = run(mapped(one("A")), [1], mocks={"M": Return(["mocked"])})
    assert (execution.output, execution.trail) == (["mocked"], ["M"])
    assert run(reached(parallel(one("A"))), mocks={"P": Return([2])}).output == [2]


def test_a_retried_map_starts_anew() -> None:
    fails = scope(("F", {"Type": "Fail", "Error": "E"}))
    execution = run(mapped(fails, Retry=[{"ErrorEquals": ["E"], "MaxAttempts": 1}]), [1])
    assert [name for name, _ in types(execution)].count("MapStateStarted") == 2
    assert [name for name, _ in types(execution)].count("MapStateFailed") == 1
    assert execution.duration == 1
