"""One emulator for all end-to-end tests; what it said last stands beside each failure."""

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
def _ended_in_order() -> Iterator[None]:
    """A kill ends the tests as Ctrl-C does, so that what they started is ended too."""

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
    with tempfile.TemporaryDirectory(prefix="workflow-dsl-e2e-") as folder, running_emulator(Path(folder)) as started:
        yield started


@pytest.fixture(scope="session")
def deployed(emulator: Emulator) -> Application:
    """The application, deployed once; who changes it makes a stack of their own."""
    made = application(emulator, emulator.home / "deployed", "stock-trader")
    made.deploy()
    return made


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    emulator = getattr(item, "funcargs", {}).get("emulator")
    if report.failed and isinstance(emulator, Emulator):
        report.sections.append(("MiniStack's log", emulator.tail()))
    return report
