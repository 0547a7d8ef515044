"""`workflow-dsl test-state`: arguments, output and exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from workflow_dsl.cli import main
from workflow_dsl.project import Project

RETRY = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 3}]
SEND = {
    "Type": "Task",
    "Resource": "arn:aws:states:::sqs:sendMessage",
    "Parameters": {"QueueUrl": "q", "MessageBody.$": "$.text"},
    "Retry": RETRY,
    "Catch": [{"ErrorEquals": ["Gone"], "Next": "Sum up"}],
    "ResultPath": "$.sent",
    "Next": "Sum up",
}
READER = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k"}}
PROCESSOR = {
    "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
    "StartAt": "Each",
    "States": {"Each": {"Type": "Pass", "End": True}},
}
STATES: dict[str, Any] = {
    "Send": SEND,
    "Sum up": {
        "Type": "Pass",
        "QueryLanguage": "JSONata",
        "Output": "{% $total & $states.context.Execution.Name %}",
        "Assign": {"total": 0},
        "Next": "Import",
    },
    "Import": {"Type": "Map", "ItemReader": READER, "ItemProcessor": PROCESSOR, "End": True},
}


@pytest.fixture(autouse=True)
def definition(project: Project) -> Path:
    """A definition in the working directory."""
    path = project.root / "orders.asl.json"
    path.write_text(json.dumps({"StartAt": "Send", "States": STATES}))
    (project.root / "rows.json").write_text("[1, 2]")
    return path


def run(*arguments: str, stdin: str | None = None) -> Result:
    command = ["test-state", "orders.asl.json", *arguments]
    return CliRunner().invoke(main, command, input=stdin, catch_exceptions=False)


SENT = '{"MessageId": "1"}'
PRINTED: list[tuple[list[str], int, list[str]]] = [
    (
        *(["Send", "--input", '{"text": "hi"}', "--mock", SENT], 0),
        [
            '"Send": SUCCEEDED',
            'Next state: "Sum up"',
            'Input           {"text": "hi"}',
            "InputPath       (the same)",
            'Parameters      {"QueueUrl": "q", "MessageBody": "hi"}',
            'Result          {"MessageId": "1"}',
            "ResultSelector  (the same)",
            'ResultPath      {"text": "hi", "sent": {"MessageId": "1"}}',
            "Output          (the same)",
        ],
    ),
    (
        *(["Send", "--input", "@text.json", "--error", "Busy", "--cause", "later", "--retries", "1"], 0),
        [
            '"Send": RETRIABLE: Busy: later',
            "Retry[0] tries again after 6 s",
            'Input           {"text": "ü"}',
            "InputPath       (the same)",
            'Parameters      {"QueueUrl": "q", "MessageBody": "ü"}',
        ],
    ),
    (
        *(["Send", "--input", "-", "--error", "Gone"], 0),
        [
            '"Send": CAUGHT_ERROR: Gone: injected by --error',
            "Catch[0] catches it",
            'Next state: "Sum up"',
            'Input           {"text": "1"}',
            "InputPath       (the same)",
            'Parameters      {"QueueUrl": "q", "MessageBody": "1"}',
            'Output          {"Error": "Gone", "Cause": "injected by --error"}',
        ],
    ),
    (
        *(["Send", "--input", '{"text": "2"}', "--error", "Busy", "--retries", "3"], 1),
        [
            '"Send": FAILED: Busy: injected by --error',
            "Retry[0] has no attempt left",
            'Input           {"text": "2"}',
            "InputPath       (the same)",
            'Parameters      {"QueueUrl": "q", "MessageBody": "2"}',
        ],
    ),
    (
        *(["Sum up", "--variables", '{"total": 7}', "--context", '{"Execution": {"Name": "x"}}'], 0),
        [
            '"Sum up": SUCCEEDED',
            'Next state: "Import"',
            "Input           {}",
            'Output          "7x"',
            'Variables       {"total": 0}',
        ],
    ),
    (
        *(["Import", "--mock", '["a"]', "--reader-data", "rows.json", "--failed-iterations", "1"], 1),
        [
            '"Import": FAILED: States.ExceedToleratedFailureThreshold: The specified tolerated failure threshold was exceeded',
            "Input           {}",
            "InputPath       (the same)",
            "MaxConcurrency  0",
        ],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "code", "lines"), PRINTED)
def test_the_data_after_each_step_is_printed(
    definition: Path, arguments: list[str], code: int, lines: list[str]
) -> None:
    definition.with_name("text.json").write_text('{"text": "ü"}', "utf-8")
    result = run(*arguments, stdin='{"text": "1"}')
    assert (result.stdout.splitlines(), result.stderr, result.exit_code) == (lines, "", code)


def test_a_long_value_is_printed_below_its_name() -> None:
    lines = run("Send", "--input", json.dumps({"text": "x" * 70}), "--mock", SENT).stdout.splitlines()
    assert lines[2:6] == ["Input", "  {", f'    "text": "{"x" * 70}"', "  }"]


def test_the_answer_of_the_api_is_printed_as_json() -> None:
    result = run("Import", "--mock", "[]", "--reader-data", "rows.json", "--format", "json")
    assert json.loads(result.stdout) == {
        "status": "SUCCEEDED",
        "output": "[]",
        "inspectionData": {
            "input": "{}",
            "afterInputPath": "{}",
            "maxConcurrency": 0,
            "afterResultSelector": "[]",
            "afterResultPath": "[]",
        },
    }


WRONG_CALLS: list[tuple[list[str], str]] = [
    (["send"], "no state 'send'; did you mean \"Send\"?"),
    (["Import"], "TestState API does not support Map or Parallel states."),
    (["Send", "--mock", "{"], "Invalid value for --mock: is not JSON"),
    (["Send", "--mock", '{"MessageId": 1}'], "Field 'MessageId' must be a string"),
    (["Send", "--mock", "{}", "--error", "E"], "write --mock or --error, not both"),
    (["Send", "--cause", "c"], "--cause is the cause of an --error"),
    (["Send", "--variables", "[]"], "Invalid value for --variables: write a JSON object"),
    (["Send", "--error", "E", "--context", '{"Typo": {}}'], "Invalid Context object provided: Field 'Typo' is not"),
    (["Sum up", "--mock", "1"], "State type 'Pass' is not supported when a mock is specified"),
    (["Send", "--input", "@gone.json"], "gone.json: No such file or directory"),
]


@pytest.mark.parametrize(("arguments", "message"), WRONG_CALLS)
def test_a_wrong_call_exits_with_2_and_says_why(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert message in result.stderr


def test_an_unknown_state_machine_is_a_wrong_call() -> None:
    result = CliRunner().invoke(main, ["test-state", "nothing", "Send"], catch_exceptions=False)
    assert (result.exit_code, result.stdout) == (2, "")


def test_a_mock_that_is_meant_is_not_compared() -> None:
    assert run("Send", "--input", '{"text": "1"}', "--mock", '{"MessageId": 1}', "--validation", "NONE").exit_code == 0
