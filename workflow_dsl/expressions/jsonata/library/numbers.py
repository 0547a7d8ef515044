"""Functions of numbers."""

from __future__ import annotations

import math
from typing import Any

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.text import number_text
from workflow_dsl.expressions.jsonata.values import UNDEFINED, as_number
from workflow_dsl.regexes import lazy_regex

_DECIMAL = lazy_regex(r"-?[0-9]+(\.[0-9]+)?([Ee][-+]?[0-9]+)?")
_OTHER_BASE = lazy_regex(r"0(?:[xX][0-9A-Fa-f]+|[oO][0-7]+|[bB][01]+)")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def sum_(numbers: Any) -> Any:
    """$sum"""
    if numbers is UNDEFINED:
        return numbers
    if all(type(number) is int for number in numbers):
        return as_number(sum(numbers))
    total = 0.0
    for number in numbers:  # not math.fsum: the reference adds in doubles, one by one
        total += number
    return as_number(total)


def max_(numbers: Any) -> Any:
    """$max"""
    return UNDEFINED if numbers is UNDEFINED or not numbers else max(numbers)


def min_(numbers: Any) -> Any:
    """$min"""
    return UNDEFINED if numbers is UNDEFINED or not numbers else min(numbers)


def average(numbers: Any) -> Any:
    """$average"""
    return UNDEFINED if numbers is UNDEFINED or not numbers else as_number(sum_(numbers) / len(numbers))


def number(value: Any) -> Any:
    """$number"""
    if value is UNDEFINED or type(value) in (int, float):
        return value
    if type(value) is bool:
        return int(value)
    if _DECIMAL.fullmatch(value) and math.isfinite(float(value)):
        return as_number(float(value))
    if _OTHER_BASE.fullmatch(value):
        return as_number(int(value, 0))
    raise Failure("D3030", value=value, index=1)


def _whole(value: Any, rounding: Any) -> Any:
    if value is UNDEFINED or type(value) is int or not math.isfinite(value):
        return value
    return as_number(float(rounding(value)))


def floor(value: Any) -> Any:
    """$floor"""
    return _whole(value, math.floor)


def ceil(value: Any) -> Any:
    """$ceil"""
    return _whole(value, math.ceil)


def abs_(value: Any) -> Any:
    """$abs"""
    return value if value is UNDEFINED else abs(value)


def round_(value: Any, precision: Any) -> Any:
    """$round: half to even, of the decimal that the number prints as."""
    if value is UNDEFINED or not math.isfinite(value):
        return value
    places = 0 if precision is UNDEFINED else precision
    result = _half_even(_shifted(value, places))
    return as_number(_shifted(result, -places)) if math.isfinite(result) else result


def _shifted(value: int | float, places: int | float) -> int | float:
    if not places:
        return value
    mantissa, _, exponent = number_text(value).partition("e")
    shift = int(exponent or 0) + places
    return float(f"{mantissa}e{int(shift)}") if float(shift).is_integer() else math.nan


def _half_even(value: int | float) -> int | float:
    if type(value) is int or not math.isfinite(value):
        return value
    below = math.floor(value)
    rest = value - below
    if rest == 0.5:
        return below + below % 2
    return below + (rest > 0.5)


def sqrt(value: Any) -> Any:
    """$sqrt"""
    if value is UNDEFINED:
        return value
    if value < 0:
        raise Failure("D3060", index=1, value=value)
    return as_number(math.sqrt(value))


def power(value: Any, exponent: Any) -> Any:
    """$power"""
    if value is UNDEFINED:
        return value
    try:
        result = math.pow(value, exponent) if exponent is not UNDEFINED else math.nan
    except (OverflowError, ValueError):
        result = math.inf
    if not math.isfinite(result):
        raise Failure("D3061", index=1, value=value, exp=exponent)
    return as_number(result)


def format_base(value: Any, radix: Any) -> Any:
    """$formatBase"""
    if value is UNDEFINED:
        return value
    base = 10 if radix is UNDEFINED else round_(radix, 0)
    if not 2 <= base <= 36:
        raise Failure("D3100", value=base)
    whole = round_(value, 0)
    if base == 10:
        return number_text(whole)
    digits, rest = "", abs(int(whole))
    while rest or not digits:
        rest, digit = divmod(rest, int(base))
        digits = _DIGITS[digit] + digits
    return f"-{digits}" if whole < 0 else digits
