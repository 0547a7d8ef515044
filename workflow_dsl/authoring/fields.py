"""The fields of states and their parts, with what each takes: ASL's own, their names in snake_case.

A path object stands for a path: `seconds=path("$.wait")` is SecondsPath. A field that only one query language has says
so in its name's row in docs/authoring.md, and the check says so when it is in the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypedDict

from workflow_dsl import sdk
from workflow_dsl.authoring.integrations import Call
from workflow_dsl.authoring.values import Expression, Jsonata

if TYPE_CHECKING:
    from workflow_dsl.authoring import parts

Json = Any  # what JSON holds, with path objects and references in it
Path = str | Expression | sdk.Placeholder
Step = sdk.State | sdk.Chain
Number = float | Expression | Jsonata
Whole = int | Expression | Jsonata
Text = str | Expression
Template = Mapping[str, Json] | Jsonata


class AnyState(TypedDict, total=False):
    """The fields that every state has."""

    comment: str
    query_language: Literal["JSONPath", "JSONata"]


class InOut(AnyState, total=False):
    """What goes in and comes out: paths in JSONPath, `output` in JSONata. None for a path discards."""

    input_path: Path | None
    output_path: Path | None
    output: Json


class Assigning(InOut, total=False):
    """What a state that goes on has: variables."""

    assign: Mapping[str, Json]


class Working(Assigning, total=False):
    """What a state that does work has: what goes in, what becomes of the result, and of errors."""

    parameters: Json
    result_selector: Template
    result_path: Path | None
    retry: sdk.Retry | Sequence[sdk.Retry]
    catch: sdk.Catch | Sequence[sdk.Catch]


class PassFields(Assigning, total=False):
    """The fields of a Pass."""

    parameters: Json
    result: Json
    result_path: Path | None


class _Resource(TypedDict):
    resource: str | Call


class TaskFields(_Resource, Working, total=False):
    """The fields of a Task."""

    arguments: Json
    credentials: Template
    timeout_seconds: Whole
    timeout_seconds_path: Path
    heartbeat_seconds: Whole
    heartbeat_seconds_path: Path


class WaitFields(Assigning, total=False):
    """The fields of a Wait."""

    seconds: Whole
    seconds_path: Path
    timestamp: Text
    timestamp_path: Path


class FailFields(AnyState, total=False):
    """The fields of a Fail."""

    error: Text
    error_path: Path
    cause: Text
    cause_path: Path


class ParallelFields(Working, total=False):
    """The fields of a Parallel."""

    arguments: Json
    branches: "Sequence[Step | parts.Branch]"  # noqa: UP037


class MapFields(Working, total=False):
    """The fields of a Map."""

    item_processor: Step | parts.ItemProcessor
    iterator: Step  # the States Language's older name for item_processor
    items: Json
    items_path: Path
    item_reader: parts.ItemReader
    item_selector: Json
    item_batcher: parts.ItemBatcher
    result_writer: parts.ResultWriter
    label: str
    max_concurrency: Whole
    max_concurrency_path: Path
    tolerated_failure_count: Whole
    tolerated_failure_count_path: Path
    tolerated_failure_percentage: Number
    tolerated_failure_percentage_path: Path


class _ErrorEquals(TypedDict):
    error_equals: str | Sequence[str]


class RetryFields(_ErrorEquals, total=False):
    """The fields of a retrier."""

    comment: str
    interval_seconds: int
    max_attempts: int
    backoff_rate: float
    max_delay_seconds: int
    jitter_strategy: Literal["NONE", "FULL"]


class CatchFields(_ErrorEquals, total=False):
    """The fields of a catcher."""

    comment: str
    result_path: Path | None
    output: Json
    assign: Mapping[str, Json]


class ProcessorFields(TypedDict, total=False):
    """The fields of an item processor beside its states."""

    comment: str
    mode: Literal["INLINE", "DISTRIBUTED"]
    execution_type: Literal["STANDARD", "EXPRESS"]


class ItemReaderFields(_Resource, total=False):
    """The fields of an item reader."""

    parameters: Template
    arguments: Template
    reader_config: parts.ReaderConfig


class ReaderConfigFields(TypedDict, total=False):
    """The fields of a reader's configuration."""

    input_type: Literal["MANIFEST", "JSON", "CSV", "JSONL", "PARQUET"]
    transformation: Literal["NONE", "LOAD_AND_FLATTEN"]
    manifest_type: Literal["ATHENA_DATA", "S3_INVENTORY"]
    csv_header_location: Literal["FIRST_ROW", "GIVEN"]
    csv_headers: Sequence[str]
    csv_delimiter: Literal["COMMA", "PIPE", "SEMICOLON", "SPACE", "TAB"]
    max_items: Whole
    max_items_path: Path
    items_pointer: str


class ItemBatcherFields(TypedDict, total=False):
    """The fields of an item batcher."""

    batch_input: Template
    max_items_per_batch: Whole
    max_items_per_batch_path: Path
    max_input_bytes_per_batch: Whole
    max_input_bytes_per_batch_path: Path


class ResultWriterFields(TypedDict, total=False):
    """The fields of a result writer."""

    resource: str | Call
    parameters: Template
    arguments: Template
    writer_config: parts.WriterConfig


class WriterConfigFields(TypedDict, total=False):
    """The fields of a writer's configuration."""

    output_type: Literal["JSON", "JSONL"]
    transformation: Literal["NONE", "COMPACT", "FLATTEN"]
