"""history and replay: executions in an account that is asked for real, over loopback."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from tests.account.conftest import ARN, AT, MACHINES, STACK, STOOD_FOR
from tests.fake_aws import FakeAws, Refused
from workflow_dsl.cli import main
from workflow_dsl.local import run as run_here
from workflow_dsl.project import Project

EXECUTION = f"{MACHINES}:execution:app-Trader-X1:e1"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


@pytest.fixture
def executed(application: FakeAws, project: Project) -> FakeAws:
    """The state machine with an execution that found a price of 60 and did nothing."""
    definition = (project.root / "generated" / "trader.asl.json").read_text()
    for name, value in STOOD_FOR.items():
        definition = definition.replace(f"${{{name}}}", value)
    ran = run_here(
        definition,
        {"symbol": "A"},
        functions={"app-Checker-X2": lambda event, context: {"price": 60}},
        start_time=AT,
        services={},
    )
    listed = {
        "executionArn": EXECUTION,
        "stateMachineArn": ARN,
        "name": "e1",
        "status": "SUCCEEDED",
        "startDate": AT,
        "stopDate": AT,
    }
    events = [{**event, "timestamp": event["timestamp"].timestamp()} for event in ran.history]

    def pages(given: Any) -> dict[str, Any]:
        return {"events": events[4:]} if "nextToken" in given else {"events": events[:4], "nextToken": "more"}

    application.answers |= {
        "ListExecutions": {"executions": [listed, {**listed, "name": "e0", "status": "RUNNING", "stopDate": None}]},
        "DescribeExecution": {**listed, "input": '{"symbol": "A"}', "output": json.dumps(ran.output)},
        "DescribeStateMachineForExecution": {"stateMachineArn": ARN, "name": "n", "definition": definition, "roleArn": "r", "updateDate": AT},
        "GetExecutionHistory": pages,
    }  # fmt: skip
    return application


def test_the_last_executions_are_listed(executed: FakeAws) -> None:
    done = run("history", "trader", "--endpoint-url", executed.url)
    assert (done.exit_code, [" ".join(line.split()) for line in done.stdout.splitlines()]) == (
        0,
        [
            "Execution Status Started Took",
            "e1 SUCCEEDED 2026-11-24 12:00:00 UTC 0.0 s",
            "e0 RUNNING 2026-11-24 12:00:00 UTC",
        ],
    )


SHOWN = [
    "00:00.000  Check",
    "00:00.000  Choose",
    "00:00.000  Nothing",
    "SUCCEEDED after 0 s: e1, 2026-11-24 12:00:00 UTC",
    "Output: {",
    '  "price": 60',
    "}",
]


@pytest.mark.parametrize(
    "arguments",
    [("trader", "--execution", "last"), ("Trader", "--execution", "e1"), (EXECUTION,), (ARN, "--execution", "e1")],
)
def test_one_is_shown_as_run_shows_a_run(arguments: tuple[str, ...], executed: FakeAws) -> None:
    done = run("history", *arguments, "--endpoint-url", executed.url)
    assert (done.exit_code, done.stdout.splitlines()) == (0, SHOWN)


def test_a_saved_one_is_replayed_and_an_edit_shows_where_it_goes_another_way(
    executed: FakeAws, project: Project, tmp_path: Path
) -> None:
    saved = tmp_path / "e1.json"
    done = run("history", "trader", "--endpoint-url", executed.url, "--save", str(saved))
    assert (done.exit_code, done.stderr) == (0, f"Saved to {saved}\n")
    same = run("replay", str(saved))
    assert (same.exit_code, same.stdout.splitlines()) == (0, [*SHOWN[:3], "The same as e1: 3 states, SUCCEEDED"])

    workflow = project.root / project.workflows / "trader.py"
    workflow.write_text(workflow.read_text().replace("50", "70"))
    other = run("replay", str(saved))
    assert (other.exit_code, other.stdout.splitlines()[-1]) == (1, 'Not the same as e1: "Record" here, "Nothing" then')


def test_what_is_saved_by_arn_is_replayed_by_the_workflows_name(executed: FakeAws, tmp_path: Path) -> None:
    saved = tmp_path / "e1.json"
    run("history", EXECUTION, "--endpoint-url", executed.url, "--save", str(saved))
    nameless = run("replay", str(saved))
    assert (nameless.exit_code, "does not say of which workflow it is" in nameless.stderr) == (2, True)
    assert run("replay", str(saved), "trader").exit_code == 0


def test_a_failed_one_is_shown_with_its_error(executed: FakeAws) -> None:
    told = executed.answers["DescribeExecution"]
    assert isinstance(told, dict)
    failed = {**told, "status": "FAILED", "error": "Sold", "cause": '{"errorMessage": "out", "stackTrace": ["line 1"]}'}
    executed.answers["DescribeExecution"] = {name: each for name, each in failed.items() if name != "output"}
    done = run("history", EXECUTION, "--endpoint-url", executed.url)
    assert done.stdout.splitlines()[3:] == ["FAILED after 0 s: e1, 2026-11-24 12:00:00 UTC", "Sold: out", "line 1"]
    running = {**told, "status": "RUNNING"}
    executed.answers["DescribeExecution"] = {
        name: each for name, each in running.items() if name not in ("output", "stopDate")
    }
    assert run("history", EXECUTION, "--endpoint-url", executed.url).stdout.splitlines()[3:] == [
        "RUNNING: e1, 2026-11-24 12:00:00 UTC"
    ]


def test_what_is_not_there_is_said(executed: FakeAws) -> None:
    at = ("--endpoint-url", executed.url)
    executed.answers["DescribeExecution"] = Refused("ExecutionDoesNotExist", "Execution Does Not Exist")
    assert "no state machine 'trade': did you mean \"trader\"?" in run("history", "trade", *at).stderr
    assert "no execution f: see which there are without" in run("history", "trader", "--execution", "f", *at).stderr
    executed.answers["ListExecutions"] = {"executions": [{"executionArn": f"{MACHINES}:execution:app-Trader-X1:e-17", "stateMachineArn": ARN, "name": "e-17", "status": "RUNNING", "startDate": AT}]}  # fmt: skip
    assert 'no execution e-1: did you mean "e-17"?' in run("history", "trader", "--execution", "e-1", *at).stderr
    executed.answers["DescribeExecution"] = Refused("AccessDeniedException", "no")
    assert "ACCESS_DENIED: states:DescribeExecution" in run("history", "trader", "--execution", "e", *at).stderr
    executed.answers["ListExecutions"] = {"executions": []}
    assert "there is no execution yet" in run("history", "trader", "--save", "x.json", *at).stderr
    executed.answers["ListStackResources"] = {"StackResourceSummaries": []}
    assert "the stack app has no Trader: deploy it first" in run("history", "trader", *at).stderr
    executed.answers["DescribeStacks"] = Refused("ValidationError", "Stack with id app does not exist")
    assert "error NO_STACK: there is no stack app" in run("history", "trader", *at).stderr


@pytest.mark.parametrize(
    ("arn", "said"),
    [
        ("arn:x", "arn:x is no ARN of a state machine or an execution"),
        (f"{MACHINES}:activity:a", "is no ARN of a state machine or an execution"),
        (f"{MACHINES}:express:app:e:u", "an Express execution's history is in its state machine's log group"),
        (f"{MACHINES}:mapRun:app/Label:u", "is a Map Run; name one of its executions, or the one that it is part of"),
    ],
)
def test_an_arn_of_something_else_is_a_wrong_call(arn: str, said: str, executed: FakeAws) -> None:
    done = run("history", arn, "--endpoint-url", executed.url)
    assert (done.exit_code, said in done.stderr, executed.asked) == (2, True, [])


def test_times_are_those_of_utc_wherever_it_runs(
    executed: FakeAws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        listed = run("history", "trader", "--endpoint-url", executed.url)
        saved = tmp_path / "e1.json"
        run("history", "trader", "--endpoint-url", executed.url, "--save", str(saved))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert "2026-11-24 12:00:00 UTC" in listed.stdout
    assert json.loads(saved.read_text())["started"] == "2026-11-24T12:00:00+00:00"


PAGE = Path(__file__).parent.parent.parent / "docs" / "deploying.md"


def test_the_policy_of_the_page_allows_all_that_is_asked_and_nothing_that_changes_anything(executed: FakeAws) -> None:
    [text] = [
        each
        for each in re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
        if "states:List*" in each
    ]
    allowed = [action for statement in yaml.safe_load(text)["Statement"] for action in statement["Action"]]
    executed.answers["DescribeStacks"] = Refused("ValidationError", "Stack with id ap does not exist")
    executed.answers["ListStacks"] = {"StackSummaries": []}
    run("deployed", "--stack-name", "ap", "--endpoint-url", executed.url)
    executed.answers["DescribeStacks"] = {"Stacks": [STACK]}
    for command in ("deployed", "plan"):
        assert run(command, "--endpoint-url", executed.url).exit_code == 0
    assert run("history", "trader", "--execution", "e1", "--endpoint-url", executed.url).exit_code == 0
    asked = {operation for operation, _ in executed.asked}
    assert [each for each in sorted(asked) if not any(is_allowed(each, action) for action in allowed)] == []
    assert all(each.startswith(("Describe", "List", "Get")) for each in asked)


def is_allowed(operation: str, action: str) -> bool:
    return any(fnmatch.fnmatch(f"{service}:{operation}", action) for service in ("states", "cloudformation"))


def test_a_pipe_is_written_to_and_not_replaced(executed: FakeAws, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    done = run("history", "trader", "--endpoint-url", executed.url, "--save", str(pipe))
    text = os.read(reading, 100_000)
    os.close(reading)
    assert (done.exit_code, pipe.is_fifo(), json.loads(text)["name"]) == (0, True, "e1")


def test_an_execution_is_drawn_as_its_own_workflow_alone(executed: FakeAws, tmp_path: Path) -> None:
    saved = tmp_path / "e1.json"
    run("history", "trader", "--endpoint-url", executed.url, "--save", str(saved))
    assert run("diagram", "Trader", "--execution", str(saved)).exit_code == 0
    done = run("diagram", "another", "--execution", str(saved))
    assert (done.exit_code, "is an execution of trader, not of another" in done.stderr) == (2, True)


def test_a_saved_one_is_drawn(executed: FakeAws, tmp_path: Path) -> None:
    saved = tmp_path / "e1.json"
    run("history", EXECUTION, "--endpoint-url", executed.url, "--save", str(saved))
    drawn = run("diagram", "trader", "--execution", str(saved))
    classes = re.findall(r'<g class="state (\w+)"><title>(\w+) ', drawn.stdout)
    assert dict(reversed(each) for each in classes) == {
        "Check": "ran",
        "Choose": "ran",
        "Nothing": "ran",
        "Record": "idle",
    }
    refused = run("diagram", "trader", "--execution", str(saved), "--format", "mermaid")
    assert (refused.exit_code, "an execution is drawn as SVG" in refused.stderr) == (2, True)
