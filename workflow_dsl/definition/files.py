"""The one reader of files that a person, a template, a setting or a workflow names."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

DEFINITION_SUFFIXES = (".json", ".yaml", ".yml")
MOST_BYTES = 16_000_000  # the service takes definitions of 1 MB, and CloudFormation templates of 1 MB


def read_file(path: Path, *, is_named: bool = False, most: int = MOST_BYTES) -> bytes:
    """The content of a file. Raises OSError, also for a file of more than `most` bytes or one that is not regular.

    `is_named` allows what a person names on the command line and a template must not: a device or a pipe.
    """
    try:
        mode = path.stat().st_mode
    except ValueError:  # a NUL character
        raise OSError(errno.EINVAL, "no file can have this name", str(path)) from None
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    if not is_named and not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "is not a regular file", str(path))
    with path.open("rb") as file:
        content = file.read(most + 1)
    return limited(content, str(path), most)


def limited(content: bytes, name: str, most: int = MOST_BYTES) -> bytes:
    """The content itself. Raises OSError, naming the file, for more than `most` bytes."""
    if len(content) > most:
        hint = ", which no definition is" if most == MOST_BYTES else ""
        raise OSError(errno.EFBIG, f"is larger than {most // 1_000_000} MB{hint}", name)
    return content


def read_text(path: Path, *, is_named: bool = False, most: int = MOST_BYTES) -> str:
    """The text of a file in UTF-8. Raises OSError as read_file(), also for another encoding."""
    return _decoded(read_file(path, is_named=is_named, most=most), path).removeprefix("\ufeff")


def existing_text(path: Path) -> str | None:
    """The text of a file with its line ends and its byte order mark; None without a file. Raises as read_text()."""
    try:
        return _decoded(read_file(path), path)
    except FileNotFoundError:
        return None


def _decoded(content: bytes, path: Path) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise OSError(errno.EILSEQ, "is not UTF-8; save it as UTF-8", str(path)) from None


def identity(path: Path) -> str:
    """A name that two paths of one file share."""
    try:
        return os.path.realpath(path) if str(path) != "-" else "-"
    except ValueError:  # a name that no file can have
        return str(path)


def is_below(path: Path, folder: Path) -> bool:
    """True if a file lies below a folder, links resolved."""
    return identity(path).startswith(identity(folder).rstrip(os.sep) + os.sep)
