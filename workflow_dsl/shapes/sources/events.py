"""The events that start a state machine, as documented.

EventBridge user guide, "AWS service event metadata"; S3 user guide, "EventBridge event message structure"; API Gateway
developer guide, "Step Functions integration": there a mapping decides, so that nothing is known of its input.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from workflow_dsl.definition.json import Json
from workflow_dsl.shapes.shape import (
    ANY_RECORD,
    NUMBER,
    STRING,
    UNKNOWN,
    Field,
    Origin,
    Presence,
    Shape,
    list_of,
    literal,
    one_of,
    record,
)

_OPTIONAL = Presence.UNSTATED
_S3_DETAIL = record(
    {
        "version": Field(STRING),
        "bucket": Field(record({"name": Field(STRING)})),
        "object": Field(
            record(
                {
                    "key": Field(STRING),
                    "size": Field(NUMBER, _OPTIONAL),
                    "etag": Field(STRING, _OPTIONAL),
                    "version-id": Field(STRING, _OPTIONAL),
                    "sequencer": Field(STRING, _OPTIONAL),
                }
            )
        ),
        "request-id": Field(STRING),
        "requester": Field(STRING),
        "source-ip-address": Field(STRING, _OPTIONAL),
        "reason": Field(STRING, _OPTIONAL),
        "deletion-type": Field(STRING, _OPTIONAL),
    },
    UNKNOWN,
)


def event_shape(kind: str, properties: Mapping[str, Json], origin: str) -> Shape:
    """Return the input of an execution that an event starts; UNKNOWN where a mapping or a pipe decides it.

    `kind` is the type of a SAM event: Schedule, ScheduleV2, EventBridgeRule, CloudWatchEvent.
    """
    if kind not in ("Schedule", "ScheduleV2", "EventBridgeRule", "CloudWatchEvent"):
        return UNKNOWN
    if "Input" in properties:
        return _given(properties["Input"], origin)
    if not {"InputPath", "InputTransformer", "Target"}.isdisjoint(properties) or kind == "ScheduleV2":
        return UNKNOWN
    pattern = properties.get("Pattern")
    return _envelope(pattern if isinstance(pattern, dict) else {}, origin)


def _given(text: Json, origin: str) -> Shape:
    """The constant input of a target."""
    try:
        value = json.loads(text) if isinstance(text, str) and "${" not in text else None
    except ValueError:
        value = None
    shape = literal(value) if isinstance(value, dict) else UNKNOWN
    return record(shape.records[0].fields, None, Origin(origin)) if shape.records else UNKNOWN


def _envelope(pattern: Mapping[str, Json], origin: str) -> Shape:
    detail = _S3_DETAIL if pattern.get("source") == ["aws.s3"] and _is_of_objects(pattern) else ANY_RECORD
    names = "version id detail-type source account time region".split()
    fields = {name: Field(STRING) for name in names}
    for name in ("source", "detail-type"):
        values = pattern.get(name)
        if isinstance(values, list) and values and all(isinstance(each, str) for each in values):
            fields[name] = Field(one_of("string", values))
    return record({**fields, "resources": Field(list_of(STRING)), "detail": Field(detail)}, None, Origin(origin))


def _is_of_objects(pattern: Mapping[str, Json]) -> bool:
    types: Json = pattern.get("detail-type")
    return isinstance(types, Iterable) and all(str(each).startswith("Object ") for each in types)
