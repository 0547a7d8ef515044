"""The emulator ends with the tests, however they end; if it dies, the tests fail with its log."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.support import ROOT, application, eventually, running_emulator
from tests.support import heeded

PROGRAM = """
import signal, sys
from pathlib import Path
from tests.e2e.support import running_emulator
signal.signal(signal.SIGINT, signal.default_int_handler)  # a job in the background inherits that it is ignored
with running_emulator(Path(sys.argv[1])) as emulator:
    print(emulator.url, flush=True)
    signal.pause()
"""


def is_open(url: str) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", int(url.rpartition(":")[2]))) == 0


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_killed_tests_leave_no_emulator_behind(number: signal.Signals, tmp_path: Path) -> None:
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with heeded():
        tests = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    with tests:
        assert tests.stdout
        url = tests.stdout.readline().strip()
        assert is_open(url)
        tests.send_signal(number)
    assert eventually(lambda: None if is_open(url) else True, seconds=20)


def test_a_killed_emulator_is_reported_and_leaves_nothing_behind(tmp_path: Path) -> None:
    with running_emulator(tmp_path) as emulator:
        halfway = application(emulator, tmp_path / "halfway", "halfway")
        halfway.sam("build")
        group = os.getpgid(emulator.process.pid)
        os.killpg(group, signal.SIGKILL)
        with pytest.raises(AssertionError, match=r"(?s)sam deploy.*MiniStack's log:"):
            halfway.deploy()
    assert not is_open(emulator.url)
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)
