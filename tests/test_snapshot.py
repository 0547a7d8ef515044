"""The snapshot: what is generated and committed is what the workflows make."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow_dsl.artifacts import drift, orphans
from workflow_dsl.loader import compile_file
from workflow_dsl.project import find_project

ROOT = Path(__file__).parent.parent
PROJECT = find_project(ROOT)


@pytest.mark.parametrize("path", PROJECT.workflow_files(), ids=lambda path: path.stem)
def test_the_generated_file_says_what_the_workflow_says(path: Path) -> None:
    found = drift(PROJECT, path.stem, compile_file(path, root=ROOT))
    assert not found, "\n" + "\n".join(map(str, found))


def test_every_generated_file_has_its_workflow() -> None:
    assert [str(finding) for finding in orphans(PROJECT)] == []
