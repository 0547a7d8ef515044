"""`workflow-dsl run`: arguments, output and exit code."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.support import Write
from workflow_dsl.cli import main
from workflow_dsl.project import Project

ECHO = "def build():\n    return Workflow(Pass('Echo'))\n"
CALL = "arn:aws:states:::sqs:sendMessage"
CALLS = f"""
def build():
    call = Task("Call", resource="{CALL}", parameters={{"QueueUrl": "q", "MessageBody": "m"}})
    call.add_retry(Retry(error_equals=["Unlucky"], interval_seconds=15, max_attempts=2))
    return Workflow(call)
"""
MOCKS: dict[str, Any] = {
    "StateMachines": {
        "calls": {"TestCases": {"good": {"Call": "Sent"}, "bad": {"Call": "Broken"}, "lie": {"Call": "Lie"}}}
    },
    "MockedResponses": {
        "Sent": {"0": {"Throw": {"Error": "Unlucky", "Cause": "once"}}, "1": {"Return": {"MessageId": "1"}}},
        "Lie": {"0": {"Return": {"MessageId": 1}}},
        "Broken": {"0-9": {"Throw": {"Error": "Broken", "Cause": "always"}}},
    },
}


@pytest.fixture(autouse=True)
def workflows(project: Project, write_workflow: Write) -> Path:
    """Two workflows and a mock configuration file in the working directory."""
    write_workflow("echo", ECHO)
    write_workflow("calls", CALLS)
    (project.root / "mocks.json").write_text(json.dumps(MOCKS))
    return project.root


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["run", *arguments], input=stdin, catch_exceptions=False)


def test_a_call_that_cannot_be_answered_names_the_option_that_mocks_its_state(project: Project) -> None:
    parameters = {"Text": "it's", "SourceLanguageCode": "en", "TargetLanguageCode": "de"}
    task = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:translate:translateText", "Parameters": parameters}
    definition = {"StartAt": "Translate", "States": {"Translate": {**task, "End": True}}}
    (project.root / "translate.asl.json").write_text(json.dumps(definition), "utf-8")
    refused = run("translate.asl.json")
    option = refused.output.rpartition("mock the state: ")[2].strip()
    assert option.startswith("""--return 'Translate={"TranslatedText": "...", """)
    mocked = run("translate.asl.json", *shlex.split(option))
    assert (refused.exit_code, mocked.exit_code) == (1, 0)


@pytest.mark.parametrize("command", ["run", "compile"])
def test_what_authors_code_and_its_programs_print_goes_to_standard_error(
    write_workflow: Write, project: Project, command: str
) -> None:
    code = "import os, subprocess, sys\nsubprocess.run([sys.executable, '-c', 'print(1)'])\nos.write(1, b'2\\n')\nprint(3)\n"
    write_workflow("echo", code + ECHO)
    process = subprocess.run(
        [sys.executable, "-m", "workflow_dsl", command, "echo"],
        check=False,
        cwd=project.root,
        capture_output=True,
        text=True,
    )
    assert (process.returncode, process.stderr.split()) == (0, ["1", "2", "3"])
    assert not {"1", "2", "3"} & set(process.stdout.splitlines())


LATE = """
import atexit, threading, time
atexit.register(print, "at the end")
threading.Thread(target=lambda: (threading.main_thread().join(), print("later"))).start()
"""


def test_what_an_authors_code_prints_after_the_end_goes_to_standard_error(
    write_workflow: Write, project: Project
) -> None:
    write_workflow("echo", LATE + ECHO)
    process = subprocess.run(
        [sys.executable, "-m", "workflow_dsl", "compile", "echo"],
        check=False,
        cwd=project.root,
        capture_output=True,
        text=True,
    )
    assert (process.returncode, sorted(process.stderr.splitlines())) == (0, ["at the end", "later"])
    assert json.loads(process.stdout)["StartAt"] == "Echo"


