"""Mutations of documents: parts deleted, replaced, doubled, renamed, retyped; and texts that are hard on readers."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from workflow_dsl.definition.json import deep_copy

_REPEATED = ("a", "*", "$", "${", "${A}", "$.a", "$.a[", "{%", "(", "[", "{", "'", '"', "\\", "\\'", " ", "\t", "\n", "- ", "a: ",
             ":", "::", "|", "<b>", "&a", "*a", "!Ref ", "arn:", "States.", "\u0301", "\u202e", "\x1b[31m", "\0", "0", "9")  # fmt: skip
_SCALARS: tuple[Any, ...] = (None, True, False, 0, -1, 1e300, 10**400, 0.1, "", "x", "${A}", "$.a", "{% $states.input %}", "arn:aws:states:::sns:publish",
            "\ud800", "../../etc/passwd", "a\0b", "/dev/zero", "States.ALL", "<script>", "::error::x", [], {}, [[]], {"": {}})  # fmt: skip


def hostile_text(random: Random, longest: int = 2_000) -> str:
    """A text of one or two repeated pieces."""
    pieces = random.choices(_REPEATED, k=random.randint(1, 2))
    return "".join(pieces) * (random.randint(0, longest) // len("".join(pieces)))


def hostile_value(random: Random) -> Any:
    """A scalar or an empty container where something else may be expected, or a hostile text."""
    return hostile_text(random) if random.random() < 0.25 else deep_copy(random.choice(_SCALARS))


def mutated(random: Random, document: Any, donors: list[Any]) -> Any:
    """A copy of a document with one to four mutations; `donors` give parts."""
    result = [deep_copy(document)]
    for _ in range(random.randint(1, 4)):
        holder, key = random.choice(_places(result))
        _mutate(random, holder, key, donors)
    return result[0] if result else None


def _places(document: list[Any]) -> list[tuple[Any, Any]]:
    """Every part of a document as its holder and its key."""
    places: list[tuple[Any, Any]] = []
    waiting: list[Any] = [document]
    while waiting:
        holder = waiting.pop()
        members = list(holder.items()) if isinstance(holder, dict) else list(enumerate(holder))
        places += [(holder, key) for key, _ in members]
        waiting += [member for _, member in members if isinstance(member, (dict, list))]
    return places or [(document, 0)] if document else [([None], 0)]


def _mutate(random: Random, holder: Any, key: Any, donors: list[Any]) -> None:
    kind = random.choice(("delete", "replace", "double", "rename", "retype", "donate", "nest"))
    if kind == "delete" and not (isinstance(holder, list) and len(holder) == 1):
        del holder[key]
    elif kind == "double" and isinstance(holder, list):
        holder.append(deep_copy(holder[key]))
    elif kind == "rename" and isinstance(holder, dict):
        holder[hostile_text(random, 100)] = holder.pop(key)
    elif kind == "retype":
        holder[key] = [holder[key]] if random.random() < 0.5 else {"a": holder[key]}
    elif kind == "donate":
        holder[key] = deep_copy(random.choice(donors))
    elif kind == "nest":
        for _ in range(random.choice((1, 3, 20) if random.random() < 0.95 else (300,))):
            holder[key] = {"Fn::Join": ["", [holder[key]]]} if random.random() < 0.5 else [holder[key]]
    else:
        holder[key] = hostile_value(random)


def mutated_text(random: Random, text: str) -> str:
    """A copy of a text with up to three cuts, insertions or exchanges of pieces."""
    for _ in range(random.randint(0, 3)):
        start = random.randint(0, len(text))
        end = min(len(text), start + random.choice((0, 1, 5, 100)))
        inserted = random.choice(("", hostile_text(random, 200), text[:100]))
        text = text[:start] + inserted + text[end:]
    return text


def parts_of(document: Any) -> list[Any]:
    """Every part of a document, to give to others."""
    return [holder[key] for holder, key in _places([document])]


def as_json(document: Any) -> str:
    """A document as JSON text; one that JSON's own module cannot write as an empty object."""
    try:
        return json.dumps(document)
    except (RecursionError, ValueError):
        return "{}"
