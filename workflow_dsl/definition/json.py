"""JSON documents: limits of what a file can hold, copying, walking, and text for generated files and messages."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator
from json.encoder import c_make_encoder, encode_basestring, encode_basestring_ascii  # type: ignore[attr-defined]
from typing import Any

from workflow_dsl.findings import Key, Keys

Json = Any  # what json.loads returns

DEEPEST = 800  # nesting depth; beyond it json.dumps hits Python's recursion limit
_GREATEST = 10**300


def value_at(document: Json, keys: Iterable[Key]) -> Json:
    """Return the value at these keys; None if there is none."""
    for key in keys:
        try:
            document = document[key]
        except (LookupError, TypeError):
            return None
    return document


def is_json_text(text: str) -> bool:
    """True unless the string has an unpaired surrogate, which UTF-8 cannot encode."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def is_json_scalar(value: Any) -> bool:
    """True for a string, number, boolean or null that a JSON file can hold."""
    if isinstance(value, str):
        return is_json_text(value)
    if isinstance(value, float):
        return math.isfinite(value)
    return value is None or isinstance(value, bool) or (isinstance(value, int) and -_GREATEST < value < _GREATEST)


def deep_copy(value: Json) -> Json:
    """Return a deep copy. Unlike copy.deepcopy, it does not recurse, so nesting depth does not matter."""
    top = [value]
    waiting: list[Any] = [top]
    while waiting:
        container = waiting.pop()
        for key, member in list(container.items() if isinstance(container, dict) else enumerate(container)):
            if isinstance(member, (dict, list)):
                container[key] = member.copy()
                waiting.append(container[key])
    return top[0]


def leaves(document: Json, keys: Keys = ()) -> Iterator[tuple[Keys, Json]]:
    """Yield every scalar of a document after its keys, in document order. `keys` are those of the document itself."""
    waiting = [(keys, document)]
    while waiting:
        keys, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [((*keys, name), member) for name, member in reversed(value.items())]
        elif isinstance(value, list):
            waiting += [((*keys, index), value[index]) for index in reversed(range(len(value)))]
        else:
            yield keys, value


def every_key(document: Json) -> Iterator[Keys]:
    """Yield the keys of every value of a document, containers included."""
    waiting: list[tuple[Keys, Json]] = [((), document)]
    while waiting:
        keys, value = waiting.pop()
        yield keys
        if isinstance(value, dict):
            waiting += [((*keys, name), member) for name, member in value.items()]
        elif isinstance(value, list):
            waiting += [((*keys, index), item) for index, item in enumerate(value)]


def json_reader(decoder: json.JSONDecoder) -> Callable[[str], Json]:
    """Return a decoder's `decode`, which takes a third less time for a string without white space around it."""

    def read(text: str) -> Json:
        try:
            value, end = decoder.raw_decode(text)
        except json.JSONDecodeError:
            return decoder.decode(text)
        return value if end == len(text) else decoder.decode(text)

    return read


def json_writer(*, ensure_ascii: bool, default: Callable[[Any], Any] | None = None) -> Callable[[Any], str]:
    """Return a function that writes values as JSON without spaces: what json.dumps writes, in a fifth of the time.

    json.dumps makes an encoder for each value. `default` returns what is written of a value that JSON does not have.
    """
    encoder = json.JSONEncoder(ensure_ascii=ensure_ascii, default=default, separators=(",", ":"))
    if c_make_encoder is None:  # another Python than CPython
        return encoder.encode
    text = encode_basestring_ascii if ensure_ascii else encode_basestring
    pieces = c_make_encoder(None, encoder.default, text, None, ":", ",", False, False, True)
    return lambda value: "".join(pieces(value, 0))


def to_text(document: Json) -> str:
    """Return a document as generated files hold it: indented by two, not escaped to ASCII, with a final newline."""
    return inert_json(json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)) + "\n"


def inert_json(text: str) -> str:
    """JSON text with characters that do not show as \\u escapes, and no workflow command of GitHub in it.

    The document stays the same: outside strings JSON has no such characters.
    """
    if not all(map(str.isprintable, text.split("\n"))):
        shows = {letter: letter == "\n" or letter.isprintable() for letter in set(text)}
        text = "".join(letter if shows[letter] else json.dumps(letter)[1:-1] for letter in text)
    return text.replace("##[", "##\\u005b").replace("\x7f", "\\u007f")


def short_json(value: Json) -> str:
    """Return a value as JSON for a message, cut to 60 characters."""
    return _cut(json.dumps(value, ensure_ascii=False))


def short_json_pair(one: Json, other: Json) -> tuple[str, str]:
    """Return two values as JSON for a message, each cut to 60 characters; a long common beginning is dropped."""
    first, second = (json.dumps(value, ensure_ascii=False) for value in (one, other))
    common = next((index for index, pair in enumerate(zip(first, second, strict=False)) if pair[0] != pair[1]), 0)
    dropped = common - 20
    if dropped < 20 or max(len(first), len(second)) <= 60:
        return _cut(first), _cut(second)
    return _cut(f"...{first[dropped:]}"), _cut(f"...{second[dropped:]}")


def _cut(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
