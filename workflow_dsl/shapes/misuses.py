"""Values of a known kind where an expression needs another one, or compares them with what they never are."""

from __future__ import annotations

from collections.abc import Iterable

from workflow_dsl.definition.json import short_json
from workflow_dsl.findings import Keys, did_you_mean, short_list
from workflow_dsl.records import Record
from workflow_dsl.shapes.conformity import words_of
from workflow_dsl.shapes.shape import Scalar, Shape

KIND_NOUNS = {
    "boolean": "a boolean",
    "list": "a list",
    "number": "a number",
    "object": "an object",
    "string": "a string",
}


class Misuse(Record):
    """A value that does not fit: the keys of the field, what is wrong, and the remedy.

    It fails the state, or `is_comparison` that is never true.
    """

    keys: Keys
    message: str
    remedy: str
    is_comparison: bool = False


def misused(shape: Shape, kinds: Iterable[str]) -> bool:
    """True if no value of a shape is of one of the kinds."""
    return bool(shape.parts) and shape.kinds.isdisjoint(kinds)


def unusual(shape: Shape, value: object) -> frozenset[object]:
    """Return the values that an API documents, if a value is none of them; empty if it may be."""
    parts = shape.parts or ()
    usual = [part.usual for part in parts if isinstance(part, Scalar) and part.kind == "string"]
    is_known = isinstance(value, str) and "${" not in value and len(usual) == len(parts) and all(usual)
    documented: frozenset[object] = frozenset().union(*usual) if is_known else frozenset()
    return frozenset() if value in documented else documented


def of_comparison(keys: Keys, subject: str, value: object, documented: frozenset[object]) -> Misuse:
    """Return the comparison of a value of an API with one that the API does not have."""
    names = sorted(map(str, documented))
    message = f"{subject} is never {short_json(str(value))}: the API has {short_list(names, most=8)}"
    return Misuse(keys, message, did_you_mean(str(value), names) or "write one of these", is_comparison=True)


def of_argument(keys: Keys, function: str, subject: str, shape: Shape, kind: str, remedy: str) -> Misuse:
    """Return an argument of a kind that a function or operator does not take."""
    message = f"{function} fails: {subject} is {words_of(shape)}, but it takes {KIND_NOUNS[kind]}"
    return Misuse(keys, message, remedy)


# What a field takes, by its name without Path (States Language, "Wait State", "Task State" and "Map State").
FIELD_KINDS = {
    "Seconds": "number",
    "Timestamp": "string",
    "TimeoutSeconds": "number",
    "HeartbeatSeconds": "number",
    "MaxConcurrency": "number",
    "ToleratedFailureCount": "number",
    "ToleratedFailurePercentage": "number",
}


def of_field(field: str, shape: Shape) -> list[Misuse]:
    """Return the value of a field that takes another kind, if it has one for sure."""
    kind = FIELD_KINDS.get(field.removesuffix("Path"), "")
    kinds = ("string", kind) if field.endswith("Path") else (kind,)  # a path may lead to a number as text (recorded)
    if not kind or not misused(shape, kinds):
        return []
    message = f"{field} is {words_of(shape)}, but must be {KIND_NOUNS[kind]}"
    return [Misuse((field,), message, f"give it {KIND_NOUNS[kind]}")]
