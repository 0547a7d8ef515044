"""Positions of boxes and lines: a layered drawing, top to bottom, in which no line crosses a box or covers a label.

After Sugiyama, Tagawa and Toda (1981): reverse the links that close a cycle, assign each box to a layer, split long
lines into one vertex per layer, order each layer so that few lines cross (ordering.py), then assign coordinates
(placement.py). A label is such a vertex with a size, right after the box that its line leaves; from there on, lines of
one bundle to the same box share a trunk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, pairwise

from workflow_dsl.records import Record, field, replace
from workflow_dsl.views.diagram.ordering import order_layers
from workflow_dsl.views.diagram.placement import MAIN_PATH, place_vertices
from workflow_dsl.views.diagram.spine import main_path

Size = tuple[float, float]
Point = tuple[float, float]


class Link(Record):
    """A line to draw between two boxes. Lines of one `bundle` to the same box may share a trunk.

    A main line is drawn straight where possible, whatever else its boxes are linked to.
    """

    source: str
    target: str
    bundle: str
    label: Size | None = None
    is_main: bool = False


class Curve(Record):
    """One piece of a line: vertical at both ends, bent between. The last piece, at a box or a trunk, has the arrow."""

    points: tuple[Point, ...]
    has_arrow: bool


class Layout(Record):
    """Boxes by their upper left corner, lines by their curves, labels by their center; all within `size`."""

    size: Size
    boxes: Mapping[str, Point]
    lines: Mapping[Link, tuple[Curve, ...]]
    labels: Mapping[Link, Point]


_BOX_GAP, _LINE_GAP = 28.0, 16.0  # between boxes of a layer, and beside a line
_LAYER_GAP, _MAX_LAYER_GAP, _SLOPE = 24.0, 68.0, 0.1  # between layers: wider where a line runs far to the side
_LOOP = 26.0  # how far a line from a box to itself sticks out
_TALL = 130.0  # a box with others in it: aligned with the top of its layer, not centered


class _Vertex(Record, frozen=False):
    """A box with room for its loops, or a point of a line; `box` is None for a point."""

    layer: int
    width: float
    height: float
    box: str | None = None
    box_size: Size = (0.0, 0.0)  # without the loops
    x: float = 0.0
    y: float = 0.0

    @property
    def top(self) -> float:
        return self.y + (self.height - self.box_size[1]) / 2

    @property
    def bottom(self) -> float:
        return self.top + self.box_size[1]


class _Route(Record, frozen=False):
    """A line as vertices from its upper box to its lower one; a reversed one is drawn upwards."""

    link: Link
    vertices: list[int] = field(default_factory=list)
    is_reversed: bool = False


def lay_out(boxes: Mapping[str, Size], links: Sequence[Link]) -> Layout:
    """Place boxes of the given sizes, in reading order, and the lines between them."""
    loops: dict[str, list[Link]] = {}
    for link in links:
        if link.source == link.target:
            loops.setdefault(link.source, []).append(link)
    others = [link for link in links if link.source != link.target]
    reversed_links = _links_closing_cycles(boxes, others)
    layers = _assign_layers(boxes, others, reversed_links)
    vertices = [_box_vertex(layers[name], name, size, loops.get(name, [])) for name, size in boxes.items()]
    routes = _routes(vertices, others, reversed_links)
    weights = {
        (upper, lower): weight
        for (upper, lower), weight in _weights(vertices, routes, main_path(layers, others)).items()
        if vertices[lower].layer - vertices[upper].layer == 1
    }
    segments = sorted(weights)
    rows = order_layers([vertex.layer for vertex in vertices], segments)
    for index, x in place_vertices(rows, weights, [vertex.width for vertex in vertices], _margins(vertices)).items():
        vertices[index].x = x
    bands = _stack_layers(vertices, rows, segments)
    return _build_layout(boxes, vertices, bands, routes, loops)


def _box_vertex(layer: int, name: str, size: Size, loops: list[Link]) -> _Vertex:
    """A box with room on both sides for its loops and for their labels, one below the other."""
    labels = [link.label for link in loops if link.label]
    side = max((label[0] for label in labels), default=0.0) + _loop_width(len(loops) - 1) if loops else 0.0
    height = max(size[1], sum(label[1] for label in labels))
    return _Vertex(layer, size[0] + 2 * side, height, name, size)


def _loop_width(index: int) -> float:
    """The distance by which the first, second, third loop of a box sticks out."""
    return _LOOP + 8 * index


def _weights(vertices: list[_Vertex], routes: list[_Route], path: set[Link]) -> dict[tuple[int, int], int]:
    """The segments of lines between two layers, each with its priority to be drawn straight."""
    weights: dict[tuple[int, int], int] = {}
    for route in routes:
        for pair in pairwise(route.vertices):
            is_inner = not any(vertices[index].width for index in pair)
            weight = MAIN_PATH if route.link in path else 2 if is_inner else int(route.link.is_main)
            weights[pair] = max(weights.get(pair, 0), weight)
    return weights


def _margins(vertices: list[_Vertex]) -> list[float]:
    """Half the free space to leave beside each vertex."""
    return [_BOX_GAP / 2 if vertex.box or vertex.width else _LINE_GAP / 2 for vertex in vertices]


def _links_closing_cycles(boxes: Iterable[str], links: Sequence[Link]) -> set[Link]:
    """The links back to a box on the current path of a depth-first walk, which starts at the first box.

    The walk goes on to the next box in reading order first, so that a jump back is reversed rather than the way on.
    """
    outgoing: dict[str, list[Link]] = {name: [] for name in boxes}
    position = {name: number for number, name in enumerate(outgoing)}
    for link in sorted(links, key=lambda link: (position[link.target] - position[link.source]) % len(position)):
        outgoing[link.source].append(link)
    closing: set[Link] = set()
    done: set[str] = set()
    on_path: set[str] = set()
    for first, first_links in outgoing.items():
        walk = [(first, iter(first_links))] if first not in done else []
        on_path.update(name for name, _ in walk)
        while walk:
            name, rest = walk[-1]
            link_on = next(rest, None)
            if link_on is None:
                done.add(name)
                on_path.discard(name)
                walk.pop()
            elif link_on.target in on_path:
                closing.add(link_on)
            elif link_on.target not in done:
                on_path.add(link_on.target)
                walk.append((link_on.target, iter(outgoing[link_on.target])))
    return closing


def _assign_layers(boxes: Iterable[str], links: Sequence[Link], reversed_links: set[Link]) -> dict[str, int]:
    """The layer of each box: right below the lowest box linked to it, one further where the line has a label."""
    below: dict[str, list[tuple[str, int]]] = {name: [] for name in boxes}
    pending = dict.fromkeys(below, 0)
    for link in links:
        upper, lower = (link.target, link.source) if link in reversed_links else (link.source, link.target)
        below[upper].append((lower, 2 if link.label else 1))
        pending[lower] += 1
    layers = dict.fromkeys(below, 0)
    ready = [name for name, count in pending.items() if not count]
    while ready:
        upper = ready.pop()
        for lower, steps in below[upper]:
            layers[lower] = max(layers[lower], layers[upper] + steps)
            pending[lower] -= 1
            if not pending[lower]:
                ready.append(lower)
    return layers


def _routes(vertices: list[_Vertex], links: Sequence[Link], reversed_links: set[Link]) -> list[_Route]:
    """Each line with one vertex per layer, shared within a bundle. Appends the new vertices to `vertices`."""
    box_index = {vertex.box: index for index, vertex in enumerate(vertices)}
    shared: dict[tuple[str, str, bool, int], int] = {}
    routes = []
    longest = _longest_split_line(vertices, links)
    for link in links:
        is_reversed = link in reversed_links
        source, target = box_index[link.source], box_index[link.target]
        step = -1 if is_reversed else 1
        path = [source]
        layers = list(range(vertices[source].layer + step, vertices[target].layer, step))
        if link.label:
            path.append(len(vertices))
            vertices.append(_Vertex(layers.pop(0), *link.label))
        for layer in layers if len(layers) <= longest else ():
            key = (link.target, link.bundle, is_reversed, layer)
            if key not in shared:
                shared[key] = len(vertices)
                vertices.append(_Vertex(layer, 0, 0))
            path.append(shared[key])
        path.append(target)
        routes.append(_Route(link, path[::step], is_reversed))
    return routes


_MOST_POINTS = 20_000  # of lines; beyond, a drawing that nobody can read would take minutes


def _longest_split_line(vertices: list[_Vertex], links: Sequence[Link]) -> int:
    """The number of layers up to which lines get a vertex in each; longer ones are drawn in one piece."""
    layer_of = {vertex.box: vertex.layer for vertex in vertices}
    lengths = sorted(abs(layer_of[link.target] - layer_of[link.source]) for link in links)
    fitting = [length for length, points in zip(lengths, accumulate(lengths), strict=True) if points <= _MOST_POINTS]
    return fitting[-1] if fitting else 0


def _stack_layers(
    vertices: list[_Vertex], rows: list[list[int]], segments: list[tuple[int, int]]
) -> list[tuple[float, float]]:
    """Return the upper and lower edge of each layer's band, and set the y of every vertex to its upper edge."""
    reach = [0.0] * len(rows)
    for upper, lower in segments:
        layer = vertices[upper].layer
        reach[layer] = max(reach[layer], abs(vertices[upper].x - vertices[lower].x))
    bands, top = [], 0.0
    for layer, row in enumerate(rows):
        low = max((vertices[index].height for index in row if vertices[index].height < _TALL), default=0.0)
        height = max(vertices[index].height for index in row)
        for index in row:
            vertex = vertices[index]
            vertex.y = top if vertex.height >= _TALL else top + (low - vertex.height) / 2
        bands.append((top, top + height))
        top += height + min(_LAYER_GAP + _SLOPE * reach[layer], _MAX_LAYER_GAP)
    return bands


