"""The parameters of a task, compared with those of the service that it calls (definition/integrations.py).

Placeholders, paths and expressions are accepted everywhere, because their values are unknown.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workflow_dsl.definition.calls import title_of
from workflow_dsl.definition.integrations import Integration, optimized, parameters_of
from workflow_dsl.definition.json import Json, short_json
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.parameter_types import NUMBER_TYPES, STRING, WrongType, is_number_text, wrong_types
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.definition.service_models import Shape
from workflow_dsl.findings import Keys, closest, did_you_mean, short_list
from workflow_dsl.validation.rules.resources import called_integrations
from workflow_dsl.validation.rules.rule import Definition, Problem, error, guide_url, warning


def _parameters_field(state: State, definition: Definition) -> tuple[str, Json]:
    """The field that contains a task's parameters in its query language, and its value."""
    field = "Arguments" if definition.language_of(state) == "JSONata" else "Parameters"
    return field, state.fields.get(field)


_PARAMETERS = frozenset(("Arguments", "Parameters"))


@error(guide_url("connect-parameters"), applies_to="Integration")
def parameters_are_given(definition: Definition) -> Iterator[Problem]:
    """A task that calls a service integration has Parameters (JSONata: Arguments), even if empty: {}."""
    for state, resource, integration in definition.memo(called_integrations):
        field, _ = _parameters_field(state, definition)
        is_given = not _PARAMETERS.isdisjoint(state.fields)  # the field of the other language is a finding of its own
        if not is_given and (integration.is_sdk or f"{integration.service}:{integration.action}" in optimized()):
            message = f"{field} field is required for resource ARN: {resource}"
            yield Problem(state.at(), message, _example(field, parameters_of(integration)))


def _example(field: str, parameters: Shape | None) -> str:
    names = [f'"{name}": ...' for name in (parameters.required if parameters else ())]
    return f'add "{field}": {{{", ".join(names)}}}'


def calls(definition: Definition) -> Iterator[tuple[State, Integration, str, Mapping[str, Json], Shape]]:
    """Yield the tasks whose parameters are an object: integration, field, value, and the service's parameters."""
    for state, _, integration in definition.memo(called_integrations):
        field, value = _parameters_field(state, definition)
        parameters = parameters_of(integration) if isinstance(value, dict) else None
        if parameters:
            yield state, integration, field, value, parameters


@error(guide_url("connect-parameters"), applies_to="Integration")
def unknown_parameters(definition: Definition) -> Iterator[Problem]:
    """A task passes only parameters that the service has, spelled as in the Java SDK: Acl, DbInstanceClass."""
    for state, integration, field, arguments, parameters in definition.memo(calls):
        for keys, name, members in _unknown(arguments, parameters, deep=integration.is_sdk):
            yield Problem(state.at_key(field, *keys), *_not_supported(name, members))


@warning("UNKNOWN_PARAMETER", guide_url("connect-parameters"), applies_to="Integration")
def unknown_nested_parameters(definition: Definition) -> Iterator[Problem]:
    """An unknown name inside a parameter of an optimized integration is most likely a mistake."""
    for state, integration, field, arguments, parameters in definition.memo(calls):
        for keys, name, members in _unknown(arguments, parameters, deep=True) if not integration.is_sdk else ():
            if len(keys) > 1:
                yield Problem(state.at_key(field, *keys), *_not_supported(name, members))


def _not_supported(name: str, members: Mapping[str, Any]) -> tuple[str, str]:
    remedy = did_you_mean(name, members) or (f"it takes {short_list(sorted(members))}" if members else "remove it")
    return f'The field "{name}" is not supported by Step Functions', remedy


def _unknown(arguments: Json, parameters: Shape, deep: bool) -> Iterator[tuple[Keys, str, Mapping[str, Any]]]:
    """Yield the fields that the service does not have: the keys, the name, and the members that it has there."""
    for keys, value, structure in _structures(arguments, parameters, deep):
        for key in value:
            name = key.removesuffix(".$")
            if name not in structure.members and is_known(name):
                yield (*keys, key), name, structure.members


