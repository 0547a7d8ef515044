"""Shapes from JSON Schema and to it, and declarations that are written as schemas.

Of JSON Schema these count: type, properties, required, additionalProperties, items, prefixItems, enum, const, anyOf,
oneOf, allOf of one, and $ref within the document (JSON Schema 2020-12). An object with `properties` has no others
unless `additionalProperties` says so: a schema of an input lists what the input has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from workflow_dsl.definition.json import Json, value_at
from workflow_dsl.definition.machine import Machine
from workflow_dsl.shapes.declared import Declared, Signature
from workflow_dsl.shapes.literals import literal
from workflow_dsl.shapes.shape import (
    ANY_RECORD,
    BOOLEAN,
    INTEGER,
    NOTHING,
    NULL,
    NUMBER,
    STRING,
    UNKNOWN,
    ListOf,
    Origin,
    Part,
    Presence,
    Record,
    Scalar,
    Shape,
    field_with,
    joined,
    list_of,
    list_with,
    record,
)

_DEEPEST = 30
_SCALARS = {"string": STRING, "boolean": BOOLEAN, "number": NUMBER, "integer": INTEGER, "null": NULL}


def shape_of_schema(schema: Json, origin: str = "", root: Json = None, depth: int = 0) -> Shape:
    """Return the shape that a JSON schema describes; `origin` is the schema as messages name it."""
    root = schema if root is None else root
    if not isinstance(schema, dict) or depth > _DEEPEST:
        return NOTHING if schema is False else UNKNOWN

    def inner(part: Json) -> Shape:
        return shape_of_schema(part, origin, root, depth + 1)

    reference = schema.get("$ref")
    if isinstance(reference, str):
        return (
            inner(value_at(root, tuple(reference.removeprefix("#/").split("/")))) if reference[:2] == "#/" else UNKNOWN
        )
    for name in ("anyOf", "oneOf"):
        if isinstance(schema.get(name), list):
            return joined(map(inner, schema[name]))
    if isinstance(schema.get("allOf"), list):
        return inner(schema["allOf"][0]) if len(schema["allOf"]) == 1 else UNKNOWN
    if "const" in schema or isinstance(schema.get("enum"), list):
        return joined(map(literal, schema.get("enum", [schema.get("const")])))
    types = schema.get("type", "object" if "properties" in schema else None)
    names = types if isinstance(types, list) else [types]
    return joined(_of_type(name, schema, origin, inner) for name in names)


def _of_type(name: Json, schema: Mapping[str, Json], origin: str, inner: Callable[[Json], Shape]) -> Shape:
    if name == "array":
        if isinstance(schema.get("prefixItems"), list) and schema.get("items") is False:
            return list_with([inner(each) for each in schema["prefixItems"]])
        return list_of(inner(schema.get("items")))
    if name == "object":
        return _object(schema, origin, inner)
    return _SCALARS.get(name, UNKNOWN) if isinstance(name, str) else UNKNOWN


def _object(schema: Mapping[str, Json], origin: str, inner: Callable[[Json], Shape]) -> Shape:
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        others = schema.get("additionalProperties", True)
        return record({}, inner(others)) if isinstance(others, dict) else ANY_RECORD
    required = schema.get("required", ())
    fields = {
        name: field_with(inner(each), Presence.SURE if name in required else Presence.OPTIONAL)
        for name, each in properties.items()
    }
    others = schema.get("additionalProperties", False)
    origins = [Origin(origin, True, str(schema.get("title", "")))] if origin else []
    return record(fields, None if others is False or "patternProperties" in schema else inner(others), *origins)


def declared_by_schemas(declarations: Mapping[str, Any], machine: Machine) -> Declared:
    """Return what schemas declare: `input` of the machine, and what `calls` take and give, by the name of a state.

    {"input": schema, "calls": {"Buy Stock": {"takes": schema, "gives": schema, "name": "StockBuyer"}}}
    """
    calls = declarations.get("calls", {})
    signatures = {
        state.keys: Signature(
            str(calls[state.name].get("name", "the function")),
            shape_of_schema(calls[state.name].get("takes"), _at(state.name)),
            shape_of_schema(calls[state.name].get("gives"), _at(state.name)),
        )
        for state in machine.walk()
        if state.name in calls
    }
    return Declared(shape_of_schema(declarations.get("input"), "the schema of the input"), signatures)


def _at(name: str) -> str:
    return f'the schema of "{name}"'


def schema_of(shape: Shape) -> dict[str, Json]:
    """Return the JSON schema of a shape; {} for a value of which nothing is known."""
    if shape.parts is None:
        return {}
    schemas = [_schema(part) for part in shape.parts]
    if len(schemas) == 1:
        return schemas[0]
    return {"anyOf": schemas} if schemas else {"not": {}}


def _schema(part: Part) -> dict[str, Json]:
    if isinstance(part, ListOf):
        if part.items is not None:
            return {"type": "array", "prefixItems": [schema_of(each) for each in part.items], "items": False}
        return {"type": "array", "items": schema_of(part.item)}
    if isinstance(part, Record):
        required = [name for name, field in part.fields.items() if field.presence is Presence.SURE]
        properties = {name: schema_of(field.shape) for name, field in part.fields.items()}
        schema: dict[str, Json] = {"type": "object", "properties": properties, "required": required}
        return {**schema, "additionalProperties": False if part.rest is None else schema_of(part.rest)}
    return _scalar_schema(part)


def _scalar_schema(part: Scalar) -> dict[str, Json]:
    if not part.is_excluding:
        return {"enum": sorted(part.values, key=str)}
    schema: dict[str, Json] = {"type": "integer" if part.is_whole else part.kind}
    return {**schema, "not": {"enum": sorted(part.values, key=str)}} if part.values else schema
