"""One line of pip, uv or Poetry in an empty environment, from a wheel built here, gives a tool that works.

All of them install from an index on this computer. It has what requirements/run.txt pins, fetched once with pip, and
nothing else: an installer that asked for sagemaker would fail.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hatchling.build import build_wheel

import workflow_dsl.sdk_files
from tests.e2e.support import ROOT
from workflow_dsl.sdk_files.archives import ARCHIVE

UV, POETRY = (os.environ.get(name, name.lower()) for name in ("UV", "POETRY"))
MOST_PACKAGES, MOST_MEGABYTES = 30, 120
PROJECT = '[project]\nname = "my-application"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = []\n'
WORKFLOWS = {
    "ours": "from workflow_dsl.authoring import Pass, Workflow\n\n\ndef build():\n    return Workflow(Pass('A'))\n",
    "sdk": "from stepfunctions.steps import Pass\n\nfrom workflow_dsl import Workflow\n\n\n"
    "def build():\n    return Workflow(Pass('A'))\n",
}
DEFINITION = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
MACHINE = (
    "  M:\n    Type: AWS::Serverless::StateMachine\n    Properties:\n      DefinitionUri: generated/ours.asl.json\n"
)


class Installation(NamedTuple):
    """An environment with the wheel in it, and the project that it was made in."""

    python: Path
    project: Path
    environment: dict[str, str]
    command: tuple[str | Path, ...]

    def run(self, *command: str | Path) -> str:
        return run(*command, folder=self.project, environment=self.environment)

    def dsl(self, *arguments: str) -> str:
        return self.run(*self.command, *arguments)


def run(*command: str | Path, folder: Path, environment: dict[str, str]) -> str:
    """Run a command and return its output. Fails if its exit code is not 0."""
    done = subprocess.run(
        [*map(str, command)],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All files that requirements/run.txt pins, fetched from the index that pip is set up for."""
    folder = tmp_path_factory.mktemp("files")
    backend = Path(workflow_dsl.sdk_files.__file__).parent / "backend"
    options = ("--quiet", "--no-deps", "--require-hashes", "--no-build-isolation", "--use-pep517")
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", *options, "-d", folder, "-r", ROOT / "requirements" / "run.txt"],
        env={**os.environ, "PYTHONPATH": str(backend)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"the package index cannot be reached: {done.stderr.strip().splitlines()[-1]}")
    return folder


@pytest.fixture(scope="module")
def index(files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an index of these files ("Simple repository API", PEP 503)."""
    root = tmp_path_factory.mktemp("index")
    for file in files.iterdir():
        name = "stepfunctions" if file.name == ARCHIVE else file.name.split("-")[0].lower().replace("_", "-")
        folder = root / "simple" / name
        folder.mkdir(parents=True)
        file.rename(folder / file.name)
        (folder / "index.html").write_text(f"<!DOCTYPE html>{_link(folder / file.name)}")
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(root))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()


def _link(file: Path) -> str:
    """The link to a file with its hash; beside a wheel its metadata, so that resolving reads no wheel (PEP 658)."""
    attribute = ""
    if file.suffix == ".whl":
        with zipfile.ZipFile(file) as archive:
            [name] = [name for name in archive.namelist() if name.endswith(".dist-info/METADATA")]
            metadata = archive.read(name)
        file.with_name(f"{file.name}.metadata").write_bytes(metadata)
        attribute = f' data-core-metadata="sha256={hashlib.sha256(metadata).hexdigest()}"'
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return f'<a href="{file.name}#sha256={digest}"{attribute}>{file.name}</a>'


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None: ...

    def copyfile(self, source: Any, outputfile: Any) -> None:
        with suppress(ConnectionError):  # an installer that has read enough
            super().copyfile(source, outputfile)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return folder / build_wheel(str(folder))


@pytest.fixture
def environment(index: str, tmp_path: Path) -> dict[str, str]:
    """Settings of nobody but this test, and no index but this one."""
    home = tmp_path / "home"
    home.mkdir()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_INDEX_URL": index,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_COMPILE": "1",
        "UV_DEFAULT_INDEX": index,
        "UV_NO_CONFIG": "1",
        "UV_PYTHON": sys.executable,
        "UV_PYTHON_DOWNLOADS": "never",
        "POETRY_VIRTUALENVS_IN_PROJECT": "1",
        **{name: value for name, value in os.environ.items() if name.startswith("PYENV")},
    }


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An ordinary project, with a workflow of each kind of author."""
    project = tmp_path / "my-application"
    names = {f"workflows/{name}.py": text for name, text in WORKFLOWS.items()}
    generated = {"generated/ours.asl.json": json.dumps(DEFINITION)}
    for name, text in {
        "pyproject.toml": PROJECT,
        "template.yaml": f"Resources:\n{MACHINE}",
        **names,
        **generated,
    }.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text)
    return project


