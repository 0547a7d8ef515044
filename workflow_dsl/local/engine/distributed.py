"""The distributed Map: items read from S3 or given, in batches, each in a child execution of its own.

Developer guide, "Using Map state in Distributed mode", "ItemReader", "ItemBatcher", "ResultWriter".
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections.abc import Generator, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from workflow_dsl.application.template.resource_types import LOCAL_ACCOUNT, LOCAL_PARTITION, LOCAL_REGION
from workflow_dsl.definition.json import Json
from workflow_dsl.expressions.intrinsic_functions import to_json, uuid
from workflow_dsl.expressions.problems import EvaluationProblem, PathNotFound
from workflow_dsl.local.engine import history
from workflow_dsl.local.engine.dataflow import evaluated, failed, filled
from workflow_dsl.local.engine.execution import FailedItem, Thread, described
from workflow_dsl.local.engine.items import as_a_whole, concurrency_of, count_field, items_of, note_map_failed, selected
from workflow_dsl.local.engine.prepared import PreparedMachine, PreparedState
from workflow_dsl.local.engine.protocol import Engine
from workflow_dsl.local.errors import ITEM_READER_FAILED, RESULT_WRITER_FAILED, TOO_MANY_FAILURES, StateError
from workflow_dsl.local.scheduler import gather

CONCURRENCY = 10_000  # Step Functions quotas, "Distributed Map state"
_DELIMITERS = {"COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "SPACE": " ", "TAB": "\t"}


def is_distributed(node: PreparedState) -> bool:
    return bool(node.scopes) and node.scopes[0].config.get("Mode") == "DISTRIBUTED"


def distributed_map(engine: Engine, branch: Thread, node: PreparedState, data: Json) -> Generator[Any, Any, Json]:
    mocked = engine.mocked(node, data)
    if mocked is not None:
        branch.note("MapStateStarted", history.with_details, "mapStateStartedEventDetails", {"length": 0})
        return (yield from as_a_whole(branch, "Map", mocked))
    try:
        items = list(_items(engine, branch, node, data))
    except StateError as problem:
        note_map_failed(branch, node, problem)
        raise
    branch.note("MapStateStarted", history.with_details, "mapStateStartedEventDetails", {"length": len(items)})
    tolerated = _tolerated(node, branch, data, len(items))
    concurrency = concurrency_of(node, branch, data, CONCURRENCY)
    arn = _map_run_arn(engine, branch, node)
    began = branch.note("MapRunStarted", history.with_details, "mapRunStartedEventDetails", {"mapRunArn": arn})
    run = _MapRun(engine, branch, node, arn, tolerated)
    inputs = enumerate(_batches(node, branch, data, _inputs(node, branch, data, items)))
    try:
        yield from run.all(inputs, min(len(items), concurrency))
        result = _written(engine, branch, node, data, run) if "ResultWriter" in node.fields else run.outputs()
    except StateError as problem:
        branch.note("MapRunFailed", history.with_error, "mapRunFailedEventDetails", problem.error, problem.cause, {})
        problem.ends_with = "MapStateFailed"
        raise
    branch.note("MapRunSucceeded")
    branch.note_aside("MapStateSucceeded")
    # As the service recorded it: the exit follows the run's end only in a Map that is the execution's first state.
    branch.last = began if branch.before_entry else branch.last
    return result


def _map_run_arn(engine: Engine, branch: Thread, node: PreparedState) -> str:
    label = node.fields.get("Label") or uuid(engine.random)
    machine = branch.execution.machine_name
    return f"arn:{LOCAL_PARTITION}:states:{LOCAL_REGION}:{LOCAL_ACCOUNT}:mapRun:{machine}/{label}:{uuid(engine.random)}"


def _tolerated(node: PreparedState, branch: Thread, data: Json, length: int) -> float:
    """How many failed items a run still takes: the count, the percentage, or the smaller of the two."""
    percentage = count_field(node, branch, "ToleratedFailurePercentage", data, 0)
    if not 0 <= percentage <= 100:
        raise failed(node, branch, "ToleratedFailurePercentage must be between 0 and 100.")
    count = count_field(node, branch, "ToleratedFailureCount", data, 0)
    if count < 0:
        raise failed(node, branch, "ToleratedFailureCount cannot be negative.")
    given = [
        amount
        for name, amount in (
            ("ToleratedFailureCount", count),
            ("ToleratedFailurePercentage", length * percentage / 100),
        )
        if name in node.fields or f"{name}Path" in node.fields
    ]
    return min(given, default=0)


class _MapRun:
    """The child executions of one visit to a distributed Map, and how they ended."""

    def __init__(self, engine: Engine, branch: Thread, node: PreparedState, arn: str, tolerated: float) -> None:
        self.engine, self.branch, self.node, self.arn = engine, branch, node, arn
        self.tolerated = tolerated
        self.failures = 0
        self.results: dict[int, Json] = {}
        # What a ResultWriter tells of each child; without one, only the results are kept.
        self.described: dict[int, dict[str, Json]] | None = {} if "ResultWriter" in node.fields else None
        self.program = PreparedMachine.inside(branch.execution.program, node.scopes[0])
        self.is_express = node.scopes[0].config.get("ExecutionType") == "EXPRESS"
        self.machine_name = f"{branch.execution.machine_name}/{arn.rpartition('/')[2].partition(':')[0]}"

    def all(self, inputs: Iterator[tuple[int, tuple[Json, int]]], width: int) -> Generator[Any, Any, None]:
        if width:
            yield from gather(self.engine.scheduler, [self._worker(inputs) for _ in range(width)])

    def _worker(self, inputs: Iterator[tuple[int, tuple[Json, int]]]) -> Generator[Any, Any, None]:
        parent = self.branch.execution
        for index, (given, weight) in inputs:
            name = uuid(self.engine.random)
            child = self.engine.execution(
                self.program, given, name=name, machine_name=self.machine_name, is_express=self.is_express
            )
            child.covered, child.trail, child.failed_items = parent.covered, parent.trail, parent.failed_items
            outcome = yield from self.engine.run_within(child)
            if self.described is not None:
                self.described[index] = described(child, outcome, to_json)
            if outcome.status == "SUCCEEDED":
                self.results[index] = outcome.output
            else:
                parent.failed_items.append(FailedItem(self.node.name, index, outcome.error, outcome.cause))
                self._count_failure(weight)

    def _count_failure(self, weight: int) -> None:
        self.failures += weight
        if self.failures > self.tolerated:
            raise StateError(TOO_MANY_FAILURES, "The specified tolerated failure threshold was exceeded")

    def outputs(self) -> list[Json]:
        """The children's outputs in the items' order; one that failed, and was tolerated, has none."""
        return [self.results[index] for index in sorted(self.results)]

    def children(self, status: bool | None = None) -> list[tuple[dict[str, Json], Json]]:
        """What is told of each child, and its output: of all, of those that succeeded, or of those that did not."""
        told = self.described or {}
        chosen = [index for index in sorted(told) if status is None or (index in self.results) is status]
        return [(told[index], self.results.get(index)) for index in chosen]


def _items(engine: Engine, branch: Thread, node: PreparedState, data: Json) -> Iterable[Json]:
    """The items as they are read, before selection and batching."""
    reader = node.fields.get("ItemReader")
    if reader is None:
        items = items_of(node, branch, data, objects=True)
        return [{"Key": key, "Value": each} for key, each in items.items()] if isinstance(items, dict) else items
    config = reader.get("ReaderConfig", {})
    given = _parameters(node, branch, "ItemReader", reader, data)
    try:
        read = _listed(engine, given) if "listObjectsV2" in reader["Resource"] else _read(engine, given, config)
        most = _most(node, branch, config, data)
        return list(islice(read, most))
    except (ValueError, TypeError, LookupError, EOFError, OSError, csv.Error, zlib.error) as problem:
        cause = f"Attempting to read the items failed: {type(problem).__name__}: {problem}"
        raise StateError(ITEM_READER_FAILED, cause) from None
    except StateError as problem:
        if problem.error and problem.error.startswith("S3."):
            raise StateError(ITEM_READER_FAILED, problem.cause) from None
        raise


def _parameters(
    node: PreparedState, branch: Thread, field: str, holder: Mapping[str, Json], data: Json
) -> dict[str, Json]:
    """The Parameters or Arguments of an ItemReader or ResultWriter."""
    given: dict[str, Json]
    if node.is_jsonata:
        given = evaluated(node, branch, f"{field}/Arguments", holder.get("Arguments", {}), {"input": data})
    else:
        given = filled(node, branch, holder.get("Parameters", {}), data)
    if not isinstance(given, dict) or not isinstance(given.get("Bucket"), str):
        raise failed(node, branch, f"The {field} needs a Bucket, and is given {to_json(given)}")
    return given


def _most(node: PreparedState, branch: Thread, config: Mapping[str, Json], data: Json) -> int | None:
    most = config.get("MaxItems", 0)
    if "MaxItemsPath" in config:
        most = _at_path(node, branch, "MaxItemsPath", config, data)
    elif isinstance(most, str):
        most = evaluated(node, branch, "ItemReader/ReaderConfig/MaxItems", most, {"input": data})
    if isinstance(most, bool) or not isinstance(most, int) or most < 0:
        raise failed(node, branch, f"MaxItems must be a whole number, and is {to_json(most)}")
    return most or None


def _at_path(node: PreparedState, branch: Thread, field: str, holder: Mapping[str, Json], data: Json) -> Json:
    try:
        return branch.read(holder[field], data)
    except (PathNotFound, EvaluationProblem):
        cause = f"The {field} parameter does not reference an input value: {holder[field]}"
        raise failed(node, branch, cause) from None


def _listed(engine: Engine, given: Mapping[str, Json]) -> Iterator[Json]:
    """The objects of a bucket under a prefix, page by page."""
    token: str | None = None
    while True:
        page = engine.services.call(
            "aws-sdk:s3", "listObjectsV2", {**given, **({"ContinuationToken": token} if token else {})}
        )
        for each in page.get("Contents", []):
            yield {("Etag" if name == "ETag" else name): value for name, value in each.items()}
        token = page.get("NextContinuationToken")
        if not token:
            return


def _read(engine: Engine, given: Mapping[str, Json], config: Mapping[str, Json]) -> Iterable[Json]:
    content = engine.services.read_object(given["Bucket"], given["Key"])
    return _FORMATS[config.get("InputType", "JSON")](engine, content, config)


def _unzipped(content: bytes) -> str:
    return (gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content).decode("utf-8-sig")


def _json(_: Engine, content: bytes, config: Mapping[str, Json]) -> Iterable[Json]:
    value = json.loads(_unzipped(content))
    for escaped in config.get("ItemsPointer", "").split("/")[1:]:
        key = escaped.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    if isinstance(value, dict):
        return [{"Key": key, "Value": each} for key, each in value.items()]
    if not isinstance(value, list):
        raise ValueError("the file holds neither a list nor an object")
    return value


def _json_lines(_: Engine, content: bytes, config: Mapping[str, Json]) -> Iterable[Json]:
    return [json.loads(line) for line in _unzipped(content).splitlines() if line.strip()]


def _csv(_: Engine, content: bytes, config: Mapping[str, Json]) -> Iterable[Json]:
    rows = csv.reader(io.StringIO(_unzipped(content)), delimiter=_DELIMITERS[config.get("CSVDelimiter", "COMMA")])
    header = config["CSVHeaders"] if config["CSVHeaderLocation"] == "GIVEN" else next(rows, [])
    return (dict(zip(header, [*row, *[""] * (len(header) - len(row))], strict=False)) for row in rows if row)


def _manifest(engine: Engine, content: bytes, config: Mapping[str, Json]) -> Iterator[Json]:
    """What the files hold that a manifest lists: an S3 inventory's rows, or an Athena result's."""
    if config.get("ManifestType") == "ATHENA_DATA":
        for line in _unzipped(content).split():
            bucket, _, key = line.removeprefix("s3://").partition("/")
            yield from _json_lines(engine, engine.services.read_object(bucket, key), config)
        return
    manifest = json.loads(_unzipped(content))
    bucket = manifest["destinationBucket"].rpartition(":")[2]
    header = [name.strip() for name in manifest["fileSchema"].split(",")]
    for file in manifest["files"]:
        given = {"CSVHeaderLocation": "GIVEN", "CSVHeaders": header}
        yield from _csv(engine, engine.services.read_object(bucket, file["key"]), given)


_FORMATS = {"JSON": _json, "JSONL": _json_lines, "CSV": _csv, "MANIFEST": _manifest}


def _inputs(node: PreparedState, branch: Thread, data: Json, items: Iterable[Json]) -> Iterator[Json]:
    """Each item's input: the item, or what the ItemSelector makes of it."""
    selector = node.fields.get("ItemSelector", node.fields.get("Parameters"))
    for index, value in enumerate(items):
        item = {"Index": index, "Value": value}
        yield selected(node, branch, selector, item, data, value)


