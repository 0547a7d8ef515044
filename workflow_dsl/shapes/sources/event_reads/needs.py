"""The needs of code: fields of objects, and of the items of lists, as a shape."""

from __future__ import annotations

from workflow_dsl.records import Record, field, replace
from workflow_dsl.shapes.shape import (
    UNKNOWN,
    ListOf,
    Part,
    Shape,
    list_of,
    record,
    with_parts_changed,
)
from workflow_dsl.shapes.shape import Record as Object

_DEEPEST = 12  # fields below each other
Place = tuple[str | None, ...]  # the fields that lead to a value, None for each item of a list


class Need(Record, frozen=False):
    """A value that is read: its fields, or its items, or all that a `shape` says."""

    fields: dict[str, Need] = field(default_factory=dict)
    items: Need | None = None
    shape: Shape = UNKNOWN

    def at(self, place: Place) -> Need:
        """Return the need of what is at a place."""
        need = self
        for step in place[:_DEEPEST]:
            if step is not None:
                need = need.fields.setdefault(step, Need())
            else:
                need.items = need.items or Need()
                need = need.items
        return need

    @property
    def as_shape(self) -> Shape:
        """The shape of a value that has what is needed; UNKNOWN without any need, or with those of two kinds."""
        if self.fields and self.items is None:
            fields = record({name: each.as_shape for name, each in self.fields.items()}, UNKNOWN)
            return with_needed(self.shape, fields)
        if self.items is not None and not self.fields:
            return list_of(self.items.as_shape)
        return UNKNOWN if self.items is not None else self.shape


def with_needed(declared: Shape, needed: Shape) -> Shape:
    """Return a declared shape whose objects have the fields that code needs too."""
    if declared.parts is None:
        return needed

    def change(part: Part) -> Part:
        others = [each for each in needed.parts or () if type(each) is type(part)]
        return _with_part(part, others[0]) if others else part

    return with_parts_changed(declared, change)


def _with_part(part: Part, needed: Part) -> Part:
    if isinstance(part, ListOf) and isinstance(needed, ListOf):
        return replace(part, item=with_needed(part.item, needed.item), items=None)
    if isinstance(part, Object) and isinstance(needed, Object):
        fields = dict(part.fields)
        for name, each in needed.fields.items():
            present = part.fields.get(name)
            before = present.shape if present else part.rest or UNKNOWN
            fields[name] = with_needed(before, each.shape)
        return part.with_fields(fields)
    return part
