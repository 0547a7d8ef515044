"""The parameters of a task: whether they are those of the service that it calls.

Integrations and their parameters are known by integrations.py. What a placeholder, a path or an expression stands for
is not known, and satisfies everything.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workflow_dsl.definition.integrations import Integration, Parameters, optimized, parameters_of
from workflow_dsl.definition.json import Json, short
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import Keys, closest, some_of
from workflow_dsl.validation.rules.resources import called_integrations
from workflow_dsl.validation.rules.rule import Definition, Problem, error, guide, warning

_Keys = Keys


def _given(state: State, definition: Definition) -> tuple[str, Json]:
    """The field with a task's parameters in its query language, and what is in it."""
    field = "Arguments" if definition.language_of(state) == "JSONata" else "Parameters"
    return field, state.fields.get(field)


@error(guide("connect-parameters"), about="Integration")
def parameters_are_given(definition: Definition) -> Iterator[Problem]:
    """A task that calls an integration says with which parameters, be it with none: {}."""
    for state, resource, called in definition.once(called_integrations):
        field, _ = _given(state, definition)
        if field not in state.fields and (called.is_sdk or f"{called.service}:{called.action}" in optimized()):
            message = f"{field} field is required for resource ARN: {resource}"
            yield Problem(state.at(), message, _example(field, parameters_of(called)))


def _example(field: str, parameters: Parameters | None) -> str:
    names = [f'"{name}": ...' for name in (parameters.required if parameters else ())]
    return f'add "{field}": {{{", ".join(names)}}}'


def _calls(definition: Definition) -> Iterator[tuple[State, Integration, str, Mapping[str, Json], Parameters]]:
    """The tasks whose parameters are an object, with what the service takes."""
    for state, _, called in definition.once(called_integrations):
        field, given = _given(state, definition)
        parameters = parameters_of(called) if isinstance(given, dict) else None
        if parameters:
            yield state, called, field, given, parameters


@error(guide("connect-parameters"), about="Integration")
def unknown_parameters(definition: Definition) -> Iterator[Problem]:
    """A task gives no parameter that the service lacks; names are those of the Java SDK: Acl, DbInstanceClass."""
    for state, called, field, given, parameters in definition.once(_calls):
        for keys, name, known in _unknown(given, parameters, deep=called.is_sdk):
            yield Problem(state.at_key(field, *keys), *_not_supported(name, known))


@warning("UNKNOWN_PARAMETER", guide("connect-parameters"), about="Integration")
def unknown_nested_parameters(definition: Definition) -> Iterator[Problem]:
    """Inside a parameter of an optimized integration, a name that the service lacks is most likely a mistake."""
    for state, called, field, given, parameters in definition.once(_calls):
        for keys, name, known in _unknown(given, parameters, deep=True) if not called.is_sdk else ():
            if len(keys) > 1:
                yield Problem(state.at_key(field, *keys), *_not_supported(name, known))


def _not_supported(name: str, known: Mapping[str, Any]) -> tuple[str, str]:
    remedy = closest(name, known) or (f"it takes {some_of(sorted(known))}" if known else "it takes none")
    return f'The field "{name}" is not supported by Step Functions', remedy


def _unknown(given: Json, parameters: Parameters, deep: bool) -> Iterator[tuple[_Keys, str, Mapping[str, Any]]]:
    for keys, value, known in _structures(given, parameters, deep):
        for key in value:
            name = key.removesuffix(".$")
            if name not in known.members and is_known(name):
                yield (*keys, key), name, known.members


def _structures(given: Json, parameters: Parameters, deep: bool) -> Iterator[tuple[_Keys, dict[str, Json], Parameters]]:
    """The objects in a task's parameters that are structures of the API, with the keys to each."""
    yield (), given, parameters
    waiting: list[tuple[_Keys, Json, str | None]] = []
    if deep:
        waiting += [((name,), value, parameters.members.get(name)) for name, value in given.items()]
    while waiting and parameters.api:
        keys, value, shape_name = waiting.pop()
        shape = parameters.api.shapes[shape_name] if shape_name else {}
        kind = shape.get("type")
        if kind == "structure" and isinstance(value, dict) and not shape.get("document") and _is_spelled(shape_name):
            inner = parameters.api.of_shape(str(shape_name))
            yield keys, value, inner
            waiting += [((*keys, name), each, inner.members.get(name)) for name, each in value.items()]
        elif kind == "list" and isinstance(value, list):
            waiting += [((*keys, index), each, shape["member"]["shape"]) for index, each in enumerate(value)]
        elif kind == "map" and isinstance(value, dict):
            waiting += [((*keys, name), each, shape["value"]["shape"]) for name, each in value.items()]


def _is_spelled(shape: str | None) -> bool:
    """Whether names in a structure are the Java SDK's: DynamoDB's AttributeValue is spelled as its own API has it."""
    return shape is not None and shape != "AttributeValue"


_ATTRIBUTE_VALUE = ("S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL")


@warning("UNKNOWN_ATTRIBUTE_TYPE", guide("connect-ddb"), about="Integration")
def attribute_values(definition: Definition) -> Iterator[Problem]:
    """A value in DynamoDB's Item, Key and ExpressionAttributeValues says its type: {"S": "x"}, {"N": "1"}."""
    for state, called, field, given, _ in definition.once(_calls):
        for name in ("Item", "Key", "ExpressionAttributeValues") if called.service == "dynamodb" else ():
            holder = given.get(name)
            for key, value in holder.items() if isinstance(holder, dict) else ():
                for type_ in value if isinstance(value, dict) else ():
                    if is_known(type_) and type_.removesuffix(".$").upper() not in _ATTRIBUTE_VALUE:
                        message = f'"{type_}" is no type of an attribute value'
                        remedy = f"write one of {', '.join(_ATTRIBUTE_VALUE)}"
                        yield Problem(state.at_key(field, name, key, type_), message, remedy)