def _structures(arguments: Json, parameters: Shape, deep: bool) -> Iterator[tuple[Keys, dict[str, Json], Shape]]:
    """Yield the objects in a task's parameters that are structures of the API, each with its keys and its shape."""
    yield (), arguments, parameters
    waiting: list[tuple[Keys, Json, str | None]] = []
    if deep:
        waiting += [((name,), value, parameters.members.get(name)) for name, value in arguments.items()]
    while waiting and parameters.model:
        keys, value, shape_name = waiting.pop()
        shape = parameters.model.shapes[shape_name] if shape_name else {}
        kind = shape.get("type")
        if (
            kind == "structure"
            and isinstance(value, dict)
            and not shape.get("document")
            and _has_java_names(shape_name)
        ):
            inner = parameters.model.structure(str(shape_name))
            yield keys, value, inner
            waiting += [((*keys, name), member, inner.members.get(name)) for name, member in value.items()]
        elif kind == "list" and isinstance(value, list):
            waiting += [((*keys, index), item, shape["member"]["shape"]) for index, item in enumerate(value)]
        elif kind == "map" and isinstance(value, dict):
            waiting += [((*keys, name), member, shape["value"]["shape"]) for name, member in value.items()]


def _has_java_names(shape: str | None) -> bool:
    """True if names in a structure are spelled as in the Java SDK; DynamoDB's AttributeValue keeps the API's names."""
    return shape is not None and shape != "AttributeValue"


_ATTRIBUTE_MAPS = ("Item", "Key", "ExpressionAttributeValues")
_ATTRIBUTE_VALUE = ("S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL")


_LISTS = ("SS", "NS", "BS", "L")


@warning("UNKNOWN_ATTRIBUTE_TYPE", guide_url("connect-ddb"), applies_to="Integration")
def attribute_values(definition: Definition) -> Iterator[Problem]:
    """A value in DynamoDB's Item, Key and ExpressionAttributeValues has a type: {"S": "x"}, {"N": "1"}."""
    for state, integration, field, arguments, _ in definition.memo(calls):
        for name in _ATTRIBUTE_MAPS if integration.service == "dynamodb" else ():
            holder = arguments.get(name)
            for key, value in holder.items() if isinstance(holder, dict) else ():
                for type_ in value if isinstance(value, dict) else ():
                    if is_known(type_) and type_.removesuffix(".$").upper() not in _ATTRIBUTE_VALUE:
                        message = f'"{type_}" is not a type of an attribute value'
                        remedy = f"write one of {', '.join(_ATTRIBUTE_VALUE)}"
                        yield Problem(state.at_key(field, name, key, type_), message, remedy)
                    elif type_.upper() in ("BOOL", "NULL") and _is_no_boolean(value[type_]):
                        message = f"{type_} takes true or false, but {short_json(value[type_])} is a string"
                        yield Problem(state.at(field, name, key, type_), message, "write true or false, without quotes")
                    elif type_ in _LISTS and is_known(value[type_]) and not value[type_].startswith("{%"):
                        message = f"{type_} is a string, but it takes a list"
                        yield Problem(state.at(field, name, key, type_), message, f'write {{"{type_}": [...]}}')


def _is_no_boolean(value: Json) -> bool:
    return is_known(value) and not value.startswith("{%") and value not in ("true", "false")


@error(guide_url("connect-parameters"), applies_to="Integration")
def missing_parameters(definition: Definition) -> Iterator[Problem]:
    """A task passes every parameter that the service requires."""
    for state, _, field, arguments, parameters in definition.memo(calls):
        misspelt = {closest(name, parameters.members) for _, name, _ in _unknown(arguments, parameters, deep=False)}
        for name in parameters.required:
            if name not in arguments and f"{name}.$" not in arguments and name not in misspelt:
                message = f"The field '{name}' is required but was missing"
                yield Problem(state.at(field), message, f'add "{name}"')


