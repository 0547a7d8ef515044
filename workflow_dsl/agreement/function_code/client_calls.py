"""The calls of AWS services in the code of functions: parameters that an operation does not have, keys of tables.

boto3 and the AWS SDK for JavaScript take the parameters of each service's API reference under their names there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from workflow_dsl.agreement.calls.table_keys import keys_of
from workflow_dsl.agreement.common import direct, finding_at, from_template, template_uses_macros
from workflow_dsl.agreement.function_code.code_files import code_texts
from workflow_dsl.agreement.function_code.node_clients import OTHER_NAMES, calls_in_node
from workflow_dsl.agreement.function_code.python_clients import TABLES as OF_TABLE
from workflow_dsl.agreement.function_code.python_clients import ClientCall, calls_in_python
from workflow_dsl.agreement.function_code.python_responses import ResponseRead, responses_read
from workflow_dsl.application.application import Application
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import dict_or_empty
from workflow_dsl.application.template.resource_types import TABLES
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.service_models import data_folder, service_model
from workflow_dsl.findings import Finding, closest


def wrong_client_calls(application: Application) -> Iterator[Finding]:
    """Calls in the code of functions that the SDK or DynamoDB refuses."""
    template = application.template
    functions: dict[Path, list[Resource]] = {}
    for code in template.functions() if not template_uses_macros(template) else ():
        functions.setdefault(code.folder, []).append(template.resources[code.logical_id])
    for folder, users in functions.items():
        for file in (path for path, text in code_texts(folder).items() if "boto3" in text or "@aws-sdk" in text):
            calls = [*(calls_in_python(file) if file.suffix == ".py" else calls_in_node(file))]
            wrong = [(call.line, *problem) for call in calls for problem in _problems(template, users, call)]
            if file.suffix == ".py":
                wrong += [(each.line, *problem) for each in responses_read(file) for problem in _unknown_field(each)]
            for line, problem, remedy in (*_wrong_packages(calls), *wrong):
                name = users[0].logical_id
                message = f"{name}: {from_template(application, file)}:{line} {problem}"
                yield finding_at(application, "WRONG_CALL", ("Resources", name), message, remedy)


def _wrong_packages(calls: list[ClientCall]) -> Iterator[tuple[int, str, str]]:
    """The packages of the SDK for JavaScript that have the name of boto3's client, each at its first call."""
    first = {call.package: call for call in reversed(calls) if call.package == f"client-{call.service}"}
    for package, call in first.items():
        right = _package_of(call.service)
        if right and package != right:
            message = f"imports from @aws-sdk/{package}, and npm has no such package"
            yield call.line, message, f"write @aws-sdk/{right}"


def _problems(template: Template, functions: list[Resource], call: ClientCall) -> Iterator[tuple[str, str]]:
    model = service_model(_model_of(call.service))
    operation = _operations(_model_of(call.service)).get(_plain(call.operation))
    yield from _unknown_names(call)
    shape = model.input(operation) if model and operation else None
    if model is None or operation is None or shape is None or call.is_open:
        return
    members = model.shapes[shape].get("members", {})
    for name in call.parameters:
        near = closest(name, [each for each in members if each not in call.parameters], least=0.75)
        if name not in members and near:
            yield f"calls {call.operation} with {name}, and {operation} has no such parameter", f"write {near}"
    written = "JSON.stringify" if call.operation[0].isupper() else "json.dumps"
    for name in (each for each in call.objects if each.rpartition(".")[2] in _TEXTS):
        if _is_string(name, members, model.shapes):
            yield f"calls {call.operation} with an object for {name}, which is a string", f"write {written}(...)"
    yield from _missing(call, operation, model.shapes[shape], model.shapes)
    if operation in _OF_KEYS:
        yield from _of_keys(template, functions, call, _OF_KEYS[operation])


def _unknown_field(read: ResponseRead) -> Iterator[tuple[str, str]]:
    """A field of an answer that the API does not have, where its name is nearly one that it has.

    The attributes of a table's items are no fields of the API, nor are the keys of any other map.
    """
    is_table, service = read.service == OF_TABLE, _model_of(read.service)
    model, operation = service_model(service), _operations(service).get(_plain(read.method), "")
    shape = model.output(operation) if model and operation else None
    *above, name = read.steps
    for step in above:
        details = model.shapes[shape] if model and shape else {}
        is_item = details.get("type") == "list" and step == 0
        member = details["member"] if is_item else details.get("members", {}).get(step)
        if details.get("type") == "map" and not is_table:
            member = details["value"]
        shape = member["shape"] if member else None
    members = model.shapes[shape].get("members", {}) if model and shape else {}
    near = closest(str(name), members, least=0.75)
    if near and name not in members and name != "ResponseMetadata":
        yield f"reads {name} of what {read.method} returns, and {operation} gives no such field", f"write {near}"


def _is_string(name: str, members: Mapping[str, Json], shapes: Mapping[str, Json]) -> bool:
    """True for a parameter that is a string, or for one in the items of a list, as `Entries.Detail`."""
    name, _, inner = name.partition(".")
    shape = shapes[members[name]["shape"]] if name in members else {}
    if not inner:
        return shape.get("type") == "string"
    item = shapes[shape["member"]["shape"]] if shape.get("type") == "list" else {}
    return inner in item.get("members", {}) and shapes[item["members"][inner]["shape"]]["type"] == "string"


