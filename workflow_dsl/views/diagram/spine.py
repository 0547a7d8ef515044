"""The main path of a graph: the longest way down from its first box, which is drawn as one straight line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar


class _Line(Protocol):
    @property
    def source(self) -> str: ...
    @property
    def target(self) -> str: ...
    @property
    def bundle(self) -> str: ...


_Link = TypeVar("_Link", bound=_Line)


def main_path(layers: Mapping[str, int], links: Iterable[_Link]) -> set[_Link]:
    """The links of the longest path through the layers from the first box; the lines of catchers are not part of it.

    `layers` has the boxes in reading order. Of paths of one length, the one whose links come first is taken.
    """
    onwards: dict[str, list[_Link]] = {}
    for link in links:
        if not link.bundle and layers[link.source] < layers[link.target]:
            onwards.setdefault(link.source, []).append(link)
    length: dict[str, int] = {}
    best: dict[str, _Link] = {}
    for name in sorted(layers, key=layers.__getitem__, reverse=True):
        for link in onwards.get(name, ()):
            if length.get(name, 0) < 1 + length.get(link.target, 0):
                length[name], best[name] = 1 + length.get(link.target, 0), link
    path = set()
    name = next(iter(layers), "")
    while name in best:
        path.add(best[name])
        name = best[name].target
    return path
