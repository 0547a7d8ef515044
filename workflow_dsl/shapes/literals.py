"""The shapes of JSON values, as literals in definitions and handlers have them."""

from __future__ import annotations

from functools import lru_cache

from workflow_dsl.definition.json import Json
from workflow_dsl.shapes.shape import (
    ANY_RECORD,
    DEEPEST,
    MOST_CACHED,
    MOST_FIELDS,
    MOST_VALUES,
    NULL,
    UNKNOWN,
    Kind,
    ListOf,
    Record,
    Shape,
    joined,
    list_of,
    one_of,
)


def literal(value: Json) -> Shape:
    """Return the shape of one JSON value."""
    if not isinstance(value, (dict, list)):
        return _literal_scalar(value)
    if len(value) > MOST_VALUES:
        return _literal(value, 0)
    text = repr(value)
    found = _LITERALS.get(text)
    if found is None:
        if len(_LITERALS) >= MOST_CACHED:
            _LITERALS.clear()
        found = _LITERALS[text] = _literal(value, 0)
    return found


_LITERALS: dict[str, Shape] = {}  # small objects and lists, by their text


@lru_cache(MOST_CACHED, typed=True)
def _literal_scalar(value: Json) -> Shape:
    return _literal(value, 0)


def _literal(value: Json, level: int) -> Shape:
    """The shape of a value, of which that of each value in it is a new object: most of them occur once."""
    if not isinstance(value, (dict, list)):
        return NULL if value is None else one_of(_scalar_kind(value), (value,))
    if level > DEEPEST:
        return UNKNOWN
    if isinstance(value, dict):
        fields = {str(name): _literal(item, level + 1) for name, item in value.items()}
        depth = max([each.depth for each in fields.values()], default=0)
        is_too_large = depth >= DEEPEST or len(fields) > MOST_FIELDS
        return ANY_RECORD if is_too_large else Shape((Record(fields, None, (), depth),), depth + 1)
    items = [_literal(item, level + 1) for item in value]
    item = joined(items)
    positions = tuple(items) if len(items) <= MOST_VALUES else None
    return list_of(UNKNOWN) if item.depth >= DEEPEST else Shape((ListOf(item, positions, item.depth),), item.depth + 1)


def _scalar_kind(value: Json) -> Kind:
    return "string" if isinstance(value, str) else "boolean" if isinstance(value, bool) else "number"
