"""The one reader of files that a person, a template or a workflow names."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

DEFINITION_SUFFIXES = (".json", ".yaml", ".yml")
_MOST_BYTES = 64_000_000  # the service takes definitions of 1 MB, and CloudFormation templates of 1 MB


def read_file(path: Path, *, is_named: bool = False) -> bytes:
    """The content of a file. Raises OSError, also for a file that is too large or not a regular file.

    `is_named` allows what a person names on the command line and a template must not: a device or a pipe.
    """
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(21, os.strerror(21), str(path))
    if not is_named and not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "is not a regular file", str(path))
    with path.open("rb") as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        message = f"is larger than {_MOST_BYTES // 1_000_000} MB, which no definition is"
        raise OSError(errno.EFBIG, message, str(path))
    return content


def identity(path: Path) -> str:
    """A name that two paths of one file share."""
    try:
        return os.path.realpath(path) if str(path) != "-" else "-"
    except ValueError:  # a name that no file can have
        return str(path)
