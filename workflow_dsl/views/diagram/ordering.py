"""In which order points stand in their layers, so that few lines cross.

Layers are swept down and up; each time the points of a layer are sorted by where their neighbours stand on average
(Sugiyama, Tagawa and Toda, 1981), and exchanged where that helps. The best order that was met is kept.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from itertools import pairwise

_Neighbours = list[list[int]]
_SWEEPS, _PATIENCE = 24, 6  # how many in all, and how many without a better order
_MOST_TO_EXCHANGE = 3_000  # points; beyond, the time would be seen


def ordered(layers: Sequence[int], segments: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The points layer by layer, each from left to right, given their layers and the parts of lines between them."""
    above, below = _neighbours(len(layers), segments)
    rows = _as_read(layers, below)
    best, fewest, since = [row[:] for row in rows], _crossings(rows, below), 0
    for turn in range(_SWEEPS):
        if not fewest or since == _PATIENCE:
            break
        down = turn % 2 == 0
        for row, beside in _sweep(rows, down):
            _sort(row, beside, above if down else below)
        for row in rows if len(layers) < _MOST_TO_EXCHANGE else ():
            _exchange(row, above, below, {index: place for each in rows for place, index in enumerate(each)})
        crossings = _crossings(rows, below)
        since += 1
        if crossings < fewest:
            best, fewest, since = [row[:] for row in rows], crossings, 0
    return best


def _neighbours(count: int, segments: Sequence[tuple[int, int]]) -> tuple[_Neighbours, _Neighbours]:
    above: _Neighbours = [[] for _ in range(count)]
    below: _Neighbours = [[] for _ in range(count)]
    for upper, lower in segments:
        above[lower].append(upper)
        below[upper].append(lower)
    return above, below


def _as_read(layers: Sequence[int], below: _Neighbours) -> list[list[int]]:
    """The points of each layer in the order in which a walk from the first box meets them."""
    rows: list[list[int]] = [[] for _ in range(max(layers, default=-1) + 1)]
    met = [False] * len(layers)
    for first in sorted(range(len(layers)), key=layers.__getitem__):
        waiting = [first]
        while waiting:
            index = waiting.pop()
            if not met[index]:
                met[index] = True
                rows[layers[index]].append(index)
                waiting.extend(reversed(below[index]))
    return rows


def _sweep(rows: list[list[int]], down: bool) -> Iterable[tuple[list[int], list[int]]]:
    """Each layer with the one before it, downwards or upwards."""
    order = rows if down else rows[::-1]
    return zip(order[1:], order, strict=False)


def _sort(row: list[int], beside: list[int], neighbours: _Neighbours) -> None:
    """Sorts a layer by where its neighbours stand on average; one without neighbours stays where it is."""
    position = {index: float(place) for place, index in enumerate(beside)}
    wished = {}
    for place, index in enumerate(row):
        found = [position[each] for each in neighbours[index]]
        wished[index] = sum(found) / len(found) if found else place * len(beside) / len(row)
    row.sort(key=wished.__getitem__)


def _exchange(row: list[int], above: _Neighbours, below: _Neighbours, position: dict[int, int]) -> None:
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


def _crossings(rows: list[list[int]], below: _Neighbours) -> int:
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
