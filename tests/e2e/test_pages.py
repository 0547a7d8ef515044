"""The commands of docs/deploying.md and the README, run against the emulator."""

from __future__ import annotations

import configparser
import re
import shlex
import sys
from pathlib import Path

from tests.e2e.support import ROOT, Application, Emulator, application

SAM_OPTIONS = ("--no-confirm-changeset", "--parameter-overrides", "SafeReleases=DISABLED")


def commands(page: str) -> list[str]:
    """Return the lines of a page's shell snippets without their comments."""
    snippets = re.findall(r"^```shell\n(.*?)^```$", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [re.sub(r"\s+# .*", "", line).strip() for snippet in snippets for line in snippet.splitlines()]


def account_commands(page: str) -> list[str]:
    reads_account = re.compile(r"workflow-dsl (plan|deployed|history|replay)\b|.* --execution ")
    return [command for command in commands(page) if reads_account.match(command)]


def test_every_documented_command_that_reads_the_account_runs(deployed: Application) -> None:
    deployed.execute("StockTradingStateMachine", {"symbol": "ACME"})
    documented_commands = [*account_commands("docs/deploying.md"), *account_commands("README.md")]
    assert len(documented_commands) > 8
    for command in documented_commands:
        result = deployed.command(sys.executable, "-m", "workflow_dsl", *shlex.split(command)[1:])
        assert result.returncode == 0, (command, result.stdout, result.stderr)
    assert (deployed.folder / "last.svg").read_text().startswith("<svg ")


def test_the_steps_of_tox_deploy_deploy_and_the_documented_command_deletes(emulator: Emulator, tmp_path: Path) -> None:
    documented = application(emulator, tmp_path / "documented", "documented")
    # docs/state-machines.md describes the whole template; this one lacks what MiniStack does not support.
    assert documented.dsl("generate").returncode == 0
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    steps = tox["testenv:deploy"]["commands"].strip().splitlines()
    assert [step.split()[0] for step in steps] == ["workflow-dsl", "sam", "sam", "workflow-dsl", "sam"]
    posargs = shlex.join(("--stack-name", documented.stack, *SAM_OPTIONS))
    for step in steps:
        command = shlex.split(step.replace("{posargs}", posargs))
        result = documented.dsl(*command[1:]) if command[0] == "workflow-dsl" else documented.command(*command)
        assert result.returncode == 0, (step, result.stdout, result.stderr)
        if command[1] == "plan":
            assert result.stdout == "Stack documented does not exist yet: everything is new.\n"
    assert documented.describe()["StackStatus"] == "CREATE_COMPLETE"

    [delete] = [command for command in commands("docs/deploying.md") if " delete " in command]
    assert delete.startswith(".tox/deploy/bin/sam delete ")
    documented.sam(*shlex.split(delete.replace("stock-trader", documented.stack))[1:], "--no-prompts")
    stacks = [stack["StackName"] for stack in emulator.client("cloudformation").describe_stacks()["Stacks"]]
    assert documented.stack not in stacks
