"""JSONPath Choice rules, matched against a state's input. States Language, "Choice State"."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import is_equal
from workflow_dsl.expressions.timestamps import parse_timestamp

Read = Callable[[str], Json]  # a path -> its value; raises PathNotFound
_NO_OPERATORS = frozenset(("Variable", "Comment", "Next", "Assign", "Output"))


def rule_matches(rule: Mapping[str, Json], read: Read, is_present: Callable[[str], bool]) -> bool:
    """True if a rule matches, including nested And, Or and Not. Raises PathNotFound for a Variable without a value."""
    for name, operand in rule.items():
        if name in _NO_OPERATORS:
            continue
        if name == "And":
            return all(rule_matches(inner, read, is_present) for inner in operand)
        if name == "Or":
            return any(rule_matches(inner, read, is_present) for inner in operand)
        if name == "Not":
            return not rule_matches(operand, read, is_present)
        if name == "IsPresent":
            return is_present(rule["Variable"]) is operand
        return _compare(name, read(rule["Variable"]), operand, read)
    return False


def _compare(name: str, value: Json, operand: Json, read: Read) -> bool:
    if name in _TYPE_TESTS:
        return _TYPE_TESTS[name](value) is operand
    if name.endswith("Path"):
        name, operand = name.removesuffix("Path"), read(operand)
    if name == "StringMatches":
        return isinstance(value, str) and isinstance(operand, str) and _string_matches(value, operand)
    convert, compare = _COMPARISONS[name]
    left, right = convert(value), convert(operand)
    return left is not None and right is not None and bool(compare(left, right))


def _string_matches(value: str, pattern: str) -> bool:
    r"""True if a string matches a pattern: `*` is any run of characters, `\*` and `\\` are literal."""
    first, *others = _pieces(pattern)
    if not others:
        return value == first
    *middle, last = others
    position, end = len(first), len(value) - len(last)
    if end < position or not value.startswith(first) or not value.endswith(last):
        return False
    for piece in middle:
        start = value.find(piece, position, end)
        if start < 0:
            return False
        position = start + len(piece)
    return True


@lru_cache(maxsize=512)
def _pieces(pattern: str) -> tuple[str, ...]:
    """Return the literal parts between the wildcards of a pattern."""
    pieces = [""]
    for part in re.split(r"(\\[*\\]|\*)", pattern):
        if part == "*":
            pieces.append("")
        else:
            pieces[-1] += part[1:] if part in ("\\*", "\\\\") else part
    return tuple(pieces)


def _string(value: Json) -> str | None:
    return value if isinstance(value, str) else None


def _number(value: Json) -> float | None:
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _boolean(value: Json) -> bool | None:
    return value if isinstance(value, bool) else None


_OPERATORS = {
    "Equals": is_equal,
    "LessThan": operator.lt,
    "GreaterThan": operator.gt,
    "LessThanEquals": operator.le,
    "GreaterThanEquals": operator.ge,
}
_CONVERSIONS: dict[str, Callable[[Json], Any]] = {"String": _string, "Numeric": _number, "Timestamp": parse_timestamp}
_COMPARISONS: dict[str, tuple[Callable[[Json], Any], Callable[[Any, Any], bool]]] = {
    **{
        f"{type_}{operator_}": (convert, compare)
        for type_, convert in _CONVERSIONS.items()
        for operator_, compare in _OPERATORS.items()
    },
    "BooleanEquals": (_boolean, is_equal),
}
_TYPE_TESTS: dict[str, Callable[[Json], bool]] = {
    "IsNull": lambda value: value is None,
    "IsString": lambda value: isinstance(value, str),
    "IsNumeric": lambda value: _number(value) is not None,
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: parse_timestamp(value) is not None,
}
