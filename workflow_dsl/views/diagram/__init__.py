"""Diagrams of a machine: SVG, and Mermaid for code hosts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import Machine
from workflow_dsl.views.diagram.graph import graph_of, with_tips
from workflow_dsl.views.diagram.mermaid import mermaid_of
from workflow_dsl.views.diagram.style import CHANGE_STYLE, RUN_STYLE, STYLE
from workflow_dsl.views.diagram.svg import svg_of, title_element

if TYPE_CHECKING:
    from workflow_dsl.definition.state_diff import MachineDiff
    from workflow_dsl.views.diagram.graph import Graph

__all__ = [
    "MERMAID_MARK",
    "PAGE_STYLE",
    "containers_of",
    "part_of",
    "to_mermaid",
    "to_mermaid_diff",
    "to_svg",
    "to_svg_diff",
    "to_svg_diff_of_page",
    "to_svg_of_page",
    "to_svg_title",
]

PAGE_STYLE = f"{STYLE}{RUN_STYLE}{CHANGE_STYLE}"
MERMAID_MARK = 'flowchart TD\n    s1(["Start"])\n'  # the beginning of every Mermaid file of a machine


def to_svg(
    machine: Machine,
    name: str,
    entered: Mapping[str, tuple[int, bool]] | None = None,
    folded: Collection[str] = (),
    tips: Mapping[str, tuple[str, ...]] | None = None,
) -> str:
    """The content of an SVG file that draws a machine, valid or not.

    With `entered` it shows an execution: how often each state was entered, and whether it exited every time.
    The states in `folded` are drawn without the states inside them. `tips` are more lines for the tip of a state.
    """
    graph = with_tips(graph_of(machine, entered, folded), tips or {})
    return svg_of(graph, _title(name), str(machine.fields.get("Comment", "")))


def to_svg_of_page(machine: Machine, name: str) -> str:
    """The SVG element of a machine in a page that has PAGE_STYLE; `data-state` says which state an element draws."""
    return svg_of(graph_of(machine), _title(name), is_page=True)


def to_svg_diff_of_page(diff: MachineDiff, name: str, substitutions: Mapping[str, Json]) -> str:
    """The SVG element of a difference in a page that has PAGE_STYLE, as `to_svg_of_page`."""
    return svg_of(_graph_of_difference(diff, substitutions), f"Difference of {name}", is_difference=True, is_page=True)


def to_svg_title(name: str) -> str:
    """The element that every SVG file of a machine has, which tells it from others' pictures."""
    return title_element(_title(name))


def _title(name: str) -> str:
    return f"State machine {name}"


def to_mermaid(machine: Machine, folded: Collection[str] = ()) -> str:
    """The content of an .mmd file: a machine, valid or not, as a Mermaid flowchart; `folded` as in to_svg()."""
    return mermaid_of(graph_of(machine, folded=folded))


def part_of(machine: Machine, name: str) -> Machine:
    """A machine of nothing but one Parallel or Map of another, to draw it by itself. Raises KeyError without it."""
    containers = {state.name: state for state in machine.walk() if state.nested}
    fields = {field: value for field, value in containers[name].fields.items() if field not in ("Next", "Catch")}
    return Machine({"StartAt": name, "States": {name: {**fields, "End": True}}})


def containers_of(machine: Machine) -> list[str]:
    """The names of the states with others inside, which can be folded or drawn by themselves."""
    return [state.name for state in machine.walk() if state.nested]


def to_svg_diff(diff: MachineDiff, name: str, substitutions: Mapping[str, Json] | None = None) -> str:
    """The content of an SVG file that draws the new machine and the removed states, those that differ in color."""
    return svg_of(_graph_of_difference(diff, substitutions), f"Difference of {name}", is_difference=True)


def to_mermaid_diff(diff: MachineDiff) -> str:
    """The content of an .mmd file that draws the new machine and the removed states, those that differ in color."""
    return mermaid_of(_graph_of_difference(diff), is_difference=True)


def _graph_of_difference(diff: MachineDiff, substitutions: Mapping[str, Json] | None = None) -> Graph:
    from workflow_dsl.views.diagram.difference import graph_of_difference  # most draw one machine

    return graph_of_difference(diff, substitutions)
