"""The command diff."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from tests.exploration.machines import choice
from workflow_dsl.cli import main

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: orders.asl.json
      DefinitionSubstitutions: {Table: !Ref OrderTable}
  OrderTable:
    Type: AWS::DynamoDB::Table
"""
OLD: dict[str, Any] = {
    "StartAt": "Rest",
    "States": {"Rest": {"Type": "Wait", "Seconds": 5, "Next": "Done"}, "Done": {"Type": "Succeed"}},
}
STORE = {
    "Type": "Task",
    "Resource": "arn:aws:states:::dynamodb:putItem",
    "Parameters": {"TableName": "${Table}", "Item": {"Id": {"S.$": "$.order.id"}}},
    "Next": "Done",
}
NEW: dict[str, Any] = {
    "StartAt": "Store",
    "States": {"Store": STORE, "Rest": {"Type": "Wait", "Seconds": 9, "Next": "Done"}, "Done": {"Type": "Succeed"}},
}
NEW_TEXT = """\
{old} and {new}: 1 added, 1 changed, 1 state unchanged
~ state machine: starts at "Store" instead of "Rest"
+ Store: is new: Task, DynamoDB putItem Table
~ Rest: waits 9 s instead of 5 s
! running executions, and redrives of them, keep the definition that they started with
! the role now needs dynamodb:PutItem on !GetAtt OrderTable.Arn
! the first state now reads order.id of the input
"""


def diff(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["diff", *arguments], catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "template.yaml").write_text(TEMPLATE, "utf-8")
    (tmp_path / "orders.asl.json").write_text(json.dumps(NEW), "utf-8")
    (tmp_path / "old.asl.json").write_text(json.dumps(OLD), "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def committed(folder: Path) -> Callable[[], None]:
    """A Git repository around the folder, whose commit has the old definition."""

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=n", "-c", "user.email=n@example.org", "-c", "commit.gpgsign=false"]
        command = ["git", *identity, *arguments]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)

    def commit() -> None:
        (folder / "orders.asl.json").write_text(json.dumps(OLD), "utf-8")
        git("init", "-q", "-b", "main")
        git("add", ".")
        git("commit", "-q", "-m", "old")
        (folder / "orders.asl.json").write_text(json.dumps(NEW), "utf-8")

    return commit


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(("old", "new"), [("old.asl.json", "orders.asl.json"), ("old.asl.json", "Orders")])
def test_diff_says_what_changed_and_what_that_means(old: str, new: str) -> None:
    result = diff(old, new)
    assert (result.exit_code, result.stdout, result.stderr) == (1, NEW_TEXT.format(old=old, new=new), "")


@pytest.mark.parametrize("path", ["orders.asl.json", "./orders.asl.json"])
def test_diff_reads_a_file_of_a_git_revision(committed: Callable[[], None], path: str) -> None:
    committed()
    old = f"git:HEAD:{path}"
    result = diff(old, "Orders")
    assert (result.exit_code, result.stdout) == (1, NEW_TEXT.format(old=old, new="Orders"))
    assert diff(old, "git:main:orders.asl.json").exit_code == 0


def test_the_path_in_a_revision_begins_at_the_working_folder(
    committed: Callable[[], None], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed()
    (folder / "inner").mkdir()
    monkeypatch.chdir(folder / "inner")
    assert diff("git:HEAD:../orders.asl.json", "../old.asl.json").exit_code == 0


def test_two_files_outside_the_template_are_one_state_machine(folder: Path) -> None:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **OLD}
    for name, items in (("one", "$.a"), ("two", "$.b")):
        state = {"Type": "Map", "ItemsPath": items, "ItemProcessor": processor, "End": True}
        (folder / f"{name}.json").write_text(json.dumps({"StartAt": "Each", "States": {"Each": state}}), "utf-8")
    assert diff("one.json", "two.json").stdout.splitlines()[1:] == [
        '~ Each: takes its items from "$.b" instead of "$.a"',
        "! running executions, and redrives of them, keep the definition that they started with",
        "! the first state now reads b of the input",
        "! the first state no longer reads a of the input",
    ]


