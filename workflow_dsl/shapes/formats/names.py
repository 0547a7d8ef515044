"""Names of types: `CheckStockValueInput` for the input of "Check Stock Value"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from workflow_dsl.shapes.passing import StateFlow
from workflow_dsl.shapes.shape import Presence, Record, Shape


def class_name(text: str) -> str:
    """Return a text as the name of a class, without what a name cannot have: `BuyOrSell`."""
    name = "".join(word[0].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", text))
    return f"_{name}" if name[:1].isdigit() or not name else name


def spelled_once(part: Record) -> list[str]:
    """Return the names of an object's fields; of those that an API has in two spellings, the first."""
    first: dict[str, str] = {}
    for name, field in part.fields.items():
        first.setdefault(name.lower() if field.presence is Presence.UNSTATED else name, name)
    return list(first.values())


def types_of(states: Iterable[StateFlow]) -> Mapping[str, Shape]:
    """Return the types of what enters and leaves some states, by their names."""
    types: dict[str, Shape] = {}
    for passing in states:
        for suffix, shape in (("Input", passing.input), ("Output", passing.output)):
            name, number = f"{class_name(passing.state.name)}{suffix}", 2
            while name in types:
                name, number = f"{class_name(passing.state.name)}{number}{suffix}", number + 1
            types[name] = shape
    return types
