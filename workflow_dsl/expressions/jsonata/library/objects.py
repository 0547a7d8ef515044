"""Functions of objects, of any value, and of errors."""

from __future__ import annotations

from typing import Any

from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.functions import Function, caller
from workflow_dsl.expressions.jsonata.limits import MOST_ITEMS, Run
from workflow_dsl.expressions.jsonata.text import rounded
from workflow_dsl.expressions.jsonata.values import (
    ARRAYS,
    NUMBERS,
    UNDEFINED,
    Budget,
    Sequence,
    is_number,
    is_true,
    look_up,
)

_TYPES: dict[type, str] = {
    type(None): "null",
    str: "string",
    bool: "boolean",
    dict: "object",
    **dict.fromkeys(ARRAYS, "array"),
}


def boolean(value: Any) -> Any:
    """$boolean: false for a function."""
    return value if value is UNDEFINED else not isinstance(value, Function) and is_true(value)


def not_(value: Any) -> Any:
    """$not"""
    return value if value is UNDEFINED else not boolean(value)


def exists(value: Any) -> bool:
    """$exists"""
    return value is not UNDEFINED


def type_(value: Any) -> Any:
    """$type"""
    if value is UNDEFINED:
        return value
    if type(value) in NUMBERS:
        return "number" if is_number(value) else "object"
    return _TYPES.get(type(value), "function")


def keys(value: Any) -> Any:
    """$keys"""
    return Sequence(_keys(value, Budget()))


def _keys(value: Any, budget: Budget) -> dict[str, None]:
    budget.take()
    if type(value) is dict:
        return dict.fromkeys(value)
    found: dict[str, None] = {}
    for item in value if type(value) in ARRAYS else ():
        found.update(_keys(item, budget))
    return found


def lookup(value: Any, key: Any) -> Any:
    """$lookup"""
    return look_up(value, key)


def spread(value: Any) -> Any:
    """$spread"""
    return _spread(value, Budget())


def _spread(value: Any, budget: Budget) -> Any:
    budget.take()
    if type(value) is dict:
        return Sequence({key: member} for key, member in value.items())
    if type(value) not in ARRAYS:
        return value
    parts = [_spread(item, budget) for item in value if item is not UNDEFINED]
    joined = [item for part in parts for item in (part if type(part) in ARRAYS else [part])]
    return joined if parts else Sequence()


def merge(objects: Any) -> Any:
    """$merge"""
    if objects is UNDEFINED:
        return objects
    result: dict[str, Any] = {}
    for item in objects:
        result.update(item)
    return result


def each(run: Run, value: Any, function: Any) -> Any:
    """$each"""
    call, result = caller(function, run), Sequence()
    for key, member in value.items() if type(value) is dict else ():
        answer = call(member, key, value)
        if answer is not UNDEFINED:
            result.append(answer)
    return result


def sift(run: Run, value: Any, function: Any) -> Any:
    """$sift"""
    if type(value) is not dict or not value:
        return UNDEFINED
    if not isinstance(function, Function):
        raise Failure("T0410", index=2)
    call = caller(function, run)
    return {key: member for key, member in value.items() if is_true(call(member, key, value))} or UNDEFINED


def error(message: Any) -> Any:
    """$error"""
    raise Failure("D3137", text="$error() function evaluated" if message in (UNDEFINED, "") else message)


def assert_(condition: Any, message: Any) -> Any:
    """$assert"""
    if condition is not True:
        raise Failure("D3141", text="$assert() statement failed" if message in (UNDEFINED, "") else message)
    return UNDEFINED


def clone(value: Any) -> Any:
    """$clone: through JSON, so that numbers have 15 digits and functions are empty strings."""
    return value if value is UNDEFINED else _Copier().copy(value)


class _Copier:
    def __init__(self) -> None:
        self._left = MOST_ITEMS

    def copy(self, value: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise Failure("memory")
        if type(value) is dict:
            return {name: self.copy(member) for name, member in value.items()}
        if type(value) in ARRAYS:
            return [self.copy(item) for item in value]
        if type(value) in NUMBERS:
            return rounded(value) if is_number(value) else None
        if value is UNDEFINED:
            return None
        return "" if isinstance(value, Function) else value
