"""The syntax trees of files in Python, parsed once and never run."""

from __future__ import annotations

import ast
import re
import sys
import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from workflow_dsl.definition.files import read_file
from workflow_dsl.regexes import lazy_regex

_MOST_BYTES = 2_000_000  # of a file; its syntax tree takes a hundred times as much


class PythonFile(NamedTuple):
    """A file in Python: its tree, None if it cannot be parsed, and whether it may define names by `globals()`.

    `lines` has the first line of each name that it defines at its top level. `error` is that of a tree that is missing
    because this interpreter cannot parse the file.
    """

    tree: ast.Module | None
    has_globals: bool
    lines: Mapping[str, int] = MappingProxyType({})
    error: SyntaxError | None = None


def python_file(path: Path) -> PythonFile:
    """Return a file as it is now. Raises OSError if it cannot be read, or is larger than 2 MB."""
    details = path.stat()
    return _read(path, details.st_mtime_ns, details.st_size)


# What Python 3.12 and later take, and earlier versions do not: f-strings, types, parameters in [], except without ().
_LATER_SYNTAX = lazy_regex(r"""\b[fFrRtT]{1,2}["']|^\s*type\s|^\s*(async\s+)?(def|class)\s+\w+\[|^\s*except\b""")


def broken_line(path: Path, runtime: str) -> int | None:
    """The line that a runtime (`python3.13`) cannot parse; None if there may be none, or the file cannot be read."""
    try:
        error = python_file(path).error
        lines = read_file(path, most=_MOST_BYTES).decode("utf-8", "replace").splitlines() if error else []
    except (OSError, ValueError):
        return None
    version = re.fullmatch(r"python3\.(\d+)", runtime)
    if error is None or version is None:
        return None
    near = lines[max(0, (error.lineno or 1) - 2) : error.lineno or 1]
    is_later = sys.version_info[1] < int(version[1])
    is_open = is_later and ("f-string" in str(error.msg) or any(map(_LATER_SYNTAX.search, near)))
    return None if is_open else error.lineno


@lru_cache(maxsize=256)
def _read(path: Path, changed: int, size: int) -> PythonFile:
    """A file as it was at a time of change."""
    source = read_file(path, most=_MOST_BYTES)
    try:
        with warnings.catch_warnings(action="ignore"):  # about the escapes in its strings
            tree = ast.parse(source)
    except SyntaxError as error:
        return PythonFile(None, False, error=error.with_traceback(None))
    except (ValueError, RecursionError, MemoryError):
        return PythonFile(None, False)
    lines = dict(reversed([*_names_in(tree.body)]))
    return PythonFile(tree, b"globals" in source, MappingProxyType(lines))


ANY_NAME = "*"  # stands among the names of a module that imports * or has a __getattr__


def defined_names(path: Path) -> frozenset[str] | None:
    """The names that a module defines at its top level; None if it may define others, or cannot be read."""
    try:
        file = python_file(path)
    except OSError:
        return None
    return None if file.tree is None or file.has_globals or ANY_NAME in file.lines else frozenset(file.lines)


def _names_in(statements: list[ast.stmt]) -> Iterator[tuple[str, int]]:
    """Yield the names that a module defines, each with its line, in the order of the lines."""
    for statement in statements:
        nested = _nested_statements(statement)
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield statement.name, statement.lineno
            yield from [(ANY_NAME, 0)] if statement.name == "__getattr__" else []
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            yield from ((alias.asname or alias.name.partition(".")[0], statement.lineno) for alias in statement.names)
        elif nested:
            yield from _names_in(nested)
        else:
            nodes = (node for node in ast.walk(statement) if isinstance(node, ast.Name))
            yield from ((node.id, node.lineno) for node in nodes if isinstance(node.ctx, ast.Store))


def _nested_statements(statement: ast.stmt) -> list[ast.stmt]:
    """The statements in the blocks of an if, try, with, for, while or match."""
    blocks = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
    blocks += [part.body for name in ("handlers", "cases") for part in getattr(statement, name, [])]
    return sorted((nested for block in blocks for nested in block), key=lambda nested: nested.lineno)
