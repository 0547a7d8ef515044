"""Intrinsic functions: evaluating a parsed call.

Rules and limits: developer guide, "Intrinsic functions for JSONPath states"; States Language, "Intrinsic Functions".
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from workflow_dsl.definition.json import Json, json_writer
from workflow_dsl.expressions.intrinsics import ALGORITHMS, LONGEST_RANGE, IntrinsicCall, Literal
from workflow_dsl.expressions.jsonpath import Path
from workflow_dsl.expressions.problems import ArgumentNotFound, EvaluationProblem, PathNotFound
from workflow_dsl.records import Record

_LONGEST_TO_ENCODE = 10_000


class CallInputs(Record):
    """The values that a call can read: the state's data, the context object, variables, and random numbers."""

    data: Json
    context: Callable[[], Json]
    variables: Mapping[str, Json]
    random: Random


def evaluate_call(call: IntrinsicCall, inputs: CallInputs) -> Json:
    """Return the value of a call. Raises EvaluationProblem or ArgumentNotFound."""
    try:
        if call.name == "States.Format":
            template, *rest = call.arguments
            parts = template.parts if isinstance(template, Literal) else _parts(_value(template, inputs))
            return _format(parts, [_value(argument, inputs) for argument in rest])
        arguments = [_value(argument, inputs) for argument in call.arguments]
        if call.name in _RANDOM:
            return _RANDOM[call.name](inputs.random, *arguments)
        return _FUNCTIONS[call.name](*arguments)
    except (EvaluationProblem, PathNotFound):
        raise
    except RecursionError:
        raise EvaluationProblem("the value is nested too deeply") from None
    except (TypeError, ValueError, LookupError, ArithmeticError, AttributeError) as problem:
        raise EvaluationProblem(str(problem)) from None


def _value(argument: Any, inputs: CallInputs) -> Json:
    if isinstance(argument, Path):
        try:
            return argument.read(inputs.data, inputs.context, inputs.variables)
        except PathNotFound:
            raise ArgumentNotFound(argument.text) from None
    if isinstance(argument, IntrinsicCall):
        return evaluate_call(argument, inputs)
    return argument.text if isinstance(argument, Literal) else argument


_write = json_writer(ensure_ascii=False)


def to_json(value: Json) -> str:
    """Return a value as the service writes JSON: without spaces, not escaped to ASCII."""
    return _write(value)


def is_equal(one: Json, other: Json) -> bool:
    """True if two JSON values are equal: true is not 1, but 1 is 1.0."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_equal, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_equal(value, other[name]) for name, value in one.items())
    return bool(one == other)


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise EvaluationProblem(message)


def _parts(template: Json) -> tuple[str, ...]:
    """The parts of a template that comes from data, where a backslash is not an escape."""
    _require(isinstance(template, str), "the template must be a string")
    return tuple(template.split("{}"))


def _format(parts: tuple[str, ...], values: list[Json]) -> str:
    _require(len(values) >= len(parts) - 1, "there are more places to fill than arguments")
    _require(len(values) <= len(parts) - 1, "there are more arguments than places to fill")
    texts = [_printed(value) for value in values]
    return "".join(piece for pair in zip(parts, [*texts, ""], strict=True) for piece in pair)


def _printed(value: Json) -> str:
    """A value as Java prints it (recorded): `{qty=1, tags=[a, b]}` for an object."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return f"{{{', '.join(f'{name}={_printed(inner)}' for name, inner in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_printed, value))}]"
    return _printed_float(value) if isinstance(value, float) else to_json(value)


def _printed_float(number: float) -> str:
    """A number as Java's Double.toString prints it: 1.0E7 from ten million on, 1.0E-4 below a thousandth."""
    if number == 0 or 1e-3 <= abs(number) < 1e7 or not math.isfinite(number):
        return format(Decimal(repr(number)), "f") if math.isfinite(number) else to_json(number)
    sign, digits, exponent = Decimal(repr(number)).as_tuple()
    text = "".join(map(str, digits)).rstrip("0")
    power = int(exponent) + len(digits) - 1
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{power}"


def parse_json(text: Json) -> Json:
    """Return the value of JSON text. Raises EvaluationProblem, also for NaN and infinities, which are not JSON."""
    _require(isinstance(text, str), "the argument must be a string")
    try:
        return json.loads(text, parse_constant=_refuse_constant)
    except RecursionError:
        raise EvaluationProblem("the JSON is nested too deeply") from None


def _refuse_constant(name: str) -> Json:
    raise EvaluationProblem(f"{name} is not JSON")


def _string_to_json(text: str) -> Json:
    return None if isinstance(text, str) and not text.strip() else parse_json(text)  # null for blanks (recorded)


def _array_partition(array: list[Json], size: int) -> Json:
    _require(isinstance(array, list), "the first argument must be an array")
    size = _rounded(size)
    _require(size > 0, "the chunk size must be a positive integer")
    return [array[start : start + size] for start in range(0, len(array), size)]


