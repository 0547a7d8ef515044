"""Values of the same shape in place of recorded ones: the test has no personal data, and runs as before.

A string keeps its length, its punctuation and its kind of characters, a number its digits and its sign, and equal
values stay equal. Booleans, null, names of fields, and strings that the definition itself has stay.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.exploration.execution_paths import Scenario
from workflow_dsl.expressions.timestamps import format_timestamp, parse_timestamp
from workflow_dsl.local.stand_ins.mocks import Response, Return
from workflow_dsl.records import replace
from workflow_dsl.regexes import lazy_regex

_MOST_TRIES = 20  # to find a value that no other one has yet
_SHIFT = timedelta(days=1_234)  # of times: those that are apart stay so
_DATE = lazy_regex(r"\d{4}-\d{2}-\d{2}")
_ADDRESS = lazy_regex(r"\d{1,3}(\.\d{1,3}){3}")
_ARN = lazy_regex(r"arn:[^:]*:[^:]*:[^:]*:")
_HEX = lazy_regex(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-f]{16,}")
_RANGES = {"digit": "0123456789", "hex": "0123456789abcdef", "lower": "abcdefghijklmnopqrstuvwxyz"}


def masked_scenario(scenario: Scenario, definition: str, is_same: Callable[[Scenario], bool]) -> tuple[Scenario, int]:
    """Return an input and responses with other values, and the number of values that stay for the path to stay.

    `is_same` runs a scenario, and says if the execution goes as before.
    """
    new = _new_values(scenario, definition)
    everything = {key: value for key, value in new.items() if value != key[1]}
    if is_same(_changed(scenario, everything)):
        return _changed(scenario, everything), 0
    kept: dict[_Key, Json] = {}
    for key, value in everything.items():
        if is_same(_changed(scenario, {**kept, key: value})):
            kept[key] = value
    return _changed(scenario, kept), len(everything) - len(kept)


def _new_values(scenario: Scenario, definition: str) -> dict[_Key, Json]:
    """A value for each one, made from its number alone, so that it tells nothing of the old one."""
    new: dict[_Key, Json] = {}
    taken: set[Json] = set()
    for number, key in enumerate(dict.fromkeys(_leaves(scenario))):
        tries = (_like(key[1], f"{number} {attempt}", definition) for attempt in range(_MOST_TRIES))
        new[key] = next((each for each in tries if each not in taken and each != key[1]), key[1])
        taken.add(new[key])
    return new


_Key = tuple[str, Any]  # the type of a value, and the value: 1 and 1.0 and "1" are not the same


def _key(value: Json) -> _Key:
    return type(value).__name__, value


def _leaves(scenario: Scenario) -> Iterator[_Key]:
    yield from _leaves_of(scenario.input)
    for responses in scenario.responses.values():
        for response in responses:
            yield from _leaves_of(response.value if isinstance(response, Return) else response.cause)


def _leaves_of(value: Any) -> Iterator[_Key]:
    inner = _parsed(value)
    if isinstance(inner, dict):
        for member in inner.values():
            yield from _leaves_of(member)
    elif isinstance(inner, list):
        for member in inner:
            yield from _leaves_of(member)
    elif value is not None and not isinstance(value, bool):
        yield _key(value)


def _parsed(value: Any) -> Any:
    """The object or list that a string has as JSON; any other value as it is."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value


def _changed(scenario: Scenario, new: dict[_Key, Json]) -> Scenario:
    responses: dict[str, tuple[Response, ...]] = {
        name: tuple(
            replace(response, value=_with(response.value, new))
            if isinstance(response, Return)
            else replace(response, cause=_with(response.cause, new))
            for response in responses
        )
        for name, responses in scenario.responses.items()
    }
    return replace(scenario, input=_with(scenario.input, new), responses=responses)


def _with(value: Any, new: dict[_Key, Json]) -> Any:
    inner = _parsed(value)
    if isinstance(inner, dict):
        changed: Any = {name: _with(each, new) for name, each in inner.items()}
    elif isinstance(inner, list):
        changed = [_with(member, new) for member in inner]
    else:
        return value if value is None or isinstance(value, bool) else new.get(_key(value), value)
    if not isinstance(value, str):
        return changed
    return value if changed == inner else json.dumps(changed)


def _like(value: Any, seed: str, definition: str) -> Json:
    """Another value of the same shape; the value itself if the definition has it, or nothing else has its shape."""
    if isinstance(value, str):
        is_literal = any(f"{quote}{value}{quote}" in definition for quote in ('"', "'"))
        return value if is_literal else _text_like(value, seed)
    text = repr(value)
    if not re.fullmatch(r"-?\d+(\.\d+)?", text):
        return value  # 1e+300
    return type(value)(_characters(text, seed))


def _text_like(text: str, seed: str) -> str:
    moment = parse_timestamp(text)
    if moment is not None:
        moved = format_timestamp(moment - _SHIFT)
        return moved if "." in text else moved.replace(".000Z", "Z")
    if _DATE.fullmatch(text):
        moment = parse_timestamp(f"{text}T00:00:00Z")
        return text if moment is None else format_timestamp(moment - _SHIFT)[:10]
    if _ADDRESS.fullmatch(text):
        return f"192.0.2.{next(_stream(seed))}"  # RFC 5737: addresses for documentation
    arn = _ARN.match(text)
    if arn:
        return arn[0] + _characters(text[arn.end() :], seed)
    return _characters(text, seed, is_hex=_HEX.fullmatch(text) is not None)


def _characters(text: str, seed: str, *, is_hex: bool = False) -> str:
    stream = _stream(seed)
    changed = "".join(_character(character, next(stream), is_hex=is_hex) for character in text)
    first = re.match(r"-?([1-9])", text)  # a number does not begin with 0
    if first and not is_hex and changed[first.start(1)] == "0":
        changed = f"{changed[: first.start(1)]}1{changed[first.end(1) :]}"
    return changed


def _character(character: str, number: int, *, is_hex: bool) -> str:
    if is_hex and character != "-":
        other = _RANGES["hex"][number % 16]
        return other.upper() if character.isupper() else other
    if character.isdigit():
        return _RANGES["digit"][number % 10]
    if character.isalpha():
        other = _RANGES["lower"][number % 26]
        return other.upper() if character.isupper() else other
    return character


def _stream(seed: str) -> Iterator[int]:
    """Yield numbers that are the same for the same seed."""
    for block in count():
        yield from hashlib.sha256(f"{block} {seed}".encode()).digest()
