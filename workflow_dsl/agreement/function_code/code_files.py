"""The files with a function's code, and the names of fields that they read, without running them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from workflow_dsl.agreement.function_code.node_files import MOST_BYTES, node_file, text_of
from workflow_dsl.definition.files import read_file
from workflow_dsl.definition.python_files import python_file

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


def code_text(file: Path) -> str | None:
    """The text of a file; None for a bundle of more than 200 kB, and for a file that cannot be read."""
    try:
        return read_file(file, most=MOST_BYTES).decode("utf-8", "replace")
    except (OSError, ValueError):
        return None


def fields_read(files: Iterable[Path]) -> frozenset[str] | None:
    """The names that code may read as fields: attributes, and in Python every string, but no names of parameters.

    None if a file is no code that can be read.
    """
    names: set[str] = set()
    for path in files:
        read = _read_in_python(path) if path.suffix == ".py" else _read_in_node(path)
        if read is None:
            return None
        names |= read
    return frozenset(names)


def _read_in_python(path: Path) -> set[str] | None:
    tree = python_file(path).tree
    nodes = [*ast.walk(tree)] if tree else []
    names = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            names.update(re.findall(r"\w+", node.value))
    return names if tree else None


_IN_NODE = """
(member_expression property: (property_identifier) @name)
(subscript_expression index: [(string) (template_string)] @name)
(object_pattern [
  (shorthand_property_identifier_pattern) @name
  (pair_pattern key: (_) @name)
  (object_assignment_pattern left: (shorthand_property_identifier_pattern) @name)])
"""


def _read_in_node(path: Path) -> set[str] | None:
    code = node_file(path)
    return {text_of(read["name"]) for read in code.matches(_IN_NODE)} if code else None
