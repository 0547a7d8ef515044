"""graph.py: the boxes of a machine and the lines between them."""

from __future__ import annotations

from typing import Any

from workflow_dsl.definition.machine import Machine
from workflow_dsl.views.diagram.graph import Edge, Graph, graph_of


def graph(states: dict[str, Any], start: Any = "A") -> Graph:
    return graph_of(Machine({"StartAt": start, "States": states}))


def boxes(scope: Graph) -> list[tuple[str, str, str]]:
    return [(box.id, box.kind, box.name) for box in scope.boxes]


def test_a_choice_has_a_line_for_each_target_of_its_rules_and_one_for_its_default() -> None:
    choice = {
        "Type": "Choice",
        "Choices": [
            {"Variable": "$.a", "NumericEquals": 1, "Next": "B"},
            {"Variable": "$.a", "NumericEquals": 2, "Next": "B"},
        ],
        "Default": "C",
    }
    drawing = graph({"A": choice, "B": {"Type": "Pass", "End": True}, "C": {"Type": "Fail", "Error": "E"}})
    assert boxes(drawing) == [
        ("s1", "Start", "Start"),
        ("s2", "Choice", "A"),
        ("s3", "Pass", "B"),
        ("s4", "Fail", "C"),
        ("s5", "End", "End"),
    ]
    assert drawing.edges == (
        Edge("s1", "s2", "next"),
        Edge("s2", "s3", "choice", "$.a = 1\n$.a = 2"),
        Edge("s2", "s4", "default", "otherwise"),
        Edge("s3", "s5", "next"),
    )


def test_a_catcher_is_a_line_of_its_own_kind_with_its_errors() -> None:
    catch = [{"ErrorEquals": ["Busy", "Late"], "Next": "B"}, {"ErrorEquals": ["States.ALL"], "Next": "C"}]
    end = {"Type": "Succeed"}
    drawing = graph({"A": {"Type": "Task", "Resource": "${F}", "Catch": catch, "Next": "B"}, "B": end, "C": end})
    assert drawing.edges[1:] == (
        Edge("s2", "s3", "next"),
        Edge("s2", "s3", "catch", "Busy\nLate"),
        Edge("s2", "s4", "catch", "any error"),
    )
    assert "End" not in [box.kind for box in drawing.boxes]


def test_branches_and_items_are_drawn_inside_their_state() -> None:
    inner = {"StartAt": "X", "States": {"X": {"Type": "Pass", "End": True}}}
    drawing = graph({"A": {"Type": "Parallel", "Branches": [inner, inner], "End": True}})
    [parallel] = [box for box in drawing.boxes if box.kind == "Parallel"]
    assert [[name for _, _, name in boxes(scope)] for scope in parallel.scopes] == [["Start", "X", "End"]] * 2
    ids = [box.id for scope in (drawing, *parallel.scopes) for box in scope.boxes]
    assert len(ids) == len(set(ids))


def test_the_missing_target_of_a_transition_is_a_box_of_its_own() -> None:
    drawing = graph({"A": {"Type": "Pass", "Next": "Gone"}, "B": {"Type": "Pass", "Next": 5}}, start="Away")
    assert [(box.name, box.details) for box in drawing.boxes if box.kind == "Missing"] == [
        ("Away", ("no such state",)),
        ("Gone", ("no such state",)),
        ("5", ("no such state",)),
    ]


def test_a_machine_without_states_is_a_start_and_an_end() -> None:
    assert graph_of(Machine({})).edges == (Edge("s1", "s2", "next"),)
