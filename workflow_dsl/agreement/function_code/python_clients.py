"""The calls of AWS services by clients of boto3 in a file, read and never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from workflow_dsl.agreement.function_code.python_variables import values_of_names, variable_in
from workflow_dsl.definition.python_files import python_file


class ClientCall(NamedTuple):
    """A call of a service, by its name in boto3: the operation or the method, the names of the parameters in order.

    `variable` is the environment variable that names what a call is on, as its table. `attributes` are the names in a
    literal Key or Item. `is_open`: it may have more parameters than those. `objects` are the parameters that get an
    object, also in the items of a list: `Entries.Detail`. `is_positional`: it has parameters without a name.
    `package` is the one of the SDK for JavaScript.
    """

    line: int
    service: str
    operation: str
    parameters: tuple[str, ...]
    is_open: bool = False
    variable: str = ""
    attributes: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    is_positional: bool = False
    package: str = ""


def calls_in_python(file: Path) -> Iterator[ClientCall]:
    """The calls of clients and of tables of DynamoDB, each by a name that stands for nothing else in the file."""
    tree = python_file(file).tree
    nodes = [*ast.walk(tree)] if tree else []
    values = values_of_names(nodes)
    for node in nodes:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and isinstance(node.func.value, ast.Name)
        ):
            service, table = _client(values.get(node.func.value.id))
            if service:
                yield _call(node, node.func.attr, service, table, values)


def _client(value: ast.expr | None) -> tuple[str, ast.expr | None]:
    """The service of `boto3.client("s3")`; that of tables, and the name of the table, of `….Table(NAME)`."""
    if not isinstance(value, ast.Call) or not value.args or not isinstance(value.func, ast.Attribute):
        return "", None
    first = value.args[0]
    if value.func.attr == "client" and isinstance(first, ast.Constant) and isinstance(first.value, str):
        return first.value, None
    return (TABLES, first) if value.func.attr == "Table" else ("", None)


def service_of_client(value: ast.expr | None) -> str:
    """Return the service of a client or table that a name has as its value; "" for any other value."""
    return _client(value)[0]


TABLES = "dynamodb.Table"
# The parameters that name what a call is on.
TARGETS = ("TableName", "QueueUrl", "TopicArn", "Bucket", "FunctionName", "StreamName", "SecretId", "stateMachineArn")


def _call(
    node: ast.Call, method: str, service: str, table: ast.expr | None, values: Mapping[str, ast.expr]
) -> ClientCall:
    given = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg}
    literal = given.get("Key", given.get("Item"))
    keys = literal.keys if isinstance(literal, ast.Dict) else []
    names = [key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
    attributes = tuple(names) if len(names) == len(keys) else ()
    is_open = bool(node.args) or any(keyword.arg is None for keyword in node.keywords)
    named = next((given[name] for name in TARGETS if name in given), table)
    variable = variable_in(named, values)
    objects = tuple(name for name, value in given.items() if isinstance(value, ast.Dict))
    objects += tuple(f"{name}.{inner}" for name, value in given.items() for inner in _objects_in(value, values))
    return ClientCall(
        node.lineno, service, method, tuple(given), is_open, variable, attributes, objects, bool(node.args)
    )


def _objects_in(value: ast.expr, values: Mapping[str, ast.expr]) -> Iterator[str]:
    """The names of objects in the items of a list that is written out, itself or by a name."""
    if isinstance(value, ast.Name):
        value = values.get(value.id, value)
    items = value.elts if isinstance(value, ast.List) else [value.elt] if isinstance(value, ast.ListComp) else []
    for item in items:
        for key, inner in zip(item.keys, item.values, strict=True) if isinstance(item, ast.Dict) else ():
            if isinstance(inner, ast.Dict) and isinstance(key, ast.Constant):
                yield str(key.value)
