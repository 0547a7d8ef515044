"""The operators of JSONata, compiled."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.functions import Code, Frame
from workflow_dsl.expressions.jsonata.limits import LONGEST_STRING, MOST_ITEMS
from workflow_dsl.expressions.jsonata.text import to_text
from workflow_dsl.expressions.jsonata.values import (
    ARRAYS,
    EXACT,
    NUMBERS,
    UNDEFINED,
    Sequence,
    as_number,
    is_equal,
    is_less,
    is_number,
    is_same,
    is_true,
)

Operation = Callable[[Any, Any], Any]


def binary(symbol: str, left: Code, right: Code) -> Code:
    """Return the code of `left symbol right`."""
    if symbol in ("and", "or"):
        return _logical(symbol, left, right)
    if symbol in _ARITHMETIC:
        return _arithmetic(symbol, _ARITHMETIC[symbol], left, right)
    if symbol in _COMPARISONS:
        return _comparison(symbol, _COMPARISONS[symbol], left, right)
    return _OTHERS[symbol](left, right)


def _logical(symbol: str, left: Code, right: Code) -> Code:
    def and_(context: Any, frame: Frame) -> bool:
        return is_true(left(context, frame)) and is_true(right(context, frame))

    def or_(context: Any, frame: Frame) -> bool:
        return is_true(left(context, frame)) or is_true(right(context, frame))

    return and_ if symbol == "and" else or_


def _arithmetic(symbol: str, operation: Operation, left: Code, right: Code) -> Code:
    def calculate(context: Any, frame: Frame) -> Any:
        one, other = left(context, frame), right(context, frame)
        if type(one) is int and type(other) is int:
            result = operation(one, other)
            return result if type(result) is int and -EXACT <= result <= EXACT else as_number(result)
        if type(one) not in NUMBERS or type(other) not in NUMBERS or not (is_number(one) and is_number(other)):
            return _not_numbers(symbol, one, other)
        try:
            result = operation(float(one), float(other))
        except OverflowError:
            raise Failure("D1001", value=None) from None
        return as_number(result)

    return calculate


def _not_numbers(symbol: str, one: Any, other: Any) -> Any:
    """Undefined, if that is what an operand is and the other one is a number."""
    for code, value in (("T2001", one), ("T2002", other)):
        if value is not UNDEFINED and not is_number(value):
            raise Failure(code, token=symbol, value=value)
    return UNDEFINED


def _divided(one: int | float, other: int | float) -> float:
    try:
        return one / other
    except ZeroDivisionError:
        return math.nan if one == 0 else math.copysign(math.inf, one) * math.copysign(1, other)


def _remainder(one: int | float, other: int | float) -> float | int:
    if type(one) is int and type(other) is int and one >= 0 and other > 0:
        return one % other
    return math.fmod(one, other) if other else math.nan


_ARITHMETIC: dict[str, Operation] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided,
    "%": _remainder,
}


def _comparison(symbol: str, operation: Operation, left: Code, right: Code) -> Code:
    def compare(context: Any, frame: Frame) -> Any:
        one, other = left(context, frame), right(context, frame)
        if type(one) in NUMBERS and type(other) in NUMBERS:
            return operation(one, other)
        if type(one) is str and type(other) is str:
            if one.isascii() and other.isascii():
                return operation(one, other)
            return operation(is_less(other, one) - is_less(one, other), 0)
        return _not_comparable(symbol, one, other)

    return compare


def _not_comparable(symbol: str, one: Any, other: Any) -> Any:
    for value in (one, other):
        if value is not UNDEFINED and type(value) is not str and type(value) not in NUMBERS:
            raise Failure("T2010", token=symbol, value=value)
    if one is UNDEFINED or other is UNDEFINED:
        return UNDEFINED
    raise Failure("T2009", token=symbol, value=one, value2=other)


_COMPARISONS: dict[str, Operation] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _equal(left: Code, right: Code) -> Code:
    def compare(context: Any, frame: Frame) -> bool:
        one, other = left(context, frame), right(context, frame)
        if type(one) is str:
            return type(other) is str and one == other
        return one is not UNDEFINED and other is not UNDEFINED and is_equal(one, other)

    return compare


def _unequal(left: Code, right: Code) -> Code:
    def compare(context: Any, frame: Frame) -> bool:
        one, other = left(context, frame), right(context, frame)
        return one is not UNDEFINED and other is not UNDEFINED and not is_equal(one, other)

    return compare


def _includes(left: Code, right: Code) -> Code:
    def search(context: Any, frame: Frame) -> bool:
        one, other = left(context, frame), right(context, frame)
        if one is UNDEFINED or other is UNDEFINED:
            return False
        if type(other) not in ARRAYS:
            return is_same(one, other)
        return one in other if type(one) is str else any(is_same(one, item) for item in other)

    return search


def _concatenation(left: Code, right: Code) -> Code:
    def join(context: Any, frame: Frame) -> str:
        one, other = left(context, frame), right(context, frame)
        if type(one) is not str:
            one = "" if one is UNDEFINED else to_text(one)
        if type(other) is not str:
            other = "" if other is UNDEFINED else to_text(other)
        if len(one) + len(other) > LONGEST_STRING:
            raise Failure("memory")
        if len(one) + len(other) > 10_000:
            frame[1].reserve((len(one) + len(other)) / 4, LONGEST_STRING)
        return str(one + other)

    return join


def _range(left: Code, right: Code) -> Code:
    def count(context: Any, frame: Frame) -> Any:
        first, last = left(context, frame), right(context, frame)
        for code, value in (("T2003", first), ("T2004", last)):
            if value is not UNDEFINED and (type(value) not in NUMBERS or not float(value).is_integer()):
                raise Failure(code, value=value)
        if first is UNDEFINED or last is UNDEFINED or first > last:
            return UNDEFINED
        size = int(last) - int(first) + 1
        if size > 10_000_000:
            raise Failure("D2014", value=size)
        frame[1].reserve(size, MOST_ITEMS)
        return Sequence(range(int(first), int(last) + 1)) if size > 1 else int(first)

    return count


_OTHERS: dict[str, Callable[[Code, Code], Code]] = {
    "=": _equal,
    "!=": _unequal,
    "in": _includes,
    "&": _concatenation,
    "..": _range,
}
