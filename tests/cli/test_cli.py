"""The commands generate, compile and validate: output, standard error and exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from tests.support import Write
from workflow_dsl.cli import main
from workflow_dsl.project import Project

GOOD = "def build():\n    return Workflow(Pass('A', comment='grün'))\n"
REFUSED = "def build():\n    return Workflow(Task('T', resource='${F}', timeout_seconds=0))\n"
BROKEN = "def build():\n    return Workflow(nothing)\n"


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=stdin, catch_exceptions=False)


def test_generate_writes_every_workflow_and_ends_with_a_table(project: Project, write_workflow: Write) -> None:
    write_workflow("one", GOOD)
    write_workflow("two", GOOD)
    first, second = run("generate"), run("generate")
    assert [result.exit_code for result in (first, second)] == [0, 0]
    rows = [[line.split()[:4] for line in result.stdout.splitlines()] for result in (first, second)]
    assert rows == [
        [
            ["Workflow", "States", "File", "Time"],
            ["one", "1", "generated/one.asl.json", outcome],
            ["two", "1", "generated/two.asl.json", outcome],
        ]
        for outcome in ("written", "unchanged")
    ]
    assert "grün" in project.generated_file("one").read_text("utf-8")


def test_generate_writes_only_the_named_workflows(project: Project, write_workflow: Write) -> None:
    write_workflow("one", GOOD)
    write_workflow("two", BROKEN)
    assert run("generate", "one").exit_code == 0
    files = sorted(path.name for path in (project.root / "generated").iterdir())
    assert files == ["one.asl.json", "one.mmd", "one.svg"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            REFUSED,
            'bad.py:5: error SCHEMA_VALIDATION_FAILED: "T" TimeoutSeconds: Minimum value is 1, got 0\n'
            "    5 |     return Workflow(Task('T', resource='${F}', timeout_seconds=0))\n"
            "      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
            "      = write a whole number of seconds",
        ),
        (BROKEN, "bad.py:5: error AUTHORING: NameError: name 'nothing' is not defined\n"),
    ],
)
def test_nothing_is_written_while_any_workflow_has_an_error(
    project: Project, write_workflow: Write, body: str, message: str
) -> None:
    write_workflow("fine", GOOD)
    write_workflow("bad", body)
    result = run("generate")
    assert (result.exit_code, result.stdout) == (1, "")
    assert message in result.stderr
    assert result.stderr.endswith("Fix the errors above. Nothing was written.\n")
    assert not (project.root / "generated").exists()


def test_check_reports_an_edited_workflow_and_an_orphan_and_writes_nothing(
    project: Project, write_workflow: Write
) -> None:
    write_workflow("one", GOOD)
    assert run("generate").exit_code == 0
    assert run("generate", "--check").exit_code == 0
    write_workflow("one", GOOD.replace("grün", "blau"))
    (project.root / "generated" / "gone.asl.json").write_text("{}")
    before = project.generated_file("one").read_bytes()
    result = run("generate", "--check")
    assert result.exit_code == 1
    assert result.stderr.splitlines() == [
        "generated/gone.asl.json: error DRIFT: no workflow generates this file",
        "      = delete it, or write workflows/gone.py",
        'workflows/one.py:5: error DRIFT: "A": differs from generated/one.asl.json: has Comment "blau" instead of "grün"',
        "    5 |     return Workflow(Pass('A', comment='blau'))",
        "      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "      = run `workflow-dsl generate`, or undo the edit",
    ]
    assert " out of date " in result.stdout
    assert project.generated_file("one").read_bytes() == before


BY_HAND = """\
Resources:
  One: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: generated/one.asl.json}}
  Two: {Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: generated/two.asl.json}}
