"""The process of a command: what still happens when it leaves."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BEFORE = "import sys, atexit, threading\nsys.argv = ['workflow-dsl', *sys.argv[1:]]\n"
START = "\nfrom workflow_dsl.__main__ import start\nstart()"
ENDINGS = {
    # before the command, its arguments, the exit code, and the last line of output
    "a list of rules": ("", ["rules", "NO_DEFAULT"], 0, ""),
    "a wrong call": ("", ["rules", "NO"], 2, ""),
    "findings": ("", ["validate", "missing.asl.json"], 2, ""),
    "a function for the exit": ("atexit.register(print, 'left')", ["--version"], 0, "left"),
    "a thread": (
        "threading.Thread(target=lambda: (threading.main_thread().join(), print('done'))).start()",
        ["--version"],
        0,
        "done",
    ),
}


@pytest.mark.parametrize(("before", "arguments", "code", "last"), ENDINGS.values(), ids=ENDINGS)
def test_a_command_leaves_with_its_code_after_what_python_does_at_an_exit(
    tmp_path: Path, before: str, arguments: list[str], code: int, last: str
) -> None:
    command = [sys.executable, "-c", BEFORE + before + START, *arguments]
    process = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path, check=False)
    assert (process.returncode, process.stdout.split("\n")[-2:-1] if last else []) == (code, [last] if last else [])


def test_a_reader_that_has_gone_is_no_traceback(tmp_path: Path) -> None:
    command = [sys.executable, "-c", BEFORE + START, "rules"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=tmp_path) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
