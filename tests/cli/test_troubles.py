"""The same trouble with a file has the same exit code in every command, and no command hangs or ends in a traceback."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from workflow_dsl.cli import main
from workflow_dsl.project import Project

DEFINITION = json.dumps({"StartAt": "A", "States": {"A": {"Type": "Succeed"}}})
Make = Callable[[Path], object]


def too_large(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(20_000_000)


# The URI that a template names, what is there, and a part of the message.
TROUBLES: dict[str, tuple[str, Make, str]] = {
    "nothing": ("d.asl.json", lambda path: None, "does not exist"),
    "a folder": ("d.asl.json", Path.mkdir, "Is a directory"),
    "a pipe": ("d.asl.json", os.mkfifo, "is not a regular file"),
    "a device": ("/dev/zero", lambda path: None, "is not a regular file"),
    "a link to a device": ("d.asl.json", lambda path: path.symlink_to("/dev/zero"), "is not a regular file"),
    "a link to itself": ("d.asl.json", lambda path: path.symlink_to("d.asl.json"), "Too many levels"),
    "a link to nothing": ("d.asl.json", lambda path: path.symlink_to("none"), "does not exist"),
    "a name with NUL": ("d\0.asl.json", lambda path: None, "no file can have this name"),
    "a folder with NUL": ("a\0/d.asl.json", lambda path: None, "no file can have this name"),
    "a long name": ("d" * 5000, lambda path: None, "File name too long"),
    "a file in a file": ("template.json/d", lambda path: None, "Not a directory"),
    "a large file": ("d.asl.json", too_large, "is larger than 16 MB"),
    "UTF-16": ("d.asl.json", lambda path: path.write_text(DEFINITION, "utf-16"), "is not UTF-8"),
    "not JSON": ("d.asl.json", lambda path: path.write_text('{"StartAt": '), "is not JSON"),
    "a list": ("d.asl.json", lambda path: path.write_text("[]"), "must be a valid JSON object"),
    "deep nesting": ("d.asl.json", lambda path: path.write_text("[" * 100_000), "nested too deeply"),
    "deep YAML": ("d.asl.json", lambda path: path.write_text("a: " + "[" * 5_000), "nested too deeply"),
    "deep YAML lists": ("d.asl.json", lambda path: path.write_text("- " * 5_000), "nested too deeply"),
}
COMMANDS = ("validate", "validate template.json", "uses", "uses --format json", "policies M", "diagram M")


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_definition_that_cannot_be_read_is_one_finding_in_every_command(project: Project, trouble: str) -> None:
    uri, make, message = TROUBLES[trouble]
    make(project.root / uri)
    machine = {"Type": "AWS::Serverless::StateMachine", "Properties": {"DefinitionUri": uri}}
    (project.root / "template.json").write_text(json.dumps({"Resources": {"M": machine}}))
    for command in COMMANDS:
        result = CliRunner().invoke(main, command.split())
        assert (command, result.exit_code, message in result.output) == (command, 1, True), result.output


@pytest.mark.parametrize("trouble", [name for name, row in TROUBLES.items() if row[0] == "d.asl.json"])
def test_a_settings_file_that_cannot_be_read_is_a_finding(project: Project, trouble: str) -> None:
    settings = project.root / "pyproject.toml"
    settings.unlink(missing_ok=True)
    TROUBLES[trouble][1](project.root / "d.asl.json")
    settings.symlink_to("d.asl.json")
    codes = {CliRunner().invoke(main, command.split()).exit_code for command in ("generate", "uses", "policies M")}
    assert len(codes) == 1
    assert codes <= {1, 2}  # 2 where there is no file: a project without settings, and without a template


def test_a_folder_at_the_root_of_the_file_system_is_not_searched(project: Project) -> None:
    function = {
        "Type": "AWS::Serverless::Function",
        "Properties": {"CodeUri": "/", "Handler": "zz.handler", "Runtime": "nodejs22.x"},
    }
    machine = {"Type": "AWS::Serverless::StateMachine", "Properties": {"Definition": json.loads(DEFINITION)}}
    (project.root / "template.json").write_text(json.dumps({"Resources": {"F": function, "M": machine}}))
    assert CliRunner().invoke(main, ["validate"]).exit_code == 0


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
def test_a_full_disk_behind_standard_output_is_no_traceback(project: Project) -> None:
    (project.root / "d.asl.json").write_text(DEFINITION)
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "workflow_dsl", "diagram", "d.asl.json"]
        process = subprocess.run(command, check=False, cwd=project.root, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (process.returncode, process.stderr) == (2, "No space left on device\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("arguments", [["--help"], ["run", "--help"]])
def test_a_full_disk_behind_the_text_of_help_is_no_traceback(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "workflow_dsl", *arguments]
        process = subprocess.run(command, check=False, stdout=full, stderr=subprocess.PIPE, text=True)
    assert (process.returncode, process.stderr) == (2, "No space left on device\n")


def test_a_working_directory_that_has_been_deleted_is_a_wrong_call(tmp_path: Path) -> None:
    command = 'mkdir "$1/gone" && cd "$1/gone" && rmdir "$1/gone" && "$0" -m workflow_dsl validate'
    call = ["/bin/sh", "-c", command, sys.executable, str(tmp_path)]
    process = subprocess.run(call, check=False, capture_output=True, text=True)
    assert (process.returncode, process.stderr.splitlines()[-1]) == (
        2,
        "Error: the working directory has been deleted; change to one that exists",
    )


INTERRUPTED_IMPORT = """
import os, runpy, signal, sys

signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's command in the background ignores it

class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupting())
runpy.run_module("workflow_dsl", run_name="__main__")
"""


def test_an_interrupt_before_a_command_has_begun_is_no_traceback() -> None:
    command = [sys.executable, "-c", INTERRUPTED_IMPORT, "--version"]
    process = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (process.returncode, process.stderr) == (-signal.SIGINT, "")
