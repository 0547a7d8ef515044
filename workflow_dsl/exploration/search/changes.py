"""The changes that a value at a leaf makes: to other leaves, and to the texts that hold its source."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from workflow_dsl.definition.json import Json
from workflow_dsl.exploration.search.symbols import Leaf, Step, holder

Changes = Mapping[str, set[tuple[Step, ...]]]  # the paths of each source


def with_holders(source: str) -> set[str]:
    """Return a source, and those that have it as a text."""
    changed = {source}
    while (leaf := holder(source)) is not None:
        source = leaf.source
        changed.add(source)
    return changed


def is_lost(other: Leaf, its_value: Json, leaf: Leaf, value: Json) -> bool:
    """True for what is below a leaf that gets a value without its fields, and for such a value around the leaf."""
    if other.source != leaf.source:
        return False
    depth, its_depth = len(leaf.path), len(other.path)
    if its_depth > depth:
        if other.path[:depth] != leaf.path:
            return False
        return (
            not isinstance(value, (dict, list))
            or not value
            or (isinstance(value, list) and isinstance(other.path[depth], str))
        )
    return its_depth < depth and leaf.path[:its_depth] == other.path and not isinstance(its_value, (dict, list))


def changes_at(leaves: Iterable[Leaf], chosen: Mapping[Leaf, Json]) -> Changes:
    """Return what other values at leaves may change: also the lists around them, which may get more items."""
    changed: dict[str, set[tuple[Step, ...]]] = {}
    for leaf in leaves:
        in_list = next((depth for depth, step in enumerate(leaf.path) if isinstance(step, int)), len(leaf.path))
        changed.setdefault(leaf.source, set()).add(leaf.path[:in_list])
        text_at = holder(leaf.source)
        while text_at is not None:
            changed.setdefault(text_at.source, set()).add(text_at.path)
            text_at = holder(text_at.source)
    for other, value in chosen.items():  # a value in place of which there will be an object
        if not isinstance(value, (dict, list)) and any(
            path[: len(other.path)] == other.path for path in changed.get(other.source, ())
        ):
            changed[other.source].add(other.path)
    return changed


def is_changed(leaf: Leaf, changes: Changes) -> bool:
    """True if the value at a leaf may be another one."""
    return any(path[: len(leaf.path)] == leaf.path[: len(path)] for path in changes.get(leaf.source, ()))
