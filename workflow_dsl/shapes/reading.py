"""Reads of a path in a shape, and writes of a value at one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from workflow_dsl import records
from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.jsonpath import MOST_PATHS, Path, parse_path
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.shapes.shape import (
    ANY_RECORD,
    NOTHING,
    UNKNOWN,
    Field,
    ListOf,
    Part,
    Presence,
    Record,
    Scalar,
    Shape,
    field_with,
    join,
    joined,
    list_of,
    record,
    shape_with,
    with_parts_changed,
)

Step = str | int


def path_in(text: Json) -> Path | None:
    """Return the path in a field; None for another value, and for a string with a placeholder or a mistake."""
    return _path(text) if isinstance(text, str) else None


@lru_cache(maxsize=MOST_PATHS)
def _path(text: str) -> Path | None:
    try:
        return None if "${" in text else parse_path(text)
    except SyntaxProblem:
        return None


def reference_steps(text: Json) -> tuple[Step, ...] | None:
    """Return the steps of a reference path below `$`; None for any other value."""
    return _reference_steps(text) if isinstance(text, str) else None


@lru_cache(maxsize=MOST_PATHS)
def _reference_steps(text: str) -> tuple[Step, ...] | None:
    path = _path(text)
    return path.steps if path is not None and path.root == "$" else None


class Miss(records.Record):
    """A step that a shape does not give: for sure, or in some of the values.

    `lacking` are the parts without it; `is_optional` says that a declaration lets it be missing.
    """

    depth: int  # of the step in the path
    step: Step
    lacking: tuple[Part, ...]
    having: tuple[Part, ...]
    is_optional: bool = False

    @property
    def is_sure(self) -> bool:
        """True if no value has it."""
        return not self.having


class Reading(records.Record):
    """The shape of what a path reads; `miss` is the first step that may have no value."""

    shape: Shape
    miss: Miss | None = None
    holders: tuple[Record, ...] = ()  # the records that the last step reads


@lru_cache(maxsize=8192)
def read(shape: Shape, steps: tuple[Step, ...]) -> Reading:
    """Return what a reference path reads below a value of a shape."""
    first: Miss | None = None
    holders: tuple[Record, ...] = ()
    for depth, step in enumerate(steps):
        parts = shape.parts
        if parts is None:
            return Reading(UNKNOWN, first)
        if not parts:
            return Reading(NOTHING, first)
        only = parts[0] if len(parts) == 1 else None
        if only.__class__ is Record and step.__class__ is str:  # one record that may have the field, as most do
            inner = _field_below(only, step)
            if inner is not None:
                holders, shape = (only,), inner
                continue
        found, miss = step_into(shape, step, depth)
        if miss is not None and miss.is_sure:
            return Reading(UNKNOWN, miss)
        first = first or miss
        holders, shape = shape.records, found
    return Reading(shape, first, holders)


def known_field(shape: Shape, steps: Sequence[Step]) -> Shape | None:
    """Return what `read` returns if each step is a field of a single record, as in most paths; else None."""
    for step in steps:
        parts = shape.parts
        if parts is None:
            return UNKNOWN
        only = parts[0] if len(parts) == 1 else None
        if only.__class__ is not Record or step.__class__ is not str:
            return None
        inner = only.fields.get(step)
        if inner.__class__ is not Shape:
            inner = _field_below(only, step)
            if inner is None:
                return None
        shape = inner
    return shape


def _field_below(part: Record, name: str) -> Shape | None:
    """The shape of a record at a name; None if it has nothing there, or may lack it by its declaration."""
    field = part.fields.get(name)
    if field is None:
        return _other_at(part, name)
    return None if field.presence is Presence.OPTIONAL else field.shape


def _other_at(part: Record, name: str) -> Shape | None:
    """The shape of a field that a record does not name; None if it has no others.

    A service adds no field to its events that differs from a documented one in letter case or hyphens alone.
    """
    if part.rest is None or not any(origin.is_guide for origin in part.origins):
        return part.rest
    return None if _plain(name) in map(_plain, part.fields) else part.rest


def _plain(name: str) -> str:
    return name.replace("-", "").replace("_", "").lower()


def step_into(shape: Shape, step: Step, depth: int = 0) -> tuple[Shape, Miss | None]:
    """Return what one step reads, and the parts that do not have it."""
    lacking: list[Part] = []
    having: list[Part] = []
    optional: list[Part] = []
    shapes: list[Shape] = []
    for part in shape.parts or ():
        found = _field_of(part, step)
        if found is None:
            lacking.append(part)
            continue
        having.append(part)
        shapes.append(found.shape)
        if found.presence is Presence.OPTIONAL:
            optional.append(part)
    if having:  # that null has no fields is no news: its declaration says that it may be null
        lacking = [part for part in lacking if not (isinstance(part, Scalar) and part.kind == "null")]
    if not lacking and not optional:
        return joined(shapes), None
    is_optional = not lacking
    return joined(shapes), Miss(depth, step, tuple(lacking or optional), tuple(having), is_optional)


def _field_of(part: Part, step: Step) -> Shape | Field | None:
    """The field of a part at a step; None if it has nothing there for sure."""
    if isinstance(part, Record) and isinstance(step, str):
        found = part.fields.get(step)
        other = _other_at(part, step) if found is None else None
        return found if other is None else field_with(other, Presence.UNSTATED)
    if isinstance(part, ListOf) and isinstance(step, int):
        if part.items is not None:
            return part.items[step] if -len(part.items) <= step < len(part.items) else None
        return field_with(part.item, Presence.UNSTATED)
    return None


def with_value(shape: Shape, steps: Sequence[Step], value: Shape) -> Shape:
    """Return a shape with a value at a reference path, whose missing objects are created."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if shape.parts is None:
        if isinstance(step, int):
            return UNKNOWN
        return record({step: with_value(UNKNOWN, rest, value)}, UNKNOWN)
    parts = []
    for each in shape.parts:
        part = _part_with_value(each, step, rest, value)
        if part is not None:
            parts.append(part)
    return shape_with(tuple(parts))


