"""Real handlers: each with its own folder, modules and environment, of which nothing is left behind."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from workflow_dsl.application.template import FunctionCode
from workflow_dsl.findings import FindingsError
from workflow_dsl.local.stand_ins.handlers import load


def code(folder: Path, handler: str = "app.handler", **environment: str) -> FunctionCode:
    return FunctionCode("Logical", folder.name, folder, handler, 512, 9, environment)


def written(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")
    return folder


def called(code: FunctionCode, event: Any = None) -> Any:
    return load(code).handler(event, None)


def test_a_function_keeps_what_the_template_says_of_it(tmp_path: Path) -> None:
    function = load(code(written(tmp_path / "f", {"app.py": ""}), A="1"))
    assert (function.name, function.memory, function.timeout, function.environment) == ("f", 512, 9, {"A": "1"})


def test_modules_of_one_name_in_three_folders_do_not_collide(tmp_path: Path) -> None:
    app = "import helper\ndef handler(event, context):\n    import later\n    return [helper.NAME, later.NAME, event]\n"
    folders = [
        written(
            tmp_path / name, {"app.py": app, "helper.py": f"NAME = {name!r}", "later.py": f"NAME = {name.upper()!r}"}
        )
        for name in ("one", "two", "three")
    ]
    functions = [load(code(folder)) for folder in folders]
    answers = [[function.handler(turn, None) for function in functions] for turn in (1, 2)]
    assert answers == [[[name, name.upper(), turn] for name in ("one", "two", "three")] for turn in (1, 2)]


def test_a_module_that_is_loaded_already_is_neither_seen_nor_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written(tmp_path, {"app_of_tests.py": "NAME = 'mine'"})
    monkeypatch.syspath_prepend(str(tmp_path))
    mine = __import__("app_of_tests")
    folder = written(tmp_path / "f", {"app_of_tests.py": "NAME = 'its'\ndef handler(event, context): return NAME"})
    assert called(code(folder, "app_of_tests.handler")) == "its"
    assert sys.modules["app_of_tests"] is mine
    del sys.modules["app_of_tests"]


def test_a_module_is_loaded_at_the_first_call_and_only_once(tmp_path: Path) -> None:
    app = "LOADED = []\nCOUNT = [0]\ndef handler(event, context):\n    COUNT[0] += 1\n    return COUNT[0]\n"
    function = load(code(written(tmp_path / "f", {"app.py": app})))
    assert [function.handler(None, None) for _ in range(3)] == [1, 2, 3]
    assert load(code(written(tmp_path / "never", {"app.py": "import nothing_such"}))).name == "never"


def test_a_handler_has_its_folder_on_the_path_and_its_environment_as_long_as_it_works(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEPT", "before")
    monkeypatch.delenv("GONE", raising=False)
    app = """
        import os, sys
        AT_LOADING = os.environ["KEPT"]
        def handler(event, context):
            names = ("KEPT", "GONE", "AWS_LAMBDA_FUNCTION_NAME")
            return [sys.path[0], AT_LOADING, *(os.environ[name] for name in names)]
    """
    folder = written(tmp_path / "f", {"app.py": app})
    before = (list(sys.path), dict(sys.modules), dict(os.environ))
    assert called(code(folder, KEPT="its", GONE="too")) == [str(folder), "its", "its", "too", "f"]
    assert (list(sys.path), dict(sys.modules), dict(os.environ)) == before


def test_what_a_handler_raises_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = written(tmp_path / "f", {"app.py": "def handler(event, context):\n    raise KeyError(event)\n"})
    before = (list(sys.path), dict(sys.modules), dict(os.environ))
    with pytest.raises(KeyError, match="here"):
        called(code(folder, A="1"), "here")
    assert (list(sys.path), dict(sys.modules), dict(os.environ)) == before


@pytest.mark.parametrize("handler", ["a.b.handler", "pack.app.handler"])
def test_a_handler_may_lie_in_a_package(tmp_path: Path, handler: str) -> None:
    package = handler.split(".", maxsplit=1)[0]
    module = handler.split(".")[1]
    files = {
        f"{package}/__init__.py": "",
        f"{package}/words.py": "WORD = 'packed'",
        f"{package}/{module}.py": "from .words import WORD\ndef handler(event, context): return WORD",
    }
    function = load(code(written(tmp_path / "f", files), handler))
    assert [function.handler(None, None) for _ in range(2)] == ["packed", "packed"]
    assert package not in sys.modules


@pytest.mark.parametrize(
    ("handler", "file"), [("app.handler", "app.py"), ("a.b.handler", "a/b.py"), ("handler", ".py"), ("", ".py")]
)
def test_a_handler_without_a_file_is_refused_before_anything_is_called(tmp_path: Path, handler: str, file: str) -> None:
    remedy = "write it, or mend Handler and CodeUri in the template"
    found = [str(finding) for finding in load(code(tmp_path, handler)).problems()]
    assert found == [f"{tmp_path / file}: Logical's handler {handler} is not there; {remedy}"]


@pytest.mark.parametrize("app", ["", "handler = 3"])
def test_a_file_without_the_handler_is_said_at_the_first_call(tmp_path: Path, app: str) -> None:
    folder = written(tmp_path / "f", {"app.py": app})
    with pytest.raises(FindingsError, match=r"app\.py: has no function handler, the handler of Logical; write it"):
        called(code(folder))


def test_modules_without_a_file_are_left_alone(tmp_path: Path) -> None:
    app = (
        "import math, types, sys\nsys.modules['made'] = types.ModuleType('made')\ndef handler(e, c): return math.pi > 3"
    )
    assert called(code(written(tmp_path / "f", {"app.py": app}))) is True
    assert sys.modules.pop("made").__name__ == "made"
