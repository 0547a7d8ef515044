"""Exceptions of an author's Python code -> a message and a remedy."""

from __future__ import annotations

import builtins
import contextlib
import sys
import traceback
from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path
from types import FrameType

from workflow_dsl import authoring
from workflow_dsl.findings import Place, did_you_mean, short_list
from workflow_dsl.regexes import lazy_regex

_ENDLESS = 100  # times that one line is running at once
_LONGEST = 1_000  # characters of an exception's text; expressions search it
_MOST_LISTED = 12  # names that a remedy lists
_SUGGESTION = lazy_regex(r"\. Did you mean[^?\n]*\?$")  # Python's own, from 3.12 on; the remedy has ours


def explain(problem: BaseException, lines: list[Place], folders: Collection[Path]) -> tuple[str, str]:
    """Return the message and the remedy for an exception.

    `lines` are the author's lines in its traceback, outermost first; `folders` have modules that the author can import.
    """
    if isinstance(problem, RecursionError):
        if lines and max(Counter(lines).values()) > _ENDLESS:
            return "RecursionError: this line calls itself endlessly", "end the recursion, or write a loop"
        return "a value or a rule is nested too deeply", "flatten it"
    if isinstance(problem, SystemExit):
        return "ends Python instead of returning a Workflow", "remove sys.exit()"
    text = remedy = ""
    with contextlib.suppress(Exception, SystemExit, GeneratorExit):  # whatever an author's __str__ and __dir__ raise
        text = _SUGGESTION.sub("", str(getattr(problem, "strerror", None) or problem)[:_LONGEST].strip())
        remedy = _remedy(problem, text, folders)
        text = _FILE_OF_MODULE.sub("", text) if isinstance(problem, ImportError) else text
    return f"{type(problem).__name__}: {text}" if text else type(problem).__name__, remedy


def _remedy(problem: BaseException, text: str, folders: Collection[Path]) -> str:
    if isinstance(problem, ModuleNotFoundError) and problem.name:
        return _module_instead(problem.name, folders)
    if isinstance(problem, ImportError) and (match := _NO_NAME.match(text)):
        return _name_in(match["name"], dir(sys.modules.get(match["module"], builtins)))
    if isinstance(problem, AttributeError) and problem.name:
        return _name_in(problem.name, dir(problem.obj))
    if isinstance(problem, NameError) and problem.name:
        frame = _last_frame(problem)
        return did_you_mean(problem.name, [*frame.f_locals, *frame.f_globals, *dir(builtins)])
    return _argument_remedy(problem, text) if isinstance(problem, TypeError) else ""


_FILE_OF_MODULE = lazy_regex(r" \([^()]*\)$")
_NO_NAME = lazy_regex(r"cannot import name '(?P<name>[^']*)' from '(?P<module>[^']*)'")


def _last_frame(problem: BaseException) -> FrameType:
    return [frame for frame, _ in traceback.walk_tb(problem.__traceback__)][-1]


def _name_in(name: str, names: Collection[str]) -> str:
    """The name that was meant, or all public names if there are few."""
    public = [candidate for candidate in names if not candidate.startswith("_") and candidate != name]
    return f"it has {short_list(public)}" if 0 < len(public) <= _MOST_LISTED else did_you_mean(name, public)


def _module_instead(name: str, folders: Collection[Path]) -> str:
    """The remedy for a module that Python does not find: the module that was meant, or its installation."""
    import pkgutil  # with importlib.metadata 20 ms that a workflow without this mistake does without
    from importlib.metadata import packages_distributions

    package, _, module = name.rpartition(".")
    if package:
        paths = getattr(sys.modules.get(package), "__path__", [])
        return did_you_mean(module, [module.name for module in pkgutil.iter_modules(paths)])
    helpers = [file.stem for folder in folders for file in folder.glob("*.py")]
    names = {*sys.stdlib_module_names, *packages_distributions(), *helpers}
    public = [candidate for candidate in names if name.startswith("_") or not candidate.startswith("_")]
    return did_you_mean(name, sorted(public)) or f"install it: pip install {name}"


_MISSING = lazy_regex(r"missing \d+ required .*arguments?: '(.*)'$")
_UNEXPECTED = lazy_regex(r"(?P<function>[\w.]+)\(\) got an unexpected keyword argument '(?P<name>\w+)'")
_TOO_MANY = lazy_regex(r"takes .*\d+ positional arguments? but \d+ w(as|ere) given")


def _argument_remedy(problem: TypeError, text: str) -> str:
    """The remedy for a wrong argument of a function; "" for any other TypeError."""
    if missing := _MISSING.search(text):
        return f"add {missing[1]}"
    if unexpected := _UNEXPECTED.search(text):
        import inspect

        function = _function(unexpected["function"], _last_frame(problem).f_globals)
        names = [name for name in inspect.signature(function).parameters if name != "self"] if function else []
        remedy = did_you_mean(unexpected["name"], names)
        return remedy or (f"it takes {short_list(names)}" if names else f"remove {unexpected['name']}")
    return "pass the others by name, or remove them" if _TOO_MANY.search(text) else ""


def _function(name: str, names: dict[str, object]) -> Callable[..., object] | None:
    """The function or method of this name in this package's API or in an author's module; None if there is none."""
    first, *rest = name.split(".")
    function: object = getattr(authoring, first, names.get(first))
    for attribute in rest:
        function = getattr(function, attribute, None)
    return function if callable(function) else None
