"""Values that an execution gives: `path("$.qty")`, intrinsic functions that nest, and JSONata, each checked at once.

In `parameters` and other payload templates such a value makes its field's name end in `.$`, at any depth; in a list it
makes the list a call of States.Array (States Language, "Payload Template" and "Intrinsic Functions").
"""

from __future__ import annotations

import json
import re
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


class Expression:
    """A path, or a call of an intrinsic function: a value that only the execution has."""

    __slots__ = ("_text", "references")
    __hash__ = None  # type: ignore[assignment]  # it is compared by the execution, not here

    def __init__(self, text: str, references: tuple[Reference, ...] = ()) -> None:
        self._text = text
        self.references = references  # to the template, that are in it

    def __repr__(self) -> str:
        return f"<{self._text}>"

    def __str__(self) -> str:
        if sdk.called_by_library_code():
            return repr(self)
        raise sdk.mistake(f"{self!r} is made a text before it is known", 'write format_("... {} ...", path("$.x"))')

    def _known_later(self, *_: object) -> NoReturn:
        raise sdk.mistake(
            f"{self!r} is known only when the state machine runs",
            'decide by a Choice: var("$.x") == 1; whether there is one at all, by `is None`',
        )

    __lt__ = __le__ = __gt__ = __ge__ = _known_later

    def __bool__(self) -> bool:
        return sdk.called_by_library_code() or self._known_later()

    def __eq__(self, other: object) -> bool:
        return self is other or (other is not None and not sdk.called_by_library_code() and self._known_later())

    def __ne__(self, other: object) -> bool:
        return not self == other

    if not TYPE_CHECKING:  # where types are checked there are no such operations

        def _reckoned(self, *_: object) -> NoReturn:
            raise sdk.mistake(
                f"{self!r} is known only when the state machine runs",
                'write math_add(path("$.x"), 1), format_("{}...", path("$.x")), or the whole path: path("$.x.y")',
            )

        __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __getitem__ = __iter__ = __len__ = _reckoned

    def to_jsonpath(self) -> str:
        """The text that a field whose name ends in `.$` has."""
        return self._text


Argument = Expression | sdk.Placeholder | str | int | float | bool | None


def path(text: str) -> Expression:
    """A value of the state's input (`$.`), of the context object (`$$.`) or a variable (`$name`)."""
    if not isinstance(text, str):
        raise sdk.mistake(f"path() is given {text!r}", 'write the path as a text: path("$.price")')
    try:
        parse_path(text)
    except SyntaxProblem as problem:
        raise sdk.mistake(f"path(): {problem}", 'write it as path("$.price")') from None
    return Expression(_json_text(text))


def format_(template: str, *values: Argument) -> Expression:
    """A text with each `{}` filled by a value; `{{` and `}}` are braces, as in Python."""
    if not isinstance(template, str):
        raise sdk.mistake(
            f"format_() is given {template!r}", 'begin with the text: format_("{} bought", path("$.qty"))'
        )
    # A reference that stands in the text, as an f-string puts it there, is none of Python's places.
    template = _PLACEHOLDER.sub(lambda found: f"${{{found[0][1:]}}}", template)
    try:
        pieces = list(Formatter().parse(template))
    except ValueError:
        pieces = [("", "x", "", None)]
    if any(field or spec or how for _, field, spec, how in pieces):
        raise sdk.mistake(
            f"format_() has a brace by itself in {template!r}", "write {} for a value, {{ and }} for braces"
        )
    texts = [""]
    for text, field, _, _ in pieces:
        texts[-1] += text
        texts += [] if field is None else [""]
    if len(texts) - 1 != len(values):
        message = f"format_() has {len(texts) - 1} places to fill and {len(values)} values"
        raise sdk.mistake(message, "give one value for each {}")
    said = "{}".join(map(_in_braces, texts))
    return _called("States.Format", (f"'{said}'", *map(_argument, values)), values)


def array(*values: Argument) -> Expression:
    """A list of values."""
    return _call("States.Array", *values)


def array_partition(values: Expression, size: Expression | int) -> Expression:
    """A list in pieces of a size."""
    return _call("States.ArrayPartition", values, size)


def array_contains(values: Expression, value: Argument) -> Expression:
    """Whether a value is in a list."""
    return _call("States.ArrayContains", values, value)


def array_range(first: Expression | int, last: Expression | int, step: Expression | int) -> Expression:
    """The numbers from first to last, each a step further."""
    return _call("States.ArrayRange", first, last, step)


def array_get_item(values: Expression, index: Expression | int) -> Expression:
    """The value at an index, from 0."""
    return _call("States.ArrayGetItem", values, index)


def array_length(values: Expression) -> Expression:
    """How many values a list has."""
    return _call("States.ArrayLength", values)


def array_unique(values: Expression) -> Expression:
    """A list without what is in it twice."""
    return _call("States.ArrayUnique", values)


def base64_encode(text: Expression | str) -> Expression:
    """A text in Base64."""
    return _call("States.Base64Encode", text)


def base64_decode(text: Expression | str) -> Expression:
    """The text that Base64 stands for."""
    return _call("States.Base64Decode", text)


def hash_(value: Argument, algorithm: Expression | str) -> Expression:
    """The hash of a value by MD5, SHA-1, SHA-256, SHA-384 or SHA-512."""
    return _call("States.Hash", value, algorithm)


def json_merge(under: Expression, over: Expression) -> Expression:
    """Two objects as one, the fields of the second over those of the first; not those within them."""
    return _call("States.JsonMerge", under, over, False)