@error(guide("connect-parameters"), about="Integration")
def missing_parameters(definition: Definition) -> Iterator[Problem]:
    """A task gives every parameter that the service requires."""
    for state, _, field, given, parameters in definition.once(_calls):
        for name in parameters.required:
            if name not in given and f"{name}.$" not in given:
                message = f"The field '{name}' is required but was missing"
                yield Problem(state.at(field), message, f'add "{name}"')


@error(guide("connect-parameters"), about="Integration")
def parameter_values(definition: Definition) -> Iterator[Problem]:
    """A parameter for which the service has a list of values has one of them."""
    for state, called, field, given, parameters in definition.once(_calls):
        yield from _no_such_values(state, field, _scalars(given, parameters, deep=called.is_sdk))


@warning("UNKNOWN_VALUE", guide("connect-parameters"), about="Integration")
def nested_parameter_values(definition: Definition) -> Iterator[Problem]:
    """Inside a parameter of an optimized integration, a value that the service lacks is most likely a mistake."""
    for state, called, field, given, parameters in definition.once(_calls):
        if not called.is_sdk:
            nested = (row for row in _scalars(given, parameters, deep=True) if len(row[0]) > 1)
            yield from _no_such_values(state, field, nested)


def _no_such_values(
    state: State, field: str, scalars: Iterable[tuple[_Keys, Json, Mapping[str, Json]]]
) -> Iterator[Problem]:
    for keys, value, shape in scalars:
        values = shape.get("enum")
        if values and isinstance(value, str) and value not in values:
            message = f"Value should be one of the following: [{some_of(values)}]"
            yield Problem(state.at(field, *keys), message, closest(value, values) or "write one of them")


@warning("WRONG_KIND", guide("connect-parameters"), about="Integration")
def parameter_kinds(definition: Definition) -> Iterator[Problem]:
    """No text stands where the service wants true or false, a list or an object."""
    for state, called, field, given, parameters in definition.once(_calls):
        for keys, value, shape in _scalars(given, parameters, deep=True):
            wanted = _WANTED.get(str(shape.get("type")))
            if wanted and isinstance(value, str) and not shape.get("document"):
                message = f"is the text {short(value)}, and the service wants {wanted[0]}"
                is_item = called.service == "dynamodb" and shape["type"] == "structure"
                remedy = f'say its type too: {{"S": {short(value)}}}' if is_item else wanted[1]
                yield Problem(state.at(field, *keys), message, remedy)


_WANTED = {
    "boolean": ("true or false", "write true or false, without quotes"),
    "structure": ("an object", "write an object: {...}"),
    "list": ("a list", "write a list: [...]"),
    "map": ("an object", "write an object: {...}"),
}


def _scalars(given: Json, parameters: Parameters, deep: bool) -> Iterator[tuple[_Keys, Json, Mapping[str, Json]]]:
    """The known texts in a task's parameters, with the shape the API has for each."""
    for keys, value, known in _structures(given, parameters, deep):
        for name, each in value.items():
            shape = known.shape(name)
            if is_known(each) and not each.startswith("{%"):
                yield (*keys, name), each, shape
            elif isinstance(each, dict) and shape.get("type") == "map" and known.api:
                item = known.api.shapes[shape["value"]["shape"]]
                yield from (
                    ((*keys, name, key), text, item)
                    for key, text in each.items()
                    if is_known(text) and not text.startswith("{%") and not key.endswith(".$")
                )
            elif isinstance(each, list) and shape.get("type") == "list" and known.api:
                item = known.api.shapes[shape["member"]["shape"]]
                yield from (
                    ((*keys, name, index), text, item)
                    for index, text in enumerate(each)
                    if is_known(text) and not text.startswith("{%")
                )


_OF_A_MAP = {"ItemReader": ("Bucket", "Key"), "ResultWriter": ("Bucket",)}


@warning("READER_PARAMETERS", guide("input-output-itemreader"), about="Map")
def parameters_of_a_map(definition: Definition) -> Iterator[Problem]:
    """A Map that reads from S3 says from which bucket and, with getObject, which key; one that writes, which bucket."""
    for state in definition.of("Map"):
        for field, names in _OF_A_MAP.items():
            holder = state.fields.get(field)
            resource = holder.get("Resource") if isinstance(holder, dict) else None
            if not isinstance(holder, dict) or not is_known(resource):
                continue
            given = holder.get("Arguments", holder.get("Parameters", {}))
            wanted = names if resource.endswith(("getObject", "putObject")) else names[:1]
            if not isinstance(given, dict):
                continue
            for name in wanted:
                if name not in given and f"{name}.$" not in given:
                    inner = "Arguments" if definition.language_of(state) == "JSONata" else "Parameters"
                    yield Problem(state.at(field), f"does not say which {name.lower()}", f'add "{name}" to its {inner}')


RULES = (
    parameters_are_given,
    unknown_parameters,
    unknown_nested_parameters,
    attribute_values,
    missing_parameters,
    parameter_values,
    nested_parameter_values,
    parameter_kinds,
    parameters_of_a_map,
)
