"""The file and line of a handler, or the reason why it is missing."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from unittest import mock

import pytest

from workflow_dsl.application.handlers import Handler, find_handler
from workflow_dsl.application.template import FunctionCode
from workflow_dsl.records import replace

REMEDY = "write it, or fix Handler and CodeUri in the template"


def code(
    folder: Path, handler: str, files: Mapping[str, str] = MappingProxyType({}), runtime: str = "python3.13"
) -> FunctionCode:
    """A function whose folder contains the files."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return FunctionCode("F", "F", folder, handler, 128, 3, {}, runtime)


PYTHON = [
    ("def handler(event, context): ...", 1),
    ("import os\n\nasync def handler(event): ...", 3),
    ("@decorated\n\ndef handler(event): ...", 3),
    ("class handler: ...", 1),
    ("x = 1\nhandler = make()", 2),
    ("a, handler = 1, 2", 1),
    ("handler: object = make()", 1),
    ("from other import work as handler", 1),
    ("import handler", 1),
    ("if True:\n    def handler(): ...\nelse:\n    handler = None", 2),
    ("try:\n    from a import handler\nexcept ImportError:\n    handler = None", 2),
    ("try:\n    x = 1\nexcept ImportError:\n    def handler(): ...", 4),
    ("with open('x') as file:\n    handler = file", 2),
]


@pytest.mark.parametrize(("text", "line"), PYTHON)
def test_a_python_handler_is_any_name_that_its_module_defines(tmp_path: Path, text: str, line: int) -> None:
    assert find_handler(code(tmp_path, "app.handler", {"app.py": text})) == Handler(tmp_path / "app.py", line)


UNCERTAIN = ["globals()['handler'] = 1", "from other import *", "def __getattr__(name): ..."]


@pytest.mark.parametrize("text", UNCERTAIN)
def test_a_name_that_may_come_from_elsewhere_is_not_missing(tmp_path: Path, text: str) -> None:
    assert find_handler(code(tmp_path, "app.handler", {"app.py": text})) == Handler(tmp_path / "app.py")


