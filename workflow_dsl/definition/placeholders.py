"""Placeholders: `${Name}` in a definition, for which the template that deploys it has a value."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Mapping
from typing import TypeGuard

from workflow_dsl.definition.json import Json

_ONE = re.compile(r"\$\{([^{}]+)\}")


class UnquotedPlaceholder(str):
    """A placeholder that stands where a value does, not inside quotes: what it stands for may be of any type."""

    __slots__ = ()


def is_known(value: Json) -> TypeGuard[str]:
    """Whether a value is a text without a placeholder, so that it can be judged."""
    return isinstance(value, str) and "${" not in value


def placeholders_in(text: str) -> list[str]:
    """The names of a text's placeholders."""
    return _ONE.findall(text)


def is_placeholder(value: Json) -> bool:
    """Whether a text is one placeholder and nothing else."""
    return isinstance(value, str) and _ONE.fullmatch(value) is not None


def substitute(value: Json, known: Mapping[str, Json]) -> Json:
    """A document with what its placeholders stand for, as far as it is known: None is for what is not.

    Inside quotes a value becomes text; an unquoted placeholder becomes the value itself, of whatever type.
    """
    if isinstance(value, dict):
        return {_text(name, known): substitute(each, known) for name, each in value.items()}
    if isinstance(value, list):
        return [substitute(each, known) for each in value]
    if isinstance(value, UnquotedPlaceholder):
        found = known.get(value[2:-1])
        return value if found is None else _typed(found)
    return _text(value, known) if isinstance(value, str) else value


def _text(text: str, known: Mapping[str, Json]) -> str:
    def value(found: re.Match[str]) -> str:
        value = known.get(found[1])
        return found[0] if value is None else value if isinstance(value, str) else json.dumps(value)

    return _ONE.sub(value, text) if "${" in text else text


def _typed(value: Json) -> Json:
    """What a text is when it stands in JSON without quotes: a number, true or false, or else itself."""
    if isinstance(value, str) and _NUMBER_OR_WORD.fullmatch(value):
        return json.loads(value)
    return value


_NUMBER_OR_WORD = re.compile(r"-?(0|[1-9]\d{0,17})(\.\d{1,17})?|true|false|null")


def infer_substitutions(here: Json, there: Json) -> dict[str, Json]:
    """What a definition's placeholders are in another one of the same shape, by their names: the first that is met.

    What stands for a whole value is certain, and helps to tell the placeholders of one text apart.
    """
    found: dict[str, Json] = {}
    texts: list[tuple[str, str]] = []
    waiting = deque([(here, there)])
    while waiting:
        mine, other = waiting.popleft()
        if isinstance(mine, dict) and isinstance(other, dict):
            waiting += [(each, other[name]) for name, each in mine.items() if name in other]
        elif isinstance(mine, list) and isinstance(other, list):
            waiting += list(zip(mine, other, strict=False))
        elif (
            isinstance(mine, str)
            and is_placeholder(mine)
            and (isinstance(other, str) or isinstance(mine, UnquotedPlaceholder))
        ):
            found.setdefault(mine[2:-1], other)
        elif isinstance(mine, str) and isinstance(other, str) and "${" in mine:
            texts.append((mine, other))
    for mine, other in texts:
        for name, value in _in_text(_text(mine, found), other).items():
            found.setdefault(name, value)
    return found


def _in_text(mine: str, other: str) -> dict[str, str]:
    parts = _ONE.split(mine)
    pattern = "(.+?)".join(map(re.escape, parts[::2]))
    match = re.fullmatch(pattern, other, re.DOTALL)
    return dict(zip(parts[1::2], match.groups(), strict=True)) if match else {}
