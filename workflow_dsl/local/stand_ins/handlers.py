"""The real handlers: each function's module, loaded from its folder in isolation, called with its own environment."""

from __future__ import annotations

import importlib
import os
import sys
import types
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from workflow_dsl.application.template import FunctionCode
from workflow_dsl.application.template.resource_types import LOCAL_REGION
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.local.stand_ins.functions import Function, Handler


def load(code: FunctionCode) -> Function:
    """The function as Lambda would load it: its folder on the path, its environment set, its modules its own.

    The module is loaded at the first call, so that a function that is never called costs nothing and may lack its
    dependencies. What keeps it from being called is told by `problems()` of the function, before a run begins.
    """
    return Function(_Isolated(code), code.name, code.memory, code.timeout, code.environment)


class _Isolated:
    """A handler with the modules that were loaded for it, which no other function sees."""

    def __init__(self, code: FunctionCode) -> None:
        self._code = code
        self._module, _, self._name = code.handler.rpartition(".")
        self._file = code.folder / f"{self._module.replace('.', '/')}.py"
        self._modules: dict[str, types.ModuleType] = {}
        self._handler: Handler | None = None

    def problems(self) -> Sequence[Finding]:
        """A handler that does not exist in its file, or is no Python."""
        code = self._code
        if code.runtime and not code.runtime.startswith("python"):
            return [
                _finding(code.folder, f"{code.logical_id} runs {code.runtime}", "give a stand-in for it in functions")
            ]
        if not self._module or not self._file.is_file():
            return [_finding(self._file, f"{code.logical_id}'s handler {code.handler} is not there", _REMEDY)]
        return []

    def __call__(self, event: Any, context: Any) -> Any:
        with self._surroundings():
            if self._handler is None:
                self._handler = self._load()
            return self._handler(event, context)

    def _load(self) -> Handler:
        module = importlib.import_module(self._module)
        handler: Handler | None = getattr(module, self._name, None)
        if not callable(handler):
            message = f"has no function {self._name}, the handler of {self._code.logical_id}"
            raise FindingsError([_finding(self._file, message, _REMEDY)])
        return handler

    @contextmanager
    def _surroundings(self) -> Iterator[None]:
        """The function's folder first on the path, its environment, and of its folder's modules only its own."""
        folder = str(self._code.folder.resolve())
        own = {path.stem for path in Path(folder).iterdir()}
        own_to_lambda = {
            "AWS_REGION": LOCAL_REGION,
            "AWS_DEFAULT_REGION": LOCAL_REGION,
            "AWS_LAMBDA_FUNCTION_NAME": self._code.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self._code.memory),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        }
        environment = {**own_to_lambda, **self._code.environment}
        before = {name: os.environ.get(name) for name in environment}
        others = _taken_out(own)
        sys.modules.update(self._modules)
        sys.path.insert(0, folder)
        os.environ.update(environment)
        importlib.invalidate_caches()
        try:
            yield
        finally:
            self._modules = _taken_out(own)
            sys.modules.update(others)
            sys.path.remove(folder)
            for name, value in before.items():
                os.environ.pop(name, None)
                os.environ.update({} if value is None else {name: value})


def _taken_out(names: set[str]) -> dict[str, types.ModuleType]:
    """The loaded modules of these top-level names, no longer among the loaded ones."""
    found = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in names}
    for name in found:
        del sys.modules[name]
    return found


_REMEDY = "write it, or mend Handler and CodeUri in the template"


def _finding(file: Path, message: str, remedy: str) -> Finding:
    return Finding("NO_HANDLER", "error", Where(place=Place(str(file))), message, remedy)
