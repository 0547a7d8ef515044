"""Choice rules as Python: `var("$.price") <= 50`, `&`, `|`, `~`, `.is_present()`.

A comparison gives a rule of the SDK, to be given to `Choice.add_choice`; rules of the SDK's own ChoiceRule can stand
beside it. Which of the States Language's comparisons it is follows from the value: a number, a text, true or false, or
a datetime with its zone (States Language, "Choice Rules").
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from datetime import datetime
from typing import Any, Literal, NoReturn

from workflow_dsl.authoring import sdk
from workflow_dsl.authoring.values import timestamp
from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.jsonpath import parse_path
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.expressions.timestamps import parse_timestamp

Kind = Literal["number", "text", "time", "boolean"]
_OPERATORS: dict[Kind, str] = {"number": "Numeric", "text": "String", "time": "Timestamp", "boolean": "Boolean"}
_Constant = bool | int | float | str | datetime


class Condition(sdk.BaseRule):
    """When a way of a Choice is taken. Conditions are joined by `&` and `|`, and turned round by `~`."""

    def __init__(self, rule: dict[str, Json]) -> None:
        self._rule = rule

    def to_dict(self) -> dict[str, Json]:
        """The Choice rule, without its Next."""
        return dict(sdk.own_copy(self._rule))

    def __repr__(self) -> str:
        return f"Condition({self._rule!r})"

    def __and__(self, other: object) -> Condition:
        return Condition({"And": [*_parts(self, "And"), *_parts(other, "And")]})

    def __rand__(self, other: object) -> Condition:
        return Condition({"And": [*_parts(other, "And"), *_parts(self, "And")]})

    def __or__(self, other: object) -> Condition:
        return Condition({"Or": [*_parts(self, "Or"), *_parts(other, "Or")]})

    def __ror__(self, other: object) -> Condition:
        return Condition({"Or": [*_parts(other, "Or"), *_parts(self, "Or")]})

    def __invert__(self) -> Condition:
        return Condition({"Not": self._rule})

    def __bool__(self) -> bool:
        raise sdk.mistake(
            "a condition is neither true nor false before it runs",
            "write & for and, | for or, ~ for not, and (1 < x) & (x < 5) for 1 < x < 5",
        )


def _parts(rule: object, joined: str) -> list[Json]:
    """A rule, or those that are joined in it in the same way already."""
    if isinstance(rule, Variable):
        raise sdk.mistake(
            f"{rule!r} is no condition by itself", f"compare it: {rule!r} == True, or {rule!r}.is_present()"
        )
    if not isinstance(rule, sdk.BaseRule):
        remedy = 'put each comparison in parentheses: (var("$.a") > 1) & (var("$.b") < 2)'
        raise sdk.mistake(f"{rule!r} is no condition", remedy)
    document: dict[str, Json] = rule.to_dict()
    return list(document[joined]) if list(document) == [joined] else [document]


def var(path: str, kind: Kind | None = None) -> Variable:
    """A value of the state's input, of the context (`$$.`) or a variable (`$name`), to be compared.

    `kind` says what it is, which only comparing it with another `var` needs.
    """
    if not isinstance(path, str) or not path.startswith("$"):
        raise sdk.mistake(f"var() is given {path!r}, which is no path", 'begin it with $: var("$.price")')
    try:
        parse_path(path)
    except SyntaxProblem as problem:
        raise sdk.mistake(f"var(): {problem}", 'write it as var("$.price")') from None
    if kind is not None and kind not in _OPERATORS:
        raise sdk.mistake(f"var() is given the kind {kind!r}", f"write one of {', '.join(_OPERATORS)}")
    return Variable(path, kind)


class Variable:
    """What a Choice looks at. Comparing it gives a Condition; it has no value of its own."""

    __slots__ = ("_kind", "_path")
    __hash__ = None  # type: ignore[assignment]  # == gives a Condition, so that it can be no key

    def __init__(self, path: str, kind: Kind | None) -> None:
        self._path, self._kind = path, kind

    def __repr__(self) -> str:
        return f'var("{self._path}")'

    def __str__(self) -> str:
        raise sdk.mistake(f"{self!r} is made a text before it is known", 'write format_("... {} ...", path("$.x"))')

    def __lt__(self, other: object) -> Condition:
        return self._compared("LessThan", other)

    def __le__(self, other: object) -> Condition:
        return self._compared("LessThanEquals", other)

    def __gt__(self, other: object) -> Condition:
        return self._compared("GreaterThan", other)

    def __ge__(self, other: object) -> Condition:
        return self._compared("GreaterThanEquals", other)

    def __eq__(self, other: object) -> Condition:  # type: ignore[override]  # it is said, not compared
        return self._compared("Equals", other)

    def __ne__(self, other: object) -> Condition:  # type: ignore[override]
        return ~self._compared("Equals", other)

    def matches(self, pattern: str) -> Condition:
        """Whether it is a text of this form; `*` stands for any letters, `\\*` for a star."""
        if not isinstance(pattern, str):
            raise sdk.mistake(f"matches() is given {pattern!r}", 'write the form as a text: .matches("a*")')
        return Condition({"Variable": self._path, "StringMatches": pattern})

    def is_in(self, values: Iterable[_Constant]) -> Condition:
        """Whether it is one of these values."""
        if isinstance(values, (str, bytes, Set)) or not isinstance(values, Iterable):
            raise sdk.mistake(f"is_in() is given {values!r}", "give it a list of values, which has an order")
        rules = [self._compared("Equals", value).to_dict() for value in values]
        if not rules:
            raise sdk.mistake("is_in() is given no value", "give it the values that it may have")
        return Condition({"Or": rules} if len(rules) > 1 else rules[0])

    def is_present(self) -> Condition:
        """Whether the path leads to anything."""
        return self._is("IsPresent")

    def is_null(self) -> Condition:
        return self._is("IsNull")

    def is_number(self) -> Condition:
        return self._is("IsNumeric")

    def is_text(self) -> Condition:
        return self._is("IsString")

    def is_boolean(self) -> Condition:
        return self._is("IsBoolean")

    def is_time(self) -> Condition:
        """Whether it is a text that says a time, as RFC 3339 has it."""
        return self._is("IsTimestamp")

    def _is(self, operator: str) -> Condition:
        return Condition({"Variable": self._path, operator: True})

    def _compared(self, operator: str, other: object) -> Condition:
        if isinstance(other, Variable):
            kind = self._kind or other._kind
            if kind and other._kind not in (None, kind):
                raise sdk.mistake(
                    f"{self!r} is compared as a {kind} with a {other._kind}", "compare what is of one kind"
                )
            if kind is None:
                raise sdk.mistake(
                    f"{self!r} and {other!r} are compared, and nothing says what they are",
                    f'say it: var("{self._path}", "number"), or "text", "time", "boolean"',
                )
            return self._rule(kind, f"{operator}Path", other._path)
        kind, value = _constant(self, other)
        if self._kind not in (None, kind):
            raise sdk.mistake(
                f"{self!r} is said to be a {self._kind}, and is compared with {other!r}", "mend one of the two"
            )
        return self._rule(kind, operator, value)

    def _rule(self, kind: Kind, operator: str, value: Json) -> Condition:
        if kind == "boolean" and not operator.startswith("Equals"):
            raise sdk.mistake(f"{self!r} is compared by order with true or false", "write == True or == False")
        return Condition({"Variable": self._path, f"{_OPERATORS[kind]}{operator}": value})

    def _joined_unready(self, other: object) -> NoReturn:
        raise sdk.mistake(
            f"{self!r} stands beside & or | without a comparison",
            'put each comparison in parentheses: (var("$.a") > 1) & (var("$.b") < 2)',
        )

    __and__ = __rand__ = __or__ = __ror__ = _joined_unready

    def __invert__(self) -> NoReturn:
        raise sdk.mistake(
            f"{self!r} is no condition by itself", f"compare it: {self!r} == False, or ~{self!r}.is_present()"
        )

    def __bool__(self) -> bool:
        raise sdk.mistake(
            f"{self!r} is known only when the state machine runs", "compare it: == True, or .is_present()"
        )


def _constant(variable: Variable, value: Any) -> tuple[Kind, Json]:
    """What kind of value it is, and how JSON has it."""
    if isinstance(value, bool):
        return "boolean", value
    if isinstance(value, (int, float)):
        return "number", value
    if isinstance(value, datetime):
        return "time", timestamp(value, f"{variable!r} is compared with")
    if isinstance(value, str) and variable._kind == "time" and parse_timestamp(value) is None:
        raise sdk.mistake(
            f"{variable!r} is compared with {value!r}, which is no time",
            "write it as 2026-01-31T12:00:00Z, or a datetime",
        )
    if isinstance(value, str):
        return ("time" if variable._kind == "time" else "text"), value
    if value is None:
        raise sdk.mistake(
            f"{variable!r} is compared with None", f"write {variable!r}.is_null(), or ~{variable!r}.is_present()"
        )
    raise sdk.mistake(
        f"{variable!r} is compared with {value!r}", "compare it with a number, a text, a bool, a datetime or a var"
    )
