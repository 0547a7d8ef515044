"""A graph as SVG: text that can be selected, colours for dark and light, a title for those who hear it read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from workflow_dsl.views.diagram.graph import END, MISSING, START, Box, Edge, Graph
from workflow_dsl.views.diagram.layout import Layout, Link, Point, Size, Stretch, laid_out
from workflow_dsl.views.diagram.style import RUN_STYLE, STYLE, look
from workflow_dsl.views.diagram.text_metrics import lines, width

_NAME, _DETAIL, _LABEL = 13, 11, 11  # sizes of letters
_LEADING = 1.3
_ROOM, _LABEL_ROOM = 210.0, 220.0  # the widest a line of text gets
_PAD, _BADGE, _TOP = 10.0, 26.0, 8.0
_MARGIN = 20.0
_ARROW = 9.0  # the straight end of a line
_INSIDE, _APART = 16.0, 20.0  # around what is drawn inside a box, and between two scopes in it


@dataclass(frozen=True, slots=True)
class _Box:
    """A node with its texts broken into lines, and what is drawn inside it."""

    node: Box
    name: tuple[str, ...]
    details: tuple[str, ...]
    size: Size
    inner: tuple[_Drawing, ...] = ()

    @property
    def head(self) -> float:
        """The height of the texts at the top."""
        return _head(self.name, self.details)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """A scope laid out."""

    boxes: tuple[_Box, ...]
    edges: dict[Link, Edge]
    labels: dict[Link, list[str]]
    layout: Layout


def svg_of(graph: Graph, title: str, description: str = "") -> str:
    """The picture as the text of an SVG file."""
    drawing = _drawing(graph)
    wide, high = (_number(side + 2 * _MARGIN) for side in drawing.layout.size)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {wide} {high}" '
            'role="img" aria-labelledby="title description" font-family="Helvetica, Arial, sans-serif">',
            f'<title id="title">{_escaped(title)}</title>',
            f'<desc id="description">{_escaped(description)}</desc>',
            f"<style>{STYLE}{RUN_STYLE if any(node.run for node in graph.nodes) else ''}</style>",
            f"<defs>{''.join(_arrow(name) for name in ('next', 'catch'))}</defs>",
            f'<rect class="page" width="{wide}" height="{high}" rx="10"/>',
            *_drawn(drawing, (_MARGIN, _MARGIN)),
            "</svg>\n",
        ]
    )


def _drawing(graph: Graph) -> _Drawing:
    boxes = tuple(_box(node) for node in graph.nodes)
    edges, labels = {}, {}
    for edge in graph.edges:
        said = (
            [line for part in edge.label.split("\n") for line in lines(part, _LABEL, _LABEL_ROOM, 3)]
            if edge.label
            else []
        )
        said = [*said[:5], "\u2026"] if len(said) > 6 else said
        size = (max(width(line, _LABEL) for line in said) + 8, len(said) * _LABEL * _LEADING + 4) if said else None
        link = Link(edge.source, edge.target, "catch" if edge.line == "catch" else "", size, edge.line == "next")
        edges[link], labels[link] = edge, said
    layout = laid_out({box.node.id: box.size for box in boxes}, list(edges))
    return _Drawing(boxes, edges, labels, layout)


def _head(name: tuple[str, ...], details: tuple[str, ...]) -> float:
    return 2 * _TOP + len(name) * _NAME * _LEADING + len(details) * _DETAIL * _LEADING


def _box(node: Box) -> _Box:
    if node.kind in (START, END):
        return _Box(node, (node.name,), (), (width(node.name, _DETAIL) + 24, 24.0))
    name = tuple(lines(node.name, _NAME, _ROOM, 3, bold=True))
    details = tuple(line for each in node.details for line in lines(each, _DETAIL, _ROOM, 2))
    texts = [width(line, _NAME, bold=True) for line in name] + [width(line, _DETAIL) for line in details]
    wide = max(texts) + 3 * _PAD + _BADGE + (_PAD if node.kind == "Choice" else 0)
    high = max(_head(name, details), _BADGE + 2 * _TOP)
    inner = tuple(_drawing(scope) for scope in node.scopes)
    if inner:
        wide = max(wide, _inner_width(inner) + 2 * _INSIDE)
        high += max(each.layout.size[1] for each in inner) + 3 * _INSIDE
    return _Box(node, name, details, (wide, high), inner)


def _drawn(drawing: _Drawing, origin: Point) -> Iterator[str]:
    """Lines first, boxes over them, labels on top."""
    x, y = origin
    layout = drawing.layout
    for link, edge in drawing.edges.items():
        for stretch in layout.lines.get(link, ()):
            yield _line(stretch, edge, origin)
    for box in drawing.boxes:
        left, top = layout.boxes[box.node.id]
        yield from _node(box, (x + left, y + top))
    for link, (left, top) in layout.labels.items():
        yield _label(drawing.edges[link], drawing.labels[link], (x + left, y + top))


def _line(stretch: Stretch, edge: Edge, origin: Point) -> str:
    points = [(x + origin[0], y + origin[1]) for x, y in stretch.points]
    kind = "catch" if edge.line == "catch" else "next"
    arrow = f' marker-end="url(#{kind})"' if stretch.ends else ""
    return f'<path class="{kind}" d="{_way(points, stretch.ends)}"{arrow}/>'


def _way(points: list[Point], ends: bool) -> str:
    """Straight ends and a bend between; room for the arrow where it ends."""
    if len(points) == 3:
        (x, y), (far, _), (_, back) = points
        return f"M{_pair(x, y)} C{_pair(far, y)} {_pair(far, back)} {_pair(x, back)}"
    (x, y), (_, leaves), (to_x, arrives), (_, to_y) = points
    if abs(x - to_x) < 0.5:
        return f"M{_pair(x, y)} L{_pair(to_x, to_y)}"
    if ends:
        arrives = min(arrives, to_y - _ARROW) if to_y > y else max(arrives, to_y + _ARROW)
    middle = (leaves + arrives) / 2
    bend = f"C{_pair(x, middle)} {_pair(to_x, middle)} {_pair(to_x, arrives)}"
    return f"M{_pair(x, y)} L{_pair(x, leaves)} {bend} L{_pair(to_x, to_y)}"


def _label(edge: Edge, said: list[str], middle: Point) -> str:
    x, y = middle
    wide, high = max(width(line, _LABEL) for line in said) + 6, len(said) * _LABEL * _LEADING + 2
    ground = _rectangle((x - wide / 2, y - high / 2), (wide, high), 3, "ground")
    top = y - len(said) * _LABEL * _LEADING / 2
    texts = (
        _text(line, (x, top + (index + 0.78) * _LABEL * _LEADING), _LABEL, "label", anchor="middle")
        for index, line in enumerate(said)
    )
    return f"<g><title>{_escaped(edge.label)}</title>{ground}{''.join(texts)}</g>"


def _node(box: _Box, corner: Point) -> Iterator[str]:
    node, (x, y), (wide, high) = box.node, corner, box.size
    if node.kind in (START, END):
        text = _text(node.name, (x + wide / 2, y + high / 2 + _DETAIL * 0.36), _DETAIL, "", anchor="middle")
        yield f'<g class="{node.kind.lower()}">{_rectangle(corner, box.size, 12)}{text}</g>'
        return
    said = "\n".join((f"{node.name} ({node.kind})", *node.details))
    shape = _hexagon(corner, box.size) if node.kind == "Choice" else _rectangle(corner, box.size, 8)
    colour, icon = look(node)
    badge_x = x + _PAD + (_PAD / 2 if node.kind == "Choice" else 0)
    middle = y + (max(box.head, _BADGE + 2 * _TOP) if box.inner else high) / 2
    yield f'<g class="{_class(node)}"><title>{_escaped(said)}</title>{shape}'
    yield _badge((badge_x, middle - _BADGE / 2), colour, icon)
    yield from _texts(box, badge_x + _BADGE + _PAD, middle)
    left = x + _INSIDE + (wide - 2 * _INSIDE - _inner_width(box.inner)) / 2
    tallest = max((each.layout.size[1] for each in box.inner), default=0.0)
    top = y + high - _INSIDE * 2 - tallest
    for drawing in box.inner:
        inner_wide = drawing.layout.size[0]
        yield _rectangle((left, top), (inner_wide + 2 * _INSIDE, tallest + _INSIDE * 1.5), 6, "scope")
        yield from _drawn(drawing, (left + _INSIDE, top + _INSIDE * 0.75))
        left += inner_wide + 2 * _INSIDE + _APART
    yield "</g>"


def _inner_width(inner: tuple[_Drawing, ...]) -> float:
    """The width of what is drawn inside a box, side by side."""
    return sum(each.layout.size[0] + 2 * _INSIDE for each in inner) + _APART * max(len(inner) - 1, 0)


def _texts(box: _Box, left: float, middle: float) -> Iterator[str]:
    y = middle - (box.head - 2 * _TOP) / 2
    for line in box.name:
        yield _text(line, (left, y + _NAME), _NAME, "name", bold=True)
        y += _NAME * _LEADING
    for line in box.details:
        yield _text(line, (left, y + _DETAIL), _DETAIL, "detail")
        y += _DETAIL * _LEADING


def _text(text: str, at: Point, size: int, kind: str, *, bold: bool = False, anchor: str = "") -> str:
    """A line of text, told how wide it is, so that no font makes it wider."""
    anchored = f' text-anchor="{anchor}"' if anchor else ""
    named = f' class="{kind}"' if kind else ""
    told = f'textLength="{_number(width(text, size, bold=bold))}" lengthAdjust="spacingAndGlyphs"'
    place = f'x="{_number(at[0])}" y="{_number(at[1])}" font-size="{size}"'
    return f"<text {place}{named}{anchored} {told}>{_escaped(text)}</text>"


def _rectangle(corner: Point, size: Size, radius: float, kind: str = "") -> str:
    named = f' class="{kind}"' if kind else ""
    sides = f'width="{_number(size[0])}" height="{_number(size[1])}"'
    return f'<rect{named} x="{_number(corner[0])}" y="{_number(corner[1])}" {sides} rx="{radius}"/>'


def _hexagon(corner: Point, size: Size) -> str:
    (x, y), (wide, high) = corner, size
    cut = 10.0
    around = [
        (x + cut, y),
        (x + wide - cut, y),
        (x + wide, y + high / 2),
        (x + wide - cut, y + high),
        (x + cut, y + high),
        (x, y + high / 2),
    ]
    return f'<polygon points="{" ".join(_pair(*point) for point in around)}"/>'


def _badge(corner: Point, colour: str, icon: str) -> str:
    """A square of the colour of a service or a type, with a sign or a few letters in it."""
    square = f'<rect class="badge" width="{_number(_BADGE)}" height="{_number(_BADGE)}" rx="6" fill="{colour}"/>'
    if icon.startswith("M") and " " in icon:
        sign = f'<path class="sign" d="{icon}"/>'
    else:
        size = 15 if len(icon) == 1 else 10 if len(icon) < 4 else 8
        place = f'x="{_number(_BADGE / 2)}" y="{_number(_BADGE / 2 + size * 0.36)}" font-size="{size}"'
        sign = f'<text class="letters" {place} text-anchor="middle">{icon}</text>'
    return f'<g aria-hidden="true" transform="translate({_pair(*corner)})">{square}{sign}</g>'


def _class(node: Box) -> str:
    kind = "missing" if node.kind == MISSING else "group" if node.scopes else "state"
    return f"{kind} {node.run}".strip()


def _arrow(kind: str) -> str:
    box = 'viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"'
    return f'<marker id="{kind}" class="arrow-{kind}" {box}><path d="M0 0.5 L8 4 L0 7.5 Z"/></marker>'


# What XML 1.0 cannot hold, however it is written.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _escaped(text: str) -> str:
    return escape(_NO_XML.sub("", text), quote=False)


def _pair(x: float, y: float) -> str:
    return f"{_number(x)} {_number(y)}"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