def string_to_json(text: Expression | str) -> Expression:
    """The value that a JSON text stands for."""
    return _call("States.StringToJson", text)


def json_to_string(value: Expression) -> Expression:
    """A value as JSON text."""
    return _call("States.JsonToString", value)


def math_random(first: Expression | int, end: Expression | int, seed: Expression | int | None = None) -> Expression:
    """A random whole number from first on, and below end."""
    return _call("States.MathRandom", first, end, *([] if seed is None else [seed]))


def math_add(one: Expression | int, other: Expression | int) -> Expression:
    """The sum of two whole numbers."""
    return _call("States.MathAdd", one, other)


def string_split(text: Expression | str, marks: Expression | str) -> Expression:
    """A text in pieces, at each of the marks."""
    return _call("States.StringSplit", text, marks)


def uuid() -> Expression:
    """A new UUID, version 4."""
    return _call("States.UUID")


def timestamp(moment: datetime, what: str) -> str:
    """A moment as RFC 3339 has it. Raises FindingsError for one without a zone; `what` says of what it is one."""
    if moment.utcoffset() is None:
        raise sdk.mistake(f"{what} a time without a zone", "give the datetime its tzinfo")
    return moment.isoformat().replace("+00:00", "Z")


class Jsonata(str):
    """A JSONata expression, as a field has it; what is made of it is made inside it."""

    __slots__ = ()
    __hash__ = str.__hash__

    if not TYPE_CHECKING:  # where types are checked it is a text like any other

        def __eq__(self, other: object) -> bool:
            is_same = isinstance(other, str) and str.__eq__(self, other)
            if (is_same and isinstance(other, Jsonata)) or other is None or sdk.called_by_library_code():
                return is_same
            return _made_outside(self)

        def __ne__(self, other: object) -> bool:
            return not self == other

        def __bool__(self) -> bool:
            return sdk.called_by_library_code() or _made_outside(self)


def _made_outside(expression: str) -> NoReturn:
    raise sdk.mistake(
        f"{str.__str__(expression)} is known only when the state machine runs",
        'write it inside: jsonata("$a = 1 and $b"), jsonata("$a & \' bought\'"), jsonata("$a ? 1 : 2")',
    )


def _for_libraries(name: str) -> Callable[..., Any]:
    """An operation of a text, for what shows and compares texts; an author means the expression's value."""
    plain = getattr(str, name, None)

    def operation(self: Jsonata, *others: object) -> Any:
        return plain(self, *others) if plain and sdk.called_by_library_code() else _made_outside(self)

    return operation


for _name in "lt le gt ge add radd mod rmod mul rmul and or invert getitem iter len contains format".split():
    setattr(Jsonata, f"__{_name}__", _for_libraries(f"__{_name}__"))


def jsonata(expression: str) -> Jsonata:
    """A JSONata expression as a field has it: `{% ... %}`."""
    if not isinstance(expression, str) or not expression.strip():
        raise sdk.mistake(f"jsonata() is given {expression!r}", 'write the expression: jsonata("$states.input.price")')
    plain = expression.strip()
    if plain.startswith("{%") and plain.endswith("%}"):
        plain = plain[2:-2].strip()
    try:
        parse_jsonata(plain)
    except SyntaxProblem as problem:
        raise sdk.mistake(f"jsonata(): {problem}", "mend the expression") from None
    return Jsonata(_json_text(f"{{% {plain} %}}"))


def as_array(values: list[object]) -> Expression | None:
    """A list with expressions in it as a call of States.Array; None where it holds what such a call cannot."""
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
    return _called(name, tuple(map(_argument, values)), values)


def _called(name: str, arguments: tuple[str, ...], values: tuple[object, ...]) -> Expression:
    text = _json_text(f"{name}({', '.join(arguments)})")
    found = [each.references if isinstance(each, Expression) else (each,) for each in values if _has_reference(each)]
    try:
        parse_call(_PLACEHOLDER.sub("x", text))
    except SyntaxProblem as problem:
        raise sdk.mistake(
            f"{name}: {problem}", "see the developer guide, Intrinsic functions for JSONPath states"
        ) from None
    return Expression(
        text, tuple(reference for each in found for reference in each if isinstance(reference, Reference))
    )


def _has_reference(value: object) -> bool:
    return bool(value.references) if isinstance(value, Expression) else isinstance(value, Reference)


def _argument(value: object) -> str:
    """A value as an intrinsic function takes it."""
    if isinstance(value, (Expression, sdk.Placeholder)):
        return value.to_jsonpath()
    if isinstance(value, Jsonata):
        raise sdk.mistake(
            f"an intrinsic function is given JSONata: {str.__str__(value)}", 'give it a path: path("$.x")'
        )
    if isinstance(value, str):
        return f"'{value if isinstance(value, Reference) else _in_braces(value)}'"
    if value is None or isinstance(value, (bool, int, float)):
        return json.dumps(value)
    raise sdk.mistake(
        f"an intrinsic function is given {value!r}", "give it a path, another function, a text or a number"
    )


def _in_braces(text: str) -> str:
    """A text as it stands between quotes; the placeholders in it stay what they are."""
    plain = (_escaped(each) for each in _PLACEHOLDER.split(text))
    return "".join(part for pair in zip(plain, [*_PLACEHOLDER.findall(text), ""], strict=True) for part in pair)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'").replace("{", r"\{").replace("}", r"\}")


_PLACEHOLDER = re.compile(r"\$\{[^{}]+\}")


def _json_text(text: str) -> str:
    if not is_json_text(text):
        raise sdk.mistake(f"{text!a} is no text that JSON can hold", "take out the half of a surrogate pair")
    return text
