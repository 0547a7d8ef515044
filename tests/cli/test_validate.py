"""The commands validate and rules: output, formats and exit codes."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from tests.support import Write
from workflow_dsl.cli import main
from workflow_dsl.project import Project
from workflow_dsl.validation import rules
from workflow_dsl.validation.rules_page import OTHER_CODES, render_rule, render_rules

GOOD = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
BAD = '{"StartAt": "A", "States": {"A": {"Type": "Succeed", "Next": "A"}}}'
ERROR_LINE = "b.asl.json:1:54: error SCHEMA_VALIDATION_FAILED: \"A\" Next: Field 'Next' is not supported"
RISKY = '{"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": true, "Next": "B"}]}, "B": {"Type": "Succeed"}}}'
WARNING_LINE = 'w.asl.json:1:29: warning NO_DEFAULT: "A": fails with States.NoChoiceMatched if no rule matches'


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=stdin, catch_exceptions=False)


def validate(*arguments: str, stdin: str | None = None) -> Result:
    return run("validate", *arguments, stdin=stdin)


@pytest.fixture
def files(project: Project) -> Project:
    """A project with three definitions: one without findings, one with an error, one with a warning."""
    for name, text in (("a.asl.json", GOOD), ("b.asl.json", BAD), ("w.asl.json", RISKY)):
        (project.root / name).write_text(text)
    return project


def write_settings(project: Project, text: str) -> None:
    (project.root / "pyproject.toml").write_text(f"[tool.workflow-dsl]\n{text}\n")


def finding_lines(result: Result) -> list[str]:
    """Return the lines that are neither source lines nor remedies."""
    return [line for line in result.stdout.splitlines() if not re.match(r" *\d* *[|=]", line)]


# Exit codes

EXITS: list[tuple[tuple[str, ...], int, str]] = [
    (("a.asl.json",), 0, "1 definition checked: 0 errors, 0 warnings\n"),
    (("b.asl.json",), 1, "1 definition checked: 1 error, 0 warnings\n"),
    (("w.asl.json",), 0, "1 definition checked: 0 errors, 1 warning\n"),
    (("w.asl.json", "--strict"), 1, "1 definition checked: 0 errors, 1 warning\n"),
    (("a.asl.json", "--strict"), 0, "1 definition checked: 0 errors, 0 warnings\n"),
    (("w.asl.json", "--strict", "--ignore", "NO_DEFAULT"), 0, "1 definition checked: 0 errors, 0 warnings\n"),
    ((".",), 1, "3 definitions checked: 1 error, 1 warning\n"),
    (("*.asl.json",), 1, "3 definitions checked: 1 error, 1 warning\n"),
    (("c.json",), 2, "c.json: No such file or directory\n0 definitions checked: 0 errors, 0 warnings\n"),
    (
        ("b.asl.jsn",),
        2,
        'b.asl.jsn: No such file or directory; did you mean "b.asl.json"?\n0 definitions checked: 0 errors, 0 warnings\n',
    ),
    (
        ("c.json", "b.asl.json"),
        2,
        "c.json: No such file or directory\n1 definition checked: 1 error, 0 warnings\n",
    ),
]


@pytest.mark.parametrize(("arguments", "code", "summary"), EXITS)
@pytest.mark.usefixtures("files")
def test_the_exit_code_is_0_or_1_for_errors_or_2_for_unreadable_files(
    arguments: tuple[str, ...], code: int, summary: str
) -> None:
    result = validate(*arguments)
    assert (result.exit_code, result.stderr) == (code, summary)


@pytest.mark.usefixtures("files")
def test_findings_are_printed_in_the_order_of_the_files() -> None:
    assert finding_lines(validate("w.asl.json", "b.asl.json", "a.asl.json")) == [WARNING_LINE, ERROR_LINE]
    assert finding_lines(validate(".")) == [ERROR_LINE, WARNING_LINE]


WITHOUT_FILES = [("empty",), ("empty/*.json",), ("**/*.asl.yml",), ("empty", "none*.json")]


@pytest.mark.parametrize("arguments", WITHOUT_FILES)
def test_paths_without_any_file_exit_with_2_instead_of_checking_the_whole_project(
    files: Project, arguments: tuple[str, ...]
) -> None:
    for folder in ("empty", "generated"):
        (files.root / folder).mkdir()
    (files.root / "generated" / "b.asl.json").write_text(BAD)
    result = validate(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert arguments[0] in result.stderr


@pytest.mark.usefixtures("files")
def test_a_pattern_without_matches_is_reported_and_the_others_are_checked() -> None:
    result = validate("b*.json", "none*.json")
    assert (result.exit_code, finding_lines(result)) == (2, [ERROR_LINE])
    assert "none*.json" in result.stderr


@pytest.mark.parametrize("arguments", [("broken.json", "."), (".", "broken.json"), ("broken.json", "*.json")])
def test_a_named_file_is_checked_even_if_its_folder_is_named_too(project: Project, arguments: tuple[str, ...]) -> None:
    (project.root / "broken.json").write_text("{")
    result = validate(*arguments)
    assert (result.exit_code, len(finding_lines(result))) == (1, 1)


def test_an_unreadable_folder_prints_one_line_and_exits_with_2(files: Project) -> None:
    if os.geteuid() == 0:
        pytest.skip("root can read every file")
    closed = files.root / "closed"
    closed.mkdir()
    closed.chmod(0)
    try:
        result = validate(".")
    finally:
        closed.chmod(0o700)
    assert result.exit_code == 2
    assert "closed: Permission denied" in result.stderr.splitlines()[0]


def _loop(folder: Path) -> str:
    (folder / "loop.asl.json").symlink_to("loop.asl.json")
    return "loop.asl.json"


def _memory(folder: Path) -> str:
    if not Path("/proc/self/mem").exists():
        pytest.skip("this system has no /proc/self/mem")
    (folder / "memory.asl.json").symlink_to("/proc/self/mem")
    return "memory.asl.json"


UNREADABLE_FILES: dict[str, Callable[[Path], str]] = {
    "a link to itself": _loop,
    "a file that fails when it is read": _memory,
    "a name that is too long": lambda _folder: "x" * 300,
    "a file used as a folder": lambda _folder: "a.asl.json/b.json",
}


@pytest.mark.parametrize("kind", UNREADABLE_FILES)
@pytest.mark.parametrize("format_", ["text", "json"])
def test_an_unreadable_file_prints_one_line_and_the_others_are_checked(files: Project, kind: str, format_: str) -> None:
    name = UNREADABLE_FILES[kind](files.root)
    result = validate(name, "b.asl.json", "--format", format_)
    assert result.exit_code == 2
    lines = [line for line in result.stderr.splitlines() if not line.endswith(" warnings")]
    assert [line.partition(": ")[0] for line in lines] == [name]
    assert (ERROR_LINE in finding_lines(result)) if format_ == "text" else (len(json.loads(result.stdout)) == 1)


# Malformed and unusual files

BOMB = "StartAt: A\nStates: {A: {Type: Succeed}}\na: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)
WITH_RESULT = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true, "Result": %s}}}'
LARGE = json.dumps(
    {
        "StartAt": "S0",
        "States": {f"S{i}": {"Type": "Pass", "Result": "x" * 5_000, "Next": f"S{i + 1}"} for i in range(1_000)}
        | {"S1000": {"Type": "Succeed", "Next": "S0"}},
    }
)
TOO_DEEP = "TOO_DEEPLY_NESTED: is nested too deeply or too large"
NOT_READ = "INVALID_JSON_DESCRIPTION: "
NOT_AN_OBJECT = f"{NOT_READ}Definition must be a valid JSON object"
UNUSUAL: dict[str, tuple[str | bytes, list[str]]] = {
    "empty": ("", [NOT_AN_OBJECT]),
    "blank": (" \n\n", [NOT_AN_OBJECT]),
    "a string": ("Hello, world", [NOT_AN_OBJECT]),
    "a number": ("5", [NOT_AN_OBJECT]),
    "a list": ("[]", [NOT_AN_OBJECT]),
    "cut off": (BAD[:-2], [f"{NOT_READ}is not JSON: Expecting ',' delimiter at line 1, column 66"]),
    "cut off in a string": (BAD[:30], [f"{NOT_READ}is not JSON: Unterminated string starting at line 1, column 29"]),
    "two documents": (f"{GOOD}\n{GOOD}", [f"{NOT_READ}is not JSON: Extra data at line 2, column 1"]),
    "binary": (bytes(range(256)), [f"{NOT_READ}is not UTF-8: byte 128 cannot be read"]),
    "an image": (b"\x89PNG\r\n\x1a\n\0\0", [f"{NOT_READ}is not UTF-8: byte 0 cannot be read"]),
    "UTF-16": (GOOD.encode("utf-16"), [f"{NOT_READ}is not UTF-8: byte 0 cannot be read"]),
    "a byte order mark": (GOOD.encode("utf-8-sig"), []),
    "NUL": (b"{\0}", [f"{NOT_READ}is not JSON: Expecting property name enclosed in double quotes at line 1, column 2"]),
    "NaN": (WITH_RESULT % "NaN", [f"{NOT_READ}has NaN, which is not JSON"]),
    "infinity": (WITH_RESULT % "-Infinity", [f"{NOT_READ}has -Infinity, which is not JSON"]),
    "too great": (WITH_RESULT % "1e999", [f"{NOT_READ}is not JSON: has the number 1e999"]),
    "1,000 levels of JSON": (WITH_RESULT % ("[" * 1_000 + "]" * 1_000), [TOO_DEEP]),
    "1,000 objects of JSON": (WITH_RESULT % ('{"a":' * 1_000 + "1" + "}" * 1_000), [TOO_DEEP]),
    "100,000 levels of JSON": (WITH_RESULT % ("[" * 100_000), [TOO_DEEP]),
    "1,000 levels of YAML": ("StartAt: A\nStates: " + "[" * 1_000 + "]" * 1_000, [TOO_DEEP]),
    "700 levels": (WITH_RESULT % ("[" * 700 + "]" * 700), []),
    "aliases of aliases": (BOMB, [TOO_DEEP]),
    "an alias within itself": ("StartAt: A\nStates: &a {A: {Type: Succeed}, B: *a}\n", [TOO_DEEP]),
    "a tag of Python": ("!!python/object/apply:os.system [exit 3]\n", [
        f"{NOT_READ}is neither JSON nor YAML: could not determine a constructor for the tag "
        "'tag:yaml.org,2002:python/object/apply:os.system' at line 1, column 1"
    ]),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNUSUAL)
def test_an_unusual_file_is_reported_and_the_next_one_is_checked(project: Project, kind: str) -> None:
    content, findings = UNUSUAL[kind]
    path = project.root / "hard.asl.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (project.root / "b.asl.json").write_text(BAD)
    result = validate("hard.asl.json", "b.asl.json")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    without_place = [re.sub(r"^hard.asl.json(:\d+)*: error ", "", line) for line in finding_lines(result)]
    assert without_place == [*findings, ERROR_LINE]


@pytest.mark.parametrize(
    "text", [WITH_RESULT % r'"\ud800"', WITH_RESULT % r'{"\udc00": 1}', WITH_RESULT.replace('"A"', r'"\ud800"') % "1"]
)
@pytest.mark.parametrize("format_", ["text", "json"])
def test_an_unpaired_surrogate_is_named_in_the_message(project: Project, text: str, format_: str) -> None:
    (project.root / "a.asl.json").write_text(text)
    result = validate("a.asl.json", "--format", format_)
    assert (result.exit_code, "surrogate" in result.stdout, "put it in quotes" in result.stdout) == (1, True, False)
    assert "a.asl.json" in result.stdout


def test_a_file_of_5_mb_is_checked(project: Project) -> None:
    (project.root / "large.asl.json").write_text(LARGE)
    result = validate("large.asl.json", "--format", "json")
    assert (len(LARGE) > 5_000_000, result.exit_code) == (True, 1)
    findings = {(finding["code"], finding["pointer"], finding["line"]) for finding in json.loads(result.stdout)}
    assert ("SCHEMA_VALIDATION_FAILED", "/States/S1000/Next", 1) in findings
    assert max(map(len, validate("large.asl.json").stdout.splitlines())) < 200


def test_a_file_whose_name_is_not_utf_8_is_checked_in_every_format(project: Project) -> None:
    path = os.fsencode(project.root) + b"/\xff.asl.json"
    try:
        Path(os.fsdecode(path)).write_text(BAD)
    except OSError:
        pytest.skip("the file system refuses the name")
    assert [validate(".", "--format", format_).exit_code for format_ in ("text", "json", "sarif", "github")] == [1] * 4


# Formats


@pytest.mark.usefixtures("files")
def test_text_goes_to_standard_output_and_the_summary_to_standard_error() -> None:
    result = validate("a.asl.json", "b.asl.json", "w.asl.json")
    assert result.stdout.splitlines() == [
        ERROR_LINE,
        f"    1 | {BAD}",
        f"      | {' ' * 53}^^^^^^",
        "      = a Succeed state takes Comment, InputPath, Output, OutputPath, QueryLanguage, Type",
        WARNING_LINE,
        f"    1 | {RISKY[:99]}",
        f"      | {' ' * 28}^^^",
        "      = add a Default",
    ]
    assert result.stderr == "3 definitions checked: 1 error, 1 warning\n"


@pytest.mark.usefixtures("files")
def test_the_github_format_prints_one_line_for_each_finding() -> None:
    result = validate(".", "--format", "github")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.splitlines() == [
        "::error file=b.asl.json,title=SCHEMA_VALIDATION_FAILED,line=1,endLine=1,col=54,endColumn=60::"
        "\"A\" Next: Field 'Next' is not supported; a Succeed state takes Comment, InputPath, Output, OutputPath, "
        "QueryLanguage, Type",
        '::warning file=w.asl.json,title=NO_DEFAULT,line=1,endLine=1,col=29,endColumn=32::"A": fails with '
        "States.NoChoiceMatched if no rule matches; add a Default",
    ]


@pytest.mark.usefixtures("files")
def test_the_sarif_format_prints_one_log_and_no_summary() -> None:
    result = validate(".", "--format", "sarif")
    [log] = json.loads(result.stdout)["runs"]
    assert (result.exit_code, result.stderr) == (1, "")
    assert [(entry["ruleId"], entry["level"]) for entry in log["results"]] == [
        ("shape", "error"),
        ("choice-without-default", "warning"),
    ]


def test_the_same_mistake_in_two_state_machines_has_two_fingerprints(project: Project) -> None:
    machine = f"{{Type: AWS::Serverless::StateMachine, Properties: {{Definition: {BAD}}}}}"
    (project.root / "template.yaml").write_text(f"Resources:\n  One: {machine}\n  Two: {machine}\n")
    results = json.loads(validate("template.yaml", "--format", "sarif").stdout)["runs"][0]["results"]
    assert len(results) == 2
    assert len({json.dumps(entry["partialFingerprints"]) for entry in results}) == 2


JSON_CALLS: dict[str, tuple[str, ...]] = {
    "clean": ("a.asl.json",),
    "with errors": (".",),
    "with a missing file": ("c.json", "a.asl.json"),
    "with a broken file": ("broken.asl.json",),
    "with a broken workflow": ("broken.py",),
    "with a workflow that prints": ("loud.py",),
    "with wrong settings": ("a.asl.json",),
}


@pytest.mark.parametrize("kind", JSON_CALLS)
@pytest.mark.parametrize("format_", ["json", "sarif"])
def test_standard_output_is_always_valid_json(files: Project, kind: str, format_: str) -> None:
    (files.root / "broken.asl.json").write_text("{")
    (files.root / "broken.py").write_text("x = (\n")
    loud = "print('loud')\nfrom stepfunctions.steps import *\nfrom workflow_dsl import Workflow\n"
    (files.root / "loud.py").write_text(loud + "def build():\n    return Workflow(Pass('A'))\n")
    if kind == "with wrong settings":
        write_settings(files, "ignore = 5")
    process = subprocess.run(
        [sys.executable, "-m", "workflow_dsl", "validate", *JSON_CALLS[kind], "--format", format_],
        cwd=files.root,
        capture_output=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert b"Traceback" not in process.stderr
    assert isinstance(json.loads(process.stdout), list if format_ == "json" else dict)


def test_an_unknown_format_exits_with_2() -> None:
    result = validate("--format", "xml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'xml' is not one of 'text', 'json', 'sarif', 'github'" in result.stderr


# Suppressed warnings


@pytest.mark.usefixtures("files")
def test_ignore_suppresses_a_warning_by_its_code() -> None:
    assert finding_lines(validate(".", "--ignore", "NO_DEFAULT")) == [ERROR_LINE]
    assert finding_lines(validate(".", "--ignore", "NO_LAMBDA_RETRY")) == [ERROR_LINE, WARNING_LINE]
    assert finding_lines(validate(".", "--ignore", "NO_LAMBDA_RETRY", "--ignore", "NO_DEFAULT")) == [ERROR_LINE]


NOT_A_WARNING = "an error cannot be suppressed; `workflow-dsl rules` lists the warnings"
CODES = [
    ("NO_DEFALT", 'did you mean "NO_DEFAULT"?'),
    ("no_default", 'did you mean "NO_DEFAULT"?'),
    ("MISSING_END_STATE", NOT_A_WARNING),
    ("SCHEMA_VALIDATION_FAILED", NOT_A_WARNING),
    ("ZZZ", "`workflow-dsl rules` lists the warnings"),
    ("", "`workflow-dsl rules` lists the warnings"),
]


@pytest.mark.parametrize(("code", "hint"), CODES)
@pytest.mark.usefixtures("files")
def test_an_ignored_code_that_is_not_a_warning_exits_with_2(code: str, hint: str) -> None:
    result = validate("a.asl.json", "--ignore", code)
    assert (result.exit_code, result.stdout) == (2, "")
    last = f"Error: Invalid value for --ignore: no warning has the code {code!r}: {hint}\n"
    assert result.stderr.endswith(last)


def test_the_settings_suppress_a_warning(files: Project) -> None:
    write_settings(files, 'ignore = ["NO_DEFAULT", "WAITS_FOREVER"]')
    assert finding_lines(validate(".")) == [ERROR_LINE]
    assert validate("w.asl.json", "--strict", "--ignore", "NO_LAMBDA_RETRY").exit_code == 0
    write_settings(files, "ignore = []")
    assert finding_lines(validate("w.asl.json")) == [WARNING_LINE]


def test_the_settings_suppress_warnings_of_generate_too(project: Project, write_workflow: Write) -> None:
    choice = "Choice('A')\n    a.add_choice(ChoiceRule.IsNull('$.x', True), Succeed('B'))\n"
    write_workflow("one", f"def build():\n    a = {choice}    return Workflow(a)\n")
    assert "NO_DEFAULT" in run("generate").stderr
    write_settings(project, 'ignore = ["NO_DEFAULT"]')
    assert "NO_DEFAULT" not in run("generate").stderr


WRONG_SETTINGS = [
    *((f'["{code}"]', f"ignore: no warning has the code {code!r}", hint) for code, hint in CODES),
    ('"NO_DEFAULT"', "ignore is 'NO_DEFAULT'", 'write a list of codes: ["NO_DEFAULT"]'),
    ("[1]", "ignore is [1]", 'write a list of codes: ["NO_DEFAULT"]'),
    ("true", "ignore is True", 'write a list of codes: ["NO_DEFAULT"]'),
    ("{NO_DEFAULT = true}", "ignore is {'NO_DEFAULT': True}", 'write a list of codes: ["NO_DEFAULT"]'),
]


@pytest.mark.parametrize(("value", "message", "remedy"), WRONG_SETTINGS)
def test_a_wrong_ignore_setting_is_reported_in_pyproject_toml(
    files: Project, value: str, message: str, remedy: str
) -> None:
    write_settings(files, f"ignore = {value}")
    result = validate("a.asl.json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.splitlines() == [
        f"pyproject.toml: error CONFIGURATION: [tool.workflow-dsl] {message}",
        f"      = {remedy}",
    ]


# Type and standard input


def test_the_type_comes_from_the_call_or_the_template_or_is_standard(project: Project) -> None:
    long = GOOD.replace('"States"', '"TimeoutSeconds": 400, "States"')
    machine = "{Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: a.asl.json, Type: EXPRESS}}"
    (project.root / "a.asl.json").write_text(long)
    (project.root / "t.yaml").write_text(f"Resources: {{M: {machine}}}\n")
    calls = [("a.asl.json",), ("a.asl.json", "--type", "EXPRESS"), ("t.yaml",), ("t.yaml", "--type", "STANDARD")]
    assert [validate(*call, "--strict").exit_code for call in calls] == [0, 1, 1, 0]
    assert validate("a.asl.json", "--type", "express", "--strict").exit_code == 1


def test_a_workflow_is_checked_as_the_project_deploys_it(project: Project, write_workflow: Write) -> None:
    path = write_workflow("a", "def build():\n    return Workflow(Pass('${Name}'), timeout_seconds=400)\n")
    calls = [(str(path),), (str(path), "--type", "STANDARD")]
    assert [validate(*call, "--strict").exit_code for call in calls] == [0, 0]
    machine = "{Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: generated/a.asl.json, Type: EXPRESS}}"
    (project.root / "template.yaml").write_text(f"Resources: {{M: {machine}}}\n")
    codes = [[line.split()[2] for line in finding_lines(validate(*call, "--strict"))] for call in calls]
    assert codes == [["EXPRESS_TIMEOUT:", "MISSING_SUBSTITUTION:"], ["MISSING_SUBSTITUTION:"]]


@pytest.mark.parametrize(
    ("stdin", "code", "first"),
    [
        (GOOD, 0, None),
        (BAD, 1, ERROR_LINE.replace("b.asl.json", "standard input")),
        ("StartAt: A\nStates: {A: {Type: Succeed}}", 0, None),
        ("", 1, f"standard input: error {NOT_AN_OBJECT}"),
        ("{", 1, None),
    ],
)
@pytest.mark.usefixtures("project")
def test_standard_input_is_checked(stdin: str, code: int, first: str | None) -> None:
    result = validate("-", stdin=stdin)
    assert result.exit_code == code
    assert first is None or finding_lines(result) == [first]
    assert result.stdout == "" or result.stdout.startswith("standard input")


def test_standard_input_is_checked_beside_files(files: Project) -> None:
    result = validate("b.asl.json", "-", "a.asl.json", stdin=BAD)
    assert finding_lines(result) == [ERROR_LINE, ERROR_LINE.replace("b.asl.json", "standard input")]
    assert files.root


def test_without_a_path_the_projects_template_and_definitions_are_checked(files: Project) -> None:
    (files.root / "generated").mkdir()
    for name in ("a", "b"):
        (files.root / "generated" / f"{name}.asl.json").write_text(BAD)
    machine = "{Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: generated/b.asl.json}}"
    (files.root / "template.yaml").write_text(f"Resources: {{M: {machine}}}\n")
    result = validate()
    assert (result.exit_code, finding_lines(result)) == (
        1,
        [
            ERROR_LINE.replace("b.asl.json", "generated/b.asl.json"),
            ERROR_LINE.replace("b.asl.json", "generated/a.asl.json"),
        ],
    )


def test_a_call_from_a_subfolder_prints_the_same_as_from_the_project_root(
    files: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (files.root / "sub").mkdir()
    (files.root / "sub" / "b.asl.json").write_text(BAD)
    from_root = validate("sub/b.asl.json")
    monkeypatch.chdir(files.root / "sub")
    assert validate("b.asl.json").stdout == from_root.stdout


# rules


def test_rules_lists_the_severity_code_name_and_summary_of_each_rule() -> None:
    result = run("rules")
    lines = result.stdout.splitlines()
    assert (result.exit_code, result.stderr) == (0, "")
    others = [[code] for code in OTHER_CODES]
    assert [line.split() for line in lines[::2]] == [[rule.severity, rule.code, rule.name] for rule in rules()] + others
    assert [line.strip() for line in lines[1::2]] == [*(rule.summary for rule in rules()), *OTHER_CODES.values()]


def test_rules_explains_a_code_that_belongs_to_no_rule() -> None:
    assert run("rules", "NO_DEFINITION").stdout == f"NO_DEFINITION: {OTHER_CODES['NO_DEFINITION']}\n"


@pytest.mark.parametrize("arguments", [("--ignore", "MISSING_PERMISSION"), ()])
def test_a_missing_permission_can_be_suppressed(project: Project, arguments: tuple[str, ...]) -> None:
    resource = "arn:aws:states:::dynamodb:getItem"
    task = {"Type": "Task", "Resource": resource, "Parameters": {"TableName": "t", "Key": {}}, "End": True}
    machine = {"Type": "AWS::Serverless::StateMachine"}
    machine["Properties"] = {"Definition": {"StartAt": "A", "States": {"A": task}}}  # type: ignore[assignment]
    (project.root / "template.json").write_text(json.dumps({"Resources": {"M": machine}}))
    result = validate("template.json", *arguments)
    assert ("MISSING_PERMISSION" in result.stdout, result.exit_code) == (not arguments, int(not arguments))


def test_rules_explains_a_rule_by_its_name_or_code() -> None:
    [no_default] = [rule for rule in rules() if rule.code == "NO_DEFAULT"]
    by_name, by_code = run("rules", no_default.name), run("rules", "NO_DEFAULT")
    assert (by_name.exit_code, by_name.stdout) == (0, render_rule(no_default) + "\n")
    assert by_code.stdout == by_name.stdout
    for part in (no_default.summary, no_default.source, "```yaml\nStartAt: ", "Instead:", "warning NO_DEFAULT: "):
        assert part in by_name.stdout


def test_rules_explains_every_rule_of_a_code_and_names_in_the_order_of_the_call() -> None:
    failed = [rule for rule in rules() if rule.code == "SCHEMA_VALIDATION_FAILED"]
    assert len(failed) > 1
    assert run("rules", failed[0].code).stdout == "".join(f"{render_rule(rule)}\n" for rule in failed)
    first, second = rules()[:2]
    assert run("rules", second.name, first.name).stdout == f"{render_rule(second)}\n{render_rule(first)}\n"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("choice-without-defalt", 'did you mean "choice-without-default"?'),
        ("NO_DEFALT", 'did you mean "NO_DEFAULT"?'),
        ("zzz", "see `workflow-dsl rules`"),
        ("", "see `workflow-dsl rules`"),
    ],
)
def test_an_unknown_rule_exits_with_2(name: str, hint: str) -> None:
    result = run("rules", name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith(f"Error: no rule {name!r}; {hint}\n")


@pytest.mark.parametrize("name", ["no_default", "Choice-Without-Default"])
def test_a_rule_is_found_in_any_letter_case(name: str) -> None:
    assert run("rules", name).output == run("rules", "NO_DEFAULT").output


def test_rules_writes_the_page_of_all_rules(project: Project) -> None:
    result = run("rules", "--output", "rules.md")
    assert (result.exit_code, result.output) == (0, "")
    assert (project.root / "rules.md").read_text("utf-8") == render_rules()
    assert run("rules", "--output", "rules.md/none.md").exit_code == 2


# The pre-commit hook


@pytest.fixture
def hook(root: Path) -> Any:
    [hook] = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_bytes())
    return hook


def test_the_hook_runs_our_command_on_files_of_any_name(files: Project, root: Path, hook: Any) -> None:
    command, *arguments = shlex.split(hook["entry"])
    scripts = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    assert scripts[command] == "workflow_dsl.__main__:start"
    (files.root / "grün 1.asl.json").write_text(BAD)
    results = [run(*arguments, name) for name in ("a.asl.json", "b.asl.json", "grün 1.asl.json")]
    assert [result.exit_code for result in results] == [0, 1, 1]


def test_the_hook_has_the_fields_that_pre_commit_requires(hook: Any) -> None:
    assert {"id", "name", "entry", "language", "files"} <= hook.keys()
    assert (hook["id"], hook["language"], hook.get("pass_filenames", True)) == ("workflow-dsl-validate", "python", True)


# `sam` finds these templates by default: template.yaml, template.yml, template.json.
MATCHED = [
    *("a.asl.json", "a.asl.yaml", "a.asl.yml", "generated/a b.asl.json", "x/.asl.json"),
    *("template.yaml", "template.yml", "template.json", "stacks/template.yaml"),
]
NOT_MATCHED = [
    *("a.json", "a.yaml", "asl.json", "aslxjson", "a.asl.jsonc", "a.asl.json.bak", "a.asl.py", "a.asl.toml"),
    *("a.asl.json/readme.md", "template.yaml.j2", "my-template.yaml", "template.txt", "templateXyaml", "docs/asl.md"),
    *("template.yamls", "template/x.yaml", "pyproject.toml", "samconfig.toml", "workflow.py"),
]


@pytest.mark.parametrize("name", MATCHED)
def test_the_hook_matches_definitions_and_templates(hook: Any, name: str) -> None:
    assert re.search(hook["files"], name)


@pytest.mark.parametrize("name", NOT_MATCHED)
def test_the_hook_matches_no_other_file(hook: Any, name: str) -> None:
    assert not re.search(hook["files"], name)


def test_the_hook_matches_exactly_the_definitions_and_templates_of_this_repository(root: Path, hook: Any) -> None:
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        pytest.skip("this is not a Git checkout")
    tracked = subprocess.run([git, "ls-files"], cwd=root, capture_output=True, text=True, check=True)
    matched = [name for name in tracked.stdout.splitlines() if re.search(hook["files"], name)]
    assert {"template.yaml", "generated/stock_trader.asl.json"} <= set(matched)
    assert [name for name in matched if "asl" not in name and "template" not in Path(name).name] == []


UNQUOTED = """Transform: AWS::Serverless-2016-10-31
Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties:
      Role: arn:aws:iam::111111111111:role/r
      DefinitionSubstitutions: {Account: "111111111111", Seconds: 5}
      Definition:
        StartAt: Wait
        States:
          Wait:
            Type: Wait
            Seconds: ${Seconds}
            Next: Get
          Get:
            Type: Task
            Resource: arn:aws:states:::aws-sdk:s3:getObject
            Parameters:
              Bucket: b
              Key: k
              ExpectedBucketOwner: ${Account}
            End: true
"""


def test_a_placeholder_without_quotes_in_an_inline_definition_is_a_string(project: Project) -> None:
    (project.root / "template.yaml").write_text(UNQUOTED)
    found = json.loads(validate("template.yaml", "--format", "json").stdout)
    assert [(each["code"], each["line"], each["message"]) for each in found] == [
        ("SCHEMA_VALIDATION_FAILED", 13, 'Expected value of type [INTEGER], got "5"')
    ]
