"""Properties of every workflow in this repository."""

from __future__ import annotations

from pathlib import Path

import pytest

from workflow_dsl.compiler.loading import compile_file
from workflow_dsl.project import find_project

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.parametrize("path", find_project(ROOT).workflow_files(), ids=lambda path: path.stem)
def test_a_workflow_compiled_twice_is_the_same(path: Path) -> None:
    first, second = compile_file(path, root=ROOT), compile_file(path, root=ROOT)
    assert (first.to_text(), first.places, first.reference_targets) == (
        second.to_text(),
        second.places,
        second.reference_targets,
    )
