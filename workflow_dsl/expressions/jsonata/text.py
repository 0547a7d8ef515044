"""Values as text: numbers as JavaScript prints them, and JSON as `$string` writes it."""

from __future__ import annotations

import json
import math
from typing import Any

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.limits import LONGEST_STRING
from workflow_dsl.expressions.jsonata.values import ARRAYS, EXACT, as_number

_quoted = json.encoder.encode_basestring


def number_text(number: int | float) -> str:
    """Return a number as JavaScript prints it: 0.1, 1e+21, 5e-324, Infinity."""
    if type(number) is int and -EXACT <= number <= EXACT:
        return str(number)
    number = float(number)
    if math.isnan(number) or math.isinf(number):
        return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"
    sign = "-" if number < 0 else ""
    digits, exponent = _digits(abs(number))
    count = len(digits)
    if count <= exponent <= 21:
        return f"{sign}{digits}{'0' * (exponent - count)}"
    if 0 < exponent <= 21:
        return f"{sign}{digits[:exponent]}.{digits[exponent:]}"
    if -6 < exponent <= 0:
        return f"{sign}0.{'0' * -exponent}{digits}" if number else "0"
    fraction = f".{digits[1:]}" if count > 1 else ""
    return f"{sign}{digits[0]}{fraction}e{exponent - 1:+d}"


def _digits(number: float) -> tuple[str, int]:
    """Return the shortest digits of a number, and the power of ten of which 0.digits is the factor."""
    mantissa, _, exponent = repr(number).partition("e")
    whole, _, fraction = mantissa.partition(".")
    fraction = fraction if fraction.strip("0") else ""
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(exponent or 0) - (len(whole + fraction) - len(digits))
    return digits.rstrip("0") or "0", point


def rounded(number: int | float) -> int | float:
    """Return a number with the 15 significant digits that `$string` and `$clone` keep."""
    if type(number) is int and abs(number) < 10**15:
        return number
    if not math.isfinite(number):
        return number
    return as_number(float(f"{float(number):.14e}"))


def to_text(value: Any, pretty: bool = False) -> str:
    """Return a value as text: a string as it is, a function as "", anything else as JSON. Raises Failure D3001."""
    kind = type(value)
    if kind is str:
        return str(value)
    if kind is int:
        return number_text(rounded(value))
    if kind is float:
        if math.isinf(value) or math.isnan(value):
            raise Failure("D3001")
        shortened = rounded(value)
        return number_text(shortened) if math.isfinite(shortened) else "null"
    if kind is bool:
        return "true" if value else "false"
    if value is None:
        return "null"
    return _Writer(pretty).text(value) if kind is dict or kind in ARRAYS else ""


class _Writer:
    """Writes JSON, and fails before the text is too long."""

    def __init__(self, pretty: bool) -> None:
        self._pieces: list[str] = []
        self._pretty = pretty
        self._left = LONGEST_STRING

    def text(self, value: Any) -> str:
        self._write(value, "\n")
        return "".join(self._pieces)

    def _add(self, piece: str) -> None:
        self._left -= len(piece)
        if self._left < 0:
            raise Failure("memory")
        self._pieces.append(piece)

    def _write(self, value: Any, margin: str) -> None:
        kind = type(value)
        if kind is str:
            self._add(_quoted(value))
        elif kind is dict:
            members = [(f"{_quoted(name)}:{' ' if self._pretty else ''}", member) for name, member in value.items()]
            self._write_all("{", members, "}", margin)
        elif kind in ARRAYS:
            self._write_all("[", [("", item) for item in value], "]", margin)
        elif kind is float and (math.isinf(value) or math.isnan(value)):
            if math.isinf(value):
                raise Failure("D1001", value=None)
            self._add("null")
        elif value is None or kind in (bool, int, float):
            self._add(to_text(value))
        else:
            self._add('""' if callable(getattr(value, "call", None)) else "null")

    def _write_all(self, opening: str, members: list[tuple[str, Any]], closing: str, margin: str) -> None:
        inner = f"{margin}  " if self._pretty else ""
        self._add(opening)
        for number, (label, member) in enumerate(members):
            self._add(f"{',' if number else ''}{inner}{label}")
            self._write(member, inner)
        self._add(f"{margin if self._pretty and members else ''}{closing}")
