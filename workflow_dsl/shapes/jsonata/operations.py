"""Operators of JSONata whose operands never suit each other, by the shapes of both.

https://docs.jsonata.org/comparison-operators and https://docs.jsonata.org/numeric-operators: numbers and strings are
ordered among themselves, arithmetic takes numbers, and values of different types are never equal. An operand that may
be a list, an object or unknown is left alone, and so is a comparison with null.
"""

from __future__ import annotations

from workflow_dsl.definition.json import short_json
from workflow_dsl.expressions.jsonata.references import is_string
from workflow_dsl.expressions.jsonata.syntax import tree
from workflow_dsl.shapes.choice import common
from workflow_dsl.shapes.jsonata.narrowing import Names, place_of
from workflow_dsl.shapes.jsonata.query import ORDERING
from workflow_dsl.shapes.reading import read
from workflow_dsl.shapes.scene import ARITHMETIC, Operation
from workflow_dsl.shapes.shape import NOTHING, Shape
from workflow_dsl.shapes.shape import Record as Object


def unsuited(node: tree.Binary, left: Shape, right: Shape, names: Names) -> Operation | None:
    """Return an operation whose operands never suit each other; None if they may."""
    sides = [(node.left, left), (node.right, right)]
    if node.operator in ARITHMETIC:
        paths = [(each, shape) for each, shape in sides if _is_path(each) and _is_plain(shape)]
        wrong = [(_text(each), shape) for each, shape in paths if "number" not in shape.kinds]
        is_reported = any(is_string(each) for each, _ in sides)  # STRING_OPERAND, whatever the other operand is
        return Operation((), node.operator, *wrong[0], "", NOTHING) if wrong and not is_reported else None
    (first, shape), (second, other) = sides if _is_path(node.left) else sides[::-1]
    if not _is_path(first) or not _text(second) or not _is_plain(shape) or not _is_plain(other):
        return None
    if _are_of_wrong_kinds(node.operator, shape, other):
        return Operation((), node.operator, _text(first), shape, _text(second), other)
    if node.operator == "=" and other.kinds != {"null"} and not common(shape, other).parts:
        return Operation((), "=", _text(first), shape, _text(second), other, _holders(first, names))
    return None


def _are_of_wrong_kinds(operator: str, one: Shape, other: Shape) -> bool:
    if operator in ORDERING:
        return not one.kinds & other.kinds & {"number", "string"}
    return operator in ("=", "!=") and other.kinds != {"null"} and one.kinds.isdisjoint(other.kinds)


def _is_path(node: tree.Node) -> bool:
    return not isinstance(node, tree.Literal) and bool(_text(node))


def _is_plain(shape: Shape) -> bool:
    """True for scalars that are known: neither a list nor an object may be among them."""
    return bool(shape.parts) and shape.kinds.isdisjoint(("list", "object"))


def _holders(node: tree.Node, names: Names) -> tuple[Object, ...]:
    place = place_of(node, names)
    return read(place[2], place[1]).holders if place else ()


def _text(node: tree.Node) -> str:
    """A literal or a path of names, as it is written; "" for anything else."""
    if isinstance(node, tree.Literal):
        return short_json(node.value)
    if isinstance(node, tree.Variable):
        return f"${node.name}"
    if not isinstance(node, tree.Path) or node.group is not None:
        return ""
    steps = [step.node for step in node.steps if not (step.stages or step.focus or step.index)]
    named = [each for each in steps if isinstance(each, (tree.Name, tree.Variable))]
    if len(named) < len(node.steps):
        return ""
    return ".".join(each.value if isinstance(each, tree.Name) else f"${each.name}" for each in named)
