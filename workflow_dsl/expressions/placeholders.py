"""Placeholders: `${Name}` in a definition, for which the template that deploys it has a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, TypeGuard

Json = Any
_ONE = re.compile(r"\$\{([^{}]+)\}")


class Unquoted(str):
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


def filled(value: Json, known: Mapping[str, Json]) -> Json:
    """A document with what its placeholders stand for, as far as it is known.

    Inside quotes a value becomes text; an unquoted placeholder becomes the value itself.
    """
    if isinstance(value, dict):
        return {_text(name, known): filled(each, known) for name, each in value.items()}
    if isinstance(value, list):
        return [filled(each, known) for each in value]
    if isinstance(value, Unquoted):
        return known.get(value[2:-1], value)
    return _text(value, known) if isinstance(value, str) and "${" in value else value


def _text(text: str, known: Mapping[str, Json]) -> str:
    return _ONE.sub(lambda found: str(known.get(found[1], found[0])), text) if "${" in text else text
