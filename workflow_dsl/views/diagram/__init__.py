"""Diagrams of a machine: SVG, and Mermaid for code hosts."""

from __future__ import annotations

from collections.abc import Mapping

from workflow_dsl.definition.machine import Machine
from workflow_dsl.definition.state_diff import MachineDiff
from workflow_dsl.views.diagram.difference import graph_of_difference
from workflow_dsl.views.diagram.graph import graph_of
from workflow_dsl.views.diagram.mermaid import mermaid_of
from workflow_dsl.views.diagram.svg import svg_of

__all__ = ["to_mermaid", "to_mermaid_diff", "to_svg", "to_svg_diff"]


def to_svg(machine: Machine, name: str, entered: Mapping[str, tuple[int, bool]] | None = None) -> str:
    """The content of an SVG file that draws a machine, valid or not.

    With `entered` it shows an execution: how often each state was entered, and whether it exited every time.
    """
    return svg_of(graph_of(machine, entered), f"State machine {name}", str(machine.fields.get("Comment", "")))


def to_mermaid(machine: Machine) -> str:
    """The content of an .mmd file: a machine, valid or not, as a Mermaid flowchart."""
    return mermaid_of(graph_of(machine))


def to_svg_diff(diff: MachineDiff, name: str) -> str:
    """The content of an SVG file that draws the new machine and the removed states, those that differ in color."""
    return svg_of(graph_of_difference(diff), f"Difference of {name}", is_difference=True)


def to_mermaid_diff(diff: MachineDiff) -> str:
    """The content of an .mmd file that draws the new machine and the removed states, those that differ in color."""
    return mermaid_of(graph_of_difference(diff), is_difference=True)