@warning("INCOMPLETE_PARAMETER", guide_url("connect-parameters"), applies_to="Integration")
def missing_nested_parameters(definition: Definition) -> Iterator[Problem]:
    """An object inside a task's parameters has every field that the service requires: a call without one fails."""
    for state, integration, field, arguments, parameters in definition.memo(calls):
        has_objects = any(isinstance(value, (dict, list)) for value in arguments.values())
        for keys, value, structure in _structures(arguments, parameters, deep=True) if has_objects else ():
            if (
                not keys or not structure.required or "MessageAttributes" in keys
            ):  # of which another rule says what they lack
                continue
            present = {name.removesuffix(".$").lower() for name in value}
            are_known = all(name.removesuffix(".$") in structure.members for name in value)
            for name in structure.required if are_known else ():  # else the unknown name is the finding
                if name.lower() not in present:
                    message = f"{_name_of(keys)} has no {name}, which {title_of(integration.service)} requires"
                    yield Problem(state.at(field, *keys), message, f'add "{name}"')


def _name_of(keys: Keys) -> str:
    """The name of a field, with the position of an item in it."""
    return f"{keys[-2]}[{keys[-1]}]" if isinstance(keys[-1], int) and len(keys) > 1 else str(keys[-1])


@warning("NO_CONNECTION", guide_url("call-https-apis#http-task-authentication"), applies_to="Integration")
def connection_of_an_http_task(definition: Definition) -> Iterator[Problem]:
    """An HTTP task names the EventBridge connection that it needs, in Authentication or in InvocationConfig."""
    for state, integration, field, arguments, _ in definition.memo(calls):
        if (integration.service, integration.action) == ("http", "invoke") and not integration.is_sdk:
            names = {name.removesuffix(".$") for name in arguments}
            if names.isdisjoint(("Authentication", "InvocationConfig")):
                remedy = "add a ConnectionArn of EventBridge: arn:aws:events:REGION:ACCOUNT:connection/NAME/ID"
                yield Problem(state.at(field), "has no connection, without which an HTTP task fails", remedy)


@error(guide_url("connect-parameters"), applies_to="Integration")
def parameter_values(definition: Definition) -> Iterator[Problem]:
    """A parameter with a fixed list of values has one of them."""
    for state, integration, field, arguments, parameters in definition.memo(calls):
        yield from _unknown_values(state, field, _literal_strings(arguments, parameters, deep=integration.is_sdk))


@warning("UNKNOWN_VALUE", guide_url("connect-parameters"), applies_to="Integration")
def nested_parameter_values(definition: Definition) -> Iterator[Problem]:
    """An unknown value inside a parameter of an optimized integration is most likely a mistake."""
    for state, integration, field, arguments, parameters in definition.memo(calls):
        if not integration.is_sdk:
            nested = (row for row in _literal_strings(arguments, parameters, deep=True) if len(row[0]) > 1)
            yield from _unknown_values(state, field, nested)


def _unknown_values(
    state: State, field: str, strings: Iterable[tuple[Keys, Json, Mapping[str, Json]]]
) -> Iterator[Problem]:
    for keys, value, shape in strings:
        values = shape.get("enum")
        if values and isinstance(value, str) and value not in values:
            message = f"Value should be one of the following: [{short_list(values)}]"
            yield Problem(state.at(field, *keys), message, did_you_mean(value, values) or "write one of them")


@error(guide_url("connect-parameters"), applies_to="Integration")
def parameter_types(definition: Definition) -> Iterator[Problem]:
    """A parameter has the type that the service expects: only fields for JSON, such as Message, take an object."""
    for state, integration, field, arguments, parameters in definition.memo(calls):
        for wrong in wrong_types(integration, arguments, parameters):
            if not isinstance(wrong.value, str) and not _may_become_text(integration, wrong):
                language = definition.language_of(state)
                yield Problem(state.at(field, *wrong.keys), wrong.message, _in_its_type(wrong, language))


def _may_become_text(integration: Integration, wrong: WrongType) -> bool:
    """True for an object or array where an SDK integration expects a string: AWS does not say which fields take it."""
    return integration.is_sdk and wrong.expected == STRING and isinstance(wrong.value, (dict, list))


def _in_its_type(wrong: WrongType, language: Json) -> str:
    """The remedy for a value of the wrong type."""
    if wrong.expected != STRING:
        return f"write {wrong.expected.lower()}"
    if isinstance(wrong.value, dict) and next(iter(wrong.value), "").startswith(("Fn::", "Ref")):
        return 'write a placeholder, "${Name}", and this function as its value in DefinitionSubstitutions'
    if not isinstance(wrong.value, (dict, list)):
        return f'write "{short_json(wrong.value)}"'
    as_text = '"{}": "{{% $string(...) %}}"' if language == "JSONata" else '"{}.$": "States.JsonToString($...)"'
    return f"pass its text: {as_text.format(wrong.field)}"


