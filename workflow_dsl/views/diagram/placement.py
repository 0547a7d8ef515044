"""The horizontal position of each vertex: Brandes and Köpf, Fast and Simple Horizontal Coordinate Assignment (2002),
with widths, so that long lines are straight and boxes are centered over the boxes below them.

The algorithm runs four times, from above or below and from the left or the right. Each run aligns every vertex with its
median neighbour and packs the resulting columns. A vertex's position is the mean of the two middle results.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

_Rows = Sequence[Sequence[int]]
_Segment = tuple[int, int]
_Weights = Mapping[_Segment, int]
MAIN_PATH = 3  # the weight of its segments, the greatest


def place_vertices(
    rows: _Rows, weights: _Weights, widths: Sequence[float], margins: Sequence[float]
) -> dict[int, float]:
    """The center of each vertex, given the layers from top to bottom, each from left to right.

    `weights` maps each pair of linked vertices of adjacent layers, the upper first, to a weight: a vertex is aligned
    with its neighbours of the greatest weight. `margins` is half the free space to leave beside each vertex.
    """
    above = _heaviest_neighbours(len(widths), weights)
    below = _heaviest_neighbours(len(widths), {(lower, upper): weight for (upper, lower), weight in weights.items()})
    reach = [width / 2 + margin for width, margin in zip(widths, margins, strict=True)]
    crossing = _crossing_a_heavier(rows, weights)
    runs = []
    for upwards in (False, True):
        for from_right in (False, True):
            ordered = [row[::-1] if from_right else row for row in (rows[::-1] if upwards else rows)]
            columns = _columns(ordered, below if upwards else above, crossing)
            centers = _pack(ordered, columns, reach)
            runs.append({vertex: -x for vertex, x in centers.items()} if from_right else centers)
    return _balance(runs, widths)


def _heaviest_neighbours(count: int, weights: _Weights) -> list[list[int]]:
    """For each second vertex of a pair, the first vertices of its heaviest pairs."""
    heaviest = [0] * count
    for (_, vertex), weight in weights.items():
        heaviest[vertex] = max(heaviest[vertex], weight)
    neighbours: list[list[int]] = [[] for _ in range(count)]
    for (neighbour, vertex), weight in sorted(weights.items()):
        if weight == heaviest[vertex]:
            neighbours[vertex].append(neighbour)
    return neighbours


def _crossing_a_heavier(rows: _Rows, weights: _Weights) -> set[_Segment]:
    """The segments that cross a segment of greater weight, and those that share an end with the main path."""
    crossing: set[_Segment] = set()
    positions = {vertex: position for row in rows for position, vertex in enumerate(row)}
    layers = {vertex: layer for layer, row in enumerate(rows) for vertex in row}
    by_layer: list[list[_Segment]] = [[] for _ in rows]
    for upper, lower in weights:
        by_layer[layers[upper]].append((upper, lower))
    for segments in by_layer:
        heavy = [segment for segment in segments if weights[segment]]
        for upper, lower in segments:
            for other_upper, other_lower in heavy:
                sides = (positions[upper] - positions[other_upper]) * (positions[lower] - positions[other_lower])
                is_near = sides < 0 or (not sides and weights[other_upper, other_lower] == MAIN_PATH)
                if is_near and weights[upper, lower] < weights[other_upper, other_lower]:
                    crossing.add((upper, lower))
    return crossing


def _columns(rows: _Rows, neighbours: list[list[int]], crossing: set[_Segment]) -> dict[int, int]:
    """For each vertex, the first vertex of its column: the vertices aligned in one vertical line."""
    column = {vertex: vertex for row in rows for vertex in row}
    for previous, row in pairwise(rows):
        positions = {vertex: position for position, vertex in enumerate(previous)}
        last = -1
        for vertex in row:
            near = sorted(neighbours[vertex], key=positions.__getitem__)
            medians = near[(len(near) - 1) // 2 : len(near) // 2 + 1]
            for median in medians:
                is_free = last < positions[median] and not {(median, vertex), (vertex, median)} & crossing
                if column[vertex] == vertex and is_free:
                    column[vertex] = column[median]
                    last = positions[median]
    return column


def _pack(rows: _Rows, column: dict[int, int], reach: Sequence[float]) -> dict[int, float]:
    """The position of each vertex: each column as far left as its neighbours allow, then right again where free."""
    right_of: dict[int, dict[int, float]] = {first: {} for first in column.values()}
    pending = dict.fromkeys(right_of, 0)
    for row in rows:
        for left, right in pairwise(row):
            first, second = column[left], column[right]
            if second not in right_of[first]:
                pending[second] += 1
            right_of[first][second] = max(right_of[first].get(second, 0.0), reach[left] + reach[right])
    ready = [first for first, count in pending.items() if not count]
    position = dict.fromkeys(right_of, 0.0)
    order = []
    while ready:
        first = ready.pop()
        order.append(first)
        for other, distance in right_of[first].items():
            position[other] = max(position[other], position[first] + distance)
            pending[other] -= 1
            if not pending[other]:
                ready.append(other)
    for first in reversed(order):
        if right_of[first]:
            limit = min(position[other] - distance for other, distance in right_of[first].items())
            position[first] = max(position[first], limit)
    return {vertex: position[first] for vertex, first in column.items()}


def _balance(runs: list[dict[int, float]], widths: Sequence[float]) -> dict[int, float]:
    """The mean of the two middle positions, with the runs shifted to the narrowest one's left or right edge."""
    if not runs[0]:
        return {}
    edges = [
        (
            min(x - widths[vertex] / 2 for vertex, x in run.items()),
            max(x + widths[vertex] / 2 for vertex, x in run.items()),
        )
        for run in runs
    ]
    narrowest = min(edges, key=lambda edge: edge[1] - edge[0])
    shifts = [narrowest[number % 2] - edge[number % 2] for number, edge in enumerate(edges)]
    centers = {}
    for vertex in runs[0]:
        _, low, high, _ = sorted(run[vertex] + shift for run, shift in zip(runs, shifts, strict=True))
        centers[vertex] = (low + high) / 2
    return centers
