"""The page of `guide`: each command on it runs, and what it says of their JSON is true."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from workflow_dsl import authoring
from workflow_dsl.adoption.guide import CHANGE, DIFF, EXECUTION_PATH, EXPLORED, FINDING, USES
from workflow_dsl.adoption.new import plan_new_project
from workflow_dsl.adoption.plan import carry_out
from workflow_dsl.cli import main


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words), catch_exceptions=False)


PAGE = run("guide").stdout
BLOCKS = re.findall(r"```shell\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = list(dict.fromkeys(line for block in BLOCKS for line in block.splitlines()))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "shop"
    carry_out(plan_new_project(root))
    monkeypatch.chdir(root)
    return root


@pytest.mark.parametrize("command", [each for each in COMMANDS if each.startswith("workflow-dsl ")])
def test_each_command_runs_in_a_new_project(folder: Path, command: str) -> None:
    result = run(*shlex.split(command)[1:])
    assert (result.exit_code, "error" in result.stderr.replace("0 errors", "")) == (0, False)
    if "json" in command.split():
        assert json.loads(result.stdout) is not None


@pytest.mark.parametrize("command", [each for each in COMMANDS if each.startswith("pytest ")])
def test_each_run_of_the_tests_passes(folder: Path, command: str, pytester: pytest.Pytester) -> None:
    options = shlex.split(command)[1:]
    pytester.runpytest_inprocess("--rootdir", folder, *options, folder).assert_outcomes(passed=2)


def test_every_command_of_a_block_is_tried() -> None:
    assert {command.split()[0] for command in COMMANDS} == {"workflow-dsl", "pytest"}


def test_what_is_printed_as_json_has_the_fields_of_the_page(folder: Path) -> None:
    module = folder / "workflows" / "order_intake.py"
    (folder / "workflows" / "other.py").write_text(module.read_text("utf-8").replace("100", "200"), "utf-8")
    difference = json.loads(run("diff", "order_intake", "other", "--format", "json").stdout)
    assert (tuple(difference), tuple(difference["states"][0])) == (DIFF, CHANGE)
    assert tuple(json.loads(run("uses", "--format", "json").stdout)) == USES
    explored = json.loads(run("explore", "order_intake", "--format", "json").stdout)
    assert (tuple(explored), tuple(explored["paths"][0])) == (EXPLORED, EXECUTION_PATH)
    template = folder / "template.yaml"
    template.write_text(template.read_text("utf-8").replace("app.lambda_handler", "app.other"), "utf-8")
    assert tuple(json.loads(run("validate", "--format", "json").stdout)[0]) == FINDING


def test_the_page_is_short_and_names_every_export_and_command() -> None:
    named = set(re.findall(r"`([^`]+)`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL)))
    assert set(authoring.__all__) - named == set()
    assert {name for name in main.list_commands(click.Context(main)) if f"| `{name}` |" not in PAGE} == set()
    assert len(PAGE.splitlines()) <= 160
    assert "{{" not in PAGE
