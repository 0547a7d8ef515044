"""Shapes as TypeScript: a type in one line, as messages and pictures have it, and declarations of a state's values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from workflow_dsl.regexes import lazy_regex
from workflow_dsl.shapes.formats.names import spelled_once
from workflow_dsl.shapes.shape import UNKNOWN, ListOf, Part, Presence, Record, Scalar, Shape

_NAME = lazy_regex(r"[A-Za-z_$][\w$]*")
_MOST_FIELDS = 12  # of an object in one line
_DEEPEST = 4  # levels in one line


def type_of(shape: Shape, most: int = _MOST_FIELDS, depth: int = _DEEPEST) -> str:
    """Return a shape in one line: `{stock_price: number}`, with up to `most` fields of an object."""
    if shape.parts is None:
        return "unknown"
    if not shape.parts:
        return "never"
    return " | ".join(dict.fromkeys(_part(part, most, depth) for part in shape.parts))


def _part(part: Part, most: int, depth: int) -> str:
    if isinstance(part, Scalar):
        return part.kind if part.is_excluding else " | ".join(sorted(map(_literal, part.values)))
    if isinstance(part, ListOf):
        if part.items is not None:
            return f"[{', '.join(type_of(each, most, depth) for each in part.items)}]"
        item = type_of(part.item, most, depth)
        return f"({item})[]" if " | " in item else f"{item}[]"
    return _record(part, most, depth)


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _record(part: Record, most: int, depth: int) -> str:
    if not part.fields and part.rest is not None:
        return f"Record<string, {type_of(part.rest, most, depth - 1)}>"
    names = spelled_once(part)
    fields = [_field(name, part, most, depth) for name in names[:most]] if depth > 0 else []
    if part.rest is not None or len(names) > len(fields):
        fields.append("...")
    return f"{{{', '.join(fields)}}}"


def _field(name: str, part: Record, most: int, depth: int) -> str:
    field = part.fields[name]
    mark = "" if field.presence is Presence.SURE else "?"
    return f"{name_of(name)}{mark}: {type_of(field.shape, most, depth - 1)}"


def name_of(name: str) -> str:
    """Return the name of a property, in quotes where TypeScript needs them."""
    return name if _NAME.fullmatch(name) else json.dumps(name, ensure_ascii=False)


def declarations(types: Mapping[str, Shape]) -> Iterator[str]:
    """Yield the lines of a TypeScript module that declares a type for each name."""
    for name, shape in types.items():
        yield f"export type {name} = {_declared(shape, 0)};"
        yield ""


def _declared(shape: Shape, indent: int) -> str:
    if shape.parts is None or not shape.parts:
        return type_of(shape)
    return " | ".join(dict.fromkeys(_declared_part(part, indent) for part in shape.parts))


def _declared_part(part: Part, indent: int) -> str:
    if isinstance(part, ListOf) and part.items is None:
        item = _declared(part.item, indent)
        return f"Array<{item}>"
    if isinstance(part, ListOf):
        return f"[{', '.join(_declared(each, indent) for each in part.items or ())}]"
    if isinstance(part, Scalar) or (not part.fields and part.rest is not None):
        return _part(part, _MOST_FIELDS, _DEEPEST)
    inner = "  " * (indent + 1)
    lines = [
        f"{inner}{name_of(name)}{'' if field.presence is Presence.SURE else '?'}: {_declared(field.shape, indent + 1)};"
        for name, field in ((name, part.fields[name]) for name in spelled_once(part))
    ]
    if part.rest is not None:
        lines.append(f"{inner}[other: string]: {type_of(part.rest if not part.fields else UNKNOWN)};")
    return "\n".join(["{", *lines, f"{'  ' * indent}}}"]) if lines else "Record<string, never>"
