"""Paths of names in JSONata, and the fields that they read."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import floor
from typing import Any

from workflow_dsl.expressions.jsonata.parsing import MOST_EXPRESSIONS
from workflow_dsl.expressions.jsonata.syntax import tree
from workflow_dsl.shapes.jsonata.narrowing import Names
from workflow_dsl.shapes.jsonata.query import UNDECIDED, Typed
from workflow_dsl.shapes.shape import UNKNOWN, Field, ListOf, Part, Presence, Record, Scalar, Shape, field_with, joined


def known_value(node: tree.Node, names: Names) -> Typed | None:
    """Return what a path reads if each step is a field of a single record, as in most paths; else None."""
    path = _names_in(node)
    shape = names.get(path[0]) if path and path[0] not in names.optional else None
    if shape is None:
        return None
    may_be_absent = False
    for name in path[1:]:
        if shape.parts is None:
            return UNDECIDED
        only = shape.parts[0] if len(shape.parts) == 1 else None
        field = field_of(only, name) if isinstance(only, Record) else None
        if field is None:
            return None
        shape, may_be_absent = field.shape, may_be_absent or field.presence is not Presence.SURE
    return Typed(shape, may_be_absent)


@lru_cache(maxsize=MOST_EXPRESSIONS)
def _names_in(node: tree.Node) -> tuple[str, ...]:
    """The variable of a path and the names after it; empty for anything else."""
    if not isinstance(node, tree.Path) or node.group is not None or keeps_list(node):
        return ()
    first, *others = node.steps
    if any(step.stages or step.focus or step.index for step in node.steps) or not isinstance(first.node, tree.Variable):
        return ()
    names = tuple(step.node.value for step in others if isinstance(step.node, tree.Name))
    return (first.node.name, *names) if len(names) == len(others) else ()


def keeps_list(node: Any) -> bool:
    """Return True if a path gives a list of one value too."""
    return bool(node.keep_singleton or node.keep_array or any(step.keep_array for step in node.steps))


def sure_field(shape: Shape, name: str) -> Shape | Field | None:
    """Return the field of the one record that has it for sure; None for anything else."""
    parts = shape.parts
    if parts is None or len(parts) != 1 or parts[0].kind != "object":
        return None
    field = parts[0].fields.get(name)
    return field if field is not None and field.presence is Presence.SURE else None


def field_of(part: Part, name: str) -> Shape | Field | None:
    """Return the field of a part of a value; None if it has none of this name."""
    if isinstance(part, ListOf):
        return field_with(UNKNOWN, Presence.UNSTATED)
    if not isinstance(part, Record):
        return None
    found = part.fields.get(name)
    return field_with(part.rest, Presence.UNSTATED) if found is None and part.rest is not None else found


def that_matter(lacking: Sequence[Part], shape: Shape) -> tuple[Part, ...]:
    """Return the parts of a value without a field for which a path may give nothing, if another part has the field.

    A null has none by its declaration, and beside an item of a list that lacks it others have it.
    """
    items = joined(part.item for part in shape.lists).parts or ()
    return tuple(
        part for part in lacking if part not in items and not (isinstance(part, Scalar) and part.kind == "null")
    )


def index_in(node: tree.Node) -> int | None:
    """The number in brackets, which counts from the end if it is negative; None for a condition."""
    number = node.operand if isinstance(node, tree.Negation) else node
    if not isinstance(number, tree.Literal) or isinstance(number.value, bool):
        return None
    if not isinstance(number.value, (int, float)):
        return None
    return floor(number.value if number is node else -number.value)
