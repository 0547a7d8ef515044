"""`history` and `replay`, with the real boto3 against fake services on a loopback port."""

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

from tests.account.conftest import ARN, AT, MACHINES, STACK, SUBSTITUTIONS
from tests.fake_aws import ErrorResponse, FakeAws
from workflow_dsl.cli import main
from workflow_dsl.local import Return, read_mock_config
from workflow_dsl.local import run as run_locally
from workflow_dsl.local.stand_ins.mocks import ConfiguredMock
from workflow_dsl.project import Project

EXECUTION = f"{MACHINES}:execution:app-Trader-X1:e1"
LINK = f"https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/{EXECUTION}"


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments), catch_exceptions=False)


@pytest.fixture
def executed(application: FakeAws, project: Project) -> FakeAws:
    """The application with an execution that received a price of 60 and ended in "Nothing"."""
    definition = (project.root / "generated" / "trader.asl.json").read_text()
    for name, value in SUBSTITUTIONS.items():
        definition = definition.replace(f"${{{name}}}", value)
    local_run = run_locally(
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
    events = [{**event, "timestamp": event["timestamp"].timestamp()} for event in local_run.history]

    def pages(parameters: Any) -> dict[str, Any]:
        return {"events": events[4:]} if "nextToken" in parameters else {"events": events[:4], "nextToken": "more"}

    application.responses |= {
        "ListExecutions": {"executions": [listed, {**listed, "name": "e0", "status": "RUNNING", "stopDate": None}]},
        "DescribeExecution": {**listed, "input": '{"symbol": "A"}', "output": json.dumps(local_run.output)},
        "DescribeStateMachineForExecution": {"stateMachineArn": ARN, "name": "n", "definition": definition, "roleArn": "r", "updateDate": AT},
        "GetExecutionHistory": pages,
    }  # fmt: skip
    return application


def test_the_last_executions_are_listed(executed: FakeAws) -> None:
    result = run("history", "trader", "--endpoint-url", executed.url)
    assert (result.exit_code, [" ".join(line.split()) for line in result.stdout.splitlines()]) == (
        0,
        [
            "Execution Status Started Duration",
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
def test_an_execution_is_printed_like_a_local_run(arguments: tuple[str, ...], executed: FakeAws) -> None:
    result = run("history", *arguments, "--endpoint-url", executed.url)
    assert (result.exit_code, result.stdout.splitlines()) == (0, SHOWN)


def test_a_saved_execution_is_replayed_and_an_edit_causes_a_difference(
    executed: FakeAws, project: Project, tmp_path: Path
) -> None:
    saved = tmp_path / "e1.json"
    result = run("history", "trader", "--endpoint-url", executed.url, "--save", str(saved))
    assert (result.exit_code, result.stderr) == (0, f"Saved to {saved}\n")
    same = run("replay", str(saved))
    assert (same.exit_code, same.stdout.splitlines()) == (0, [*SHOWN[:3], "The same as e1: 3 states, SUCCEEDED"])

    workflow = project.root / project.workflows / "trader.py"
    workflow.write_text(workflow.read_text().replace("50", "70"))
    other = run("replay", str(saved))
    assert (other.exit_code, other.stdout.splitlines()[-1]) == (
        1,
        'Not the same as e1: "Record" now, "Nothing" in the recording',
    )


def test_an_execution_becomes_a_test_case_of_a_mock_configuration(executed: FakeAws, tmp_path: Path) -> None:
    saved, mocks = tmp_path / "e1.json", tmp_path / "mocks.json"
    at = ("--endpoint-url", executed.url)
    result = run("history", "trader", *at, "--save", str(saved), "--save-mocks", str(mocks))
    hint = f"Saved to {mocks}, to run with workflow-dsl run trader --mock '{mocks}#e1'"
    assert (result.exit_code, result.stderr.splitlines()) == (0, [f"Saved to {saved}", hint])
    answer = ConfiguredMock("e1: Check", {0: Return({"price": 60})}, other_fields=True)
    assert read_mock_config(mocks, "e1", "trader") == {"Check": answer}
    text = mocks.read_text()
    mocks.unlink()
    assert run("replay", str(saved), "--save-mocks", str(mocks)).stderr == f"{hint}\n"
    assert mocks.read_text() == text


def test_the_hint_to_run_a_test_case_quotes_what_a_recording_names(executed: FakeAws, tmp_path: Path) -> None:
    saved, mocks = tmp_path / "e1.json", tmp_path / "mocks.json"
    run("history", "trader", "--endpoint-url", executed.url, "--save", str(saved))
    saved.write_text(saved.read_text().replace('"name": "e1"', '"name": "e; rm *\\u001b"'))
    hint = run("replay", str(saved), "trader", "--save-mocks", str(mocks)).stderr
    assert f"'{mocks}#e; rm *" in hint
    assert "\x1b" not in hint


def test_an_execution_saved_by_arn_is_replayed_with_the_workflows_name(executed: FakeAws, tmp_path: Path) -> None:
    saved = tmp_path / "e1.json"
    run("history", EXECUTION, "--endpoint-url", executed.url, "--save", str(saved))
    nameless = run("replay", str(saved))
    assert (nameless.exit_code, "does not name its workflow" in nameless.stderr) == (2, True)
    assert run("replay", str(saved), "trader").exit_code == 0


def test_a_failed_execution_is_printed_with_its_error(executed: FakeAws) -> None:
    execution = executed.responses["DescribeExecution"]
    assert isinstance(execution, dict)
    failed = {
        **execution,
        "status": "FAILED",
        "error": "Sold",
        "cause": '{"errorMessage": "out", "stackTrace": ["line 1"]}',
    }
    executed.responses["DescribeExecution"] = {name: value for name, value in failed.items() if name != "output"}
    result = run("history", EXECUTION, "--endpoint-url", executed.url)
    assert result.stdout.splitlines()[3:] == [
        "FAILED after 0 s: e1, 2026-11-24 12:00:00 UTC",
        'In "Nothing": Sold: out',
        "line 1",
        'Input: {"price":60}',
        'Cause: {"errorMessage": "out", "stackTrace": ["line 1"]}',
        "Redrive: fails again, because it keeps the definition; start a new execution after deploying the fixed one",
        f"Console: {LINK}",
    ]
    running = {**execution, "status": "RUNNING"}
    executed.responses["DescribeExecution"] = {
        name: value for name, value in running.items() if name not in ("output", "stopDate")
    }
    assert run("history", EXECUTION, "--endpoint-url", executed.url).stdout.splitlines()[3:] == [
        "RUNNING: e1, 2026-11-24 12:00:00 UTC",
        f"Console: {LINK}",
    ]


def test_unknown_names_and_missing_executions_are_reported(executed: FakeAws) -> None:
    at = ("--endpoint-url", executed.url)
    executed.responses["DescribeExecution"] = ErrorResponse("ExecutionDoesNotExist", "Execution Does Not Exist")
    assert "no workflow or state machine 'trade'; did you mean \"trader\"?" in run("history", "trade", *at).stderr
    assert "no execution f: list executions by leaving out" in run("history", "trader", "--execution", "f", *at).stderr
    executed.responses["ListExecutions"] = {"executions": [{"executionArn": f"{MACHINES}:execution:app-Trader-X1:e-17", "stateMachineArn": ARN, "name": "e-17", "status": "RUNNING", "startDate": AT}]}  # fmt: skip
    assert 'no execution e-1: did you mean "e-17"?' in run("history", "trader", "--execution", "e-1", *at).stderr
    executed.responses["DescribeExecution"] = ErrorResponse("AccessDeniedException", "no")
    assert "ACCESS_DENIED: states:DescribeExecution" in run("history", "trader", "--execution", "e", *at).stderr
    executed.responses["ListExecutions"] = {"executions": []}
    assert "there are no executions yet" in run("history", "trader", "--save", "x.json", *at).stderr
    executed.responses["ListStackResources"] = {"StackResourceSummaries": []}
    assert "the stack app has no Trader: deploy it first" in run("history", "trader", *at).stderr
    executed.responses["DescribeStacks"] = ErrorResponse("ValidationError", "Stack with id app does not exist")
    assert "error NO_STACK: there is no stack app" in run("history", "trader", *at).stderr


@pytest.mark.parametrize(
    ("arn", "message"),
    [
        ("arn:x", "arn:x is not the ARN of a state machine or an execution"),
        (f"{MACHINES}:activity:a", "is not the ARN of a state machine or an execution"),
        (
            f"{MACHINES}:mapRun:app/Label:u",
            "is a Map Run; name one of its executions, or the execution that started it",
        ),
    ],
)
def test_an_arn_of_another_kind_is_a_usage_error(arn: str, message: str, executed: FakeAws) -> None:
    result = run("history", arn, "--endpoint-url", executed.url)
    assert (result.exit_code, message in result.stderr, executed.requests) == (2, True, [])


def test_times_are_in_utc_in_every_time_zone(
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


def test_the_documented_policy_allows_every_call_and_all_calls_only_read(executed: FakeAws) -> None:
    [text] = [
        block
        for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)
        if "states:List*" in block
    ]
    allowed = [action for statement in yaml.safe_load(text)["Statement"] for action in statement["Action"]]
    executed.responses["DescribeStacks"] = ErrorResponse("ValidationError", "Stack with id ap does not exist")
    executed.responses["ListStacks"] = {"StackSummaries": []}
    run("deployed", "--stack-name", "ap", "--endpoint-url", executed.url)
    executed.responses["DescribeStacks"] = {"Stacks": [STACK]}
    for command in ("deployed", "plan"):
        assert run(command, "--endpoint-url", executed.url).exit_code == 0
    assert run("history", "trader", "--execution", "e1", "--endpoint-url", executed.url).exit_code == 0
    operations = {operation for operation, _ in executed.requests}
    assert [
        operation for operation in sorted(operations) if not any(is_allowed(operation, action) for action in allowed)
    ] == []
    assert all(operation.startswith(("Describe", "List", "Get")) for operation in operations)


def is_allowed(operation: str, action: str) -> bool:
    return any(fnmatch.fnmatch(f"{service}:{operation}", action) for service in ("states", "cloudformation"))


def test_the_listed_executions_are_saved_in_a_folder(executed: FakeAws, tmp_path: Path) -> None:
    folder = tmp_path / "failures"
    at = ("--endpoint-url", executed.url)
    result = run("history", "trader", *at, "--status", "FAILED", "--limit", "5", "--save-all", str(folder))
    files = sorted(folder.iterdir())
    assert (result.exit_code, result.stdout, files) == (0, "", [folder / "e1.json"])
    assert run("replay", str(files[0])).exit_code == 0


def test_save_writes_to_a_pipe_without_replacing_it(executed: FakeAws, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    result = run("history", "trader", "--endpoint-url", executed.url, "--save", str(pipe))
    text = os.read(reading, 100_000)
    os.close(reading)
    assert (result.exit_code, pipe.is_fifo(), json.loads(text)["name"]) == (0, True, "e1")


def test_an_execution_cannot_be_drawn_as_another_workflow(executed: FakeAws, tmp_path: Path) -> None:
    saved = tmp_path / "e1.json"
    run("history", "trader", "--endpoint-url", executed.url, "--save", str(saved))
    assert run("diagram", "Trader", "--execution", str(saved)).exit_code == 0
    result = run("diagram", "another", "--execution", str(saved))
    assert (result.exit_code, "is an execution of trader, not of another" in result.stderr) == (2, True)


def test_a_saved_execution_is_drawn(executed: FakeAws, tmp_path: Path) -> None:
    saved = tmp_path / "e1.json"
    run("history", EXECUTION, "--endpoint-url", executed.url, "--save", str(saved))
    drawn = run("diagram", "trader", "--execution", str(saved))
    classes = re.findall(r'<g class="state (\w+)"><title>(\w+) ', drawn.stdout)
    assert dict(reversed(pair) for pair in classes) == {
        "Check": "ran",
        "Choose": "ran",
        "Nothing": "ran",
        "Record": "idle",
    }
    result = run("diagram", "trader", "--execution", str(saved), "--format", "mermaid")
    assert (result.exit_code, "an execution is drawn as SVG" in result.stderr) == (2, True)


@pytest.fixture
def printed(executed: FakeAws, project: Project, tmp_path: Path) -> Path:
    """The history of the execution as `aws stepfunctions get-execution-history` prints it."""
    pages = executed.responses["GetExecutionHistory"]
    assert callable(pages)
    file = tmp_path / "history.json"
    file.write_text(json.dumps({"events": [*pages({})["events"], *pages({"nextToken": "more"})["events"]]}))
    return file


@pytest.mark.parametrize("name", ["trader", "Trader", "generated/trader.asl.json"])
def test_the_output_of_the_aws_cli_is_replayed_and_drawn(name: str, printed: Path, project: Project) -> None:
    name = str(project.root / name) if "/" in name else name
    result = run("replay", str(printed), name)
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "The same as history: 3 states, SUCCEEDED")
    assert "add the name after the file" in run("replay", str(printed)).stderr
    assert 'class="state ran"><title>Check ' in run("diagram", name, "--execution", str(printed)).stdout


def test_two_names_are_a_usage_error(printed: Path) -> None:
    result = run("replay", str(printed), "trader", "Trader")
    assert (result.exit_code, "name one workflow or definition, not trader and Trader" in result.stderr) == (2, True)


@pytest.mark.parametrize("named", ["evil", "./evil", "workflows/evil.py", "../evil.asl.json", "evil.py"])
def test_a_recording_never_names_what_is_executed(
    named: str, executed: FakeAws, project: Project, tmp_path: Path
) -> None:
    saved = tmp_path / "e1.json"
    run("history", "trader", "--endpoint-url", executed.url, "--save", str(saved))
    (project.root / "evil.py").write_text("raise SystemExit('executed')")
    saved.write_text(json.dumps({**json.loads(saved.read_text()), "workflow": named}))
    result = run("replay", str(saved))
    assert (result.exit_code, f"names {named}, which the project does not have" in result.stderr) == (2, True)


CONSOLE = "https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details"


@pytest.mark.parametrize("address", [f"{CONSOLE}/{EXECUTION}", f"{CONSOLE}/{EXECUTION.replace(':', '%3A')}?tab=x"])
def test_an_address_of_the_console_names_an_execution(address: str, executed: FakeAws) -> None:
    assert run("history", address, "--endpoint-url", executed.url).stdout.splitlines() == SHOWN


def test_a_definition_that_may_not_be_read_does_not_end_a_history(executed: FakeAws, tmp_path: Path) -> None:
    executed.responses["DescribeStateMachineForExecution"] = ErrorResponse("AccessDeniedException")
    saved = tmp_path / "e1.json"
    result = run("history", EXECUTION, "--endpoint-url", executed.url, "--save", str(saved))
    assert (result.exit_code, result.stdout.splitlines()) == (1, SHOWN)
    assert result.stderr.splitlines()[0] == (
        "The definition was not read: states:DescribeStateMachineForExecution is not allowed."
    )
    assert run("replay", str(saved), "trader").stdout.splitlines()[-1] == "The same as e1: 3 states, SUCCEEDED"


def test_an_execution_that_the_service_has_forgotten_has_a_remedy(executed: FakeAws) -> None:
    executed.responses["DescribeExecution"] = ErrorResponse("ExecutionDoesNotExist", "gone")
    result = run("history", EXECUTION, "--endpoint-url", executed.url)
    assert (result.exit_code, "the service forgets an execution 90 days after its end" in result.stderr) == (1, True)


def summaries(*rows: tuple[str, str, int]) -> dict[str, Any]:
    """The response of ListExecutions with executions by name, status and hour of their start."""
    return {
        "executions": [
            {
                "executionArn": f"{MACHINES}:execution:app-Trader-X1:{name}",
                "stateMachineArn": ARN,
                "name": name,
                "status": status,
                "startDate": AT.replace(hour=hour),
                "stopDate": AT.replace(hour=hour, second=2),
                "stateMachineAliasArn": f"{ARN}:live",
            }
            for name, status, hour in rows
        ]
    }


def test_a_list_has_the_errors_the_version_and_filters(executed: FakeAws) -> None:
    executed.responses["ListExecutions"] = summaries(("e3", "FAILED", 12), ("e2", "SUCCEEDED", 11), ("e1", "FAILED", 9))
    described = {**executed.responses["DescribeExecution"], "status": "FAILED", "error": "Sold", "cause": "out"}  # type: ignore[dict-item]
    executed.responses["DescribeExecution"] = described
    arguments = ("history", "trader", "--endpoint-url", executed.url, "--since", "2026-11-24T10:00", "--limit", "5")
    assert [" ".join(line.split()) for line in run(*arguments).stdout.splitlines()] == [
        "Execution Status Started Duration Version Error",
        "e3 FAILED 2026-11-24 12:00:00 UTC 2.0 s live Sold",
        "e2 SUCCEEDED 2026-11-24 11:00:00 UTC 2.0 s live",
    ]
    listed = json.loads(run(*arguments, "--status", "failed", "--format", "json").stdout)
    assert ([row["name"] for row in listed], listed[0]["cause"]) == (["e3", "e2"], "out")
    [parameters] = [query for name, query in executed.requests if name == "ListExecutions" and "statusFilter" in query]
    assert parameters == {"stateMachineArn": ARN, "maxResults": 5, "statusFilter": "FAILED"}


def test_a_list_without_the_permission_to_describe_says_that_it_has_no_errors(executed: FakeAws) -> None:
    executed.responses["ListExecutions"] = summaries(("e3", "FAILED", 12), ("e2", "FAILED", 11))
    executed.responses["DescribeExecution"] = ErrorResponse("AccessDeniedException")
    result = run("history", "trader", "--endpoint-url", executed.url)
    assert (result.exit_code, result.stderr, result.stdout.splitlines()[0].split()) == (
        1,
        "The errors were not read: states:DescribeExecution is not allowed: no.\n",
        ["Execution", "Status", "Started", "Duration", "Version"],
    )
    assert [name for name, _ in executed.requests].count("DescribeExecution") == 1


@pytest.mark.parametrize("since", ["1h", "90m", "3d", "2020-01-01", "2020-01-01T12:00+02:00"])
def test_each_form_of_a_time_is_taken(since: str, executed: FakeAws) -> None:
    assert run("history", "trader", "--endpoint-url", executed.url, "--since", since).exit_code == 0


@pytest.mark.parametrize("since", ["yesterday", "3w", "999999d"])
def test_another_time_is_a_usage_error(since: str) -> None:
    result = run("history", "trader", "--since", since)
    assert (result.exit_code, "write 90m, 2h, 3d, or a date" in result.stderr) == (2, True)


FANNED = {"StartAt": "Fan", "States": {"Fan": {"Type": "Map", "ItemProcessor": {"StartAt": "I", "States": {}}}}}
MAP_RUN = f"{MACHINES}:mapRun:app-Trader-X1/Fan:1"


def test_a_failed_map_run_lists_its_failed_items(executed: FakeAws) -> None:
    def event(number: int, type_: str, key: str, details: dict[str, str]) -> dict[str, Any]:
        links = {"id": number, "previousEventId": number - 1, "timestamp": AT.timestamp()}
        return {**links, "type": type_, f"{key}EventDetails": details}

    events = [
        event(1, "MapStateEntered", "stateEntered", {"name": "Fan", "input": "[1]"}),
        event(2, "MapRunStarted", "mapRunStarted", {"mapRunArn": MAP_RUN}),
        event(3, "MapRunFailed", "mapRunFailed", {"error": "States.ExceedToleratedFailureThreshold", "cause": "many"}),
        event(4, "ExecutionFailed", "executionFailed", {"error": "States.ExceedToleratedFailureThreshold"}),
    ]
    failed = {**executed.responses["DescribeExecution"], "status": "FAILED", "error": "Bad", "cause": "why"}  # type: ignore[dict-item]
    executed.responses |= {
        "GetExecutionHistory": {"events": events},
        "DescribeExecution": failed,
        "DescribeStateMachineForExecution": {
            "stateMachineArn": ARN, "name": "n", "definition": json.dumps(FANNED), "roleArn": "r", "updateDate": AT,
        },
        "ListExecutions": summaries(("i1", "FAILED", 12)),
    }  # fmt: skip
    shown = run("history", EXECUTION, "--endpoint-url", executed.url).stdout.splitlines()
    assert shown[-4:] == [
        f"Map Run: {MAP_RUN}",
        'Redrive: runs on from "Fan" with the same definition; it can succeed once the called function or service works',
        f"Console: {LINK}",
        f"Failed item: {MACHINES}:execution:app-Trader-X1:i1: Bad: why",
    ]
    assert ("ListExecutions", {"mapRunArn": MAP_RUN, "maxResults": 5, "statusFilter": "FAILED"}) in executed.requests
    executed.responses["ListExecutions"] = ErrorResponse("AccessDeniedException", "no")
    without = run("history", EXECUTION, "--endpoint-url", executed.url)
    assert (without.exit_code, without.stdout.splitlines(), without.stderr) == (
        1,
        shown[:-1],
        "The failed items of the Map Run were not read: states:ListExecutions is not allowed: no.\n",
    )
    executed.responses["ListExecutions"] = summaries(("i1", "FAILED", 12))
    as_json = json.loads(run("history", EXECUTION, "--endpoint-url", executed.url, "--format", "json").stdout)
    assert (as_json["failure"]["state"], as_json["failure"]["mapRun"], as_json["failedItems"][0]["error"]) == (
        "Fan",
        MAP_RUN,
        "Bad",
    )


def test_a_field_is_masked_in_a_saved_execution(executed: FakeAws, tmp_path: Path) -> None:
    saved = tmp_path / "e1.json"
    run("history", EXECUTION, "--endpoint-url", executed.url, "--save", str(saved), "--mask", "$.symbol")
    assert json.loads(saved.read_text())["input"] == '{"symbol": "***"}'
    assert run("replay", str(saved), "trader").exit_code == 0
    refused = run("history", EXECUTION, "--endpoint-url", executed.url, "--save", str(saved), "--mask", "$..x")
    assert (refused.exit_code, "write a field's name, or a path" in refused.stderr) == (2, True)


COMMANDS = {
    "`deployed`": ("deployed",),
    "`plan`": ("plan",),
    "`history NAME`": ("history", "trader"),
    "`history ARN` of an execution": ("history", EXECUTION),
    "`history ARN` of an Express execution": ("history", f"{MACHINES}:express:app-Trader-X1:e1:5f0c"),
}


def documented() -> dict[str, set[str]]:
    """The actions of each command in the table of the page."""
    rows = re.findall(r"^\| (`(?:deployed|plan|history).*?) \| (.*) \|$", PAGE.read_text(), re.MULTILINE)
    actions = {command: set(re.findall(r"`([a-z]+:\w+)`", text.split("; of a")[0])) for command, text in rows}
    return {
        command: actions[command] | (actions["`deployed`"] if "those of `deployed`" in text else set())
        for command, text in rows
    }


@pytest.fixture
def all_used(executed: FakeAws) -> FakeAws:
    """The application with a failed execution in its list, and a log with one of an Express state machine."""
    details = {"input": "{}", "error": "Bad"}
    types = ("ExecutionStarted", "ExecutionFailed")
    entries = [
        {"id": str(number), "type": type_, "details": details, "previous_event_id": "0", "event_timestamp": "1795521600000",
         "execution_arn": COMMANDS["`history ARN` of an Express execution"][1]}
        for number, type_ in enumerate(types, 1)
    ]  # fmt: skip
    log = {"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:eu-west-1:1:log-group:/aws/trader:*"}}
    described = executed.responses["DescribeStateMachine"]
    assert isinstance(described, dict)
    logging = {"level": "ALL", "includeExecutionData": True, "destinations": [log]}
    executed.responses |= {
        "DescribeStateMachine": {**described, "loggingConfiguration": logging},
        "ListExecutions": lambda query: summaries(("e1", query.get("statusFilter", "FAILED"), 12)),
        "FilterLogEvents": {"events": [{"message": json.dumps(entry)} for entry in entries]},
    }
    return executed


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_needs_each_action_of_the_page_and_no_other(command: str, all_used: FakeAws) -> None:
    assert run(*COMMANDS[command], "--endpoint-url", all_used.url).exit_code == 0
    assert {operation for operation, _ in all_used.requests} == {each.split(":")[1] for each in documented()[command]}
    for action in documented()[command]:
        answered = all_used.responses[action.split(":")[1]]
        all_used.responses[action.split(":")[1]] = ErrorResponse("AccessDeniedException", "no")
        result = run(*COMMANDS[command], "--endpoint-url", all_used.url)
        assert (result.exit_code, f"{action} is not allowed" in result.output) == (1, True), action
        all_used.responses[action.split(":")[1]] = answered


PARTS: dict[str, tuple[tuple[str, ...], int, str]] = {
    "a state": (("--execution", "e1", "--state", "Check"), 0, "00:00.000  Check\nSUCCEEDED after 0 s"),
    "no failure": (("--execution", "e1", "--failed"), 0, "SUCCEEDED after 0 s"),
    "a misspelt state": (("--execution", "e1", "--state", "Chek"), 1, 'did you mean "Check"?'),
    "an item of no Map": (("--execution", "e1", "--item", "3"), 1, "no Map of the execution has item 3"),
    "a list": (("--failed",), 2, "add --execution NAME; --status FAILED lists those that failed"),
    "JSON": (("--execution", "e1", "--failed", "--format", "json"), 2, "are for the text format"),
}


@pytest.mark.parametrize("part", PARTS)
def test_a_part_of_an_execution_is_shown(part: str, executed: FakeAws) -> None:
    arguments, code, text = PARTS[part]
    result = run("history", "trader", *arguments, "--endpoint-url", executed.url)
    assert (result.exit_code, text in result.output) == (code, True), result.output
    assert code or result.output.startswith(text)
