"""The keys and items that calls of DynamoDB have, against the keys of their table: DynamoDB refuses others.

DynamoDB developer guide, "Core components: Primary key"; API reference, "GetItem", "PutItem", "UpdateItem" and
"DeleteItem": the key has every attribute of the primary key, in its type, and an item has at least those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

from workflow_dsl.agreement.common import Problem, certain
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, is_intrinsic
from workflow_dsl.definition.calls import CallSite
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_placeholder
from workflow_dsl.findings import Keys, closest, did_you_mean
from workflow_dsl.records import Record

TABLE, SIMPLE_TABLE = "AWS::DynamoDB::Table", "AWS::Serverless::SimpleTable"
_FIELDS = {"getItem": "Key", "updateItem": "Key", "deleteItem": "Key", "putItem": "Item"}
_NAMES = {"String": "S", "Number": "N", "Binary": "B"}


class _Key(Record):
    """An attribute of a table's primary key, and its type: S, N or B; "" if it is unknown."""

    name: str
    type: str


def keys_of(template: Template, table: Resource) -> list[_Key]:
    """The attributes of a table's primary key; none if they are not certain."""
    if table.type == SIMPLE_TABLE:
        key = dict_or_empty(table.properties.get("PrimaryKey"))
        name = certain(template, key.get("Name", "id"))
        type_ = certain(template, key.get("Type", "String"))
        return [_Key(name, _NAMES.get(str(type_), ""))] if isinstance(name, str) else []
    types = attribute_types(template, table)
    schema = [dict_or_empty(each) for each in as_list(table.properties.get("KeySchema"))]
    names = [certain(template, fields.get("AttributeName")) for fields in schema]
    if not all(isinstance(name, str) and name in types for name in names):
        return []
    return [_Key(str(name), types.get(str(name), "")) for name in names]


def attribute_types(template: Template, table: Resource) -> dict[str, str]:
    """The type of each attribute that the keys of a table and its indexes have, by its name."""
    return {
        str(certain(template, fields.get("AttributeName"))): str(certain(template, fields.get("AttributeType")))
        for fields in map(dict_or_empty, as_list(table.properties.get("AttributeDefinitions")))
    }


def of_call(machine: TemplateMachine, state: State, site: CallSite) -> Iterator[Problem]:
    """The mistakes in the Key or Item of a call, with keys from the state on."""
    field = _FIELDS.get(site.call.action) if site.call.service == "dynamodb" else None
    table = table_of(machine, site) if field else None
    holder = "Parameters" if "Parameters" in state.fields else "Arguments"
    values = dict_or_empty(state.fields.get(holder)).get(field or "")
    if field is None or table is None or not isinstance(values, dict):
        return
    keys, at = keys_of(machine.template, table), (holder, field)
    named = {name.removesuffix(".$"): value for name, value in values.items()}
    missing = [key for key in keys if key.name not in named]
    others = [name for name in named if name not in {key.name for key in keys}]
    if any(is_placeholder(name) or "${" in name for name in named):
        return
    for key in missing:
        message = f"{table.logical_id} has the key {key.name}, and {field} has no such attribute"
        likely = closest(key.name, others) or (others[0] if field == "Key" and len(others) == 1 else None)
        yield Problem(at, message, f"write {key.name} for {likely}" if likely else f"add {key.name}", "REFUSED_CALL")
    if field == "Key" and others and keys and not missing:
        message = f"{others[0]} is not a key of {table.logical_id}"
        yield Problem((*at, others[0]), message, f"remove {others[0]}", "REFUSED_CALL")
    for key in keys:
        yield from _of_type(at, key, table, named.get(key.name))
    yield from _of_time_to_live(machine.template, at, table, named)
    if field == "Key" and keys:
        yield from _of_update(state, holder, keys)


def _of_type(keys: Keys, key: _Key, table: Resource, value: Json) -> Iterator[Problem]:
    """A key of another type than the table's."""
    types = [name.removesuffix(".$") for name in value] if isinstance(value, dict) else []
    if len(types) == 1 and key.type and types[0] != key.type and types[0] in _TYPES:
        message = f"the key {key.name} of {table.logical_id} has the type {key.type}, not {types[0]}"
        yield Problem((*keys, key.name), message, f"write {key.type} for {types[0]}", "REFUSED_CALL")


def _of_time_to_live(template: Template, keys: Keys, table: Resource, item: Mapping[str, Json]) -> Iterator[Problem]:
    """A time to live that is no number, which DynamoDB ignores (developer guide, "Using time to live")."""
    settings = dict_or_empty(table.properties.get("TimeToLiveSpecification"))
    is_enabled = certain(template, settings.get("Enabled")) in (True, "true")
    name = certain(template, settings.get("AttributeName")) if is_enabled else None
    value = item.get(name) if isinstance(name, str) else None
    types = [each.removesuffix(".$") for each in value] if isinstance(value, dict) else []
    if types and types[0] in _TYPES and types[0] not in _NUMBER_OR_NONE:
        message = f"{name}, the time to live of {table.logical_id}, has the type {types[0]}: DynamoDB ignores it"
        yield Problem((*keys, str(name)), message, f"write N for {types[0]}", "NEVER_EXPIRES")


