"""The graph of two definitions."""

from __future__ import annotations

from typing import Any

from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.state_diff import diff
from workflow_dsl.views.diagram import to_mermaid_diff, to_svg_diff
from workflow_dsl.views.diagram.difference import graph_of_difference
from workflow_dsl.views.diagram.graph import Graph


def both(**states: Any) -> Machine:
    branch = {"StartAt": next(iter(states)), "States": states}
    return Machine({"StartAt": "Both", "States": {"Both": {"Type": "Parallel", "Branches": [branch], "End": True}}})


OLD = both(
    Load={"Type": "Pass", "Next": "Rest"}, Rest={"Type": "Wait", "Seconds": 5, "Next": "Done"}, Done={"Type": "Succeed"}
)
NEW = both(Load={"Type": "Pass", "Next": "End"}, End={"Type": "Succeed"}, Stop={"Type": "Fail", "Error": "E"})


def runs(graph: Graph) -> dict[str, str]:
    inner = [runs(scope) for box in graph.boxes for scope in box.scopes]
    return {box.name: box.run for box in graph.boxes} | {name: run for each in inner for name, run in each.items()}


def test_each_state_that_differs_is_marked_and_removed_states_are_drawn() -> None:
    graph = graph_of_difference(diff(OLD, NEW))
    assert runs(graph) == {
        "Start": "",
        "Both": "",
        "Load": "changed",
        "End": "changed",
        "Stop": "added",
        "Rest": "removed",
    }


def test_transitions_that_are_new_or_gone_are_marked() -> None:
    (branch,) = next(box for box in graph_of_difference(diff(OLD, NEW)).boxes if box.scopes).scopes
    names = {box.id: box.name for box in branch.boxes}
    assert [(names[edge.source], names[edge.target], edge.run) for edge in branch.edges] == [
        ("Start", "Load", ""),
        ("Load", "End", "added"),
        ("Rest", "End", "removed"),
        ("Load", "Rest", "removed"),
    ]


def test_both_pictures_have_the_marks_and_their_colors() -> None:
    found = diff(OLD, NEW)
    svg, mermaid = to_svg_diff(found, "x"), to_mermaid_diff(found)
    assert [text in svg for text in ('class="state removed"', ".removed>rect", 'class="state added"')] == [True] * 3
    assert [text in mermaid for text in (":::removed", "classDef removed", ":::added")] == [True] * 3


def test_placeholders_are_drawn_with_their_values_and_names_of_states_stay() -> None:
    task = {"Type": "Task", "Resource": "${Arn}", "End": True}
    new = Machine({"StartAt": "Call ${Name}", "States": {"Call ${Name}": task}})
    [box] = [
        box
        for box in graph_of_difference(
            diff(OLD, new), {"Arn": "arn:aws:lambda:eu-west-1:1:function:Pay", "Name": "x"}
        ).boxes
        if box.kind == "Task"
    ]
    assert (box.name, box.run, box.details) == ("Call ${Name}", "added", ("Lambda Pay",))
