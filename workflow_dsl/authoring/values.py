"""Values known only at run time: `path("$.qty")`, intrinsic functions, which nest, and JSONata, each checked at once.

In `parameters` and other payload templates such a value adds `.$` to its field's name, at any depth; in a list it turns
the list into a call of States.Array (States Language, "Payload Template" and "Intrinsic Functions").
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from string import Formatter
from typing import TYPE_CHECKING, Any, NoReturn

from workflow_dsl.authoring import sdk
from workflow_dsl.authoring.references import Reference
from workflow_dsl.definition.json import is_json_text
from workflow_dsl.expressions.intrinsics import parse_call
from workflow_dsl.expressions.jsonata import parse_jsonata
from workflow_dsl.expressions.jsonpath import parse_path
from workflow_dsl.expressions.problems import SyntaxProblem
from workflow_dsl.regexes import lazy_regex

FORMAT = 'use format_("... {} ...", path("$.x"))'
_DECIDE = 'decide with a Choice: var("$.x") == 1; to ask whether a value was passed at all, write `is None`'
_CALCULATE = 'write math_add(path("$.x"), 1), format_("{}...", path("$.x")), or the whole path: path("$.x.y")'


class Expression:
    """A path or a call of an intrinsic function."""

    __slots__ = ("_text", "references")
    __hash__ = None  # type: ignore[assignment]  # Python cannot compare it

    def __init__(self, text: str, references: tuple[Reference, ...] = ()) -> None:
        self._text = text
        self.references = references  # those inside its text

    def __repr__(self) -> str:
        return f"<{self._text}>"

    def __str__(self) -> str:
        if sdk.called_by_library_code():
            return repr(self)
        raise sdk.runtime_value_error(repr(self), FORMAT, "was turned into a string")

    def _refuse_runtime_value(self, *_: object) -> NoReturn:
        raise sdk.runtime_value_error(repr(self), _DECIDE, "is compared in Python")

    __lt__ = __le__ = __gt__ = __ge__ = _refuse_runtime_value

    def __bool__(self) -> bool:
        return sdk.called_by_library_code() or self._refuse_runtime_value()

    def __eq__(self, other: object) -> bool:
        is_allowed = self is other or other is None or sdk.called_by_library_code()
        return self is other if is_allowed else self._refuse_runtime_value()

    def __ne__(self, other: object) -> bool:
        return not self == other

    if not TYPE_CHECKING:  # a type checker reports these operations

        def _refuse_operation(self, *_: object) -> NoReturn:
            raise sdk.runtime_value_error(repr(self), _CALCULATE, "is used in a Python expression")

        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _refuse_operation
        __getitem__ = __iter__ = __len__ = _refuse_operation

    def to_jsonpath(self) -> str:
        """Return the value of a field whose name ends in `.$`."""
        return self._text


Argument = Expression | sdk.Placeholder | str | int | float | bool | None


def path(text: str) -> Expression:
    """A value of the state's input (`$.`), the context object (`$$.`) or a variable (`$name`)."""
    if not isinstance(text, str):
        raise sdk.mistake(f"path() is called with {text!r}", 'write a string: path("$.price")')
    try:
        parse_path(text)
    except SyntaxProblem as problem:
        raise sdk.mistake(f"path(): {problem}", 'write it as path("$.price")') from None
    return Expression(_json_text(text))


def format_(template: str, *values: Argument) -> Expression:
    """A string in which a value replaces each `{}`; `{{` and `}}` are literal braces, as in Python."""
    if not isinstance(template, str):
        raise sdk.mistake(f"format_() is called with {template!r}", 'begin with a string: format_("{} bought", ...)')
    # The braces of a reference, which an f-string puts into the template, are not a place for a value.
    template = _PLACEHOLDER.sub(lambda match: f"${{{match[0][1:]}}}", template)
    try:
        pieces = list(Formatter().parse(template))
    except ValueError:
        pieces = [("", "x", "", None)]
    if any(field or spec or conversion for _, field, spec, conversion in pieces):
        message = f"unmatched or named brace in format_({template!r}, ...)"
        raise sdk.mistake(message, "use {} for a value, and {{ }} for literal braces")
    texts = [""]
    for text, field, _, _ in pieces:
        texts[-1] += text
        texts += [] if field is None else [""]
    if len(texts) - 1 != len(values):
        message = f"format_() needs {len(texts) - 1} values, but has {len(values)}"
        raise sdk.mistake(message, "pass one value for each {}")
    escaped = "{}".join(map(_escaped_around_references, texts))
    return _intrinsic_call("States.Format", (f"'{escaped}'", *map(_argument, values)), values)


