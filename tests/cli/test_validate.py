"""The command line of `validate` and `rules`: what is printed where, in which format, and the exit code."""

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
from workflow_dsl.validation.rules_page import OTHERS, chapter, handbook

GOOD = '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'
BAD = '{"StartAt": "A", "States": {"A": {"Type": "Succeed", "Next": "A"}}}'
SAID = "b.asl.json:1:54: error SCHEMA_VALIDATION_FAILED: \"A\" Next: Field 'Next' is not supported"
RISKY = '{"StartAt": "A", "States": {"A": {"Type": "Choice", "Choices": [{"Variable": "$.x", "IsNull": true, "Next": "B"}]}, "B": {"Type": "Succeed"}}}'
WARNED = 'w.asl.json:1:29: warning NO_DEFAULT: "A": fails with States.NoChoiceMatched when no rule holds'


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, arguments, input=stdin, catch_exceptions=False)


def validate(*arguments: str, stdin: str | None = None) -> Result:
    return run("validate", *arguments, stdin=stdin)


@pytest.fixture
def files(project: Project) -> Project:
    """A project with a definition that is good, one that has an error, and one that has a warning."""
    for name, text in (("a.asl.json", GOOD), ("b.asl.json", BAD), ("w.asl.json", RISKY)):
        (project.root / name).write_text(text)
    return project


def setting(project: Project, text: str) -> None:
    (project.root / "pyproject.toml").write_text(f"[tool.workflow-dsl]\n{text}\n")


def said(result: Result) -> list[str]:
    """The lines that are no snippet and no remedy."""
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
        ("c.json", "b.asl.json"),
        2,
        "c.json: No such file or directory\n1 definition checked: 1 error, 0 warnings\n",
    ),
]


@pytest.mark.parametrize(("arguments", "code", "summary"), EXITS)
@pytest.mark.usefixtures("files")
def test_the_exit_code_is_0_1_for_errors_and_2_for_what_cannot_be_read(
    arguments: tuple[str, ...], code: int, summary: str
) -> None:
    result = validate(*arguments)
    assert (result.exit_code, result.stderr) == (code, summary)


@pytest.mark.usefixtures("files")
def test_findings_are_printed_in_the_order_of_the_files() -> None:
    assert said(validate("w.asl.json", "b.asl.json", "a.asl.json")) == [WARNED, SAID]
    assert said(validate(".")) == [SAID, WARNED]


NOTHING = [("empty",), ("empty/*.json",), ("**/*.asl.yml",), ("empty", "none*.json")]


