"""SECURITY.md: which command executes which file. Each file here leaves a mark when it is executed."""

from __future__ import annotations

import json
import re
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from workflow_dsl.application.application import read_application
from workflow_dsl.cli import main
from workflow_dsl.project import find_project
from workflow_dsl.server.start import Server

PAGE = (Path(__file__).parent.parent / "SECURITY.md").read_text("utf-8")
MARK = "from pathlib import Path as P\nP(__file__).with_suffix('.executed').touch()\n"
WORKFLOW = (
    f"{MARK}from workflow_dsl.authoring import Pass, Workflow\n\n\ndef build():\n    return Workflow(Pass('A'))\n"
)
# What a reader that executes data would run: YAML's tags for Python, command and template substitutions, pickles.
PAYLOADS = [
    "!!python/object/apply:pathlib.Path.touch [data.executed]",
    "$(touch data.executed)",
    "`touch data.executed`",
    "${__import__('pathlib').Path('data.executed').touch()}",
    "{% $eval('touch') %}",
    "__import__('pathlib').Path('data.executed').touch()",
    "cpathlib\nPath\n(Vdata.executed\ntR.",
    "| touch data.executed",
]


def definition() -> str:
    states = {f"S{number}": {"Type": "Pass", "Comment": text, "End": True} for number, text in enumerate(PAYLOADS)}
    return json.dumps({"StartAt": "S0", "States": states, "Comment": PAYLOADS[1]})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    files = {
        "pyproject.toml": "[tool.workflow-dsl]\ngenerated = 'generated'\n[tool.other]\nx = '''$(touch data.executed)'''\n",
        "workflows/w.py": WORKFLOW,
        "workflows/_helper.py": MARK,
        "functions/f/app.py": f"{MARK}def handler(event, context):\n    return event\n",
        "conftest.py": MARK,
        "setup.py": MARK,
        "sitecustomize.py": MARK,
        "generated/data.asl.json": definition(),
        "tags.asl.yaml": f"StartAt: {PAYLOADS[0]}\nStates: {{}}\n",
        "data.recording.json": json.dumps(
            {"workflow": "../outside.py", "definition": json.loads(definition()), "events": PAYLOADS}
        ),
        "module.recording.json": json.dumps({"workflow": "workflows/w.py", "definition": {}, "events": []}),
        "outside.py": WORKFLOW,
        "template.json": json.dumps(
            {
                "Resources": {
                    "M": {
                        "Type": "AWS::Serverless::StateMachine",
                        "Properties": {
                            "DefinitionUri": "generated/data.asl.json",
                            "DefinitionSubstitutions": {f"P{number}": text for number, text in enumerate(PAYLOADS)},
                        },
                    },
                    "F": {
                        "Type": "AWS::Serverless::Function",
                        "Properties": {"CodeUri": "functions/f", "Handler": "app.handler", "Runtime": "python3.12"},
                    },
                }
            }
        ),
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


# The commands of the table, and the marks that each may leave.
COMMANDS: list[tuple[str, list[str]]] = [
    ("validate", []),
    ("validate generated/data.asl.json", []),
    ("validate template.json --format sarif", []),
    ("validate tags.asl.yaml", []),
    ("validate .", []),
    ("validate workflows/w.py", ["workflows/w.executed"]),
    ("rules", []),
    ("uses", []),
    ("uses --format mermaid", []),
    ("uses w", ["workflows/w.executed"]),
    ("types M", []),
    ("types M --format python", []),
    ("types w", ["workflows/w.executed"]),
    ("types generated/data.asl.json", []),
    ("compile w", ["workflows/w.executed"]),
    ("generate", ["workflows/w.executed"]),
    ("generate --check", ["workflows/w.executed"]),
    ("import generated/data.asl.json --stdout", []),
    ("import template.json --stdout", []),
    ("import M -o imported", []),
    ("import tags.asl.yaml", []),
    ("init --into . --template template.json --machine M --dry-run", []),
    ("init --into .", []),
    ("init shop", []),
    ("guide", []),
    ("diagram M", []),
    ("diagram generated/data.asl.json", []),
    ("diagram w", ["workflows/w.executed"]),
    ("diagram M --execution data.recording.json", []),
    ("diagram M --execution module.recording.json", []),
    ("diff M generated/data.asl.json", []),
    ("diff git:HEAD:generated/data.asl.json M", []),
    ("diff generated/data.asl.json w --format markdown", ["workflows/w.executed"]),
    ("studio --static site", ["workflows/w.executed"]),
    ("policies M", []),
    ("policies w", ["workflows/w.executed"]),
    ("run M", []),
    ("run generated/data.asl.json", []),
    ("run M --input @data.recording.json", []),
    ("run M --mock data.recording.json#case", []),
    ("run M --input $(touch${IFS}data.executed)", []),
    ("run M --return S0=@data.recording.json", []),
    ("explore M", []),
    ("explore w", ["workflows/w.executed"]),
    ("explore M --against generated/data.asl.json", []),
    ("tests M -o out", []),
    ("cost M", []),
    ("test-state M S0", []),
    ("test-state w A --input @data.recording.json", ["workflows/w.executed"]),
    ("test-state M S0 --mock @data.recording.json", []),
    ("install-sdk --from data.recording.json", []),
    ("replay data.recording.json", []),
    ("replay module.recording.json", []),
]


@pytest.mark.parametrize(("command", "executed"), COMMANDS)
def test_a_command_executes_what_the_page_says_and_nothing_else(
    folder: Path, command: str, executed: list[str]
) -> None:
    CliRunner().invoke(main, command.split(" "))
    assert sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.executed")) == executed


def test_a_server_executes_nothing_at_its_start(folder: Path) -> None:
    (folder / "template.json").rename(folder / "template.yaml")
    with Server(read_application(find_project(folder))) as server:
        assert [machine.name for machine in server.backend.account.machines.values()] == ["M"]
    assert list(folder.rglob("*.executed")) == []


def test_the_page_has_every_command() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE, re.MULTILINE)
    names = {name for row in rows for name in re.findall(r"`([\w-]+)`", row)}
    assert names == {*main.list_commands(click.Context(main))}


OUTSIDE = "TOKEN: {not json, nor: 'yaml', hunter2\n"


@pytest.mark.parametrize(
    "named", ["../secret.asl.json", "{root}/secret.asl.json", "link.asl.json", "folder/secret.asl.json"]
)
def test_no_line_of_a_file_outside_the_project_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "secret.asl.json").write_text(OUTSIDE)
    (project / "link.asl.json").symlink_to("../secret.asl.json")
    (project / "folder").symlink_to("..")
    uri = named.format(root=tmp_path)
    machine = {"Type": "AWS::Serverless::StateMachine", "Properties": {"DefinitionUri": uri}}
    (project / "template.json").write_text(json.dumps({"Resources": {"M": machine}}))
    monkeypatch.chdir(project)
    for command in (
        ["validate"],
        ["validate", uri],
        ["uses"],
        ["policies", "M"],
        ["diagram", "M"],
        ["diff", "M", uri],
        ["diff", uri, "M"],
        ["diagram", uri],
        ["run", "M"],
    ):
        result = CliRunner().invoke(main, command)
        assert (result.exit_code != 0, "hunter2" in result.output) == (True, False), command
