"""The shape of values, inferred from samples."""

from __future__ import annotations

from collections.abc import Iterable

from workflow_dsl.definition.json import Json
from workflow_dsl.shapes.shape import (
    BOOLEAN,
    NOTHING,
    NULL,
    NUMBER,
    STRING,
    UNKNOWN,
    Origin,
    Shape,
    join,
    list_of,
    merged,
    record,
)

_DEEPEST = 24  # levels; what is deeper is unknown


def shape_of_samples(samples: Iterable[Json], origin: str) -> Shape:
    """Return the shape of values like these samples: a field that one of them lacks is optional."""
    shape = NOTHING
    for sample in samples:
        shape = merged(join(shape, _shape(sample, (Origin(origin),))))
    return shape if shape.parts else UNKNOWN


def _shape(value: Json, origins: tuple[Origin, ...] = (), level: int = 0) -> Shape:
    if level > _DEEPEST:
        return UNKNOWN
    if isinstance(value, dict):
        return record({name: _shape(each, (), level + 1) for name, each in value.items()}, None, *origins)
    if isinstance(value, list):
        return _list(value, level)
    if value is None:
        return NULL
    return STRING if isinstance(value, str) else BOOLEAN if isinstance(value, bool) else NUMBER


def _list(items: list[Json], level: int) -> Shape:
    item = NOTHING
    for each in items:
        item = merged(join(item, _shape(each, (), level + 1)))
    return list_of(item if item.parts else UNKNOWN)
