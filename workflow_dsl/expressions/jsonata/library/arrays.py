"""Functions of arrays, and those that call a function for each item."""

from __future__ import annotations

import math
from typing import Any

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.functions import Function, caller, invoke
from workflow_dsl.expressions.jsonata.limits import Run
from workflow_dsl.expressions.jsonata.values import (
    ARRAYS,
    NUMBERS,
    UNDEFINED,
    Sequence,
    code_units,
    is_equal,
    is_number,
    is_true,
)


def count(array: Any) -> Any:
    """$count"""
    return 0 if array is UNDEFINED else len(array)


def append(run: Run, one: Any, other: Any) -> Any:
    """$append"""
    if one is UNDEFINED or other is UNDEFINED:
        return other if one is UNDEFINED else one
    first = one if type(one) in ARRAYS else [one]
    second = other if type(other) in ARRAYS else [other]
    run.reserve(len(first) + len(second))
    return [*first, *second]


def reverse(array: Any) -> Any:
    """$reverse"""
    return array if array is UNDEFINED or len(array) < 2 else array[::-1]


def shuffle(run: Run, array: Any) -> Any:
    """$shuffle"""
    if array is UNDEFINED or len(array) < 2:
        return array
    result = list(array)
    run.random.shuffle(result)
    return result


def zip_(*arrays: Any) -> Any:
    """$zip"""
    return [list(items) for items in zip(*(array if type(array) in ARRAYS else () for array in arrays), strict=False)]


def map_(run: Run, array: Any, function: Any) -> Any:
    """$map"""
    if array is UNDEFINED:
        return array
    call = caller(function, run)
    answers = [call(item, place, array) for place, item in enumerate(array)]
    return Sequence([answer for answer in answers if answer is not UNDEFINED])


def filter_(run: Run, array: Any, function: Any) -> Any:
    """$filter"""
    if array is UNDEFINED:
        return array
    call, result = caller(function, run), Sequence()
    for place, item in enumerate(array):
        answer = call(item, place, array)
        if answer is True or (answer is not False and is_true(answer)):
            result.append(item)
    return result


def single(run: Run, array: Any, function: Any) -> Any:
    """$single"""
    if array is UNDEFINED:
        return array
    call = caller(function, run) if isinstance(function, Function) else lambda item, place, whole: True
    result: Any = UNDEFINED
    is_found = False
    for place, item in enumerate(array):
        if is_true(call(item, place, array)):
            if is_found:
                raise Failure("D3138", index=place)
            result, is_found = item, True
    if not is_found:
        raise Failure("D3139")
    return result


def reduce(run: Run, array: Any, function: Any, start: Any) -> Any:
    """$reduce"""
    if array is UNDEFINED:
        return array
    arity = function.arity
    if arity < 2:
        raise Failure("D3050", index=1)
    items = list(enumerate(array))
    result = start
    if start is UNDEFINED and items:
        result = items.pop(0)[1]
    for place, item in items:
        result = invoke(function, run, [result, item, place, array][: min(arity, 4)], None)
    return result


def distinct(run: Run, array: Any) -> Any:
    """$distinct"""
    if type(array) not in ARRAYS or len(array) < 2:
        return array
    result: list[Any] = Sequence() if isinstance(array, Sequence) else []
    simple: set[tuple[bool, Any]] = set()
    others: list[Any] = []
    for item in array:
        if type(item) in ARRAYS or type(item) is dict:
            run.check_time()
            if any(is_equal(item, other) for other in others):
                continue
            others.append(item)
        else:
            key = (type(item) is bool, item)
            if key in simple:
                continue
            simple.add(key)
        result.append(item)
    return result


def sort(run: Run, array: Any, comparator: Any) -> Any:
    """$sort"""
    if array is UNDEFINED or len(array) < 2:
        return array
    if isinstance(comparator, Function):
        return _merge_sorted(list(array), lambda one, other: _goes_after(run, comparator, one, other))
    if {type(item) for item in array} <= {str}:
        return sorted(array, key=None if all(map(str.isascii, array)) else code_units)
    if {type(item) for item in array} <= NUMBERS and all(map(is_number, array)):
        return sorted(array)
    raise Failure("D3070", index=1)


def _goes_after(run: Run, comparator: Function, one: Any, other: Any) -> bool:
    """The comparator's answer as JavaScript takes it: arrays, objects and functions are true, even empty ones."""
    answer = invoke(comparator, run, [one, other], None)
    if answer is UNDEFINED or answer is None:
        return False
    if type(answer) is float and math.isnan(answer):
        return False
    return bool(answer) if type(answer) in (bool, int, float, str) else True


def _merge_sorted(items: list[Any], goes_after: Any) -> list[Any]:
    """Merge sort, of which the comparator sees each pair in the order of the reference."""
    if len(items) < 2:
        return items
    middle = len(items) // 2
    left, right = _merge_sorted(items[:middle], goes_after), _merge_sorted(items[middle:], goes_after)
    result: list[Any] = []
    at, other = 0, 0
    while at < len(left) and other < len(right):
        if goes_after(left[at], right[other]):
            result.append(right[other])
            other += 1
        else:
            result.append(left[at])
            at += 1
    return [*result, *left[at:], *right[other:]]
