"""The filters of pipes and of functions' event source mappings: their JSON, and patterns that no record matches.

EventBridge user guide, "Event filtering in Amazon EventBridge Pipes"; Lambda developer guide, "Control which events
Lambda sends to your function" and "Using event filtering with a DynamoDB event source".
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from workflow_dsl.agreement.common import Problem, certain
from workflow_dsl.agreement.triggers.stream_records import lacking_images
from workflow_dsl.application.starting_events import service_of_source
from workflow_dsl.application.template import Template
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty, is_intrinsic
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys, did_you_mean, short_list
from workflow_dsl.shapes.shape import Shape
from workflow_dsl.shapes.sources.pipe_events import pipe_event


def wrong_filters(template: Template, keys: Keys, criteria: Json, source: Json) -> Iterator[Problem]:
    """Patterns that are not the JSON of an object, and those that no record of their source matches."""
    filters = dict_or_empty(criteria).get("Filters")
    record = pipe_event(service_of_source(template, source))
    for index, criterion in enumerate(filters if isinstance(filters, list) else ()):
        written = dict_or_empty(criterion).get("Pattern")
        pattern = certain(template, written)
        at: Keys = (*keys, "Filters", index, "Pattern")
        if isinstance(written, dict) and written and not is_intrinsic(written):
            message = "the Pattern of its filter is an object, but it takes a string"
            yield Problem(at, message, "write it as JSON in quotes")
        if isinstance(pattern, str):
            content = _object_in(pattern)
            if content is None:
                remedy = """write an object in JSON, such as '{"eventName": ["INSERT"]}'"""
                yield Problem(at, "the Pattern of its filter is not a JSON object", remedy)
            else:
                yield from (Problem(at, *problem, "NEVER_STARTS") for problem in _unmatched(content, record))
                yield from lacking_images(template, at, source, content)


def _object_in(text: str) -> dict[str, Json] | None:
    try:
        content = json.loads(text)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None


def _unmatched(pattern: Json, record: Shape) -> Iterator[tuple[str, str]]:
    """The message and the remedy for each field of a pattern that a record does not have, or not with this value."""
    fields = record.records[0].fields if len(record.records) == 1 and record.records[0].rest is None else {}
    for name, value in dict_or_empty(pattern).items() if fields else ():
        if name == "$or":
            for each in as_list(value):
                yield from _unmatched(each, record)
        elif name not in fields and value != [{"exists": False}]:
            near = did_you_mean(name, fields) or f"write one of {short_list([*fields])}"
            yield f"no record has the field {name} of its filter", near
        elif name in _IMAGES and "StreamViewType" in fields:
            for attribute, values in dict_or_empty(value).items():
                yield from _of_attribute(attribute, values)
        elif name in fields and isinstance(value, dict):
            yield from _unmatched(value, fields[name].shape)
        elif name in fields and isinstance(value, list):
            yield from _impossible(name, value, fields[name].shape)
        elif name in fields:
            yield f"{name} in its filter is not a list", f"write {name}: [{json.dumps(value)}]"


def _impossible(name: str, values: list[Json], field: Shape) -> Iterator[tuple[str, str]]:
    """A value that a field does not have, where all that it may have are known."""
    parts = field.parts or ()
    known = [str(value) for part in parts if part.kind == "string" for value in sorted(map(str, part.values))]
    for value in values:
        if known and isinstance(value, str) and value not in known:
            yield f"no record has the {name} {value} of its filter", f"write one of {short_list(known)}"


_IMAGES = ("Keys", "NewImage", "OldImage")
_TYPES = ("S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL")


def _of_attribute(name: str, values: Json) -> Iterator[tuple[str, str]]:
    """The attribute of an item in a stream is an object with its type, and its number is a string."""
    form = f'write {name}: {{"S": ["VALUE"]}}'
    if not isinstance(values, dict):
        if "exists" not in json.dumps(values):
            yield f"the attribute {name} in its filter has no type, as attributes in a stream do", form
        return
    for type_, expected in values.items():
        if type_ not in _TYPES:
            yield f"the attribute {name} in its filter has the type {type_}, which DynamoDB does not have", form
        elif type_ == "N" and any(isinstance(each, (int, float)) or _is_numeric(each) for each in as_list(expected)):
            message = f"the attribute {name} in its filter is a number, and numbers in a stream are strings"
            yield message, f'write {name}: {{"N": ["VALUE"]}}'


def _is_numeric(comparison: Json) -> bool:
    return isinstance(comparison, dict) and "numeric" in comparison
