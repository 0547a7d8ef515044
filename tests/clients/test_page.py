"""docs/serving.md: its snippets, its Jest test and its shell script, as the page prints them, against a server."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients.support import (
    NEEDS_AWS_CLI,
    NEEDS_PACKAGES,
    PACKAGES,
    ROOT,
    Process,
    environment,
    free_port,
)
from tests.pages import VARIATIONS, Block, Script

PAGE = ROOT / "docs" / "serving.md"
PORT = "8083"
SERVER, NODE = "it needs a server", "it needs Node.js"
pytestmark = [NEEDS_AWS_CLI, NEEDS_PACKAGES]


class ClientsScript(Script):
    """The page on a free port, with a server for the blocks that need one and don't start it."""

    variations = (*VARIATIONS, (r"^PASS (\S+)( \(.*\))?$", r"PASS \1"))

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.port = str(free_port())
        copy = folder / PAGE.name
        copy.write_text(PAGE.read_text("utf-8").replace(PORT, self.port), "utf-8")
        super().__init__(copy, folder / "project")
        (self.folder / "package.json").write_text("{}", "utf-8")
        (self.folder / "node_modules").symlink_to(PACKAGES, target_is_directory=True)
        self.server: Process | None = None

    def skips(self, block: Block) -> bool:
        if block.not_run.startswith(SERVER) and not self.server:
            self.server = Process(self.folder, "--port", self.port)
        elif block.not_run.startswith(NODE):
            self.close()
        return bool(block.not_run) and not block.not_run.startswith((SERVER, NODE))

    def _run_shell(self, text: str) -> None:
        code, output = self.result(f"set -e\n{text}")
        assert code == 0, output

    def result(self, command: str) -> tuple[int, str]:
        shell = ["bash", "-c", command]
        result = subprocess.run(
            shell,
            cwd=self.folder,
            env=environment(),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return result.returncode, result.stdout + result.stderr

    def run(self) -> str:
        return super().run().replace(self.port, PORT)

    def close(self) -> None:
        if self.server:
            self.server.close()
            self.server = None


@pytest.fixture
def script(tmp_path: Path) -> Iterator[ClientsScript]:
    made = ClientsScript(tmp_path.resolve() / "page")
    yield made
    made.close()


def test_the_page_runs_with_its_clients_as_it_stands(script: ClientsScript) -> None:
    text = script.run()
    if "WRITE_PAGES" in os.environ:
        PAGE.write_text(text, "utf-8")
    assert text == PAGE.read_text("utf-8"), "run `WRITE_PAGES=1 tox -e clients -- tests/clients/test_page.py`"
