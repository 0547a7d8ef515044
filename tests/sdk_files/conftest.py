"""The SDK's modules as this environment has them, and a Python without the SDK."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from workflow_dsl.authoring import sdk
from workflow_dsl.sdk_files.archives import Modules, modules_of_folder

SITE = Path(sys.modules[sdk.State.__module__].__file__ or "").parents[2]
Python = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def modules() -> Modules:
    return modules_of_folder(SITE, "this environment")


@pytest.fixture(scope="session")
def wheel(modules: Modules, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel of the SDK, as anyone may have built it."""
    path = tmp_path_factory.mktemp("wheel") / "stepfunctions-2.3.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in reversed(modules.items()):
            file.writestr(name, content)
        file.writestr("stepfunctions-2.3.0.dist-info/METADATA", "Requires-Dist: sagemaker (>=2.1.0)\n")
    return path


@pytest.fixture(scope="session")
def without_sdk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all packages of this environment but the SDK, pip and what starts with the interpreter."""
    folder = tmp_path_factory.mktemp("packages")
    for path in SITE.iterdir():
        if not path.name.startswith(("stepfunctions", "pip")) and path.suffix != ".pth":
            (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder, empty."""
    folder = tmp_path / "data"
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    return folder


@pytest.fixture
def python(without_sdk: Path, data: Path) -> Python:
    """Run a Python that has all packages but the SDK."""
    root = Path(__file__).parent.parent.parent

    def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        paths = os.pathsep.join([str(without_sdk), str(root)])
        command = [sys.executable, "-S", "-P", *arguments]
        settings = {"PYTHONPATH": paths, "PATH": "", "XDG_DATA_HOME": str(data), **environment}
        kept = {name: value for name, value in os.environ.items() if name.startswith("PYTHONPYCACHE")}
        return subprocess.run(command, env={**kept, **settings}, capture_output=True, text=True, check=False)

    return run
