"""Where boxes and lines go: a layered drawing, from top to bottom, that crosses no box and covers no label.

After Sugiyama, Tagawa and Toda (1981): turn the lines that close a loop round, give each box a layer, break long lines
into one point a layer, order each layer so that few lines cross (ordering.py), then place it (placement.py). A line's
label is such a point with a size, right after the box that the line leaves; from there on lines of a kind to one box
share a trunk.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from workflow_dsl.views.diagram.ordering import ordered
from workflow_dsl.views.diagram.placement import placed

Size = tuple[float, float]
Point = tuple[float, float]


class Link(NamedTuple):
    """A line to be drawn between two boxes; those of one `bundle` that lead to the same box may share a trunk.

    Where it can be, a main line is straight, whatever else leads from or to its boxes.
    """

    source: str
    target: str
    bundle: str
    label: Size | None = None
    is_main: bool = False


class Stretch(NamedTuple):
    """A part of a line: straight down at its ends, bent between. `ends` says that the box it leads to follows."""

    points: tuple[Point, ...]
    ends: bool


@dataclass(frozen=True, slots=True)
class Layout:
    """Boxes by their upper left corner, lines by their stretches, labels by their middle; all within `size`."""

    size: Size
    boxes: Mapping[str, Point]
    lines: Mapping[Link, tuple[Stretch, ...]]
    labels: Mapping[Link, Point]


_SIDE, _BETWEEN_LINES = 28.0, 16.0  # between boxes of a layer, and beside a line
_GAP, _WIDEST_GAP, _SLOPE = 24.0, 68.0, 0.1  # between layers: wider where a line goes far to the side
_LOOP = 26.0  # how far a line from a box to itself stands out
_TALL = 130.0  # a box with others in it: it begins with its layer, and is not centred in it


@dataclass(slots=True)
class _Point:
    """A box with the room for its loops, or a point of a line; `box` is None for a point."""

    layer: int
    width: float
    height: float
    box: str | None = None
    own: Size = (0.0, 0.0)  # the size of the box alone
    x: float = 0.0
    y: float = 0.0

    @property
    def top(self) -> float:
        return self.y + (self.height - self.own[1]) / 2

    @property
    def bottom(self) -> float:
        return self.top + self.own[1]


@dataclass(slots=True)
class _Route:
    """A line as its points from the upper box to the lower one, and whether it is drawn upwards."""

    link: Link
    points: list[int] = field(default_factory=list)
    is_turned: bool = False


def laid_out(boxes: Mapping[str, Size], links: Sequence[Link]) -> Layout:
    """The boxes, of the given sizes and in the order in which they are read, with the lines between them."""
    loops: dict[str, list[Link]] = {}
    for link in links:
        if link.source == link.target:
            loops.setdefault(link.source, []).append(link)
    drawn = [link for link in links if link.source != link.target]
    turned = _closing_loops(boxes, drawn)
    layers = _layers(boxes, drawn, turned)
    points = [_point(layers[name], name, size, loops.get(name, [])) for name, size in boxes.items()]
    routes = _routes(points, drawn, turned)
    weights = _weights(points, routes)
    segments = sorted(weights)
    rows = ordered([point.layer for point in points], segments)
    for index, x in placed(rows, weights, [point.width for point in points], _beside(points)).items():
        points[index].x = x
    bands = _stacked(points, rows, segments)
    return _finished(boxes, points, bands, routes, loops)


def _point(layer: int, name: str, size: Size, loops: list[Link]) -> _Point:
    """A box with room on both sides for the lines from it to itself, and for their labels, one below the other."""
    labels = [link.label for link in loops if link.label]
    beside = max((label[0] for label in labels), default=0.0) + _out(len(loops) - 1) if loops else 0.0
    high = max(size[1], sum(label[1] for label in labels))
    return _Point(layer, size[0] + 2 * beside, high, name, size)


def _out(index: int) -> float:
    """How far a box's first, second, third loop stands out."""
    return _LOOP + 8 * index


