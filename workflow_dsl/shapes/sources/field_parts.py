"""The value of a field in a class, and what Annotated adds to its type: the alias, the default, and what leaves it out.

Pydantic documentation, "Fields": Field(...) is the value, or stands in Annotated.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TypeGuard

from workflow_dsl.shapes.sources.python_modules import Module, last_name, resolved


def parts_of_field(line: ast.AnnAssign, module: Module) -> list[ast.expr]:
    """Return the value of a field, and the calls of Field that Annotated adds to its type."""
    value = [line.value] if line.value is not None else []
    return [*value, *filter(_is_of_field, _added(line.annotation, module))]


def _is_of_field(part: ast.expr) -> TypeGuard[ast.Call]:
    return isinstance(part, ast.Call) and last_name(part) in ("Field", "field")


def _added(annotation: ast.expr, module: Module) -> list[ast.expr]:
    """The arguments of Annotated after the type; the type may be a name for all of it."""
    if isinstance(annotation, ast.Name):
        statement, module, _ = resolved(annotation, module)
        annotation = getattr(statement, "value", None) or annotation
    if not isinstance(annotation, ast.Subscript) or resolved(annotation.value, module)[2] != "Annotated":
        return []
    return annotation.slice.elts[1:] if isinstance(annotation.slice, ast.Tuple) else []


def _keywords(parts: Iterable[ast.expr]) -> Iterator[ast.keyword]:
    return (keyword for part in parts if isinstance(part, ast.Call) for keyword in part.keywords)


def alias_of(parts: Iterable[ast.expr], *, is_input: bool, by_alias: bool | None) -> str | None:
    """Return the alias that a field has in JSON: "" for one that is not known, None for the field's own name."""
    keywords = {each.arg: each.value for each in _keywords(parts)}
    alias = keywords.get("validation_alias" if is_input else "serialization_alias", keywords.get("alias"))
    if alias is None or (by_alias is False and not is_input):
        return None
    is_known = is_input or by_alias
    return alias.value if is_known and isinstance(alias, ast.Constant) and isinstance(alias.value, str) else ""


def is_default(part: ast.expr) -> bool:
    """Return True for a default, and for what says that `__init__` lacks the field; `Field(...)` is none."""
    if _is_of_field(part):
        names = {keyword.arg for keyword in part.keywords}
        first = part.args[0] if part.args else None
        is_ellipsis = isinstance(first, ast.Constant) and first.value is ...
        return bool({"default", "default_factory", "init"} & names) or (first is not None and not is_ellipsis)
    return True


def is_left_out(parts: Iterable[ast.expr]) -> bool:
    """Return True for a field that JSON lacks: `Field(exclude=True)`."""
    return any(each.arg == "exclude" for each in _keywords(parts))
