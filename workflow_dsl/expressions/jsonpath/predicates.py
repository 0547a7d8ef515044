"""Filters as functions from an item to true or false."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.jsonpath.comparison import OF_LISTS, OPERATORS, UNDEFINED
from workflow_dsl.expressions.jsonpath.nodes import (
    AllOf,
    AnyOf,
    Comparison,
    Exists,
    Expression,
    Literal,
    Not,
    Operand,
    PathStep,
    Pattern,
    keys_of,
)
from workflow_dsl.expressions.problems import EvaluationProblem, PathNotFound, SyntaxProblem

MOST_VALUES = 1_000_000
REGEX_SECONDS = 1.0


class Visit:
    """One evaluation of a path: its document, and what it may still spend."""

    __slots__ = ("document", "regex_seconds", "values")

    def __init__(self, document: Json) -> None:
        self.document, self.values, self.regex_seconds = document, MOST_VALUES, REGEX_SECONDS

    def spend(self, values: int) -> None:
        """Count values that were looked at. Raises EvaluationProblem when they are too many."""
        self.values -= values
        if self.values < 0:
            raise EvaluationProblem(f"it looks at more than {MOST_VALUES:,} values")


Predicate = Callable[[Any, Visit], bool]
Read = Callable[[Any, Visit], Any]


def predicate_of(expression: Expression, query: Callable[[str, tuple[PathStep, ...]], Any]) -> Predicate:
    """Return the function of a filter's expression; `query` makes one of an indefinite path. Raises SyntaxProblem."""
    if isinstance(expression, Not):
        inner = predicate_of(expression.inner, query)
        return lambda item, visit: not inner(item, visit)
    if isinstance(expression, (AllOf, AnyOf)):
        parts = [predicate_of(part, query) for part in expression.parts]
        if isinstance(expression, AllOf):
            return lambda item, visit: all(part(item, visit) for part in parts)
        return lambda item, visit: any(part(item, visit) for part in parts)
    if isinstance(expression, Exists):
        return _exists(expression.operand, query)
    return _comparison(expression, query)


def is_later_syntax(expression: Expression) -> bool:
    """True for a filter that Jayway 2.0 refuses and a later version reads."""
    if isinstance(expression, Not):
        return not isinstance(expression.inner, Exists)
    if isinstance(expression, (AllOf, AnyOf)):
        return any(map(is_later_syntax, expression.parts))
    return isinstance(expression, Comparison) and expression.operator not in _FIRST_OPERATORS


_FIRST_OPERATORS = ("==", "!=", "<", "<=", ">", ">=", "=~")


def _exists(operand: Operand, query: Callable[[str, tuple[PathStep, ...]], Any]) -> Predicate:
    # Jayway asks the item, also for a path that begins with $.
    read, is_definite = _reader(Operand(True, operand.steps), query), keys_of(operand.steps) is not None
    if is_definite:
        return lambda item, visit: read(item, visit) is not UNDEFINED
    return lambda item, visit: read(item, visit) not in (UNDEFINED, [])


def _comparison(comparison: Comparison, query: Callable[[str, tuple[PathStep, ...]], Any]) -> Predicate:
    left, right = comparison.left, comparison.right
    if comparison.operator == "=~":
        if isinstance(left, Pattern) is isinstance(right, Pattern):
            return lambda item, visit: False
        pattern, other = (left, right) if isinstance(left, Pattern) else (right, left)
        return _matching(pattern, _reader(other, query))
    holds = OPERATORS[comparison.operator]
    read_left, read_right = _reader(left, query), _reader(right, query)
    if comparison.operator in OF_LISTS:
        return lambda item, visit: _holds_in_time(holds, read_left(item, visit), read_right(item, visit), visit)
    return lambda item, visit: holds(read_left(item, visit), read_right(item, visit))


def _holds_in_time(holds: Callable[[Any, Any], bool], left: Any, right: Any, visit: Visit) -> bool:
    """Compare lists, whose items are compared with each other."""
    visit.spend(math.prod(len(value) for value in (left, right) if isinstance(value, list)))
    return holds(left, right)


def _reader(operand: Literal | Pattern | Operand, query: Callable[[str, tuple[PathStep, ...]], Any]) -> Read:
    if isinstance(operand, Literal):
        value = operand.value
        return lambda item, visit: value
    if isinstance(operand, Pattern):
        return lambda item, visit: UNDEFINED
    keys = keys_of(operand.steps)
    find = _definite(keys) if keys is not None else _indefinite(query("@", operand.steps))
    return find if operand.is_relative else lambda item, visit: find(visit.document, visit)


def _definite(keys: tuple[str | int, ...]) -> Read:
    def read(value: Any, _: Visit) -> Any:
        for key in keys:
            if isinstance(value, dict):
                value = value.get(key, UNDEFINED)
            elif isinstance(value, list) and isinstance(key, int) and -len(value) <= key < len(value):
                value = value[key]
            else:
                return UNDEFINED
        return value

    return read


def _indefinite(query: Any) -> Read:
    def read(value: Any, visit: Visit) -> Any:
        try:
            return query.find(value, visit)
        except PathNotFound:
            return UNDEFINED

    return read


def _matching(pattern: Any, read: Read) -> Predicate:
    import regex  # lazy import: 30 ms; unlike re, it stops after a given time

    try:
        compiled = regex.compile(pattern.text, _flags(pattern.flags))
    except (regex.error, RecursionError, OverflowError) as problem:
        raise SyntaxProblem(f"the pattern /{pattern.text}/ is not a regular expression: {problem}") from None

    def matches(item: Any, visit: Visit) -> bool:
        value = read(item, visit)
        texts = map(_text, value) if isinstance(value, list) else (_text(value),)
        return any(_fullmatch(compiled, text, visit) for text in texts)

    return matches


def _flags(letters: str) -> int:
    import regex

    known = {"i": regex.IGNORECASE, "m": regex.MULTILINE, "s": regex.DOTALL, "x": regex.VERBOSE}
    flags = 0
    for letter in letters:
        flags |= known.get(letter, 0)
    return flags


def _fullmatch(pattern: Any, text: str, visit: Visit) -> bool:
    began = time.perf_counter()
    try:
        return pattern.fullmatch(text, timeout=max(visit.regex_seconds, 0.001)) is not None
    finally:
        visit.regex_seconds -= time.perf_counter() - began


def _text(value: Any) -> str:
    """Return what a pattern is matched with: numbers as text, nothing for null, arrays and objects."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, (str, int, float)) else ""
