"""Service integrations by name: `call("dynamodb:putItem", TableName=table("TransactionTable"), Item={...})`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workflow_dsl.authoring import sdk
from workflow_dsl.authoring.values import Jsonata
from workflow_dsl.definition.integrations import Integration, integration_of, parameters_of, sdk_model, suggestion_for
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.service_models import Shape
from workflow_dsl.findings import Keys, Place, did_you_mean, short_list, to_field

# The calls with which a Map, and only a Map, reads its items and writes its results (guide, ItemReader, ResultWriter).
MAP_ONLY = ("s3:getObject", "s3:listObjectsV2", "s3:putObject")


class ServiceResource:
    """A call of a service with its parameters: the `resource` of a Task, an ItemReader or a ResultWriter.

    The parameters become the state's Parameters, or its Arguments in JSONata; `passed` are the author's own objects.
    """

    __slots__ = ("name", "parameters", "passed", "place")

    def __init__(self, name: str, passed: Any, place: Place | None) -> None:
        self.name, self.place = name, place
        self.passed, self.parameters = passed, sdk.copy_containers(passed)

    def __repr__(self) -> str:
        return f'call("{self.name}", ...)'

    def arn(self, partition: str) -> str:
        """Return the Resource, which has no region."""
        return f"arn:{partition}:states:::{self.name}"


def call(name: str, values: Mapping[str, Any] | Jsonata | None = None, /, **parameters: Any) -> ServiceResource:
    """Return a call of a service, `service:action` and an optional pattern, with its parameters, checked at once.

    `call("sqs:sendMessage.waitForTaskToken", QueueUrl=..., MessageBody=...)` waits for a callback,
    `call("states:startExecution.sync:2", ...)` for the end; `call("aws-sdk:s3:listBuckets")` is an SDK integration.
    Parameters are named as in the Java SDK; `values` takes them as a mapping, or all of them as one JSONata expression.
    """
    shape = _parameters_of(name, _integration(name))
    if isinstance(values, Jsonata):
        if parameters:
            message = "call() got a JSONata expression for all parameters, and separate parameters too"
            raise sdk.mistake(message, "put them into the expression")
        return ServiceResource(name, values, sdk.author_place())
    if values is not None and not (isinstance(values, Mapping) and all(isinstance(key, str) for key in values)):
        remedy = "pass parameters by name, a mapping of them, or jsonata(...)"
        raise sdk.mistake(f"call() is called with {values!r}", remedy)
    resource = ServiceResource(name, {**(values or {}), **parameters}, sdk.author_place())
    if shape is not None:
        _check(name, resource.parameters, shape)
    return resource


def _integration(name: str) -> Integration:
    example = 'write service:action, as in call("dynamodb:putItem", ...)'
    if not isinstance(name, str) or name.startswith("arn:") or name.removeprefix("aws-sdk:").count(":") not in (1, 2):
        raise sdk.mistake(f"call() is called with {name!r}", example)
    integration = integration_of(f"arn:aws:states:::{name}")
    if integration is None:
        raise sdk.mistake(f"call() is called with {name!r}", example)
    suggestion = suggestion_for(integration) if name not in MAP_ONLY else None
    if suggestion is not None:
        raise sdk.mistake(f"Step Functions has no integration {name}", suggestion)
    return integration


def _parameters_of(name: str, integration: Integration) -> Shape | None:
    """The parameters of an integration; for a Map's calls, only those that an ItemReader or ResultWriter takes."""
    model = sdk_model("s3") if name in MAP_ONLY else None
    if model is None:
        return parameters_of(integration)
    shape = model.parameters(model.actions[integration.action], ("Prefix",))
    return Shape(shape.model, shape.members, ("Bucket",)) if shape and integration.action == "putObject" else shape


def _check(name: str, arguments: Mapping[str, Any], shape: Shape) -> None:
    for parameter in arguments:
        if parameter.removesuffix(".$") not in shape.members:
            remedy = did_you_mean(parameter, shape.members) or f"it takes {short_list(sorted(shape.members))}"
            raise sdk.mistake(f"{name} has no parameter {parameter}", remedy)
    missing = [parameter for parameter in shape.required if parameter not in arguments]
    missing = [parameter for parameter in missing if f"{parameter}.$" not in arguments]
    if missing:
        remedy = f"add {', '.join(f'{parameter}=...' for parameter in missing)}"
        raise sdk.mistake(f"{name} needs {', '.join(missing)}", remedy)
    for keys, value, values in _wrong_scalars(arguments, shape):
        text = f'"{str(value).lower() if isinstance(value, bool) else value}"'
        remedy = f"write one of {short_list(values)}" if values else f"write {text}"
        raise sdk.mistake(f"{to_field(keys)} of {name} is {value!r}, but the service expects a string", remedy)


# The members of DynamoDB's AttributeValue that are strings: {"N": "5"}.
_ATTRIBUTE_STRINGS = ("StringAttributeValue", "NumberAttributeValue")


def _wrong_scalars(arguments: Mapping[str, Any], shape: Shape) -> Iterator[tuple[Keys, Json, list[str]]]:
    """Yield numbers and booleans where a service certainly expects a string: keys, value, and the allowed strings.

    Only parameters with a fixed list of strings, and DynamoDB's N and S, are certain. A service may convert others.
    """
    shapes = shape.model.shapes if shape.model else {}
    waiting: list[tuple[Keys, Any, str | None]] = [
        ((key,), arguments[key], shape.members.get(key)) for key in arguments
    ]
    while waiting:
        keys, value, shape_name = waiting.pop(0)
        details = shapes.get(shape_name or "", {}) if len(keys) > 1 else shape.member(str(keys[0]))
        is_string = "enum" in details or shape_name in _ATTRIBUTE_STRINGS
        if isinstance(value, (int, float)) and is_string and details.get("type") == "string":
            yield keys, value, details.get("enum", [])
        elif isinstance(value, (list, tuple)) and details.get("type") == "list":
            waiting += [((*keys, index), item, details["member"]["shape"]) for index, item in enumerate(value)]
        elif isinstance(value, Mapping) and details.get("type") == "map":
            waiting += [((*keys, key), member, details["value"]["shape"]) for key, member in value.items()]
        elif isinstance(value, Mapping) and shape.model and details.get("type") == "structure":
            api_names = {name: member["shape"] for name, member in details["members"].items()}  # AttributeValue's: SS
            members = {**api_names, **shape.model.structure(str(shape_name)).members}
            waiting += [((*keys, key), member, members.get(key)) for key, member in value.items()]
