"""Imports of libraries without what they import and compile for functions that no command calls."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from threading import get_ident
from types import ModuleType
from typing import Any

from workflow_dsl.regexes import lazy_regex


@contextmanager
def light_imports(*unused: str) -> Iterator[None]:
    """Let what is imported in the block have regular expressions, and the modules of these names, when it uses them.

    A library holds a stand-in for such a module, which imports it for its first attribute. All other code, and other
    threads meanwhile, have the module itself and regular expressions as ever.
    """
    stand_ins = [_STAND_INS.get(name, _StandIn)(name) for name in unused if name not in sys.modules]
    sys.modules.update((stand_in.__name__, stand_in) for stand_in in stand_ins)
    compile_now, thread = re.compile, get_ident()

    def compile_later(pattern: Any, flags: int = 0) -> Any:
        return lazy_regex(pattern, flags) if get_ident() == thread else compile_now(pattern, flags)

    re.compile = compile_later
    try:
        yield
    finally:
        re.compile = compile_now
        for stand_in in stand_ins:
            stand_in.step_aside()


class _StandIn(ModuleType):
    """Has the attributes of the module of its name, which is imported for the first of them."""

    def step_aside(self) -> None:
        """Let the next import of this name be one of the module."""
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]

    def module(self) -> ModuleType:
        """The module of its name, imported."""
        self.step_aside()
        return import_module(self.__name__)

    def __getattr__(self, name: str) -> Any:
        if name == "__path__":  # `from ... import` asks for it: only a package has one
            raise AttributeError(name)
        return getattr(self.module(), name)


class _Inspect(_StandIn):
    """Cleans a line of text by itself: click asks that for the help of each option."""

    def cleandoc(self, doc: str) -> Any:
        return self.module().cleandoc(doc) if "\n" in doc else doc.expandtabs().lstrip()


class _Gettext(_StandIn):
    """Leaves click's messages in English: there are no others here, and the search for them imports `locale`."""

    def gettext(self, message: str) -> str:
        return message

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return singular if n == 1 else plural


class _UrllibParse(_StandIn):
    """Has the function that pathlib imports by name, for Path.as_uri()."""

    def quote_from_bytes(self, *arguments: Any) -> Any:
        return self.module().quote_from_bytes(*arguments)


class _Uuid(_StandIn):
    """Has the type that click.UUID is made of at import; no command has a parameter of it."""

    UUID = bytes


_STAND_INS = {"gettext": _Gettext, "inspect": _Inspect, "urllib.parse": _UrllibParse, "uuid": _Uuid}
