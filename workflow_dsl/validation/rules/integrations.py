"""What a Task calls: whether there is such a resource, and whether its parameters are those of the service.

Integrations and their parameters are known by integrations.py. What a placeholder, a path or an expression stands for
is not known, and satisfies everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from workflow_dsl.asl import Json, State, short
from workflow_dsl.expressions.placeholders import is_known
from workflow_dsl.findings import Key, closest, some_of
from workflow_dsl.integrations import (
    UNSUPPORTED,
    Integration,
    Parameters,
    integration_of,
    optimized,
    optimized_parameters,
    sdk_api,
    sdk_name,
    sdk_services,
)
from workflow_dsl.validation.rules.table import Definition, Problem, error, guide, warning

_Keys = tuple[Key, ...]
_SYNC = (".sync", ".sync:2")
_CALLBACK = ".waitForTaskToken"


@error(guide("state-task"), about="Task")
def resource_is_an_arn(definition: Definition) -> Iterator[Problem]:
    """A Resource is an ARN."""
    for state in definition.of("Task"):
        resource = state.fields.get("Resource")
        if isinstance(resource, str) and resource and not resource.startswith(("arn:", "${")):
            remedy = "write the ARN of a function, an activity or an integration, or a ${Placeholder} for it"
            if resource.isalnum():
                remedy = f"write an ARN; what gives it in a template is !GetAtt {resource}.Arn, and !Ref the name"
            message = f"Value is not a valid resource ARN, and this is {short(resource)}"
            yield Problem(state.at("Resource"), message, remedy)


def _called(definition: Definition) -> Iterator[tuple[State, str, Integration]]:
    """The tasks that call an integration whose name is known."""
    for state in definition.of("Task"):
        resource = state.fields.get("Resource")
        called = integration_of(resource) if isinstance(resource, str) else None
        if called and is_known(called.service) and is_known(called.action) and is_known(called.pattern):
            yield state, str(resource), called


@error(guide("integrate-optimized"), about="Integration")
def known_integration(definition: Definition) -> Iterator[Problem]:
    """An integration is one that Step Functions has, with a pattern that it takes."""
    for state, resource, called in definition.once(_called):
        remedy = _unknown_sdk(called) if called.is_sdk else _unknown_optimized(called)
        if remedy:
            yield Problem(state.at("Resource"), _not_recognized(resource), remedy)


@error(guide("state-task"), about="Task")
def resource_can_be_called(definition: Definition) -> Iterator[Problem]:
    """A task calls a function, an activity or an integration, not a queue, a table or a state machine by its ARN."""
    for state in definition.of("Task"):
        resource = state.fields.get("Resource")
        if is_known(resource) and resource.startswith("arn:"):
            remedy = _not_callable(resource)
            if remedy:
                yield Problem(state.at("Resource"), _not_recognized(resource), remedy)


_ARN = re.compile(r"arn:(?P<partition>[^:]*):(?P<service>[^:]*):[^:]*:[^:]*:(?P<rest>.*)", re.DOTALL)
_LAMBDA = re.compile(r"function:[A-Za-z0-9_-]+(:[A-Za-z0-9$_-]+)?")
# An activity; and what the States Language has for a task in its examples.
_OF_STATES = re.compile(r"(?:activity|task):.+")


def _not_callable(resource: str) -> str | None:
    """What to write instead of an ARN that nothing can be called by; None for one that is well formed."""
    found = _ARN.fullmatch(resource)
    if found and not re.fullmatch(r"aws[a-z-]*", found["partition"]):
        return "write arn:aws:..., or arn:${Partition}:... with Partition: !Ref AWS::Partition"
    if not found or found["service"] == "lambda":
        formed = found and _LAMBDA.fullmatch(found["rest"])
        return None if formed else "write arn:aws:lambda:REGION:ACCOUNT:function:NAME"
    if found["service"] == "states":
        return _not_of_states(resource, found["rest"])
    if found["service"] == "swf":  # which the States Language has in its examples
        return None
    return f"call an action of the service, such as {_some_action(found['service'])}, and name this in Parameters"


def _not_of_states(resource: str, rest: str) -> str | None:
    if rest.partition(":")[0] in ("stateMachine", "execution", "express"):
        return "call arn:aws:states:::states:startExecution.sync:2, with this as StateMachineArn in Parameters"
    if integration_of(resource) or _OF_STATES.fullmatch(rest):
        return None
    return "write arn:aws:states:::SERVICE:ACTION, or arn:aws:states:::aws-sdk:SERVICE:ACTION"


def _some_action(service: str) -> str:
    known = next((name for name in optimized() if name.startswith(f"{service}:")), f"aws-sdk:{service}:...")
    return f"arn:aws:states:::{known}"


def _not_recognized(resource: str) -> str:
    return (
        f"The resource provided {resource} is not recognized. The value is not a valid resource ARN, "
        "or the resource is not available in this region"
    )


def _unknown_optimized(called: Integration) -> str | None:
    """What to write instead, or None for an integration that there is."""
    names = optimized()
    known = names.get(f"{called.service}:{called.action}")
    if known is not None:
        patterns = known.get("patterns", [])
        if called.pattern in ("", *patterns, *known.get("disputed", [])):
            return None
        if called.pattern == ".sync:2" and ".sync" in patterns:
            return "only states:startExecution has .sync:2; write .sync"
        return f"it takes {' or '.join(patterns)}" if patterns else f"call it without {called.pattern}"
    actions = [name.partition(":")[2] for name in names if name.startswith(f"{called.service}:")]
    services = {name.partition(":")[0] for name in names}
    return _as_sdk(called) or closest(called.action, actions) or closest(called.service, services) or _NO_SUCH


_NO_SUCH = "see the list of optimized integrations in the developer guide"


def _as_sdk(called: Integration) -> str | None:
    """The SDK integration of an action that has no optimized one."""
    name = called.service if called.service in sdk_services() else sdk_name(called.service)
    model = sdk_api(name) if name else None
    return f"write aws-sdk:{name}:{called.action}" if model and called.action in model.actions else None


def _unknown_sdk(called: Integration) -> str | None:
    model = sdk_api(called.service)
    if called.service not in sdk_services():
        name = sdk_name(called.service)
        return f'its name here is "aws-sdk:{name}"' if name else None
    if model is not None and called.action not in model.actions:
        return closest(called.action, model.actions) or f"{called.service} has no such action"
    if model is not None and model.streams(model.actions[called.action]):
        return "an action that answers with a stream of events cannot be called from Step Functions"
    if model is not None and model.actions[called.action] in UNSUPPORTED.get(called.service, ()):
        return "the developer guide lists it among those that cannot be called from Step Functions"
    has_it = called.pattern in ("", _CALLBACK)
    return None if has_it else f"SDK integrations have no {called.pattern}: call it, and ask for the end in a loop"


@warning("UNKNOWN_INTEGRATION", guide("supported-services-awssdk"), about="Integration")
def uncertain_integration(definition: Definition) -> Iterator[Problem]:
    """A service that botocore does not have, or a pattern that AWS's own pages disagree about, may not be there."""
    for state, _, called in definition.once(_called):
        if called.is_sdk and sdk_services() and called.service not in sdk_services():
            if not sdk_name(called.service):
                remedy = closest(called.service, sdk_services()) or "see that the service is still there"
                yield Problem(state.at("Resource"), f"botocore has no service {called.service}", remedy)
        elif not called.is_sdk and called.pattern in optimized().get(f"{called.service}:{called.action}", {}).get(
            "disputed", ()
        ):
            message = f"AWS's pages disagree whether {called.service}:{called.action} takes {called.pattern}"
            yield Problem(state.at("Resource"), message, "try it before you rely on it")