@pytest.mark.usefixtures("folder")
def test_definitions_of_the_same_content_are_no_difference() -> None:
    result = diff("Orders", "orders.asl.json")
    assert (result.exit_code, result.stdout) == (0, "Orders and orders.asl.json: no difference\n")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("format_", "first"),
    [
        ("json", "{"),
        ("markdown", "### orders.asl.json: 1 added, 1 changed, 1 state unchanged"),
        ("svg", "<svg "),
        ("mermaid", "flowchart TD"),
    ],
)
def test_diff_prints_other_formats(format_: str, first: str) -> None:
    result = diff("old.asl.json", "orders.asl.json", "--format", format_)
    assert (result.exit_code, result.stdout[: len(first)]) == (1, first)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("git:HEAD", "git:HEAD is not git:REV:PATH; write git:main:generated/NAME.asl.json"),
        ("git:--output=x:a.json", "git:--output=x:a.json is not git:REV:PATH; write git:main:generated/NAME.asl.json"),
        ("git:HEAD:orders.py", "orders.py is not a definition's file; name a .json or .yaml file of the revision"),
        ("git:HEAD:template.yaml", "git:HEAD:template.yaml is not a definition; name a file with StartAt and States"),
        ("git:nowhere:orders.asl.json", "git has no nowhere:orders.asl.json: "),
        ("git:HEAD:other.json", "git has no HEAD:other.json: "),
        ("nothing", "no workflow or state machine 'nothing'"),
    ],
)
def test_a_wrong_name_is_a_wrong_call(committed: Callable[[], None], name: str, message: str) -> None:
    committed()
    result = diff(name, "Orders")
    assert (result.exit_code, message in result.stderr) == (2, True), result.stderr


def test_a_file_that_is_no_definition_is_reported(folder: Path) -> None:
    (folder / "broken.asl.json").write_text("{", "utf-8")
    result = diff("broken.asl.json", "Orders")
    assert (result.exit_code, "broken.asl.json:1" in result.stderr) == (1, True)


def test_no_program_that_a_repository_names_is_run(committed: Callable[[], None], folder: Path) -> None:
    (folder / ".gitattributes").write_text("*.json diff=shown filter=shown\n", "utf-8")
    committed()
    with (folder / ".git" / "config").open("a", encoding="utf-8") as file:
        program = "touch executed; cat"
        file.write(f'[diff "shown"]\ntextconv = {program}\n[filter "shown"]\nsmudge = {program}\n')
        file.write(f'[core]\npager = {program}\nfsmonitor = {program}\n[alias]\ncat-file = "!{program}"\n')
    assert (diff("git:HEAD:orders.asl.json", "Orders").exit_code, (folder / "executed").exists()) == (1, False)


def test_a_workflow_of_a_revision_is_not_executed(committed: Callable[[], None], folder: Path) -> None:
    (folder / "workflows").mkdir()
    (folder / "workflows" / "trade.py").write_text("raise SystemExit('executed')\n", "utf-8")
    committed()
    result = diff("git:HEAD:workflows/trade.py", "Orders")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (
        2,
        "Error: workflows/trade.py is not a definition's file; name generated/trade.asl.json of the revision",
    )


def test_git_asks_no_other_computer_for_a_file_that_a_partial_clone_lacks(
    committed: Callable[[], None], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed()
    stub = folder / "git"
    stub.write_text('#!/bin/sh\necho "$GIT_NO_LAZY_FETCH $GIT_ALLOW_PROTOCOL" >&2\nexit 1\n')
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    assert "git has no HEAD:orders.asl.json: 1 none;" in diff("git:HEAD:orders.asl.json", "Orders").stderr


def test_a_computer_without_git_is_a_wrong_call(
    committed: Callable[[], None], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    committed()
    monkeypatch.setenv("PATH", str(folder))
    result = diff("git:HEAD:orders.asl.json", "Orders")
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (
        2,
        "Error: git is not installed; install it, or name a file instead of a revision",
    )


def test_explored_executions_are_told_in_words(folder: Path) -> None:
    rules = ("NumericLessThan", "NumericLessThanEquals")
    for name, rule in zip(("old", "new"), rules, strict=True):
        machine = choice({"Variable": "$.price", rule: 50})
        (folder / f"{name}.asl.json").write_text(json.dumps(machine), "utf-8")
    line = 'for input {"price": 50}: the old version goes to Other at 50, and the new one goes to A at 50'
    assert diff("old.asl.json", "new.asl.json", "--explore").stdout.splitlines()[-1] == f"> {line}"
    markdown = diff("old.asl.json", "new.asl.json", "--explore", "--format", "markdown").output
    assert markdown.endswith(f"#### Executions\n\n- {line}\n")


@pytest.mark.usefixtures("folder")
def test_executions_are_told_in_text_and_markdown_alone() -> None:
    result = diff("old.asl.json", "old.asl.json", "--explore", "--format", "json")
    assert (result.exit_code, "--explore has no json" in result.output) == (2, True)