def with_pip(project: Path, wheel: Path, environment: dict[str, str]) -> None:
    run(sys.executable, "-m", "venv", ".venv", folder=project, environment=environment)
    run(".venv/bin/pip", "install", f"workflow-dsl @ {wheel.as_uri()}", folder=project, environment=environment)


def with_uv(project: Path, wheel: Path, environment: dict[str, str]) -> None:
    _require(UV)
    run(UV, "add", wheel, folder=project, environment=environment)


def with_poetry(project: Path, wheel: Path, environment: dict[str, str]) -> None:
    _require(POETRY)
    source = f'[tool.poetry]\npackage-mode = false\n[[tool.poetry.source]]\nname = "here"\nurl = "{environment["PIP_INDEX_URL"]}/"\n'
    (project / "pyproject.toml").write_text(PROJECT + source)
    run(POETRY, "add", wheel, folder=project, environment=environment)


def _require(command: str) -> None:
    if not shutil.which(command):
        pytest.skip(f"there is no {command}; `tox -e e2e` has it")


INSTALLERS = {"pip": with_pip, "uv": with_uv, "Poetry": with_poetry}


@pytest.fixture(params=INSTALLERS)
def installation(
    request: pytest.FixtureRequest, project: Path, wheel: Path, environment: dict[str, str]
) -> Installation:
    INSTALLERS[request.param](project, wheel, environment)
    programs = project / ".venv" / "bin"
    # uv's environments have no pip: the command finds uv because uv starts it.
    uv_run = (UV, "run", "--no-sync") if request.param == "uv" else ()
    return Installation(programs / "python", project, environment, (*uv_run, programs / "workflow-dsl"))


def test_one_line_gives_a_tool_that_works_and_an_environment_that_is_complete(installation: Installation) -> None:
    before = packages(installation)
    folder = Path(installation.environment["HOME"], ".local", "share", "workflow-dsl", "stepfunctions-2.3.0")
    assert installation.dsl("install-sdk") == f"stepfunctions 2.3.0 is in {folder}\n"
    installation.dsl("generate")
    assert generated(installation.project) == dict.fromkeys(WORKFLOWS, DEFINITION)
    pip_check = ("-m", "pip", "--python", installation.python, "check")
    assert installation.run(sys.executable, *pip_check) == "No broken requirements found.\n"
    assert packages(installation) == before
    assert ({"boto3", "workflow-dsl"} <= before, {"sagemaker", "stepfunctions", "moto"} & before) == (True, set())
    assert len(before) < MOST_PACKAGES
    assert megabytes(installation) < MOST_MEGABYTES


def test_uvx_needs_no_environment_and_shows_generated_definitions(
    project: Path, wheel: Path, environment: dict[str, str]
) -> None:
    _require(UV)
    command = (UV, "tool", "run", "--quiet", "--from", wheel, "workflow-dsl")
    dsl = partial(run, *command, folder=project, environment=environment)
    dsl("validate")
    assert json.loads(dsl("uses", "--format", "json"))["stateMachines"] == ["M"]
    assert dsl("diagram", "M", "--format", "mermaid").splitlines()[0] == "flowchart TD"
    dsl("install-sdk")
    assert json.loads(dsl("compile", "sdk")) == DEFINITION


def generated(project: Path) -> dict[str, object]:
    return {name: json.loads((project / "generated" / f"{name}.asl.json").read_text("utf-8")) for name in WORKFLOWS}


def packages(installation: Installation) -> set[str]:
    code = "import importlib.metadata as m; print(*(each.name for each in m.distributions()))"
    return set(installation.run(installation.python, "-I", "-c", code).split())


def megabytes(installation: Installation) -> float:
    files = (path for path in installation.python.parents[1].rglob("*") if path.is_file() and not path.is_symlink())
    return sum(path.stat().st_size for path in files) / 1e6
