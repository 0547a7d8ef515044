"""The ItemReader of a distributed Map: items listed in S3, or read from JSON, JSONL, CSV and manifest files in S3.

Developer guide, "ItemReader (Map)"; where an item comes from: "Context object data for Map states".
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import to_json
from workflow_dsl.expressions.timestamps import parse_timestamp
from workflow_dsl.local.engine.dataflow import evaluate, evaluate_template, read_parameter, state_error
from workflow_dsl.local.engine.delimited import DELIMITERS, rows_of
from workflow_dsl.local.engine.execution import Thread
from workflow_dsl.local.engine.items import STATE_DATA, Item, items_of
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.engine.protocol import Engine
from workflow_dsl.local.errors import ITEM_READER_FAILED, StateError

_LISTED = ("ETag", "Key", "LastModified", "Size", "StorageClass", "Owner")
_LONGEST_HEADER = 10 * 1024  # bytes
_ZSTANDARD = b"\x28\xb5\x2f\xfd"


def items_of_state(state: PreparedState, thread: Thread, data: Json) -> list[Item]:
    """Return the items of a distributed Map without an ItemReader."""
    items = items_of(state, thread, data, objects=True)
    return _items_of_object(items) if isinstance(items, dict) else [Item(item) for item in items]


# What the content of a file, or a listing, may raise that is not what it should be.
_UNREADABLE = (
    *(ValueError, TypeError, AttributeError, LookupError, RecursionError),
    *(EOFError, OSError, zlib.error),
)


def read_items(engine: Engine, reader: Mapping[str, Json], arguments: Mapping[str, Json], limit: int) -> list[Item]:
    """Return the items that an ItemReader reads, at most `limit` if it is not 0. Raises States.ItemReaderFailed."""
    config = reader.get("ReaderConfig", {})
    if limit < 0:
        raise StateError(ITEM_READER_FAILED, "field MaxItems must be positive")
    try:
        is_listing = "listObjectsV2" in reader["Resource"]
        items = _listed(engine, arguments, config) if is_listing else _items_of_file(engine, arguments, config)
        return list(islice(items, limit or None))
    except _UNREADABLE as problem:
        cause = f"Attempting to read the items failed: {type(problem).__name__}: {problem}"
        raise StateError(ITEM_READER_FAILED, cause) from None
    except StateError as failure:
        if failure.error and failure.error.startswith("S3."):
            raise StateError(ITEM_READER_FAILED, failure.cause) from None
        raise


def s3_arguments(
    state: PreparedState, thread: Thread, field: str, container: Mapping[str, Json], data: Json
) -> dict[str, Json]:
    """Return the Parameters or Arguments of an ItemReader or ResultWriter."""
    arguments: dict[str, Json]
    if state.is_jsonata:
        arguments = evaluate(state, thread, f"{field}/Arguments", container.get("Arguments", {}), {"input": data})
    else:
        arguments = evaluate_template(state, thread, container.get("Parameters", {}), data)
    if not isinstance(arguments, dict) or not isinstance(arguments.get("Bucket"), str):
        raise state_error(state, thread, f"The {field} needs a Bucket, not {to_json(arguments)}")
    return arguments


def most_items(state: PreparedState, thread: Thread, reader: Mapping[str, Json], data: Json) -> int:
    """Return MaxItems, 0 if there is no limit."""
    config = reader.get("ReaderConfig", {})
    path, limit = config.get("MaxItemsPath"), config.get("MaxItems", 0)
    if path is not None:
        limit = read_parameter(state, thread, "MaxItemsPath", path, data)
    elif isinstance(limit, str):
        limit = evaluate(state, thread, "ItemReader/ReaderConfig/MaxItems", limit, {"input": data})
    if isinstance(limit, bool) or not isinstance(limit, int):
        shown = limit if isinstance(limit, str) else to_json(limit)
        cause = f'The MaxItemsPath field refers to value "{shown}" which is not a valid integer: {path}'
        raise state_error(state, thread, cause if path else f"MaxItems must be a whole number, not {shown}")
    return limit


def _listed(engine: Engine, arguments: Mapping[str, Json], config: Mapping[str, Json]) -> Iterator[Item]:
    """Yield the descriptions of the objects under a prefix, or with LOAD_AND_FLATTEN the items in each of them."""
    bucket = arguments["Bucket"]
    for entry in _list_objects(engine, arguments):
        if config.get("Transformation") != "LOAD_AND_FLATTEN":
            yield Item(_description(entry), f"S3://{bucket}")
        elif not entry["Key"].endswith("/"):  # a folder made in the console
            yield from _items_of_file(engine, {"Bucket": bucket, "Key": entry["Key"]}, config)


def _list_objects(engine: Engine, arguments: Mapping[str, Json]) -> Iterator[dict[str, Json]]:
    """Yield the objects of a bucket under a prefix, requested page by page."""
    token: str | None = None
    while True:
        page = engine.services.call(
            "aws-sdk:s3", "listObjectsV2", {**arguments, **({"ContinuationToken": token} if token else {})}
        )
        yield from page.get("Contents", [])
        token = page.get("NextContinuationToken")
        if not token:
            return


def _description(entry: Mapping[str, Json]) -> dict[str, Json]:
    """An object of a listing as the guide shows it: Etag, and the time in seconds."""
    moment = parse_timestamp(entry.get("LastModified"))
    known = {name: entry[name] for name in _LISTED if name in entry}
    if moment is not None:
        known["LastModified"] = int(moment.timestamp())
    return {("Etag" if name == "ETag" else name): value for name, value in known.items()}


def _items_of_file(engine: Engine, arguments: Mapping[str, Json], config: Mapping[str, Json]) -> Iterator[Item]:
    """Yield the items of a file, or of the files that a manifest lists."""
    bucket, key = arguments["Bucket"], arguments["Key"]
    version = [arguments["VersionId"]] if "VersionId" in arguments else []
    text = _decode(engine.services.read_object(bucket, key, *version))
    if config.get("ManifestType") == "ATHENA_DATA":
        yield from _athena(engine, text, config)
    elif config.get("ManifestType") == "S3_INVENTORY" or config.get("InputType") == "MANIFEST":
        yield from _inventory(engine, text)
    else:
        yield from _parsed(text, config, f"S3://{bucket}/{key}")


def _parsed(text: str, config: Mapping[str, Json], source: str) -> Iterator[Item]:
    type_ = config.get("InputType", "JSON")
    if type_ == "JSON":
        yield from _json(text, config, source)
        return
    values = _csv(text, config) if type_ == "CSV" else _json_lines(text)
    yield from (Item(value, source) for value in values)


def _decode(content: bytes) -> str:
    """The text of a file, which can be compressed with GZIP or ZSTD."""
    if content.startswith(b"\x1f\x8b"):
        content = gzip.decompress(content)
    elif content.startswith(_ZSTANDARD):
        content = _zstandard(content)
    return content.decode("utf-8-sig")


def _zstandard(content: bytes) -> bytes:
    try:
        from compression.zstd import decompress  # type: ignore[import-not-found,unused-ignore]  # Python 3.14
    except ImportError:
        raise ValueError("Zstandard needs Python 3.14 in a local run; compress the file with GZIP") from None
    return bytes(decompress(content))


def _json(text: str, config: Mapping[str, Json], source: str) -> Iterable[Item]:
    value = json.loads(text)
    for escaped in config.get("ItemsPointer", "").split("/")[1:]:
        key = escaped.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    if isinstance(value, dict):
        return _items_of_object(value, source)
    if not isinstance(value, list):
        raise ValueError("the file holds neither a list nor an object")
    return [Item(item, source) for item in value]


def _items_of_object(fields: Mapping[str, Json], source: str = STATE_DATA) -> list[Item]:
    return [Item(value, source, key) for key, value in fields.items()]


def _json_lines(text: str) -> Iterable[Json]:
    return (json.loads(line) for line in text.split("\n") if line.strip())


def _csv(text: str, config: Mapping[str, Json]) -> Iterator[Json]:
    rows = rows_of(text, DELIMITERS[config.get("CSVDelimiter", "COMMA")])
    header = config["CSVHeaders"] if config.get("CSVHeaderLocation") == "GIVEN" else next(rows, [])
    if sum(len(name.encode()) for name in header) > _LONGEST_HEADER:
        raise ValueError("the header has more than 10 KiB")
    return (dict(zip(header, [*row, *[""] * (len(header) - len(row))], strict=False)) for row in rows)


def _athena(engine: Engine, text: str, config: Mapping[str, Json]) -> Iterator[Item]:
    """Yield the items of the files that an Athena UNLOAD query has written: every line of its manifest is a URI."""
    type_ = config.get("InputType", "MANIFEST")
    of_file = {**config, "InputType": "JSONL" if type_ == "MANIFEST" else type_}
    for uri, *_ in rows_of(text, ","):
        bucket, _, key = uri.strip().removeprefix("s3://").partition("/")
        yield from _parsed(_decode(engine.services.read_object(bucket, key)), of_file, f"S3://{bucket}/{key}")


def _inventory(engine: Engine, text: str) -> Iterator[Item]:
    """Yield the rows of the CSV files that the manifest of an S3 inventory lists."""
    manifest = json.loads(text)
    bucket = manifest["destinationBucket"].rpartition(":")[2]
    config = {
        "InputType": "CSV",
        "CSVHeaderLocation": "GIVEN",
        "CSVHeaders": [name.strip() for name in manifest["fileSchema"].split(",")],
    }
    for file in manifest["files"]:
        content = engine.services.read_object(bucket, file["key"])
        yield from _parsed(_decode(content), config, f"S3://{bucket}/{file['key']}")
