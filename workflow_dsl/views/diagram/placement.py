"""Where the points of each layer stand from left to right: Brandes and Köpf, Fast and Simple Horizontal Coordinate
Assignment (2002), with widths, so that long lines are straight and boxes stand in the middle of what they lead to.

Each of four times, every point is put in line with the middle one of its neighbours above or below, seen from the left
or from the right, and the columns that come of it are pushed together. A point's place is the mean of the two middle
ones of the four.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

_Rows = Sequence[Sequence[int]]
_Weights = Mapping[tuple[int, int], int]


def placed(rows: _Rows, weights: _Weights, widths: Sequence[float], beside: Sequence[float]) -> dict[int, float]:
    """The middle of every point, given the layers from top to bottom, each from left to right.

    `weights` has the pairs of points of neighbouring layers that a line joins, the upper first: a point is put in line
    with those of the greatest weight. `beside` is half the room to be left beside a point.
    """
    above = _heaviest(len(widths), weights)
    below = _heaviest(len(widths), {(lower, upper): weight for (upper, lower), weight in weights.items()})
    reach = [width / 2 + room for width, room in zip(widths, beside, strict=True)]
    weak = _weak(rows, weights)
    tries = []
    for upwards in (False, True):
        for from_right in (False, True):
            seen = [row[::-1] if from_right else row for row in (rows[::-1] if upwards else rows)]
            columns = _columns(seen, below if upwards else above, weak)
            found = _pushed_together(seen, columns, reach)
            tries.append({index: -x for index, x in found.items()} if from_right else found)
    return _balanced(tries, widths)


def _heaviest(count: int, weights: _Weights) -> list[list[int]]:
    """For the second point of each pair, the first ones of those pairs that weigh most."""
    most = [0] * count
    for (_, index), weight in weights.items():
        most[index] = max(most[index], weight)
    found: list[list[int]] = [[] for _ in range(count)]
    for (each, index), weight in sorted(weights.items()):
        if weight == most[index]:
            found[index].append(each)
    return found


def _weak(rows: _Rows, weights: _Weights) -> set[tuple[int, int]]:
    """The pairs whose line crosses one that had rather be straight, of greater weight."""
    weak: set[tuple[int, int]] = set()
    position = {index: place for row in rows for place, index in enumerate(row)}
    layer = {index: number for number, row in enumerate(rows) for index in row}
    pairs: list[list[tuple[int, int]]] = [[] for _ in rows]
    for upper, lower in weights:
        pairs[layer[upper]].append((upper, lower))
    for each in pairs:
        heavy = [pair for pair in each if weights[pair]]
        for upper, lower in each:
            for other_upper, other_lower in heavy:
                sides = (position[upper] - position[other_upper]) * (position[lower] - position[other_lower])
                if sides < 0 and weights[upper, lower] < weights[other_upper, other_lower]:
                    weak.add((upper, lower))
    return weak


def _columns(rows: _Rows, neighbours: list[list[int]], weak: set[tuple[int, int]]) -> dict[int, int]:
    """For each point the first one of its column: the points that stand straight below each other."""
    column = {index: index for row in rows for index in row}
    for before, row in pairwise(rows):
        position = {index: place for place, index in enumerate(before)}
        last = -1
        for index in row:
            near = sorted(neighbours[index], key=position.__getitem__)
            middle = near[(len(near) - 1) // 2 : len(near) // 2 + 1]
            for each in middle:
                is_free = last < position[each] and not {(each, index), (index, each)} & weak
                if column[index] == index and is_free:
                    column[index] = column[each]
                    last = position[each]
    return column


def _pushed_together(rows: _Rows, column: dict[int, int], reach: Sequence[float]) -> dict[int, float]:
    """The place of every point, each column as far left as those beside it let it, then back to the right if free."""
    after: dict[int, dict[int, float]] = {each: {} for each in column.values()}
    waits = dict.fromkeys(after, 0)
    for row in rows:
        for left, right in pairwise(row):
            first, second = column[left], column[right]
            if second not in after[first]:
                waits[second] += 1
            after[first][second] = max(after[first].get(second, 0.0), reach[left] + reach[right])
    ready = [each for each, count in waits.items() if not count]
    place = dict.fromkeys(after, 0.0)
    order = []
    while ready:
        each = ready.pop()
        order.append(each)
        for other, distance in after[each].items():
            place[other] = max(place[other], place[each] + distance)
            waits[other] -= 1
            if not waits[other]:
                ready.append(other)
    for each in reversed(order):
        if after[each]:
            place[each] = max(place[each], min(place[other] - distance for other, distance in after[each].items()))
    return {index: place[each] for index, each in column.items()}


def _balanced(tries: list[dict[int, float]], widths: Sequence[float]) -> dict[int, float]:
    """The four tries moved over the narrowest of them, left ones by their left edge, right ones by their right."""
    if not tries[0]:
        return {}
    edges = [
        (
            min(x - widths[index] / 2 for index, x in each.items()),
            max(x + widths[index] / 2 for index, x in each.items()),
        )
        for each in tries
    ]
    narrow = min(edges, key=lambda edge: edge[1] - edge[0])
    moves = [narrow[number % 2] - edge[number % 2] for number, edge in enumerate(edges)]
    found = {}
    for index in tries[0]:
        _, one, other, _ = sorted(each[index] + move for each, move in zip(tries, moves, strict=True))
        found[index] = (one + other) / 2
    return found
