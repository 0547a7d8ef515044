"""The real handlers: each function's module, loaded from its folder in isolation, called with its own environment."""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.local.functions import Function, Handler
from workflow_dsl.template import FunctionCode


def load(code: FunctionCode) -> Function:
    """The function as Lambda would load it: its folder on the path, its environment set, its modules its own.

    The module is loaded at the first call, so that a function that is never called costs nothing and may lack its
    dependencies. Raises FindingsError for a handler that does not exist in its file.
    """
    module_name, _, name = code.handler.rpartition(".")
    file = code.folder / f"{module_name.replace('.', '/')}.py"
    if not module_name or not file.is_file():
        raise _missing(file, f"{code.logical_id}'s handler {code.handler} is not there")
    isolated = _Isolated(code, module_name, name, file)
    return Function(isolated, code.name, code.memory, code.timeout, code.environment)


class _Isolated:
    """A handler with the modules that were loaded for it, which no other function sees."""

    def __init__(self, code: FunctionCode, module: str, name: str, file: Path) -> None:
        self._code, self._module, self._name, self._file = code, module, name, file
        self._modules: dict[str, types.ModuleType] = {}
        self._handler: Handler | None = None

    def __call__(self, event: Any, context: Any) -> Any:
        with self._surroundings():
            if self._handler is None:
                self._handler = self._load()
            return self._handler(event, context)

    def _load(self) -> Handler:
        module = __import__(self._module, fromlist=[self._name])
        handler: Handler | None = getattr(module, self._name, None)
        if not callable(handler):
            raise _missing(self._file, f"has no function {self._name}, the handler of {self._code.logical_id}")
        return handler

    @contextmanager
    def _surroundings(self) -> Iterator[None]:
        """The function's folder first on the path, its environment, and of its own folder's modules only its own."""
        folder = str(self._code.folder.resolve())
        environment = {**self._code.environment, "AWS_LAMBDA_FUNCTION_NAME": self._code.name}
        before = {name: os.environ.get(name) for name in environment}
        others = dict(sys.modules)
        sys.path.insert(0, folder)
        os.environ.update(environment)
        for name in {path.stem for path in Path(folder).iterdir()}:
            sys.modules.pop(name, None)
        sys.modules.update(self._modules)
        try:
            yield
        finally:
            self._modules = {name: each for name, each in sys.modules.items() if _lies_in(each, folder)}
            for name in self._modules:
                sys.modules.pop(name)
            sys.modules.update({name: each for name, each in others.items() if name not in sys.modules})
            sys.path.remove(folder)
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


def _lies_in(module: types.ModuleType, folder: str) -> bool:
    file = getattr(module, "__file__", None)
    return isinstance(file, str) and file.startswith(folder + os.sep)


def _missing(file: Path, message: str) -> FindingsError:
    remedy = "write it, or mend Handler and CodeUri in the template"
    return FindingsError([Finding("NO_HANDLER", "error", Where(place=Place(str(file))), message, remedy)])
