"""The command init: what it says of each file, and its exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from workflow_dsl.cli import main

TEMPLATE = """\
Resources:
  Good:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: good.asl.json
  Bad:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: bad.asl.json}
"""
GOOD = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "template.yaml").write_text(TEMPLATE, "utf-8")
    (tmp_path / "good.asl.json").write_text(GOOD, "utf-8")
    (tmp_path / "bad.asl.json").write_text(GOOD.replace('Succeed"', 'Succeed", "Nope": 1'), "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["init", *arguments], catch_exceptions=False)


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


BEFORE = ["bad.asl.json", "good.asl.json", "template.yaml"]


def test_each_file_is_printed_and_a_refused_machine_has_its_reason(folder: Path) -> None:
    result = run("--into", ".")
    assert result.stdout.splitlines() == [
        "template.yaml: changed, 1 line: deploys the generated definitions",
        "workflows/good.py: written: the workflow of Good",
        "generated/good.asl.json: written: its definition",
        "generated/good.svg: written: its diagram",
        "generated/good.mmd: written: its diagram",
        "tests/test_good_paths.py: written: its first test",
        "pyproject.toml: written: the settings of workflow-dsl",
        ".github/workflows/workflow-dsl.yml: written: checks workflows and template in each pull request",
        "good.asl.json is no longer deployed: compare it (`workflow-dsl diff good.asl.json good`), then delete it",
    ]
    first, second, *_ = result.stderr.splitlines()
    assert first == "Bad: stays as it is"
    assert second.startswith('bad.asl.json:1:54: error SCHEMA_VALIDATION_FAILED: "A" Nope: ')
    assert (result.exit_code, (folder / "bad.asl.json").exists()) == (0, True)


def test_a_dry_run_shows_the_change_and_writes_nothing(folder: Path) -> None:
    result = run("--into", ".", "--machine", "Good", "--dry-run")
    assert (result.exit_code, result.stderr, files(folder)) == (0, "", BEFORE)
    assert result.stdout.splitlines()[:5] == [
        "template.yaml: would be changed, 1 line: deploys the generated definitions",
        "  @@ -5 +5 @@",
        "  -      DefinitionUri: good.asl.json",
        "  +      DefinitionUri: generated/good.asl.json",
        "workflows/good.py: would be written: the workflow of Good",
    ]


def test_a_second_run_has_nothing_to_do() -> None:
    run("--into", ".", "--machine", "Good")
    assert run("--into", ".", "--machine", "Good").stdout.splitlines()[-1] == "nothing to do: everything is up to date"


def test_a_run_that_converts_nothing_says_what_to_do() -> None:
    assert run("--into", ".", "--machine", "Bad").stdout == "nothing to do: fix what is reported above\n"


def test_the_plan_is_printed_as_json() -> None:
    result = run("--into", ".", "--machine", "good", "--dry-run", "--format", "json")
    plan = json.loads(result.stdout)
    assert (plan["adopted"], plan["refused"]) == ({"Good": "good"}, [])
    assert plan["files"][0] == {
        "path": "template.yaml",
        "action": "change",
        "purpose": "deploys the generated definitions",
    }


def test_a_machine_that_is_named_and_refused_is_an_error(folder: Path) -> None:
    result = run("--into", ".", "--machine", "Bad")
    assert (result.exit_code, result.stderr.splitlines()[0]) == (1, "Bad: stays as it is")


def test_another_folder_is_adopted_from_outside(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    result = run("--into", "..", "--machine", "Good", "--workflows", "src/machines")
    assert result.exit_code == 0
    assert 'workflows = "src/machines"' in (folder / "pyproject.toml").read_text("utf-8")
    assert (folder / "src" / "machines" / "good.py").is_file()


WRONG: list[tuple[list[str], int, str]] = [
    ([], 2, "name a FOLDER for a new project, or an existing project with --into"),
    (["x", "--into", "."], 2, "name a FOLDER for a new project, or an existing project with --into"),
    (["x", "--machine", "Good"], 2, "--machine, --template and --workflows need --into"),
    (["--into", ".", "--machine", "Goood"], 2, "no state machine 'Goood'"),
    (["--into", "nowhere"], 1, "there is no folder nowhere"),
    (["--into", ".", "--template", "sam.yaml"], 1, "sam.yaml does not exist"),
    (["."], 1, "add workflows to this project with `workflow-dsl init --into .`"),
    (["good.asl.json"], 2, "good.asl.json: is a file, and README.md needs a folder there"),
]


@pytest.mark.parametrize(("arguments", "code", "message"), WRONG)
def test_a_wrong_call_is_reported_and_writes_nothing(
    folder: Path, arguments: list[str], code: int, message: str
) -> None:
    result = run(*arguments)
    assert (result.exit_code, message in result.stderr.replace("\n", " "), files(folder)) == (code, True, BEFORE)


def test_a_new_project_is_written_into_a_new_folder(folder: Path) -> None:
    result = run("shop/orders")
    lines = result.stdout.splitlines()
    assert [*lines[:2], lines[-1]] == [
        "README.md: written: the commands",
        "template.yaml: written: deploys the function and the state machine",
        """next: cd shop/orders && workflow-dsl run order_intake --input '{"items": [{"price": 50, "count": 2}]}'""",
    ]
    assert run("shop/orders").stdout.splitlines()[-1] == "nothing to do: everything is up to date"
    assert (folder / "shop" / "orders" / "tox.ini").is_file()
