"""deployed, history and replay against what is really deployed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.e2e.support import Application, Emulator, application


def test_what_is_deployed_is_what_is_here(deployed: Application) -> None:
    done = deployed.dsl("deployed", "--stack-name", deployed.stack, "--format", "json")
    assert done.returncode == 0, done
    told = json.loads(done.stdout)["stateMachines"]
    assert {each["logicalId"]: (each["standing"], each["changes"]) for each in told} == {
        "StockTradingStateMachine": ("equal", []),
        "PortfolioRebalanceStateMachine": ("equal", []),
        "MarketImportStateMachine": ("equal", []),
    }


def test_someones_edit_in_the_console_is_found(emulator: Emulator, tmp_path: Path) -> None:
    edited = application(emulator, tmp_path / "edited", "edited")
    edited.deploy()
    definition = edited.definition("StockTradingStateMachine")
    definition["States"]["Sell Stock"]["Retry"][0]["MaxAttempts"] = 9
    arn = edited.resources["StockTradingStateMachine"][1]
    emulator.client("stepfunctions").update_state_machine(stateMachineArn=arn, definition=json.dumps(definition))
    done = edited.dsl("deployed", "--stack-name", edited.stack)
    said = 'StockTradingStateMachine: "Sell Stock" Retry[0].MaxAttempts: is 9 in the account, 3 in generated/stock_trader.asl.json'
    assert (done.returncode, said in done.stdout) == (1, True), done
    edited.sam("delete", "--stack-name", edited.stack, "--no-prompts")


@pytest.mark.parametrize("name", ["stock_trader", "StockTradingStateMachine"])
def test_an_execution_is_listed_shown_saved_and_done_again(name: str, deployed: Application, tmp_path: Path) -> None:
    execution = deployed.execute("StockTradingStateMachine", {"symbol": "ACME"})
    listed = deployed.dsl("history", name, "--stack-name", deployed.stack)
    assert f" {execution['name']} " in listed.stdout, listed
    saved = tmp_path / "execution.json"
    shown = deployed.dsl(
        "history", name, "--stack-name", deployed.stack, "--execution", execution["name"], "--save", str(saved)
    )
    assert [line.split("  ", 1)[1] for line in shown.stdout.splitlines()[:2]] == ["Check Stock Value", "Buy or Sell?"]
    again = deployed.dsl("replay", str(saved))
    assert (again.returncode, again.stdout.splitlines()[-1]) == (
        0,
        f"The same as {execution['name']}: 4 states, SUCCEEDED",
    ), again


def test_an_edited_workflow_would_have_gone_another_way(
    emulator: Emulator, deployed: Application, tmp_path: Path
) -> None:
    execution = deployed.execute("StockTradingStateMachine", {})
    saved = tmp_path / "execution.json"
    deployed.dsl("history", execution["executionArn"], "--endpoint-url", emulator.url, "--save", str(saved))
    edited = application(emulator, tmp_path / "edited", "never-deployed")
    workflow = edited.folder / "workflow_dsl" / "workflows" / "stock_trader.py"
    turned = workflow.read_text("utf-8").replace("NumericLessThanEquals", "NumericGreaterThan")
    workflow.write_text(turned)
    again = edited.dsl("replay", str(saved), "stock_trader")
    assert again.returncode == 1
    assert again.stdout.splitlines()[-1] in (
        f'Not the same as {execution["name"]}: "Sell Stock" here, "Buy Stock" then',
        f'Not the same as {execution["name"]}: "Buy Stock" here, "Sell Stock" then',
    )


def test_a_stack_that_is_not_there_is_said(deployed: Application) -> None:
    done = deployed.dsl("deployed", "--stack-name", "stock-trade")
    assert (done.returncode, done.stderr) == (
        1,
        'error NO_STACK: there is no stack stock-trade\n      = did you mean "stock-trader"?\n',
    )
