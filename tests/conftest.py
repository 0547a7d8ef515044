"""What tests of every room share."""

from __future__ import annotations

import os
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, settings

from tests.support import Write
from workflow_dsl.project import Project

ROOT = Path(__file__).parent.parent

# A noisy machine is no failure; and what a build server tries is the same each time, so that it judges the change alone.
settings.register_profile(
    "here", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("here")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project in a folder of its own, which is also the working directory."""
    (tmp_path / "workflows").mkdir()
    (tmp_path / "pyproject.toml").write_text("[tool.workflow-dsl]\n")
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


@pytest.fixture
def write_workflow(project: Project) -> Write:
    """Writes a workflow module, given its name and its body after the usual imports; the body begins in line 4."""

    def write(name: str, body: str) -> Path:
        path = project.root / project.workflows / f"{name}.py"
        imports = (
            "from stepfunctions.steps import *\nfrom stepfunctions.inputs import *\nfrom workflow_dsl import Workflow\n"
        )
        path.write_text(imports + dedent(body).lstrip("\n"), "utf-8")
        return path

    return write


@pytest.fixture
def root() -> Path:
    """This repository."""
    return ROOT
