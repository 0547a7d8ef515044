"""The results of jobs, and the items of an ItemReader."""

from __future__ import annotations

from typing import Any

import pytest

from workflow_dsl.definition.machine import Machine
from workflow_dsl.shapes import UNKNOWN, result_shape
from workflow_dsl.shapes.formats.typescript import type_of
from workflow_dsl.shapes.reading import Step, read
from workflow_dsl.shapes.shape import Presence
from workflow_dsl.shapes.sources.item_readers import item_of_reader

JOBS: list[tuple[str, tuple[Step, ...], str]] = [
    ("codebuild:startBuild.sync", ("Build", "Arn"), "string"),
    ("athena:startQueryExecution.sync", ("QueryExecution", "Status", "State"), "string"),
    ("batch:submitJob.sync", ("Container", "ExitCode"), "number"),
    ("glue:startJobRun.sync", ("ExecutionTime",), "number"),
    ("ecs:runTask.sync", ("StoppedReason",), "string"),
    ("sagemaker:createTrainingJob.sync", ("ModelArtifacts", "S3ModelArtifacts"), "string"),
    ("emr-serverless:startJobRun.sync", ("JobRunId",), "string"),
    ("glue:startJobRun", ("JobName",), "unknown"),
]


def result_of(resource: str) -> Any:
    document = {
        "StartAt": "A",
        "States": {"A": {"Type": "Task", "Resource": f"arn:aws:states:::{resource}", "End": True}},
    }
    machine = Machine(document)
    return result_shape(machine, machine.states["A"])


@pytest.mark.parametrize(("resource", "steps", "expected"), JOBS, ids=[row[0] for row in JOBS])
def test_the_result_of_a_job_is_its_description(resource: str, steps: tuple[Step, ...], expected: str) -> None:
    reading = read(result_of(resource), steps)
    assert (type_of(reading.shape), reading.miss) == (expected, None)


def test_a_field_that_the_description_does_not_have_is_missing() -> None:
    miss = read(result_of("codebuild:startBuild.sync"), ("Builds",)).miss
    assert miss is not None
    assert miss.is_sure


UNDESCRIBED = [
    *("eks:deleteCluster.sync", "ecs:runTask.waitForTaskToken", "eks:runJob.sync"),
    "bedrockagentcore:invokeHarness",  # an event stream, of which the integration makes a message
]


@pytest.mark.parametrize("resource", UNDESCRIBED)
def test_what_no_api_describes_is_unknown(resource: str) -> None:
    assert result_of(resource) is UNKNOWN


LIST = "arn:aws:states:::s3:listObjectsV2"
GET = "arn:aws:states:::s3:getObject"
READERS: list[tuple[Any, str]] = [
    ({"Resource": GET, "ReaderConfig": {"InputType": "JSON"}}, "unknown"),
    ({"Resource": GET, "ReaderConfig": {"InputType": "MANIFEST"}}, "unknown"),
    (
        {"Resource": GET, "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}},
        "Record<string, string>",
    ),
    (
        {
            "Resource": GET,
            "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "GIVEN", "CSVHeaders": ["id", "n"]},
        },
        "{id?: string, n?: string}",
    ),
    ({"Resource": LIST, "ReaderConfig": {"Transformation": "LOAD_AND_FLATTEN"}}, "unknown"),
    ("{% $reader %}", "unknown"),
]


@pytest.mark.parametrize(("reader", "expected"), READERS)
def test_the_items_of_a_reader(reader: Any, expected: str) -> None:
    assert type_of(item_of_reader(reader)) == expected


def test_the_items_of_a_list_of_objects_are_those_of_the_api() -> None:
    [part] = item_of_reader({"Resource": LIST}).records
    assert {"ETag", "Etag", "Key", "LastModified", "Size", "StorageClass"} <= part.fields.keys()
    assert {field.presence for field in part.fields.values()} == {Presence.UNSTATED}
