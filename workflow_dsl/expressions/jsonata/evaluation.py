"""The value of an expression as the service has it: JSON, within the limits of time, memory and depth.

Time and random numbers come from the execution, so that it can be repeated.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from random import Random
from typing import Any, Final

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.jsonata.compiling.compiler import compile_tree
from workflow_dsl.expressions.jsonata.errors import Failure
from workflow_dsl.expressions.jsonata.functions import Code
from workflow_dsl.expressions.jsonata.library import functions
from workflow_dsl.expressions.jsonata.limits import MOST_CONTAINERS, Run
from workflow_dsl.expressions.jsonata.parsing import parse_jsonata
from workflow_dsl.expressions.jsonata.values import ARRAYS, UNDEFINED
from workflow_dsl.expressions.problems import EvaluationProblem, LimitExceeded, SyntaxProblem

__all__ = ["FUNCTION", "UNDEFINED", "evaluate_jsonata"]
FUNCTION: Final = object()


def evaluate_jsonata(
    expression: str, variables: Mapping[str, Json], *, now: Callable[[], datetime], random: Random
) -> Json:
    """Return the value of an expression: JSON, UNDEFINED if it has none, FUNCTION if a function is in it.

    `variables` are bound by name, `states` among them. Raises SyntaxProblem, EvaluationProblem with JSONata's own code
    and message, and LimitExceeded.
    """
    code, extra = _compiled(expression, frozenset(variables.keys() & functions().keys()))
    run = Run(variables, now, random)
    try:
        return _Output().json(code(UNDEFINED, [None, run, *extra]))
    except Failure as failure:
        raise (LimitExceeded if failure.is_limit else EvaluationProblem)(str(failure)) from None
    except RecursionError:
        raise LimitExceeded(str(Failure("stack"))) from None
    except MemoryError:
        raise LimitExceeded(str(Failure("memory"))) from None
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as problem:
        # A partial application passes its arguments on unchecked, as in the reference.
        raise EvaluationProblem(f"an argument has the wrong type: {problem}") from None
    except _HasFunction:
        return FUNCTION


@lru_cache(maxsize=2048)
def _compiled(expression: str, hidden: frozenset[str]) -> tuple[Code, tuple[Any, ...]]:
    """Return the code of an expression; variables hide functions of the library that have their names."""
    library = {name: function for name, function in functions().items() if name not in hidden}
    try:
        return compile_tree(parse_jsonata(expression), library)
    except RecursionError:
        raise SyntaxProblem("the expression is nested too deeply") from None


class _HasFunction(Exception):
    """There is a function in the value."""


class _Output:
    """The value as JSON: whole numbers are integers, infinite ones are strings, as the service writes them."""

    def __init__(self) -> None:
        self._left = MOST_CONTAINERS

    def json(self, value: Any) -> Json:
        kind = type(value)
        if kind is str or kind is int or kind is bool or value is None:
            return value
        if kind is float:
            return _finite(value)
        if value is UNDEFINED:
            return value
        if kind is dict:
            return self._object(value)
        if kind in ARRAYS:
            return self._array(value)
        raise _HasFunction

    def _object(self, value: dict[str, Any]) -> Json:
        self._count()
        return {
            name: member if type(member) is str else self.json(member)
            for name, member in value.items()
            if member is not UNDEFINED
        }

    def _array(self, value: list[Any]) -> Json:
        self._count()
        return [item if type(item) is str else None if item is UNDEFINED else self.json(item) for item in value]

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise Failure("memory")


def _finite(number: float) -> Json:
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "Infinity" if number > 0 else "-Infinity"
    return int(number) if abs(number) < 1e21 and number.is_integer() else number
