"""README and docs: each page runs as it stands, and its outputs are true."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.pages import PAGES, Script


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_runs_as_it_stands_and_shows_true_outputs(page: Path, tmp_path: Path) -> None:
    assert Script(page, tmp_path.resolve() / "project").run() == page.read_text("utf-8"), "run `tox -e docs`"
