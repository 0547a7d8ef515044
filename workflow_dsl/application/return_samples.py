"""An example of the result that a Python handler declares, made from its return annotation."""

from __future__ import annotations

import ast

from workflow_dsl.application.return_types import (
    DeclaredResult,
    _canonical,
    _fields_of,
    _Module,
    _parsed,
    _tail,
)
from workflow_dsl.definition.json import Json

_DEEPEST = 8
_PLAIN: dict[str, Json] = {"int": 1, "float": 1.5, "bool": True, "dict": {}, "list": [], "None": None}


def declared_sample(declared: DeclaredResult) -> Json:
    """Return an example that has every required field, strings with the names of their fields; {} if unknown."""
    value = _sample(declared.annotation, declared.module, "value", 0)
    return {} if declared.problems(value) else value


def _sample(node: ast.expr, module: _Module, name: str, depth: int) -> Json:
    if depth > _DEEPEST:
        return {}
    if isinstance(node, ast.Constant):
        return _sample(_parsed(node.value), module, name, depth + 1) if isinstance(node.value, str) else None
    if isinstance(node, ast.BinOp):
        return _sample(node.left, module, name, depth + 1)
    if isinstance(node, ast.Subscript):
        return _of_generic(node, module, name, depth)
    return _of_name(node, module, name, depth)


def _of_generic(node: ast.Subscript, module: _Module, name: str, depth: int) -> Json:
    arguments = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    generic = _canonical(node.value, module)
    if generic == "Literal":
        return arguments[0].value if isinstance(arguments[0], ast.Constant) else name
    if generic in ("list", "List", "Sequence", "Iterable", "set", "frozenset", "tuple", "Tuple"):
        return [_sample(arguments[0], module, name, depth + 1)]
    if generic in ("Required", "NotRequired", "Annotated", "Optional", "Union"):
        return _sample(arguments[0], module, name, depth + 1)
    return {}


def _of_name(node: ast.expr, module: _Module, name: str, depth: int) -> Json:
    title = _tail(node)
    statement = module.names.get(title)
    if isinstance(statement, ast.ImportFrom):
        found = module.imported(statement, title)
        if found is not None:
            module, title = found
            statement = module.names.get(title)
    if isinstance(statement, ast.ClassDef):
        return _of_class(statement, module, name, depth)
    if isinstance(statement, (ast.Assign, ast.AnnAssign)) and statement.value is not None:
        return _sample(statement.value, module, name, depth + 1)
    return name if title == "str" else _PLAIN.get(title, {})


def _of_class(statement: ast.ClassDef, module: _Module, name: str, depth: int) -> Json:
    fields = _fields_of(statement, module, depth)
    if fields is None:
        values = [
            line.value.value
            for line in statement.body
            if isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant)
        ]
        return values[0] if values else name
    required = {field: each for field, each in fields.annotations.items() if field in fields.required}
    return {field: _sample(annotation, owner, field, depth + 1) for field, (annotation, owner) in required.items()}
