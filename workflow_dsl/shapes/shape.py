"""A shape: the values that a place in a definition may have.

A shape has a part for each kind of value, and several records, so that a later Choice can tell them apart. `UNKNOWN`
may be anything, `NOTHING` is the shape of a place that no execution reaches. Shapes are upper bounds: a value that a
shape excludes never occurs, as long as declarations are true.

Equal shapes are mostly one object: those that are made alike come from a cache. They are hashed by identity, so that
what is computed of a shape can be cached too; a shape that is equal, and another object, is only computed again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from functools import lru_cache, reduce
from operator import is_
from typing import ClassVar, Literal

from workflow_dsl import records
from workflow_dsl.definition.json import Json
from workflow_dsl.records import field, replace

Kind = Literal["null", "boolean", "number", "string"]
Values = frozenset[Json]
_NONE: Values = frozenset()

_MOST_RECORDS = 4  # of one shape; more are merged into one
MOST_FIELDS = 400  # of one record; with more it may have any
MOST_VALUES = 24  # of one scalar; with more it may have any
DEEPEST = 24  # levels; what is deeper is unknown
_MOST_ORIGINS = 3
MOST_CACHED = 8192  # of the shapes and results that one cache has


class Presence(Enum):
    """The presence of a field in a record."""

    SURE = "sure"
    OPTIONAL = "optional"  # its declaration says that it may be missing
    UNSTATED = "unstated"  # it may be missing, and nobody says so


class Origin(records.Record):
    """The source of a record, as messages name it: `functions/stock_buyer/app.py:35`; `name` is the type's.

    `is_declared` is True if a person declares its fields: an annotation or a schema. In code, a record `is_instance` of
    a class, so that its fields stay those of the class. If it `is_guide`, a service documents them, and may add others.
    """

    text: str
    is_declared: bool = False
    name: str = ""
    is_instance: bool = field(default=False, compare=False)
    is_guide: bool = False


class Scalar(records.Record):
    """A string, number, boolean or null: one of `values`, or any but these if it `is_excluding`.

    `usual` are the values that an API documents today; others may come with its next version.
    """

    kind: Kind
    values: Values = _NONE
    is_excluding: bool = True
    is_whole: bool = False  # of a number: declared as an integer
    usual: Values = _NONE
    depth: ClassVar[int] = 0
    __hash__ = object.__hash__


class ListOf(records.Record):
    """A list: the shape of every item, and those of each position where the length is known."""

    item: Shape
    items: tuple[Shape, ...] | None = None
    depth: int = field(default=0, compare=False)  # levels below it
    kind: ClassVar[Literal["list"]] = "list"
    __hash__ = object.__hash__


class Field(records.Record):
    """A field that may be missing. One that is there for sure is no Field, but its shape."""

    shape: Shape
    presence: Presence

    @property
    def depth(self) -> int:
        """The levels of its shape."""
        return self.shape.depth


class Record(records.Record):
    """An object: its fields, and the shape of all others; None if it has no others."""

    fields: Mapping[str, Shape | Field]
    rest: Shape | None = None
    origins: tuple[Origin, ...] = field(default=(), compare=False)
    depth: int = field(default=0, compare=False)  # levels below it
    kind: ClassVar[Literal["object"]] = "object"
    __hash__ = object.__hash__

    @property
    def is_declared(self) -> bool:
        """True if a person declares its fields."""
        return any(origin.is_declared for origin in self.origins)

    def with_field(self, name: str, field: Shape | Field) -> Record:
        """Return the record with a field in place of what it has of that name."""
        if self.fields.get(name) is field:
            return self
        return _ANY_OBJECT if len(self.fields) >= MOST_FIELDS else self.with_fields({**self.fields, name: field})

    def with_fields(self, fields: Mapping[str, Shape | Field]) -> Record:
        """Return a record with other fields, and the rest and the origins of this one."""
        return _object(tuple(fields), tuple(fields.values()), self.rest, self.origins)


Part = Scalar | ListOf | Record


class Shape(records.Record):
    """The kinds of values that a place may have; `parts` is None if it may have any."""

    parts: tuple[Part, ...] | None
    depth: int = field(default=1, compare=False)
    presence: ClassVar[Presence] = Presence.SURE  # as a field of a record
    __hash__ = object.__hash__

    @property
    def shape(self) -> Shape:
        """The shape itself: of a field that is there for sure."""
        return self

    @property
    def records(self) -> tuple[Record, ...]:
        """The records among the parts."""
        return tuple([part for part in self.parts or () if part.kind == "object"])

    @property
    def lists(self) -> tuple[ListOf, ...]:
        """The list among the parts, if there is one."""
        return tuple([part for part in self.parts or () if part.kind == "list"])

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of its values: scalars by name, "list" and "object"; empty for UNKNOWN."""
        return frozenset([part.kind for part in self.parts or ()])