def _weights(points: list[_Point], routes: list[_Route]) -> dict[tuple[int, int], int]:
    """The parts of lines between two layers, and how much each had rather be straight."""
    weights: dict[tuple[int, int], int] = {}
    for route in routes:
        for pair in pairwise(route.points):
            is_inner = not any(points[each].width for each in pair)
            weights[pair] = max(weights.get(pair, 0), 2 if is_inner else int(route.link.is_main))
    return weights


def _beside(points: list[_Point]) -> list[float]:
    """Half the room to be left beside each point."""
    return [_SIDE / 2 if point.box or point.width else _BETWEEN_LINES / 2 for point in points]


def _closing_loops(boxes: Iterable[str], links: Sequence[Link]) -> set[Link]:
    """The links that lead back to a box on the way to them, as a walk from the first box on finds them."""
    out: dict[str, list[Link]] = {name: [] for name in boxes}
    for link in links:
        out[link.source].append(link)
    closing: set[Link] = set()
    done: set[str] = set()
    on_the_way: set[str] = set()
    for first, leaving in out.items():
        walk = [(first, iter(leaving))] if first not in done else []
        on_the_way.update(name for name, _ in walk)
        while walk:
            name, rest = walk[-1]
            following = next(rest, None)
            if following is None:
                done.add(name)
                on_the_way.discard(name)
                walk.pop()
            elif following.target in on_the_way:
                closing.add(following)
            elif following.target not in done:
                on_the_way.add(following.target)
                walk.append((following.target, iter(out[following.target])))
    return closing


def _layers(boxes: Iterable[str], links: Sequence[Link], turned: set[Link]) -> dict[str, int]:
    """Each box right below the lowest one that leads to it, with a layer between where the line has a label."""
    below: dict[str, list[tuple[str, int]]] = {name: [] for name in boxes}
    waits = dict.fromkeys(below, 0)
    for link in links:
        upper, lower = (link.target, link.source) if link in turned else (link.source, link.target)
        below[upper].append((lower, 2 if link.label else 1))
        waits[lower] += 1
    layers = dict.fromkeys(below, 0)
    ready = [name for name, count in waits.items() if not count]
    while ready:
        upper = ready.pop()
        for lower, steps in below[upper]:
            layers[lower] = max(layers[lower], layers[upper] + steps)
            waits[lower] -= 1
            if not waits[lower]:
                ready.append(lower)
    return layers


def _routes(points: list[_Point], links: Sequence[Link], turned: set[Link]) -> list[_Route]:
    """Every line as points, one a layer, those of a bundle shared; the points are added to `points`."""
    index = {point.box: number for number, point in enumerate(points)}
    shared: dict[tuple[str, str, bool, int], int] = {}
    routes = []
    for link in links:
        is_turned = link in turned
        source, target = index[link.source], index[link.target]
        step = -1 if is_turned else 1
        way = [source]
        layers = list(range(points[source].layer + step, points[target].layer, step))
        if link.label:
            way.append(len(points))
            points.append(_Point(layers.pop(0), *link.label))
        for layer in layers:
            key = (link.target, link.bundle, is_turned, layer)
            if key not in shared:
                shared[key] = len(points)
                points.append(_Point(layer, 0, 0))
            way.append(shared[key])
        way.append(target)
        routes.append(_Route(link, way[::step], is_turned))
    return routes


def _stacked(points: list[_Point], rows: list[list[int]], segments: list[tuple[int, int]]) -> list[tuple[float, float]]:
    """The upper and lower edge of each layer's band; every point gets the y of its own upper edge."""
    reach = [0.0] * len(rows)
    for upper, lower in segments:
        layer = points[upper].layer
        reach[layer] = max(reach[layer], abs(points[upper].x - points[lower].x))
    bands, top = [], 0.0
    for layer, row in enumerate(rows):
        low = max((points[index].height for index in row if points[index].height < _TALL), default=0.0)
        high = max(points[index].height for index in row)
        for index in row:
            point = points[index]
            point.y = top if point.height >= _TALL else top + (low - point.height) / 2
        bands.append((top, top + high))
        top += high + min(_GAP + _SLOPE * reach[layer], _WIDEST_GAP)
    return bands


