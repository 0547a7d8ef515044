"""`explore`, `tests` and `cost` in a project."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.exploration.machines import choice, task
from workflow_dsl.cli import main
from workflow_dsl.cli.common import exit_code
from workflow_dsl.local import InTurn, Recording, Return, Throw, run
from workflow_dsl.local.prices import prices, source_line
from workflow_dsl.local.replay.recording import events_as_json
from workflow_dsl.records import replace

OLD = choice({"Variable": "$.price", "NumericLessThanEquals": 50})
NEW = choice({"Variable": "$.price", "NumericLessThan": 50})
TRADER = {
    "StartAt": "Check",
    "States": {
        "Check": task(Retry=[{"ErrorEquals": ["Busy"]}], Catch=[{"ErrorEquals": ["Closed"], "Next": "Go Home"}]),
        "Go Home": {"Type": "Pass", "End": True},
    },
}
DEAD = choice({"Variable": "$.price", "NumericLessThan": 50}, {"Variable": "$.price", "NumericLessThan": 40})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, definition in (("old", OLD), ("new", NEW), ("dead", DEAD)):
        (tmp_path / f"{name}.asl.json").write_text(json.dumps(definition), "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


def test_one_path_is_counted_in_the_singular(folder: Path) -> None:
    (folder / "one.asl.json").write_text('{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}', "utf-8")
    assert invoke("explore", "one.asl.json").stdout.splitlines()[-2] == "1 path covers 100% of 2 elements"


@pytest.mark.usefixtures("folder")
def test_explore_prints_each_path_and_the_share_that_is_covered() -> None:
    result = invoke("explore", "old.asl.json")
    assert (result.exit_code, result.stdout.splitlines()) == (
        0,
        [
            "1. goes to A at 50",
            "   Choose > A",
            '   input {"price": 50}',
            "   SUCCEEDED; 2 transitions, 0 Lambda calls, $50.00 per million",
            "2. goes to Other at 51",
            "   Choose > Other",
            '   input {"price": 51}',
            "   SUCCEEDED; 2 transitions, 0 Lambda calls, $50.00 per million",
            "2 paths cover 100% of 8 elements",
            source_line(),
        ],
    )


@pytest.mark.usefixtures("folder")
def test_explore_prints_the_paths_as_json_with_their_price() -> None:
    result = invoke("explore", "dead.asl.json", "--format", "json")
    found = json.loads(result.stdout)
    assert found["paths"][0] == {
        "title": "goes to A at 49",
        "input": {"price": 49},
        "responses": {},
        "alsoWithErrors": [],
        "trail": ["Choose", "A"],
        "status": "SUCCEEDED",
        "error": None,
        "failedIn": None,
        "seconds": 0,
        "transitions": 2,
        "lambdaCalls": 0,
        "dollarsPerMillion": 50,
    }
    assert {name: value for name, value in found.items() if name != "paths"} == {
        "type": "STANDARD",
        "elements": 11,
        "covered": 8,
        "notReached": [
            {
                "elements": ['"Choose" Choices[1]', '"Choose" to "B"', '"B"'],
                "reason": "matches nothing after Choices[0]",
            }
        ],
        "prices": {name: prices()[name] for name in ("region", "date", "source")},
    }


@pytest.mark.usefixtures("folder")
def test_json_has_no_comparison() -> None:
    result = invoke("explore", "old.asl.json", "--format", "json", "--against", "new.asl.json")
    assert (result.exit_code, "--format json prints the paths only" in result.output) == (2, True)


EXPRESS = """
Resources:
  Fast:
    Type: AWS::Serverless::StateMachine
    Properties: {Type: EXPRESS, DefinitionUri: old.asl.json}