def _batches(node: PreparedState, branch: Thread, data: Json, inputs: Iterable[Json]) -> Iterator[tuple[Json, int]]:
    """What the children are given, and how many items each stands for."""
    batcher = node.fields.get("ItemBatcher")
    if batcher is None:
        yield from ((given, 1) for given in inputs)
        return
    most = _batch_limit(node, branch, batcher, "MaxItemsPerBatch", data)
    most_bytes = _batch_limit(node, branch, batcher, "MaxInputBytesPerBatch", data)
    shared = _batch_input(node, branch, batcher, data)
    batch: list[Json] = []
    size = 0
    for given in inputs:
        weight = len(to_json(given).encode()) if most_bytes < float("inf") else 0
        if batch and (len(batch) >= most or size + weight > most_bytes):
            yield {**shared, "Items": batch}, len(batch)
            batch, size = [], 0
        batch.append(given)
        size += weight
    if batch:
        yield {**shared, "Items": batch}, len(batch)


def _batch_limit(node: PreparedState, branch: Thread, batcher: Mapping[str, Json], field: str, data: Json) -> float:
    if f"{field}Path" in batcher:
        limit = _at_path(node, branch, f"{field}Path", batcher, data)
    else:
        limit = evaluated(node, branch, f"ItemBatcher/{field}", batcher.get(field, float("inf")), {"input": data})
    if isinstance(limit, bool) or not isinstance(limit, (int, float)) or limit < 1:
        raise failed(
            node, branch, f"The {field} of the ItemBatcher must be a positive integer, and is {to_json(limit)}"
        )
    return limit


