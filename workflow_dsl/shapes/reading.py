"""Reads of a path in a shape, and writes of a value at one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from workflow_dsl.shapes.shape import (
    NOTHING,
    UNKNOWN,
    Field,
    ListOf,
    Part,
    Presence,
    Record,
    Scalar,
    Shape,
    join,
    joined,
    list_of,
    record,
)

Step = str | int


class Miss(NamedTuple):
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


class Reading(NamedTuple):
    """The shape of what a path reads; `miss` is the first step that may have no value."""

    shape: Shape
    miss: Miss | None = None
    holders: tuple[Record, ...] = ()  # the records that the last step reads


def read(shape: Shape, steps: Sequence[Step]) -> Reading:
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
        if only.__class__ is Record:  # one record that has the field for sure, as most do
            field = only.fields.get(str(step))
            if field is not None and field.presence is Presence.SURE:
                holders, shape = (only,), field.shape
                continue
        found, miss = step_into(shape, step, depth)
        if miss is not None and miss.is_sure:
            return Reading(UNKNOWN, miss)
        first = first or miss
        holders, shape = shape.records, found
    return Reading(shape, first, holders)


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


def _field_of(part: Part, step: Step) -> Field | None:
    """The field of a part at a step; None if it has nothing there for sure."""
    if isinstance(part, Record) and isinstance(step, str):
        found = part.fields.get(step)
        if found is None and part.rest is not None:
            return Field(part.rest, Presence.UNSTATED)
        return found
    if isinstance(part, ListOf) and isinstance(step, int):
        if part.items is not None:
            return Field(part.items[step]) if -len(part.items) <= step < len(part.items) else None
        return Field(part.item, Presence.UNSTATED)
    return None


def with_value(shape: Shape, steps: Sequence[Step], value: Shape) -> Shape:
    """Return a shape with a value at a reference path, whose missing objects are created."""
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if shape.parts is None:
        if isinstance(step, int):
            return UNKNOWN
        return record({step: Field(with_value(UNKNOWN, rest, value))}, UNKNOWN)
    return joined(_part_with_value(part, step, rest, value) for part in shape.parts)


def _part_with_value(part: Part, step: Step, rest: Sequence[Step], value: Shape) -> Shape:
    if isinstance(part, Record) and isinstance(step, str):
        present = part.fields.get(step)
        inner = present.shape if present else part.rest if part.rest is not None else NOTHING
        if rest and (present is None or present.presence is not Presence.SURE):
            inner = join(inner, record({}))
        return record({**part.fields, step: Field(with_value(inner, rest, value))}, part.rest, *part.origins)
    if isinstance(part, ListOf) and isinstance(step, int):
        return list_of(join(part.item, with_value(part.item, rest, value)))
    return NOTHING  # the state fails with States.ResultPathMatchFailure


def refined(shape: Shape, steps: Sequence[Step], keep: Callable[[Shape], Shape], *, or_absent: bool = False) -> Shape:
    """Return the values of a shape whose value at a path is one that `keep` keeps; `or_absent`, also those without one.

    `keep` returns the part of a shape that a test lets pass.
    """
    if not steps:
        return keep(shape)
    if shape.parts is None:
        return UNKNOWN if or_absent else _refined_unknown(steps, keep)
    refine = _refined_or_absent if or_absent else _refined_part
    if len(shape.parts) == 1:
        kept = refine(shape.parts[0], steps[0], steps[1:], keep)
        return shape if kept.parts is not None and len(kept.parts) == 1 and kept.parts[0] is shape.parts[0] else kept
    return joined(refine(part, steps[0], steps[1:], keep) for part in shape.parts)


def _refined_unknown(steps: Sequence[Step], keep: Callable[[Shape], Shape]) -> Shape:
    if not all(isinstance(step, str) for step in steps):
        return UNKNOWN
    shape = keep(UNKNOWN)
    for step in reversed(steps):
        shape = record({str(step): Field(shape)}, UNKNOWN)
    return shape


def _refined_part(part: Part, step: Step, rest: Sequence[Step], keep: Callable[[Shape], Shape]) -> Shape:
    found = _field_of(part, step)
    if found is None:
        return NOTHING
    inner = refined(found.shape, rest, keep)
    if inner is NOTHING or inner.parts == ():
        return NOTHING
    if isinstance(part, Record):
        if inner is found.shape and found.presence is Presence.SURE:
            return Shape((part,), 1 + _depth(part))
        return record({**part.fields, str(step): Field(inner)}, part.rest, *part.origins)
    return Shape((part,), 1 + part.item.depth) if isinstance(part, ListOf) else NOTHING


def _refined_or_absent(part: Part, step: Step, rest: Sequence[Step], keep: Callable[[Shape], Shape]) -> Shape:
    """As above; a field that may be missing still may, so that it is not known to be missing."""
    found = _field_of(part, step)
    if found is None or not isinstance(part, Record):
        return Shape((part,), 1 + _depth(part))
    inner = refined(found.shape, rest, keep, or_absent=True)
    if inner is NOTHING or inner.parts == ():
        return _part_without(part, step, ())
    return record({**part.fields, str(step): Field(inner, found.presence)}, part.rest, *part.origins)


def without(shape: Shape, steps: Sequence[Step]) -> Shape:
    """Return the values of a shape that have no value at a path."""
    if shape.parts is None or not steps:
        return shape
    return joined(_part_without(part, steps[0], steps[1:]) for part in shape.parts)


def _part_without(part: Part, step: Step, rest: Sequence[Step]) -> Shape:
    here = Shape((part,), 1 + _depth(part))
    found = _field_of(part, step)
    if found is None or not isinstance(part, Record):
        return here
    is_sure = found.presence is Presence.SURE
    inner = without(found.shape, rest) if rest else NOTHING
    if inner.parts != () and step in part.fields:
        return record({**part.fields, str(step): Field(inner, found.presence)}, part.rest, *part.origins)
    if is_sure:
        return NOTHING
    if part.rest is not None:
        return here
    fields = {name: each for name, each in part.fields.items() if name != step}
    return record(fields, part.rest, *part.origins)


def _depth(part: Part) -> int:
    if isinstance(part, Record):
        return max([each.shape.depth for each in part.fields.values()], default=0)
    return part.item.depth if isinstance(part, ListOf) else 0
