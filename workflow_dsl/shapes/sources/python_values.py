"""The values that a Python function returns, as far as its source shows them: literals, and classes of a project.

The source is read and never run. An expression that is not understood is UNKNOWN, and so is a value that may be changed
by what is not understood.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

from workflow_dsl.records import replace
from workflow_dsl.shapes.literals import literal
from workflow_dsl.shapes.reading import overlaid, read
from workflow_dsl.shapes.shape import (
    ANY_RECORD,
    BOOLEAN,
    NUMBER,
    STRING,
    UNKNOWN,
    Field,
    Part,
    Presence,
    Shape,
    field_with,
    join,
    joined,
    list_of,
    list_with,
    record,
    shape_of,
    with_parts_changed,
)
from workflow_dsl.shapes.shape import Record as Object
from workflow_dsl.shapes.sources.annotations import Reading
from workflow_dsl.shapes.sources.python_calls import shape_of_call
from workflow_dsl.shapes.sources.python_modules import Module, resolved
from workflow_dsl.shapes.sources.python_scope import (
    Function,
    Scope,
    all_optional,
    borne_out,
    items_of,
    lasting,
    returned_shape,
)
from workflow_dsl.shapes.sources.python_uses import Uses, uses_in


def returned_by(function: Function, module: Module, reading: Reading, known: Mapping[str, Shape]) -> Shape:
    """Return the shape of what a function of a module returns, if its parameters have the shapes of `known`."""
    try:
        return returned_shape(function, Scope(_EXPRESSIONS, module, reading, function, known))
    except RecursionError:  # an expression of a thousand operators
        return UNKNOWN


def _constant(node: Any, scope: Scope) -> Shape:
    return literal(node.value) if isinstance(node.value, (str, int, float, type(None))) else UNKNOWN


def _dict(node: Any, scope: Scope) -> Shape:
    shape = record({})
    for key, value in zip(node.keys, node.values, strict=True):
        inner = scope.shape(value)
        if key is None:
            shape = overlaid(shape, inner)
        elif isinstance(key, ast.Constant) and isinstance(key.value, str):
            shape = overlaid(shape, record({key.value: inner}))
        else:
            shape = overlaid(shape, ANY_RECORD)
    return with_parts_changed(shape, lambda part: replace(part, origins=()) if isinstance(part, Object) else part)


def _with_fields(shape: Shape, other: Shape) -> Shape:
    """A value whose objects have the fields of another one too."""
    if shape.parts is None:
        return UNKNOWN
    rest = shape_of(tuple([part for part in shape.parts if not isinstance(part, Object)]))
    return join(rest, overlaid(shape, other)) if shape.records else shape


def _list(node: Any, scope: Scope) -> Shape:
    if any(isinstance(each, ast.Starred) for each in node.elts):
        items = (items_of(scope.shape(e.value)) if isinstance(e, ast.Starred) else scope.shape(e) for e in node.elts)
        return list_of(joined(items))
    return list_with([scope.shape(each) for each in node.elts])


def _comprehension(node: Any, scope: Scope) -> Shape:
    return list_of(scope.shape(node.elt))


def _dict_comprehension(node: Any, scope: Scope) -> Shape:
    return record({}, scope.shape(node.value))


def _either(node: Any, scope: Scope) -> Shape:
    options = node.values if isinstance(node, ast.BoolOp) else [node.body, node.orelse]
    return joined([scope.shape(each) for each in options])


def _operation(node: Any, scope: Scope) -> Shape:
    left, right = scope.shape(node.left), scope.shape(node.right)
    if isinstance(node.op, ast.BitOr) and left.records and right.records:
        return overlaid(left, right)
    if left.kinds == right.kinds == {"number"}:
        return NUMBER
    return STRING if isinstance(node.op, ast.Add) and left.kinds == right.kinds == {"string"} else UNKNOWN


def _negation(node: Any, scope: Scope) -> Shape:
    if isinstance(node.op, ast.Not):
        return BOOLEAN
    return NUMBER if scope.shape(node.operand).kinds == {"number"} else UNKNOWN


def _field_of(node: Any, scope: Scope) -> Shape:
    """`value["name"]`, `value[0]` and `value.name`."""
    if isinstance(node, ast.Attribute):
        statement = resolved(node, scope.module)[0] if isinstance(node.value, ast.Name) else None
        if statement is not None:
            return UNKNOWN  # of another module
        step: str | int = node.attr
    elif isinstance(node.slice, ast.Constant) and isinstance(node.slice.value, (str, int)):
        step = node.slice.value
    else:
        return UNKNOWN
    reading = read(scope.shape(node.value), (step,))
    return reading.shape if reading.shape.parts else UNKNOWN


def _name(node: Any, scope: Scope) -> Shape:
    name = node.id
    if name not in scope.parameters and name not in scope.bound:
        return _global(node, scope)
    if name not in scope.found:
        scope.found[name] = UNKNOWN
        scope.found[name] = _of_name(name, scope)
    return scope.found[name]


def _of_name(name: str, scope: Scope) -> Shape:
    uses = scope.uses.get(name) or Uses()
    shapes = [_argument(name, scope)] if name in scope.parameters else []
    shapes += [_annotated(annotation, value, scope) for annotation, value in uses.annotations]
    shapes += [scope.shape(each) if each is not None else UNKNOWN for each in uses.values]
    shapes += [items_of(scope.shape(each)) for each in uses.items]
    shape = joined(shapes)
    if uses.is_hidden:
        return lasting(shape)
    for key in uses.leaked:
        shape = with_parts_changed(shape, lambda part, key=key: _with_leak(part, key))  # type: ignore[misc]
    for key, value in uses.fields:
        inner = UNKNOWN if value is None else scope.shape(value)
        shape = _with_fields(shape, record({key: Field(inner, Presence.UNSTATED)}))
    for key, value in uses.grown:
        item = scope.shape(value)
        shape = with_parts_changed(shape, lambda part, key=key, item=item: _with_item(part, key, item))  # type: ignore[misc]
    for value in uses.updates:
        is_object = shape.kinds <= {"object", "null"}  # |= is also an operator of numbers
        shape = _with_fields(shape, all_optional(scope.shape(value), is_deep=False)) if is_object else UNKNOWN
    if uses.appended or uses.extended:
        items = [scope.shape(each) for each in uses.appended]
        items += [items_of(scope.shape(each)) for each in uses.extended]
        shape = list_of(joined([items_of(shape), *items])) if shape.kinds == {"list"} else UNKNOWN
    return all_optional(shape, is_deep=False) if uses.is_cut else shape


def _annotated(annotation: ast.expr, value: ast.expr | None, scope: Scope) -> Shape:
    declared = scope.of_annotation(annotation)
    return declared if value is None or declared.parts is None else borne_out(declared, scope.shape(value))


def _argument(name: str, scope: Scope) -> Shape:
    """A parameter: what a call passes, or else as it is annotated."""
    if name in scope.known:
        return scope.known[name]
    annotation = scope.parameters[name]
    return scope.of_annotation(annotation) if annotation is not None else UNKNOWN


def _with_item(part: Part, key: str, item: Shape) -> Part:
    """An object with one more item in a list of its own."""
    found = part.fields.get(key) if isinstance(part, Object) else None
    if found is None or not isinstance(part, Object):
        return part
    grown = list_of(join(items_of(found.shape), item)) if found.shape.kinds == {"list"} else UNKNOWN
    return part.with_field(key, field_with(grown, found.presence))


def _with_leak(part: Part, key: str) -> Part:
    found = part.fields.get(key) if isinstance(part, Object) else None
    if found is None or not isinstance(part, Object):
        return part
    return part.with_field(key, field_with(lasting(found.shape), found.presence))


def _global(node: ast.Name, scope: Scope) -> Shape:
    """A name of a module: a constant that nothing in the module changes."""
    statement, owner, name = resolved(node, scope.module)
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)) or not scope.may_call(None):
        return UNKNOWN
    if scope.function is None and owner is scope.module:
        return UNKNOWN
    here = uses_in(scope.module.tree, scope.module).get(node.id, Uses())
    shape = _name(ast.Name(name), scope.inside(owner))
    if owner is scope.module or here.is_only_read:
        return shape
    # What this module may do with a constant of another one, which an import binds.
    return lasting(shape) if len(here.values) == 1 else UNKNOWN


_EXPRESSIONS: Mapping[type, Callable[[Any, Scope], Shape]] = {
    ast.Constant: _constant,
    ast.JoinedStr: lambda node, scope: STRING,
    ast.Dict: _dict,
    ast.List: _list,
    ast.Tuple: _list,
    ast.ListComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _dict_comprehension,
    ast.IfExp: _either,
    ast.BoolOp: _either,
    ast.NamedExpr: lambda node, scope: scope.shape(node.value),
    ast.BinOp: _operation,
    ast.UnaryOp: _negation,
    ast.Compare: lambda node, scope: BOOLEAN,
    ast.Attribute: _field_of,
    ast.Subscript: _field_of,
    ast.Name: _name,
    ast.Call: shape_of_call,
}
