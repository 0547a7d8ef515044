"""The fields of states, with what each takes: ASL's own, their names in snake_case.

A path object stands for a path: `seconds=path("$.wait")` is SecondsPath. A field that only one query language has is
refused by the check in the other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Literal, TypedDict

from workflow_dsl.authoring import sdk
from workflow_dsl.authoring.blocks import Branch, ItemBatcher, ItemProcessor, ItemReader, Resource, ResultWriter
from workflow_dsl.authoring.types import Number, Path, Step, Template, Text, Whole
from workflow_dsl.definition.json import Json


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


class TaskFields(Resource, Working, total=False):
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
    iterator: Step  # the States Language's older name for item_processor
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
