"""The values of JSONata in Python: JSON, the undefined value, and arrays that know where they come from.

JSON's null is None. Numbers are int where they are whole and below 1e21, and float elsewhere.
"""

from __future__ import annotations

import math
from typing import Any, Final, final

from workflow_dsl.expressions.jsonata.errors import Failure


@final
class Undefined:
    """The type of UNDEFINED, the value of an expression that has none."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "UNDEFINED"


UNDEFINED: Final = Undefined()


class Sequence(list[Any]):
    """An array that a path or a function makes: with no item it is undefined, with one it is that item."""

    __slots__ = ()


class KeptSequence(Sequence):
    """A sequence that stays an array with one item: `[]` was written after a step."""

    __slots__ = ()


class Constructed(list[Any]):
    """An array that a step `[...]` of a path makes for each item: it is not flattened."""

    __slots__ = ()


class TupleStream(list[Any]):
    """The items of a path that binds variables: dicts with the item at "@" and the variables by name."""

    __slots__ = ()


ARRAYS: Final = frozenset({list, Sequence, KeptSequence, Constructed, TupleStream})
NUMBERS: Final = frozenset({int, float})
EXACT: Final = 2**53  # whole numbers up to here are themselves in a double


def collapsed(value: Any) -> Any:
    """Return a value, with a sequence of no item as undefined and of one item as that item."""
    kind = type(value)
    if kind is Sequence:
        return value if len(value) > 1 else value[0] if value else UNDEFINED
    return UNDEFINED if kind is KeptSequence and not value else value


def kept(value: Any) -> Any:
    """Return a value; a sequence as one that stays an array."""
    return KeptSequence(value) if type(value) is Sequence else value


def as_number(number: int | float) -> int | float:
    """Return a number as it is after arithmetic in doubles."""
    if type(number) is int:
        if -EXACT <= number <= EXACT:
            return number
        try:
            value = float(number)
        except OverflowError:
            return math.inf if number > 0 else -math.inf
    else:
        value = float(number)
    return int(value) if abs(value) < 1e21 and value.is_integer() else value


def is_number(value: Any) -> bool:
    """True for a number but NaN. Raises D1001 for an infinite one."""
    kind = type(value)
    if kind is int:
        return True
    if kind is not float or math.isnan(value):
        return False
    if math.isinf(value):
        raise Failure("D1001", value=None)
    return True


class Budget:
    """The values that a function may visit in another one: an array can hold the same array many times over."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = 1_000_000

    def take(self) -> None:
        """Visit one value. Raises Failure if that are too many."""
        self.left -= 1
        if self.left < 0:
            raise Failure("time")


def is_true(value: Any, budget: Budget | None = None) -> bool:
    """Return a value as a condition: undefined, null, 0, "", {}, patterns and arrays of only these are false."""
    kind = type(value)
    if kind is bool:
        return bool(value)
    if kind in ARRAYS:
        budget = budget or Budget()
        budget.take()
        return any(is_true(item, budget) for item in value)
    if kind is str or kind is dict:
        return bool(value)
    if kind in NUMBERS:
        return is_number(value) and value != 0
    return bool(getattr(kind, "is_object", False))


def is_equal(one: Any, other: Any, budget: Budget | None = None) -> bool:
    """True if two values are equal: 1 is 1.0, but true is not 1; functions are equal to themselves."""
    if one is other:
        return not (type(one) is float and math.isnan(one))
    kind, other_kind = type(one), type(other)
    if kind in NUMBERS:
        return other_kind in NUMBERS and bool(one == other)
    if kind is str:
        return other_kind is str and bool(one == other)
    budget = budget or Budget()
    budget.take()
    if kind in ARRAYS:
        return (
            other_kind in ARRAYS
            and len(one) == len(other)
            and all(is_equal(item, against, budget) for item, against in zip(one, other, strict=True))
        )
    if kind is dict and other_kind is dict:
        return one.keys() == other.keys() and all(is_equal(value, other[name], budget) for name, value in one.items())
    return False


def look_up(value: Any, name: str, budget: Budget | None = None) -> Any:
    """Return the value of a field: of an object, or of all objects in an array."""
    if type(value) is dict:
        return value.get(name, UNDEFINED)
    if type(value) not in ARRAYS:
        return UNDEFINED
    budget = budget or Budget()
    budget.take()
    result = Sequence()
    for item in value:
        found = look_up(item, name, budget)
        if type(found) in ARRAYS:
            result += found
        elif found is not UNDEFINED:
            result.append(found)
    return result


def is_same(one: Any, other: Any) -> bool:
    """True if two values are the same in the sense of `in`: equal strings or numbers, or one and the same object."""
    kind = type(one)
    if kind is str or kind in NUMBERS:
        return (type(other) is str if kind is str else type(other) in NUMBERS) and bool(one == other)
    return one is other


def code_units(text: str) -> bytes:
    """Return a key by which strings are ordered, as in JavaScript: by UTF-16 units, not by characters."""
    return text.encode("utf-16-be", "surrogatepass")


def is_less(one: Any, other: Any) -> bool:
    """True if one string, or number, comes before another."""
    if type(one) is str and not (one.isascii() and other.isascii()):
        return code_units(one) < code_units(other)
    return bool(one < other)
