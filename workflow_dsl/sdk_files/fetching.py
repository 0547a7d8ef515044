"""Downloads the SDK's files from the user's own package index, with pip or uv."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from workflow_dsl.findings import Finding, FindingsError, Where
from workflow_dsl.regexes import lazy_regex
from workflow_dsl.sdk_files import NAME, VERSION
from workflow_dsl.sdk_files.archives import ARCHIVE, SHA256, Modules, modules_of_folder

_BACKEND = Path(__file__).parent / "backend"
_REMEDY = f"or download {ARCHIVE} elsewhere, and run `workflow-dsl install-sdk --from {ARCHIVE}`"
_NO_INSTALLER = "start it with `uv run`, or install pip, "
_LINES_SHOWN = 4
_SECONDS = 600
_USER_INFO = lazy_regex(r"(\w+://)[^/\s@]+@")  # the name and password of an index


def fetch(find_uv: str = "uv") -> Modules:
    """Return the SDK's modules, fetched from the package index that pip or uv is set up for.

    The archive's hash is pinned, its setup.py is never executed, and nothing else is fetched. `find_uv` is uv's name
    on PATH. Raises FindingsError if neither installer exists, or the download fails.
    """
    with tempfile.TemporaryDirectory(prefix="workflow-dsl-") as name:
        folder = Path(name)
        (folder / "requirements.txt").write_text(f"{NAME}=={VERSION} --hash=sha256:{SHA256}\n", "utf-8")
        command = _command(folder, find_uv)
        try:
            done = subprocess.run(  # noqa: S603  # an installer with fixed arguments
                command,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _problem(f"{NAME} {VERSION} was not fetched within {_SECONDS // 60} minutes") from None
        if done.returncode:
            said = _USER_INFO.sub(r"\1***@", done.stderr)
            lines = [line.strip() for line in said.splitlines() if line.strip()]
            errors = [line for line in lines if line.lower().startswith("error")] or lines
            raise _problem(f"{NAME} {VERSION} could not be fetched: {' '.join(errors[-_LINES_SHOWN:])}")
        return modules_of_folder(folder / "files", Path(command[0]).name)


def _command(folder: Path, find_uv: str) -> list[str]:
    common = ["--quiet", "--no-deps", "--no-build-isolation", "--require-hashes", "--no-binary", NAME]
    files = ["--target", str(folder / "files"), "-r", str(folder / "requirements.txt")]
    if importlib.util.find_spec("pip"):
        pip = [sys.executable, "-m", "pip", "install", "--no-compile", "--no-cache-dir", "--use-pep517"]
        return [*pip, *common, *files]
    # `uv run` and `uvx` name their own program. Without the cache: a later installation must not find what we built.
    uv = os.environ.get("UV") or shutil.which(find_uv)
    if uv:
        return [uv, "pip", "install", "--no-cache", "--python", sys.executable, *common, *files]
    raise _problem("this environment has neither pip nor uv to fetch the SDK with", remedy=_NO_INSTALLER)


def _environment() -> dict[str, str]:
    """The user's environment with its index settings, without settings that would change the target folder."""
    return {**os.environ, "PYTHONPATH": str(_BACKEND), "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0"}


def _problem(message: str, remedy: str = "check pip's or uv's index settings, ") -> FindingsError:
    return FindingsError([Finding("NOT_INSTALLED", "error", Where(), message, remedy + _REMEDY)])
