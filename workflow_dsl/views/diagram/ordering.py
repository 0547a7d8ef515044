"""The order of the vertices in each layer, chosen so that few lines cross.

Layers are swept down and up; each sweep sorts the vertices of a layer by the average position of their neighbours
(Sugiyama, Tagawa and Toda, 1981), then swaps adjacent ones where that helps. The best order seen is kept.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from itertools import pairwise

_Neighbours = list[list[int]]
_MAX_SWEEPS, _PATIENCE = 24, 6  # sweeps in all, and sweeps without improvement before giving up
_MAX_VERTICES_TO_SWAP = 3_000  # beyond, the user would notice the time


def order_layers(layers: Sequence[int], segments: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The vertices of each layer from left to right, given each vertex's layer and the line segments between them."""
    above, below = _neighbours(len(layers), segments)
    rows = _in_reading_order(layers, below)
    best, fewest, without_improvement = [row[:] for row in rows], _crossings(rows, below), 0
    for sweep in range(_MAX_SWEEPS):
        if not fewest or without_improvement == _PATIENCE:
            break
        is_down = sweep % 2 == 0
        for row, previous in _sweep(rows, is_down):
            _sort(row, previous, above if is_down else below)
        for row in rows if len(layers) < _MAX_VERTICES_TO_SWAP else ():
            _swap_adjacent(row, above, below, _positions(rows))
        crossings = _crossings(rows, below)
        without_improvement += 1
        if crossings < fewest:
            best, fewest, without_improvement = [row[:] for row in rows], crossings, 0
    return best


def _positions(rows: list[list[int]]) -> dict[int, int]:
    return {vertex: position for row in rows for position, vertex in enumerate(row)}


def _neighbours(count: int, segments: Sequence[tuple[int, int]]) -> tuple[_Neighbours, _Neighbours]:
    above: _Neighbours = [[] for _ in range(count)]
    below: _Neighbours = [[] for _ in range(count)]
    for upper, lower in segments:
        above[lower].append(upper)
        below[upper].append(lower)
    return above, below


def _in_reading_order(layers: Sequence[int], below: _Neighbours) -> list[list[int]]:
    """The vertices of each layer in the order in which a depth-first walk from the first box visits them."""
    rows: list[list[int]] = [[] for _ in range(max(layers, default=-1) + 1)]
    visited = [False] * len(layers)
    for first in sorted(range(len(layers)), key=layers.__getitem__):
        waiting = [first]
        while waiting:
            vertex = waiting.pop()
            if not visited[vertex]:
                visited[vertex] = True
                rows[layers[vertex]].append(vertex)
                waiting.extend(reversed(below[vertex]))
    return rows


def _sweep(rows: list[list[int]], is_down: bool) -> Iterable[tuple[list[int], list[int]]]:
    """Each layer with the one before it, downwards or upwards."""
    order = rows if is_down else rows[::-1]
    return zip(order[1:], order, strict=False)


def _sort(row: list[int], previous: list[int], neighbours: _Neighbours) -> None:
    """Sort a layer by its neighbours' average position; a vertex without neighbours keeps its place."""
    positions = {vertex: float(position) for position, vertex in enumerate(previous)}
    targets = {}
    for position, vertex in enumerate(row):
        around = [positions[neighbour] for neighbour in neighbours[vertex]]
        targets[vertex] = sum(around) / len(around) if around else position * len(previous) / len(row)
    row.sort(key=targets.__getitem__)


def _swap_adjacent(row: list[int], above: _Neighbours, below: _Neighbours, positions: dict[int, int]) -> None:
    """Swap adjacent vertices of a layer where fewer lines cross that way."""

    def crossings(left: int, right: int) -> int:
        return sum(
            positions[left_neighbour] > positions[right_neighbour]
            for neighbours in (above, below)
            for left_neighbour in neighbours[left]
            for right_neighbour in neighbours[right]
        )

    for index in range(len(row) - 1):
        left, right = row[index], row[index + 1]
        if crossings(left, right) > crossings(right, left):
            row[index], row[index + 1] = right, left


def _crossings(rows: list[list[int]], below: _Neighbours) -> int:
    """The number of pairs of lines that cross between adjacent layers."""
    crossings = 0
    for upper, lower in pairwise(rows):
        positions = {vertex: position for position, vertex in enumerate(lower)}
        seen: list[int] = []
        for vertex in upper:
            ends = sorted(positions[neighbour] for neighbour in below[vertex])
            crossings += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return crossings
