"""The text of a definition in the layout of the committed one: what is equal stays byte for byte as it is there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from workflow_dsl.definition.diff import changes_between
from workflow_dsl.definition.json import Json, inert_json, to_text, value_at
from workflow_dsl.definition.json_reading import parse_json, quote_placeholders
from workflow_dsl.findings import FindingsError, Key, Keys
from workflow_dsl.regexes import lazy_regex

_TOKEN = lazy_regex(r'"(?:[^"\\]++|\\.)*+"|[{}\[\],]|[^\s{}\[\],:"]+')
_INDENT = lazy_regex(r"\{\s*?\r?\n([ \t]+)\"")
_MOST_REMOVED = 50  # items in a row; behind more of them, equal items are written anew
_BYTE_ORDER_MARK = "\ufeff"


def text_like(document: Json, committed: str) -> str:
    """Return the text of a definition in the order and layout of the committed text of an older one.

    Values that are equal keep their text, fields that both have keep their order, and a new field or state comes after
    the one that is before it in `document`. A committed text that is not a definition, or is nested very deeply, has no
    layout to keep.
    """
    try:
        old = parse_json(committed.removeprefix(_BYTE_ORDER_MARK))
        if not any(changes_between(old, document)) and _shows_all(committed):
            return committed
        return _Layout(committed, old).text(document)
    except (FindingsError, RecursionError):
        return to_text(document)


class _Layout:
    """A committed text, its document, and the place of each value in it."""

    def __init__(self, text: str, document: Json) -> None:
        self._text, self._document = text, document
        self._spans = dict(_spans(quote_placeholders(text)))
        indent = _INDENT.search(text)
        self._indent = indent[1] if indent else "  "
        self._line_end = "\r\n" if "\r\n" in text else "\n"

    def text(self, document: Json) -> str:
        """Return the text of another document."""
        start, end = self._spans[()]
        return f"{self._text[:start]}{self._written(document, (), 0)}{self._text[end:]}"

    def _written(self, value: Json, keys: Keys | None, depth: int) -> str:
        """A value; `keys` are those of the committed value that it replaces, None for a new one."""
        kept = self._committed_text(value, keys)
        if kept is not None:
            return kept
        if isinstance(value, dict) and value:
            names = _in_order(value, self._at(keys))
            rows = (
                f"{_scalar(name)}: {self._written(value[name], self._below(keys, name), depth + 1)}" for name in names
            )
            return self._block("{", rows, "}", depth)
        if isinstance(value, list) and value:
            old = self._at(keys)
            indexes = _same_items(value, old if isinstance(old, list) else [])
            items = (
                self._written(item, self._below(keys, index), depth + 1)
                for item, index in zip(value, indexes, strict=True)
            )
            return self._block("[", items, "]", depth)
        return _scalar(value)

    def _block(self, first: str, rows: Iterator[str], last: str, depth: int) -> str:
        space = f"{self._line_end}{self._indent * (depth + 1)}"
        return f"{first}{space}{f',{space}'.join(rows)}{self._line_end}{self._indent * depth}{last}"

    def _committed_text(self, value: Json, keys: Keys | None) -> str | None:
        """The committed text of an equal value, if it shows all that it is."""
        if keys is None or keys not in self._spans or any(changes_between(self._at(keys), value)):
            return None
        start, end = self._spans[keys]
        text = self._text[start:end]
        return text if _shows_all(text) else None

    def _at(self, keys: Keys | None) -> Json:
        return None if keys is None else value_at(self._document, keys)

    @staticmethod
    def _below(keys: Keys | None, key: Key | None) -> Keys | None:
        return None if keys is None or key is None else (*keys, key)


def _shows_all(text: str) -> bool:
    """True for a string without characters that a reader does not see, and with every placeholder in quotes."""
    visible = text.replace("\t", "").replace("\r\n", "\n")
    return inert_json(visible) == visible and quote_placeholders(text) == text


def _scalar(value: Json) -> str:
    return inert_json(json.dumps(value, ensure_ascii=False, allow_nan=False))


def _in_order(value: Mapping[str, Json], old: Json) -> list[str]:
    """The names of an object: old ones in their order, a new one after the name before it."""
    names = [name for name in old if name in value] if isinstance(old, dict) else []
    at = 0
    for name in value:
        if name in names:
            at = names.index(name) + 1
        else:
            names.insert(at, name)
            at += 1
    return names


def _same_items(items: list[Json], old: list[Json]) -> list[int | None]:
    """For each item the index of the old one that it continues: an equal one, else the one at its place."""
    indexes: list[int | None] = []
    first = 0
    for item in items:
        near = range(first, min(first + _MOST_REMOVED, len(old)))
        equal = next((index for index in near if not any(changes_between(old[index], item))), None)
        first = first if equal is None else equal + 1
        indexes.append(equal)
    taken = set(indexes)
    return [
        place if index is None and place not in taken and place < len(old) else index
        for place, index in enumerate(indexes)
    ]


def _spans(text: str) -> Iterator[tuple[Keys, tuple[int, int]]]:
    """The keys of every value of JSON text, with where it begins and ends."""
    keys: list[Key | None] = []  # that of the value that comes next, in each open container; None before a name
    starts: list[int] = []
    for match in _TOKEN.finditer(text.replace(_BYTE_ORDER_MARK, " ", 1) if text[:1] == _BYTE_ORDER_MARK else text):
        symbol = match[0]
        if symbol in ("{", "["):
            starts.append(match.start())
            keys.append(None if symbol == "{" else 0)
        elif symbol in ("}", "]"):
            keys.pop()
            yield _path(keys), (starts.pop(), match.end())
        elif symbol == ",":
            last = keys[-1]
            keys[-1] = last + 1 if isinstance(last, int) else None
        elif keys[-1] is None:
            keys[-1] = json.loads(symbol)
        else:
            yield _path(keys), match.span()


def _path(keys: list[Key | None]) -> Keys:
    return tuple(key for key in keys if key is not None)
