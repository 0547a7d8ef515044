"""The shapes of an API's output and input, from botocore's model.

A field is there under both of its names, that of the API with a capital and that of the Java SDK v2, as either may be
in a result. A blob of an SDK integration is text. Whether a field is in an answer, models seldom say: none is sure.
"""

from __future__ import annotations

from functools import lru_cache

from workflow_dsl.definition.java_names import java_name, member_name
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.service_models import ServiceModel
from workflow_dsl.shapes.shape import (
    BOOLEAN,
    INTEGER,
    NUMBER,
    STRING,
    UNKNOWN,
    Field,
    Presence,
    Shape,
    list_of,
    record,
    scalar,
    shape_of,
)

_SCALARS = {
    "string": STRING,
    "character": STRING,
    "integer": INTEGER,
    "long": INTEGER,
    "float": NUMBER,
    "double": NUMBER,
    "bigdecimal": NUMBER,
    "boolean": BOOLEAN,
}
_DEEPEST = 8


@lru_cache(maxsize=256)
def output_shape(model: ServiceModel, operation: str, *, is_sdk: bool) -> Shape:
    """Return the shape of the answer of an operation; an empty object if it has no output."""
    name = model.output(operation)
    return _shape(model, name, is_sdk, ()) if name else record({})


def _shape(model: ServiceModel, name: str, is_sdk: bool, inside: tuple[str, ...]) -> Shape:
    """The shape of a type; times, documents and types that contain themselves are unknown."""
    details: dict[str, Json] = model.shapes[name]
    type_ = str(details["type"])
    if type_ in _SCALARS:
        usual = frozenset[Json](details.get("enum", ()))
        return shape_of((scalar("string", is_excluding=True, usual=usual),)) if usual else _SCALARS[type_]
    if type_ == "blob" and is_sdk:
        return STRING
    if details.get("document") or details.get("eventstream") or name in inside or len(inside) > _DEEPEST:
        return UNKNOWN
    inside = (*inside, name)
    if type_ == "list":
        return list_of(_shape(model, details["member"]["shape"], is_sdk, inside))
    if type_ == "map":
        return record({}, _shape(model, details["value"]["shape"], is_sdk, inside))
    return _structure(model, name, details, is_sdk, inside) if type_ == "structure" else UNKNOWN


def _structure(
    model: ServiceModel, name: str, details: dict[str, Json], is_sdk: bool, inside: tuple[str, ...]
) -> Shape:
    fields = {}
    for member, about in details.get("members", {}).items():
        shape = UNKNOWN if about.get("jsonvalue") else _shape(model, about["shape"], is_sdk, inside)
        names = (member_name(name, member, is_sdk=is_sdk), java_name(member), member_name(name, member, is_sdk=False))
        for spelling in dict.fromkeys(names):
            fields[spelling] = Field(shape, Presence.UNSTATED)
    return record(fields)
