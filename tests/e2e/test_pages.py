"""What the pages tell to type, typed: docs/deploying.md and the README, against the emulated account."""

from __future__ import annotations

import configparser
import re
import shlex
import sys
from pathlib import Path

from tests.e2e.support import ROOT, Application, Emulator, application

GIVEN = ("--no-confirm-changeset", "--parameter-overrides", "SafeReleases=DISABLED")


def commands(page: str) -> list[str]:
    """The lines of a page's shell snippets, without what is said beside them."""
    snippets = re.findall(r"^```shell\n(.*?)^```$", (ROOT / page).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    return [re.sub(r"\s+# .*", "", line).strip() for snippet in snippets for line in snippet.splitlines()]


def asking(page: str) -> list[str]:
    asks = re.compile(r"workflow-dsl (plan|deployed|history|replay)\b|.* --execution ")
    return [command for command in commands(page) if asks.match(command)]


def test_every_command_of_the_pages_that_asks_the_account_runs(deployed: Application) -> None:
    deployed.execute("StockTradingStateMachine", {"symbol": "ACME"})
    typed = [*asking("docs/deploying.md"), *asking("README.md")]
    assert len(typed) > 8
    for command in typed:
        done = deployed.command(sys.executable, "-m", "workflow_dsl", *shlex.split(command)[1:])
        assert done.returncode == 0, (command, done.stdout, done.stderr)
    assert (deployed.folder / "last.svg").read_text().startswith("<svg ")


def test_what_tox_deploy_runs_deploys_and_what_the_page_says_cleans_up(emulator: Emulator, tmp_path: Path) -> None:
    paged = application(emulator, tmp_path / "paged", "paged")
    # The page of state machines is that of the whole template, which is taken apart here for MiniStack.
    assert paged.dsl("generate").returncode == 0
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    steps = tox["testenv:deploy"]["commands"].strip().splitlines()
    assert [step.split()[0] for step in steps] == ["workflow-dsl", "sam", "sam", "workflow-dsl", "sam"]
    posargs = shlex.join(("--stack-name", paged.stack, *GIVEN))
    for step in steps:
        command = shlex.split(step.replace("{posargs}", posargs))
        done = paged.dsl(*command[1:]) if command[0] == "workflow-dsl" else paged.command(*command)
        assert done.returncode == 0, (step, done.stdout, done.stderr)
        if command[1] == "plan":
            assert done.stdout == "Stack paged is new: everything is.\n"
    assert paged.described()["StackStatus"] == "CREATE_COMPLETE"

    [delete] = [command for command in commands("docs/deploying.md") if " delete " in command]
    assert delete.startswith(".tox/deploy/bin/sam delete ")
    paged.sam(*shlex.split(delete.replace("stock-trader", paged.stack))[1:], "--no-prompts")
    stacks = [each["StackName"] for each in emulator.client("cloudformation").describe_stacks()["Stacks"]]
    assert paged.stack not in stacks
