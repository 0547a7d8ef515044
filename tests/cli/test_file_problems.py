"""The line about a file that cannot be read or written."""

from __future__ import annotations

import errno
import os
import socket
from pathlib import Path

import pytest

from workflow_dsl.cli.file_problems import file_problem

PERMISSIONS = "check the permissions of the file and of its folder"
HOST = "name an address of this computer with --host"
PROBLEMS = [
    (OSError(errno.EACCES, "Permission denied", "a.json"), f"a.json: Permission denied; {PERMISSIONS}"),
    (OSError(errno.EEXIST, "File exists", "site"), "site: File exists; it is a file; name a folder"),
    (
        OSError(errno.ENOTDIR, "Not a directory", "a/b"),
        "a/b: Not a directory; a part of the path is a file; name a folder",
    ),
    (OSError(errno.EADDRINUSE, "In use", "127.0.0.1:80"), "127.0.0.1:80: In use; name another port with --port"),
    (OSError(errno.EADDRNOTAVAIL, "No address", "1.2.3.4:0"), f"1.2.3.4:0: No address; {HOST}"),
    (OSError(errno.ENOSPC, "No space left"), "No space left"),
]


@pytest.mark.parametrize(("problem", "line"), PROBLEMS)
def test_each_problem_has_its_remedy(problem: OSError, line: str) -> None:
    assert file_problem(problem) == line


def test_an_unknown_host_has_the_remedy_of_an_address() -> None:
    problem = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    problem.filename = "nowhere:0"
    assert file_problem(problem) == f"nowhere:0: Name or service not known; {HOST}"


def test_a_missing_file_is_answered_with_the_nearest_other_name(tmp_path: Path) -> None:
    (tmp_path / "order.asl.json").touch()
    missing = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(tmp_path / "ordr.asl.json"))
    assert file_problem(missing).endswith(f'did you mean "{tmp_path / "order.asl.json"}"?')
    not_missing = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(tmp_path / "order.asl.json"))
    assert file_problem(not_missing) == f"{tmp_path / 'order.asl.json'}: No such file or directory"
