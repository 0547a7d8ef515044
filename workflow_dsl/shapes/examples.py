"""Small values of a shape, for generated tests and fixtures."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from workflow_dsl.definition.json import Json
from workflow_dsl.shapes.shape import ListOf, Part, Presence, Record, Scalar, Shape

_MOST = 12  # examples of one shape
_DEEPEST = 8
_VALUES: dict[str, tuple[Json, ...]] = {
    "null": (None,),
    "boolean": (True, False),
    "number": (1, 0, -1, 2.5),
}


def examples(shape: Shape, most: int = _MOST, name: str = "text") -> list[Json]:
    """Return up to `most` different JSON values of a shape, the plainest first; [{}] for one of which nothing is known.

    A string is the name of its field; `name` is that of the whole value. Each value of a literal is among them, and an
    object with and without each field that may be missing.
    """
    found: list[Json] = []
    for value in _of_shape(shape, 0, name):
        if not any(value == each and type(value) is type(each) for each in found):
            found.append(value)
        if len(found) == most:
            break
    return found


def _of_shape(shape: Shape, depth: int, name: str) -> Iterator[Json]:
    if shape.parts is None or depth > _DEEPEST:
        yield {}
        return
    iterators = [_of_part(part, depth, name) for part in shape.parts]
    while iterators:  # one of each kind first
        for iterator in list(iterators):
            value = next(iterator, iterators)
            if value is iterators:
                iterators.remove(iterator)
            else:
                yield value


def _of_part(part: Part, depth: int, name: str) -> Iterator[Json]:
    if isinstance(part, Scalar):
        yield from _scalars(part, name)
    elif isinstance(part, ListOf):
        yield from _lists(part, depth, name)
    else:
        yield from _objects(part, depth)


def _scalars(part: Scalar, name: str) -> Iterator[Json]:
    if not part.is_excluding:
        yield from sorted(part.values, key=str)
        return
    values = [value for value in _plain(part.kind, name) if value not in part.values]
    if not values:
        taken = [str(value) for value in part.values]
        values = [max(taken, key=len) + "x"] if part.kind == "string" else [max(map(float, part.values)) + 1]
    yield from (value for value in values if not part.is_whole or not isinstance(value, float))


def _plain(kind: str, name: str) -> tuple[Json, ...]:
    return (name, "") if kind == "string" else _VALUES[kind]


def _lists(part: ListOf, depth: int, name: str) -> Iterator[Json]:
    if part.items is not None:
        yield [_first(each, depth, name) for each in part.items]
        return
    items = list(islice(_of_shape(part.item, depth + 1, name), 3))
    yield from ([item] for item in items[:1])
    yield []
    if len(items) > 1:
        yield items


def _objects(part: Record, depth: int) -> Iterator[Json]:
    """All fields with their first values; then another value of one field at a time; then without each optional one."""
    whole = {name: _first(field.shape, depth, name) for name, field in part.fields.items()}
    yield whole
    for name, field in part.fields.items():
        for value in islice(_of_shape(field.shape, depth + 1, name), 1, 4):
            yield {**whole, name: value}
    for name, field in part.fields.items():
        if field.presence is not Presence.SURE:
            yield {other: value for other, value in whole.items() if other != name}


def _first(shape: Shape, depth: int, name: str) -> Json:
    return next(_of_shape(shape, depth + 1, name), None)
