"""The indexes that queries and scans name, and the keys that queries need.

API reference of DynamoDB, "Query": "You must specify an equality condition for the partition key", that of the index
where there is one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_dsl.agreement.calls.table_keys import TABLE, attribute_types, table_of
from workflow_dsl.agreement.common import Problem, certain
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, is_intrinsic
from workflow_dsl.definition.calls import CallSite
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import did_you_mean, short_list


def of_call(machine: TemplateMachine, state: State, site: CallSite) -> Iterator[Problem]:
    """An index that the table of a query or scan does not have, and a query without its partition key."""
    if site.call.service != "dynamodb" or site.call.action not in ("query", "scan"):
        return
    table = table_of(machine, site)
    holder = "Parameters" if "Parameters" in state.fields else "Arguments"
    parameters = dict_or_empty(state.fields.get(holder))
    keys = _partition_keys(machine.template, table) if table is not None and table.type == TABLE else None
    index = parameters.get("IndexName", "")
    if keys is None or table is None or "IndexName.$" in parameters or not _is_plain(index, may_be_empty=True):
        return
    if index not in keys:
        message = f"{table.logical_id} has no index {index}"
        others = [name for name in keys if name]
        remedy = did_you_mean(str(index), others) or (f"it has {short_list(others)}" if others else "add the index")
        yield Problem((holder, "IndexName"), message, remedy, "REFUSED_CALL")
    elif site.call.action == "query":
        expression, names = parameters.get("KeyConditionExpression"), parameters.get("ExpressionAttributeNames", {})
        key = keys[str(index)]
        if _is_plain(expression) and isinstance(names, dict) and key and not _names_key(str(expression), names, key):
            of = f"the index {index}" if index else table.logical_id
            message = f"KeyConditionExpression has no {key}, the partition key of {of}"
            yield Problem((holder, "KeyConditionExpression"), message, f"write {key} = :{key}", "REFUSED_CALL")
        elif _is_plain(expression) and isinstance(names, dict) and key:
            types = attribute_types(machine.template, table)
            yield from _of_type(holder, parameters, key, types.get(key, ""))


_TYPES = ("B", "N", "S")  # those of keys


def _of_type(holder: str, parameters: dict[str, Json], key: str, type_: str) -> Iterator[Problem]:
    """A value of another type than the partition key that it is compared with."""
    names, values = (dict_or_empty(parameters.get(f"ExpressionAttribute{kind}")) for kind in ("Names", "Values"))
    for name, value in re.findall(r"(#?\w+)\s*=\s*(:\w+)", str(parameters.get("KeyConditionExpression"))):
        given = [each.removesuffix(".$") for each in dict_or_empty(values.get(value))]
        is_other = len(given) == 1 and given[0] in _TYPES and type_ in _TYPES and given[0] != type_
        if is_other and names.get(name, name) == key:
            message = f"the key {key} has the type {type_}, not {given[0]}"
            at = (holder, "ExpressionAttributeValues", value)
            yield Problem(at, message, f"write {type_} for {given[0]}", "REFUSED_CALL")


def _is_plain(value: Json, *, may_be_empty: bool = False) -> bool:
    is_empty = value == "" and may_be_empty
    return is_empty or (is_known(value) and "${" not in value and not value.startswith("{%"))


def _names_key(expression: str, names: dict[str, Json], key: str) -> bool:
    """True if a condition names a key, by itself or by one of its names; names may be unknown to the template."""
    words = {*re.findall(r"#?\w+", expression)}
    given = [names.get(word) for word in words if word.startswith("#")]
    return key in words or key in given or not all(_is_plain(each) for each in given)


def _partition_keys(template: Template, table: Resource) -> dict[str, str] | None:
    """The partition key of a table by "", and those of its indexes by their names; None if they are not certain."""
    indexes: dict[str, Json] = {"": table.properties.get("KeySchema")}
    for field in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        for each in as_list(table.properties.get(field)):
            name = certain(template, dict_or_empty(each).get("IndexName"))
            if is_intrinsic(dict_or_empty(each)) or not isinstance(name, str):
                return None
            indexes[name] = dict_or_empty(each).get("KeySchema")
    return {name: _partition_key(template, schema) for name, schema in indexes.items()}


def _partition_key(template: Template, schema: Json) -> str:
    keys = [dict_or_empty(each) for each in as_list(schema)]
    names = [certain(template, each.get("AttributeName")) for each in keys if each.get("KeyType") == "HASH"]
    return names[0] if len(names) == 1 and isinstance(names[0], str) else ""
