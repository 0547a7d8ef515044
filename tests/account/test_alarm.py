"""docs/deploying.md, "From the alarm to a passing test": each command prints what the page shows."""

from __future__ import annotations

import json
import shlex
import shutil
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.account.conftest import STACK, resource
from tests.fake_aws import FakeAws
from tests.pages import ANY_LINES, APPLICATION, Block, blocks
from workflow_dsl.application.application import read_application
from workflow_dsl.cli import main
from workflow_dsl.local import Return, Throw
from workflow_dsl.local.project_run import ProjectRunner
from workflow_dsl.local.stand_ins.mocks import Mock
from workflow_dsl.project import find_project

ROOT = Path(__file__).parent.parent.parent
MACHINE = "arn:aws:states:us-east-1:111111111111:stateMachine:trader"
EXECUTION = "arn:aws:states:us-east-1:111111111111:execution:trader:e1"
AT = datetime(2026, 11, 28, 20, 26, tzinfo=UTC)


CAUSE = '{"errorMessage": "no shares left", "errorType": "OutOfStock", "requestId": "5f0cb7f1"}'
MOCKS: dict[str, Mock] = {"Check Stock Value": Return({"stock_price": 42}), "Buy Stock": Throw("OutOfStock", CAUSE)}


def section() -> list[Block]:
    text = (ROOT / "docs" / "deploying.md").read_text("utf-8")
    start = text.index("## From the alarm to a passing test")
    return list(blocks(text[start : text.index("\n## ", start + 1)]))


@pytest.fixture
def failed(aws: FakeAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    """A copy of this repository's application, and its stack with an execution whose buyer had no shares left."""
    for name in APPLICATION:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    application = read_application(find_project(tmp_path))
    machine = application.named("stock_trader")
    local = ProjectRunner(application).run("stock_trader", {}, mocks=MOCKS, start_time=AT)
    execution = {
        "executionArn": EXECUTION, "stateMachineArn": MACHINE, "name": "e1", "status": "FAILED",
        "startDate": AT, "stopDate": AT + timedelta(seconds=6),
    }  # fmt: skip
    described = {**execution, "input": "{}", "error": local.error, "cause": local.cause}
    definition = json.dumps(machine.with_local_values.document())
    aws.responses |= {
        "DescribeStacks": {"Stacks": [{**STACK, "StackName": "stock-trader"}]},
        "ListStackResources": {
            "StackResourceSummaries": [
                resource("StockTradingStateMachine", "AWS::StepFunctions::StateMachine", MACHINE)
            ]
        },
        "ListExecutions": {"executions": [{**execution, "startDate": datetime.now(UTC), "stopDate": datetime.now(UTC)}]},
        "DescribeExecution": described,
        "DescribeStateMachineForExecution": {
            "stateMachineArn": MACHINE, "name": "n", "definition": definition, "roleArn": "r", "updateDate": AT,
        },
        "GetExecutionHistory": {
            "events": [{**event, "timestamp": event["timestamp"].timestamp()} for event in local.history]
        },
    }  # fmt: skip
    return aws


def test_each_command_prints_what_the_page_shows(failed: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))
    consoles = [block.text for block in section() if block.language == "console"]
    for command, expected in [part for text in consoles for part in commands(text)]:
        _, name, *arguments = shlex.split(command)
        endpoint = ["--endpoint-url", failed.url] if name == "history" else []
        result = CliRunner().invoke(main, [name, *endpoint, *arguments], catch_exceptions=False)
        printed = (result.stdout + result.stderr).splitlines()
        assert result.exit_code == 0, result.output
        if "--since" not in command:  # its times are those of the test
            assert matches(printed, expected), f"{command}\n{result.output}"


def commands(text: str) -> list[tuple[str, list[str]]]:
    parts = text.split("$ workflow-dsl ")[1:]
    return [(f"workflow-dsl {part.splitlines()[0]}", part.splitlines()[1:]) for part in parts]


def matches(printed: list[str], expected: list[str]) -> bool:
    """True if the lines are equal; a line `...` stands for any."""
    if not expected or not printed:
        return expected in ([], [ANY_LINES]) and not (printed and not expected)
    if expected[0] == ANY_LINES:
        return matches(printed, expected[1:]) or matches(printed[1:], expected)
    return printed[0] == expected[0] and matches(printed[1:], expected[1:])


def test_the_test_of_the_page_is_a_function_that_takes_the_fixture(failed: FakeAws) -> None:
    CliRunner().invoke(main, ["history", EXECUTION, "--endpoint-url", failed.url, "--save", "failed.json"])
    [code] = [block.text for block in section() if block.language == "python"]
    names: dict[str, Any] = {}
    exec(compile(code, "page", "exec"), names)  # noqa: S102  # the page's own code
    names["test_the_execution_that_failed_succeeds"](ProjectRunner(read_application(find_project(Path.cwd()))).run)
