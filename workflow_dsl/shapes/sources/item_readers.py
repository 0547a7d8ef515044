"""The items that an ItemReader gives a distributed Map.

Developer guide, "ItemReader (Map)": a column of a CSV file is text, and a list of objects is that of the S3 API.
"""

from __future__ import annotations

from functools import lru_cache

from workflow_dsl.definition.integrations import sdk_model
from workflow_dsl.definition.json import Json
from workflow_dsl.shapes.shape import STRING, UNKNOWN, Field, Origin, Presence, Shape, record
from workflow_dsl.shapes.sources.apis import output_shape

_LIST = ":s3:listObjectsV2"


def item_of_reader(reader: Json) -> Shape:
    """Return the shape of an item that an ItemReader reads; UNKNOWN for JSON, for Parquet and for a manifest."""
    if not isinstance(reader, dict):
        return UNKNOWN
    config = reader.get("ReaderConfig", {})
    if not isinstance(config, dict) or "Transformation" in config or "ManifestType" in config:
        return UNKNOWN
    if config.get("InputType") == "CSV":
        return _row(config)
    return _object() if str(reader.get("Resource")).endswith(_LIST) and "InputType" not in config else UNKNOWN


def _row(config: dict[str, Json]) -> Shape:
    """A row of a CSV file: its columns have the names that the definition gives, or those of the first row."""
    headers = config.get("CSVHeaders")
    is_given = config.get("CSVHeaderLocation") == "GIVEN" and isinstance(headers, list)
    if is_given and isinstance(headers, list) and not any("${" in str(each) or "{%" in str(each) for each in headers):
        fields = {str(name): Field(STRING, Presence.UNSTATED) for name in headers}
        return record(fields, None, Origin("the CSVHeaders of the ItemReader"))
    return record({}, STRING)


@lru_cache(maxsize=1)
def _object() -> Shape:
    """An object in the list of a bucket's objects."""
    model = sdk_model("s3")
    operation = model.actions.get("listObjectsV2") if model else None
    contents = output_shape(model, operation, is_sdk=True).records if model and operation else ()
    for part in contents:
        lists = part.fields["Contents"].shape.lists if "Contents" in part.fields else ()
        for each in (each for one in lists for each in one.item.records):
            fields = {**each.fields, "Etag": Field(STRING, Presence.UNSTATED)}
            return record(fields, None, Origin("the objects that the ItemReader lists"))
    return UNKNOWN
