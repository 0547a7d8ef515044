"""Many runs at once, in threads and with asyncio: each has its own result, and the process is as before."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.support import Write
from workflow_dsl.application.application import read_application
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.local import Run, run, send_task_success
from workflow_dsl.local.project_run import ProjectRunner
from workflow_dsl.project import Project

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Store: {Type: AWS::Serverless::SimpleTable, Properties: {TableName: store}}
  Keep:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: keep, Handler: app.handler, Runtime: python3.12, Environment: {Variables: {TABLE: store}}}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: generated/w.asl.json, DefinitionSubstitutions: {Keep: !GetAtt Keep.Arn}}
"""
HANDLER = """\
import os, boto3

def handler(event, context):
    table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
    table.put_item(Item={"id": event["id"]})
    return sorted(item["id"] for item in table.scan()["Items"])
"""


@pytest.fixture
def new_runner(project: Project, write_workflow: Write) -> Callable[[], ProjectRunner]:
    write_workflow("w", "def build():\n    return Workflow(Task('Keep', resource='${Keep}'))\n")
    (project.root / "keep").mkdir()
    (project.root / "keep" / "app.py").write_text(HANDLER)
    (project.root / "template.yaml").write_text(TEMPLATE)

    def compile_workflow(path: Path) -> Any:
        return compile_file(path, root=project.root)

    return lambda: ProjectRunner(read_application(project, compile_workflow=compile_workflow))


def state_of_process() -> tuple[dict[str, str], list[str], set[str], object, object]:
    modules = {name for name in sys.modules if name.split(".")[0] in ("app", "w")}
    return dict(os.environ), list(sys.path), modules, boto3.DEFAULT_SESSION, sys.stdout


def test_runs_with_a_template_wait_for_one_another_and_see_only_their_own_data(
    new_runner: Callable[[], ProjectRunner], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "mine")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDREAL")
    before = state_of_process()
    with ThreadPoolExecutor(8) as threads:
        ended = list(threads.map(lambda number: new_runner().run("w", {"id": str(number)}), range(24)))
    assert [execution.output for execution in ended] == [[str(number)] for number in range(24)]
    assert state_of_process() == before


def test_a_runner_is_shared_by_threads(new_runner: Callable[[], ProjectRunner]) -> None:
    runner = new_runner()
    with ThreadPoolExecutor(4) as threads:
        ended = list(threads.map(lambda number: runner.run("w", {"id": str(number)}), range(8)))
    assert [execution.output for execution in ended] == [[str(number)] for number in range(8)]


def test_runs_under_asyncio_are_independent(new_runner: Callable[[], ProjectRunner]) -> None:
    async def all_runs() -> list[Run]:
        return await asyncio.gather(*(asyncio.to_thread(new_runner().run, "w", {"id": str(n)}) for n in range(6)))

    assert [execution.output for execution in asyncio.run(all_runs())] == [[str(number)] for number in range(6)]


QUEUES = {
    "StartAt": "Create",
    "States": {
        "Create": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:sqs:createQueue",
            "Parameters": {"QueueName.$": "$"},
            "Next": "List",
        },
        "List": {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:sqs:listQueues", "Parameters": {}, "End": True},
    },
}


def test_each_run_of_a_definition_has_its_own_moto() -> None:
    with ThreadPoolExecutor(8) as threads:
        ended = list(threads.map(lambda number: run(QUEUES, f"queue-{number}"), range(16)))
    names = [[url.rpartition("/")[2] for url in execution.output["QueueUrls"]] for execution in ended]
    assert names == [[f"queue-{number}"] for number in range(16)]


def test_a_handler_may_start_a_run_of_its_own() -> None:
    call = {"StartAt": "Call", "States": {"Call": {"Type": "Task", "Resource": "${Work}", "Next": "List"}}}
    call["States"]["List"] = QUEUES["States"]["List"]  # type: ignore[index]
    inner = {"Work": lambda *_: run(QUEUES, "inner").status}
    assert run(call, functions=inner).trail == ["Call", "List"]


WAITING = {
    "StartAt": "Wait",
    "States": {
        "Wait": {
            "Type": "Task",
            "Resource": "arn:aws:states:::lambda:invoke.waitForTaskToken",
            "Parameters": {"FunctionName": "Ask", "Payload": {"token.$": "$$.Task.Token", "number.$": "$"}},
            "End": True,
        }
    },
}


def test_a_task_token_is_that_of_the_run_though_each_seed_gives_the_same() -> None:
    def ask(event: Any, _: Any) -> None:
        send_task_success(event["token"], event["number"], after=5)

    with ThreadPoolExecutor(8) as threads:
        ended = list(threads.map(lambda number: run(WAITING, number, functions={"Ask": ask}), range(64)))
    assert [execution.output for execution in ended] == list(range(64))
