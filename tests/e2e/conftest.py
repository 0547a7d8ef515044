"""One emulator for all end-to-end tests; the end of its log is part of every failure report."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from tests.e2e.support import Application, Emulator, application, running_emulator


@pytest.fixture(scope="session", autouse=True)
def _sigterm_as_interrupt() -> Iterator[None]:
    """Let SIGTERM end the tests like Ctrl-C, so that the processes they started end too."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    missing = [name for name in ("SAM", "MINISTACK") if not Path(os.environ.get(name, "")).is_file()]
    if missing:
        pytest.fail(f"{' and '.join(missing)} must name the command; `tox -e e2e` sets both")
    with tempfile.TemporaryDirectory(prefix="workflow-dsl-e2e-") as folder, running_emulator(Path(folder)) as running:
        yield running


@pytest.fixture(scope="session")
def deployed(emulator: Emulator) -> Application:
    """The application, deployed once; tests that change it deploy a stack of their own."""
    deployed_once = application(emulator, emulator.home / "deployed", "stock-trader")
    deployed_once.deploy()
    return deployed_once


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    emulator = getattr(item, "funcargs", {}).get("emulator")
    if report.failed and isinstance(emulator, Emulator):
        report.sections.append(("MiniStack's log", emulator.tail()))
    return report
