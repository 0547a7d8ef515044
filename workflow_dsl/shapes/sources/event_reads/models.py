"""Calls that make an instance of a class of an object: `Order(**event)` and `Order.model_validate(event)`.

Without a field that the class requires they fail. Pydantic documentation, "Models"; Powertools for AWS Lambda (Python),
"Parser".
"""

from __future__ import annotations

import ast
from collections.abc import Collection

from workflow_dsl.records import replace
from workflow_dsl.shapes.shape import UNKNOWN, Presence, Shape, list_of, record
from workflow_dsl.shapes.sources.annotations import Reading, shape_of_annotation
from workflow_dsl.shapes.sources.python_modules import Module, last_name, resolved

_DEEPEST = 10  # bases of bases
_VALIDATE = ("model_validate", "parse_obj")


def shape_for_model(call: ast.Call, value: ast.AST, module: Module, reading: Reading) -> Shape | None:
    """Return the shape that a value needs for a call to make an instance of it; None if it makes none."""
    function = call.func
    given = {each.arg: each.value for each in call.keywords}
    if given.get(None) is value and not call.args:
        return _needed(function, module, reading, given, is_deep=False)
    first = call.args[0] if call.args else given.get("event", given.get("obj"))
    if first is not value:
        return None
    if isinstance(function, ast.Attribute) and function.attr in _VALIDATE:
        return _needed(function.value, module, reading, own=function.attr)
    if last_name(function) == "parse" and "envelope" not in given and len(call.args) < 3:
        model = given.get("model", call.args[1] if len(call.args) == 2 else None)
        return _needed(model, module, reading) if model is not None else None
    return None


def _needed(
    node: ast.expr,
    module: Module,
    reading: Reading,
    given: Collection[str | None] = (),
    *,
    own: str = "",
    is_deep: bool = True,
) -> Shape | None:
    statement, owner, name = resolved(node, module)
    if not isinstance(statement, ast.ClassDef) or _defines(statement, owner, own):
        return None
    shape = shape_of_annotation(ast.Name(name), owner, replace(reading, is_input=True))
    is_model = not any(last_name(each) == "dataclass" for each in statement.decorator_list)
    found = _required(shape, is_deep=is_model or is_deep)
    fields = {name: each for part in found.records for name, each in part.fields.items() if name not in given}
    return record(fields, UNKNOWN) if fields else None


def _defines(statement: ast.ClassDef, module: Module, method: str, depth: int = 0) -> bool:
    """True for a class that defines how an instance is made, or a base of it does."""
    names = {line.name for line in statement.body if isinstance(line, ast.FunctionDef)}
    bases = [resolved(base, module) for base in statement.bases] if depth < _DEEPEST else []
    return not names.isdisjoint(("__init__", "__new__", method)) or any(
        isinstance(base, ast.ClassDef) and _defines(base, owner, method, depth + 1) for base, owner, _ in bases
    )


def _required(shape: Shape, *, is_deep: bool = True) -> Shape:
    """The fields of an instance that have no default and take no null; whatever a validator may convert is unknown."""
    [part, *others] = shape.parts or (None,)
    if part is None or others:
        return UNKNOWN
    if part.kind == "list":
        return list_of(_required(part.item))
    if part.kind != "object" or not any(origin.is_instance for origin in part.origins):
        return UNKNOWN
    sure = {name: each.shape for name, each in part.fields.items() if each.presence is Presence.SURE}
    required = {name: each for name, each in sure.items() if each.parts is not None and "null" not in each.kinds}
    return record({name: _required(each) if is_deep else UNKNOWN for name, each in required.items()}, UNKNOWN)