def array(*values: Argument) -> Expression:
    """An array of the values."""
    return _call("States.Array", *values)


def array_partition(values: Expression, size: Expression | int) -> Expression:
    """An array split into chunks of a size."""
    return _call("States.ArrayPartition", values, size)


def array_contains(values: Expression, value: Argument) -> Expression:
    """True if a value is in an array."""
    return _call("States.ArrayContains", values, value)


def array_range(first: Expression | int, last: Expression | int, step: Expression | int) -> Expression:
    """The numbers from first to last, inclusive, in steps."""
    return _call("States.ArrayRange", first, last, step)


def array_get_item(values: Expression, index: Expression | int) -> Expression:
    """The value at an index of an array, from 0."""
    return _call("States.ArrayGetItem", values, index)


def array_length(values: Expression) -> Expression:
    """The length of an array."""
    return _call("States.ArrayLength", values)


def array_unique(values: Expression) -> Expression:
    """An array without duplicates."""
    return _call("States.ArrayUnique", values)


def base64_encode(text: Expression | str) -> Expression:
    """A string encoded in Base64."""
    return _call("States.Base64Encode", text)


def base64_decode(text: Expression | str) -> Expression:
    """A string decoded from Base64."""
    return _call("States.Base64Decode", text)


def hash_(value: Argument, algorithm: Expression | str) -> Expression:
    """The hash of a value: MD5, SHA-1, SHA-256, SHA-384 or SHA-512."""
    return _call("States.Hash", value, algorithm)


def json_merge(under: Expression, over: Expression) -> Expression:
    """Two objects merged; fields of the second replace those of the first, nested objects as a whole."""
    return _call("States.JsonMerge", under, over, False)


def string_to_json(text: Expression | str) -> Expression:
    """The value of a JSON string."""
    return _call("States.StringToJson", text)


def json_to_string(value: Expression) -> Expression:
    """A value as a JSON string."""
    return _call("States.JsonToString", value)


def math_random(first: Expression | int, end: Expression | int, seed: Expression | int | None = None) -> Expression:
    """A random integer from first, inclusive, to end, exclusive."""
    return _call("States.MathRandom", first, end, *([] if seed is None else [seed]))


def math_add(one: Expression | int, other: Expression | int) -> Expression:
    """The sum of two integers."""
    return _call("States.MathAdd", one, other)


def string_split(text: Expression | str, marks: Expression | str) -> Expression:
    """A string split at each of the characters in `marks`."""
    return _call("States.StringSplit", text, marks)


def uuid() -> Expression:
    """A new UUID, version 4."""
    return _call("States.UUID")


def timestamp(moment: datetime, context: str) -> str:
    """Return a datetime in the format of RFC 3339. Raises FindingsError for one without a time zone."""
    if moment.utcoffset() is None:
        raise sdk.mistake(f"{context} a datetime without a time zone", "add a time zone: datetime(..., tzinfo=UTC)")
    return moment.isoformat().replace("+00:00", "Z")


class Jsonata(str):
    """A JSONata expression, `{% ... %}`. Operations belong inside the expression."""

    __slots__ = ()
    __hash__ = str.__hash__

    if not TYPE_CHECKING:  # a type checker treats it as a string

        def __eq__(self, other: object) -> bool:
            is_same = isinstance(other, str) and str.__eq__(self, other)
            if (is_same and isinstance(other, Jsonata)) or other is None or sdk.called_by_library_code():
                return is_same
            return _refuse_runtime_value(self)

        def __ne__(self, other: object) -> bool:
            return not self == other

        def __bool__(self) -> bool:
            return sdk.called_by_library_code() or _refuse_runtime_value(self)