_NUMBER_OR_NONE = ("N", "NULL", "Null")  # an item without a time to live is kept on purpose
_TYPES = ("S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL", "Bool", "Null", "Ss", "Ns", "Bs")


def _of_update(state: State, holder: str, keys: list[_Key]) -> Iterator[Problem]:
    """An update of an attribute of the key, which DynamoDB refuses ("This attribute is part of the key")."""
    parameters = dict_or_empty(state.fields.get(holder))
    expression, names = parameters.get("UpdateExpression"), dict_or_empty(parameters.get("ExpressionAttributeNames"))
    if not isinstance(expression, str) or expression.startswith("{%"):
        return
    targets = _targets(expression)
    for key in keys:
        if key.name in targets or any(names.get(target) == key.name for target in targets):
            message = f"UpdateExpression sets {key.name}, which is part of the key"
            yield Problem((holder, "UpdateExpression"), message, f"do not set {key.name}", "REFUSED_CALL")


def _targets(expression: str) -> set[str]:
    """The attributes that the SET clause of an update assigns to; those of other clauses need no value."""
    words = expression.replace(",", " , ").replace("=", " = ").split()
    pairs = pairwise(words)
    return {word for word, following in pairs if following == "="}


def table_of(machine: TemplateMachine, site: CallSite) -> Resource | None:
    """The table of the template that a call is for; None for another one."""
    target = site.call.target or ""
    found = machine.referenced(target) or machine.template.resource_at(target, "dynamodb")
    return found if found is not None and found.type in (TABLE, SIMPLE_TABLE) else None


def wrong_primary_key(template: Template, table: Resource) -> Iterator[Problem]:
    """A type of a simple table's key that SAM does not have (SAM guide, "PrimaryKeyObject")."""
    type_ = certain(template, dict_or_empty(table.properties.get("PrimaryKey")).get("Type"))
    if isinstance(type_, str) and type_ not in _NAMES:
        keys: Keys = ("Resources", table.logical_id, "Properties", "PrimaryKey", "Type")
        meant = next((name for name, short in _NAMES.items() if short == type_), "")
        remedy = f"write {meant}" if meant else f"write one of {', '.join(_NAMES)}"
        yield Problem(keys, f"the Type of its PrimaryKey is {type_}, which SAM does not have", remedy)


_VIEWS = ("KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES")


def wrong_schema(table: Resource) -> Iterator[Problem]:
    """The attributes of a table that no key has, and keys without an attribute (API reference, "CreateTable")."""
    keys: Keys = ("Resources", table.logical_id, "Properties")
    properties: Mapping[str, Json] = table.properties
    if "KeySchema" in properties and not {"BillingMode", "Fn::Transform", "ProvisionedThroughput"} & properties.keys():
        yield Problem(keys, "it has no ProvisionedThroughput", "add BillingMode: PAY_PER_REQUEST")
    placed = {
        (*keys, field, position): dict_or_empty(each)
        for field in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes")
        for position, each in enumerate(as_list(properties.get(field)))
    }
    indexes = [*placed.values()]
    if any(is_intrinsic(each) for each in indexes):
        return
    view = dict_or_empty(properties.get("StreamSpecification")).get("StreamViewType")
    if isinstance(view, str) and view not in _VIEWS:
        remedy = did_you_mean(view, _VIEWS) or f"write one of {', '.join(_VIEWS)}"
        yield Problem((*keys, "StreamSpecification", "StreamViewType"), f"there is no stream view {view}", remedy)
    for at, index in placed.items():
        if "IndexName" in index and "Projection" not in index:
            message = f"its index {index['IndexName']} has no Projection"
            yield Problem(at, message, "add Projection: {ProjectionType: ALL}")
    if properties.keys().isdisjoint(_OTHERS_WITH_ATTRIBUTES):
        yield from _wrong_attributes(keys, properties, [properties, *indexes])


# Vector indexes name attributes elsewhere; a macro's snippet may name any.
_OTHERS_WITH_ATTRIBUTES = ("Fn::Transform", "VectorIndexes")


def _wrong_attributes(
    keys: Keys, properties: Mapping[str, Json], holders: Sequence[Mapping[str, Json]]
) -> Iterator[Problem]:
    """The attributes of the keys of a table and its indexes against its AttributeDefinitions."""
    schemas = [each.get("KeySchema") for each in holders]
    used = [dict_or_empty(each).get("AttributeName") for schema in schemas for each in as_list(schema)]
    definitions = properties.get("AttributeDefinitions")
    defined = [dict_or_empty(each).get("AttributeName") for each in as_list(definitions)]
    if not defined or not used or not all(isinstance(name, str) for name in (*used, *defined)):
        return
    for name in used:
        if name not in defined:
            message = f"its key {name} is not among its AttributeDefinitions"
            yield Problem((*keys, "KeySchema"), message, f"add {{AttributeName: {name}, AttributeType: S}}")
    unused = [name for name in defined if name not in used]
    if unused and {*used} <= {*defined}:
        message = f"its AttributeDefinitions have {unused[0]}, which no key uses"
        yield Problem((*keys, "AttributeDefinitions"), message, f"remove {unused[0]}, or add its index")
