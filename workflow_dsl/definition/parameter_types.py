"""The types of an integration's parameters. The service checks them before it starts a task.

Messages: `The value for the field 'S' must be a STRING`, as users of the service report them (aws-cdk issues 9181 and
12284). Fields that take JSON: developer guide, the pages of the optimized integrations ("Call Amazon SNS", "Call Amazon
SQS", "Call EventBridge", "Start workflow executions", "Invoke an AWS Lambda function").

A string is a whole attribute of the optimized integration of DynamoDB, `"text"` for `{"S": "text"}`: aws-cdk issue
17375, and in the published workflows curbside-pickup, human-task-reminder and quorum-with-parallel-pattern.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from workflow_dsl.definition.integrations import Integration
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.service_models import ServiceModel, Shape
from workflow_dsl.findings import Keys
from workflow_dsl.regexes import lazy_regex


class WrongType(NamedTuple):
    """A value whose type the service refuses: its keys in the parameters, its field, itself, and the type to be."""

    keys: Keys
    field: str
    value: Json
    expected: str  # a STRING

    @property
    def message(self) -> str:
        """The service's message."""
        return f"The value for the field '{self.field}' must be {self.expected}"


# The fields of each service that take a JSON object or array, as well as text.
JSON_FIELDS: Mapping[str, tuple[str, ...]] = {
    "eventbridge": ("Detail", "Input"),
    "events": ("Detail",),
    "lambda": ("Payload",),
    "scheduler": ("Input",),
    "sfn": ("Input", "Output", "Definition"),
    "sns": ("Message",),
    "sqs": ("MessageBody",),
    "states": ("Input",),
}
STRING = "a STRING"
_INTEGER = lazy_regex(r"[+-]?\d+")
_NUMBER = lazy_regex(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def _is_integer(value: Json) -> bool:
    if isinstance(value, str):
        return _INTEGER.fullmatch(value) is not None
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value == int(value)


def is_number_text(text: str) -> bool:
    """True for a string that a service takes for a number: `12.5`."""
    return _NUMBER.fullmatch(text) is not None


def _is_number(value: Json) -> bool:
    if isinstance(value, str):
        return is_number_text(value)
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_Accepts = Callable[[Json], bool]
_STRING: tuple[str, _Accepts] = (STRING, lambda value: isinstance(value, str))
_WHOLE: tuple[str, _Accepts] = ("an INTEGER", _is_integer)
_DECIMAL: tuple[str, _Accepts] = ("a NUMBER", _is_number)
_BOOLEAN: tuple[str, _Accepts] = ("a BOOLEAN", lambda value: isinstance(value, bool) or value in ("true", "false"))
_ARRAY: tuple[str, _Accepts] = ("an ARRAY", lambda value: isinstance(value, list))
_OBJECT: tuple[str, _Accepts] = ("an OBJECT", lambda value: isinstance(value, dict))
# The name of each type of botocore's models, and the values that it accepts. A blob and a timestamp accept all values.
_TYPES: dict[str, tuple[str, _Accepts]] = {
    "string": _STRING,
    "character": _STRING,
    "integer": _WHOLE,
    "long": _WHOLE,
    "float": _DECIMAL,
    "double": _DECIMAL,
    "boolean": _BOOLEAN,
    "list": _ARRAY,
    "map": _OBJECT,
    "structure": _OBJECT,
}


NUMBER_TYPES = ("integer", "long", "float", "double")


def refusals(integration: Integration, arguments: Mapping[str, Json], parameters: Shape) -> list[str]:
    """Return the service's messages for the parameters of a task that it does not start."""
    unknown = [name for name in arguments if name not in parameters.members]
    missing = [name for name in parameters.required if arguments.get(name) is None]
    return [
        *(f'The field "{name}" is not supported by Step Functions' for name in unknown),
        *(f"The field '{name}' is required but was missing" for name in missing),
        *(wrong.message for wrong in wrong_types(integration, arguments, parameters)),
    ]


def wrong_types(integration: Integration, arguments: Mapping[str, Json], parameters: Shape) -> Iterator[WrongType]:
    """Yield the values in a task's parameters whose type the service refuses. Paths (`name.$`) are not looked at."""
    model = parameters.model
    if model is None:
        return
    json_fields = JSON_FIELDS.get(integration.service, ())
    waiting: list[tuple[Keys, Json, str | None]] = [
        ((name,), value, parameters.members.get(name)) for name, value in list(arguments.items())[::-1]
    ]
    while waiting:
        keys, value, shape_name = waiting.pop()
        field = next((str(key) for key in reversed(keys) if isinstance(key, str)), "")
        if value is None or shape_name is None or field.endswith(".$"):
            continue
        kind = _kind(integration, field, model, shape_name)
        if field in json_fields and isinstance(value, (dict, list)) and kind == "string":
            continue
        expected = _TYPES.get(kind)
        if expected is None or (isinstance(value, str) and _is_attribute(integration, shape_name)):
            continue
        if expected[1](value):
            waiting += reversed([(keys + key, item, name) for key, item, name in _members(value, shape_name, model)])
        else:
            yield WrongType(keys, field, value, expected[0])


def _kind(integration: Integration, field: str, model: ServiceModel, shape_name: str) -> str:
    shape = model.shapes[shape_name]
    if shape.get("document"):
        return "document"
    # The optimized integration calls the blob a string: numbers and booleans are refused.
    is_payload = not integration.is_sdk and (integration.service, field) == ("lambda", "Payload")
    return "string" if is_payload else str(shape["type"])


def _is_attribute(integration: Integration, shape_name: str | None) -> bool:
    """True for an attribute of DynamoDB's optimized integration, which takes "x" for {"S": "x"}."""
    return integration.service == "dynamodb" and not integration.is_sdk and shape_name == "AttributeValue"


def _members(value: Json, shape_name: str, model: ServiceModel) -> Iterator[tuple[Keys, Json, str | None]]:
    """Yield what is inside a value of a shape: its key, itself, and the name of its shape."""
    shape = model.shapes[shape_name]
    if shape["type"] == "structure":
        members = model.member_shapes(shape_name)
        yield from (((name,), item, members.get(name.lower())) for name, item in value.items())
    elif shape["type"] == "list":
        yield from (((index,), item, shape["member"]["shape"]) for index, item in enumerate(value))
    elif shape["type"] == "map":
        yield from (((name,), item, shape["value"]["shape"]) for name, item in value.items())


_KINDS = {
    "a STRING": frozenset(("string",)),
    "an INTEGER": frozenset(("number", "string")),
    "a NUMBER": frozenset(("number", "string")),
    "a BOOLEAN": frozenset(("boolean", "string")),
    "an ARRAY": frozenset(("list",)),
    "an OBJECT": frozenset(("object",)),
}


def accepted_kinds(
    integration: Integration, field: str, model: ServiceModel, shape_name: str
) -> tuple[str, frozenset[str]]:
    """Return the type that a parameter must have, and the kinds of JSON that may be of it; none if any may."""
    expected, _ = _TYPES.get(_kind(integration, field, model, shape_name), ("", None))
    kinds = _KINDS.get(expected, frozenset())
    return expected, kinds | {"string"} if _is_attribute(integration, shape_name) else kinds


def shape_inside(model: ServiceModel, shape_name: str, value: Mapping[str, object]) -> Mapping[str, str | None]:
    """Return the names of the shapes of an object's members by their names in small letters."""
    shape = model.shapes[shape_name]
    if shape["type"] == "structure":
        return model.member_shapes(shape_name)
    if shape["type"] == "map":
        return {name.removesuffix(".$").lower(): str(shape["value"]["shape"]) for name in value}
    return {}


def shape_of_items(model: ServiceModel, shape_name: str) -> str | None:
    """Return the name of the shape of a list's items; None for anything but a list."""
    shape = model.shapes[shape_name]
    return str(shape["member"]["shape"]) if shape["type"] == "list" else None
