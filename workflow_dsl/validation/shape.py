"""The shape of a definition: asl.schema.json, checked with `jsonschema`, its errors in the service's words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from workflow_dsl.definition.json import short
from workflow_dsl.definition.machine import where_of
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import Keys, closest, some_of
from workflow_dsl.validation.fast_schema import Test, acceptance
from workflow_dsl.validation.rules.rule import Definition, Problem, error, guide

_Error = Any  # a jsonschema ValidationError; as typed, each of its attributes may be unset


@error(guide("concepts-amazon-states-language"))
def shape(definition: Definition) -> Iterator[Problem]:
    """No field is missing, unknown, or of a kind or range that the States Language does not take (asl.schema.json)."""
    document = dict(definition.machine.fields)
    return iter(()) if _acceptance()(document) else _misshapen(document)


@cache
def _acceptance() -> Test:
    return acceptance(_schema())


def _misshapen(document: dict[str, Any]) -> Iterator[Problem]:
    missing: dict[Keys, list[str]] = {}
    for problem in _validator().iter_errors(document):
        keys = tuple(problem.absolute_path)
        if isinstance(problem.instance, str) and not is_known(problem.instance):
            continue  # what a placeholder stands for is not known here
        if problem.validator == "required":
            absent = [name for name in problem.validator_value if name not in problem.instance]
            missing.setdefault(keys, absent)
        elif problem.validator == "additionalProperties":
            yield from _unknown_fields(problem, keys)
        else:
            yield Problem(where_of(keys), *_SAYING.get(problem.validator, _wrong_value)(problem))
    for keys, names in missing.items():
        message = f"These fields are required: [{', '.join(names)}]"
        yield Problem(where_of(keys), message, f"add {' and '.join(names)}")


@cache
def _schema() -> Any:
    return json.loads(Path(__file__).with_name("asl.schema.json").read_bytes())


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator  # 80 ms that a definition of the right shape need not wait for

    return Draft202012Validator(_schema())


def _unknown_fields(error: _Error, keys: Keys) -> Iterator[Problem]:
    known = error.schema["properties"]
    for name in error.instance:
        if name not in known and is_known(name):
            remedy = closest(name, known) or f"{error.schema.get('title', 'it')} takes {some_of(sorted(known))}"
            if name == "Next" and error.schema.get("title") == "a comparison":
                remedy = "give it to the rule around it: a comparison inside And, Or or Not leads nowhere"
            where = replace(where_of((*keys, name)), of_key=True)
            yield Problem(where, f"Field '{name}' is not supported", remedy)


def _wrong_value(error: _Error) -> tuple[str, str]:
    kinds = error.schema["type"]
    kind = (kinds if isinstance(kinds, str) else kinds[0]).upper()
    return f"Expected value of type [{kind}], and this is {short(error.instance)}", f"write {_wanted(error)}"


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
    listed = f"[{', '.join(values)}]"
    if error.path[-1] in ("Type", "InputType"):
        return f"The field '{error.path[-1]}' should have one of these values: {listed}", remedy
    return f"Value should be one of the following: {listed}", remedy


def _empty(error: _Error) -> tuple[str, str]:
    return "Value cannot be empty", f"write {_wanted(error)}"


def _below(error: _Error) -> tuple[str, str]:
    return f"Minimum value is {error.validator_value}, and this is {short(error.instance)}", f"write {_wanted(error)}"


def _above(error: _Error) -> tuple[str, str]:
    return f"Maximum value is {error.validator_value}, and this is {short(error.instance)}", f"write {_wanted(error)}"


_SAYING: dict[str, Callable[[_Error], tuple[str, str]]] = {
    "enum": _not_one_of,
    "minItems": _empty,
    "minLength": _empty,
    "minProperties": _empty,
    "minimum": _below,
    "maximum": _above,
}