def _given(state: State, definition: Definition) -> tuple[str, Json]:
    """The field with a task's parameters in its query language, and what is in it."""
    field = "Arguments" if definition.language_of(state) == "JSONata" else "Parameters"
    return field, state.fields.get(field)


@error(guide("connect-parameters"), about="Integration")
def parameters_are_given(definition: Definition) -> Iterator[Problem]:
    """A task that calls an integration says with which parameters, be it with none: {}."""
    for state, resource, called in definition.once(_called):
        field, _ = _given(state, definition)
        if field not in state.fields and (called.is_sdk or f"{called.service}:{called.action}" in optimized()):
            message = f"{field} field is required for resource ARN: {resource}"
            yield Problem(state.at(), message, _example(field, _parameters_of(called)))


def _example(field: str, parameters: Parameters | None) -> str:
    names = [f'"{name}": ...' for name in (parameters.required if parameters else ())]
    return f'add "{field}": {{{", ".join(names)}}}'


def _parameters_of(called: Integration) -> Parameters | None:
    if not called.is_sdk:
        return optimized_parameters(called.service, called.action)
    model = sdk_api(called.service)
    return model.parameters(model.actions[called.action]) if model and called.action in model.actions else None


def _calls(definition: Definition) -> Iterator[tuple[State, Integration, str, Mapping[str, Json], Parameters]]:
    """The tasks whose parameters are an object, with what the service takes."""
    for state, _, called in definition.once(_called):
        field, given = _given(state, definition)
        parameters = _parameters_of(called) if isinstance(given, dict) else None
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
    """A text stands where the service wants true or false, a list or an object."""
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


@error(guide("input-output-itemreader"), about="Map")
def map_resources(definition: Definition) -> Iterator[Problem]:
    """A Map reads its items with s3:getObject or s3:listObjectsV2, and writes its results with s3:putObject."""
    for state in definition.of("Map"):
        for field, actions in (("ItemReader", ("getObject", "listObjectsV2")), ("ResultWriter", ("putObject",))):
            holder = state.fields.get(field)
            resource = holder.get("Resource") if isinstance(holder, dict) else None
            if is_known(resource) and not any(resource.endswith(f":states:::s3:{action}") for action in actions):
                examples = ", ".join(f"arn:<partition>:states:::s3:{action}" for action in actions)
                message = f"The field 'Resource' does not match any of the allowed values. Examples: [{examples}]"
                remedy = (
                    closest(resource, [f"arn:aws:states:::s3:{action}" for action in actions]) or "write one of these"
                )
                yield Problem(state.at(field, "Resource"), message, remedy)


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
    resource_is_an_arn,
    resource_can_be_called,
    known_integration,
    uncertain_integration,
    parameters_are_given,
    unknown_parameters,
    unknown_nested_parameters,
    attribute_values,
    missing_parameters,
    parameter_values,
    nested_parameter_values,
    parameter_kinds,
    map_resources,
    parameters_of_a_map,
)