def _array_contains(array: list[Json], value: Json) -> bool:
    _require(isinstance(array, list), "the first argument must be an array")
    return any(is_equal(item, value) for item in array)


def array_range(first: int, last: int, step: int) -> list[int]:
    """Return the numbers from first to last, both included; at most 1,000. Raises EvaluationProblem."""
    first, last, step = _rounded(first), _rounded(last), _rounded(step)
    _require(step != 0, "the step must not be zero")
    numbers = range(first, last + (1 if step > 0 else -1), step)
    _require(len(numbers) <= LONGEST_RANGE, f"the range has more than {LONGEST_RANGE} numbers")
    return list(numbers)


def _array_get_item(array: list[Json], index: int) -> Json:
    _require(isinstance(array, list), "the first argument must be an array")
    index = _rounded(index)
    _require(0 <= index < len(array), f"the index {index} is out of range")
    return array[index]


def _array_length(array: list[Json]) -> int:
    _require(isinstance(array, list), "the argument must be an array")
    return len(array)


def _array_unique(array: list[Json]) -> Json:
    _require(isinstance(array, list), "the argument must be an array")
    unique: dict[str, Json] = {}
    for item in array:
        unique.setdefault(_key(item), item)
    return list(unique.values())


def _key(value: Json) -> str:
    """A string that equal values share: 1 is 1.0, and the order of an object's fields does not matter."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return json.dumps(value, sort_keys=True)


def _short_text(text: Json) -> bytes:
    _require(
        isinstance(text, str) and len(text) <= _LONGEST_TO_ENCODE, "the argument must be a string of at most 10,000"
    )
    return str(text).encode()


def _base64_encode(text: str) -> str:
    return base64.b64encode(_short_text(text)).decode()


def _base64_decode(text: str) -> str:
    """Without any padding, text is Base64 to Java too, as was measured of the service's $base64decode."""
    encoded = _short_text(text)
    padding = b"" if encoded.endswith(b"=") else b"=" * (-len(encoded) % 4)
    return base64.b64decode(encoded + padding, validate=True).decode()


_ALGORITHMS = {name: name.lower().replace("-", "") for name in ALGORITHMS}


def hash_value(value: Json, algorithm: str) -> str:
    """Return the hash of a string, or of another value's JSON, as hexadecimal digits. Raises EvaluationProblem."""
    _require(algorithm in _ALGORITHMS, f"the algorithm must be one of {', '.join(_ALGORITHMS)}")
    text = value if isinstance(value, str) else to_json(value)
    _require(len(text) <= _LONGEST_TO_ENCODE, "the data has more than 10,000 characters")
    return hashlib.new(_ALGORITHMS[algorithm], text.encode(), usedforsecurity=False).hexdigest()


def _json_merge(one: dict[str, Json], other: dict[str, Json], deep: bool) -> Json:
    _require(isinstance(one, dict) and isinstance(other, dict), "the first two arguments must be objects")
    _require(deep is False, "only shallow merging is supported: the third argument must be false")
    return {**one, **other}


def _rounded(number: float) -> int:
    """The nearest integer; halves are rounded up, as by Java's Math.round."""
    _require(isinstance(number, (int, float)) and not isinstance(number, bool), f"{to_json(number)} is not a number")
    return number if isinstance(number, int) else math.floor(number + 0.5)


def _math_add(one: float, other: float) -> int:
    return _rounded(one) + _rounded(other)


def _math_random(random: Random, first: float, last: float, seed: float | None = None) -> int:
    low, high = _rounded(first), _rounded(last)
    _require(low < high, "the start must be below the end")
    return (Random(seed) if seed is not None else random).randrange(low, high)  # noqa: S311


def _string_split(text: str, separators: str) -> Json:
    _require(isinstance(text, str) and isinstance(separators, str), "the arguments must be strings")
    if not separators:
        return [text]
    return [part for part in re.split(f"[{re.escape(separators)}]", text) if part]


def uuid(random: Random) -> str:
    """Return a version 4 UUID from a source of random numbers."""
    return str(UUID(int=random.getrandbits(128), version=4))


_Function = Callable[..., Json]
_FUNCTIONS: dict[str, _Function] = {
    "States.Array": lambda *values: list(values),
    "States.ArrayContains": _array_contains,
    "States.ArrayGetItem": _array_get_item,
    "States.ArrayLength": _array_length,
    "States.ArrayPartition": _array_partition,
    "States.ArrayRange": array_range,
    "States.ArrayUnique": _array_unique,
    "States.Base64Decode": _base64_decode,
    "States.Base64Encode": _base64_encode,
    "States.Format": _format,  # not called from here: its template can be a Literal
    "States.Hash": hash_value,
    "States.JsonMerge": _json_merge,
    "States.JsonToString": to_json,
    "States.MathAdd": _math_add,
    "States.MathRandom": _math_random,
    "States.StringSplit": _string_split,
    "States.StringToJson": _string_to_json,
    "States.UUID": uuid,
}
_RANDOM: dict[str, _Function] = {"States.MathRandom": _math_random, "States.UUID": uuid}