def _part_with_value(part: Part, step: Step, rest: Sequence[Step], value: Shape) -> Part | None:
    if isinstance(part, Record) and isinstance(step, str):
        if not rest:
            return part.with_field(step, value)
        present = part.fields.get(step)
        inner = present.shape if present else part.rest if part.rest is not None else NOTHING
        if present is None or present.presence is not Presence.SURE:
            inner = join(inner, record({}))
        return part.with_field(step, with_value(inner, rest, value))
    if isinstance(part, ListOf) and isinstance(step, int):
        item = join(part.item, with_value(part.item, rest, value))
        return list_of(item).lists[0]
    return None  # the state fails with States.ResultPathMatchFailure


def overlaid(shape: Shape, other: Shape) -> Shape:
    """Return the shape of objects that have the fields of another object too, and its values where both have one."""
    others = other.records or ANY_RECORD.records
    return joined(_overlaid(one, two) for one in shape.records or ANY_RECORD.records for two in others)


def _overlaid(one: Record, two: Record) -> Shape:
    fields: dict[str, Shape | Field] = dict(one.fields)
    if two.rest is not None:
        fields = {name: field_with(join(each.shape, two.rest), each.presence) for name, each in fields.items()}
    for name, each in two.fields.items():
        before = one.fields.get(name, one.rest)
        if each.presence is Presence.SURE or before is None:
            fields[name] = each
        else:
            presence = before.presence if name in one.fields else Presence.UNSTATED
            fields[name] = field_with(join(before.shape, each.shape), presence)
    rests = [each for each in (one.rest, two.rest) if each is not None]
    return record(fields, joined(rests) if rests else None, *one.origins, *two.origins)


def refined(shape: Shape, steps: Sequence[Step], keep: Callable[[Shape], Shape], *, or_absent: bool = False) -> Shape:
    """Return the values of a shape whose value at a path is one that `keep` keeps; `or_absent`, also those without one.

    `keep` returns the part of a shape that a test lets pass.
    """
    if not steps:
        return keep(shape)
    if shape.parts is None:
        return UNKNOWN if or_absent else _refined_unknown(steps, keep)
    step, rest = steps[0], steps[1:]
    refine = _refined_or_absent if or_absent else _refined_part
    return with_parts_changed(shape, lambda part: refine(part, step, rest, keep))


def _refined_unknown(steps: Sequence[Step], keep: Callable[[Shape], Shape]) -> Shape:
    if not all(isinstance(step, str) for step in steps):
        return UNKNOWN
    shape = keep(UNKNOWN)
    for step in reversed(steps):
        shape = record({str(step): shape}, UNKNOWN)
    return shape


def _refined_part(part: Part, step: Step, rest: Sequence[Step], keep: Callable[[Shape], Shape]) -> Part | None:
    found = _field_of(part, step)
    if found is None:
        return None
    inner = refined(found.shape, rest, keep)
    if inner.parts == ():
        return None
    if not isinstance(part, Record) or (inner is found.shape and found.presence is Presence.SURE):
        return part
    return part.with_field(str(step), inner)


def _refined_or_absent(part: Part, step: Step, rest: Sequence[Step], keep: Callable[[Shape], Shape]) -> Part | None:
    """As above; a field that may be missing still may, so that it is not known to be missing."""
    found = _field_of(part, step)
    if found is None or not isinstance(part, Record):
        return part
    inner = refined(found.shape, rest, keep, or_absent=True)
    if inner is found.shape:
        return part
    if inner.parts == ():
        return _part_without(part, step, ())
    return part.with_field(str(step), field_with(inner, found.presence))


def without(shape: Shape, steps: Sequence[Step]) -> Shape:
    """Return the values of a shape that have no value at a path."""
    if not steps:
        return shape
    step, rest = steps[0], steps[1:]
    return with_parts_changed(shape, lambda part: _part_without(part, step, rest))


def _part_without(part: Part, step: Step, rest: Sequence[Step]) -> Part | None:
    found = _field_of(part, step)
    if found is None or not isinstance(part, Record):
        return part
    inner = without(found.shape, rest) if rest else NOTHING
    if inner.parts != () and step in part.fields:
        return part if inner is found.shape else part.with_field(str(step), field_with(inner, found.presence))
    if found.presence is Presence.SURE:
        return None
    if part.rest is not None:
        return part
    fields = {name: each for name, each in part.fields.items() if name != step}
    return part.with_fields(fields)
