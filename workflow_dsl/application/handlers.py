"""The file and line of a Lambda function's handler, or the reason why it is missing."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from itertools import chain, islice
from pathlib import Path

from workflow_dsl.application.template import FunctionCode
from workflow_dsl.definition.files import read_file
from workflow_dsl.definition.python_files import ANY_NAME, broken_line, python_file
from workflow_dsl.findings import did_you_mean
from workflow_dsl.records import Record
from workflow_dsl.regexes import lazy_regex

_NODE_SUFFIXES = (".js", ".mjs", ".cjs", ".ts", ".mts", ".tsx", ".jsx")
_REMEDY = "write it, or fix Handler and CodeUri in the template"


class Handler(Record):
    """A handler's file, and its line if known. `problem` and `remedy` are empty unless the handler is missing.

    `file` is None if nothing is known: the language is not supported, or a build creates the code.
    """

    file: Path | None = None
    line: int | None = None
    problem: str = ""
    remedy: str = ""


def find_handler(code: FunctionCode) -> Handler:
    """Find the handler of a function in Python, Node.js or Ruby where Lambda looks for it, without running its code."""
    try:
        handler = _search(code) if code.handler else Handler()
    except PermissionError as problem:
        file = Path(problem.filename or code.folder)
        return Handler(file, None, f"cannot be read: {problem.strerror}", "change the permissions of the file")
    except (OSError, ValueError):  # a file that is too large, or a name that no file can have
        return Handler()
    return Handler() if handler.problem and not code.runtime else handler


def _search(code: FunctionCode) -> Handler:
    if code.runtime.startswith("nodejs"):
        return _search_node(code)
    if code.runtime.startswith("ruby"):
        return _search_ruby(code)
    return _search_python(code) if code.runtime.startswith("python") or not code.runtime else Handler()


def _search_node(code: FunctionCode) -> Handler:
    folder, _, file_and_name = code.handler.rpartition("/")
    stem, _, name = file_and_name.partition(".")
    file = _find_file(code, f"{folder}/{stem}" if folder else stem, (*_NODE_SUFFIXES, "/index.js"), "js")
    return _search_file(file, _search_node_exports, name.partition(".")[0])


def _search_ruby(code: FunctionCode) -> Handler:
    file = _find_file(code, code.handler.partition(".")[0], (".rb",), "rb")
    return _search_file(file, _search_ruby_methods, code.handler.rpartition(".")[2])


def _search_python(code: FunctionCode) -> Handler:
    module, _, name = code.handler.rpartition(".")
    if not module:
        problem = f"has no function for the handler {code.handler!r}"
        return Handler(code.folder, None, problem, "write module.function")
    file = _find_file(code, module.replace(".", "/"), (".py", "/__init__.py"), "py")
    broken = broken_line(file.file, code.runtime) if file.file and not file.problem else None
    if broken:
        return Handler(file.file, broken, f"has a syntax error in line {broken}", "fix it: Lambda cannot import it")
    return _search_file(file, _search_python_names, name)


def _search_file(file: Handler, search: Callable[[Path, str], Handler], name: str) -> Handler:
    return search(file.file, name) if file.file and not file.problem else file


def _find_file(code: FunctionCode, module: str, suffixes: tuple[str, ...], language: str) -> Handler:
    """The file of a module. It is missing only if the folder has other code and nothing else can provide it."""
    for suffix in suffixes:
        path = code.folder / f"{module}{suffix}"
        if path.is_file():
            return Handler(path)
    missing = code.folder / f"{module}.{language}"
    other = _in_another_language(code.folder / module, language)
    if other and code.is_complete:
        remedy = f"fix Runtime and Handler: {other.name} is not code for {code.runtime}"
        return Handler(missing, None, "does not exist", remedy)
    if not code.is_complete or not _is_deployed_as_is(code.folder, module, language):
        return Handler()
    siblings = sorted(path.stem for path in missing.parent.glob(f"*.{language}"))
    return Handler(missing, None, "does not exist", did_you_mean(missing.stem, siblings) or _REMEDY)


def _in_another_language(module: Path, language: str) -> Path | None:
    """The file of a module in Python for a runtime of Node.js, or in JavaScript for one of Python."""
    suffixes = {"js": (".py",), "py": (".js", ".mjs", ".cjs")}.get(language, ())
    return next((file for each in suffixes if (file := module.with_name(f"{module.name}{each}")).is_file()), None)


_NOT_CODE = (".json", ".yaml", ".yml", ".md", ".pyc")  # definitions, and Python's caches


def _is_deployed_as_is(folder: Path, module: str, language: str) -> bool:
    """True if a folder has code, and neither a build nor a dependency provides the missing module."""
    top = module.partition("/")[0]
    files = list(islice(_files_below(folder), _MOST_FILES))
    is_compiled = language == "js" and any(file.suffix == ".ts" or file.name == "tsconfig.json" for file in files)
    is_there = any(file.stem == Path(module).name and file.parent == (folder / module).parent for file in files)
    if is_compiled or is_there or top == "node_modules" or len(files) == _MOST_FILES:
        return False
    requirements = folder / "requirements.txt"
    text = _text(requirements) if requirements.is_file() else ""
    is_installed = re.search(rf"^{re.escape(top).replace('_', '[-_.]')}\b", text, re.MULTILINE | re.IGNORECASE)
    return not is_installed and any(file.suffix not in _NOT_CODE and file.is_file() for file in files)


_MOST_FILES = 10_000  # a template can name the root of the file system
_MOST_CODE = 64_000_000  # bytes; Lambda takes 250 MB in all


def _files_below(folder: Path) -> Iterator[Path]:
    return (Path(root, name) for root, _, names in os.walk(folder) for name in names)


def _text(path: Path) -> str:
    return read_file(path, most=_MOST_CODE).decode("utf-8", "replace")


def _search_python_names(path: Path, name: str) -> Handler:
    file = python_file(path)
    if file.tree is None:
        return Handler(path)
    if name in file.lines or ANY_NAME in file.lines or file.has_globals:
        return Handler(path, file.lines.get(name))
    return Handler(path, None, f"has no function {name}", did_you_mean(name, file.lines) or _REMEDY)


_OTHER_EXPORTS = lazy_regex(r"export\s*\*|module\.exports\s*=\s*[^{\s]|__exportStar|\.\.\.|Object\.assign|exports\[")


_COMMONJS = lazy_regex(r"^\s*(module\.)?exports\b", re.MULTILINE)
_ESM = lazy_regex(r"^\s*export\b|\bcreateRequire\b", re.MULTILINE)


def _search_node_exports(path: Path, name: str) -> Handler:
    text = _text(path)
    if path.suffix == ".mjs" and _COMMONJS.search(text) and not _ESM.search(text):
        return Handler(path, None, "has no export: an ES module has no exports", f"write export const {name} = ...")
    line = _export_line(text, name)
    if line or _OTHER_EXPORTS.search(text):
        return Handler(path, line)
    return Handler(path, None, f"exports no {name}", _REMEDY)


def _export_line(text: str, name: str) -> int | None:
    """The first line that exports a name, or else the first one that contains it.

    No search backtracks over a line: a minified bundle is a single line with thousands of exports.
    """
    whole_name = re.compile(rf"(?<![\w$]){re.escape(name)}(?![\w$])")
    property_name = re.compile(rf"exports\.{whole_name.pattern}")

    def exports_name(line: str) -> bool:
        export = re.search(r"\bexport\b", line)
        return bool(export and whole_name.search(line, export.end())) or bool(property_name.search(line))

    lines = text.split("\n")
    exporting = (number for number, line in enumerate(lines, 1) if exports_name(line))
    containing = (number for number, line in enumerate(lines, 1) if whole_name.search(line))
    return next(chain(exporting, containing), None)


def _search_ruby_methods(path: Path, name: str) -> Handler:
    text = _text(path)
    method = re.search(rf"def\s+(?:\w+\.)?{re.escape(name)}\b", text)
    if method:
        return Handler(path, text.count("\n", 0, method.start()) + 1)
    is_uncertain = name in text or "require_relative" in text
    return Handler(path) if is_uncertain else Handler(path, None, f"has no method {name}", _REMEDY)
