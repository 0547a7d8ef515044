"""Choice rules in JSONPath: the values of a shape that match a rule, and those that do not.

States Language, "Choice State". Each result is an upper bound: what it leaves out cannot match, or always does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from operator import is_

from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys
from workflow_dsl.records import Record
from workflow_dsl.shapes.reading import reference_steps, refined, without
from workflow_dsl.shapes.shape import (
    BOOLEAN,
    NULL,
    NUMBER,
    STRING,
    UNKNOWN,
    Kind,
    Part,
    Scalar,
    Shape,
    joined,
    one_of,
    scalar,
    shape_of,
)

_MOST_EXCLUDED = 1_000  # values that one scalar excludes; further ones stay possible
Keep = Callable[[Shape], Shape]
Look = Callable[[Mapping[str, Json], Shape, Keys], None]


def split(shape: Shape, rule: Json, look: Look, keys: Keys = ()) -> tuple[Shape, Shape]:
    """Return the values of a state's input that match a Choice rule, and those that do not.

    `look` gets each comparison in the rule, the values that it compares, and its keys, in the order of evaluation.
    """
    if not isinstance(rule, dict) or shape.parts == ():
        return shape, shape
    for name in ("And", "Or"):
        if isinstance(rule.get(name), list):
            return _split_rules(shape, name, rule[name], look, keys)
    if "Not" in rule:
        matched, others = split(shape, rule["Not"], look, (*keys, "Not"))
        return others, matched
    look(rule, shape, keys)
    return _compared(shape, rule)


def _split_rules(shape: Shape, name: str, rules: list[Json], look: Look, keys: Keys) -> tuple[Shape, Shape]:
    """The values for which all rules of an And match, one after the other, and those that one leaves out; so for Or."""
    is_all = name == "And"
    left, decided = shape, []
    for index, rule in enumerate(rules):
        matched, others = split(left, rule, look, (*keys, name, index))
        left, out = (matched, others) if is_all else (others, matched)
        decided.append(out)
    return (left, joined(decided)) if is_all else (joined(decided), left)


def _compared(shape: Shape, rule: Mapping[str, Json]) -> tuple[Shape, Shape]:
    steps = reference_steps(rule.get("Variable"))
    if steps is None:
        return shape, shape
    operator = _operator(rule)
    operand = rule.get(operator)
    counts = operator == "IsPresent" or operator in _EQUALS or operator in _KINDS
    return _split_by(shape, steps, operator, operand if counts and not isinstance(operand, (dict, list)) else None)


@lru_cache(maxsize=8192, typed=True)
def _split_by(
    shape: Shape, steps: tuple[str | int, ...], operator: str, operand: str | float | bool | None
) -> tuple[Shape, Shape]:
    """The values for which a comparison of the one at a path is true, and the others."""
    if operator == "IsPresent":
        present, absent = refined(shape, steps, lambda value: value), without(shape, steps)
        return (present, absent) if operand is True else (absent, present)
    keeps = _keeps(operator, operand)
    if keeps is None:
        return shape, shape
    matched = refined(shape, steps, keeps.of_match)
    if shape.parts is None and keeps.of_others(shape) is UNKNOWN:
        return matched, shape  # no news of an unknown value
    return matched, refined(shape, steps, keeps.of_others)


def _operator(rule: Mapping[str, Json]) -> str:
    for name in rule:
        if name not in _BESIDE:
            return name
    return ""


_BESIDE = ("Variable", "Comment", "Next", "Assign", "Output")


_KINDS: Mapping[str, Shape] = {"IsNull": NULL, "IsString": STRING, "IsNumeric": NUMBER, "IsBoolean": BOOLEAN}
_EQUALS: Mapping[str, Kind] = {"StringEquals": "string", "NumericEquals": "number", "BooleanEquals": "boolean"}
_COMPARED: tuple[tuple[str, Shape], ...] = (
    ("String", STRING),
    ("Numeric", NUMBER),
    ("Timestamp", STRING),
    ("Boolean", BOOLEAN),
)


class _Keeps(Record):
    """The functions that keep the values for which a comparison is true, and those for which it is false."""

    of_match: Keep
    of_others: Keep


@lru_cache(maxsize=1024, typed=True)
def _keeps(operator: str, operand: str | float | bool | None) -> _Keeps | None:
    """The values that a comparison keeps; None if nothing is known of it."""
    if operator in _KINDS:
        of_kind = _equal_to(_KINDS[operator])
        return of_kind if operand is True else _Keeps(of_kind.of_others, of_kind.of_match)
    kind = compared_kind(operator)
    if kind is None:
        return None
    value = _EQUALS.get(operator)
    if value and operand is not None and not (isinstance(operand, str) and "${" in operand):
        return _equal_to(one_of(value, [operand]))
    # Another comparison leaves out the values of other kinds if it matches, and nothing if it does not.
    return _Keeps(lambda shape: common(shape, kind), lambda shape: shape)


def _equal_to(wanted: Shape) -> _Keeps:
    return _Keeps(lambda shape: common(shape, wanted), lambda shape: less(shape, wanted))


@lru_cache(maxsize=256)
def compared_kind(operator: str) -> Shape | None:
    """Return the kind of values that a comparison such as NumericLessThan can match; None for any other operator."""
    return next((shape for name, shape in _COMPARED if operator.startswith(name)), None)


def common(shape: Shape, wanted: Shape) -> Shape:
    """Return the values of a shape that are also in another, which has scalars only."""
    if shape.parts is None:
        return wanted
    parts = [
        both
        for part in shape.parts
        for other in wanted.parts or ()
        if isinstance(part, Scalar) and isinstance(other, Scalar) and (both := _common(part, other)) is not None
    ]
    return shape if _is_same(parts, shape) else shape_of(tuple(parts))


def _is_same(parts: Sequence[Part], shape: Shape) -> bool:
    """True if nothing was taken from a shape, so that it can stay the same object, which is fast to compare."""
    others = shape.parts or ()
    return len(parts) == len(others) and all(map(is_, parts, others))


def _common(one: Scalar, other: Scalar) -> Scalar | None:
    if one.kind != other.kind:
        return None
    if other.is_excluding and not other.values:  # any value of the kind
        return one
    if one.is_excluding and other.is_excluding:
        return scalar(one.kind, one.values | other.values, True, one.is_whole)
    if one.is_excluding or other.is_excluding:
        excluding, including = (one, other) if one.is_excluding else (other, one)
        values = including.values - excluding.values
    else:
        values = one.values & other.values
        if len(values) == len(one.values):
            return one
    return scalar(one.kind, values) if values else None


def less(shape: Shape, unwanted: Shape) -> Shape:
    """Return the values of a shape that are not in another, which has scalars only."""
    if shape.parts is None:
        return UNKNOWN
    left = [*shape.parts]
    for other in unwanted.parts or ():
        before, left = left, []
        for part in before:
            left += _less(part, other)
    return shape if _is_same(left, shape) else shape_of(tuple(left))


def _less(part: Part, other: Part) -> list[Part]:
    if not isinstance(part, Scalar) or not isinstance(other, Scalar) or part.kind != other.kind:
        return [part]
    if other.is_excluding and not other.values:
        return []
    if other.is_excluding:
        return [part]
    if part.is_excluding:
        is_full = len(part.values) >= _MOST_EXCLUDED
        values = part.values | other.values
        return [part if is_full else scalar(part.kind, values, True, part.is_whole, part.usual)]
    values = part.values - other.values
    if len(values) == len(part.values):
        return [part]
    return [scalar(part.kind, values)] if values else []
