"""A file that cannot be read or written, in one line."""

from __future__ import annotations

import errno
from pathlib import Path

from workflow_dsl.findings import closest


def file_problem(problem: OSError, shown: str = "") -> str:
    """Return the file (as `shown`, or relative to the working folder), what is wrong with it, and the remedy."""
    if not problem.filename:
        return f"{shown}: {problem.strerror or problem}" if shown else f"{problem.strerror or problem}"
    file = f"{problem.filename}".removeprefix(f"{Path.cwd()}/")
    return f"{shown or file}: {problem.strerror}{_remedy(problem, Path(file))}"


def _remedy(problem: OSError, file: Path) -> str:
    if problem.errno == errno.EADDRINUSE:  # the file is HOST:PORT
        return "; name another port with --port"
    if isinstance(problem, PermissionError):
        return "; check the permissions of the file and of its folder"
    name = _similar_name(file) if isinstance(problem, FileNotFoundError) else None
    return f'; did you mean "{file.with_name(name)}"?' if name else ""


def _similar_name(file: Path) -> str | None:
    """The name in the file's folder that is almost the file's, and more than its ending."""
    try:
        return closest(file.name, [entry.name for entry in file.parent.iterdir()], least=0.8)
    except OSError:
        return None