def _batch_input(node: PreparedState, branch: Thread, batcher: Mapping[str, Json], data: Json) -> dict[str, Json]:
    if "BatchInput" not in batcher:
        return {}
    if node.is_jsonata:
        return {"BatchInput": evaluated(node, branch, "ItemBatcher/BatchInput", batcher["BatchInput"], {"input": data})}
    return {"BatchInput": filled(node, branch, batcher["BatchInput"], data)}


def _written(engine: Engine, branch: Thread, node: PreparedState, data: Json, run: _MapRun) -> Json:
    """The results put into S3 with a manifest, and where; or with no Resource the results themselves, transformed."""
    writer = node.fields["ResultWriter"]
    config = writer.get("WriterConfig", {})
    if "Resource" not in writer:
        return _transformed(run.children(), config.get("Transformation", "NONE"))
    given = _parameters(node, branch, "ResultWriter", writer, data)
    folder = f"{given.get('Prefix', '').rstrip('/')}/{run.arn.rpartition(':')[2]}".lstrip("/")
    files: dict[str, list[Json]] = {"FAILED": [], "PENDING": [], "SUCCEEDED": []}
    for kind in ("SUCCEEDED", "FAILED"):
        children = run.children(kind == "SUCCEEDED")
        if children:
            text = _file(_transformed(children, config.get("Transformation", "NONE")), config.get("OutputType", "JSON"))
            suffix = "jsonl" if config.get("OutputType") == "JSONL" else "json"
            key = f"{folder}/{kind}_0.{suffix}"
            _put(engine, given["Bucket"], key, text)
            files[kind].append({"Key": key, "Size": len(text.encode())})
    manifest = {"DestinationBucket": given["Bucket"], "MapRunArn": run.arn, "ResultFiles": files}
    _put(engine, given["Bucket"], f"{folder}/manifest.json", to_json(manifest))
    return {
        "MapRunArn": run.arn,
        "ResultWriterDetails": {"Bucket": given["Bucket"], "Key": f"{folder}/manifest.json"},
    }


def _put(engine: Engine, bucket: str, key: str, text: str) -> None:
    try:
        engine.services.call("aws-sdk:s3", "putObject", {"Bucket": bucket, "Key": key, "Body": text})
    except StateError as problem:
        raise StateError(RESULT_WRITER_FAILED, problem.cause) from None


def _transformed(children: list[tuple[dict[str, Json], Json]], transformation: str) -> list[Json]:
    """NONE: all that is told of each child; COMPACT: the outputs; FLATTEN: the outputs, lists among them opened."""
    if transformation == "NONE":
        return [told for told, _ in children]
    outputs = [output if told["Status"] == "SUCCEEDED" else told for told, output in children]
    if transformation == "COMPACT":
        return outputs
    return [each for output in outputs for each in (output if isinstance(output, list) else [output])]


def _file(results: list[Json], kind: str) -> str:
    return "".join(f"{to_json(each)}\n" for each in results) if kind == "JSONL" else to_json(results)
