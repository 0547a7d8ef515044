"""The shape of a definition: asl.schema.json, checked with `jsonschema`, with the service's words for its errors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from workflow_dsl.definition.json import short_json
from workflow_dsl.definition.machine import to_where
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import Keys, did_you_mean, short_list
from workflow_dsl.records import replace
from workflow_dsl.validation.fast_schema import Predicate, compile_schema
from workflow_dsl.validation.rules.rule import Definition, Problem, error, guide_url

_Failure = Any  # a jsonschema ValidationError; as typed, each of its attributes may be unset


@error(guide_url("concepts-amazon-states-language"))
def shape(definition: Definition) -> Iterator[Problem]:
    """Every required field is present, and every field is known and has a valid type and range (asl.schema.json)."""
    document = dict(definition.machine.fields)
    return iter(()) if _accepts()(document) else _problems(document)


@cache
def _accepts() -> Predicate:
    return compile_schema(_schema())


def _problems(document: dict[str, Any]) -> Iterator[Problem]:
    missing: dict[Keys, list[str]] = {}
    for failure in _validator().iter_errors(document):
        keys = tuple(failure.absolute_path)
        if isinstance(failure.instance, str) and not is_known(failure.instance):
            continue  # the value of a placeholder is unknown
        if failure.validator == "required":
            names = [name for name in failure.validator_value if name not in failure.instance]
            missing.setdefault(keys, names)
        elif failure.validator == "additionalProperties":
            # What has no field of a definition is another file, and its names can be secrets.
            yield from _unknown_fields(failure, keys) if keys or _is_definition(document) else ()
        else:
            yield Problem(to_where(keys), *_MESSAGES.get(failure.validator, _wrong_type)(failure))
    for keys, names in missing.items():
        message = f"These fields are required: [{', '.join(names)}]"
        yield Problem(to_where(keys), message, f"add {' and '.join(names)}")


def _is_definition(document: dict[str, Any]) -> bool:
    return not _schema()["properties"].keys().isdisjoint(document)


@cache
def _schema() -> Any:
    return json.loads(Path(__file__).parent.with_name("asl.schema.json").read_bytes())


@cache
def _validator() -> Any:
    from jsonschema import Draft202012Validator  # lazy: 80 ms, only needed for definitions of the wrong shape

    return Draft202012Validator(_schema())


def _unknown_fields(failure: _Failure, keys: Keys) -> Iterator[Problem]:
    known, title = failure.schema["properties"], failure.schema.get("title", "it")
    for name in failure.instance:
        if name not in known and is_known(name):
            remedy = did_you_mean(name, known) or f"{title} takes {short_list(sorted(known))}"
            if name == "Next" and title == "a comparison":
                remedy = "move it to the enclosing rule: a comparison inside And, Or or Not has no transition"
            where = replace(to_where((*keys, name)), at_key=True)
            yield Problem(where, f"Field '{name}' is not supported", remedy)


def _wrong_type(failure: _Failure) -> tuple[str, str]:
    types = failure.schema["type"]
    type_ = (types if isinstance(types, str) else types[0]).upper()
    name = str(failure.path[-1]) if failure.path else ""
    is_misplaced = len(failure.path) > 1 and failure.path[-2] == "States" and name in _schema()["properties"]
    remedy = f"move {name} out of States, beside StartAt" if is_misplaced else f"write {_expected(failure)}"
    return f"Expected value of type [{type_}], got {short_json(failure.instance)}", remedy


_TYPES = {"string": "a string", "boolean": "true or false", "object": "an object", "array": "a list"}
_INTO_A_VALUE = ("properties", "additionalProperties", "items", "propertyNames")


def _expected(failure: _Failure) -> str:
    """The expected value: the title of the failed schema, or of the nearest one around it for the same value."""
    schema: Any = _schema()
    title = ""
    for step in failure.absolute_schema_path:  # jsonschema omits "$ref" steps
        schema = _resolve(schema[step])
        outer = "" if step in _INTO_A_VALUE else title
        title = schema.get("title", outer) if isinstance(schema, dict) else outer
    return title or _TYPES.get(failure.validator_value, f"{failure.validator_value}")


def _resolve(schema: Any) -> Any:
    while isinstance(schema, dict) and "$ref" in schema:
        schema = _schema()["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def _not_one_of(failure: _Failure) -> tuple[str, str]:
    values = failure.validator_value
    remedy = did_you_mean(str(failure.instance), values) or f"write one of {', '.join(values)}"
    listed = f"[{', '.join(values)}]"
    if failure.path[-1] in ("Type", "InputType"):
        return f"The field '{failure.path[-1]}' should have one of these values: {listed}", remedy
    return f"Value should be one of the following: {listed}", remedy


def _empty(failure: _Failure) -> tuple[str, str]:
    return "Value cannot be empty", f"write {_expected(failure)}"


def _below(failure: _Failure) -> tuple[str, str]:
    message = f"Minimum value is {failure.validator_value}, got {short_json(failure.instance)}"
    return message, f"write {_expected(failure)}"


def _above(failure: _Failure) -> tuple[str, str]:
    message = f"Maximum value is {failure.validator_value}, got {short_json(failure.instance)}"
    return message, f"write {_expected(failure)}"


_MESSAGES: dict[str, Callable[[_Failure], tuple[str, str]]] = {
    "enum": _not_one_of,
    "minItems": _empty,
    "minLength": _empty,
    "minProperties": _empty,
    "minimum": _below,
    "maximum": _above,
}
