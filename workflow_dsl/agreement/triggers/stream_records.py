"""The records of a table's stream: they have the keys of the table, and the images of its StreamViewType.

DynamoDB API reference, "StreamSpecification" and "StreamRecord".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.calls.table_keys import TABLE, keys_of
from workflow_dsl.agreement.common import Problem, certain, direct
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import dict_or_empty
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Keys, did_you_mean
from workflow_dsl.regexes import lazy_regex

_IMAGES: Mapping[str, tuple[str, ...]] = {
    "KEYS_ONLY": (),
    "NEW_IMAGE": ("NewImage",),
    "OLD_IMAGE": ("OldImage",),
    "NEW_AND_OLD_IMAGES": ("NewImage", "OldImage"),
}
_PATH = lazy_regex(r"<\$\.dynamodb\.(Keys|NewImage|OldImage)(?:\.([\w-]+))?[^>]*>")


def lacking_images(template: Template, keys: Keys, source: Json, pattern: Mapping[str, Json]) -> Iterator[Problem]:
    """The images that a filter asks for and the stream's records do not have."""
    table = _table(template, source)
    for image in dict_or_empty(pattern.get("dynamodb")) if table else ():
        problem = _of_image(template, table, image) if table else None
        if problem:
            yield Problem(keys, *problem, "NEVER_STARTS")


def wrong_paths(template: Template, keys: Keys, source: Json, text: Json) -> Iterator[Problem]:
    """The paths in a pipe's InputTemplate to an image or a key that the stream's records do not have."""
    table = _table(template, source)
    if table is None or not isinstance(text, str):
        return
    names = [key.name for key in keys_of(template, table)]
    for image, name in dict.fromkeys(_PATH.findall(text)):
        problem = _of_image(template, table, image)
        if problem:
            yield Problem(keys, *problem, "MISSING_FIELD")
        elif image == "Keys" and name and names and name not in names:
            remedy = did_you_mean(name, names) or f"write one of {', '.join(names)}"
            yield Problem(keys, f"{table.logical_id} has no key {name}", remedy, "MISSING_FIELD")


def _table(template: Template, source: Json) -> Resource | None:
    table, attribute = direct(template, source)
    return table if table is not None and table.type == TABLE and attribute == "StreamArn" else None


def _of_image(template: Template, table: Resource, image: str) -> tuple[str, str] | None:
    view = certain(template, dict_or_empty(table.properties.get("StreamSpecification")).get("StreamViewType"))
    if image not in ("NewImage", "OldImage") or not isinstance(view, str) or image in _IMAGES.get(view, (image,)):
        return None
    message = f"the stream of {table.logical_id} has no {image}: its StreamViewType is {view}"
    return message, f"write StreamViewType: NEW_AND_OLD_IMAGES in {table.logical_id}"
