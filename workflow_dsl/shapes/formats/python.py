"""Shapes as Python: TypedDicts for handlers and tests."""

from __future__ import annotations

import keyword
from collections.abc import Iterator, Mapping

from workflow_dsl.shapes.formats.names import class_name, spelled_once
from workflow_dsl.shapes.shape import Field, ListOf, Part, Presence, Record, Scalar, Shape

_SCALARS = {"null": "None", "boolean": "bool", "number": "float", "string": "str"}
_HEAD = "from typing import Any, Literal, NotRequired, TypedDict"


def declarations(types: Mapping[str, Shape]) -> Iterator[str]:
    """Yield the lines of a Python module that declares a type for each name."""
    yield from ("from __future__ import annotations", "", _HEAD, "")
    for name, shape in types.items():
        writer = _Writer()
        has_options = len(shape.parts or ()) > 1
        expression = writer.type_of(shape, f"{name}Option" if has_options else name)
        for lines in writer.classes.values():
            yield from ("", *lines, "")
        if name not in writer.classes:
            yield from ("", f"{name} = {expression}", "")


class _Writer:
    """The classes of one type, inner ones first."""

    def __init__(self) -> None:
        self.classes: dict[str, list[str]] = {}

    def type_of(self, shape: Shape, name: str) -> str:
        """Return the annotation of a shape, whose classes begin with this name."""
        if not shape.parts:
            return "Any"
        options = [self._of_part(part, name) for part in shape.parts]
        return " | ".join(dict.fromkeys(options))

    def _of_part(self, part: Part, name: str) -> str:
        if isinstance(part, Scalar):
            return _scalar(part)
        if isinstance(part, ListOf):
            return f"list[{self.type_of(part.item, f'{name}Item')}]"
        if not part.fields and part.rest is not None:
            return f"dict[str, {self.type_of(part.rest, f'{name}Value')}]"
        return self._class(part, name)

    def _class(self, part: Record, name: str) -> str:
        fields = [
            (field_name, self._field(field, f"{name}{class_name(field_name)}"))
            for field_name, field in ((each, part.fields[each]) for each in spelled_once(part))
        ]
        lines = _class_lines(name, fields)
        number = 2
        while self.classes.get(name, lines) != lines:
            name, number = f"{name.rstrip('0123456789')}{number}", number + 1
            lines = _class_lines(name, fields)
        self.classes[name] = lines
        return name

    def _field(self, field: Shape | Field, name: str) -> str:
        annotation = self.type_of(field.shape, name)
        return annotation if field.presence is Presence.SURE else f"NotRequired[{annotation}]"


def _class_lines(name: str, fields: list[tuple[str, str]]) -> list[str]:
    if all(each.isidentifier() and not keyword.iskeyword(each) for each, _ in fields):
        return [f"class {name}(TypedDict):", *(f"    {each}: {type_}" for each, type_ in fields or [("pass", "")])]
    table = [f"        {each!r}: {type_!r}," for each, type_ in fields]
    return [f"{name} = TypedDict(", f'    "{name}",', "    {", *table, "    },", ")"]


def _scalar(part: Scalar) -> str:
    if not part.is_excluding and not any(isinstance(value, float) for value in part.values):
        return f"Literal[{', '.join(sorted(map(repr, part.values)))}]"
    return "int" if part.is_whole else _SCALARS[part.kind]
