"""Where boxes and lines go: a layered drawing, from top to bottom, that crosses no box and covers no label.

After Sugiyama, Tagawa and Toda (1981): turn the lines that close a loop round, give each box a layer, break long lines
into one point a layer, order each layer so that few lines cross, then place it (placement.py). A line's label is such
a point with a size, right after the box that the line leaves; from there on lines of a kind to one box share a trunk.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from workflow_dsl.diagram.placement import placed

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
    """A box, or a point of a line; `box` is None for a point."""

    layer: int
    width: float
    height: float
    box: str | None = None
    x: float = 0.0
    y: float = 0.0


@dataclass(slots=True)
class _Route:
    """A line as its points from the upper box to the lower one, and whether it is drawn upwards."""

    link: Link
    points: list[int] = field(default_factory=list)
    is_turned: bool = False


def laid_out(boxes: Mapping[str, Size], links: Sequence[Link]) -> Layout:
    """The boxes, of the given sizes and in the order in which they are read, with the lines between them."""
    loops = [link for link in links if link.source == link.target]
    drawn = [link for link in links if link.source != link.target]
    turned = _closing_loops(boxes, drawn)
    layers = _layers(boxes, drawn, turned)
    room = {link.source: 2 * (_LOOP + (link.label[0] if link.label else 0)) for link in loops}
    points = [_Point(layers[name], size[0] + room.get(name, 0), size[1], name) for name, size in boxes.items()]
    routes = _routes(points, drawn, turned)
    weights = _weights(points, routes)
    segments = sorted(weights)
    rows = _ordered(points, segments)
    for index, x in placed(rows, weights, [point.width for point in points], _beside(points)).items():
        points[index].x = x
    bands = _stacked(points, rows, segments)
    return _finished(boxes, points, bands, routes, loops)


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


def _ordered(points: list[_Point], segments: list[tuple[int, int]]) -> list[list[int]]:
    """The points layer by layer, each from left to right, so that few lines cross."""
    rows = _as_read(points, segments)
    above, below = _neighbours(len(points), segments)
    best, fewest, since = [row[:] for row in rows], _crossings(rows, below), 0
    for turn in range(24):
        if not fewest or since == 6:
            break
        down = turn % 2 == 0
        for row, beside in _sweep(rows, down):
            _sort(row, beside, above if down else below)
        for row in rows if len(points) < _MOST_TO_EXCHANGE else ():
            _exchange(row, above, below, {index: place for each in rows for place, index in enumerate(each)})
        crossings = _crossings(rows, below)
        since += 1
        if crossings < fewest:
            best, fewest, since = [row[:] for row in rows], crossings, 0
    return best


def _as_read(points: list[_Point], segments: list[tuple[int, int]]) -> list[list[int]]:
    """The points of each layer in the order in which a walk from the first box meets them."""
    _, below = _neighbours(len(points), segments)
    rows: list[list[int]] = [[] for _ in range(max((point.layer for point in points), default=-1) + 1)]
    met = [False] * len(points)
    for first in sorted(range(len(points)), key=lambda index: points[index].layer):
        waiting = [first]
        while waiting:
            index = waiting.pop()
            if not met[index]:
                met[index] = True
                rows[points[index].layer].append(index)
                waiting.extend(reversed(below[index]))
    return rows


def _neighbours(count: int, segments: list[tuple[int, int]]) -> tuple[list[list[int]], list[list[int]]]:
    above: list[list[int]] = [[] for _ in range(count)]
    below: list[list[int]] = [[] for _ in range(count)]
    for upper, lower in segments:
        above[lower].append(upper)
        below[upper].append(lower)
    return above, below


def _sweep(rows: list[list[int]], down: bool) -> Iterable[tuple[list[int], list[int]]]:
    """Each layer with the one before it, downwards or upwards."""
    order = rows if down else rows[::-1]
    return zip(order[1:], order, strict=False)


def _sort(row: list[int], beside: list[int], neighbours: list[list[int]]) -> None:
    """Sorts a layer by where its neighbours stand on average; one without neighbours stays where it is."""
    position = {index: float(place) for place, index in enumerate(beside)}
    wished = {}
    for place, index in enumerate(row):
        found = [position[each] for each in neighbours[index]]
        wished[index] = sum(found) / len(found) if found else place * len(beside) / len(row)
    row.sort(key=wished.__getitem__)


_MOST_TO_EXCHANGE = 3_000  # points; beyond, the time would be seen


def _exchange(row: list[int], above: list[list[int]], below: list[list[int]], position: dict[int, int]) -> None:
    """Exchanges neighbours in a layer where that lets fewer lines cross."""

    def crossing(left: int, right: int) -> int:
        return sum(
            position[one] > position[other]
            for beside in (above, below)
            for one in beside[left]
            for other in beside[right]
        )

    for place in range(len(row) - 1):
        left, right = row[place], row[place + 1]
        if crossing(left, right) > crossing(right, left):
            row[place], row[place + 1] = right, left


def _crossings(rows: list[list[int]], below: list[list[int]]) -> int:
    """How many pairs of lines cross between neighbouring layers."""
    crossings = 0
    for upper, lower in pairwise(rows):
        position = {index: place for place, index in enumerate(lower)}
        seen: list[int] = []
        for index in upper:
            ends = sorted(position[each] for each in below[index])
            crossings += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return crossings


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
    loops: list[Link],
) -> Layout:
    left = min((point.x - point.width / 2 for point in points), default=0.0)
    right = max((point.x + point.width / 2 for point in points), default=0.0)
    for point in points:
        point.x -= left
    by_name = {point.box: point for point in points if point.box}
    corners = {name: (by_name[name].x - size[0] / 2, by_name[name].y) for name, size in boxes.items()}
    lines = _lines(points, bands, routes)
    labels = {}
    for route in routes:
        if route.link.label:
            at = points[route.points[-2 if route.is_turned else 1]]
            labels[route.link] = (at.x, at.y + at.height / 2)
    for link in loops:
        (x, y), (width, height) = corners[link.source], boxes[link.source]
        lines[link] = (Stretch(_around(x + width, y, height), True),)
        if link.label:
            labels[link] = (x + width + _LOOP + link.label[0] / 2, y + height / 2)
    return Layout((right - left, bands[-1][1] if bands else 0.0), corners, lines, labels)


def _around(right: float, y: float, height: float) -> tuple[Point, ...]:
    """From a box's right side out and back into it, higher up."""
    return (right, y + height * 0.75), (right + _LOOP, y + height / 2), (right, y + height * 0.25)


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
    from_x = upper.x + (_side(upper, lower) * beside * upper.width if upper.box else 0)
    to_x = lower.x + (_side(lower, upper) * beside * lower.width if lower.box else 0)
    from_y = upper.y + upper.height if upper.box else top
    to_y = lower.y if lower.box else lower_top
    way = [(from_x, from_y), (from_x, bottom), (to_x, lower_top), (to_x, to_y)]
    return Stretch(tuple(way[::-1] if is_turned else way), ends)


def _side(box: _Point, other: _Point) -> int:
    return 1 if other.x >= box.x else -1
