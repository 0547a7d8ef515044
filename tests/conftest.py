"""Fixtures and the Hypothesis profile of all tests."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import HealthCheck, settings

from tests.support import Write
from workflow_dsl.project import Project

ROOT = Path(__file__).parent.parent

# A slow machine must not fail a test. In CI the examples are always the same, so that only the change can fail a build.
settings.register_profile(
    "workflow-dsl", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI" in os.environ
)
settings.load_profile("workflow-dsl")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish() -> None:
    """Save the coverage of a worker before it ends: it is killed if it takes more than ten seconds for that."""
    coverage = sys.modules.get("coverage")
    measured = coverage.Coverage.current() if coverage and "PYTEST_XDIST_WORKER" in os.environ else None
    if measured:
        measured.stop()
        measured.save()


@pytest.fixture(scope="session", autouse=True)
def _shared_service_models() -> Iterator[None]:
    """Let all boto3 sessions share one loader: each reads and parses the models of the services anew otherwise."""
    import botocore.session

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", cache(botocore.session.create_loader))
        yield


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An empty project in a temporary folder, which is the working directory."""
    (tmp_path / "workflows").mkdir()
    (tmp_path / "pyproject.toml").write_text("[tool.workflow-dsl]\n")
    monkeypatch.chdir(tmp_path)
    return Project(tmp_path)


@pytest.fixture
def write_workflow(project: Project) -> Write:
    """A function that writes a workflow module: the usual imports, and the body from line 4 on."""

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
    """The root folder of this repository."""
    return ROOT
