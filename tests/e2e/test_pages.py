"""docs/deploying.md, run against the emulator: its commands deploy, compare, replay and delete; its outputs are true."""

from __future__ import annotations

import configparser
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.support import ROOT, Application, running_emulator, without_releases
from tests.pages import VARIATIONS, Block, Script, blocks, console_commands, shell_commands

PAGE = ROOT / "docs" / "deploying.md"
NEEDS_ACCOUNT = "it needs an account"
SAM_OPTIONS = {
    "deploy": ("--no-confirm-changeset", "--parameter-overrides", "SafeReleases=DISABLED"),
    "delete": ("--no-prompts",),
}


class AccountScript(Script):
    """The page, run in an application whose account is emulated."""

    variations = (
        *VARIATIONS,
        (r"^\d\d:\d\d\.\d{3}", "00:00.000"),
        (r"\b\d+(\.\d+)? s\b", "0 s"),
        (r"samcli-deploy\d+", "samcli-deploy"),
    )

    def __init__(self, page: Path, application: Application) -> None:
        super().__init__(page, application.folder)
        self.application = application
        self.has_executions = False
        template = application.folder / "template.yaml"
        template.write_text(without_releases(template.read_text("utf-8")), "utf-8")
        # docs/state-machines.md describes the whole template; this one lacks what MiniStack does not support.
        assert application.dsl("generate").returncode == 0

    def skips(self, block: Block) -> bool:
        return block.not_run not in ("", NEEDS_ACCOUNT)

    def result(self, command: str) -> tuple[int, str]:
        name, *arguments = shlex.split(command)
        if arguments[0] == "history" and not self.has_executions:
            self.has_executions = True
            self.application.execute("StockTradingStateMachine", {"symbol": "ACME"})
        if name == "sam":
            arguments += SAM_OPTIONS.get(arguments[0], ())
        run = self.application.dsl if name == "workflow-dsl" else self.application.command
        result = run(*arguments) if name == "workflow-dsl" else run(name, *arguments)
        assert "Traceback" not in result.stderr, result.stderr
        return result.returncode, result.stdout + result.stderr


@pytest.fixture
def script(tmp_path: Path) -> Iterator[AccountScript]:
    with running_emulator(tmp_path) as emulator:
        yield AccountScript(PAGE, Application(emulator, tmp_path / "project", "stock-trader"))


def test_the_page_deploys_compares_replays_and_deletes_as_it_shows(script: AccountScript) -> None:
    text = script.run()
    if "WRITE_PAGES" in os.environ:
        PAGE.write_text(text, "utf-8")
    assert text == PAGE.read_text("utf-8"), "run `WRITE_PAGES=1 tox -e e2e -- tests/e2e/test_pages.py`"
    stacks = script.application.emulator.client("cloudformation").describe_stacks()["Stacks"]
    assert [stack["StackName"] for stack in stacks] == ["aws-sam-cli-managed-default"]


def account_commands() -> list[str]:
    """Return the commands of the page's blocks that need an account."""
    shown = [block for block in blocks(PAGE.read_text("utf-8")) if block.not_run == NEEDS_ACCOUNT]
    console = [
        command.text for block in shown if block.language == "console" for command in console_commands(block.text)
    ]
    return [
        *console,
        *(command for block in shown if block.language == "shell" for command in shell_commands(block.text)),
    ]


def test_the_page_runs_each_command_that_reads_an_account() -> None:
    commands = {command.split()[1] for command in account_commands() if command.startswith("workflow-dsl ")}
    assert commands == {"generate", "plan", "deployed", "history", "replay"}


def test_the_steps_of_tox_deploy_are_those_of_the_page() -> None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    steps = re.sub(r" \{posargs\}", "", tox["testenv:deploy"]["commands"].strip()).splitlines()
    [block] = [block for block in blocks(PAGE.read_text("utf-8")) if block.text.endswith("\nsam deploy\n")]
    assert [step.strip() for step in steps] == shell_commands(block.text)