def _finished(
    boxes: Mapping[str, Size],
    points: list[_Point],
    bands: list[tuple[float, float]],
    routes: list[_Route],
    loops: Mapping[str, list[Link]],
) -> Layout:
    left = min((point.x - point.width / 2 for point in points), default=0.0)
    right = max((point.x + point.width / 2 for point in points), default=0.0)
    for point in points:
        point.x -= left
    by_name = {point.box: point for point in points if point.box}
    corners = {name: (by_name[name].x - size[0] / 2, by_name[name].top) for name, size in boxes.items()}
    lines, labels = _lines(points, bands, routes), {}
    for route in routes:
        if route.link.label:
            at = points[route.points[-2 if route.is_turned else 1]]
            labels[route.link] = (at.x, at.y + at.height / 2)
    for name, own in loops.items():
        _draw_loops(own, corners[name], boxes[name], lines, labels)
    return Layout((right - left, bands[-1][1] if bands else 0.0), corners, lines, labels)


def _draw_loops(
    loops: list[Link],
    corner: Point,
    size: Size,
    lines: dict[Link, tuple[Stretch, ...]],
    labels: dict[Link, Point],
) -> None:
    """The lines from a box to itself, out at its right side and in again, their labels one below the other."""
    side, y, high = corner[0] + size[0], corner[1], size[1]
    below = y + high / 2 - sum(link.label[1] for link in loops if link.label) / 2
    for index, link in enumerate(loops):
        lines[link] = (
            Stretch(((side, y + high * 0.75), (side + _out(index), y + high / 2), (side, y + high * 0.25)), True),
        )
        if link.label:
            labels[link] = (side + _out(len(loops) - 1) + link.label[0] / 2, below + link.label[1] / 2)
            below += link.label[1]


def _lines(
    points: list[_Point], bands: list[tuple[float, float]], routes: list[_Route]
) -> dict[Link, tuple[Stretch, ...]]:
    """Each line's stretches; what lines of a bundle share is drawn with the first of them."""
    drawn: set[tuple[int, int, bool]] = set()
    lines = {}
    for route in routes:
        stretches = []
        for upper, lower in pairwise(route.points):
            if (upper, lower, route.is_turned) in drawn:
                continue
            if points[upper].box is None or points[lower].box is None:
                drawn.add((upper, lower, route.is_turned))
            stretches.append(_stretch(points[upper], points[lower], bands, route.is_turned))
        lines[route.link] = tuple(stretches[::-1] if route.is_turned else stretches)
    return lines


def _stretch(upper: _Point, lower: _Point, bands: list[tuple[float, float]], is_turned: bool) -> Stretch:
    """From the upper edge of one point's band to that of the next, or from and to the edge of a box.

    A line that leads upwards leaves and enters boxes beside the middle, where no line that leads downwards does.
    """
    beside = 0.3 if is_turned else 0.0
    (top, bottom), (lower_top, _) = bands[upper.layer], bands[lower.layer]
    ends = (upper if is_turned else lower).box is not None
    from_x = upper.x + (_side(upper, lower) * beside * upper.own[0] if upper.box else 0)
    to_x = lower.x + (_side(lower, upper) * beside * lower.own[0] if lower.box else 0)
    from_y = upper.bottom if upper.box else top
    to_y = lower.top if lower.box else lower_top
    way = [(from_x, from_y), (from_x, bottom), (to_x, lower_top), (to_x, to_y)]
    return Stretch(tuple(way[::-1] if is_turned else way), ends)


def _side(box: _Point, other: _Point) -> int:
    return 1 if other.x >= box.x else -1