"""


@pytest.mark.parametrize(
    ("command", "part"),
    [
        (("explore",), "SUCCEEDED; 2 transitions, 0 Lambda calls, $1.10 per million as Express"),
        (("tests", "--stdout"), 'execution = run_workflow("Fast", {"price": 50})'),
        (("cost",), "range: $50.00 to $50.00 per million"),
    ],
)
def test_another_template_has_the_state_machine(folder: Path, command: tuple[str, ...], part: str) -> None:
    (folder / "express.yaml").write_text(EXPRESS, "utf-8")
    result = invoke(command[0], "Fast", *command[1:], "--template", "express.yaml")
    assert (result.exit_code, part in result.stdout) == (0, True)


@pytest.mark.parametrize("command", ["explore", "tests", "cost"])
@pytest.mark.usefixtures("folder")
def test_a_template_that_is_not_there_is_a_wrong_call(command: str) -> None:
    result = invoke(command, "Fast", "--template", "none.yaml")
    assert (result.exit_code, "no file none.yaml" in result.output) == (2, True)


@pytest.mark.usefixtures("folder")
def test_a_dead_rule_is_a_finding_with_exit_code_1() -> None:
    result = invoke("explore", "dead.asl.json")
    assert result.exit_code == 1
    line = 'not reached: "Choose" Choices[1], with 2 elements behind it in "B": matches nothing after Choices[0]'
    assert line in result.output.splitlines()


@pytest.mark.usefixtures("folder")
def test_explore_against_prints_the_paths_and_where_two_machines_differ() -> None:
    paths = invoke("explore", "old.asl.json").stdout
    result = invoke("explore", "old.asl.json", "--against", "new.asl.json")
    line = 'for input {"price": 50}: old.asl.json goes to A at 50, and new.asl.json goes to Other at 50'
    assert (result.exit_code, result.stdout) == (1, f"{paths}\n{line}\n")


@pytest.mark.usefixtures("folder")
def test_explore_against_a_missing_file_is_refused_before_the_search() -> None:
    result = invoke("explore", "old.asl.json", "--against", "none.json")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", "none.json: No such file or directory\n")


@pytest.mark.usefixtures("folder")
def test_explore_against_itself_finds_no_difference() -> None:
    result = invoke("explore", "old.asl.json", "--against", "old.asl.json")
    assert (result.exit_code, result.stdout.splitlines()[-2:]) == (
        0,
        ["", "no difference in any execution path that was found"],
    )


def test_tests_writes_a_file_once_and_then_only_adds(folder: Path) -> None:
    first = invoke("tests", "old.asl.json", "-o", "tests")
    file = folder / "tests" / "test_old_paths.py"
    written = file.read_text("utf-8")
    file.write_text(f"{written}\n\ndef test_mine() -> None:\n    pass\n", "utf-8")
    mine = file.read_text("utf-8")
    second = invoke("tests", "old.asl.json", "-o", "tests")
    assert first.stdout == f"{Path('tests/test_old_paths.py')}: 2 tests added; the paths cover 100% of 8 elements\n"
    assert second.stdout == f"{Path('tests/test_old_paths.py')}: 0 tests added; the paths cover 100% of 8 elements\n"
    assert file.read_text("utf-8") == mine


def test_a_file_that_is_not_python_stays_as_it_is(folder: Path) -> None:
    (folder / "mine.py").write_text("def (", "utf-8")
    result = invoke("tests", "old.asl.json", "-o", "mine.py")
    assert (result.exit_code, "mine.py:1: is not Python" in result.output) == (2, True)
    assert (folder / "mine.py").read_text("utf-8") == "def ("


def test_a_file_that_is_not_utf_8_stays_as_it_is(folder: Path) -> None:
    (folder / "mine.py").write_bytes(b"# na\xefve\n")
    result = invoke("tests", "old.asl.json", "-o", "mine.py")
    assert (result.exit_code, "mine.py: is not UTF-8; save it as UTF-8" in result.output) == (2, True)
    assert (folder / "mine.py").read_bytes() == b"# na\xefve\n"


def test_the_line_ends_of_a_file_stay_as_they_are(folder: Path) -> None:
    (folder / "mine.py").write_bytes(b"MINE = 1\r\nOURS = 2\r\n")
    assert invoke("tests", "old.asl.json", "-o", "mine.py").exit_code == 0
    assert b"MINE = 1\r\nOURS = 2\r\n" in (folder / "mine.py").read_bytes()


def test_the_written_tests_pass(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pytester.path)
    (pytester.path / "trader.asl.json").write_text(json.dumps(TRADER), "utf-8")
    result = invoke("tests", "trader.asl.json", "-o", "test_trader.py", "--snapshot")
    assert result.output.startswith("test_trader.py: 4 tests added")
    pytester.runpytest_inprocess().assert_outcomes(passed=4)


def test_the_written_test_of_several_errors_passes_for_each(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pytester.path)
    catch = [{"ErrorEquals": ["Closed", "Gone", "Moved"], "Next": "Go Home"}]
    check = task(Retry=[{"ErrorEquals": ["Busy", "Slow"], "MaxAttempts": 2}], Catch=catch)
    trader = {"StartAt": "Check", "States": {"Check": check, "Go Home": {"Type": "Pass", "End": True}}}
    (pytester.path / "trader.asl.json").write_text(json.dumps(trader), "utf-8")
    result = invoke("tests", "trader.asl.json", "-o", "test_trader.py", "--snapshot")
    assert result.output.startswith("test_trader.py: 4 tests added")
    assert (pytester.path / "test_trader.py").read_text("utf-8").count("@pytest.mark.parametrize") == 2
    pytester.runpytest_inprocess().assert_outcomes(passed=7)


@pytest.mark.usefixtures("folder")
def test_cost_prints_the_range_and_its_source() -> None:
    lines = invoke("cost", "old.asl.json").output.splitlines()
    assert (
        lines[0] == "2 transitions, 0 Lambda calls: $50.00 per million as Standard, $1.10 as Express: goes to A at 50"
    )
    assert lines[2] == "range: $50.00 to $50.00 per million"
    assert lines[-1].startswith("Prices of us-east-1 on ")


def recording() -> Recording:
    """An execution of the trader whose first call fails."""
    execution = run(TRADER, {"id": 7}, mocks={"Check": InTurn(Throw("Busy", after=1), Return({"price": 5}, after=2))})
    arn = "arn:aws:states:us-east-1:123456789012:execution:Trader:night-7"
    return Recording(
        arn=arn,
        name="night-7",
        status="SUCCEEDED",
        started=execution.history[0]["timestamp"],
        stopped=execution.history[-1]["timestamp"],
        input='{"id": 7}',
        output='{"price": 5}',
        error=None,
        cause=None,
        machine=arn,
        workflow="",
        definition=TRADER,
        events=events_as_json(execution.history),
    )


def test_a_path_that_the_project_cannot_run_is_named(folder: Path) -> None:
    reader = {
        "Resource": "arn:aws:states:::s3:getObject",
        "ReaderConfig": {"InputType": "JSON"},
        "Parameters": {"Bucket": "elsewhere", "Key": "rows.json"},
    }
    inner = {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        "StartAt": "Keep",
        "States": {"Keep": {"Type": "Pass", "End": True}},
    }
    machine = {
        "StartAt": "Rows",
        "States": {"Rows": {"Type": "Map", "ItemReader": reader, "ItemProcessor": inner, "End": True}},
    }
    (folder / "rows.asl.json").write_text(json.dumps(machine), "utf-8")
    result = invoke("tests", "rows.asl.json", "-o", "tests")
    assert "no test of an execution path: keeps: cannot upload to s3://elsewhere/rows.json" in result.stderr


def test_a_path_past_functions_that_the_project_does_not_have_is_tested(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pytester.path)
    machine = {
        "StartAt": "Score?",
        "States": {
            "Score?": {
                "Type": "Choice",
                "Choices": [{"Variable": "$.score", "NumericLessThan": 0.7, "Next": "Ask"}],
                "Default": "Done",
            },
            "Ask": {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:ask", "Next": "Done"},
            "Done": {"Type": "Succeed"},
        },
    }
    (pytester.path / "scored.asl.json").write_text(json.dumps(machine), "utf-8")
    result = invoke("tests", "scored.asl.json", "-o", "test_scored.py")
    assert (result.stdout, result.stderr) == ("test_scored.py: 3 tests added; the paths cover 100% of 9 elements\n", "")
    text = (pytester.path / "test_scored.py").read_text("utf-8")
    assert 'execution = run_workflow("scored.asl.json", {"score": 0.7}, mocks={})' in text
    assert "def test_it_asks_at_minus_0_3(run_workflow: RunWorkflow) -> None:" in text
    pytester.runpytest_inprocess().assert_outcomes(passed=3)


def test_a_path_that_fails_in_the_project_for_its_placeholder_gets_no_test(folder: Path) -> None:
    name = {"Type": "Pass", "Parameters": {"name.$": "States.Format('${Template}', $.tenant)"}, "End": True}
    (folder / "named.asl.json").write_text(json.dumps({"StartAt": "Name", "States": {"Name": name}}), "utf-8")
    result = invoke("tests", "named.asl.json", "-o", "tests")
    assert (
        'no test of an execution path: goes to Name: "Name": fails in the project: States.IntrinsicFailure: '
        in result.stderr
    )
    assert "0 tests added; the paths cover 100% of 2 elements" in result.stdout


def test_a_recorded_execution_becomes_a_test(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(pytester.path)
    (pytester.path / "trader.asl.json").write_text(json.dumps(TRADER), "utf-8")
    (pytester.path / "night.json").write_text(recording().to_text(), "utf-8")
    result = invoke("tests", "trader.asl.json", "--from", "night.json", "-o", "test_trader.py")
    assert result.stdout == "test_trader.py: 1 test added; as recorded\n"
    text = (pytester.path / "test_trader.py").read_text("utf-8")
    assert "def test_it_retries_check_after_a_busy_error(run_workflow: RunWorkflow) -> None:" in text
    assert all(part in text for part in ('Throw("Busy", after=1)', 'Return({"price": 5}, after=2, unchecked=True)'))
    assert "assert execution.duration == 4" in text
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_a_recorded_test_has_other_values_on_request(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(pytester.path)
    (pytester.path / "trader.asl.json").write_text(json.dumps(TRADER), "utf-8")
    named = replace(recording(), name="ada-night", input='{"id": 7, "name": "Ada Lovelace"}')
    (pytester.path / "night.json").write_text(named.to_text(), "utf-8")
    invoke("tests", "trader.asl.json", "--from", "night.json", "--mask-values", "-o", "test_trader.py")
    text = (pytester.path / "test_trader.py").read_text("utf-8")
    assert ("Lovelace" in text, "ada" in text, "def test_it_retries_check_after_a_busy_error(" in text) == (
        False,
        False,
        True,
    )
    pytester.runpytest_inprocess().assert_outcomes(passed=1)


def test_values_are_masked_in_recorded_tests_alone() -> None:
    result = invoke("tests", "trader.asl.json", "--mask-values")
    assert (result.exit_code, "--mask-values needs --from" in result.output) == (2, True)


@pytest.mark.parametrize(
    "options", [("--against", "new.asl.json", "--real-handlers"), ("--against-endpoint", "http://x", "--real-handlers")]
)
def test_only_one_comparison_is_made_at_a_time(folder: Path, options: tuple[str, ...]) -> None:
    result = invoke("explore", "old.asl.json", *options)
    assert (result.exit_code, "use one of them at a time" in result.output) == (2, True)


def test_an_interrupted_search_has_its_own_exit_code() -> None:
    codes = [exit_code(has_findings=found, is_complete=whole) for found in (False, True) for whole in (True, False)]
    assert codes == [0, 130, 1, 130]


def test_whole_executions_need_an_endpoint() -> None:
    result = invoke("explore", "trader.asl.json", "--executions")
    assert (result.exit_code, "--executions needs --against-endpoint" in result.output) == (2, True)


def test_tests_without_moto_are_refused_once_and_nothing_is_written(trader: Path) -> None:
    code = "import sys; sys.modules['moto'] = None; from workflow_dsl.cli import main; main(['tests', 'stock_trader'])"
    process = subprocess.run([sys.executable, "-c", code], cwd=trader, capture_output=True, text=True, check=False)
    assert (process.returncode, process.stdout, (trader / "tests").exists()) == (1, "", False)
    assert process.stderr == "error NOT_INSTALLED: running needs moto\n      = pip install 'workflow-dsl[local]'\n"
