"""A recording without its confidential values, so that it can be attached to an issue."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from workflow_dsl.definition.json import Json, leaves
from workflow_dsl.local.replay.recording import Recording
from workflow_dsl.records import Record, replace

MASK = "***"
_SHORTEST = 4  # characters of a text that is masked wherever it occurs; shorter ones occur by chance
_LONG_NUMBER = 6  # digits, likewise
_DEEPEST = 20  # JSON in strings in JSON


class Field(Record):
    """A field by its name, or by the last names of its path: `card`, `$.card`, `$.card.number`."""

    names: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> Field:
        """Return the field of a name or a path. Raises ValueError for another path."""
        names = tuple(text.removeprefix("$.").split("."))
        if not all(names) or any(set(name) & set("$[]*@") for name in names):
            raise ValueError(f"write a field's name, or a path such as $.card.number, not {text!r}")
        return cls(names)

    def is_at(self, keys: Sequence[str]) -> bool:
        """True if a value with these keys around it, outermost first, is the field."""
        return tuple(keys[-len(self.names) :]) == self.names


def masked(recording: Recording, fields: Sequence[Field]) -> Recording:
    """Return a recording with *** for the values of fields at any depth, also in JSON inside of strings.

    A string or a long number that such a field has is masked wherever it occurs, such as in the cause of an error, or
    in the name of the execution.
    """
    content = {name: getattr(recording, name) for name in ("input", "output", "error", "cause", "events")}
    masking = _Masking(fields)
    names = {"name": recording.name, "arn": recording.arn}
    return replace(recording, **masking.texts_removed({**masking.of(content, ()), **names}))


class _Masking:
    def __init__(self, fields: Sequence[Field]) -> None:
        self._fields = fields
        self._texts: set[str] = set()
        self._numbers: set[str] = set()

    def of(self, value: Json, keys: tuple[str, ...], depth: int = 0) -> Json:
        """Return a value with its fields masked, and remember their texts."""
        if any(field.is_at(keys) for field in self._fields):
            self._texts.update(_texts(value))
            self._numbers.update(_long_numbers(value))
            return MASK
        if isinstance(value, dict):
            return {name: self.of(member, (*keys, name), depth) for name, member in value.items()}
        if isinstance(value, list):
            return [self.of(item, keys, depth) for item in value]
        if isinstance(value, str) and value.lstrip()[:1] in ("{", "[") and depth < _DEEPEST:
            return self._of_json(value, keys, depth + 1)
        return value

    def _of_json(self, text: str, keys: tuple[str, ...], depth: int) -> str:
        try:
            value = json.loads(text)
        except ValueError:
            return text
        return _as_text(self.of(value, keys, depth), value, text)

    def texts_removed(self, value: Json) -> Json:
        """Return a value in which no string has one of the masked texts."""
        if isinstance(value, dict):
            return {name: self.texts_removed(member) for name, member in value.items()}
        if isinstance(value, list):
            return [self.texts_removed(item) for item in value]
        if isinstance(value, str):
            value = self._without_numbers(value) if any(number in value for number in self._numbers) else value
            for text in sorted(self._texts, key=len, reverse=True):
                value = value.replace(text, MASK)
            return value
        return MASK if isinstance(value, int) and str(value) in self._numbers else value

    def _without_numbers(self, text: str) -> str:
        """A string without the masked numbers; JSON stays JSON."""
        try:
            value = json.loads(text)
        except ValueError:
            numbers = "|".join(sorted(self._numbers, key=len, reverse=True))
            return re.sub(rf"(?<!\d)(?:{numbers})(?!\d)", MASK, text)
        return _as_text(self.texts_removed(value), value, text)


def _as_text(changed: Json, value: Json, text: str) -> str:
    """A changed value as JSON in the form of the text that it had, which an execution may compare."""
    separators = None if '": ' in text else (",", ":")
    return text if changed == value else json.dumps(changed, ensure_ascii=False, separators=separators)


def _long_numbers(value: Json) -> Iterator[str]:
    for _, leaf in leaves(value):
        if isinstance(leaf, int) and len(str(leaf)) >= _LONG_NUMBER:
            yield str(leaf)


def _texts(value: Json) -> Iterator[str]:
    for _, leaf in leaves(value):
        if isinstance(leaf, str) and len(leaf) >= _SHORTEST:
            yield leaf
            yield json.dumps(leaf, ensure_ascii=False)[1:-1]