@lru_cache(MOST_CACHED)
def shape_of(parts: tuple[Part, ...]) -> Shape:
    """Return the shape of parts that differ from each other in their kinds, or are different records."""
    return Shape(parts, max([part.depth for part in parts], default=0) + 1)


@lru_cache(MOST_CACHED)
def _object(
    names: tuple[str, ...], fields: tuple[Shape | Field, ...], rest: Shape | None, origins: tuple[Origin, ...]
) -> Record:
    depth = max([each.depth for each in fields], default=0)
    return Record(dict(zip(names, fields, strict=True)), rest, origins, depth) if depth < DEEPEST else _ANY_OBJECT


_scalar = lru_cache(MOST_CACHED)(Scalar)


def scalar(
    kind: Kind, values: Values = _NONE, is_excluding: bool = False, is_whole: bool = False, usual: Values = _NONE
) -> Scalar:
    """Return a scalar that is one of some values, or any but these."""
    is_cached = len(values) <= MOST_VALUES and float not in map(type, values)  # 1.0 is another value than 1 in words
    return (_scalar if is_cached else Scalar)(kind, values, is_excluding, is_whole, usual)


UNKNOWN = Shape(None)
NOTHING = shape_of(())
NULL = shape_of((Scalar("null"),))
BOOLEAN = shape_of((Scalar("boolean"),))
NUMBER = shape_of((Scalar("number"),))
INTEGER = shape_of((Scalar("number", is_whole=True),))
STRING = shape_of((Scalar("string"),))
_ANY_OBJECT = _object((), (), UNKNOWN, ())
ANY_RECORD = shape_of((_ANY_OBJECT,))
_ANY: Mapping[str, Part] = {"object": _ANY_OBJECT, "list": ListOf(UNKNOWN)}


@lru_cache(MOST_CACHED)
def field_with(shape: Shape, presence: Presence) -> Shape | Field:
    """Return what a record has for a field of a shape and a presence."""
    return shape if presence is Presence.SURE else Field(shape, presence)


@lru_cache(MOST_CACHED)
def _list(item: Shape, items: tuple[Shape, ...] | None) -> Shape:
    return shape_of((ListOf(item, items, item.depth),)) if item.depth < DEEPEST else shape_of((ListOf(UNKNOWN),))


def list_of(item: Shape, items: Iterable[Shape] | None = None) -> Shape:
    """Return the shape of a list; `items` are the shapes of its positions where its length is known."""
    return _list(item, None if items is None else tuple(items))


def list_with(items: list[Shape]) -> Shape:
    """Return the shape of a list with these items."""
    return list_of(joined(items), items if len(items) <= MOST_VALUES else None)


def record(fields: Mapping[str, Shape | Field], rest: Shape | None = None, *origins: Origin) -> Shape:
    """Return the shape of an object."""
    if len(fields) > MOST_FIELDS:
        return ANY_RECORD
    return shape_of((_object(tuple(fields), tuple(fields.values()), rest, origins),))


def with_parts_changed(shape: Shape, change: Callable[[Part], Part | None]) -> Shape:
    """Return a shape with something else for each of its parts, None for nothing; the same if no part changes."""
    parts = shape.parts
    if parts is None:
        return shape
    if len(parts) == 1:
        part = change(parts[0])
        if part is parts[0]:
            return shape
        return NOTHING if part is None else shape_with((part,))
    changed = [change(part) for part in parts]
    return shape if all(map(is_, changed, parts)) else shape_with(tuple([part for part in changed if part is not None]))


def shape_with(parts: tuple[Part, ...]) -> Shape:
    """Return the shape of parts of which some may be equal, or too deep."""
    if len(parts) == 1 and parts[0].depth < DEEPEST:
        return shape_of(parts)
    if max([part.depth for part in parts], default=0) >= DEEPEST:
        return shape_with(tuple([_ANY.get(part.kind, part) for part in parts]))
    distinct: list[Part] = []
    for part in parts:
        _add(distinct, part)
    return shape_of(_with_few_records(distinct))


def one_of(kind: Kind, values: Iterable[Json]) -> Shape:
    """Return the shape of one of some scalars of a kind."""
    return Shape((Scalar(kind, frozenset(values), False),))