HOSTILE = "a\x1b[31m\u202e\n::error::b"


def test_what_a_run_prints_is_inert() -> None:
    failed = run("echo", "--fail", f"Echo={HOSTILE}").output + run("calls", "--fail", f"Call={HOSTILE}").output
    written = run("echo", "--input", json.dumps(HOSTILE, ensure_ascii=False))
    history = run("echo", "--input", json.dumps(HOSTILE, ensure_ascii=False), "--history", "json")
    for text in (failed, written.stdout, history.stdout):
        assert all(map(str.isprintable, text.splitlines()))
        assert not [line for line in text.splitlines() if line.lstrip().startswith("::")]
    assert "failed: a\\x1b[31m" in failed
    assert json.loads(written.stdout.partition("Output: ")[2]) == HOSTILE
    assert json.loads(json.loads(history.stdout)[0]["executionStartedEventDetails"]["input"]) == HOSTILE


def test_run_prints_the_states_as_they_are_entered_and_then_the_output() -> None:
    result = run("echo", "--input", '{"a": "grün"}')
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout.splitlines() == [
        "00:00.000  Echo",
        "SUCCEEDED after 0 s of virtual time; 1 transition, 0 Lambda calls, $25.00 per million",
        "Output: {",
        '  "a": "grün"',
        "}",
    ]


@pytest.mark.parametrize(
    ("options", "stdin", "output"),
    [
        ([], None, "{}"),
        (["--input", "[]"], None, "[]"),
        (["--input", "@input.json"], None, '"from a file, ü"'),
        (["--input", "-"], '"piped"', '"piped"'),
    ],
)
def test_the_input_is_json_or_a_file_or_standard_input(
    workflows: Path, options: list[str], stdin: str | None, output: str
) -> None:
    (workflows / "input.json").write_text('"from a file, ü"', "utf-8")
    assert run("echo", *options, stdin=stdin).stdout.splitlines()[-1] == f"Output: {output}"


def test_injected_faults_are_retried_in_virtual_time_and_an_uncaught_one_exits_with_1() -> None:
    result = run("calls", "--fail", "Call=Unlucky*2", "--fail", "Call=Broken")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.splitlines() == [
        "00:00.000  Call",
        "00:00.000    failed: Unlucky: injected by --fail",
        "00:15.000    retry 1 after 15 s",
        "00:15.000    failed: Unlucky: injected by --fail",
        "00:45.000    retry 2 after 30 s",
        "00:45.000    failed: Broken: injected by --fail",
        "FAILED after 45 s of virtual time; 3 transitions, 0 Lambda calls, $75.00 per million",
        'In "Call": Broken: injected by --fail',
    ]


@pytest.mark.parametrize(
    ("case", "code", "last"),
    [("good", 0, ['  "MessageId": "1"', "}"]), ("bad", 1, ['In "Call": Broken: always'])],
)
def test_a_test_case_of_a_mock_configuration_answers_the_calls(case: str, code: int, last: list[str]) -> None:
    result = run("calls", "--mock", f"mocks.json#{case}")
    assert (result.exit_code, result.stdout.splitlines()[-len(last) :]) == (code, last)


SENT = 'Call={"MessageId": "2"}'


@pytest.mark.parametrize(
    ("options", "duration", "output"),
    [
        (["--return", SENT], 0, {"MessageId": "2"}),
        (["--return", "Call=@result.json"], 0, {"MessageId": "from a file"}),
        (["--fail", "Call=Unlucky", "--return", SENT], 15, {"MessageId": "2"}),
        (["--return", SENT, "--fail", "Call=Unlucky*2"], 45, {"MessageId": "2"}),
        (["--unchecked", "--return", 'Call={"a": "=#@"}'], 0, {"a": "=#@"}),
        (["--unchecked", "--mock", "mocks.json#lie"], 0, {"MessageId": 1}),
    ],
)
def test_a_result_on_the_command_line_answers_its_state(
    workflows: Path, options: list[str], duration: float, output: Any
) -> None:
    (workflows / "result.json").write_text('{"MessageId": "from a file"}')
    result = run("calls", *options)
    ended, text = result.stdout.split("Output: ")
    assert (result.exit_code, ended.splitlines()[-1].partition(";")[0], json.loads(text)) == (
        0, f"SUCCEEDED after {duration} s of virtual time", output)  # fmt: skip


