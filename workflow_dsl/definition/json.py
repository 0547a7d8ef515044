"""JSON documents: what a file can hold, copies, leaves, and the text of generated files and messages."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from typing import Any

from workflow_dsl.findings import Key

Json = Any  # what json.loads gives


def inside(value: Json, keys: Iterable[Key]) -> Json:
    """What keys lead to through objects and lists; None where they lead nowhere."""
    for key in keys:
        try:
            value = value[key]
        except (LookupError, TypeError):
            return None
    return value


DEEPEST = 800  # keys from the top; what Python's JSON can write
_GREATEST = 10**300


def is_json_text(text: str) -> bool:
    """Whether a text has no half of a surrogate pair, which no UTF-8 file can hold."""
    return text.isascii() or not any("\ud800" <= mark <= "\udfff" for mark in text)


def is_json_scalar(value: Any) -> bool:
    """Whether a value is a text, number, boolean or null that a JSON file can hold."""
    if isinstance(value, str):
        return is_json_text(value)
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, bool) or (isinstance(value, int) and -_GREATEST < value < _GREATEST)


def deep_copy(value: Json) -> Json:
    """A deep copy, however deep."""
    top = [value]
    waiting: list[Any] = [top]
    while waiting:
        container = waiting.pop()
        for key, each in list(container.items() if isinstance(container, dict) else enumerate(container)):
            if isinstance(each, (dict, list)):
                container[key] = each.copy()
                waiting.append(container[key])
    return top[0]


def leaves(value: Json, keys: tuple[Key, ...] = ()) -> Iterator[tuple[tuple[Key, ...], Json]]:
    """What a document holds apart from objects and lists, each with the keys to it, in document order."""
    waiting = [(keys, value)]
    while waiting:
        keys, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*keys, name), each) for name, each in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [((*keys, index), value[index]) for index in reversed(range(len(value)))]
        else:
            yield keys, value


def to_text(document: Json) -> str:
    """A document as the generated files hold it: indented by two, text as written, a newline at the end."""
    return json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def short(value: Json) -> str:
    """A value as JSON that fits into a message."""
    text = json.dumps(value, ensure_ascii=False)
    return _cut(text)


def short_pair(one: Json, other: Json) -> tuple[str, str]:
    """Two values as JSON that fits into a message; a long beginning that both have is left out."""
    first, second = (json.dumps(value, ensure_ascii=False) for value in (one, other))
    alike = next((at for at, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]), 0)
    skipped = alike - 20
    if skipped < 20 or max(len(first), len(second)) <= 60:
        return _cut(first), _cut(second)
    return _cut(f"...{first[skipped:]}"), _cut(f"...{second[skipped:]}")


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