def test_functions_of_one_file_parse_it_once(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("def one(): ...\ndef two(): ...")
    with mock.patch.object(ast, "parse", wraps=ast.parse) as parse:
        lines = [find_handler(code(tmp_path, f"app.{name}")).line for name in ("one", "two")]
    assert (lines, parse.call_count) == ([1, 2], 1)


def test_a_file_that_is_no_python_is_reported_at_its_line(tmp_path: Path) -> None:
    file = tmp_path / "app.py"
    remedy = "fix it: Lambda cannot import it"
    expected = Handler(file, 2, "has a syntax error in line 2", remedy)
    assert find_handler(code(tmp_path, "app.handler", {"app.py": "import json\ndef handler(:"})) == expected


def test_a_file_that_must_not_be_read_is_reported_as_such(tmp_path: Path) -> None:
    function = code(tmp_path, "app.handler", {"app.py": "def handler(): ..."})
    refused = PermissionError(13, "Permission denied", str(tmp_path / "app.py"))
    with mock.patch.object(Path, "open", side_effect=refused):  # chmod does not keep root out
        handler = find_handler(function)
    problem, remedy = "cannot be read: Permission denied", "change the permissions of the file"
    assert handler == Handler(tmp_path / "app.py", None, problem, remedy)


PLACES = [
    ("src/app.handler", {"src/app.py": "def handler(): ..."}, "src/app.py"),
    ("src.app.handler", {"src/app.py": "def handler(): ..."}, "src/app.py"),
    ("app.handler", {"app/__init__.py": "def handler(): ..."}, "app/__init__.py"),
]


@pytest.mark.parametrize(("handler", "files", "file"), PLACES)
def test_python_modules_are_found_in_folders_and_packages(
    tmp_path: Path, handler: str, files: dict[str, str], file: str
) -> None:
    assert find_handler(code(tmp_path, handler, files)) == Handler(tmp_path / file, 1)


def test_a_missing_function_is_reported_with_a_suggestion(tmp_path: Path) -> None:
    handler = find_handler(code(tmp_path, "app.lambda_handler", {"app.py": "def lambda_handlr(): ..."}))
    assert handler == Handler(
        tmp_path / "app.py", None, "has no function lambda_handler", 'did you mean "lambda_handlr"?'
    )
    assert find_handler(code(tmp_path, "app.work", {"app.py": ""})).remedy == REMEDY


def test_a_missing_file_is_reported_if_its_folder_has_other_code(tmp_path: Path) -> None:
    handler = find_handler(code(tmp_path, "app.handler", {"ap.py": ""}))
    assert handler == Handler(tmp_path / "app.py", None, "does not exist", 'did you mean "ap"?')


def test_a_handler_that_names_no_function_is_reported(tmp_path: Path) -> None:
    handler = find_handler(code(tmp_path, "handler"))
    assert (handler.problem, handler.remedy) == ("has no function for the handler 'handler'", "write module.function")


def test_a_node_handler_may_be_the_index_of_a_folder(tmp_path: Path) -> None:
    handler = find_handler(code(tmp_path, "app.run", {"app/index.js": "\nexports.run = 1", "b.js": ""}, "nodejs22.x"))
    assert handler == Handler(tmp_path / "app" / "index.js", 2)


PROVIDED_ELSEWHERE: list[tuple[str, dict[str, str], str]] = [
    ("dist/app.handler", {"src/app.ts": "", "jest.config.js": ""}, "nodejs22.x"),
    ("node_modules/lib/index.handler", {"index.js": ""}, "nodejs22.x"),
    ("datadog_lambda.handler.handler", {"app.py": "", "requirements.txt": "datadog-lambda==6\n"}, "python3.13"),
    ("fast.handler", {"app.py": "", "fast.so": ""}, "python3.13"),
    ("app.handler", {"machine.asl.json": "{}", "read.me.md": ""}, "python3.13"),
]


@pytest.mark.parametrize(("handler", "files", "runtime"), PROVIDED_ELSEWHERE)
def test_a_file_provided_by_a_build_or_a_dependency_is_not_missing(
    tmp_path: Path, handler: str, files: dict[str, str], runtime: str
) -> None:
    assert find_handler(code(tmp_path, handler, files, runtime)) == Handler()


def test_a_file_is_missing_from_a_folder_without_other_code(tmp_path: Path) -> None:
    handler = find_handler(code(tmp_path, "app.handler", {"requirements.txt": ""}))
    assert (handler.file, handler.problem) == (tmp_path / "app.py", "does not exist")


def test_without_a_runtime_or_a_handler_nothing_is_missing(tmp_path: Path) -> None:
    assert find_handler(code(tmp_path, "app.handler", {"app.py": ""}, "")) == Handler()
    assert find_handler(code(tmp_path, "", {"app.py": ""})) == Handler()
    assert find_handler(code(tmp_path, "app.handler", {"app.py": "def handler(): ..."}, "")).line == 1


def test_a_name_that_no_file_can_have_is_not_reported(tmp_path: Path) -> None:
    assert [find_handler(code(tmp_path, f"{name}.handler")) for name in ("a" * 300, "a\0b")] == [Handler()] * 2


def test_missing_incomplete_and_unsupported_code_is_not_reported(tmp_path: Path) -> None:
    missing = code(tmp_path / "missing", "app.handler")
    layered = replace(code(tmp_path, "datadog.handler", {"app.py": ""}), is_complete=False)
    java = code(tmp_path, "example.App::handle", {"app.py": ""}, "java21")
    assert [find_handler(function) for function in (missing, layered, java)] == [Handler()] * 3


NODE = [
    ("exports.handler = async () => {}", Handler(line=1)),
    ("\nmodule.exports.handler = 1", Handler(line=2)),
    ("const a = 1\nexport const handler = async () => {}", Handler(line=2)),
    ("export async function handler() {}", Handler(line=1)),
    ("const handler = 1\nmodule.exports = { handler }", Handler(line=1)),
    ("import { handler } from './a'\nexport { other, handler }", Handler(line=2)),
    ("export const other = 1, $handler = 1\nhandler", Handler(line=2)),
    ("export * from './other'", Handler()),
    ("module.exports = require('./other')", Handler()),
    ("module.exports = {...require('./other')}", Handler()),
    ("Object.assign(exports, require('./other'))", Handler()),
    ("exports[name] = 1", Handler()),
    ("exports.handlers = 1", Handler(None, None, "exports no handler", REMEDY)),
    ("exports.other = 1", Handler(None, None, "exports no handler", REMEDY)),
]


@pytest.mark.parametrize(("text", "expected"), NODE)
def test_a_node_handler_is_an_export_of_its_module(tmp_path: Path, text: str, expected: Handler) -> None:
    handler = find_handler(code(tmp_path, "src/index.handler", {"src/index.js": text}, "nodejs22.x"))
    assert handler == replace(expected, file=tmp_path / "src" / "index.js")


MINIFIED = [
    ("export const a=1;" * 50_000, "exports no handler"),
    ("export const a=1;" * 50_000 + "export const handler=1", ""),
    ("a export " * 50_000 + "handler", ""),
    ("module.exports " * 50_000, "exports no handler"),
    ("export" + " " * 500_000, "exports no handler"),
    ("\n" + "exports.a=1;" * 50_000, "exports no handler"),
    ("handlerhandler " * 50_000, "exports no handler"),
]


# A search that backtracks takes minutes for one of these lines.
@pytest.mark.parametrize(("text", "problem"), MINIFIED, ids=range(len(MINIFIED)))
def test_a_minified_bundle_is_searched_in_linear_time(tmp_path: Path, text: str, problem: str) -> None:
    handler = find_handler(code(tmp_path, "index.handler", {"index.js": text}, "nodejs22.x"))
    assert handler.problem == problem


def test_a_node_module_has_one_of_several_suffixes(tmp_path: Path) -> None:
    text = "export const handler = 1"
    for suffix in ("mjs", "cjs", "ts"):
        function = code(tmp_path / suffix, "index.handler", {f"index.{suffix}": text}, "nodejs22.x")
        assert find_handler(function) == Handler(tmp_path / suffix / f"index.{suffix}", 1)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("exports.handler = 1", "has no export: an ES module has no exports"),
        ("module.exports = { handler }", "has no export: an ES module has no exports"),
        ("export const handler = 1;\nexports.other = 2", ""),
        ("const require = createRequire(import.meta.url);\nexports.handler = 1", ""),
    ],
)
def test_an_es_module_exports_by_export(tmp_path: Path, text: str, problem: str) -> None:
    assert find_handler(code(tmp_path, "index.handler", {"index.mjs": text}, "nodejs22.x")).problem == problem


def test_a_ruby_handler_is_a_method(tmp_path: Path) -> None:
    text = "class App\n  def self.handler(event:, context:)\n  end\nend\n"
    defined = find_handler(code(tmp_path, "app.App.handler", {"app.rb": text}, "ruby3.3"))
    missing = find_handler(code(tmp_path, "app.App.work", {"app.rb": text}, "ruby3.3"))
    aliased = find_handler(code(tmp_path / "b", "app.App.work", {"app.rb": "alias work handler"}, "ruby3.3"))
    assert aliased == Handler(tmp_path / "b" / "app.rb")
    assert defined == Handler(tmp_path / "app.rb", 2)
    assert missing == Handler(tmp_path / "app.rb", None, "has no method work", REMEDY)