def test_results_answer_in_turn_and_the_last_one_stays() -> None:
    again = {
        "Type": "Choice",
        "Choices": [{"Variable": "$.Count", "NumericLessThan": 2, "Next": "Read"}],
        "Default": "Read again",
    }
    scan = {"Type": "Task", "Resource": "arn:aws:states:::aws-sdk:dynamodb:scan", "Parameters": {"TableName": "t"}}
    states = {"Read": {**scan, "Next": "More?"}, "More?": again, "Read again": {**scan, "End": True}}
    Path("loop.json").write_text(json.dumps({"StartAt": "Read", "States": states}))
    counts = [f'--return=Read={{"Count": {count}}}' for count in (0, 1, 2)]
    result = run("loop.json", *counts, '--return=Read again={"Count": 3}')
    assert [line.split("  ")[-1] for line in result.stdout.splitlines() if line.startswith("00:")] == [
        *["Read", "More?"] * 3, "Read again"]  # fmt: skip


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--return", 'Call={"a": 1}'], "it has no field 'a'; its fields are"),
        (["--mock", "mocks.json#lie"], "Field 'MessageId' must be a string"),
    ],
)
def test_a_result_that_the_api_cannot_give_is_refused(options: list[str], problem: str) -> None:
    result = run("calls", *options)
    assert (result.exit_code, result.stdout) == (1, "")
    assert f"the mocked result is not one of sqs:sendMessage: {problem}" in result.stderr


TABLE = """
Resources:
  Trades:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
"""


def test_items_are_put_into_the_templates_tables_first(workflows: Path) -> None:
    (workflows / "template.yaml").write_text(TABLE)
    (workflows / "items.json").write_text('[{"id": "2"}, {"id": {"S": "3"}, "n": {"N": "1"}}]')
    result = run(
        "echo", "--item", 'Trades={"id": "1", "price": 12345678901234567890.10}', "--item", "Trades=@items.json"
    )
    assert (result.exit_code, sorted(result.stdout.splitlines()[-3:])) == (
        0,
        [
            '  {"id": {"S": "1"}, "price": {"N": "12345678901234567890.10"}}',
            '  {"id": {"S": "2"}}',
            '  {"id": {"S": "3"}, "n": {"N": "1"}}',
        ],
    )
    wrong = run("echo", "--item", 'Trade={"id": "1"}')
    assert (wrong.exit_code, wrong.stderr) == (
        1,
        'error NO_TABLE: cannot put items into Trade: no such table in the template\n      = did you mean "Trades"?\n',
    )


def test_a_fault_for_an_unknown_state_is_reported_beside_a_mock() -> None:
    result = run("calls", "--mock", "mocks.json#good", "--fail", "Cal=E")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == (
        "error MOCKS: a mock is for 'Cal', which is not a state of the workflow\n      = did you mean \"Call\"?\n"
    )


