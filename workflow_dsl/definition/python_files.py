"""The syntax trees of files in Python, parsed once and never run."""

from __future__ import annotations

import ast
import warnings
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from workflow_dsl.definition.files import read_file

_MOST_BYTES = 2_000_000  # of a file; its syntax tree takes a hundred times as much


class PythonFile(NamedTuple):
    """A file in Python: its tree, None if it cannot be parsed, and whether it may define names by `globals()`."""

    tree: ast.Module | None
    has_globals: bool


def python_file(path: Path) -> PythonFile:
    """Return a file as it is now. Raises OSError if it cannot be read, or is larger than 2 MB."""
    details = path.stat()
    return _read(path, details.st_mtime_ns, details.st_size)


@lru_cache(maxsize=256)
def _read(path: Path, changed: int, size: int) -> PythonFile:
    """A file as it was at a time of change."""
    source = read_file(path, most=_MOST_BYTES)
    try:
        with warnings.catch_warnings(action="ignore"):  # about the escapes in its strings
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return PythonFile(None, False)
    return PythonFile(tree, b"globals" in source)
