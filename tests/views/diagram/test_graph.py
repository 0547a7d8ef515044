"""graph.py: what stands in each box, and which lines lead from box to box."""

from __future__ import annotations

from typing import Any

from workflow_dsl.definition.machine import Machine
from workflow_dsl.views.diagram.graph import Edge, Graph, graph_of


def drawn(states: dict[str, Any], start: Any = "A") -> Graph:
    return graph_of(Machine({"StartAt": start, "States": states}))


def boxes(graph: Graph) -> list[tuple[str, str, str]]:
    return [(node.id, node.kind, node.name) for node in graph.nodes]


def test_a_choice_has_a_line_for_each_rule_and_one_for_otherwise() -> None:
    choice = {
        "Type": "Choice",
        "Choices": [
            {"Variable": "$.a", "NumericEquals": 1, "Next": "B"},
            {"Variable": "$.a", "NumericEquals": 2, "Next": "B"},
        ],
        "Default": "C",
    }
    graph = drawn({"A": choice, "B": {"Type": "Pass", "End": True}, "C": {"Type": "Fail", "Error": "E"}})
    assert boxes(graph) == [
        ("s1", "Start", "Start"),
        ("s2", "Choice", "A"),
        ("s3", "Pass", "B"),
        ("s4", "Fail", "C"),
        ("s5", "End", "End"),
    ]
    assert graph.edges == (
        Edge("s1", "s2", "next"),
        Edge("s2", "s3", "choice", "$.a = 1\n$.a = 2"),
        Edge("s2", "s4", "default", "otherwise"),
        Edge("s3", "s5", "next"),
    )


def test_a_catcher_is_a_line_of_its_own_kind_with_the_errors_it_takes() -> None:
    catch = [{"ErrorEquals": ["Busy", "Late"], "Next": "B"}, {"ErrorEquals": ["States.ALL"], "Next": "C"}]
    end = {"Type": "Succeed"}
    graph = drawn({"A": {"Type": "Task", "Resource": "${F}", "Catch": catch, "Next": "B"}, "B": end, "C": end})
    assert graph.edges[1:] == (
        Edge("s2", "s3", "next"),
        Edge("s2", "s3", "catch", "Busy\nLate"),
        Edge("s2", "s4", "catch", "any error"),
    )
    assert "End" not in [node.kind for node in graph.nodes]


def test_branches_and_items_are_drawn_inside_their_state() -> None:
    inner = {"StartAt": "X", "States": {"X": {"Type": "Pass", "End": True}}}
    graph = drawn({"A": {"Type": "Parallel", "Branches": [inner, inner], "End": True}})
    [parallel] = [node for node in graph.nodes if node.kind == "Parallel"]
    assert [[name for _, _, name in boxes(scope)] for scope in parallel.scopes] == [["Start", "X", "End"]] * 2
    ids = [node.id for each in (graph, *parallel.scopes) for node in each.nodes]
    assert len(ids) == len(set(ids))


def test_a_transition_to_nowhere_leads_to_a_box_that_says_so() -> None:
    graph = drawn({"A": {"Type": "Pass", "Next": "Gone"}, "B": {"Type": "Pass", "Next": 5}}, start="Away")
    assert [(node.name, node.details) for node in graph.nodes if node.kind == "Missing"] == [
        ("Away", ("no such state",)),
        ("Gone", ("no such state",)),
        ("5", ("no such state",)),
    ]


def test_a_machine_without_states_is_a_start_and_an_end() -> None:
    assert graph_of(Machine({})).edges == (Edge("s1", "s2", "next"),)
