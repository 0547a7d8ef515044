"""The imports of a handler's file in Python that nothing in its folder can satisfy."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from workflow_dsl.application.template import FunctionCode
from workflow_dsl.definition.python_files import defined_names, python_file
from workflow_dsl.findings import closest

# What Lambda's runtimes bring, with boto3 (Lambda developer guide, "Runtime dependencies in Python").
_OF_RUNTIME = ("awslambdaric", "boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3")
_DEPENDENCIES = ("requirements.txt", "pyproject.toml", "Pipfile", "setup.py", "setup.cfg", "poetry.lock")


class MissingImport(NamedTuple):
    """An import that fails when Lambda loads the file: its line, what is wrong, and the remedy."""

    line: int
    message: str
    remedy: str


def missing_import(code: FunctionCode, file: Path) -> MissingImport | None:
    """The first import at the top of a handler's file that nearly names a module of its folder, or a name in one.

    None if a build, a layer or a dependency may bring the module.
    """
    is_python = code.runtime.startswith("python") and file.suffix == ".py"
    if not is_python or not code.is_complete or any((code.folder / name).exists() for name in _DEPENDENCIES):
        return None
    tree = python_file(file).tree
    return next(_missing(code.folder, tree.body), None) if tree else None


def _missing(folder: Path, statements: list[ast.stmt]) -> Iterator[MissingImport]:
    for statement in statements:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                yield from _missing_module(folder, alias.name, statement.lineno)
        elif isinstance(statement, ast.ImportFrom) and statement.module and not statement.level:
            yield from _missing_module(folder, statement.module, statement.lineno)
            yield from _missing_names(folder, statement, statement.module)


def _missing_module(folder: Path, module: str, line: int) -> Iterator[MissingImport]:
    top = module.partition(".")[0]
    own = sorted(path.stem for path in folder.iterdir() if path.suffix == ".py" or path.is_dir())
    if top in (*own, *_OF_RUNTIME) or top in sys.stdlib_module_names:
        return
    likely = closest(top, own)
    if likely:
        yield MissingImport(line, f"imports {top}, which is not a module in its folder", f'did you mean "{likely}"?')


def _missing_names(folder: Path, statement: ast.ImportFrom, module: str) -> Iterator[MissingImport]:
    """The names that a module of the folder does not define."""
    path = folder.joinpath(*module.split(".")).with_suffix(".py")
    names = defined_names(path) if path.is_file() else None
    for alias in statement.names if names is not None else ():
        if names is not None and alias.name != "*" and alias.name not in names:
            likely = closest(alias.name, names)
            remedy = f'did you mean "{likely}"?' if likely else f"define {alias.name} in {path.name}"
            message = f"imports {alias.name} from {module}, which defines no such name"
            yield MissingImport(statement.lineno, message, remedy)