def _build_layout(
    boxes: Mapping[str, Size],
    vertices: list[_Vertex],
    bands: list[tuple[float, float]],
    routes: list[_Route],
    loops: Mapping[str, list[Link]],
) -> Layout:
    left = min((vertex.x - vertex.width / 2 for vertex in vertices), default=0.0)
    right = max((vertex.x + vertex.width / 2 for vertex in vertices), default=0.0)
    for vertex in vertices:
        vertex.x -= left
    by_name = {vertex.box: vertex for vertex in vertices if vertex.box}
    corners = {name: (by_name[name].x - size[0] / 2, by_name[name].top) for name, size in boxes.items()}
    lines, labels = _lines(vertices, bands, routes), {}
    for route in routes:
        if route.link.label:
            label = vertices[route.vertices[-2 if route.is_reversed else 1]]
            labels[route.link] = (label.x, label.y + label.height / 2)
    for name, box_loops in loops.items():
        _add_loops(box_loops, corners[name], boxes[name], lines, labels)
    return Layout((right - left, bands[-1][1] if bands else 0.0), corners, lines, labels)


def _add_loops(
    loops: list[Link],
    corner: Point,
    size: Size,
    lines: dict[Link, tuple[Curve, ...]],
    labels: dict[Link, Point],
) -> None:
    """Add the lines from a box to itself, at its right side, with their labels one below the other."""
    side, y, height = corner[0] + size[0], corner[1], size[1]
    label_top = y + height / 2 - sum(link.label[1] for link in loops if link.label) / 2
    for index, link in enumerate(loops):
        outermost = (side + _loop_width(index), y + height / 2)
        lines[link] = (Curve(((side, y + height * 0.75), outermost, (side, y + height * 0.25)), True),)
        if link.label:
            labels[link] = (side + _loop_width(len(loops) - 1) + link.label[0] / 2, label_top + link.label[1] / 2)
            label_top += link.label[1]