# The text in these fields is JSON that the service reads: a request, an event or the input of an execution.
_JSON_TEXTS = {"lambda": "Payload", "states": "Input", "sfn": "Input", "events": "Detail", "eventbridge": "Detail"}


@warning("NOT_JSON", guide_url("connect-lambda"), applies_to="Integration")
def json_texts(definition: Definition) -> Iterator[Problem]:
    """A literal text in Payload, Input or Detail is JSON: a call with another text fails."""
    for state, integration, field, arguments, parameters in definition.memo(calls):
        is_encoded = integration.is_sdk and integration.service == "lambda"  # there text becomes a JSON string
        name = None if is_encoded else _JSON_TEXTS.get(integration.service)
        for keys, value, _ in _literal_strings(arguments, parameters, deep=True) if name else ():
            # A path without .$ is another mistake.
            if keys[-1] == name and not value.startswith("$") and not _is_json(value):
                message = f"is the string {short_json(value)}, which is not JSON"
                yield Problem(
                    state.at(field, *keys), message, f'write an object, or "{short_json(short_json(value))[1:-1]}"'
                )


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


@warning("WRONG_KIND", guide_url("connect-parameters"), applies_to="Integration")
def parameter_kinds(definition: Definition) -> Iterator[Problem]:
    """A parameter is not a string where the service expects a boolean, a list or an object, nor the other way round."""
    for state, integration, field, arguments, parameters in definition.memo(calls):
        for wrong in wrong_types(integration, arguments, parameters):
            if _may_become_text(integration, wrong):
                remedy = _in_its_type(wrong, definition.language_of(state))
                yield Problem(state.at(field, *wrong.keys), wrong.message, remedy)
        for keys, value, shape in _literal_strings(arguments, parameters, deep=True):
            type_ = str(shape.get("type"))
            if type_ in NUMBER_TYPES and not is_number_text(value):
                message = f"is the string {short_json(value)}, but the service expects a number"
                yield Problem(state.at(field, *keys), message, "write a number")
            expected = _EXPECTED.get(type_)
            is_item = integration.service == "dynamodb" and shape.get("type") == "structure"
            if is_item and not integration.is_sdk and keys[0] in _ATTRIBUTE_MAPS:
                continue
            if expected and isinstance(value, str) and not shape.get("document"):
                message = f"is the string {short_json(value)}, but the service expects {expected[0]}"
                remedy = f'write its type too: {{"S": {short_json(value)}}}' if is_item else expected[1]
                # AWS does not document whether it reads "true" as true, and published workflows have it.
                is_read = shape.get("type") == "boolean" and value in ("true", "false")
                yield Problem(state.at(field, *keys), message, remedy, is_note=is_read)


_EXPECTED = {
    "boolean": ("true or false", "write true or false, without quotes"),
    "structure": ("an object", "write an object: {...}"),
    "list": ("a list", "write a list: [...]"),
    "map": ("an object", "write an object: {...}"),
}


def _literal_strings(arguments: Json, parameters: Shape, deep: bool) -> Iterator[tuple[Keys, Json, Mapping[str, Json]]]:
    """Yield the literal strings in a task's parameters: the keys, the string, and its shape in the API."""
    for keys, value, structure in _structures(arguments, parameters, deep):
        for name, member in value.items():
            shape = structure.member(name)
            if is_known(member) and not member.startswith("{%"):
                yield (*keys, name), member, shape
            elif isinstance(member, dict) and shape.get("type") == "map" and structure.model:
                item_shape = structure.model.shapes[shape["value"]["shape"]]
                yield from (
                    ((*keys, name, key), text, item_shape)
                    for key, text in member.items()
                    if is_known(text) and not text.startswith("{%") and not key.endswith(".$")
                )
            elif isinstance(member, list) and shape.get("type") == "list" and structure.model:
                item_shape = structure.model.shapes[shape["member"]["shape"]]
                yield from (
                    ((*keys, name, index), text, item_shape)
                    for index, text in enumerate(member)
                    if is_known(text) and not text.startswith("{%")
                )
