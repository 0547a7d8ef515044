"""README and docs: every snippet is what the files hold, every command runs."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from workflow_dsl.cli import main
from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.findings import CATALOG
from workflow_dsl.project import Project

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


LOCAL = (ROOT / "docs" / "local-execution.md").read_text("utf-8")
VALIDATION = (ROOT / "docs" / "validation.md").read_text("utf-8")
USAGE = (ROOT / "docs" / "usage.md").read_text("utf-8")
AUTHORING = (ROOT / "docs" / "authoring.md").read_text("utf-8")


def snippets(language: str, page: str = README) -> list[str]:
    return [
        "\n".join(line.removeprefix(indent) for line in body.splitlines()) + "\n"
        for indent, body in re.findall(rf"^( *)```{language}\n(.*?)^ *```$", page, re.MULTILINE | re.DOTALL)
    ]


# Those that ask an account are run by tests/e2e, against one that is emulated.
ASKS_AN_ACCOUNT = re.compile(r"workflow-dsl (plan|deployed|history|replay)\b|.* --execution ")


def commands(start: str) -> list[str]:
    pages = [snippet for page in (README, LOCAL, VALIDATION, USAGE, AUTHORING) for snippet in snippets("shell", page)]
    lines = [re.sub(r"\s+# .*", "", line) for snippet in pages for line in snippet.splitlines()]
    return [line.strip() for line in lines if line.startswith(start) and not ASKS_AN_ACCOUNT.match(line)]


SHOWN_FROM = [
    ("python", "workflow_dsl/workflows/stock_trader.py", "workflow_dsl/workflows/market_import.py"),
    ("json", "generated/stock_trader.asl.json"),
    ("yaml", "template.yaml"),
]


@pytest.mark.parametrize(("language", "files"), [(language, files) for language, *files in SHOWN_FROM])
def test_what_the_readme_shows_of_a_file_is_in_it(language: str, files: list[str]) -> None:
    shown = [snippet for snippet in snippets(language) if "hello" not in snippet and "def test_" not in snippet]
    assert shown
    texts = [(ROOT / file).read_text("utf-8") for file in files]
    assert [snippet for snippet in shown if not any(snippet in text for text in texts)] == []


def test_the_second_workflow_compiles(tmp_path: Path) -> None:
    [snippet] = [snippet for snippet in snippets("python") if "hello" in snippet]
    (tmp_path / "greeting.py").write_text(snippet)
    assert list(compile_file(tmp_path / "greeting.py").states) == ["Greet", "Rest"]


@pytest.mark.parametrize("command", commands("workflow-dsl"))
def test_every_command_of_the_pages_runs(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("workflow_dsl/workflows", "generated", "functions"):
        shutil.copytree(ROOT / name, tmp_path / name)
    (tmp_path / "docs").mkdir()
    shutil.copy(ROOT / "docs" / "state-machines.md", tmp_path / "docs")
    for name in ("template.yaml", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / "prices.csv").write_text("symbol,price\nACME,12.5\n")
    monkeypatch.chdir(tmp_path)
    command, _, redirected = command.partition(" < ")
    given = Path(redirected).read_text("utf-8") if redirected else None
    result = CliRunner().invoke(main, shlex.split(command)[1:], input=given, catch_exceptions=False)
    assert result.exit_code == 0, result.output


def test_the_settings_of_the_pages_are_settings() -> None:
    for snippet in (*snippets("toml"), *snippets("toml", VALIDATION), *snippets("toml", USAGE)):
        assert set(tomllib.loads(snippet)["tool"]["workflow-dsl"]) <= set(Project.__dataclass_fields__)


def test_the_broken_definition_of_the_pages_gets_the_message_that_they_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    [definition] = snippets("json", VALIDATION)
    Path("broken.asl.json").write_text(definition)
    said = CliRunner().invoke(main, ["validate", "broken.asl.json"], catch_exceptions=False).stdout
    assert f"```\n{said}```\n" in VALIDATION
    assert f"$ workflow-dsl validate broken.asl.json\n{said}" in README


def test_the_snippet_of_the_page_on_validation_runs() -> None:
    [snippet] = snippets("python", VALIDATION)
    exec(compile(snippet, "docs/validation.md", "exec"), {})  # noqa: S102  # our own page


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_tox_environment_that_a_page_names_is_there(document: Path) -> None:
    tox = configparser.ConfigParser(interpolation=None)
    tox.read(ROOT / "tox.ini")
    there = {section.removeprefix("testenv:") for section in tox.sections()}
    assert set(re.findall(r"tox -e ([\w-]+)", document.read_text("utf-8"))) - there == set()


@pytest.mark.parametrize("document", DOCS, ids=lambda path: path.name)
def test_every_link_within_the_repository_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


def test_the_messages_of_the_readme_are_what_is_said(project: Project) -> None:
    said = re.findall(r"^(workflow_dsl/workflows/stock_trader\.py:.*?)```$", README, re.MULTILINE | re.DOTALL)
    source = (ROOT / "workflow_dsl" / "workflows" / "stock_trader.py").read_text("utf-8")
    retry = (
        '        retry=Retry(error_equals=["States.TaskFailed"], interval_seconds=2, max_attempts=3, backoff_rate=1),\n'
    )
    edits = [
        source.replace(retry, "", 1),
        source.replace("    return", "    buy_or_sell.next(buy_stock)\n    return"),
    ]
    shutil.copytree(ROOT / "generated", project.root / "generated")
    project = replace(project, workflows=Path("workflow_dsl/workflows"))
    (project.root / project.workflows).mkdir(parents=True)
    (project.root / "pyproject.toml").write_text('[tool.workflow-dsl]\nworkflows = "workflow_dsl/workflows"\n')
    for message, edited in zip(said, edits, strict=True):
        (project.root / project.workflows / "stock_trader.py").write_text(edited)
        output = CliRunner().invoke(main, ["generate", "--check"], catch_exceptions=False).stderr
        assert without_lines(message) in without_lines(output)


def without_lines(text: str) -> str:
    return re.sub(r"^ +\d+ \|", "|", re.sub(r"\.(py|yaml):\d+", r".\1", text), flags=re.MULTILINE)


def test_the_generated_file_is_valid_json_with_a_newline_at_its_end() -> None:
    text = (ROOT / "generated" / "stock_trader.asl.json").read_text("utf-8")
    assert text.endswith("}\n")
    assert json.loads(text)["StartAt"] == "Check Stock Value"


def test_the_first_run_of_the_page_on_local_execution_is_as_it_says() -> None:
    [snippet] = [each for each in snippets("python", LOCAL) if "def test_" not in each]
    exec(compile(snippet, "docs/local-execution.md", "exec"), {})  # noqa: S102  # our own page


def test_the_workflow_tests_of_the_pages_pass(tmp_path: Path) -> None:
    tests = [each for page in (README, LOCAL) for each in snippets("python", page) if "def test_" in each]
    (tmp_path / "test_pages.py").write_text("\n\n".join(tests))
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(ROOT),
        "-c",
        "pyproject.toml",
    ]
    done = subprocess.run([*command, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)
    assert done.returncode == 0, done.stdout
    assert f"{len(tests)} passed" in done.stdout


def test_the_transcript_of_the_readme_is_what_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command, transcript = re.findall(r"`tox -e run -- ([^`]*)`:\n\n```\n(.*?)```", README, re.DOTALL)[0]
    monkeypatch.chdir(ROOT)
    printed = CliRunner().invoke(main, ["run", *shlex.split(command)], catch_exceptions=False).stdout
    assert [shape(line) for line in printed.splitlines()] == [shape(line) for line in transcript.splitlines()]


def test_the_map_of_the_readme_is_what_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    printed = CliRunner().invoke(main, ["uses", "stock_trader"], catch_exceptions=False).stdout
    assert "".join(f"{line.rstrip()}\n" for line in printed.splitlines()) in README


def test_the_codes_of_the_page_on_usage_are_those_of_the_cross_checks() -> None:
    rows = re.findall(r"^\| ([A-Z_]+) \| (\w+) \|", USAGE, re.MULTILINE)
    expected = {**{code: severity for code, (severity, _) in CATALOG.items()}, "NO_DEFINITION": "error"}
    assert dict(rows) == expected


def test_the_missing_permission_of_the_readme_is_what_is_said(project: Project) -> None:
    for name in ("generated", "functions"):
        shutil.copytree(ROOT / name, project.root / name)
    policy = "        - LambdaInvokePolicy:\n            FunctionName: !Ref StockBuyerFunction\n"
    text = (ROOT / "template.yaml").read_text("utf-8")
    (project.root / "template.yaml").write_text(text.replace(policy, ""))
    said = CliRunner().invoke(main, ["validate"], catch_exceptions=False).stdout
    assert without_lines(said) in without_lines(README)


def shape(line: str) -> str:
    """A line without what each run makes up anew."""
    line = re.sub(r'"(Id|Type|Price|Quantity|Timestamp)": \{"[SN]": "[^"]*"\}', r"\1", line)
    return re.sub("Buy Stock|Sell Stock", "Trade", line)