def _lines(
    vertices: list[_Vertex], bands: list[tuple[float, float]], routes: list[_Route]
) -> dict[Link, tuple[Curve, ...]]:
    """The curves of each line; a trunk shared by a bundle belongs to its first line, and others join it."""
    drawn: set[tuple[int, int, bool]] = set()
    lines = {}
    for route in routes:
        pieces = [(upper, lower, route.is_reversed) for upper, lower in pairwise(route.vertices)]
        pieces = pieces[::-1] if route.is_reversed else pieces
        new = [piece for piece in pieces if piece not in drawn]
        curves = [
            replace(
                _curve(vertices[upper], vertices[lower], bands, route.is_reversed),
                has_arrow=(upper, lower, is_reversed) == new[-1],  # at its box, or where it joins a trunk
            )
            for upper, lower, is_reversed in new
        ]
        drawn.update(piece for piece in new if not all(vertices[index].box for index in piece[:2]))
        lines[route.link] = tuple(curves)
    return lines


def _curve(upper: _Vertex, lower: _Vertex, bands: list[tuple[float, float]], is_reversed: bool) -> Curve:
    """The curve between the upper edges of two vertices' bands, or the edges of boxes.

    An upward line leaves and enters boxes away from their middle, which is for downward lines.
    """
    offset = 0.3 if is_reversed else 0.0
    (top, bottom), (lower_top, _) = bands[upper.layer], bands[lower.layer]
    has_arrow = (upper if is_reversed else lower).box is not None
    from_x = upper.x + (_side(upper, lower) * offset * upper.box_size[0] if upper.box else 0)
    to_x = lower.x + (_side(lower, upper) * offset * lower.box_size[0] if lower.box else 0)
    from_y = upper.bottom if upper.box else top
    to_y = lower.top if lower.box else lower_top
    points = [(from_x, from_y), (from_x, bottom), (to_x, lower_top), (to_x, to_y)]
    return Curve(tuple(points[::-1] if is_reversed else points), has_arrow)


def _side(box: _Vertex, other: _Vertex) -> int:
    return 1 if other.x >= box.x else -1
