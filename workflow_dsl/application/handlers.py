"""Where a Lambda function's handler stands in its code, or why it does not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workflow_dsl.application.template import FunctionCode
from workflow_dsl.findings import closest

_NODE = (".js", ".mjs", ".cjs", ".ts", ".mts", ".tsx", ".jsx")
_ANYTHING = "*"  # among a module's names: it takes in those of another one


@dataclass(frozen=True, slots=True)
class Handler:
    """A handler's file, and its line where that is known; `problem` says what is missing, `remedy` what to write.

    Without a file nothing can be said: a language that is not read here, or code that a build makes.
    """

    file: Path | None = None
    line: int | None = None
    problem: str = ""
    remedy: str = ""


def find_handler(code: FunctionCode) -> Handler:
    """The handler of a function in Python, Node.js or Ruby, looked for as Lambda does, without running its code."""
    try:
        found = _found(code) if code.handler else Handler()
    except (OSError, ValueError):  # a file that cannot be read, a name that no file can have
        return Handler()
    return Handler() if found.problem and not code.runtime else found


def _found(code: FunctionCode) -> Handler:
    module, _, name = code.handler.rpartition(".")
    if code.runtime.startswith("nodejs"):
        start, _, rest = code.handler.rpartition("/")
        first, _, name = rest.partition(".")
        module = f"{start}/{first}" if start else first
        found = _file(code, module, _NODE, "js")
        return found if found.file is None or found.problem else _exported(found.file, name.partition(".")[0])
    if code.runtime.startswith("ruby"):
        found = _file(code, code.handler.partition(".")[0], (".rb",), "rb")
        return found if found.file is None or found.problem else _defined_in_ruby(found.file, name)
    if code.runtime and not code.runtime.startswith("python"):
        return Handler()
    if not module:
        return Handler(
            code.folder, None, f"has no handler {code.handler!r}: it names no function", "write module.function"
        )
    found = _file(code, module.replace(".", "/"), (".py", "/__init__.py"), "py")
    return found if found.file is None or found.problem else _defined_in_python(found.file, name)


def _file(code: FunctionCode, module: str, endings: tuple[str, ...], language: str) -> Handler:
    """The file of a module; a problem where code of the language is there but for it, and nothing adds to it."""
    for ending in endings:
        path = code.folder / f"{module}{ending}"
        if path.is_file():
            return Handler(path)
    missing = code.folder / f"{module}.{language}"
    if not code.is_whole or not _is_as_it_is_deployed(code.folder, module, language):
        return Handler()
    beside = sorted(each.stem for each in missing.parent.glob(f"*.{language}"))
    return Handler(missing, None, "is not there", closest(missing.stem, beside) or _WRITE_IT)


def _is_as_it_is_deployed(folder: Path, module: str, language: str) -> bool:
    """Whether a folder has code, and what is missing there is made by no build and comes with no dependency."""
    top = module.partition("/")[0]
    compiled = language == "js" and any(next(folder.glob(each), None) for each in ("**/*.ts", "tsconfig.json"))
    if compiled or top == "node_modules" or next(folder.glob(f"{module}.*"), None) is not None:
        return False
    wanted = folder / "requirements.txt"
    text = wanted.read_text("utf-8", "replace") if wanted.is_file() else ""
    is_installed = re.search(rf"^{re.escape(top).replace('_', '[-_.]')}\b", text, re.MULTILINE | re.IGNORECASE)
    return not is_installed and any(each.suffix not in _DATA and each.is_file() for each in folder.glob("**/*"))


# What may lie in a folder without its code: definitions, and what Python leaves behind.
_DATA = (".json", ".yaml", ".yml", ".md", ".pyc")


_WRITE_IT = "write it, or mend Handler and CodeUri in the template"


def _defined_in_python(path: Path, name: str) -> Handler:
    try:
        names = dict(reversed([*_names(ast.parse(path.read_bytes()).body)]))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Handler(path)
    if name in names or _ANYTHING in names or "globals" in path.read_text("utf-8", "replace"):
        return Handler(path, names.get(name))
    return Handler(path, None, f"has no function {name}", closest(name, names) or _WRITE_IT)


def _names(statements: list[ast.stmt]) -> Iterator[tuple[str, int]]:
    """The names that a module has, each with the line that gives it one, in the order of the lines."""
    for statement in statements:
        inner = _inside(statement)
        if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield statement.name, statement.lineno
            yield from [(_ANYTHING, 0)] if statement.name == "__getattr__" else []
        elif isinstance(statement, (ast.Import, ast.ImportFrom)):
            yield from ((alias.asname or alias.name.partition(".")[0], statement.lineno) for alias in statement.names)
        elif inner:
            yield from _names(inner)
        else:
            found = (each for each in ast.walk(statement) if isinstance(each, ast.Name))
            yield from ((each.id, each.lineno) for each in found if isinstance(each.ctx, ast.Store))


def _inside(statement: ast.stmt) -> list[ast.stmt]:
    """The statements in the blocks of another: of an if, a try, a with."""
    blocks = [getattr(statement, name, []) for name in ("body", "orelse", "finalbody")]
    blocks += [each.body for name in ("handlers", "cases") for each in getattr(statement, name, [])]
    return sorted((each for block in blocks for each in block), key=lambda each: each.lineno)


def _exported(path: Path, name: str) -> Handler:
    text = path.read_text("utf-8", "replace")
    word = rf"(?<![\w$]){re.escape(name)}(?![\w$])"
    at = re.search(rf"(?:exports\.|\bexport\b[^\n]*){word}", text) or re.search(word, text)
    if at:
        return Handler(path, text.count("\n", 0, at.start()) + 1)
    return Handler(path) if _EXPORTS_MORE.search(text) else Handler(path, None, f"exports no {name}", _WRITE_IT)


_EXPORTS_MORE = re.compile(r"export\s*\*|module\.exports\s*=\s*[^{\s]|__exportStar|\.\.\.|Object\.assign|exports\[")


def _defined_in_ruby(path: Path, name: str) -> Handler:
    text = path.read_text("utf-8", "replace")
    at = re.search(rf"def\s+(?:\w+\.)?{re.escape(name)}\b", text)
    if at:
        return Handler(path, text.count("\n", 0, at.start()) + 1)
    may_be = name in text or "require_relative" in text
    return Handler(path) if may_be else Handler(path, None, f"has no method {name}", _WRITE_IT)
