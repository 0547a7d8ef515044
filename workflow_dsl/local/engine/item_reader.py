"""The ItemReader of a distributed Map: items listed in S3, or read from a JSON, JSONL, CSV or manifest file in S3.

Developer guide, "ItemReader (Map)".
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import to_json
from workflow_dsl.local.engine.dataflow import evaluate, evaluate_template, read_parameter, state_error
from workflow_dsl.local.engine.execution import Thread
from workflow_dsl.local.engine.items import items_of
from workflow_dsl.local.engine.prepared import PreparedState
from workflow_dsl.local.engine.protocol import Engine
from workflow_dsl.local.errors import ITEM_READER_FAILED, StateError

_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


def read_items(engine: Engine, thread: Thread, state: PreparedState, data: Json) -> list[Json]:
    """Return the items of a distributed Map, before the ItemSelector and the ItemBatcher."""
    reader = state.fields.get("ItemReader")
    if reader is None:
        items = items_of(state, thread, data, objects=True)
        return _key_values(items) if isinstance(items, dict) else list(items)
    config = reader.get("ReaderConfig", {})
    arguments = s3_arguments(state, thread, "ItemReader", reader, data)
    try:
        is_listing = "listObjectsV2" in reader["Resource"]
        items = _list_objects(engine, arguments) if is_listing else _read_file(engine, arguments, config)
        return list(islice(items, _max_items(state, thread, config, data)))
    except (ValueError, TypeError, LookupError, EOFError, OSError, csv.Error, zlib.error) as problem:
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


def _max_items(state: PreparedState, thread: Thread, config: Mapping[str, Json], data: Json) -> int | None:
    limit = config.get("MaxItems", 0)
    if "MaxItemsPath" in config:
        limit = read_parameter(state, thread, "MaxItemsPath", config["MaxItemsPath"], data)
    elif isinstance(limit, str):
        limit = evaluate(state, thread, "ItemReader/ReaderConfig/MaxItems", limit, {"input": data})
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 0:
        raise state_error(state, thread, f"MaxItems must be a whole number, not {to_json(limit)}")
    return limit or None


def _list_objects(engine: Engine, arguments: Mapping[str, Json]) -> Iterator[Json]:
    """Yield the objects of a bucket under a prefix, requested page by page."""
    token: str | None = None
    while True:
        page = engine.services.call(
            "aws-sdk:s3", "listObjectsV2", {**arguments, **({"ContinuationToken": token} if token else {})}
        )
        for entry in page.get("Contents", []):
            yield {("Etag" if name == "ETag" else name): value for name, value in entry.items()}
        token = page.get("NextContinuationToken")
        if not token:
            return


def _read_file(engine: Engine, arguments: Mapping[str, Json], config: Mapping[str, Json]) -> Iterable[Json]:
    content = engine.services.read_object(arguments["Bucket"], arguments["Key"])
    return _FORMATS[config.get("InputType", "JSON")](engine, content, config)


def _decode(content: bytes) -> str:
    return (gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content).decode("utf-8-sig")


def _json(_: Engine, content: bytes, config: Mapping[str, Json]) -> Iterable[Json]:
    value = json.loads(_decode(content))
    for escaped in config.get("ItemsPointer", "").split("/")[1:]:
        key = escaped.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    if isinstance(value, dict):
        return _key_values(value)
    if not isinstance(value, list):
        raise ValueError("the file holds neither a list nor an object")
    return value


def _key_values(fields: Mapping[str, Json]) -> list[Json]:
    return [{"Key": key, "Value": value} for key, value in fields.items()]


def _json_lines(_: Engine, content: bytes, config: Mapping[str, Json]) -> Iterable[Json]:
    return [json.loads(line) for line in _decode(content).splitlines() if line.strip()]


def _csv(_: Engine, content: bytes, config: Mapping[str, Json]) -> Iterable[Json]:
    rows = csv.reader(io.StringIO(_decode(content)), delimiter=_DELIMITERS[config.get("CSVDelimiter", "COMMA")])
    header = config["CSVHeaders"] if config["CSVHeaderLocation"] == "GIVEN" else next(rows, [])
    return (dict(zip(header, [*row, *[""] * (len(header) - len(row))], strict=False)) for row in rows if row)


def _manifest(engine: Engine, content: bytes, config: Mapping[str, Json]) -> Iterator[Json]:
    """Yield the items of the files that a manifest lists: rows of an S3 inventory, or lines of an Athena result."""
    if config.get("ManifestType") == "ATHENA_DATA":
        for line in _decode(content).split():
            bucket, _, key = line.removeprefix("s3://").partition("/")
            yield from _json_lines(engine, engine.services.read_object(bucket, key), config)
        return
    manifest = json.loads(_decode(content))
    bucket = manifest["destinationBucket"].rpartition(":")[2]
    header = [name.strip() for name in manifest["fileSchema"].split(",")]
    for file in manifest["files"]:
        csv_config = {"CSVHeaderLocation": "GIVEN", "CSVHeaders": header}
        yield from _csv(engine, engine.services.read_object(bucket, file["key"]), csv_config)


_FORMATS = {"JSON": _json, "JSONL": _json_lines, "CSV": _csv, "MANIFEST": _manifest}
