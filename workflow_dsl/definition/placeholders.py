"""Placeholders: `${Name}` in a definition, replaced at deployment by a value from the template."""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Container, Iterator, Mapping
from itertools import pairwise
from typing import TypeGuard

from workflow_dsl.definition.json import Json, leaves
from workflow_dsl.findings import Keys
from workflow_dsl.records import Record, field
from workflow_dsl.regexes import lazy_regex

_PLACEHOLDER = lazy_regex(r"\$\{([^{}]+)\}")


class UnquotedPlaceholder(str):
    """A placeholder in place of a JSON value, without quotes: its substitution can be of any type."""

    __slots__ = ()


def is_known(value: Json) -> TypeGuard[str]:
    """True for a string without placeholders, which can be checked as it is."""
    return isinstance(value, str) and "${" not in value


def placeholders_in(text: str) -> list[str]:
    """Return the names of a string's placeholders, in order, repeated names included."""
    return _PLACEHOLDER.findall(text)


def is_placeholder(value: Json) -> bool:
    """True for a string that is one placeholder and nothing else."""
    return isinstance(value, str) and _PLACEHOLDER.fullmatch(value) is not None


class Unsubstituted(Record):
    """A placeholder without a substitution, and the keys of the string that contains it.

    `is_whole_value` is True if the string is the placeholder alone, an ARN, or by its field the name of something. It
    is False for one that `is_data`: in a list (of a command's words, for example) or in a Result, where `${...}` can be
    intended.
    """

    keys: Keys
    name: str
    is_whole_value: bool
    is_data: bool


# Fields whose value AWS looks up: no resource has `${` in its name.
_NAMES_SOMETHING = lazy_regex(
    r"(Arn|ARN|Name|Ur[il]|Id|Bucket|Cluster|Database|Definition|Queue|Table|Topic|WorkGroup)$"
)


def _is_name(keys: Keys) -> bool:
    """True for a parameter of a service that names something; a payload can have `${` in any field."""
    field = str(keys[-1])
    is_parameter = len(keys) > 1 and keys[-2] in ("Parameters", "Arguments") and field[:1].isupper()
    return is_parameter and _NAMES_SOMETHING.search(field) is not None


def _is_in_result(keys: Keys) -> bool:
    """True for keys inside of a Result; a state may be called Result, too."""
    return any(key == "Result" and before != "States" for before, key in pairwise(keys))


def unsubstituted(document: Json, substitutions: Container[str]) -> Iterator[Unsubstituted]:
    """Yield the placeholders of a document, Comment fields excepted, that are not among the names of substitutions."""
    for keys, text in leaves(document):
        if isinstance(text, str) and "${" in text and keys[-1] != "Comment":
            is_data = isinstance(keys[-1], int) or _is_in_result(keys)
            is_name = _is_name(keys) and not text.startswith("{%")
            is_whole_value = not is_data and (is_placeholder(text) or text.startswith("arn:") or is_name)
            for name in dict.fromkeys(placeholders_in(text)):
                if name not in substitutions:
                    yield Unsubstituted(keys, name, is_whole_value, is_data)


def substitute(document: Json, substitutions: Mapping[str, Json]) -> Json:
    """Return a copy of a document with its placeholders replaced; one that is missing or None in the mapping stays.

    Inside quotes a value becomes text. An unquoted placeholder becomes the value itself, of whatever type. The values
    have at most MOST_FILLED characters in all; placeholders after them stay.
    """
    return _Filling(substitutions).of(document)


MOST_FILLED = 4_000_000  # a definition has at most 1 MB (Step Functions quotas), each of its placeholders a long value


class _Filling(Record, frozen=False):
    """Fills in one document's placeholders."""

    substitutions: Mapping[str, Json]
    left: int = MOST_FILLED
    texts: dict[str, str] = field(default_factory=dict)

    def of(self, document: Json) -> Json:
        if isinstance(document, dict):
            return {self.in_text(name): self.of(value) for name, value in document.items()}
        if isinstance(document, list):
            return [self.of(item) for item in document]
        if isinstance(document, UnquotedPlaceholder):
            name = document[2:-1]
            return document if self._text(name) is None else _unquoted(self.substitutions[name])
        return self.in_text(document) if isinstance(document, str) else document

    def in_text(self, text: str) -> str:
        return _PLACEHOLDER.sub(self._replacement, text) if "${" in text else text

    def _replacement(self, match: re.Match[str]) -> str:
        text = self._text(match[1])
        return match[0] if text is None else text

    def _text(self, name: str) -> str | None:
        """The text of a placeholder's value; None if it stays."""
        value = self.substitutions.get(name)
        if value is None:
            return None
        if name not in self.texts:
            self.texts[name] = value if isinstance(value, str) else json.dumps(value)
        self.left -= len(self.texts[name])
        return self.texts[name] if self.left >= 0 else None


_NUMBER_OR_WORD = lazy_regex(r"-?(0|[1-9]\d{0,17})(\.\d{1,17})?|true|false|null")


def _unquoted(value: Json) -> Json:
    """The JSON value that a string is without its quotes: a number, true, false or null, else the string itself."""
    if isinstance(value, str) and _NUMBER_OR_WORD.fullmatch(value):
        return json.loads(value)
    return value


def infer_substitutions(definition: Json, deployed: Json) -> dict[str, Json]:
    """Return the substitutions that turn a definition into a deployed one of the same shape, by placeholder name.

    Values of placeholders that fill a whole string come first, since they are certain. Inside longer strings each
    placeholder takes the shortest value that fits. Of several values for a name the first is returned.
    """
    substitutions: dict[str, Json] = {}
    partial: list[tuple[str, str]] = []
    for text, value in _placeholder_pairs(definition, deployed):
        if not is_placeholder(text):
            partial.append((text, value))
        elif isinstance(value, str) or isinstance(text, UnquotedPlaceholder):
            substitutions.setdefault(text[2:-1], value)
    for text, value in partial:
        for name, part in _match(_Filling(substitutions).in_text(text), value).items():
            substitutions.setdefault(name, part)
    return substitutions


def _placeholder_pairs(definition: Json, deployed: Json) -> Iterator[tuple[str, Json]]:
    """Yield each string with a placeholder, and the value at its place in the other document, breadth first."""
    waiting = deque([(definition, deployed)])
    while waiting:
        one, other = waiting.popleft()
        if isinstance(one, dict) and isinstance(other, dict):
            waiting += [(value, other[name]) for name, value in one.items() if name in other]
        elif isinstance(one, list) and isinstance(other, list):
            waiting += list(zip(one, other, strict=False))
        elif isinstance(one, str) and "${" in one and (isinstance(other, str) or is_placeholder(one)):
            yield one, other


def _match(text: str, other: str) -> dict[str, str]:
    """The shortest values, not empty, with which the first string becomes the other; {} if there are none.

    Each literal part is matched at its first place, which leaves the most room for the rest, so nothing is tried twice.
    A regular expression with several `(.+?)` would take minutes on strings that do not match.
    """
    first, *rest = _PLACEHOLDER.split(text)
    if not rest or not other.startswith(first):
        return {}
    names, literals = rest[::2], rest[1::2]
    values: list[str] = []
    start = len(first)
    for literal in literals[:-1]:
        end = other.find(literal, start + 1)
        if end < 0:
            return {}
        values.append(other[start:end])
        start = end + len(literal)
    end = len(other) - len(literals[-1])
    if end <= start or not other.endswith(literals[-1]):
        return {}
    return dict(zip(names, [*values, other[start:end]], strict=True))
