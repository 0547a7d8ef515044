"""The real handlers: each function's module is loaded from its folder in isolation, and called with its environment.

Python handlers run in this process, Node.js handlers in processes of their own. Others do not run here.
"""

from __future__ import annotations

import importlib
import os
import re
import sys
import types
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Condition, get_ident
from typing import Any

from workflow_dsl.application.handlers import find_handler
from workflow_dsl.application.template import FunctionCode
from workflow_dsl.application.template.resource_types import LOCAL_REGION
from workflow_dsl.findings import Finding, FindingsError, Place, Where
from workflow_dsl.local.lambda_functions.functions import Function, Handler, lambda_variables
from workflow_dsl.local.lambda_functions.not_here import NotHere
from workflow_dsl.local.lambda_functions.runtime import RuntimeFault
from workflow_dsl.local.stand_ins.aws_variables import AwsVariables
from workflow_dsl.records import replace
from workflow_dsl.shapes.sources.handlers import DeclaredResult, declared_result


def load_function(code: FunctionCode, aws: AwsVariables | None = None) -> Function:
    """Load a function as Lambda does: its environment is set, its modules are its own.

    The module is imported at the first call, so that a function that is never called costs nothing and may lack its
    dependencies. `problems()` of the function returns what would keep it from being called. `aws` returns the
    variables with which handlers outside this process call AWS; without it such calls fail.
    """
    handler = _LANGUAGES.get(_language(code), _not_here)(code, aws)
    return Function(handler, code.name, code.memory, code.timeout, code.environment)


class _Turn:
    """The turn of a thread to run handlers: the environment and the modules are the process's.

    Threads take turns in the order in which they ask. A handler may run another one: an execution that it waits for.
    """

    def __init__(self) -> None:
        self._changed = Condition()
        self._queue: deque[int] = deque()  # the threads, of which the first has the turn
        self._running: list[_Isolation] = []  # of the thread that has the turn, from the outermost

    @contextmanager
    def of(self, isolation: _Isolation) -> Iterator[None]:
        """Run a handler: the first of a thread waits for the turn."""
        self._take([isolation])
        try:
            yield
        finally:
            self._running.pop().leave()
            if not self._running:
                self._end()

    @contextmanager
    def given_up(self) -> Iterator[None]:
        """Give the turn up, if this thread has it, to those who wait for it; at the end take it again."""
        if not self._queue or self._queue[0] != get_ident():
            yield
            return
        running, self._running = self._running, []
        for isolation in reversed(running):
            isolation.leave()
        self._end()
        try:
            yield
        finally:
            self._take(running)

    def _take(self, isolations: Sequence[_Isolation]) -> None:
        own = get_ident()
        with self._changed:
            if own not in self._queue:
                self._queue.append(own)
                try:
                    self._changed.wait_for(lambda: self._queue[0] == own)
                except BaseException:  # Ctrl-C
                    self._queue.remove(own)
                    raise
        for isolation in isolations:
            isolation.enter()
            self._running.append(isolation)

    def _end(self) -> None:
        with self._changed:
            self._queue.popleft()
            self._changed.notify_all()


_turn = _Turn()
waiting_for_others = _turn.given_up  # while a handler waits for an answer that other handlers may have to give


class _IsolatedHandler:
    """A handler with its own modules, which no other function sees."""

    def __init__(self, code: FunctionCode) -> None:
        self._code = code
        self.folder = code.folder
        self._module, _, self._name = code.handler.rpartition(".")
        self.modules: dict[str, types.ModuleType] = {}
        self.own_variables: dict[str, str] = {}  # that the handler has set: they stay for its next call
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
        with _turn.of(_Isolation(self)):
            if self._handler is None:
                self._handler = self._load()
            process = os.getpid()
            try:
                return self._handler(event, context)
            finally:
                if os.getpid() != process:  # which the handler has forked, and which has no execution to go on with
                    os._exit(0)

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

    def variables(self) -> dict[str, str]:
        """Return the environment variables that Lambda sets."""
        region = {"AWS_REGION": LOCAL_REGION, "AWS_DEFAULT_REGION": LOCAL_REGION}
        return {**region, **lambda_variables(self._code, self.folder.resolve()), **self._code.environment}


class _Isolation:
    """The surroundings of a handler while it runs: its environment, its folder, first on sys.path, and its modules."""

    def __init__(self, handler: _IsolatedHandler) -> None:
        self._handler = handler
        self._folder = str(handler.folder.resolve())
        self._names = {path.stem for path in Path(self._folder).iterdir()}

    def enter(self) -> None:
        """Work in the function's folder as Lambda does, set its environment, and hide modules of other functions."""
        self._environment = self._handler.variables()
        self._before, self._path, self._directory = dict(os.environ), list(sys.path), Path.cwd()
        os.chdir(self._folder)
        self._others = _pop_modules(self._names)
        sys.modules.update(self._handler.modules)
        sys.path.insert(0, self._folder)
        os.environ.update({**self._environment, **self._handler.own_variables})
        importlib.invalidate_caches()

    def leave(self) -> None:
        """Make everything what it was before, and keep what is the handler's own."""
        own = os.environ.items() - self._before.items() - self._environment.items()
        self._handler.own_variables = dict(own)
        self._handler.modules = _pop_modules(self._names)
        sys.modules.update(self._others)
        sys.path[:] = self._path
        os.chdir(self._directory)
        _restore(self._before)


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
    from workflow_dsl.local.lambda_functions.node_functions import (
        NodeHandler,  # lazy import: only some templates need it
    )

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
