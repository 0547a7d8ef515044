"""Sample values and constants that a function or an operator asks for: times, numbers, keys, texts of JSON."""

from __future__ import annotations

import math
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from itertools import combinations
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.timestamps import parse_timestamp

_TIME = "2026-01-31T12:00:00Z"
_NUMBERS = (1, 10, 100)
_ENCODED = b64encode(b"value").decode()
# Functions of JSONata, without their $, and of JSONPath, without `States.`
_SAMPLES: dict[str, tuple[Json, ...]] = {
    "toMillis": (_TIME,),
    "parse": ('{"key": "value"}',),
    "base64decode": (_ENCODED,),
    "Base64Decode": (_ENCODED,),
    "StringToJson": ('{"key": "value"}',),
    "JsonMerge": ({"key": "value"},),
    "ArrayRange": (5, 1),
    "ArrayPartition": (["value"], ["value", "other", "third"]),
    "ArrayUnique": (["value"], ["value", "other", "third"], ["value", "value"]),
    "ArrayLength": (["value"], []),
    "ArrayGetItem": (["value", "other", "third"], 0),
    "MathAdd": _NUMBERS,
    "MathRandom": (1, 100),
    "sum": ([1], [100, 1]),
    "average": ([1], [-1], [100, 1]),
    "max": ([1], [100, 1]),
    "min": ([1], [100, 1]),
    "distinct": ([1, 1], [1, 2]),
    "reduce": ([1], [1, 1], [1, 2]),
    "number": ("1", 1),
    "split": ("value", "value,other"),
    "join": (["value"], ["value", "other"]),
}
_ARITHMETIC = frozenset(("+", "-", "*", "/", "%", "abs", "floor", "ceil", "round", "power", "sqrt", "number", "sum"))
_MOST_NUMBERS = 4  # constants of one condition that are combined
_LARGEST = 1e70  # of them, so that all that is made of them is finite


def samples_for(words: Iterable[str]) -> Iterator[Json]:
    """Yield values that the functions with these names take, or a number for an operator of numbers."""
    names = list(dict.fromkeys(words))
    for name in names:
        yield from _SAMPLES.get(name, ())
    if _ARITHMETIC.intersection(names):
        yield from _NUMBERS


def combined(words: Iterable[str], constants: Iterable[Json]) -> Iterator[Json]:
    """Yield numbers that arithmetic with these constants may ask for: 40 for `$floor(n / 10) = 4`."""
    if not _ARITHMETIC.intersection(words):
        return
    values = (value for value in constants if isinstance(value, (int, float)) and not isinstance(value, bool))
    numbers = [value for value in values if value == 0 or 1 / _LARGEST <= abs(value) <= _LARGEST][:_MOST_NUMBERS]
    whole: Any = math.prod(numbers)
    yield whole
    for one, other in combinations(dict.fromkeys(numbers), 2):
        yield from (one * other, one + other, one - other, other - one)
        if one and other:
            yield from (_plain(one / other), _plain(other / one))
    yield from (_plain(math.sqrt(value)) for value in numbers if value > 0)


def _plain(number: float) -> int | float:
    return int(number) if number.is_integer() else number


def pieces_of(constants: Iterable[Json]) -> Iterator[str]:
    """Yield the parts of texts, for fields that are joined to one: `eu` and `west` of `eu-west`."""
    for value in constants:
        if isinstance(value, str) and len(value) <= 60 and parse_timestamp(value) is None:
            pieces = re.findall(r"[^\W_]+", value)
            yield from pieces if len(pieces) > 1 else ()


def encoded(text: str) -> str:
    """Return a text as base64."""
    return b64encode(text.encode()).decode()
