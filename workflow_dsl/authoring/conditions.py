"""Choice rules as Python: `var("$.price") <= 50`, `&`, `|`, `~`, `.is_present()`.

A comparison returns a rule for `Choice.add_choice`, and can be combined with rules of the SDK's ChoiceRule. The type of
the value selects the comparison operator: a number, a string, true or false, or a datetime with a time zone (States
Language, "Choice Rules").
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import datetime
from typing import Any, Literal, NoReturn

from workflow_dsl.authoring import sdk
from workflow_dsl.authoring.values import FORMAT, timestamp
from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.jsonpath import parse_path
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.expressions.timestamps import parse_timestamp

Kind = Literal["number", "text", "time", "boolean"]
_OPERATORS: dict[Kind, str] = {"number": "Numeric", "text": "String", "time": "Timestamp", "boolean": "Boolean"}
_Constant = bool | int | float | str | datetime


class Condition(sdk.BaseRule):
    """A Choice rule. Combine conditions with `&` and `|`, and negate one with `~`."""

    def __init__(self, rule: dict[str, Json]) -> None:
        self._rule = rule

    def to_dict(self) -> dict[str, Json]:
        """Return the Choice rule, without its Next."""
        return dict(sdk.copy_containers(self._rule))

    def __repr__(self) -> str:
        return f"Condition({self._rule!r})"

    def __and__(self, other: object) -> Condition:
        return Condition({"And": [*_operands(self, "And"), *_operands(other, "And")]})

    def __rand__(self, other: object) -> Condition:
        return Condition({"And": [*_operands(other, "And"), *_operands(self, "And")]})

    def __or__(self, other: object) -> Condition:
        return Condition({"Or": [*_operands(self, "Or"), *_operands(other, "Or")]})

    def __ror__(self, other: object) -> Condition:
        return Condition({"Or": [*_operands(other, "Or"), *_operands(self, "Or")]})

    def __invert__(self) -> Condition:
        return Condition({"Not": self._rule})

    def __bool__(self) -> bool:
        raise sdk.mistake(
            "a condition is neither true nor false in Python",
            "write & for and, | for or, ~ for not, and (1 < x) & (x < 5) for 1 < x < 5",
        )


_PARENTHESES = 'put each comparison in parentheses: (var("$.a") > 1) & (var("$.b") < 2)'


def _operands(rule: object, operator: str) -> list[Json]:
    """A rule, or the operands of a rule that has this operator already."""
    if isinstance(rule, Variable):
        remedy = f"compare it, or write {rule!r}.is_true() or {rule!r}.is_present()"
        raise sdk.mistake(f"{rule!r} is not a condition", remedy)
    if not isinstance(rule, sdk.BaseRule):
        raise sdk.mistake(f"{rule!r} is not a condition", _PARENTHESES)
    document: dict[str, Json] = rule.to_dict()
    return list(document[operator]) if list(document) == [operator] else [document]


def var(path: str, kind: Kind | None = None) -> Variable:
    """A value of the state's input, of the context object (`$$.`) or a variable (`$name`), for a comparison.

    `kind` is its type, which is needed only to compare it with another `var`.
    """
    if not isinstance(path, str) or not path.startswith("$"):
        raise sdk.mistake(f"var() is called with {path!r}, which is not a path", 'write a path: var("$.price")')
    try:
        parse_path(path)
    except SyntaxProblem as problem:
        raise sdk.mistake(f"var(): {problem}", 'write it as var("$.price")') from None
    if kind is not None and kind not in _OPERATORS:
        raise sdk.mistake(f"var() is called with the kind {kind!r}", f"write one of {', '.join(_OPERATORS)}")
    return Variable(path, kind)


class Variable:
    """A value that a Choice compares. A comparison returns a Condition, not a boolean."""

    __slots__ = ("_kind", "_path")
    __hash__ = None  # type: ignore[assignment]  # == returns a Condition, so it cannot be a key

    def __init__(self, path: str, kind: Kind | None) -> None:
        self._path, self._kind = path, kind

    def __repr__(self) -> str:
        return f'var("{self._path}")'

    def __str__(self) -> str:
        raise sdk.runtime_value_error(repr(self), FORMAT, "was turned into a string")

    def __lt__(self, other: object) -> Condition:
        return self._comparison("LessThan", other)

    def __le__(self, other: object) -> Condition:
        return self._comparison("LessThanEquals", other)

    def __gt__(self, other: object) -> Condition:
        return self._comparison("GreaterThan", other)

    def __ge__(self, other: object) -> Condition:
        return self._comparison("GreaterThanEquals", other)

    def __eq__(self, other: object) -> Condition:  # type: ignore[override]  # it builds a rule
        return self._comparison("Equals", other)

    def __ne__(self, other: object) -> Condition:  # type: ignore[override]
        return ~self._comparison("Equals", other)

    def matches(self, pattern: str) -> Condition:
        """True if it is a string that matches this pattern; `*` matches any characters, `\\*` a star."""
        if not isinstance(pattern, str):
            raise sdk.mistake(f"matches() is called with {pattern!r}", 'write a string: .matches("a*")')
        return Condition({"Variable": self._path, "StringMatches": pattern})

    def is_in(self, values: Iterable[_Constant]) -> Condition:
        """True if it equals one of these values."""
        if isinstance(values, (str, bytes, Set)) or not isinstance(values, Iterable):
            raise sdk.mistake(f"is_in() is called with {values!r}", "pass a list of values, which has an order")
        rules = [self._comparison("Equals", value).to_dict() for value in values]
        if not rules:
            raise sdk.mistake("is_in() is called without a value", "pass at least one value")
        return Condition({"Or": rules} if len(rules) > 1 else rules[0])

    def is_present(self) -> Condition:
        """True if the path selects a value."""
        return self._is("IsPresent")

    def is_true(self) -> Condition:
        """True if it is the boolean true; the same as `== True`, which linters refuse."""
        return self._comparison("Equals", True)

    def is_false(self) -> Condition:
        """True if it is the boolean false; the same as `== False`, which linters refuse."""
        return self._comparison("Equals", False)

    def is_null(self) -> Condition:
        """True if it is null."""
        return self._is("IsNull")

    def is_number(self) -> Condition:
        """True if it is a number."""
        return self._is("IsNumeric")

    def is_text(self) -> Condition:
        """True if it is a string."""
        return self._is("IsString")

    def is_boolean(self) -> Condition:
        """True if it is true or false."""
        return self._is("IsBoolean")

    def is_time(self) -> Condition:
        """True if it is a string with a time in the format of RFC 3339."""
        return self._is("IsTimestamp")

    def _is(self, operator: str) -> Condition:
        return Condition({"Variable": self._path, operator: True})

    def _comparison(self, operator: str, other: object) -> Condition:
        if isinstance(other, Variable):
            kind = self._kind or other._kind
            if kind and other._kind not in (None, kind):
                message = f"{self!r} is a {kind}, and is compared with a {other._kind}"
                raise sdk.mistake(message, "compare values of one kind")
            if kind is None:
                remedy = f'add the kind: var("{self._path}", "number"), or "text", "time", "boolean"'
                raise sdk.mistake(f"{self!r} and {other!r} are compared, but their kind is unknown", remedy)
            return self._rule(kind, f"{operator}Path", other._path)
        kind, value = _constant(self, other)
        if self._kind not in (None, kind):
            message = f"{self!r} is a {self._kind}, and is compared with {other!r}"
            raise sdk.mistake(message, "change the kind or the value")
        return self._rule(kind, operator, value)

    def _rule(self, kind: Kind, operator: str, value: Json) -> Condition:
        if kind == "boolean" and not operator.startswith("Equals"):
            raise sdk.mistake(f"{self!r} is ordered against true or false", "write .is_true() or .is_false()")
        return Condition({"Variable": self._path, f"{_OPERATORS[kind]}{operator}": value})

    def _refuse_runtime_value(self, other: object) -> NoReturn:
        raise sdk.runtime_value_error(repr(self), _PARENTHESES, "is used with & or | and no comparison")

    __and__ = __rand__ = __or__ = __ror__ = _refuse_runtime_value

    def __invert__(self) -> NoReturn:
        remedy = f"write {self!r}.is_false(), or ~{self!r}.is_present()"
        raise sdk.mistake(f"{self!r} is not a condition", remedy)

    def __bool__(self) -> bool:
        raise sdk.runtime_value_error(repr(self), "write .is_true() or .is_present()", "is used as a Python condition")


def _constant(variable: Variable, value: Any) -> tuple[Kind, Json]:
    """The kind of a value, and the value in JSON."""
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, (int, float)):
        return "number", value
    if isinstance(value, datetime):
        return "time", timestamp(value, f"{variable!r} is compared with")
    if isinstance(value, str) and variable._kind == "time" and parse_timestamp(value) is None:
        message = f"{variable!r} is compared with {value!r}, which is not a time"
        raise sdk.mistake(message, 'write "2026-01-31T12:00:00Z", or a datetime')
    if isinstance(value, str):
        return ("time" if variable._kind == "time" else "text"), value
    if value is None:
        remedy = f"write {variable!r}.is_null(), or ~{variable!r}.is_present()"
        raise sdk.mistake(f"{variable!r} is compared with None", remedy)
    remedy = "compare it with a number, a string, a bool, a datetime or a var"
    raise sdk.mistake(f"{variable!r} is compared with {value!r}", remedy)
