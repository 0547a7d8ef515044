"""Parts about local runs: mutated definitions that run, recordings and mock files, and many runs at once."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import chdir, suppress
from functools import partial
from pathlib import Path
from random import Random
from typing import Any

from tests.stress.data import DONORS, EXAMPLES, invoke
from tests.stress.mutation import as_json, hostile_value, mutated, mutated_text
from tests.stress.parts import faults_of
from workflow_dsl.definition.machine import Machine
from workflow_dsl.findings import FindingsError
from workflow_dsl.local import read_mock_config, run
from workflow_dsl.local.replay.recording import read_recording
from workflow_dsl.local.replay.replay import replay

_CHAIN = {
    "StartAt": "A",
    "States": {
        "A": {"Type": "Task", "Resource": "${Work}", "ResultPath": "$.a", "Next": "B",
              "Retry": [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 2}], "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "F"}]},
        "B": {"Type": "Choice", "Choices": [{"Variable": "$.a", "NumericGreaterThan": 1, "Next": "C"}], "Default": "D"},
        "C": {"Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "End": True, "ItemProcessor": {
            "StartAt": "I", "States": {"I": {"Type": "Pass", "Parameters": {"x.$": "States.MathAdd($, 1)"}, "End": True}}}},
        "D": {"Type": "Wait", "Seconds": 5, "Next": "E"},
        "E": {"Type": "Pass", "QueryLanguage": "JSONata", "Output": "{% $sum($states.input.items) %}", "End": True},
        "F": {"Type": "Parallel", "End": True, "Branches": [{"StartAt": "G", "States": {"G": {"Type": "Fail", "Error": "E"}}}]},
    },
}  # fmt: skip


def runs(random: Random, count: int) -> Iterator[str]:
    """Mutated definitions that run, with mutated inputs, handlers' results, and mocks."""
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        for number in range(count):
            document = _CHAIN if number % 3 else random.choice(EXAMPLES)
            definition = mutated(random, document, [*DONORS, _CHAIN["States"]]) if number % 4 else document
            value = mutated(random, {"items": [1, 2, 3], "a": 5}, DONORS)
            result = hostile_value(random) if number % 2 else random.choice((0, 5, {"a": [1]}, "x", None))
            mocks = {"A": hostile_value(random)} if number % 10 == 0 else None
            yield from faults_of(partial(_run, definition, value, result, mocks), f"run {number}")


def _run(definition: Any, value: Any, result: Any, mocks: Any) -> None:
    services = {"dynamodb:putItem": lambda _: result, "aws-sdk:s3:putObject": lambda _: {}}
    try:
        run(definition, value, functions={"Work": lambda *_: result}, mocks=mocks, services=services)
    except FindingsError as problem:
        if not problem.findings:
            raise AssertionError("refused without a finding") from None


def files(random: Random, count: int) -> Iterator[str]:
    """Mutated recordings that are replayed, and mutated mock files; one in ten through the commands."""
    recording = _recording()
    responses = {"R": {"0": {"Return": {"a": 1}}, "1-2": {"Throw": {"Error": "E", "Cause": "c"}}}}
    mocks = {"StateMachines": {"d": {"TestCases": {"c": {"A": "R"}}}}, "MockedResponses": responses}
    with tempfile.TemporaryDirectory() as folder, chdir(folder):
        Path("d.asl.json").write_text(as_json(_CHAIN))
        invoke(["run", "d.asl.json"])  # imports moto, which is slow, but no fault of an input
        for number in range(count):
            text = as_json(mutated(random, mocks if number % 2 else recording, [*DONORS, recording["events"]]))
            text = mutated_text(random, text) if number % 5 == 0 else text
            Path("file.json").write_bytes(text.encode("utf-8", "surrogatepass"))
            command = _MOCKED if number % 2 else random.choice(_RECORDED)
            act = partial(invoke, command) if number % 20 < 2 else _run_with_mocks if number % 2 else _replay
            yield from faults_of(act, f"file {number}, {' '.join(command)}")


def _run_with_mocks() -> None:
    with suppress(FindingsError):
        mocks = read_mock_config(Path("file.json"), "c")
        run(_CHAIN, {"items": [1]}, functions={"Work": lambda *_: 5}, mocks=mocks)


def _replay() -> None:
    with suppress(FindingsError):
        replay(read_recording(Path("file.json")), Machine(_CHAIN))


_MOCKED = ["run", "d.asl.json", "--input", '{"items": [1]}', "--mock", "file.json#c"]
_RECORDED = (
    ["replay", "file.json", "d.asl.json"],
    ["diagram", "d.asl.json", "--execution", "file.json"],
    ["replay", "file.json", "d.asl.json", "--save-mocks", "saved.json"],
)


def _recording() -> dict[str, Any]:
    execution = run(_CHAIN, {"items": [1, 2]}, functions={"Work": lambda *_: 5})
    events = json.loads(json.dumps(execution.history, default=lambda moment: moment.isoformat()))
    arn = "arn:aws:states:us-east-1:111111111111:execution:d:e"
    return {
        "format": "workflow-dsl execution 1",
        "arn": arn,
        "name": "e",
        "status": execution.status,
        "machine": arn,
        "workflow": "d",
        "started": events[0]["timestamp"],
        "stopped": events[-1]["timestamp"],
        "input": '{"items": [1, 2]}',
        "output": json.dumps(execution.output),
        "error": None,
        "cause": None,
        "definition": _CHAIN,
        "events": events,
    }


_QUEUES = {
    "StartAt": "Create",
    "States": {
        "Create": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:createQueue", "Parameters": {"QueueName.$": "$"}, "Next": "List"},
        "List": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:listQueues", "Parameters": {}, "End": True},
    },
}  # fmt: skip


def concurrent(random: Random, count: int) -> Iterator[str]:
    """Runs in 8 threads, with moto and without: each has its own result, and the process is as before."""
    run(_QUEUES, "first")  # imports moto, which changes the environment on its own account
    before = dict(os.environ), list(sys.path), sys.stdout
    numbers = [random.randint(0, 1_000_000) for _ in range(count)]
    with ThreadPoolExecutor(8) as threads:
        yield from (fault for fault in threads.map(_one_of_many, range(count), numbers) if fault)
    if (dict(os.environ), list(sys.path), sys.stdout) != before:
        yield "concurrent runs: the process is not as before"


def _one_of_many(number: int, value: int) -> str:
    if number % 4 == 0:
        urls = run(_QUEUES, f"q{value}").output["QueueUrls"]
        return "" if [url.rpartition("/")[2] for url in urls] == [f"q{value}"] else f"run {number}: {urls}"
    output = run(_CHAIN, {"items": [value]}, functions={"Work": lambda *_: 5}).output
    return "" if output == [{"x": value + 1}] else f"run {number}: {output}"
