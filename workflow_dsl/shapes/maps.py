"""The items of a Map in JSONPath, and its result.

Developer guide, "Map workflow state", with ItemsPath, ItemSelector, ItemReader, ItemBatcher and ResultWriter.
"""

from __future__ import annotations

from functools import lru_cache

from workflow_dsl.definition.json import Json
from workflow_dsl.shapes.misuses import of_field
from workflow_dsl.shapes.passing import Visit
from workflow_dsl.shapes.reading import with_value
from workflow_dsl.shapes.scene import Scene
from workflow_dsl.shapes.shape import (
    MOST_CACHED,
    NUMBER,
    STRING,
    UNKNOWN,
    Field,
    Origin,
    Presence,
    Shape,
    joined,
    list_of,
    record,
)
from workflow_dsl.shapes.sources.item_readers import item_of_reader
from workflow_dsl.shapes.templates import read_reference, shape_at, shape_of_template

_PATHS = (
    "MaxConcurrencyPath",
    "ToleratedFailureCountPath",
    "ToleratedFailurePercentagePath",
)


def items_of_map(visit: Visit, scene: Scene) -> tuple[Shape, Shape]:
    """Return the shape of an item and that of an iteration's input, and collect what the fields of the Map read."""
    for field in _PATHS:
        if field in visit.fields:
            scene.misuses += of_field(field, read_reference(visit.fields[field], scene, (field,)))
    _read_holders(visit, scene)
    item = _item(visit, scene)
    selector = "ItemSelector" if "ItemSelector" in visit.fields else "Parameters"
    selected = item
    if selector in visit.fields:
        context = with_item(scene.context, item)
        selecting = Scene(scene.data, context, scene.variables, scene.reads, scene.misuses)
        selected = shape_of_template(visit.fields[selector], selecting, (selector,))
    return item, batched(visit.fields.get("ItemBatcher"), selected, scene)


def _read_holders(visit: Visit, scene: Scene) -> None:
    for name in ("ItemReader", "ResultWriter"):
        holder = visit.fields.get(name)
        if isinstance(holder, dict):
            shape_of_template(holder.get("Parameters"), scene, (name, "Parameters"))


def _item(visit: Visit, scene: Scene) -> Shape:
    if "ItemReader" in visit.fields:
        return item_of_reader(visit.fields["ItemReader"])
    items = scene.data
    if "ItemsPath" in visit.fields:
        items = shape_at(visit.fields["ItemsPath"], scene, ("ItemsPath",))
    visit.passing.items = items
    return item_in(items)


def item_in(items: Shape) -> Shape:
    """Return the shape of an item of a list; UNKNOWN for anything that may not be a list."""
    if items.parts is None or items.kinds != {"list"}:
        return UNKNOWN
    item = joined(part.item for part in items.lists)
    return UNKNOWN if item.parts == () else item


@lru_cache(MOST_CACHED)
def with_item(context: Shape, item: Shape) -> Shape:
    """Return the context object of an iteration (developer guide, "Context object data for Map states")."""
    about = record({"Index": NUMBER, "Value": item}, UNKNOWN)
    return with_value(context, ("Map",), record({"Item": about}, UNKNOWN))


def batched(batcher: Json, item: Shape, scene: Scene) -> Shape:
    """Return the input of an iteration: the item, or a batch of items."""
    if not isinstance(batcher, dict):
        return item
    given = batcher.get("BatchInput")
    shape = None if given is None else shape_of_template(given, scene, ("ItemBatcher", "BatchInput"))
    return batched_items(item, shape)


def batched_items(item: Shape, given: Shape | None) -> Shape:
    """Return the shape of a batch of items, with the BatchInput that a Map gives it."""
    fields = {"Items": list_of(item)}
    return record(fields if given is None else {**fields, "BatchInput": given})


def result_of_map(visit: Visit, item: Shape, input: Shape) -> Shape:
    """Return the result of a Map, from the shapes of an item and of an iteration's input."""
    scopes = visit.passing.state.nested
    if not scopes:
        return UNKNOWN
    context = UNKNOWN if scopes[0].is_distributed else with_item(visit.context, item)
    output = visit.through_scope(scopes[0], input, context)
    if "ResultWriter" in visit.fields:
        return _WRITTEN if "Resource" in (visit.fields["ResultWriter"] or {}) else UNKNOWN
    tolerates = any(name.startswith("Tolerated") for name in visit.fields)
    return list_of(UNKNOWN if tolerates or output.parts == () else output)


# Developer guide, "ResultWriter (Map)": where the results of a distributed Map are, in place of them.
_WRITTEN = record(
    {
        "MapRunArn": STRING,
        "ResultWriterDetails": record({name: Field(STRING, Presence.UNSTATED) for name in ("Bucket", "Key")}),
    },
    None,
    Origin("the result of a Map with a ResultWriter"),
)