"""


def test_a_file_written_by_hand_is_neither_an_orphan_nor_replaced_unasked(
    project: Project, write_workflow: Write
) -> None:
    write_workflow("one", GOOD)
    (project.root / "template.yaml").write_text(BY_HAND)
    (project.root / "generated").mkdir()
    by_hand = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
    for name in ("one", "two"):
        project.generated_file(name).write_text(by_hand)
    refused = run("generate")
    assert (refused.exit_code, refused.stderr.splitlines()) == (
        1,
        [
            "generated/one.asl.json: error DRIFT: differs, and `generate` did not write it",
            "      = keep a copy, or see that Git has it; then run `workflow-dsl generate --force`",
            "Nothing was written.",
        ],
    )
    assert project.generated_file("one").read_text() == by_hand
    assert run("generate", "--force").exit_code == 0
    assert project.generated_file("one").read_text() != by_hand
    write_workflow("one", GOOD.replace("grün", "blau"))
    assert [run("generate").exit_code, run("generate", "--check").exit_code] == [0, 0]  # now it is a generated file
    assert project.generated_file("two").read_text() == by_hand


def test_a_file_written_by_hand_keeps_its_layout_where_its_content_is_the_same(
    project: Project, write_workflow: Write
) -> None:
    write_workflow("one", GOOD)
    assert run("generate").exit_code == 0
    generated = project.generated_file("one").read_text("utf-8")
    for path in (project.root / "generated").iterdir():
        path.unlink()
    by_hand = json.dumps(json.loads(generated))
    project.generated_file("one").write_text(by_hand, "utf-8")
    assert [run("generate").exit_code, run("generate", "--check").exit_code] == [0, 0]
    assert project.generated_file("one").read_text("utf-8") == by_hand


def test_a_new_workflow_is_generated_again_while_the_template_is_wrong(project: Project, write_workflow: Write) -> None:
    (project.root / "template.yaml").write_text(BY_HAND.replace("asl.json}", "asl.json, Role: !Ref Nobody}"))
    for comment in ("grün", "blau"):
        write_workflow("one", GOOD.replace("grün", comment))
        assert "did not write it" not in run("generate").stderr
        assert comment in project.generated_file("one").read_text("utf-8")


def test_a_folder_that_cannot_be_written_prints_one_line_and_exits_with_2(
    project: Project, write_workflow: Write
) -> None:
    write_workflow("one", GOOD)
    (project.root / "generated").write_text("not a folder")
    result = run("generate")
    assert result.exit_code == 2
    assert len(result.stderr.splitlines()) == 1
    assert "generated" in result.stderr


def test_compile_prints_the_definition_and_nothing_else(project: Project, write_workflow: Write) -> None:
    path = write_workflow("one", GOOD)
    by_name, by_file = run("compile", "one"), run("compile", str(path))
    assert (by_name.exit_code, by_name.stderr) == (0, "")
    assert by_name.stdout == by_file.stdout
    assert json.loads(by_name.stdout)["States"]["A"] == {"Type": "Pass", "Comment": "grün", "End": True}


def test_compile_prints_an_authors_mistake_on_standard_error(write_workflow: Write) -> None:
    write_workflow("bad", BROKEN)
    result = run("compile", "bad")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("workflows/bad.py:5: error AUTHORING: NameError")


def test_a_value_nested_too_deeply_is_one_finding(write_workflow: Write) -> None:
    deep = "def build():\n    value = {}\n    for _ in range(3000):\n        value = {'a': value}\n"
    write_workflow("deep", f"{deep}    return Workflow(Pass('A', result=value))\n")
    result = run("compile", "deep")
    assert (result.exit_code, result.stderr) == (
        1,
        "workflows/deep.py:8: error AUTHORING: a value or a rule is nested too deeply\n"
        "    8 |     return Workflow(Pass('A', result=value))\n"
        f"      |     {'^' * 40}\n"
        "      = flatten it\n",
    )


@pytest.mark.parametrize("arguments", [("compile", "onne"), ("generate", "onne")])
def test_an_unknown_workflow_exits_with_2(write_workflow: Write, arguments: tuple[str, ...]) -> None:
    write_workflow("one", GOOD)
    result = run(*arguments)
    assert result.exit_code == 2
    assert "no workflow 'onne'; did you mean \"one\"?" in result.stderr


WRONG_CALLS = {
    "generte": "Error: no command 'generte'; did you mean \"generate\"?",
    "zzz": "Error: no command 'zzz'; `workflow-dsl --help` lists the commands",
    "run one --lambda-endpoint localhost": "Error: Invalid value for '--lambda-endpoint': 'localhost' is not a URL; "
    "begin it with http:// or https://",
    "explore one --against-endpoint ftp://a": "Error: Invalid value for '--against-endpoint': 'ftp://a' is not a URL; "
    "begin it with http:// or https://",
    "run one --lambda-endpoint-for all": "Error: --lambda-endpoint-for all needs --lambda-endpoint URL",
    "diagram one --fold A": "Error: no Parallel or Map 'A'; the state machine has neither",
    "studio --against none": "Error: this is not a Git repository, so it has no revision none",
    "diff git:none:a.json one": "Error: this is not a Git repository, so it has no none:a.json; name a file",
}


@pytest.mark.parametrize("call", WRONG_CALLS)
def test_a_wrong_call_prints_its_remedy_and_exits_with_2(call: str, write_workflow: Write) -> None:
    write_workflow("one", GOOD)
    result = run(*call.split())
    assert (result.exit_code, result.stderr.splitlines()[-1]) == (2, WRONG_CALLS[call])


@pytest.mark.usefixtures("project")
def test_a_project_without_workflows_prints_how_to_configure_their_folder() -> None:
    result = run("generate")
    assert result.exit_code == 2
    assert (
        "no workflow in workflows/; write one, start a project with `workflow-dsl init FOLDER`, or set" in result.stderr
    )


def test_an_unknown_setting_is_a_finding(project: Project) -> None:
    (project.root / "pyproject.toml").write_text("[tool.workflow-dsl]\nworkflow = 'x'\n")
    result = run("validate")
    assert result.exit_code == 1
    assert "pyproject.toml: error CONFIGURATION: [tool.workflow-dsl] has no setting 'workflow'" in result.stderr


ENDLESS_DEFINITION = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}}'


def test_validate_checks_files_standard_input_and_workflows(project: Project, write_workflow: Write) -> None:
    write_workflow("bad", REFUSED)
    (project.root / "a.json").write_text(ENDLESS_DEFINITION)
    result = run("validate", "a.json", "-", "workflows/bad.py", stdin="StartAt: B\nStates: {B: {Type: Succeed}}")
    assert result.exit_code == 1
    assert result.stdout.splitlines() == [
        'workflows/bad.py:5: error SCHEMA_VALIDATION_FAILED: "T" TimeoutSeconds: Minimum value is 1, got 0',
        "    5 |     return Workflow(Task('T', resource='${F}', timeout_seconds=0))",
        "      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
        "      = write a whole number of seconds from 1 to 99999999",
        "a.json:1:1: error MISSING_END_STATE: Workflow has no terminal state",
        '    1 | {"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "A"}}}',
        "      | ^",
        '      = add "End": true to one state',
    ]
    assert result.stderr == "3 definitions checked: 2 errors, 0 warnings\n"


def test_validate_prints_findings_as_json(project: Project) -> None:
    (project.root / "a.json").write_text(ENDLESS_DEFINITION)
    result = run("validate", "--format", "json", "a.json")
    assert (result.exit_code, result.stderr) == (1, "")
    assert json.loads(result.stdout) == [
        {
            "code": "MISSING_END_STATE",
            "severity": "error",
            "pointer": "",
            "state": None,
            "file": "a.json",
            "line": 1,
            "column": 1,
            "message": "Workflow has no terminal state",
            "remedy": 'add "End": true to one state',
            "rule": "terminal-state",
        }
    ]


def test_validate_without_a_path_checks_the_generated_definitions(write_workflow: Write) -> None:
    write_workflow("one", GOOD)
    run("generate")
    assert run("validate").stderr == "1 definition checked: 0 errors, 0 warnings\n"


@pytest.mark.usefixtures("project")
def test_a_missing_file_prints_one_line_and_exits_with_2() -> None:
    result = run("validate", "none.json", "--format", "json")
    assert (result.exit_code, result.stdout, result.stderr) == (2, "[]\n", "none.json: No such file or directory\n")


@pytest.mark.parametrize("arguments", [(), ("generate",), ("compile",), ("validate",)])
def test_every_command_has_help(arguments: tuple[str, ...]) -> None:
    for flag in ("-h", "--help"):
        result = run(*arguments, flag)
        assert result.exit_code == 0
        assert "Usage:" in result.stdout


def test_python_m_workflow_dsl_runs_the_command(root: Path) -> None:
    command = [sys.executable, "-m", "workflow_dsl", "compile", "stock_trader"]
    process = subprocess.run(command, cwd=root, capture_output=True, check=False)
    assert (process.returncode, process.stderr) == (0, b"")
    assert process.stdout == (root / "generated" / "stock_trader.asl.json").read_bytes()


_EVERY_START = "base64 jsonschema boto3 dataclasses gettext gzip locale tempfile uuid workflow_dsl.local"
_JSONATA = "workflow_dsl.expressions.jsonata.compiling workflow_dsl.expressions.jsonata.library"


@pytest.mark.parametrize(
    ("command", "others"),
    [
        ("compile stock_trader", "urllib yaml workflow_dsl.validation workflow_dsl.shapes workflow_dsl.views.tables"),
        (
            "uses",
            "importlib.util inspect tokenize urllib workflow_dsl.validation workflow_dsl.shapes workflow_dsl.compiler"
            " workflow_dsl.permissions",
        ),
        (
            "validate generated/stock_trader.asl.json",
            f"{_JSONATA} inspect workflow_dsl.shapes.jsonata workflow_dsl.compiler workflow_dsl.permissions"
            " workflow_dsl.expressions.jsonpath.filters workflow_dsl.validation.python_hints"
            " importlib.util tokenize urllib workflow_dsl.shapes.queries workflow_dsl.views.reports",
        ),
        (
            "generate --check",
            f"{_JSONATA} hashlib html inspect shutil zoneinfo workflow_dsl.definition.state_diff"
            " workflow_dsl.permissions.stanza workflow_dsl.views.diagram.difference",
        ),
    ],
)
def test_a_command_imports_only_what_it_needs(root: Path, command: str, others: str) -> None:
    code = (
        "import sys; before = {*sys.modules}\n"  # those of a measurement of coverage
        "from workflow_dsl.__main__ import main\n"
        "try: main(sys.argv[2:])\n"
        "except SystemExit as leaving:\n"
        "    print(leaving.code, sorted({*sys.argv[1].split()} & {*sys.modules} - before), file=sys.stderr)"
    )
    arguments = [sys.executable, "-c", code, f"{_EVERY_START} {others}", *command.split()]
    process = subprocess.run(arguments, cwd=root, capture_output=True, check=True, text=True)
    assert process.stderr.splitlines()[-1] == "0 []"


def test_prints_of_a_workflow_go_to_standard_error(write_workflow: Write) -> None:
    write_workflow("loud", "print('hello')\n" + GOOD)
    result = run("compile", "loud")
    assert (json.loads(result.stdout)["StartAt"], result.stderr) == ("A", "hello\n")


def test_two_workflows_with_the_same_name_exit_with_2(project: Project, write_workflow: Write) -> None:
    path = write_workflow("one", GOOD)
    other = project.root / "one.py"
    other.write_bytes(path.read_bytes())
    result = run("generate", str(path), "one.py")
    assert (result.exit_code, "one is named twice" in result.stderr) == (2, True)


def test_validate_with_nothing_to_check_exits_with_2(project: Project) -> None:
    result = run("validate")
    assert (result.exit_code, "no definitions in generated" in result.stderr) == (2, True)
    assert project.root


def test_a_missing_module_exits_with_2(project: Project) -> None:
    assert [run(command, "none.py").exit_code for command in ("compile", "generate", "validate")] == [2, 2, 2]
    assert project.root


def test_an_interrupted_generate_exits_with_130_and_writes_nothing(project: Project, write_workflow: Write) -> None:
    write_workflow("slow", "raise KeyboardInterrupt\n")
    result = run("generate")
    assert (result.exit_code, result.stderr) == (130, "Interrupted\n")
    assert not (project.root / "generated").exists()
