"""Choice rules, JSONPath's: whether a rule matches a state's input. States Language, "Choice State"."""

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
_BESIDE = frozenset(("Variable", "Comment", "Next", "Assign", "Output"))


def rule_matches(rule: Mapping[str, Json], read: Read, is_present: Callable[[str], bool]) -> bool:
    """Whether a rule, with And, Or and Not in it, matches. Raises PathNotFound for a Variable that is not there."""
    for name, operand in rule.items():
        if name in _BESIDE:
            continue
        if name == "And":
            return all(rule_matches(each, read, is_present) for each in operand)
        if name == "Or":
            return any(rule_matches(each, read, is_present) for each in operand)
        if name == "Not":
            return not rule_matches(operand, read, is_present)
        if name == "IsPresent":
            return is_present(rule["Variable"]) is operand
        return _compares(name, read(rule["Variable"]), operand, read)
    return False


def _compares(name: str, value: Json, operand: Json, read: Read) -> bool:
    if name in _IS:
        return _IS[name](value) is operand
    if name.endswith("Path"):
        name, operand = name.removesuffix("Path"), read(operand)
    if name == "StringMatches":
        return isinstance(value, str) and isinstance(operand, str) and _string_matches(value, operand)
    kind, compare = _COMPARISONS[name]
    left, right = kind(value), kind(operand)
    return left is not None and right is not None and bool(compare(left, right))


def _string_matches(value: str, pattern: str) -> bool:
    r"""Whether a text is as a pattern says: `*` is any run of characters, `\*` and `\\` are themselves."""
    first, *others = _pieces(pattern)
    if not others:
        return value == first
    *middle, last = others
    position, end = len(first), len(value) - len(last)
    if end < position or not value.startswith(first) or not value.endswith(last):
        return False
    for piece in middle:
        found = value.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True


@lru_cache(maxsize=512)
def _pieces(pattern: str) -> tuple[str, ...]:
    """The texts between the stars of a pattern."""
    pieces = [""]
    for part in re.split(r"(\\[*\\]|\*)", pattern):
        if part == "*":
            pieces.append("")
        else:
            pieces[-1] += part[1:] if part in ("\\*", "\\\\") else part
    return tuple(pieces)


def _text(value: Json) -> str | None:
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
_KINDS: dict[str, Callable[[Json], Any]] = {"String": _text, "Numeric": _number, "Timestamp": parse_timestamp}
_COMPARISONS: dict[str, tuple[Callable[[Json], Any], Callable[[Any, Any], bool]]] = {
    **{f"{kind}{name}": (read, compare) for kind, read in _KINDS.items() for name, compare in _OPERATORS.items()},
    "BooleanEquals": (_boolean, is_equal),
}
_IS: dict[str, Callable[[Json], bool]] = {
    "IsNull": lambda value: value is None,
    "IsString": lambda value: isinstance(value, str),
    "IsNumeric": lambda value: _number(value) is not None,
    "IsBoolean": lambda value: isinstance(value, bool),
    "IsTimestamp": lambda value: parse_timestamp(value) is not None,
}
