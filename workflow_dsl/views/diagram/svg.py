"""A graph as SVG: selectable text, colors for light and dark, and titles for screen readers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from workflow_dsl.records import Record
from workflow_dsl.views.diagram.graph import END, MISSING, START, Box, Edge, Graph
from workflow_dsl.views.diagram.layout import Curve, Layout, Link, Point, Size, lay_out
from workflow_dsl.views.diagram.style import CHANGE_STYLE, RUN_STYLE, STYLE, badge_of
from workflow_dsl.views.diagram.text_metrics import text_width, wrap
from workflow_dsl.views.inert import for_xml

_NAME, _DETAIL, _LABEL = 13, 11, 11  # font sizes
_LEADING = 1.3
_MAX_TEXT_WIDTH, _MAX_LABEL_WIDTH = 210.0, 220.0
_PADDING, _BADGE, _TOP = 10.0, 26.0, 8.0
_MARGIN = 20.0
_ARROW = 9.0  # the straight end of a line
_SCOPE_PADDING, _SCOPE_GAP = 16.0, 20.0  # around the scopes inside a box, and between two of them


class _SizedBox(Record):
    """A box with its texts broken into lines, and the drawings inside it."""

    box: Box
    name: tuple[str, ...]
    details: tuple[str, ...]
    size: Size
    inner: tuple[_Drawing, ...] = ()

    @property
    def text_height(self) -> float:
        """The height of the texts at the top, with their padding."""
        return _text_height(self.name, self.details)


class _Drawing(Record):
    """A scope with the positions of its boxes, lines and labels."""

    boxes: tuple[_SizedBox, ...]
    edges: dict[Link, Edge]
    labels: dict[Link, list[str]]
    layout: Layout


def svg_of(
    graph: Graph, title: str, description: str = "", *, is_difference: bool = False, is_page: bool = False
) -> str:
    """The diagram as the content of an SVG file; `is_difference` is of two definitions, not of an execution.

    With `is_page` it is for a page that has the style, and each state and line has its name: `data-state`.
    """
    drawing = _drawing(graph)
    style = CHANGE_STYLE if is_difference else RUN_STYLE if any(box.run for box in graph.boxes) else ""
    width, height = (_number(side + 2 * _MARGIN) for side in drawing.layout.size)
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
            'role="img" aria-labelledby="title description" font-family="Helvetica, Arial, sans-serif">',
            title_element(title),
            f'<desc id="description">{for_xml(description)}</desc>',
            *([] if is_page else [f"<style>{STYLE}{style}</style>"]),
            f"<defs>{''.join(_arrowhead(name) for name in ('next', 'catch'))}</defs>",
            f'<rect class="page" width="{width}" height="{height}" rx="10"/>',
            *_draw(drawing, (_MARGIN, _MARGIN), is_page=is_page),
            "</svg>\n",
        ]
    )


def title_element(title: str) -> str:
    """The title of a diagram as an element."""
    return f'<title id="title">{for_xml(title)}</title>'


def _drawing(graph: Graph) -> _Drawing:
    boxes = tuple(_sized_box(box) for box in graph.boxes)
    edges, labels = {}, {}
    for edge in graph.edges:
        lines = _label_lines(edge.label)
        link = Link(
            edge.source, edge.target, "catch" if edge.kind == "catch" else "", _label_size(lines), edge.kind == "next"
        )
        edges[link], labels[link] = edge, lines
    layout = lay_out({sized.box.id: sized.size for sized in boxes}, list(edges))
    return _Drawing(boxes, edges, labels, layout)


def _label_lines(label: str) -> list[str]:
    if not label:
        return []
    lines = [line for part in label.split("\n") for line in wrap(part, _LABEL, _MAX_LABEL_WIDTH, 3)]
    return [*lines[:5], "\u2026"] if len(lines) > 6 else lines


def _label_size(lines: list[str]) -> Size | None:
    """The size of a label with its padding; None without a label."""
    if not lines:
        return None
    return max(text_width(line, _LABEL) for line in lines) + 8, len(lines) * _LABEL * _LEADING + 4


def _text_height(name: tuple[str, ...], details: tuple[str, ...]) -> float:
    return 2 * _TOP + len(name) * _NAME * _LEADING + len(details) * _DETAIL * _LEADING


def _sized_box(box: Box) -> _SizedBox:
    if box.kind in (START, END):
        return _SizedBox(box, (box.name,), (), (text_width(box.name, _DETAIL) + 24, 24.0))
    name = tuple(wrap(box.name, _NAME, _MAX_TEXT_WIDTH, 3, bold=True))
    details = tuple(line for detail in box.details for line in wrap(detail, _DETAIL, _MAX_TEXT_WIDTH, 2))
    widths = [text_width(line, _NAME, bold=True) for line in name] + [text_width(line, _DETAIL) for line in details]
    width = max(widths) + 3 * _PADDING + _BADGE + (_PADDING if box.kind == "Choice" else 0)
    height = max(_text_height(name, details), _BADGE + 2 * _TOP)
    inner = tuple(_drawing(scope) for scope in box.scopes)
    if inner:
        width = max(width, _inner_width(inner) + 2 * _SCOPE_PADDING)
        height += max(drawing.layout.size[1] for drawing in inner) + 3 * _SCOPE_PADDING
    return _SizedBox(box, name, details, (width, height), inner)


def _draw(drawing: _Drawing, origin: Point, *, is_page: bool) -> Iterator[str]:
    """Yield the elements of a scope: lines, boxes over them, labels on top."""
    x, y = origin
    layout = drawing.layout
    names = {sized.box.id: sized.box.name for sized in drawing.boxes} if is_page else {}
    for link, edge in drawing.edges.items():
        for curve in layout.lines.get(link, ()):
            yield _line(curve, edge, origin, names)
    for sized in drawing.boxes:
        left, top = layout.boxes[sized.box.id]
        yield from _draw_box(sized, (x + left, y + top), is_page=is_page)
    for link, (left, top) in layout.labels.items():
        yield _label(drawing.edges[link], drawing.labels[link], (x + left, y + top))


def _line(curve: Curve, edge: Edge, origin: Point, names: Mapping[str, str]) -> str:
    points = [(x + origin[0], y + origin[1]) for x, y in curve.points]
    kind = "catch" if edge.kind == "catch" else "next"
    arrow = f' marker-end="url(#{kind})"' if curve.has_arrow else ""
    class_ = f"{kind} {edge.run}".strip()
    ends = _data(**{"from": names[edge.source], "to": names[edge.target]}) if names else ""
    return f'<path class="{class_}" d="{_path(points, curve.has_arrow)}"{arrow}{ends}/>'


def _path(points: list[Point], has_arrow: bool) -> str:
    """The path data of a curve: straight ends, a bend between, and room for the arrow."""
    if len(points) == 3:
        (x, y), (far_x, _), (_, to_y) = points
        return f"M{_pair(x, y)} C{_pair(far_x, y)} {_pair(far_x, to_y)} {_pair(x, to_y)}"
    (x, y), (_, bend_start), (to_x, bend_end), (_, to_y) = points
    if abs(x - to_x) < 0.5:
        return f"M{_pair(x, y)} L{_pair(to_x, to_y)}"
    if has_arrow:
        bend_end = min(bend_end, to_y - _ARROW) if to_y > y else max(bend_end, to_y + _ARROW)
    middle = (bend_start + bend_end) / 2
    bend = f"C{_pair(x, middle)} {_pair(to_x, middle)} {_pair(to_x, bend_end)}"
    return f"M{_pair(x, y)} L{_pair(x, bend_start)} {bend} L{_pair(to_x, to_y)}"


def _label(edge: Edge, lines: list[str], center: Point) -> str:
    x, y = center
    width, height = max(text_width(line, _LABEL) for line in lines) + 6, len(lines) * _LABEL * _LEADING + 2
    ground = _rectangle((x - width / 2, y - height / 2), (width, height), 3, "ground")
    top = y - len(lines) * _LABEL * _LEADING / 2
    texts = (
        _text(line, (x, top + (index + 0.78) * _LABEL * _LEADING), _LABEL, "label", anchor="middle")
        for index, line in enumerate(lines)
    )
    return f"<g><title>{for_xml(edge.label)}</title>{ground}{''.join(texts)}</g>"


def _data(**names: str) -> str:
    """Attributes with names of states, encoded as in a URL."""
    return "".join(f' data-{name}="{quote(value, safe="", errors="replace")}"' for name, value in names.items())


def _draw_box(sized: _SizedBox, corner: Point, *, is_page: bool) -> Iterator[str]:
    box, (x, y), (width, height) = sized.box, corner, sized.size
    if box.kind in (START, END):
        text = _text(box.name, (x + width / 2, y + height / 2 + _DETAIL * 0.36), _DETAIL, "", anchor="middle")
        yield f'<g class="{box.kind.lower()}">{_rectangle(corner, sized.size, 12)}{text}</g>'
        return
    tooltip = "\n".join((f"{box.name} ({box.kind})", *box.details, *box.tip))
    shape = _hexagon(corner, sized.size) if box.kind == "Choice" else _rectangle(corner, sized.size, 8)
    badge_x = x + _PADDING + (_PADDING / 2 if box.kind == "Choice" else 0)
    middle = y + (max(sized.text_height, _BADGE + 2 * _TOP) if sized.inner else height) / 2
    state = _data(state=box.name) if is_page else ""
    yield f'<g class="{_class(box)}"{state}><title>{for_xml(tooltip)}</title>{shape}'
    yield _badge((badge_x, middle - _BADGE / 2), *badge_of(box))
    yield from _texts(sized, badge_x + _BADGE + _PADDING, middle)
    yield from _draw_scopes(sized, corner, is_page=is_page)
    yield "</g>"


def _draw_scopes(sized: _SizedBox, corner: Point, *, is_page: bool) -> Iterator[str]:
    """Yield the elements of the scopes inside a box, side by side at its bottom."""
    (x, y), (width, height) = corner, sized.size
    left = x + _SCOPE_PADDING + (width - 2 * _SCOPE_PADDING - _inner_width(sized.inner)) / 2
    tallest = max((drawing.layout.size[1] for drawing in sized.inner), default=0.0)
    top = y + height - _SCOPE_PADDING * 2 - tallest
    for drawing in sized.inner:
        scope_width = drawing.layout.size[0] + 2 * _SCOPE_PADDING
        yield _rectangle((left, top), (scope_width, tallest + _SCOPE_PADDING * 1.5), 6, "scope")
        yield from _draw(drawing, (left + _SCOPE_PADDING, top + _SCOPE_PADDING * 0.75), is_page=is_page)
        left += scope_width + _SCOPE_GAP


def _inner_width(inner: tuple[_Drawing, ...]) -> float:
    """The width of the drawings inside a box, side by side."""
    widths = (drawing.layout.size[0] + 2 * _SCOPE_PADDING for drawing in inner)
    return sum(widths) + _SCOPE_GAP * max(len(inner) - 1, 0)


def _texts(sized: _SizedBox, left: float, middle: float) -> Iterator[str]:
    y = middle - (sized.text_height - 2 * _TOP) / 2
    for line in sized.name:
        yield _text(line, (left, y + _NAME), _NAME, "name", bold=True)
        y += _NAME * _LEADING
    for line in sized.details:
        yield _text(line, (left, y + _DETAIL), _DETAIL, "detail")
        y += _DETAIL * _LEADING


def _text(text: str, at: Point, size: int, kind: str, *, bold: bool = False, anchor: str = "") -> str:
    """A line of text with its width set, so that no font makes it wider."""
    text_anchor = f' text-anchor="{anchor}"' if anchor else ""
    class_ = f' class="{kind}"' if kind else ""
    length = f'textLength="{_number(text_width(text, size, bold=bold))}" lengthAdjust="spacingAndGlyphs"'
    position = f'x="{_number(at[0])}" y="{_number(at[1])}" font-size="{size}"'
    return f"<text {position}{class_}{text_anchor} {length}>{for_xml(text)}</text>"


def _rectangle(corner: Point, size: Size, radius: float, kind: str = "") -> str:
    class_ = f' class="{kind}"' if kind else ""
    sides = f'width="{_number(size[0])}" height="{_number(size[1])}"'
    return f'<rect{class_} x="{_number(corner[0])}" y="{_number(corner[1])}" {sides} rx="{radius}"/>'


def _hexagon(corner: Point, size: Size) -> str:
    (x, y), (width, height) = corner, size
    cut = 10.0
    points = [
        (x + cut, y),
        (x + width - cut, y),
        (x + width, y + height / 2),
        (x + width - cut, y + height),
        (x + cut, y + height),
        (x, y + height / 2),
    ]
    return f'<polygon points="{" ".join(_pair(*point) for point in points)}"/>'


def _badge(corner: Point, color: str, icon: str) -> str:
    """A square in the color of a service or type, with an icon or a few letters in it."""
    square = f'<rect class="badge" width="{_number(_BADGE)}" height="{_number(_BADGE)}" rx="6" fill="{color}"/>'
    if icon.startswith("M") and " " in icon:
        content = f'<path class="sign" d="{icon}"/>'
    else:
        size = 15 if len(icon) == 1 else 10 if len(icon) < 4 else 8
        position = f'x="{_number(_BADGE / 2)}" y="{_number(_BADGE / 2 + size * 0.36)}" font-size="{size}"'
        content = f'<text class="letters" {position} text-anchor="middle">{icon}</text>'
    return f'<g aria-hidden="true" transform="translate({_pair(*corner)})">{square}{content}</g>'


def _class(box: Box) -> str:
    kind = "missing" if box.kind == MISSING else "group" if box.scopes else "state"
    return f"{kind} {box.run}".strip()


def _arrowhead(kind: str) -> str:
    view = 'viewBox="0 0 8 8" refX="7.5" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse"'
    return f'<marker id="{kind}" class="arrow-{kind}" {view}><path d="M0 0.5 L8 4 L0 7.5 Z"/></marker>'


def _pair(x: float, y: float) -> str:
    return f"{_number(x)} {_number(y)}"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
