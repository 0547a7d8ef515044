"""`deployed`, `history` and `replay` against a real deployment."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.support import Application, Emulator, application


def test_the_deployed_definitions_equal_the_local_ones(deployed: Application) -> None:
    result = deployed.dsl("deployed", "--stack-name", deployed.stack, "--format", "json")
    assert result.returncode == 0, result
    machines = json.loads(result.stdout)["stateMachines"]
    assert {machine["logicalId"]: (machine["standing"], machine["changes"]) for machine in machines} == {
        "StockTradingStateMachine": ("equal", []),
        "PortfolioRebalanceStateMachine": ("equal", []),
        "MarketImportStateMachine": ("equal", []),
    }


def test_an_edit_in_the_console_is_found(emulator: Emulator, tmp_path: Path) -> None:
    edited = application(emulator, tmp_path / "edited", "edited")
    edited.deploy()
    definition = edited.definition("StockTradingStateMachine")
    definition["States"]["Sell Stock"]["Retry"][0]["MaxAttempts"] = 9
    arn = edited.resources["StockTradingStateMachine"][1]
    emulator.client("stepfunctions").update_state_machine(stateMachineArn=arn, definition=json.dumps(definition))
    result = edited.dsl("deployed", "--stack-name", edited.stack)
    difference = "  ~ Sell Stock: a failed task is retried 3 times instead of 9\n"
    assert (result.returncode, difference in result.stdout) == (1, True), result
    edited.sam("delete", "--stack-name", edited.stack, "--no-prompts")


@pytest.mark.parametrize("name", ["stock_trader", "StockTradingStateMachine"])
def test_an_execution_is_listed_printed_saved_and_replayed(name: str, deployed: Application, tmp_path: Path) -> None:
    execution = deployed.execute("StockTradingStateMachine", {"symbol": "ACME"})
    listed = deployed.dsl("history", name, "--stack-name", deployed.stack)
    assert f"{execution['name']} " in listed.stdout, listed
    saved = tmp_path / "execution.json"
    shown = deployed.dsl(
        "history", name, "--stack-name", deployed.stack, "--execution", execution["name"], "--save", str(saved)
    )
    assert [line.split("  ", 1)[1] for line in shown.stdout.splitlines()[:2]] == ["Check Stock Value", "Buy or Sell?"]
    result = deployed.dsl("replay", str(saved))
    assert (result.returncode, result.stdout.splitlines()[-1]) == (
        0,
        f"The same as {execution['name']}: 4 states, SUCCEEDED",
    ), result


def test_an_edited_workflow_takes_another_path_in_the_replay(
    emulator: Emulator, deployed: Application, tmp_path: Path
) -> None:
    execution = deployed.execute("StockTradingStateMachine", {})
    saved = tmp_path / "execution.json"
    deployed.dsl("history", execution["executionArn"], "--endpoint-url", emulator.url, "--save", str(saved))
    edited = application(emulator, tmp_path / "edited", "never-deployed")
    workflow = edited.folder / "workflow_dsl" / "workflows" / "stock_trader.py"
    inverted = workflow.read_text("utf-8").replace("NumericLessThanEquals", "NumericGreaterThan")
    workflow.write_text(inverted)
    result = edited.dsl("replay", str(saved), "stock_trader")
    assert result.returncode == 1
    assert result.stdout.splitlines()[-1] in (
        f'Not the same as {execution["name"]}: "Sell Stock" now, "Buy Stock" in the recording',
        f'Not the same as {execution["name"]}: "Buy Stock" now, "Sell Stock" in the recording',
    )


def test_a_missing_stack_is_reported(deployed: Application) -> None:
    result = deployed.dsl("deployed", "--stack-name", "stock-trade")
    assert (result.returncode, result.stderr) == (
        1,
        'error NO_STACK: there is no stack stock-trade in us-east-1\n      = did you mean "stock-trader"?\n',
    )
