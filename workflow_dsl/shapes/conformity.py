"""Values compared with shapes: what of a value differs from its shape, in words."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.definition.json import Json, short_json
from workflow_dsl.findings import did_you_mean
from workflow_dsl.shapes.shape import ListOf, Part, Presence, Record, Scalar, Shape

_NOUNS = {"null": "null", "boolean": "true or false", "number": "a number", "string": "a string"}


def problems(shape: Shape, value: Json, at: str = "it") -> Iterator[str]:
    """Yield how a value differs from a shape, each as a sentence about `at`, or about a part: `its "prices[0].at"`."""
    if shape.parts is None:
        return
    parts = [part for part in shape.parts if _is_of_kind(part, value)]
    if not parts:
        yield f"{at} must be {words_of(shape)}, not {short_json(value)}"
        return
    yield from min([list(_problems(part, value, at)) for part in parts], key=len)


def _is_of_kind(part: Part, value: Json) -> bool:
    if isinstance(part, ListOf):
        return isinstance(value, list)
    return isinstance(value, dict) if isinstance(part, Record) else _is_scalar(part, value)


def _is_scalar(part: Scalar, value: Json) -> bool:
    if isinstance(value, (dict, list)):
        return False
    kind = "null" if value is None else "boolean" if isinstance(value, bool) else _NUMBER_OR_STRING[type(value)]
    if kind != part.kind or (kind == "number" and part.is_whole and not float(value).is_integer()):
        return False
    return (value in part.values) is not part.is_excluding


_NUMBER_OR_STRING = {int: "number", float: "number", str: "string"}


def _problems(part: Part, value: Json, at: str) -> Iterator[str]:
    if isinstance(part, ListOf):
        has_positions = part.items is not None and len(part.items) == len(value)
        for index, item in enumerate(value):
            shape = part.items[index] if has_positions and part.items else part.item
            yield from problems(shape, item, _inside(at, f"[{index}]"))
    elif isinstance(part, Record):
        yield from _problems_of_fields(part, value, at)


def _problems_of_fields(part: Record, value: dict[str, Json], at: str) -> Iterator[str]:
    name_of_type = next((origin.name for origin in part.origins if origin.name), "")
    of_type = f" of {name_of_type}" if name_of_type else ""
    for name, field in part.fields.items():
        if name in value:
            yield from problems(field.shape, value[name], _inside(at, f".{name}"))
        elif field.presence is Presence.SURE:
            yield f'{at} lacks "{name}"' + (f", a field{of_type}" if of_type else "")
    for name, item in value.items():
        if name in part.fields:
            continue
        if part.rest is not None:
            yield from problems(part.rest, item, _inside(at, f".{name}"))
        else:
            hint = did_you_mean(name, list(part.fields))
            yield f'{at} has "{name}", which is not a field{of_type}{f" ({hint})" if hint else ""}'


def _inside(at: str, part: str) -> str:
    """A part of a value in the words of a message: `its "prices[0].at"`."""
    path = at.removeprefix('its "').removesuffix('"') if at.startswith('its "') else ""
    return f'its "{f"{path}{part}".removeprefix(".")}"'


def words_of(shape: Shape) -> str:
    """Return a shape in words: `a string or null`, `"buy" or "sell"`, `an object, a Price`."""
    words = [word for part in shape.parts or () for word in _words(part)]
    return " or ".join(dict.fromkeys(words)) or "anything"


def _words(part: Part) -> list[str]:
    if isinstance(part, ListOf):
        return ["a list"]
    if isinstance(part, Record):
        name = next((origin.name for origin in part.origins if origin.name), "")
        article = "an" if name[:1] in "AEIOU" else "a"
        return [f"an object, {article} {name}" if name else "an object"]
    if not part.is_excluding:
        return sorted(map(short_json, part.values))
    return ["a whole number" if part.is_whole else _NOUNS[part.kind]]
