"""Values to try at a leaf: near the constants that it is compared with, and one of each type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise, permutations, product
from typing import Any, Final

from workflow_dsl.definition.json import Json
from workflow_dsl.exploration.search.hints import encoded
from workflow_dsl.expressions.timestamps import format_timestamp, parse_timestamp

ABSENT: Final[Any] = object()  # instead of a value: the field is left out
_LONGEST = 60  # items of a list or characters of a string that a number asks for
_MOST_MIDPOINTS = 40
# Words in the names of fields whose values are numbers, as far as nothing else says so.
_NUMBERS = (
    "count",
    "price",
    "amount",
    "total",
    "quantity",
    "qty",
    "index",
    "size",
    "number",
    "seconds",
    "age",
    "limit",
)


def default_of(name: object) -> Json:
    """Return a value for a field that may have any: a number for `price`, else a string with its name."""
    text = str(name).lower()
    if any(text.endswith(word) for word in _NUMBERS):
        return 1
    return f"{name}" if isinstance(name, str) and name else "value"


def candidates(constants: Iterable[Json], name: object) -> Iterator[Json]:
    """Yield values in the order in which they are tried, without repeats; ABSENT is one of them."""
    seen: set[object] = set()  # 1 is not 1.0, nor true
    constants = list(constants)
    known = list(dict.fromkeys(_flat(constants)))
    whole = [value for value in constants if isinstance(value, (dict, list))]
    for value in (*whole, *_joined(known), *_near(known), *_of_each_type(name), *_lists(known)):
        key = repr(value) if isinstance(value, (dict, list)) else (type(value), value)
        if key not in seen:
            seen.add(key)
            yield value


def _flat(constants: Iterable[Json]) -> Iterator[Any]:
    for constant in constants:
        if isinstance(constant, list):
            yield from _flat(constant)
        elif not isinstance(constant, dict):
            yield constant


def _near(constants: list[Any]) -> Iterator[Json]:
    yield from constants
    numbers = sorted(value for value in constants if isinstance(value, (int, float)) and not isinstance(value, bool))
    for value in constants:
        if isinstance(value, str):
            yield from _near_text(value)
        elif value in numbers and not isinstance(value, bool):
            yield from (value, *neighbours(value))
        else:
            yield value
            if isinstance(value, bool):
                yield not value
    for low, high in list(pairwise(numbers))[:_MOST_MIDPOINTS]:
        is_between = isinstance(low, int) and isinstance(high, int) and high - low > 1
        yield (low + high) // 2 if is_between else float((_exact(low) + _exact(high)) / 2)


def neighbours(number: float) -> tuple[float, float]:
    """Return the number one above and the one below, with its decimals: 1.7 and -0.3 of 0.7."""
    if isinstance(number, int):
        return number + 1, number - 1
    return float(_exact(number) + 1), float(_exact(number) - 1)


def _exact(number: float) -> Decimal:
    return Decimal(repr(number))


def _near_text(value: str) -> Iterator[Json]:
    moment = parse_timestamp(value)
    if moment is not None:
        yield value
        yield from (format_timestamp(moment + timedelta(days=days)) for days in (1, -1, 40, -40, 4_000, -4_000))
        return
    if "*" in value:
        yield from (value.replace("\\*", "*") if "\\*" in value else value.replace("*", text) for text in ("x", ""))
    yield from (value, "other", f"{value}x", value[:-1], value.upper(), value.lower(), f" {value} ")


def _joined(constants: list[Any]) -> Iterator[Json]:
    """Texts that a separator divides into as many parts as a number asks for."""
    texts = [value for value in constants if isinstance(value, str) and value]
    separators = [text for text in texts if len(text) <= 2 and not any(map(str.isalnum, text))]
    whole = [value for value in constants if type(value) is int and 0 < value <= _LONGEST]
    numbers = [*dict.fromkeys(more for value in whole for more in (value, value - 1) if more)]
    for separator in separators[:2]:
        for text in [*(text for text in texts if text not in separators)][:4] or ["value"]:
            yield separator.join(["value", text])
            yield from (separator.join([text, *["value"] * more]) for more in (1, *numbers))
            yield from (separator.join([*["value"] * before, text]) for before in numbers)
    for (one, other), (first, last) in product(permutations(separators[:2], 2), permutations(texts[:6], 2)):
        if not {first, last} & {*separators}:
            yield f"{first}{one}value{other}{last}"


def _of_each_type(name: object) -> Iterator[Json]:
    yield from (default_of(name), 1, "value", True, False, 0, -1, 2, None, ABSENT, "", {}, [])
    yield from (
        "2026-01-31T12:00:00Z",
        ["value"],
        [1],
        [{}],
        [1, 1],
        [1, 2],
        {"key": "value"},
        "{}",
        1.5,
        "1",
        100,
        1_000_000,
    )


def _lists(constants: list[Any]) -> Iterator[Json]:
    """Lists and strings as long as a number asks for, and lists of the constants."""
    for value in constants:
        yield [value]
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LONGEST:
            for length in (value, value + 1, max(value - 1, 0)):
                yield ["value"] * length
                yield "x" * length
            yield from (str(value), str(value + 1), str(value - 1))
        if isinstance(value, str):
            yield from ({value: "value"}, encoded(value))
        else:
            yield [value, value]
    yield [value for value in constants if value is not None]
