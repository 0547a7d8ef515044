"""The operators of a filter. A value that a path does not find is UNDEFINED, which equals nothing.

Source: README ("Filter Operators") and EvaluatorFactory of json-path/JsonPath.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

UNDEFINED: Any = object()


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text) if text.strip() == text else None
    except InvalidOperation:
        return None


def is_same(left: Any, right: Any) -> bool:
    """True for equal values; a string equals the number that it spells."""
    if left is UNDEFINED or right is UNDEFINED:
        return False
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    if isinstance(left, str) and _is_number(right):
        return left == str(right)
    if _is_number(left) and isinstance(right, str):
        return bool(left == _decimal(right)) if isinstance(left, int) else Decimal(repr(left)) == _decimal(right)
    return bool(left == right)


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def holds(left: Any, right: Any) -> bool:
        if isinstance(left, str) and isinstance(right, str):
            return compare(left, right)
        if _is_number(left) and _is_number(right):
            return compare(left, right)
        if isinstance(left, str) and _is_number(right):
            number = _decimal(left)
            return number is not None and not number.is_nan() and compare(number, right)
        if _is_number(left) and isinstance(right, str):
            number = _decimal(right)
            return number is not None and not number.is_nan() and compare(left, number)
        return False

    return holds


def _is_in(left: Any, right: Any) -> bool:
    return isinstance(right, list) and any(is_same(left, item) for item in right)


def _contains(left: Any, right: Any) -> bool:
    if isinstance(left, str):
        return isinstance(right, str) and right in left
    return _is_in(right, left)


def _lists(holds: Callable[[list[Any], list[Any]], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: isinstance(left, list) and isinstance(right, list) and holds(left, right)


def _has_size(left: Any, right: Any) -> bool:
    return isinstance(left, (str, list)) and _is_number(right) and len(left) == int(right)


def _is_empty(left: Any, right: Any) -> bool:
    return isinstance(left, (str, list, dict)) and isinstance(right, bool) and (len(left) == 0) is right


OF_LISTS = ("in", "nin", "contains", "all", "subsetof", "anyof", "noneof")
OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": is_same,
    "!=": lambda left, right: not is_same(left, right),
    "===": lambda left, right: isinstance(left, str) is isinstance(right, str) and is_same(left, right),
    "!==": lambda left, right: not (isinstance(left, str) is isinstance(right, str) and is_same(left, right)),
    "<": _ordered(operator.lt),
    "<=": _ordered(operator.le),
    ">": _ordered(operator.gt),
    ">=": _ordered(operator.ge),
    "in": _is_in,
    "nin": lambda left, right: not _is_in(left, right),
    "contains": _contains,
    "size": _has_size,
    "empty": _is_empty,
    "all": _lists(lambda left, right: all(_is_in(item, left) for item in right)),
    "subsetof": _lists(lambda left, right: all(_is_in(item, right) for item in left)),
    "anyof": _lists(lambda left, right: any(_is_in(item, right) for item in left)),
    "noneof": _lists(lambda left, right: not any(_is_in(item, right) for item in left)),
}
