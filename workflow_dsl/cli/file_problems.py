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
    is_unknown_host = type(problem).__name__ == "gaierror"  # of socket, which most commands do without
    remedy = _REMEDIES.get(errno.EADDRNOTAVAIL if is_unknown_host else problem.errno or 0)
    if remedy:
        return f"; {remedy}"
    name = _similar_name(file) if isinstance(problem, FileNotFoundError) else None
    return f'; did you mean "{file.with_name(name)}"?' if name else ""


_PERMISSIONS = "check the permissions of the file and of its folder"
_REMEDIES = {
    errno.EACCES: _PERMISSIONS,
    errno.EPERM: _PERMISSIONS,
    errno.EEXIST: "it is a file; name a folder",
    errno.ENOTDIR: "a part of the path is a file; name a folder",
    # Of serve and studio, whose file is HOST:PORT:
    errno.EADDRINUSE: "name another port with --port",
    errno.EADDRNOTAVAIL: "name an address of this computer with --host",
}


def _similar_name(file: Path) -> str | None:
    """The name in the file's folder that is almost the file's, and more than its ending."""
    try:
        names = [entry.name for entry in file.parent.iterdir() if entry.name != file.name]
        return closest(file.name, names, least=0.8)
    except OSError:
        return None
