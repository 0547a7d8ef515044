"""Choice rules in JSONPath: the values of a shape that match a rule, and those that do not.

States Language, "Choice State". Each result is an upper bound: what it leaves out cannot match, or always does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.jsonpath import Path, parse_path
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.shapes.reading import refined, without
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
)

Keep = Callable[[Shape], Shape]


def matching(shape: Shape, rule: Mapping[str, Json]) -> Shape:
    """Return the values of a state's input that match a Choice rule."""
    return _matching(shape, rule, is_match=True)


def not_matching(shape: Shape, rule: Mapping[str, Json]) -> Shape:
    """Return the values of a state's input that do not match a Choice rule."""
    return _matching(shape, rule, is_match=False)


def _matching(shape: Shape, rule: Json, *, is_match: bool) -> Shape:
    if not isinstance(rule, dict) or shape.parts == ():
        return shape
    for name in ("And", "Or"):
        if isinstance(rule.get(name), list):
            return _joined_rules(shape, rule[name], is_match=is_match, is_all=(name == "And") is is_match)
    if "Not" in rule:
        return _matching(shape, rule["Not"], is_match=not is_match)
    path = _variable(rule)
    operator = next((name for name in rule if name not in _BESIDE), "")
    if path is None or path.steps is None or path.root != "$":
        return shape
    operand = rule.get(operator)
    if operator == "IsPresent":
        is_present = (operand is True) is is_match
        return refined(shape, path.steps, lambda value: value) if is_present else without(shape, path.steps)
    keep = _keep(operator, operand, is_match=is_match)
    return refined(shape, path.steps, keep) if keep else shape


_BESIDE = ("Variable", "Comment", "Next", "Assign", "Output")


def _joined_rules(shape: Shape, rules: list[Json], *, is_match: bool, is_all: bool) -> Shape:
    """The values for which all rules have a result, one after the other, or any has it and those before it do not."""
    if is_all:
        return reduce(lambda left, rule: _matching(left, rule, is_match=is_match), rules, shape)
    found, left = [], shape
    for rule in rules:
        found.append(_matching(left, rule, is_match=is_match))
        left = _matching(left, rule, is_match=not is_match)
    return joined(found)


def _variable(rule: Mapping[str, Json]) -> Path | None:
    variable = rule.get("Variable")
    if not isinstance(variable, str) or "${" in variable:
        return None
    try:
        return parse_path(variable)
    except SyntaxProblem:
        return None


_KINDS: Mapping[str, Shape] = {"IsNull": NULL, "IsString": STRING, "IsNumeric": NUMBER, "IsBoolean": BOOLEAN}
_EQUALS: Mapping[str, Kind] = {"StringEquals": "string", "NumericEquals": "number", "BooleanEquals": "boolean"}
_COMPARED: tuple[tuple[str, Shape], ...] = (
    ("String", STRING),
    ("Numeric", NUMBER),
    ("Timestamp", STRING),
    ("Boolean", BOOLEAN),
)


def _keep(operator: str, operand: Json, *, is_match: bool) -> Keep | None:
    """The function that keeps the values for which a comparison has a result; None if nothing is known of it."""
    if operator in _KINDS:
        return _kept_kind(_KINDS[operator], is_kind=(operand is True) is is_match)
    kind = compared_kind(operator)
    if kind is None:
        return None
    value = _EQUALS.get(operator)
    if value and not isinstance(operand, (list, dict)) and not (isinstance(operand, str) and "${" in operand):
        wanted = one_of(value, [operand])
        return (lambda shape: common(shape, wanted)) if is_match else (lambda shape: less(shape, wanted))
    # Another comparison leaves out the values of other kinds if it matches, and nothing if it does not.
    return (lambda shape: common(shape, kind)) if is_match else (lambda shape: shape)


def compared_kind(operator: str) -> Shape | None:
    """Return the kind of values that a comparison such as NumericLessThan can match; None for any other operator."""
    return next((shape for name, shape in _COMPARED if operator.startswith(name)), None)


def _kept_kind(kind: Shape, *, is_kind: bool) -> Keep:
    return (lambda shape: common(shape, kind)) if is_kind else (lambda shape: less(shape, kind))


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
    return shape if _is_same(parts, shape) else Shape(tuple(parts), shape.depth)


def _is_same(parts: Sequence[Part], shape: Shape) -> bool:
    """True if nothing was taken from a shape, so that it can stay the same object, which is fast to compare."""
    others = shape.parts or ()
    return len(parts) == len(others) and all(part is other for part, other in zip(parts, others, strict=True))


def _common(one: Scalar, other: Scalar) -> Scalar | None:
    if one.kind != other.kind:
        return None
    if other.is_excluding and not other.values:  # any value of the kind
        return one
    if one.is_excluding and other.is_excluding:
        return Scalar(one.kind, one.values | other.values, True, one.is_whole)
    if one.is_excluding or other.is_excluding:
        excluding, including = (one, other) if one.is_excluding else (other, one)
        values = including.values - excluding.values
    else:
        values = one.values & other.values
    return Scalar(one.kind, values, False) if values else None


def less(shape: Shape, unwanted: Shape) -> Shape:
    """Return the values of a shape that are not in another, which has scalars only."""
    if shape.parts is None:
        return UNKNOWN
    left = list(shape.parts)
    for other in unwanted.parts or ():
        left = [part for each in left for part in _less(each, other)]
    return shape if _is_same(left, shape) else Shape(tuple(left), shape.depth)


def _less(part: Part, other: Part) -> list[Part]:
    if not isinstance(part, Scalar) or not isinstance(other, Scalar) or part.kind != other.kind:
        return [part]
    if other.is_excluding and not other.values:
        return []
    if other.is_excluding:
        return [part]
    if part.is_excluding:
        return [Scalar(part.kind, part.values | other.values, True, part.is_whole)]
    values = part.values - other.values
    return [Scalar(part.kind, values, False)] if values else []