def joined(shapes: Iterable[Shape]) -> Shape:
    """Return the shape of a value that has one of these shapes."""
    return reduce(join, shapes, NOTHING)


def join(one: Shape, other: Shape) -> Shape:
    """Return the shape of a value that has one of two shapes."""
    if one is other or one.parts is None or not other.parts:
        return UNKNOWN if other.parts is None else one
    if other.parts is None or not one.parts:
        return other
    parts = list(one.parts)
    for part in other.parts:
        _add(parts, part)
    is_same = len(parts) == len(one.parts) and all(map(is_, parts, one.parts))
    return one if is_same else Shape(_with_few_records(parts), max(one.depth, other.depth))


def _add(parts: list[Part], part: Part) -> None:
    """Add a part to the parts of a shape: joined with the one of its kind, a record beside the others."""
    for index, present in enumerate(parts):
        if present is part:
            return
        if part.kind == "object":
            if present.kind == "object" and len(present.fields) == len(part.fields) and present == part:
                if part.origins != present.origins:
                    parts[index] = replace(present, origins=_origins(present, part))
                return
        elif present.kind == part.kind:
            parts[index] = _joined_parts(present, part)
            return
    parts.append(part)


def _joined_parts(one: Part, other: Part) -> Part:
    if isinstance(one, ListOf) and isinstance(other, ListOf):
        has_positions = one.items is not None and other.items is not None and len(one.items) == len(other.items)
        items = tuple(map(join, one.items or (), other.items or ())) if has_positions else None
        return list_of(join(one.item, other.item), items).lists[0]
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        return _joined_scalars(one, other)
    raise AssertionError("only parts of a kind are joined")


def _joined_scalars(one: Scalar, other: Scalar) -> Scalar:
    is_whole = one.is_whole and other.is_whole
    if not one.is_excluding and not other.is_excluding:
        values = one.values | other.values
        return Scalar(one.kind, values, False) if len(values) <= MOST_VALUES else Scalar(one.kind, is_whole=is_whole)
    if one.is_excluding and other.is_excluding:
        usual = one.usual | other.usual if one.usual and other.usual else _NONE
        return scalar(one.kind, one.values & other.values, True, is_whole, usual)
    excluding, including = (one, other) if one.is_excluding else (other, one)
    return scalar(one.kind, excluding.values - including.values, True)


def _origins(one: Record, other: Record) -> tuple[Origin, ...]:
    if not one.origins and not other.origins:
        return ()
    return tuple(dict.fromkeys(origin for each in (one, other) for origin in each.origins))[:_MOST_ORIGINS]


def _with_few_records(parts: list[Part]) -> tuple[Part, ...]:
    if len(parts) <= _MOST_RECORDS:
        return tuple(parts)
    records = [part for part in parts if isinstance(part, Record)]
    if len(records) <= _MOST_RECORDS:
        return tuple(parts)
    return (*(part for part in parts if not isinstance(part, Record)), reduce(_merged, records))


def merged(shape: Shape) -> Shape:
    """Return a shape with one record in place of several."""
    records = shape.records
    if len(records) < 2:
        return shape
    others = tuple(part for part in shape.parts or () if not isinstance(part, Record))
    return shape_of((*others, reduce(_merged, records)))


def _merged(one: Record, other: Record) -> Record:
    """One record for two: a field that only one has may be missing."""
    fields: dict[str, Shape | Field] = {}
    for name, first in one.fields.items():
        second = other.fields.get(name)
        field = _optional(first, other.rest) if second is None else _merged_fields(first, second)
        if field is not None:
            fields[name] = field
    for name, second in other.fields.items():
        if name not in one.fields and (field := _optional(second, one.rest)) is not None:
            fields[name] = field
    rest = one.rest if other.rest is None else other.rest if one.rest is None else join(one.rest, other.rest)
    return _object(tuple(fields), tuple(fields.values()), rest, _origins(one, other))


def _merged_fields(one: Shape | Field, other: Shape | Field) -> Shape | Field:
    shape = join(one.shape, other.shape)
    return field_with(shape, one.presence if one.presence is other.presence else Presence.UNSTATED)


def _optional(present: Shape | Field, rest: Shape | None) -> Shape | Field | None:
    """A field that only one of two records has, for both; None if the other one may have anything there."""
    return None if rest is UNKNOWN else field_with(join(present.shape, rest or NOTHING), Presence.UNSTATED)