def _missing(
    call: ClientCall, operation: str, shape: Mapping[str, Json], shapes: Mapping[str, Json]
) -> Iterator[tuple[str, str]]:
    """The parameters that an operation requires, that a call lacks, and that no other one is almost."""
    members = shape.get("members", {})
    unknown = [name for name in call.parameters if name not in members]
    for name in shape.get("required", ()):
        member = {**shapes[members[name]["shape"]], **members[name]}
        is_given = name in call.parameters or member.get("idempotencyToken") or (call.service, name) == _OF_TABLE_ITSELF
        if not is_given and not any(closest(each, [name], least=0.75) for each in unknown):
            yield f"calls {call.operation} without {name}, which {operation} requires", f"add {name}"


_OF_TABLE_ITSELF = (OF_TABLE, "TableName")


def _unknown_names(call: ClientCall) -> Iterator[tuple[str, str]]:
    """A service or an operation that the SDK does not have, where its name is nearly one that it has.

    boto3's methods are in small letters with `_` and take parameters by name (boto3 guide, "Low-level clients").
    """
    is_python = not call.operation[0].isupper()
    operations = _operations(_model_of(call.service))
    operation = operations.get(_plain(call.operation))
    if not operations:
        data = data_folder()
        folders = [folder.name for folder in data.iterdir()] if data else []
        near = OTHER_NAMES.get(call.service.lower()) or closest(call.service, folders, least=0.8)
        if is_python and near and near != call.service:
            yield f"makes a client of {call.service}, and boto3 has no such service", f'write "{near}"'
    elif operation and is_python and call.operation != call.operation.lower():
        yield f"calls {call.operation}, and boto3 has no such method", f"write {_method(operation)}"
    elif operation is None and call.service != OF_TABLE and call.operation not in _OF_BOTO3:
        name = closest(_plain(call.operation), operations, least=0.85)
        if name and is_python:
            yield f"calls {call.operation}, and boto3 has no such method", f"write {_method(operations[name])}"
        elif name:
            yield f"makes {call.operation}Command, and the SDK has no such command", f"write {operations[name]}Command"
    elif operation and call.is_positional:
        yield f"calls {call.operation} with a parameter without its name", "write NAME=VALUE for each"


def _package_of(service: str) -> str:
    """The package of a service in the SDK for JavaScript, which has the name of its service ID: client-sfn."""
    model = service_model(service)
    return f"client-{model.service_id.lower().replace(' ', '-')}" if model else ""


# Methods that boto3 adds to its clients (boto3 reference, "S3", and botocore's "Client").
_OF_BOTO3 = frozenset(
    "can_paginate close copy download_file download_fileobj exceptions generate_presigned_post generate_presigned_url "
    "get_paginator get_waiter meta upload_file upload_fileobj".split()
)


def _method(operation: str) -> str:
    """The name of boto3's method for an operation: put_item for PutItem, describe_db_instances."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", operation).lower()


# Parameters with a text of the caller's; SDKs take an object for some others, such as S3's CopySource.
_TEXTS = ("Detail", "Input", "Message", "MessageBody", "SecretString", "input", "output")


@cache
def _operations(service: str) -> dict[str, str]:
    """The operations of a service by their names in small letters, without the `_` of boto3's methods."""
    model = service_model(service) if re.fullmatch(r"[\w-]+", service) else None
    return {name.lower(): name for name in model.actions.values()} if model else {}


def _model_of(service: str) -> str:
    """The service whose API the methods of a client have, or those of a Table."""
    return "dynamodb" if service == OF_TABLE else service


def operation_of(call: ClientCall) -> tuple[str, str]:
    """The service of a call by its folder in botocore, and its operation; "" for one that the SDK adds."""
    service = _model_of(call.service)
    return service, _operations(service).get(_plain(call.operation), "")


def _plain(name: str) -> str:
    return name.replace("_", "").lower()


_OF_KEYS = {"GetItem": "Key", "UpdateItem": "Key", "DeleteItem": "Key", "PutItem": "Item"}


def _of_keys(template: Template, functions: list[Resource], call: ClientCall, field: str) -> Iterator[tuple[str, str]]:
    """The attributes of a table's primary key that a literal Key or Item lacks."""
    table = _table_of(template, functions, call.variable)
    keys = [key.name for key in keys_of(template, table)] if table and call.attributes else []
    for name in (name for name in keys if name not in call.attributes):
        others = [each for each in call.attributes if each not in keys]
        likely = closest(name, others) or (others[0] if field == "Key" and len(others) == 1 else None)
        remedy = f"write {name} for {likely}" if likely else f"add {name}"
        yield f"has no {name}, which is the key of {table and table.logical_id}, in its {field}", remedy


def _table_of(template: Template, functions: list[Resource], variable: str) -> Resource | None:
    """The one table that a variable names in each function which has it; None for another one."""
    environments = [
        dict_or_empty(dict_or_empty(each.properties.get("Environment")).get("Variables")) for each in functions
    ]
    values = [each[variable] for each in environments if variable in each]
    tables = {table.logical_id: table for value in values if (table := direct(template, value)[0])}
    table = next(iter(tables.values())) if len(tables) == 1 else None
    return table if table is not None and table.type in TABLES else None