@pytest.mark.parametrize(("arguments", "code"), [(["echo"], 0), (["calls", "--fail", "Call=E"], 1)])
def test_the_history_is_printed_as_json_only(arguments: list[str], code: int) -> None:
    result = run(*arguments, "--history", "json")
    events = json.loads(result.stdout)
    assert (result.exit_code, result.stderr) == (code, "")
    assert [event["id"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["type"] == ("ExecutionFailed" if code else "ExecutionSucceeded")


def test_a_seed_repeats_the_random_values() -> None:
    Path("random.json").write_text(
        json.dumps(
            {"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"id.$": "States.UUID()"}, "End": True}}}
        )
    )
    first, again, other = (run("random.json", *seed).stdout for seed in ((), ("--seed", "0"), ("--seed", "7")))
    assert first == again
    assert first != other


def test_the_type_option_sets_the_type_of_the_execution() -> None:
    Path("named.json").write_text(
        '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Parameters": {"id.$": "$$.Execution.Id"}, "End": true}}}'
    )
    assert ":express:named:" in run("named.json", "--type", "EXPRESS").stdout


def test_an_endpoint_is_called_instead_of_moto(workflows: Path) -> None:
    (workflows / "template.yaml").write_text("Resources: {T: {Type: AWS::SNS::Topic}}")
    result = run("echo", "--endpoint-url", "http://localhost:1")
    assert (result.exit_code, result.stdout.splitlines()[-1]) == (0, "Output: {}")


WRONG_CALLS: list[tuple[list[str], str]] = [
    (["echo", "--input", "{"], "Invalid value for --input: is not JSON: Expecting property name"),
    (["echo", "--input", "@gone.json"], "gone.json: No such file or directory"),
    (["calls", "--mock", "mocks.json"], "Invalid value for --mock: write FILE#CASE"),
    (["calls", "--mock", "gone.json#good"], "gone.json: No such file or directory"),
    (["calls", "--return", "Call"], "Invalid value for --return: write STATE=JSON or STATE=@FILE, not Call"),
    (["calls", "--return", "Call={"], "Invalid value for --return: is not JSON: Expecting property name"),
    (["calls", "--return", "Call=@gone.json"], "gone.json: No such file or directory"),
    (["calls", "--mock", "mocks.json#good", "--return", "Call=1"], "Invalid value for --return: --mock mocks 'Call' already"),
    (["calls", "--item", "T"], "Invalid value for --item: write TABLE=JSON or TABLE=@FILE, not T"),
    (["calls", "--item", "T={"], "Invalid value for --item: is not JSON: Expecting property name"),
    (["calls", "--fail", "Call"],
     'Invalid value for --fail: write "STATE=Error.Name" or "STATE=Error.Name*2", not \'Call\''),
    (["calls", "--fail", "Call=E*many"],
     'Invalid value for --fail: write "STATE=Error.Name" or "STATE=Error.Name*2", not \'Call=E*many\''),
    (["gone.json"], "gone.json: No such file or directory"),
    (["calls", "--input", "@moks.json"], 'moks.json: No such file or directory; did you mean "mocks.json"?'),
    ([], "Missing argument 'NAME|FILE'."),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "message"), WRONG_CALLS)
def test_a_wrong_call_prints_its_reason_and_exits_with_2(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1].removeprefix("Error: ").startswith(message)


FINDINGS: list[tuple[list[str], str]] = [
    (["calls", "--mock", "mocks.json#goood"],
     "mocks.json: error MOCKS: has no test case 'goood'\n      = did you mean \"good\"?"),
    (["echo", "--fail", "Echoo=E"],
     "error MOCKS: a mock is for 'Echoo', which is not a state of the workflow\n      = did you mean \"Echo\"?"),
]  # fmt: skip


def test_an_unknown_name_exits_with_2() -> None:
    result = run("ecko")
    message = "Error: no workflow or state machine 'ecko'; did you mean \"echo\"?"
    assert (result.exit_code, result.stdout, result.stderr.splitlines()[-1]) == (2, "", message)


@pytest.mark.parametrize(("arguments", "message"), FINDINGS)
def test_a_finding_exits_with_1_before_any_state_runs(arguments: list[str], message: str) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout, result.stderr) == (1, "", f"{message}\n")


def test_a_template_that_cannot_be_read_is_one_finding(workflows: Path) -> None:
    (workflows / "template.yaml").write_text("Resources: []")
    result = run("echo")
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 2)
    assert "template.yaml: error TEMPLATE: has no Resources\n" in result.stderr
