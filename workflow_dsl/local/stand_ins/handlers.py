"""The real handlers: each function's module is loaded from its folder in isolation, and called with its environment.

Python handlers run in this process, Node.js handlers in processes of their own. Others do not run here.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from threading import RLock
from typing import Any

from workflow_dsl.application.handlers import find_handler
from workflow_dsl.application.template import FunctionCode
from workflow_dsl.application.template.resource_types import LOCAL_REGION
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.local.stand_ins.aws_variables import AwsVariables
from workflow_dsl.local.stand_ins.functions import Function, Handler
from workflow_dsl.local.stand_ins.lambda_runtime import RuntimeFault
from workflow_dsl.local.stand_ins.not_here import NotHere
from workflow_dsl.shapes.sources.handlers import DeclaredResult, declared_result


def load_function(code: FunctionCode, aws: AwsVariables | None = None) -> Function:
    """Load a function as Lambda does: its environment is set, its modules are its own.

    The module is imported at the first call, so that a function that is never called costs nothing and may lack its
    dependencies. `problems()` of the function returns what would keep it from being called. `aws` returns the
    variables with which handlers outside this process call AWS; without it such calls fail.
    """
    handler = _LANGUAGES.get(_language(code), _not_here)(code, aws)
    return Function(handler, code.name, code.memory, code.timeout, code.environment)


# The environment and the modules are the process's. A handler may run another one: an execution that it waits for.
_one_at_a_time = RLock()


class _IsolatedHandler:
    """A handler with its own modules, which no other function sees."""

    def __init__(self, code: FunctionCode) -> None:
        self._code = code
        self.folder = code.folder
        self._module, _, self._name = code.handler.rpartition(".")
        self._modules: dict[str, types.ModuleType] = {}
        self._own_variables: dict[str, str] = {}  # that the handler has set: they stay for its next call
        self._handler: Handler | None = None

    def problems(self) -> Sequence[Finding]:
        """Return the finding for a handler that is missing; none for one that can be called."""
        code = self._code
        handler = find_handler(replace(code, runtime="python"))
        if handler.file is None:
            message = f"has no file for the handler {code.handler!r} of {code.logical_id}"
            return [_finding(code.folder, message, _REMEDY)]
        if handler.problem:
            message = f"the handler {code.handler} of {code.logical_id}: the file {handler.problem}"
            return [_finding(handler.file, message, handler.remedy)]
        return []

    def declared_result(self) -> DeclaredResult | None:
        """Return the handler's return annotation; None if nothing is known of it."""
        file = find_handler(replace(self._code, runtime=self._code.runtime or "python")).file
        return declared_result(file, self._name) if file and file.suffix == ".py" else None

    def __call__(self, event: Any, context: Any) -> Any:
        with _one_at_a_time, self._isolation():
            if self._handler is None:
                self._handler = self._load()
            return self._handler(event, context)

    def _load(self) -> Handler:
        try:
            module = importlib.import_module(self._module.replace("/", "."))
        except ImportError as problem:
            message = f"Unable to import module '{self._module}': {problem}"
            raise RuntimeFault("Runtime.ImportModuleError", message) from None
        except SyntaxError as problem:
            message = f"Syntax error in module '{self._module}': {problem}"
            line = f'  File "/var/task/{Path(problem.filename or "").name}" Line {problem.lineno}\n    {problem.text}'
            raise RuntimeFault("Runtime.UserCodeSyntaxError", message, (line,)) from None
        handler: Handler | None = getattr(module, self._name, None)
        if not callable(handler):
            message = f"has no function {self._name}, the handler of {self._code.logical_id}"
            raise FindingsError([_finding(Path(str(module.__file__)), message, _REMEDY)])
        return handler

    @contextmanager
    def _isolation(self) -> Iterator[None]:
        """Put the function's folder first on sys.path, set its environment, and hide modules of other functions."""
        folder = str(self._code.folder.resolve())
        module_names = {path.stem for path in Path(folder).iterdir()}
        lambda_variables = {
            "AWS_REGION": LOCAL_REGION,
            "AWS_DEFAULT_REGION": LOCAL_REGION,
            "AWS_LAMBDA_FUNCTION_NAME": self._code.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self._code.memory),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        }
        environment = {**lambda_variables, **self._code.environment}
        before, path = dict(os.environ), list(sys.path)
        others = _pop_modules(module_names)
        try:
            sys.modules.update(self._modules)
            sys.path.insert(0, folder)
            os.environ.update({**environment, **self._own_variables})
            importlib.invalidate_caches()
            yield
        finally:
            self._own_variables = dict(os.environ.items() - before.items() - environment.items())
            self._modules = _pop_modules(module_names)
            sys.modules.update(others)
            sys.path[:] = path
            _restore(before)


def _restore(variables: Mapping[str, str]) -> None:
    """Make the environment what it was, whatever a handler has made of it."""
    for name in os.environ.keys() - variables.keys():
        del os.environ[name]
    os.environ.update(variables)


def _pop_modules(names: set[str]) -> dict[str, types.ModuleType]:
    """Remove the modules with these top-level names from sys.modules, and return them."""
    modules = {name: module for name, module in sys.modules.items() if name.partition(".")[0] in names}
    for name in modules:
        del sys.modules[name]
    return modules


def _language(code: FunctionCode) -> str:
    """The language of a function's runtime, such as nodejs; if only the stack knows the runtime, that of its file."""
    language = re.split(r"[\d.]", code.runtime, maxsplit=1)[0]
    if language in _LANGUAGES or language in _OTHER_LANGUAGES:
        return language
    in_node = find_handler(replace(code, runtime="nodejs"))
    is_node = (in_node.file and not in_node.problem) or code.metadata.get("BuildMethod") == "esbuild"
    return "nodejs" if is_node else "python"


def _in_python(code: FunctionCode, _: AwsVariables | None) -> Handler:
    return _IsolatedHandler(code)


def _in_node(code: FunctionCode, aws: AwsVariables | None) -> Handler:
    from workflow_dsl.local.stand_ins.node_functions import NodeHandler  # lazy import: only some templates need it

    return NodeHandler(code, aws)


def _not_here(code: FunctionCode, _: AwsVariables | None) -> Handler:
    where = Where(place=Place(str(code.folder)))
    return NotHere(where, f"{code.logical_id} runs {code.runtime}, which cannot run locally")


_Load = Callable[[FunctionCode, AwsVariables | None], Handler]
_LANGUAGES: Mapping[str, _Load] = {"python": _in_python, "nodejs": _in_node}
_OTHER_LANGUAGES = ("dotnet", "dotnetcore", "go", "java", "provided", "ruby")
_REMEDY = "write it, or fix Handler and CodeUri in the template"


def _finding(file: Path, message: str, remedy: str) -> Finding:
    return Finding("NO_HANDLER", "error", Where(place=Place(str(file))), message, remedy)
