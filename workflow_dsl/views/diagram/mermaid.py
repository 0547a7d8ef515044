"""A graph as a Mermaid flowchart, which code hosts render."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.views.diagram.graph import END, START, Box, Edge, Graph
from workflow_dsl.views.inert import for_mermaid

_SHAPES = {  # the brackets around the text of a box, by its kind
    START: ("([", "])"),
    END: ("([", "])"),
    "Choice": ("{{", "}}"),
    "Succeed": ("([", "])"),
    "Fail": ("([", "])"),
}


def mermaid_of(graph: Graph, *, is_difference: bool = False) -> str:
    """The flowchart as the content of an .mmd file; `is_difference` colors what two definitions do not share."""
    classes = [*_CLASSES, *(_CHANGES if is_difference else ())]
    styles = [f"linkStyle {n} {_LINKS[edge.run]}" for n, edge in enumerate(_edges(graph)) if edge.run in _LINKS]
    lines = (f"    {line}" for line in (*classes, *styles))
    return "\n".join(["flowchart TD", *_scope(graph, "    "), *lines, ""])


def _edges(graph: Graph) -> Iterator[Edge]:
    """Yield the edges in the order of their lines, by which Mermaid numbers them."""
    for box in graph.boxes:
        for scope in box.scopes:
            yield from _edges(scope)
    yield from graph.edges


def _scope(graph: Graph, indent: str) -> Iterator[str]:
    for box in graph.boxes:
        yield from _box(box, indent)
    for edge in graph.edges:
        arrow = "-.->" if edge.kind == "catch" else "-->"
        label = f'|"{for_mermaid(edge.label)}"|' if edge.label else ""
        yield f"{indent}{edge.source} {arrow}{label} {edge.target}"


def _box(box: Box, indent: str) -> Iterator[str]:
    lines = [for_mermaid(line) for line in (box.name, *box.details) if line]
    text = (" \u00b7 " if box.scopes else "<br/>").join(lines)  # Mermaid leaves room for one line above a subgraph
    if not box.scopes:
        opening, closing = _SHAPES.get(box.kind, ("[", "]"))
        class_ = f":::{box.run or box.kind.lower()}" if box.run or box.kind in _KINDS_WITH_CLASS else ""
        yield f'{indent}{box.id}{opening}"{text}"{closing}{class_}'
        return
    yield f'{indent}subgraph {box.id}["{text}"]'
    for number, scope in enumerate(box.scopes, 1):
        inner = f"{indent}    "
        if len(box.scopes) > 1:
            yield f'{inner}subgraph {box.id}b{number}["{number}"]'
            yield from _scope(scope, f"{inner}    ")
            yield f"{inner}end"
        else:
            yield from _scope(scope, inner)
    yield f"{indent}end"
    if box.run:
        yield f"{indent}class {box.id} {box.run}"


_KINDS_WITH_CLASS = ("Task", "Choice", "Succeed", "Fail", "Missing")
_CLASSES = (  # strokes only, which are visible on light and dark
    "classDef task stroke:#d86613",
    "classDef choice stroke:#3b6fd4",
    "classDef succeed stroke:#2e7d32",
    "classDef fail stroke:#c62828",
    "classDef missing stroke:#c62828,stroke-dasharray:3 3",
)
_CHANGES = (
    "classDef added stroke:#2e7d32,stroke-width:3px",
    "classDef removed stroke:#c62828,stroke-width:3px,stroke-dasharray:6 4",
    "classDef changed stroke:#d18616,stroke-width:3px",
)
_LINKS = {"added": "stroke:#2e7d32,stroke-width:3px", "removed": "stroke:#c62828,stroke-dasharray:6 4"}