@pytest.mark.parametrize("arguments", NOTHING)
def test_what_names_no_file_at_all_is_a_wrong_call_and_not_the_whole_project(
    files: Project, arguments: tuple[str, ...]
) -> None:
    for folder in ("empty", "generated"):
        (files.root / folder).mkdir()
    (files.root / "generated" / "b.asl.json").write_text(BAD)
    result = validate(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert arguments[0] in result.stderr


@pytest.mark.usefixtures("files")
def test_a_pattern_without_a_match_is_said_beside_one_that_has_matches() -> None:
    result = validate("b*.json", "none*.json")
    assert (result.exit_code, said(result)) == (2, [SAID])
    assert "none*.json" in result.stderr


@pytest.mark.parametrize("arguments", [("broken.json", "."), (".", "broken.json"), ("broken.json", "*.json")])
def test_a_file_that_is_named_is_checked_although_a_folder_around_it_is_named_too(
    project: Project, arguments: tuple[str, ...]
) -> None:
    (project.root / "broken.json").write_text("{")
    result = validate(*arguments)
    assert (result.exit_code, len(said(result))) == (1, 1)


def test_a_folder_without_rights_is_one_line_and_exit_2(files: Project) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
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
        pytest.skip("there is no such file here")
    (folder / "memory.asl.json").symlink_to("/proc/self/mem")
    return "memory.asl.json"


HARD_FILES: dict[str, Callable[[Path], str]] = {
    "a link to itself": _loop,
    "a file that fails when it is read": _memory,
    "a name that is too long": lambda _folder: "x" * 300,
    "a file that is no folder": lambda _folder: "a.asl.json/b.json",
}


@pytest.mark.parametrize("kind", HARD_FILES)
@pytest.mark.parametrize("format_", ["text", "json"])
def test_a_file_that_cannot_be_read_is_one_line_and_the_others_are_checked(
    files: Project, kind: str, format_: str
) -> None:
    name = HARD_FILES[kind](files.root)
    result = validate(name, "b.asl.json", "--format", format_)
    assert result.exit_code == 2
    lines = [line for line in result.stderr.splitlines() if not line.endswith(" warnings")]
    assert [line.partition(": ")[0] for line in lines] == [name]
    assert (SAID in said(result)) if format_ == "text" else (len(json.loads(result.stdout)) == 1)


# Hard files

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
UNREAD = "INVALID_JSON_DESCRIPTION: "
NO_OBJECT = f"{UNREAD}Definition must be a valid JSON object"
HARD: dict[str, tuple[str | bytes, list[str]]] = {
    "empty": ("", [NO_OBJECT]),
    "blank": (" \n\n", [NO_OBJECT]),
    "a text": ("Hello, world", [NO_OBJECT]),
    "a number": ("5", [NO_OBJECT]),
    "a list": ("[]", [NO_OBJECT]),
    "cut off": (BAD[:-2], [f"{UNREAD}is not JSON: Expecting ',' delimiter at line 1, column 66"]),
    "cut off in a text": (BAD[:30], [f"{UNREAD}is not JSON: Unterminated string starting at line 1, column 29"]),
    "two documents": (f"{GOOD}\n{GOOD}", [f"{UNREAD}is not JSON: Extra data at line 2, column 1"]),
    "binary": (bytes(range(256)), [f"{UNREAD}is not UTF-8: byte 128 cannot be read"]),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\0", [f"{UNREAD}is not UTF-8: byte 0 cannot be read"]),
    "UTF-16": (GOOD.encode("utf-16"), [f"{UNREAD}is not UTF-8: byte 0 cannot be read"]),
    "a byte order mark": (GOOD.encode("utf-8-sig"), []),
    "NUL": (b"{\0}", [f"{UNREAD}is not JSON: Expecting property name enclosed in double quotes at line 1, column 2"]),
    "NaN": (WITH_RESULT % "NaN", [f"{UNREAD}has NaN, which is no JSON value"]),
    "infinity": (WITH_RESULT % "-Infinity", [f"{UNREAD}has -Infinity, which is no JSON value"]),
    "too great": (WITH_RESULT % "1e999", [f"{UNREAD}is not JSON: has the number 1e999"]),
    "1,000 levels of JSON": (WITH_RESULT % ("[" * 1_000 + "]" * 1_000), [TOO_DEEP]),
    "1,000 objects of JSON": (WITH_RESULT % ('{"a":' * 1_000 + "1" + "}" * 1_000), [TOO_DEEP]),
    "100,000 levels of JSON": (WITH_RESULT % ("[" * 100_000), [TOO_DEEP]),
    "1,000 levels of YAML": ("StartAt: A\nStates: " + "[" * 1_000 + "]" * 1_000, [TOO_DEEP]),
    "700 levels": (WITH_RESULT % ("[" * 700 + "]" * 700), []),
    "aliases of aliases": (BOMB, [TOO_DEEP]),
    "an alias within itself": ("StartAt: A\nStates: &a {A: {Type: Succeed}, B: *a}\n", [TOO_DEEP]),
    "a tag of Python": ("!!python/object/apply:os.system [exit 3]\n", [
        f"{UNREAD}is neither JSON nor YAML: could not determine a constructor for the tag "
        "'tag:yaml.org,2002:python/object/apply:os.system' at line 1, column 1"
    ]),
}  # fmt: skip


@pytest.mark.parametrize("kind", HARD)
def test_a_hard_file_brings_a_finding_that_names_it_and_the_one_beside_it_is_checked(
    project: Project, kind: str
) -> None:
    content, findings = HARD[kind]
    path = project.root / "hard.asl.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (project.root / "b.asl.json").write_text(BAD)
    result = validate("hard.asl.json", "b.asl.json")
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    without_place = [re.sub(r"^hard.asl.json(:\d+)*: error ", "", line) for line in said(result)]
    assert without_place == [*findings, SAID]


@pytest.mark.parametrize(
    "text", [WITH_RESULT % r'"\ud800"', WITH_RESULT % r'{"\udc00": 1}', WITH_RESULT.replace('"A"', r'"\ud800"') % "1"]
)
@pytest.mark.parametrize("format_", ["text", "json"])
def test_half_of_a_surrogate_pair_is_called_by_its_name(project: Project, text: str, format_: str) -> None:
    (project.root / "a.asl.json").write_text(text)
    result = validate("a.asl.json", "--format", format_)
    assert (result.exit_code, "surrogate" in result.stdout, "put it in quotes" in result.stdout) == (1, True, False)
    assert "a.asl.json" in result.stdout


def test_a_file_of_5_mb_is_checked(project: Project) -> None:
    (project.root / "large.asl.json").write_text(LARGE)
    result = validate("large.asl.json", "--format", "json")
    assert (len(LARGE) > 5_000_000, result.exit_code) == (True, 1)
    found = {(each["code"], each["pointer"], each["line"]) for each in json.loads(result.stdout)}
    assert ("SCHEMA_VALIDATION_FAILED", "/States/S1000/Next", 1) in found
    assert max(map(len, validate("large.asl.json").stdout.splitlines())) < 200


def test_a_file_whose_name_is_no_utf_8_is_checked_in_every_format(project: Project) -> None:
    path = os.fsencode(project.root) + b"/\xff.asl.json"
    try:
        Path(os.fsdecode(path)).write_text(BAD)
    except OSError:
        pytest.skip("the file system takes no such name")
    assert [validate(".", "--format", each).exit_code for each in ("text", "json", "sarif", "github")] == [1] * 4


# Formats


@pytest.mark.usefixtures("files")
def test_text_is_on_standard_output_and_the_summary_on_standard_error() -> None:
    result = validate("a.asl.json", "b.asl.json", "w.asl.json")
    assert result.stdout.splitlines() == [
        SAID,
        f"    1 | {BAD}",
        f"      | {' ' * 53}^^^^^^",
        "      = a Succeed state takes Comment, InputPath, Output, OutputPath, QueryLanguage, Type",
        WARNED,
        f"    1 | {RISKY[:99]}",
        f"      | {' ' * 28}^^^",
        "      = give it a Default",
    ]
    assert result.stderr == "3 definitions checked: 1 error, 1 warning\n"


@pytest.mark.usefixtures("files")
def test_github_has_a_line_for_each_finding_and_nothing_else() -> None:
    result = validate(".", "--format", "github")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout.splitlines() == [
        "::error file=b.asl.json,title=SCHEMA_VALIDATION_FAILED,line=1,endLine=1,col=54,endColumn=60::"
        "\"A\" Next: Field 'Next' is not supported; a Succeed state takes Comment, InputPath, Output, OutputPath, "
        "QueryLanguage, Type",
        '::warning file=w.asl.json,title=NO_DEFAULT,line=1,endLine=1,col=29,endColumn=32::"A": fails with '
        "States.NoChoiceMatched when no rule holds; give it a Default",
    ]


@pytest.mark.usefixtures("files")
def test_sarif_is_a_log_alone_on_standard_output() -> None:
    result = validate(".", "--format", "sarif")
    [whole] = json.loads(result.stdout)["runs"]
    assert (result.exit_code, result.stderr) == (1, "")
    assert [(each["ruleId"], each["level"]) for each in whole["results"]] == [
        ("shape", "error"),
        ("choice-without-default", "warning"),
    ]


def test_one_mistake_in_two_machines_of_a_template_has_two_fingerprints(project: Project) -> None:
    machine = f"{{Type: AWS::Serverless::StateMachine, Properties: {{Definition: {BAD}}}}}"
    (project.root / "template.yaml").write_text(f"Resources:\n  One: {machine}\n  Two: {machine}\n")
    results = json.loads(validate("template.yaml", "--format", "sarif").stdout)["runs"][0]["results"]
    assert len(results) == 2
    assert len({json.dumps(each["partialFingerprints"]) for each in results}) == 2


UNPARSEABLE: dict[str, tuple[str, ...]] = {
    "clean": ("a.asl.json",),
    "with errors": (".",),
    "with a file that is not there": ("c.json", "a.asl.json"),
    "with a broken file": ("broken.asl.json",),
    "with a broken workflow": ("broken.py",),
    "with a workflow that prints": ("loud.py",),
    "with wrong settings": ("a.asl.json",),
}


@pytest.mark.parametrize("kind", UNPARSEABLE)
@pytest.mark.parametrize("format_", ["json", "sarif"])
def test_json_is_always_alone_on_standard_output(files: Project, kind: str, format_: str) -> None:
    (files.root / "broken.asl.json").write_text("{")
    (files.root / "broken.py").write_text("x = (\n")
    loud = "print('loud')\nfrom stepfunctions.steps import *\nfrom workflow_dsl import Workflow\n"
    (files.root / "loud.py").write_text(loud + "def build():\n    return Workflow(Pass('A'))\n")
    if kind == "with wrong settings":
        setting(files, "ignore = 5")
    done = subprocess.run(
        [sys.executable, "-m", "workflow_dsl", "validate", *UNPARSEABLE[kind], "--format", format_],
        cwd=files.root,
        capture_output=True,
        check=False,
        timeout=60,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert b"Traceback" not in done.stderr
    assert isinstance(json.loads(done.stdout), list if format_ == "json" else dict)


def test_a_format_that_is_unknown_is_a_wrong_call() -> None:
    result = validate("--format", "xml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "'xml' is not one of 'text', 'json', 'sarif', 'github'" in result.stderr


# Warnings that are left out


@pytest.mark.usefixtures("files")
def test_a_warning_is_left_out_by_its_code_and_the_others_stay() -> None:
    assert said(validate(".", "--ignore", "NO_DEFAULT")) == [SAID]
    assert said(validate(".", "--ignore", "NO_LAMBDA_RETRY")) == [SAID, WARNED]
    assert said(validate(".", "--ignore", "NO_LAMBDA_RETRY", "--ignore", "NO_DEFAULT")) == [SAID]


NO_WARNING = "an error cannot be left out; `workflow-dsl rules` lists the warnings"
CODES = [
    ("NO_DEFALT", 'did you mean "NO_DEFAULT"?'),
    ("no_default", 'did you mean "NO_DEFAULT"?'),
    ("MISSING_END_STATE", NO_WARNING),
    ("SCHEMA_VALIDATION_FAILED", NO_WARNING),
    ("ZZZ", "`workflow-dsl rules` lists the warnings"),
    ("", "`workflow-dsl rules` lists the warnings"),
]


@pytest.mark.parametrize(("code", "hint"), CODES)
@pytest.mark.usefixtures("files")
def test_what_is_no_code_of_a_warning_is_a_wrong_call(code: str, hint: str) -> None:
    result = validate("a.asl.json", "--ignore", code)
    assert (result.exit_code, result.stdout) == (2, "")
    last = f"Error: Invalid value for --ignore: no warning has the code {code!r}: {hint}\n"
    assert result.stderr.endswith(last)


def test_a_warning_is_left_out_for_good_by_the_settings(files: Project) -> None:
    setting(files, 'ignore = ["NO_DEFAULT", "WAITS_FOREVER"]')
    assert said(validate(".")) == [SAID]
    assert validate("w.asl.json", "--strict", "--ignore", "NO_LAMBDA_RETRY").exit_code == 0
    setting(files, "ignore = []")
    assert said(validate("w.asl.json")) == [WARNED]


def test_the_settings_leave_warnings_out_of_a_build_too(project: Project, write_workflow: Write) -> None:
    choice = "Choice('A')\n    a.add_choice(ChoiceRule.IsNull('$.x', True), Succeed('B'))\n"
    write_workflow("one", f"def build():\n    a = {choice}    return Workflow(a)\n")
    assert "NO_DEFAULT" in run("generate").stderr
    setting(project, 'ignore = ["NO_DEFAULT"]')
    assert "NO_DEFAULT" not in run("generate").stderr


IN_SETTINGS = [
    *((f'["{code}"]', f"ignore: no warning has the code {code!r}", hint) for code, hint in CODES),
    ('"NO_DEFAULT"', "ignore is 'NO_DEFAULT'", 'write a list of codes: ["NO_DEFAULT"]'),
    ("[1]", "ignore is [1]", 'write a list of codes: ["NO_DEFAULT"]'),
    ("true", "ignore is True", 'write a list of codes: ["NO_DEFAULT"]'),
    ("{NO_DEFAULT = true}", "ignore is {'NO_DEFAULT': True}", 'write a list of codes: ["NO_DEFAULT"]'),
]


@pytest.mark.parametrize(("value", "message", "remedy"), IN_SETTINGS)
def test_what_is_no_code_of_a_warning_in_the_settings_is_said_in_their_file(
    files: Project, value: str, message: str, remedy: str
) -> None:
    setting(files, f"ignore = {value}")
    result = validate("a.asl.json")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.replace(f"{files.root}/", "").splitlines() == [
        f"pyproject.toml: error CONFIGURATION: [tool.workflow-dsl] {message}",
        f"      = {remedy}",
    ]


# Type and standard input


def test_the_type_is_the_calls_the_templates_or_standard(project: Project) -> None:
    long = GOOD.replace('"States"', '"TimeoutSeconds": 400, "States"')
    machine = "{Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: a.asl.json, Type: EXPRESS}}"
    (project.root / "a.asl.json").write_text(long)
    (project.root / "t.yaml").write_text(f"Resources: {{M: {machine}}}\n")
    calls = [("a.asl.json",), ("a.asl.json", "--type", "EXPRESS"), ("t.yaml",), ("t.yaml", "--type", "STANDARD")]
    assert [validate(*call, "--strict").exit_code for call in calls] == [0, 1, 1, 0]
    assert validate("a.asl.json", "--type", "express").exit_code == 2


@pytest.mark.parametrize(
    ("stdin", "code", "first"),
    [
        (GOOD, 0, None),
        (BAD, 1, SAID.replace("b.asl.json", "standard input")),
        ("StartAt: A\nStates: {A: {Type: Succeed}}", 0, None),
        ("", 1, f"standard input: error {NO_OBJECT}"),
        ("{", 1, None),
    ],
)
@pytest.mark.usefixtures("project")
def test_standard_input_is_checked(stdin: str, code: int, first: str | None) -> None:
    result = validate("-", stdin=stdin)
    assert result.exit_code == code
    assert first is None or said(result) == [first]
    assert result.stdout == "" or result.stdout.startswith("standard input")


def test_standard_input_stands_beside_files(files: Project) -> None:
    result = validate("b.asl.json", "-", "a.asl.json", stdin=BAD)
    assert said(result) == [SAID, SAID.replace("b.asl.json", "standard input")]
    assert files.root


def test_without_a_path_the_projects_template_and_definitions_are_checked(files: Project) -> None:
    (files.root / "generated").mkdir()
    for name in ("a", "b"):
        (files.root / "generated" / f"{name}.asl.json").write_text(BAD)
    machine = "{Type: AWS::Serverless::StateMachine, Properties: {DefinitionUri: generated/b.asl.json}}"
    (files.root / "template.yaml").write_text(f"Resources: {{M: {machine}}}\n")
    result = validate()
    assert (result.exit_code, said(result)) == (
        1,
        [SAID.replace("b.asl.json", "generated/b.asl.json"), SAID.replace("b.asl.json", "generated/a.asl.json")],
    )


def test_a_call_from_a_folder_of_the_project_is_the_same_as_from_its_root(
    files: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (files.root / "sub").mkdir()
    (files.root / "sub" / "b.asl.json").write_text(BAD)
    from_root = validate("sub/b.asl.json")
    monkeypatch.chdir(files.root / "sub")
    assert validate("b.asl.json").stdout == from_root.stdout


# rules


def test_rules_lists_each_with_its_severity_code_name_and_summary() -> None:
    result = run("rules")
    lines = result.stdout.splitlines()
    assert (result.exit_code, result.stderr) == (0, "")
    others = [[code] for code in OTHERS]
    assert [line.split() for line in lines[::2]] == [[rule.severity, rule.code, rule.name] for rule in rules()] + others
    assert [line.strip() for line in lines[1::2]] == [*(rule.summary for rule in rules()), *OTHERS.values()]


def test_rules_says_what_a_finding_is_that_is_no_rule() -> None:
    assert run("rules", "NO_DEFINITION").stdout == "NO_DEFINITION: a template's DefinitionUri leads to no file\n"


@pytest.mark.parametrize("arguments", [("--ignore", "MISSING_PERMISSION"), ()])
def test_a_missing_permission_can_be_left_out(project: Project, arguments: tuple[str, ...]) -> None:
    resource = "arn:aws:states:::dynamodb:getItem"
    task = {"Type": "Task", "Resource": resource, "Parameters": {"TableName": "t", "Key": {}}, "End": True}
    machine = {"Type": "AWS::Serverless::StateMachine"}
    machine["Properties"] = {"Definition": {"StartAt": "A", "States": {"A": task}}}  # type: ignore[assignment]
    (project.root / "template.json").write_text(json.dumps({"Resources": {"M": machine}}))
    result = validate("template.json", *arguments)
    assert ("MISSING_PERMISSION" in result.stdout, result.exit_code) == (not arguments, int(not arguments))


def test_rules_tells_more_of_a_rule_by_its_name_or_code() -> None:
    [no_default] = [rule for rule in rules() if rule.code == "NO_DEFAULT"]
    by_name, by_code = run("rules", no_default.name), run("rules", "NO_DEFAULT")
    assert (by_name.exit_code, by_name.stdout) == (0, chapter(no_default) + "\n")
    assert by_code.stdout == by_name.stdout
    for part in (no_default.summary, no_default.source, "```yaml\nStartAt: ", "Instead:", "warning NO_DEFAULT: "):
        assert part in by_name.stdout


def test_a_code_of_several_rules_tells_of_each_and_names_are_told_in_their_order() -> None:
    failed = [rule for rule in rules() if rule.code == "SCHEMA_VALIDATION_FAILED"]
    assert len(failed) > 1
    assert run("rules", failed[0].code).stdout == "".join(f"{chapter(rule)}\n" for rule in failed)
    first, second = rules()[:2]
    assert run("rules", second.name, first.name).stdout == f"{chapter(second)}\n{chapter(first)}\n"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("choice-without-defalt", 'did you mean "choice-without-default"?'),
        ("NO_DEFALT", 'did you mean "NO_DEFAULT"?'),
        ("no_default", 'did you mean "NO_DEFAULT"?'),
        ("Choice-Without-Default", 'did you mean "choice-without-default"?'),
        ("zzz", "see `workflow-dsl rules`"),
        ("", "see `workflow-dsl rules`"),
    ],
)
def test_an_unknown_rule_is_a_wrong_call(name: str, hint: str) -> None:
    result = run("rules", name)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.endswith(f"Error: no rule {name!r}: {hint}\n")


def test_rules_writes_the_handbook(project: Project) -> None:
    result = run("rules", "--output", "rules.md")
    assert (result.exit_code, result.output) == (0, "")
    assert (project.root / "rules.md").read_text("utf-8") == handbook()
    assert run("rules", "--output", "none/rules.md").exit_code == 2


# The pre-commit hook


@pytest.fixture
def hook(root: Path) -> Any:
    [hook] = yaml.safe_load((root / ".pre-commit-hooks.yaml").read_bytes())
    return hook


def test_the_hook_runs_our_command_on_files_of_any_name(files: Project, root: Path, hook: Any) -> None:
    command, *arguments = shlex.split(hook["entry"])
    scripts = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["scripts"]
    assert scripts[command] == "workflow_dsl.cli:main"
    (files.root / "grün 1.asl.json").write_text(BAD)
    results = [run(*arguments, name) for name in ("a.asl.json", "b.asl.json", "grün 1.asl.json")]
    assert [result.exit_code for result in results] == [0, 1, 1]


def test_the_hook_has_what_pre_commit_asks_for(hook: Any) -> None:
    assert {"id", "name", "entry", "language", "files"} <= hook.keys()
    assert (hook["id"], hook["language"], hook.get("pass_filenames", True)) == ("workflow-dsl-validate", "python", True)


# What `sam` takes for a template by itself is template.yaml, template.yml or template.json.
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
def test_the_hook_takes_definitions_and_templates(hook: Any, name: str) -> None:
    assert re.search(hook["files"], name)


@pytest.mark.parametrize("name", NOT_MATCHED)
def test_the_hook_takes_nothing_else(hook: Any, name: str) -> None:
    assert not re.search(hook["files"], name)


def test_the_hook_takes_every_definition_and_template_of_this_repository_and_nothing_else(
    root: Path, hook: Any
) -> None:
    git = shutil.which("git")
    if git is None or not (root / ".git").exists():
        pytest.skip("this is no checkout")
    tracked = subprocess.run([git, "ls-files"], cwd=root, capture_output=True, text=True, check=True)
    taken = [name for name in tracked.stdout.splitlines() if re.search(hook["files"], name)]
    assert {"template.yaml", "generated/stock_trader.asl.json"} <= set(taken)
    assert [name for name in taken if "asl" not in name and "template" not in Path(name).name] == []
