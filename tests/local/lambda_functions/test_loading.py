"""loading.py: real handlers, each with its own folder, modules and environment, which leave nothing behind."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from random import Random
from textwrap import dedent
from typing import Any

import pytest

from workflow_dsl.application.template import FunctionCode
from workflow_dsl.findings import FindingsError
from workflow_dsl.local.errors import StateError
from workflow_dsl.local.lambda_functions.functions import invoke
from workflow_dsl.local.lambda_functions.loading import load_function


def code(folder: Path, handler: str = "app.handler", **environment: str) -> FunctionCode:
    return FunctionCode("Logical", folder.name, folder, handler, 512, 9, environment)


def write_files(folder: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), "utf-8")
    return folder


def call(code: FunctionCode, event: Any = None) -> Any:
    return load_function(code).handler(event, None)


def test_a_function_has_its_configuration_from_the_template(tmp_path: Path) -> None:
    function = load_function(code(write_files(tmp_path / "f", {"app.py": ""}), A="1"))
    assert (function.name, function.memory, function.timeout, function.environment) == ("f", 512, 9, {"A": "1"})


def test_modules_with_the_same_name_in_three_folders_do_not_collide(tmp_path: Path) -> None:
    app = "import helper\ndef handler(event, context):\n    import later\n    return [helper.NAME, later.NAME, event]\n"
    folders = [
        write_files(
            tmp_path / name, {"app.py": app, "helper.py": f"NAME = {name!r}", "later.py": f"NAME = {name.upper()!r}"}
        )
        for name in ("one", "two", "three")
    ]
    functions = [load_function(code(folder)) for folder in folders]
    results = [[function.handler(turn, None) for function in functions] for turn in (1, 2)]
    assert results == [[[name, name.upper(), turn] for name in ("one", "two", "three")] for turn in (1, 2)]


def test_a_module_that_is_already_loaded_is_hidden_and_restored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(tmp_path, {"app_of_tests.py": "NAME = 'mine'"})
    monkeypatch.syspath_prepend(str(tmp_path))
    loaded = __import__("app_of_tests")
    folder = write_files(tmp_path / "f", {"app_of_tests.py": "NAME = 'its'\ndef handler(event, context): return NAME"})
    assert call(code(folder, "app_of_tests.handler")) == "its"
    assert sys.modules["app_of_tests"] is loaded
    del sys.modules["app_of_tests"]


def test_a_module_is_loaded_once_at_the_first_call(tmp_path: Path) -> None:
    app = "LOADED = []\nCOUNT = [0]\ndef handler(event, context):\n    COUNT[0] += 1\n    return COUNT[0]\n"
    function = load_function(code(write_files(tmp_path / "f", {"app.py": app})))
    assert [function.handler(None, None) for _ in range(3)] == [1, 2, 3]
    assert load_function(code(write_files(tmp_path / "never", {"app.py": "import nothing_such"}))).name == "never"


def test_path_and_environment_are_set_while_a_handler_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT", "before")
    monkeypatch.delenv("GONE", raising=False)
    app = """
        import os, sys
        AT_LOADING = os.environ["KEPT"]
        def handler(event, context):
            names = ("KEPT", "GONE", "AWS_LAMBDA_FUNCTION_NAME")
            return [sys.path[0], AT_LOADING, *(os.environ[name] for name in names)]
    """
    folder = write_files(tmp_path / "f", {"app.py": app})
    before = (list(sys.path), dict(sys.modules), dict(os.environ))
    assert call(code(folder, KEPT="its", GONE="too")) == [str(folder), "its", "its", "too", "f"]
    assert (list(sys.path), dict(sys.modules), dict(os.environ)) == before


def test_a_handler_works_in_its_folder_with_lambdas_variables(tmp_path: Path) -> None:
    app = """
        import os
        def handler(event, context):
            files, variables = os.listdir(), dict(os.environ)
            os.chdir("/")
            return ["words.txt" in files, *(variables[name] for name in event)]
    """
    folder = write_files(tmp_path / "f", {"app.py": app, "words.txt": ""})
    names = ["LAMBDA_TASK_ROOT", "_HANDLER", "AWS_LAMBDA_LOG_GROUP_NAME", "TZ"]
    before = Path.cwd()
    function = load_function(code(folder))
    for _ in range(2):
        assert function.handler(names, None) == [True, str(folder), "app.handler", "/aws/lambda/f", "UTC"]
        assert Path.cwd() == before


def test_a_process_that_a_handler_forks_ends_with_the_handler(tmp_path: Path) -> None:
    app = """
        import os
        def handler(event, context):
            child = os.fork()
            return os.waitpid(child, 0)[1] if child else "twice"
    """
    assert call(code(write_files(tmp_path / "f", {"app.py": app}))) == 0


def test_a_handler_that_takes_no_event_has_no_stack_trace_of_this_package(tmp_path: Path) -> None:
    function = load_function(code(write_files(tmp_path / "f", {"app.py": "def handler():\n    return 1\n"})))
    with pytest.raises(StateError) as failure:
        invoke(function, "f", {}, Random(1))
    payload = json.loads(failure.value.cause or "")
    assert (payload["errorMessage"], payload["stackTrace"]) == (
        "handler() takes 0 positional arguments but 2 were given",
        [],
    )


def test_an_exception_of_a_handler_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = write_files(tmp_path / "f", {"app.py": "def handler(event, context):\n    raise KeyError(event)\n"})
    before = (list(sys.path), dict(sys.modules), dict(os.environ))
    with pytest.raises(KeyError, match="here"):
        call(code(folder, A="1"), "here")
    assert (list(sys.path), dict(sys.modules), dict(os.environ)) == before


@pytest.mark.parametrize("handler", ["a.b.handler", "pack.app.handler"])
def test_a_handler_may_be_in_a_package(tmp_path: Path, handler: str) -> None:
    package = handler.split(".", maxsplit=1)[0]
    module = handler.split(".")[1]
    files = {
        f"{package}/__init__.py": "",
        f"{package}/words.py": "WORD = 'packed'",
        f"{package}/{module}.py": "from .words import WORD\ndef handler(event, context): return WORD",
    }
    function = load_function(code(write_files(tmp_path / "f", files), handler))
    assert [function.handler(None, None) for _ in range(2)] == ["packed", "packed"]
    assert package not in sys.modules


WRITE_IT = "write it, or fix Handler and CodeUri in the template"
HANDLERS = [
    ("app.handler", f"has no file for the handler 'app.handler' of Logical; {WRITE_IT}"),
    ("a.b.handler", f"has no file for the handler 'a.b.handler' of Logical; {WRITE_IT}"),
    ("", f"has no file for the handler '' of Logical; {WRITE_IT}"),
    (
        "handler",
        "the handler handler of Logical: the file has no function for the handler 'handler'; write module.function",
    ),
]


@pytest.mark.parametrize(("handler", "message"), HANDLERS)
def test_a_handler_without_a_file_is_refused_before_anything_runs(tmp_path: Path, handler: str, message: str) -> None:
    problems = [str(finding) for finding in load_function(code(tmp_path, handler)).problems()]
    assert problems == [f"{tmp_path}: {message}"]


@pytest.mark.parametrize("app", ["", "handler = 3"])
def test_a_file_without_the_handler_is_reported_at_the_first_call(tmp_path: Path, app: str) -> None:
    folder = write_files(tmp_path / "f", {"app.py": app})
    with pytest.raises(FindingsError, match=r"app\.py: has no function handler, the handler of Logical; write it"):
        call(code(folder))


FAULTS = [
    ("import no_such_library", "Runtime.ImportModuleError",
     "Unable to import module 'app': No module named 'no_such_library'", []),
    ("x = = 1", "Runtime.UserCodeSyntaxError", "Syntax error in module 'app': invalid syntax (app.py, line 1)",
     ['  File "/var/task/app.py" Line 1\n    x = = 1']),
]  # fmt: skip


@pytest.mark.parametrize(("app", "error", "message", "trace"), FAULTS)
def test_a_module_that_cannot_be_imported_is_an_error_of_the_runtime(
    tmp_path: Path, app: str, error: str, message: str, trace: list[str]
) -> None:
    function = load_function(code(write_files(tmp_path / "f", {"app.py": app})))
    with pytest.raises(StateError) as failure:
        invoke(function, "f", {}, Random(1))
    assert failure.value.error == error
    payload = json.loads(failure.value.cause or "")
    assert (payload["errorMessage"], payload["stackTrace"]) == (message, trace)


def test_a_stack_trace_names_the_files_of_a_function_below_the_folder_of_lambda(tmp_path: Path) -> None:
    files = {"pack/app.py": "from words import say\ndef handler(event, context):\n    return say(event)\n",
             "pack/__init__.py": "", "words.py": "def say(event):\n    raise KeyError(event)\n"}  # fmt: skip
    function = load_function(code(write_files(tmp_path / "f", files), "pack/app.handler"))
    with pytest.raises(StateError) as failure:
        invoke(function, "f", "here", Random(1))
    assert json.loads(failure.value.cause or "")["stackTrace"] == [
        '  File "/var/task/pack/app.py", line 3, in handler\n    return say(event)\n',
        '  File "/var/task/words.py", line 2, in say\n    raise KeyError(event)\n',
    ]


def test_modules_without_a_file_are_left_alone(tmp_path: Path) -> None:
    app = (
        "import math, types, sys\nsys.modules['made'] = types.ModuleType('made')\ndef handler(e, c): return math.pi > 3"
    )
    assert call(code(write_files(tmp_path / "f", {"app.py": app}))) is True
    assert sys.modules.pop("made").__name__ == "made"
