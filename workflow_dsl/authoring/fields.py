"""The fields of each state and their types: ASL's fields, in snake_case.

A path object becomes the path field: `seconds=path("$.wait")` is SecondsPath. The validator refuses a field of the
other query language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, TypedDict

from workflow_dsl.authoring import sdk
from workflow_dsl.authoring.blocks import Branch, ItemBatcher, ItemProcessor, ItemReader, ResultWriter
from workflow_dsl.authoring.integrations import ServiceResource
from workflow_dsl.authoring.types import Number, Path, Step, Template, Text, Whole
from workflow_dsl.definition.json import Json


class AnyState(TypedDict, total=False):
    """The fields that every state has."""

    comment: str
    query_language: Literal["JSONPath", "JSONata"]


class InOut(AnyState, total=False):
    """Input and output: paths in JSONPath, `output` in JSONata. None for a path discards the value."""

    input_path: Path | None
    output_path: Path | None
    output: Json


class Assigning(InOut, total=False):
    """The fields of a state that can have a next state."""

    assign: Mapping[str, Json]


class Working(Assigning, total=False):
    """The fields of a Task, Parallel or Map: input, result and errors."""

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


class TaskFields(Working, total=False):
    """The fields of a Task. Without `resource`, its method call() says what it calls."""

    resource: str | ServiceResource
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
    timestamp: Text | datetime
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
    branches: Sequence[Step | Branch]


class MapFields(Working, total=False):
    """The fields of a Map."""

    item_processor: Step | ItemProcessor
    iterator: Step | ItemProcessor  # the States Language's older name for item_processor
    items: Json
    items_path: Path
    item_reader: ItemReader
    item_selector: Json
    item_batcher: ItemBatcher
    result_writer: ResultWriter
    label: str
    max_concurrency: Whole
    max_concurrency_path: Path
    tolerated_failure_count: Whole
    tolerated_failure_count_path: Path
    tolerated_failure_percentage: Number
    tolerated_failure_percentage_path: Path
