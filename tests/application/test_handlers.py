"""handlers.py: where a handler stands in its code, or why it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from workflow_dsl.application.handlers import Handler, find_handler
from workflow_dsl.application.template import FunctionCode

WRITE_IT = "write it, or mend Handler and CodeUri in the template"


def code(
    folder: Path, handler: str, files: Mapping[str, str] = MappingProxyType({}), runtime: str = "python3.13"
) -> FunctionCode:
    """A function with files in its folder."""
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
def test_a_handler_in_python_is_any_name_that_its_module_has(tmp_path: Path, text: str, line: int) -> None:
    found = find_handler(code(tmp_path, "app.handler", {"app.py": text}))
    assert found == Handler(tmp_path / "app.py", line)


UNCERTAIN = ["globals()['handler'] = 1", "from other import *", "def __getattr__(name): ...", "def broken(:"]


@pytest.mark.parametrize("text", UNCERTAIN)
def test_where_a_name_may_come_from_elsewhere_nothing_is_said(tmp_path: Path, text: str) -> None:
    assert find_handler(code(tmp_path, "app.handler", {"app.py": text})) == Handler(tmp_path / "app.py")


PLACES = [
    ("src/app.handler", {"src/app.py": "def handler(): ..."}, "src/app.py"),
    ("src.app.handler", {"src/app.py": "def handler(): ..."}, "src/app.py"),
    ("app.handler", {"app/__init__.py": "def handler(): ..."}, "app/__init__.py"),
]


@pytest.mark.parametrize(("handler", "files", "file"), PLACES)
def test_modules_are_found_in_folders_and_packages(
    tmp_path: Path, handler: str, files: dict[str, str], file: str
) -> None:
    assert find_handler(code(tmp_path, handler, files)) == Handler(tmp_path / file, 1)


def test_a_missing_function_is_said_with_the_one_that_may_be_meant(tmp_path: Path) -> None:
    found = find_handler(code(tmp_path, "app.lambda_handler", {"app.py": "def lambda_handlr(): ..."}))
    assert found == Handler(
        tmp_path / "app.py", None, "has no function lambda_handler", 'did you mean "lambda_handlr"?'
    )
    assert find_handler(code(tmp_path, "app.work", {"app.py": ""})).remedy == WRITE_IT


def test_a_missing_file_is_said_where_other_code_is_there(tmp_path: Path) -> None:
    found = find_handler(code(tmp_path, "app.handler", {"ap.py": ""}))
    assert found == Handler(tmp_path / "app.py", None, "is not there", 'did you mean "ap"?')


def test_a_handler_without_a_function_is_said(tmp_path: Path) -> None:
    found = find_handler(code(tmp_path, "handler"))
    assert (found.problem, found.remedy) == ("has no handler 'handler': it names no function", "write module.function")


MADE_ELSEWHERE: list[tuple[str, dict[str, str], str]] = [
    ("dist/app.handler", {"src/app.ts": "", "jest.config.js": ""}, "nodejs22.x"),
    ("node_modules/lib/index.handler", {"index.js": ""}, "nodejs22.x"),
    ("datadog_lambda.handler.handler", {"app.py": "", "requirements.txt": "datadog-lambda==6\n"}, "python3.13"),
    ("fast.handler", {"app.py": "", "fast.so": ""}, "python3.13"),
    ("app.handler", {"machine.asl.json": "{}", "read.me.md": ""}, "python3.13"),
]


@pytest.mark.parametrize(("handler", "files", "runtime"), MADE_ELSEWHERE)
def test_what_a_build_or_a_dependency_brings_is_not_missing(
    tmp_path: Path, handler: str, files: dict[str, str], runtime: str
) -> None:
    assert find_handler(code(tmp_path, handler, files, runtime)) == Handler()


def test_a_file_that_was_taken_away_is_missed_though_no_code_is_left(tmp_path: Path) -> None:
    found = find_handler(code(tmp_path, "app.handler", {"requirements.txt": ""}))
    assert (found.file, found.problem) == (tmp_path / "app.py", "is not there")


def test_without_a_runtime_or_a_handler_nothing_is_missing(tmp_path: Path) -> None:
    assert find_handler(code(tmp_path, "app.handler", {"app.py": ""}, "")) == Handler()
    assert find_handler(code(tmp_path, "", {"app.py": ""})) == Handler()
    assert find_handler(code(tmp_path, "app.handler", {"app.py": "def handler(): ..."}, "")).line == 1


def test_of_a_name_that_no_file_can_have_nothing_is_said(tmp_path: Path) -> None:
    assert [find_handler(code(tmp_path, f"{name}.handler")) for name in ("a" * 300, "a\0b")] == [Handler()] * 2


def test_of_code_that_is_not_here_or_made_by_a_build_nothing_is_said(tmp_path: Path) -> None:
    nothing = code(tmp_path / "nothing", "app.handler")
    layered = replace(code(tmp_path, "datadog.handler", {"app.py": ""}), is_whole=False)
    java = code(tmp_path, "example.App::handle", {"app.py": ""}, "java21")
    assert [find_handler(each) for each in (nothing, layered, java)] == [Handler()] * 3


NODE = [
    ("exports.handler = async () => {}", Handler(line=1)),
    ("\nmodule.exports.handler = 1", Handler(line=2)),
    ("const a = 1\nexport const handler = async () => {}", Handler(line=2)),
    ("export async function handler() {}", Handler(line=1)),
    ("const handler = 1\nmodule.exports = { handler }", Handler(line=1)),
    ("export * from './other'", Handler()),
    ("module.exports = require('./other')", Handler()),
    ("module.exports = {...require('./other')}", Handler()),
    ("Object.assign(exports, require('./other'))", Handler()),
    ("exports[name] = 1", Handler()),
    ("exports.handlers = 1", Handler(None, None, "exports no handler", WRITE_IT)),
    ("exports.other = 1", Handler(None, None, "exports no handler", WRITE_IT)),
]


@pytest.mark.parametrize(("text", "expected"), NODE)
def test_a_handler_in_node_is_what_its_module_exports(tmp_path: Path, text: str, expected: Handler) -> None:
    found = find_handler(code(tmp_path, "src/index.handler", {"src/index.js": text}, "nodejs22.x"))
    assert found == replace(expected, file=tmp_path / "src" / "index.js")


def test_node_modules_have_many_endings(tmp_path: Path) -> None:
    text = "export const handler = 1"
    found = [
        find_handler(code(tmp_path / ending, "index.handler", {f"index.{ending}": text}, "nodejs22.x"))
        for ending in ("mjs", "cjs", "ts")
    ]
    assert [(each.file and each.file.name, each.line) for each in found] == [
        ("index.mjs", 1),
        ("index.cjs", 1),
        ("index.ts", 1),
    ]


def test_a_handler_in_ruby_is_a_method(tmp_path: Path) -> None:
    text = "class App\n  def self.handler(event:, context:)\n  end\nend\n"
    there = find_handler(code(tmp_path, "app.App.handler", {"app.rb": text}, "ruby3.3"))
    missing = find_handler(code(tmp_path, "app.App.work", {"app.rb": text}, "ruby3.3"))
    renamed = find_handler(code(tmp_path / "b", "app.App.work", {"app.rb": "alias work handler"}, "ruby3.3"))
    assert renamed == Handler(tmp_path / "b" / "app.rb")
    assert there == Handler(tmp_path / "app.rb", 2)
    assert missing == Handler(tmp_path / "app.rb", None, "has no method work", WRITE_IT)
