"""A graph as a Mermaid flowchart, which code hosts draw as it is."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.views.diagram.graph import END, START, Box, Graph

_SHAPES = {  # by kind, what stands around the text
    START: ("([", "])"),
    END: ("([", "])"),
    "Choice": ("{{", "}}"),
    "Succeed": ("([", "])"),
    "Fail": ("([", "])"),
}


def mermaid_of(graph: Graph) -> str:
    """The flowchart as the text of an .mmd file."""
    return "\n".join(["flowchart TD", *_scope(graph, "    "), *(f"    {line}" for line in _CLASSES), ""])


def _scope(graph: Graph, indent: str) -> Iterator[str]:
    for node in graph.nodes:
        yield from _node(node, indent)
    for edge in graph.edges:
        line = "-.->" if edge.line == "catch" else "-->"
        label = f'|"{escaped(edge.label)}"|' if edge.label else ""
        yield f"{indent}{edge.source} {line}{label} {edge.target}"


def _node(node: Box, indent: str) -> Iterator[str]:
    parts = [escaped(line) for line in (node.name, *node.details) if line]
    text = (" \u00b7 " if node.scopes else "<br/>").join(parts)  # Mermaid leaves room for one line above a subgraph
    if not node.scopes:
        opening, closing = _SHAPES.get(node.kind, ("[", "]"))
        kind = node.kind.lower() if node.kind in _CLASSED else ""
        yield f'{indent}{node.id}{opening}"{text}"{closing}{f":::{kind}" if kind else ""}'
        return
    yield f'{indent}subgraph {node.id}["{text}"]'
    for number, scope in enumerate(node.scopes, 1):
        inner = f"{indent}    "
        if len(node.scopes) > 1:
            yield f'{inner}subgraph {node.id}b{number}["{number}"]'
            yield from _scope(scope, f"{inner}    ")
            yield f"{inner}end"
        else:
            yield from _scope(scope, inner)
    yield f"{indent}end"


_CLASSED = ("Task", "Choice", "Succeed", "Fail", "Missing")
_CLASSES = (  # lines alone, which can be seen on light and on dark
    "classDef task stroke:#d86613",
    "classDef choice stroke:#3b6fd4",
    "classDef succeed stroke:#2e7d32",
    "classDef fail stroke:#c62828",
    "classDef missing stroke:#c62828,stroke-dasharray:3 3",
)


def escaped(text: str) -> str:
    """A text with the signs that Mermaid would read as its own in the form of entities, and lines as it breaks them."""
    marked = "".join(f"#{ord(sign)};" if sign in '#"<>&`' else sign for sign in text)
    return marked.replace("\n", "<br/>")
