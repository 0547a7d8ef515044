"""docs/debugging.md, run against a fake account: from the failed execution to the passing test, each command as shown."""

from __future__ import annotations

import json
import os
import shlex
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.account.conftest import STACK, resource
from tests.fake_aws import FakeAws, Response, serving
from tests.pages import VARIATIONS, Block, Script, blocks, console_commands, in_this_process
from workflow_dsl.application.application import read_application
from workflow_dsl.local import Return
from workflow_dsl.local.project_run import ProjectRunner
from workflow_dsl.project import find_project

PAGE = Path(__file__).parent.parent.parent / "docs" / "debugging.md"
NEEDS_ACCOUNT = "it needs an account; tests/e2e/test_debugging_page.py runs it"
MACHINE = "arn:aws:states:us-east-1:111111111111:stateMachine:trader"
EXECUTION = "arn:aws:states:us-east-1:111111111111:execution:trader:e1"
AT = datetime(2026, 11, 28, 20, 26, tzinfo=UTC)


class DebuggingScript(Script):
    """The page, whose account has one execution: that of the handlers as they are at the first `history`."""

    variations = (*VARIATIONS, (r"^(> ).*(functions/\S+\(\d+\)\w+\(\))$", r"\1\2"))

    def __init__(self, folder: Path, aws: FakeAws) -> None:
        super().__init__(PAGE, folder)
        self.aws = aws

    def skips(self, block: Block) -> bool:
        return block.not_run not in ("", NEEDS_ACCOUNT)

    def result(self, command: str) -> tuple[int, str]:
        words = shlex.split(command.replace("\\\n", ""))
        if words[:2] == ["workflow-dsl", "history"]:
            if not self.aws.responses:
                self.aws.responses |= responses()
            code, output = in_this_process([*words[1:], "--endpoint-url", self.aws.url])
            return code, output.replace(f"{self.folder}/", "")
        return super().result(command)


def responses() -> dict[str, Response]:
    """The account's responses about an execution of the application in the current folder that failed."""
    application = read_application(find_project(Path.cwd()))
    mocks = {"Check Stock Value": Return({"stock_price": 42})}
    local = ProjectRunner(application).run("stock_trader", {}, mocks=mocks, start_time=AT)
    assert local.status == "FAILED", local
    execution = {
        "executionArn": EXECUTION, "stateMachineArn": MACHINE, "name": "e1", "status": "FAILED",
        "startDate": AT, "stopDate": AT + timedelta(seconds=6),
    }  # fmt: skip
    definition = json.dumps(application.named("stock_trader").with_local_values.document())
    return {
        "DescribeStacks": {"Stacks": [{**STACK, "StackName": "stock-trader"}]},
        "ListStackResources": {
            "StackResourceSummaries": [
                resource("StockTradingStateMachine", "AWS::StepFunctions::StateMachine", MACHINE)
            ]
        },
        "ListExecutions": {
            "executions": [{**execution, "startDate": datetime.now(UTC), "stopDate": datetime.now(UTC) + timedelta(seconds=6)}]
        },
        "DescribeExecution": {**execution, "input": "{}", "error": local.error, "cause": local.cause},
        "DescribeStateMachineForExecution": {
            "stateMachineArn": MACHINE, "name": "n", "definition": definition, "roleArn": "r", "updateDate": AT,
        },
        "GetExecutionHistory": {
            "events": [{**event, "timestamp": event["timestamp"].timestamp()} for event in local.history]
        },
    }  # fmt: skip


@pytest.fixture
def script(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[DebuggingScript]:
    monkeypatch.setattr(sys, "path", list(sys.path))
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "test")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    with serving() as aws:
        yield DebuggingScript(tmp_path.resolve() / "project", aws)


def test_the_page_leads_from_a_failed_execution_to_a_passing_test(script: DebuggingScript) -> None:
    text = script.run()
    if "WRITE_PAGES" in os.environ:
        PAGE.write_text(text, "utf-8")
    assert text == PAGE.read_text("utf-8"), "run `WRITE_PAGES=1 tox -e e2e -- tests/e2e/test_debugging_page.py`"
    assert all(operation.startswith(("Describe", "List", "Get")) for operation, _ in script.aws.requests)


def test_every_command_of_the_page_is_run() -> None:
    shown = list(blocks(PAGE.read_text("utf-8")))
    assert {block.not_run for block in shown} == {"", NEEDS_ACCOUNT}
    commands = [
        command.text for block in shown if block.language == "console" for command in console_commands(block.text)
    ]
    assert {shlex.split(command)[1] for command in commands} == {"history", "replay", "run", "diagram", "-m"}


def test_the_configuration_of_the_debugger_is_a_command_of_the_page() -> None:
    shown = list(blocks(PAGE.read_text("utf-8")))
    [text] = [block.text for block in shown if block.language == "json"]
    [configuration] = json.loads(text)["configurations"]
    words = ["workflow-dsl", *configuration["args"]]
    commands = [
        command.text for block in shown if block.language == "console" for command in console_commands(block.text)
    ]
    assert (configuration["module"], words in [shlex.split(command) for command in commands]) == ("workflow_dsl", True)
