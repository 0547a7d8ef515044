"""The files with a function's code, and the names of fields that they read, without running them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from workflow_dsl.definition.files import read_file
from workflow_dsl.definition.python_files import python_file
from workflow_dsl.regexes import lazy_regex

# More is a bundle, or has its dependencies inside; a template can name the root of the file system.
_MOST_FILES, _MOST_CODE = 1_000, 1_000_000  # bytes of a file
_SUFFIXES = (".py", ".js", ".mjs", ".cjs", ".ts")


def code_texts(folder: Path) -> dict[Path, str]:
    """The texts of the files in Python and JavaScript below a folder; none if it has too many or one is unreadable."""
    try:
        every = list(islice(folder.rglob("*"), _MOST_FILES))
        files = [path for path in every if path.suffix in _SUFFIXES] if len(every) < _MOST_FILES else []
        return {path: read_file(path, most=_MOST_CODE).decode("utf-8", "replace") for path in files}
    except (OSError, ValueError):
        return {}


def fields_read(texts: dict[Path, str]) -> frozenset[str]:
    """The names that code may read as fields: attributes, and in Python every string, but no names of parameters."""
    return frozenset(
        name
        for path, text in texts.items()
        for name in (_read_in_python(path) if path.suffix == ".py" else _read_in_node(text))
    )


def _read_in_python(path: Path) -> Iterator[str]:
    tree = python_file(path).tree
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield from re.findall(r"\w+", node.value)


_COMMENT = lazy_regex(r"^\s*(//|\*).*$", re.MULTILINE)
_PROPERTY = lazy_regex(r"\.\s*(\w+)|\[\s*[\"'`](\w+)[\"'`]\s*\]")
_PATTERN = lazy_regex(r"(?:(?:const|let|var)\s*|[(,]\s*)\{([^{}()]*)\}\s*(?:=[^=>]|[,)]|:)")


_MADE = lazy_regex(r"\bnew\s+[\w.]+\(\s*\{[^{}]*\}")  # the object that a constructor gets is no pattern


def _read_in_node(text: str) -> Iterator[str]:
    """The properties in `a.name` and `a["name"]`, and the names that a pattern as `const { name: other } = a` takes.

    The object of a call may look like the pattern of a parameter, and counts as one.
    """
    code = _COMMENT.sub("", text)
    yield from (match[1] or match[2] for match in _PROPERTY.finditer(code))
    for match in _PATTERN.finditer(_MADE.sub("", code)):
        yield from (part.partition(":")[0].partition("=")[0].strip() for part in match[1].split(","))
