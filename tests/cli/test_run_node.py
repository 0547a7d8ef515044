"""`workflow-dsl run` of an application whose functions run in Node.js, alone and beside Python."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from workflow_dsl.cli import main

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="needs node on the PATH")

APPLICATION = Path(__file__).parent.parent / "applications" / "node_stock_trader"
MOCKS = "statemachine/test/MockConfigFile.json"
TRADER = "StockTradingStateMachine"


@pytest.fixture(autouse=True)
def application(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the stock trader in Node.js, which is the working directory."""
    folder = tmp_path / "application"
    shutil.copytree(APPLICATION, folder)
    monkeypatch.chdir(folder)
    return folder


def workflow_dsl(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def states_and_record(result: Result) -> tuple[list[str], list[str], str]:
    """The lines of the states, the line of the status, and the type, price and quantity of the record."""
    lines = result.stdout.splitlines()
    states = [line for line in lines if re.match(r"\d\d:\d\d\.\d{3}  ", line)]
    record = re.search(r'"Type": {"S": "(\w+)"}, "Price": {"N": "(\d+)"}, "Quantity": {"N": "(\d+)"}', result.stdout)
    return states, lines[len(states) : len(states) + 1], " ".join(record.groups()) if record else ""


def test_it_is_valid() -> None:
    result = workflow_dsl("validate", ".")
    summary = "1 definition checked: 0 errors, 0 warnings\n"
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", summary)


def test_its_own_handlers_buy_and_their_output_is_on_standard_error() -> None:
    result = workflow_dsl("run", TRADER, "--input", '{"price": 20}')
    assert (result.exit_code, result.stderr) == (0, "[StockCheckerFunction] checking the price\n")
    assert states_and_record(result) == (
        [
            "00:00.000  Check Stock Value",
            "00:00.000  Buy or Sell?",
            "00:00.000  Buy Stock",
            "00:00.000  Record Transaction",
        ],
        ["SUCCEEDED after 0 s of virtual time; 4 transitions, 2 Lambda calls, $100.00 per million"],
        "buy 20 5",
    )


def test_an_error_of_a_handler_is_tried_again_by_its_name() -> None:
    result = workflow_dsl("run", TRADER, "--input", '{"price": 100}')
    states, status, record = states_and_record(result)
    assert (result.exit_code, status, record) == (
        1,
        ["FAILED after 5 s of virtual time; 4 transitions, 3 Lambda calls, $100.00 per million"],
        "",
    )
    assert states[2:] == [
        "00:00.000  Sell Stock",
        "00:00.000    failed: Stock.TooExpensive: nobody pays 100",
        "00:05.000    retry 1 after 5 s",
        "00:05.000    failed: Stock.TooExpensive: nobody pays 100",
    ]


def test_its_own_mock_file_answers_some_states_and_the_handlers_the_others() -> None:
    cheap, slow = (workflow_dsl("run", TRADER, "--mock", f"{MOCKS}#{case}") for case in ("CheapStock", "SlowMarket"))
    assert states_and_record(cheap)[1:] == (
        ["SUCCEEDED after 0 s of virtual time; 4 transitions, 2 Lambda calls, $100.00 per million"],
        "buy 25 4",
    )
    assert states_and_record(slow)[1:] == (
        ["SUCCEEDED after 25 s of virtual time; 6 transitions, 4 Lambda calls, $150.00 per million"],
        "",
    )
    assert slow.stdout.splitlines()[-3:] == ["Output: {", '  "recorded": true', "}"]


def test_a_missing_export_is_found_by_validate_and_before_a_run(application: Path) -> None:
    buyer = application / "functions" / "stock-buyer" / "app.mjs"
    buyer.write_text(buyer.read_text().replace("lambdaHandler", "handler"))
    text = "functions/stock-buyer/app.mjs"
    validated, started = workflow_dsl("validate", "."), workflow_dsl("run", TRADER, "--input", '{"price": 20}')
    assert f"StockBuyerFunction: {text} exports no lambdaHandler" in validated.stdout
    assert (started.exit_code, "exports no lambdaHandler" in started.stderr) == (1, True)


CALLING_AWS = """
exports.lambdaHandler = async ({ price }) => {
  const { AWS_ACCESS_KEY_ID: key, AWS_ENDPOINT_URL: url } = process.env;
  const scan = (address) => fetch(address, {
    method: "POST",
    body: JSON.stringify({ TableName: "TransactionTable" }),
    headers: {
      Authorization: `AWS4-HMAC-SHA256 Credential=${key}/20260101/us-east-1/dynamodb/aws4_request`,
      "X-Amz-Target": "DynamoDB_20120810.Scan",
    },
  });
  const { Count: count } = await (await scan(url)).json();
  const refusal = await scan("https://dynamodb.us-east-1.amazonaws.com/").catch((error) => error.cause.message);
  console.log(count, refusal.replace(url, "URL"));
  return { stock_price: price };
};
"""


def test_a_handlers_own_calls_reach_the_runs_tables_and_never_aws(application: Path) -> None:
    (application / "functions" / "stock-checker" / "app.js").write_text(CALLING_AWS)
    result = workflow_dsl("run", TRADER, "--input", '{"price": 20}')
    refusal = "dynamodb.us-east-1.amazonaws.com is not called in a local run: an AWS SDK must use AWS_ENDPOINT_URL, which is URL"
    assert (result.exit_code, result.stderr) == (0, f"[StockCheckerFunction] 0 {refusal}\n")


def test_python_and_node_handlers_run_in_one_execution(application: Path) -> None:
    checker = application / "functions" / "stock-checker"
    (checker / "app.js").unlink()
    (checker / "app.py").write_text(
        "def lambdaHandler(event, context):\n    return {'stock_price': event['price'] - 1}\n"
    )
    template = application / "template.yaml"
    text = template.read_text().replace(
        "CodeUri: functions/stock-checker/", "Runtime: python3.13\n      CodeUri: functions/stock-checker/"
    )
    template.write_text(text)
    result = workflow_dsl("run", TRADER, "--input", json.dumps({"price": 51}))
    assert states_and_record(result)[1:] == (
        ["SUCCEEDED after 0 s of virtual time; 4 transitions, 2 Lambda calls, $100.00 per million"],
        "buy 50 2",
    )


def test_a_state_alone_calls_its_function_at_a_lambda_endpoint_or_here() -> None:
    state = ("test-state", TRADER, "Check Stock Value", "--input", '{"price": 20}')
    here = workflow_dsl(*state)
    assert (here.exit_code, here.stdout.splitlines()[0]) == (0, '"Check Stock Value": SUCCEEDED')
    there = workflow_dsl(*state, "--lambda-endpoint", "http://127.0.0.1:9", "--lambda-endpoint-for", "all")
    assert (there.exit_code, there.stdout) == (1, "")
    assert "StockCheckerFunction cannot be called at http://127.0.0.1:9" in there.stderr
