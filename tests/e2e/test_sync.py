"""`sync` against a real deployment: the definition alone changes, and the next deployment puts back."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.support import Application, Emulator, application
from tests.support import replace_in

CHANGE = "  ~ Check Stock Value: a failed task is retried 4 times instead of 5"


def test_a_definition_alone_is_updated_and_a_deployment_puts_back(emulator: Emulator, tmp_path: Path) -> None:
    developed = application(emulator, tmp_path / "developed", "developed")
    developed.deploy()
    workflow = developed.folder / "workflow_dsl" / "workflows" / "stock_trader.py"
    deployed = workflow.read_text("utf-8")
    workflow.write_text(deployed.replace("max_attempts=5, backoff_rate=1.5", "max_attempts=4, backoff_rate=1.5"))
    before = developed.describe()
    synced = developed.dsl("sync", "--stack-name", developed.stack, "--yes")
    assert (synced.returncode, synced.stdout.splitlines()[:2]) == (
        0,
        ["StockTradingStateMachine: 1 changed, 4 states unchanged", CHANGE],
    ), synced
    assert retries(developed) == 4
    assert (developed.dsl("deployed", "--stack-name", developed.stack).returncode, developed.describe()) == (0, before)

    edit_template(developed, "rate(7 days)", "rate(14 days)")
    refused = developed.dsl("sync", "--stack-name", developed.stack, "--yes")
    assert (refused.returncode, "differs from the deployed template of developed: " in refused.stderr) == (1, True), (
        refused
    )

    edit_template(developed, "rate(14 days)", "rate(7 days)")
    workflow.write_text(deployed.replace("max_attempts=5, backoff_rate=1.5", "max_attempts=2, backoff_rate=1.5"))
    assert developed.dsl("generate").returncode == 0
    developed.deploy()
    assert retries(developed) == 2
    developed.sam("delete", "--stack-name", developed.stack, "--no-prompts")


def retries(developed: Application) -> int:
    state = developed.definition("StockTradingStateMachine")["States"]["Check Stock Value"]
    attempts: int = state["Retry"][0]["MaxAttempts"]
    return attempts


def edit_template(developed: Application, old: str, new: str) -> None:
    replace_in(developed.folder / "template.yaml", old, new)
