"""Put back what an author's module may change in the interpreter, so that the compiler goes on in any case."""

from __future__ import annotations

import builtins
import os
import sys
from json import JSONDecoder, JSONEncoder
from operator import is_not as _is_not
from pathlib import Path, PurePath
from types import BuiltinFunctionType, FunctionType, ModuleType, TracebackType

# Bound here, where no module of an author has run yet: restoring may not need what was taken away.
_chdir, _set_recursion_limit, _set_trace, _set_profile = os.chdir, sys.setrecursionlimit, sys.settrace, sys.setprofile
_get_trace, _get_profile = sys.gettrace, sys.getprofile
_NAMES = vars(builtins)
_SYS = vars(sys)
_RESTORED = ("path", "modules", "meta_path", "path_hooks", "stdout", "stderr", "stdin", "argv", "excepthook", "exit")


_CODE = (FunctionType, BuiltinFunctionType, type, ModuleType)
_NEEDED = frozenset(
    "click contextlib inspect io json linecache os pathlib re tempfile traceback types workflow_dsl".split()
)
_CLASSES = (PurePath, Path, type(Path()), JSONEncoder, JSONDecoder)  # whose methods write what was generated


def _names_of(module: tuple[str, object]) -> dict[str, object]:
    """The names of a module that the compiler or the command line needs; none of any other."""
    name, content = module
    is_needed = name.partition(".")[0] in _NEEDED and isinstance(content, ModuleType)
    return vars(content) if is_needed else {}


def _restore_code(names: dict[str, object], before: dict[str, object]) -> None:
    for name, value in before.items():
        if names.get(name) is not value and isinstance(value, _CODE):
            names[name] = value


def _restore_methods(class_: type, methods: dict[str, object]) -> None:
    for name, value in methods.items():
        if class_.__dict__.get(name) is not value and callable(value):
            setattr(class_, name, value)
    for name in {*vars(class_)} - {*methods}:
        if any(name in vars(base) for base in class_.__mro__[1:]):  # it hides an inherited method
            delattr(class_, name)


class InterpreterRestored:
    """Restores builtins, sys, the code of modules, the working directory and the recursion limit when a block ends.

    A class, because contextlib's generators need builtins to end. What a module does to objects, and to the world
    outside, stays: it runs with the rights of its author.
    """

    def __enter__(self) -> None:
        self._builtins = dict(_NAMES)
        self._sys = {name: _SYS[name] for name in _RESTORED if name in _SYS}
        self._modules = dict(sys.modules)
        self._code = [(names, dict(names)) for names in map(_names_of, self._modules.items()) if names]
        self._methods = [(class_, dict(vars(class_))) for class_ in _CLASSES]
        self._folder = os.open(".", os.O_RDONLY) if os.chdir in os.supports_fd else None
        self._limit = sys.getrecursionlimit()
        self._trace, self._profile = sys.gettrace(), sys.getprofile()

    def __exit__(self, *problem: type[BaseException] | BaseException | TracebackType | None) -> None:
        _NAMES.update(self._builtins)
        _SYS.update(self._sys)
        for names, before in self._code:
            if any(map(_is_not, before.values(), map(names.get, before))):  # rarely; there are 10,000 names to compare
                _restore_code(names, before)
        for class_, methods in self._methods:
            _restore_methods(class_, methods)
        if _get_trace() is not self._trace:
            _set_trace(self._trace)
        if _get_profile() is not self._profile:  # cProfile's is written in C, and cannot be set again
            _set_profile(self._profile)
        _set_recursion_limit(self._limit)
        for name, module in self._modules.items():
            sys.modules.setdefault(name, module)
        if self._folder is not None:
            _chdir(self._folder)
            os.close(self._folder)