def _refuse_runtime_value(expression: str) -> NoReturn:
    remedy = 'write it inside: jsonata("$a = 1 and $b"), jsonata("$a & \' bought\'"), jsonata("$a ? 1 : 2")'
    raise sdk.runtime_value_error(str.__str__(expression), remedy)


def _for_libraries(name: str) -> Callable[..., Any]:
    """An operation of str that works for loggers and test runners; an author means the expression's value."""
    plain = getattr(str, name, None)

    def operation(self: Jsonata, *others: object) -> Any:
        return plain(self, *others) if plain and sdk.called_by_library_code() else _refuse_runtime_value(self)

    return operation


for _name in "lt le gt ge add radd mod rmod mul rmul and or invert getitem iter len contains format".split():
    setattr(Jsonata, f"__{_name}__", _for_libraries(f"__{_name}__"))


def jsonata(expression: str) -> Jsonata:
    """A JSONata expression, with or without `{% ... %}`."""
    if not isinstance(expression, str) or not expression.strip():
        raise sdk.mistake(
            f"jsonata() is called with {expression!r}", 'write the expression: jsonata("$states.input.price")'
        )
    plain = expression.strip()
    if plain.startswith("{%") and plain.endswith("%}"):
        plain = plain[2:-2].strip()
    try:
        parse_jsonata(plain)
    except SyntaxProblem as problem:
        raise sdk.mistake(f"jsonata(): {problem}", "fix the expression") from None
    return Jsonata(_json_text(f"{{% {plain} %}}"))


def as_array(values: list[object]) -> Expression | None:
    """Return a list with expressions as a call of States.Array; None if it has values that such a call cannot take."""
    try:
        return array(*map(_element, values))
    except TypeError:
        return None


def _element(value: object) -> Argument:
    if isinstance(value, sdk.Placeholder):
        return Expression(value.to_jsonpath())
    if isinstance(value, (list, tuple)):
        return array(*map(_element, value))
    if value is None or isinstance(value, (Expression, str, int, float)):
        return value
    raise TypeError


def _call(name: str, *values: Argument) -> Expression:
    return _intrinsic_call(name, tuple(map(_argument, values)), values)


def _intrinsic_call(name: str, arguments: tuple[str, ...], values: tuple[object, ...]) -> Expression:
    text = _json_text(f"{name}({', '.join(arguments)})")
    try:
        parse_call(_PLACEHOLDER.sub("x", text))
    except SyntaxProblem as problem:
        remedy = "see the developer guide, Intrinsic functions for JSONPath states"
        raise sdk.mistake(f"{name}: {problem}", remedy) from None
    return Expression(text, tuple(reference for value in values for reference in _references_in(value)))


def _references_in(value: object) -> tuple[Reference, ...]:
    if isinstance(value, Expression):
        return value.references
    return (value,) if isinstance(value, Reference) else ()


def _argument(value: object) -> str:
    """A value as an argument of an intrinsic function."""
    if isinstance(value, (Expression, sdk.Placeholder)):
        return value.to_jsonpath()
    if isinstance(value, Jsonata):
        message = f"an intrinsic function has the JSONata argument {str.__str__(value)}"
        raise sdk.mistake(message, 'pass a path: path("$.x")')
    if isinstance(value, str):
        return f"'{value if isinstance(value, Reference) else _escaped_around_references(value)}'"
    if value is None or isinstance(value, (bool, int, float)):
        return json.dumps(value)
    remedy = "pass a path, another function, a string or a number"
    raise sdk.mistake(f"an intrinsic function has the argument {value!r}", remedy)


def _escaped_around_references(text: str) -> str:
    """A string escaped for an intrinsic function, except for the placeholders in it."""
    plain = (_escaped(part) for part in _PLACEHOLDER.split(text))
    return "".join(part for pair in zip(plain, [*_PLACEHOLDER.findall(text), ""], strict=True) for part in pair)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'").replace("{", r"\{").replace("}", r"\}")


_PLACEHOLDER = lazy_regex(r"\$\{[^{}]+\}")


def _json_text(text: str) -> str:
    if not is_json_text(text):
        raise sdk.mistake(f"{text!a} has an unpaired surrogate, which JSON cannot hold", "remove it")
    return text
