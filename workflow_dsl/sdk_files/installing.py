"""The private folder written in one step, and removed."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from workflow_dsl.findings import Finding, FindingsError, Where
from workflow_dsl.sdk_files import NAME, private_folder
from workflow_dsl.sdk_files.archives import Modules, is_release


def install(modules: Modules) -> Path:
    """Write the SDK's modules to the private folder, and return it.

    A reader sees the whole folder or none. Raises FindingsError where it cannot be written.
    """
    folder = _folder()
    is_damaged = folder.exists()  # asked first: another run may write it now
    if is_current():
        return folder
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".install-", dir=folder.parent, ignore_cleanup_errors=True) as name:
            for path, content in modules.items():
                file = Path(name, "new", path)
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(content)
            if is_damaged:
                folder.rename(Path(name, "old"))
            Path(name, "new").rename(folder)
    except OSError as problem:
        if not is_current():  # written by another run in the meantime
            raise _not_writable(folder, problem) from None
    return folder


def is_current() -> bool:
    """True if the private folder has the release's modules, byte for byte."""
    folder = private_folder()
    try:
        files = sorted((folder / NAME).rglob("*.py")) if folder else []
        return bool(folder) and is_release({_name(path, folder): path.read_bytes() for path in files})
    except OSError:
        return False


def _name(path: Path, folder: Path | None) -> str:
    return path.relative_to(folder).as_posix() if folder else ""


def remove() -> Path | None:
    """Remove the private folder, and return it; None if there is none. Raises FindingsError if it cannot be removed."""
    folder = _folder()
    if not folder.exists():
        return None
    try:
        shutil.rmtree(folder)
    except OSError as problem:
        raise _not_writable(folder, problem) from None
    with suppress(OSError):  # other versions' folders
        folder.parent.rmdir()
    return folder


def _folder() -> Path:
    folder = private_folder()
    if folder:
        return folder
    message = "there is no home folder for the SDK's files"
    raise FindingsError([Finding("NOT_INSTALLED", "error", Where(), message, "set XDG_DATA_HOME to a folder")])


def _not_writable(folder: Path, problem: OSError) -> FindingsError:
    # In rmtree() a file's name is relative to a folder that it has opened.
    place = problem.filename if Path(problem.filename or "").is_absolute() else folder
    message = f"{place} cannot be changed: {problem.strerror or problem}"
    remedy = "run the command as the folder's owner, or set XDG_DATA_HOME to a folder that you can write to"
    return FindingsError([Finding("NOT_INSTALLED", "error", Where(), message, remedy)])
