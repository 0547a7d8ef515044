"""The shape of a definition: asl.schema.json, checked with `jsonschema`, its errors in the service's words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

from workflow_dsl.asl import Machine, short, where_of
from workflow_dsl.findings import Finding, Key, closest

_CODE = "SCHEMA_VALIDATION_FAILED"
_Error = Any  # a jsonschema ValidationError; as typed, each of its attributes may be unset


def misshapen(machine: Machine) -> Iterator[Finding]:
    """A finding for each field that is missing, unknown, or of a kind or range the States Language does not take."""
    missing: dict[tuple[Key, ...], list[str]] = {}
    for error in _validator().iter_errors(dict(machine.fields)):
        keys = tuple(error.absolute_path)
        if error.validator == "required":
            absent = [name for name in error.validator_value if name not in error.instance]
            missing.setdefault(keys, absent)
        elif error.validator == "additionalProperties":
            yield from _unknown_fields(error, keys)
        else:
            yield _finding(keys, *_SAYING.get(error.validator, _wrong_value)(error))
    for keys, names in missing.items():
        yield _finding(keys, f"These fields are required: [{', '.join(names)}]", f"add {' and '.join(names)}")


@cache
def _schema() -> Any:
    return json.loads(files(__package__).joinpath("asl.schema.json").read_text("utf-8"))


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(_schema())


def _finding(keys: tuple[Key, ...], message: str, remedy: str) -> Finding:
    return Finding(_CODE, "error", where_of(keys), message, remedy)


def _unknown_fields(error: _Error, keys: tuple[Key, ...]) -> Iterator[Finding]:
    known = error.schema["properties"]
    for name in error.instance:
        if name not in known:
            remedy = closest(name, known) or f"{error.schema.get('title', 'it')} takes {', '.join(sorted(known))}"
            yield _finding((*keys, name), f"Field '{name}' is not supported", remedy)


def _wrong_value(error: _Error) -> tuple[str, str]:
    return f"Value {short(error.instance)} is not supported here", f"write {_wanted(error)}"


_KINDS = {"string": "a string", "boolean": "true or false", "object": "an object", "array": "a list"}
_INTO_A_VALUE = ("properties", "additionalProperties", "items", "propertyNames")


def _wanted(error: _Error) -> str:
    """What the value should be: the title of the schema it failed, or of one that schema is only a part of."""
    schema: Any = _schema()
    title = ""
    for step in error.absolute_schema_path:  # jsonschema leaves "$ref" steps out of it
        schema = _resolved(schema[step])
        around = "" if step in _INTO_A_VALUE else title
        title = schema.get("title", around) if isinstance(schema, dict) else around
    return title or _KINDS.get(error.validator_value, f"{error.validator_value}")


def _resolved(schema: Any) -> Any:
    while isinstance(schema, dict) and "$ref" in schema:
        schema = _schema()["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def _not_one_of(error: _Error) -> tuple[str, str]:
    values = error.validator_value
    remedy = closest(str(error.instance), values) or f"write one of {', '.join(values)}"
    return f"The field '{error.path[-1]}' should have one of these values: [{', '.join(values)}]", remedy


def _empty(error: _Error) -> tuple[str, str]:
    return "Value cannot be empty", f"write {_wanted(error)}"


def _below(error: _Error) -> tuple[str, str]:
    return f"Minimum value is {error.validator_value}, and this is {short(error.instance)}", f"write {_wanted(error)}"


def _above(error: _Error) -> tuple[str, str]:
    return f"Maximum value is {error.validator_value}, and this is {short(error.instance)}", f"write {_wanted(error)}"


def _too_long(error: _Error) -> tuple[str, str]:
    return (
        f"{short(error.instance)} has {len(error.instance)} characters, and {error.validator_value} are the most",
        "shorten it",
    )


_SAYING: dict[str, Callable[[_Error], tuple[str, str]]] = {
    "enum": _not_one_of,
    "minItems": _empty,
    "minLength": _empty,
    "minProperties": _empty,
    "minimum": _below,
    "maximum": _above,
    "maxLength": _too_long,
}
