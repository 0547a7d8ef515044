"""Generated files are written all or none: under signals, failures, other runs, and after runs that were killed."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.support import Write
from workflow_dsl.cli import main
from workflow_dsl.generation.writing import GeneratedFile, write
from workflow_dsl.project import Project

fcntl = pytest.importorskip("fcntl")
BODY = "def build():\n    return Workflow(Pass('A'))\n"


def files(folder: Path, text: str) -> list[GeneratedFile]:
    return [GeneratedFile(folder / name, text) for name in ("a", "b", "c")]


def contents(folder: Path) -> dict[str, str]:
    return {path.name: path.read_text() for path in folder.iterdir()}


OLD, NEW = (dict.fromkeys(("a", "b", "c"), text) for text in ("old", "new"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_wait_until_every_file_is_replaced(tmp_path: Path, number: signal.Signals) -> None:
    write(files(tmp_path, "old"))

    def replace_and_signal(temporary: Path, path: Path) -> None:
        os.kill(os.getpid(), number)
        temporary.replace(path)

    before = signal.signal(number, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            write(files(tmp_path, "new"), replace_and_signal)
    finally:
        signal.signal(number, before)
    assert contents(tmp_path) == NEW


def test_a_signal_before_the_first_file_is_replaced_leaves_the_old_ones(tmp_path: Path) -> None:
    write(files(tmp_path, "old"))
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        signal.raise_signal(signal.SIGINT)  # as if it came while the temporary files are written
        with pytest.raises(KeyboardInterrupt):
            write(files(tmp_path, "new"))
    finally:
        with pytest.raises(KeyboardInterrupt):
            signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        signal.signal(signal.SIGINT, before)
    assert contents(tmp_path) == OLD


def test_a_failure_between_two_files_restores_the_same_files(tmp_path: Path) -> None:
    write(files(tmp_path, "old"))
    (tmp_path / "c").unlink()
    nodes = {path.name: path.stat().st_ino for path in tmp_path.iterdir()}

    def full_disk(temporary: Path, path: Path) -> None:
        temporary.replace(path)
        if path.name == "c":
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        write(files(tmp_path, "new"), full_disk)
    assert contents(tmp_path) == {"a": "old", "b": "old"}
    assert {path.name: path.stat().st_ino for path in tmp_path.iterdir()} == nodes


def test_a_folder_is_locked_while_files_are_replaced(tmp_path: Path) -> None:
    other = os.open(tmp_path, os.O_RDONLY)

    def other_run(temporary: Path, path: Path) -> None:
        with pytest.raises(BlockingIOError):
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        temporary.replace(path)

    write(files(tmp_path, "new"), other_run)
    fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(other)
    assert contents(tmp_path) == NEW


def test_what_a_killed_run_left_is_named_by_check_and_removed_by_the_next_run(
    project: Project, write_workflow: Write
) -> None:
    write_workflow("w", BODY)
    assert CliRunner().invoke(main, ["generate"]).exit_code == 0
    left = project.root / "generated" / ".workflow-dsl-abc"
    left.write_text('{"Sta')
    result = CliRunner().invoke(main, ["generate", "--check"])
    assert (result.exit_code, "generated/.workflow-dsl-abc" in result.stderr) == (1, True)
    assert "is left from a run that was killed" in result.stderr
    assert CliRunner().invoke(main, ["generate"]).exit_code == 0
    assert not left.exists()
    assert CliRunner().invoke(main, ["generate", "--check"]).exit_code == 0


def test_line_ends_that_a_checkout_converted_are_no_difference(project: Project, write_workflow: Write) -> None:
    write_workflow("w", BODY)
    assert CliRunner().invoke(main, ["generate"]).exit_code == 0
    converted = {path: path.read_bytes().replace(b"\n", b"\r\n") for path in (project.root / "generated").iterdir()}
    for path, content in converted.items():
        path.write_bytes(content)
    assert CliRunner().invoke(main, ["generate", "--check"]).exit_code == 0
    assert CliRunner().invoke(main, ["generate"]).exit_code == 0
    assert {path: path.read_bytes() for path in converted} == converted


def test_workflows_that_differ_only_in_letter_case_are_an_error(project: Project, write_workflow: Write) -> None:
    for name in ("w1", "W1"):
        write_workflow(name, BODY)
    if len(project.workflow_files()) < 2:
        pytest.skip("this file system ignores letter case")
    result = CliRunner().invoke(main, ["generate"])
    assert result.exit_code == 1
    assert "workflows/w1.py: error AUTHORING: differs from W1.py only in letter case" in result.stderr
    assert not (project.root / "generated").exists()
