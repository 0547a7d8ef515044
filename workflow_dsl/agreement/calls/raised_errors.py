"""The errors that retriers and catchers name, against those that the code of the called functions raises.

Lambda names an error after its class (Lambda developer guide, "Lambda function errors"): Python's and JavaScript's.
"""

from __future__ import annotations

import builtins
import re
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

from workflow_dsl.agreement.common import Problem, found_in_state, template_uses_macros
from workflow_dsl.agreement.function_code.code_files import code_texts
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import FunctionCode
from workflow_dsl.definition.calls import call_sites
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import Finding, Keys, closest, short_list
from workflow_dsl.regexes import lazy_regex


class _Errors(NamedTuple):
    """The classes of errors that code defines or raises, every word in it, and other names that classes give theirs.

    `own` are the errors that the code defines, if no dependency can raise others.
    """

    raised: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    renamed: Mapping[str, str] = MappingProxyType({})
    own: frozenset[str] = frozenset()


def misspelt_errors(application: Application) -> Iterator[Finding]:
    """Names of errors in Retry and Catch that none of the called functions raises, which raise others."""
    template = application.template
    if template_uses_macros(template):
        return
    codes = {code.logical_id: code for code in template.functions()}
    errors_in = cache(_errors_in)  # several states call one function
    for machine in application.machines:
        states = [*machine.with_known_values.walk()]
        for state in states:
            named = [*named_errors(state)]
            called = _called(machine, state, states, codes) if named else []
            if called and all(_is_readable(code) for code in called):
                errors = _joined([errors_in(code.folder) for code in called])
                names = short_list([code.logical_id for code in called])
                for problem in _problems(named, names, errors):
                    yield found_in_state(machine, state, problem)


def _is_readable(code: FunctionCode) -> bool:
    return code.runtime.startswith(("python", "nodejs")) and code.is_complete


def _joined(errors: list[_Errors]) -> _Errors:
    """The errors of several functions; what is their own only if that is known of each."""
    own = [each.own for each in errors]
    return _Errors(
        frozenset().union(*(each.raised for each in errors)),
        frozenset().union(*(each.words for each in errors)),
        {name: other for each in errors for name, other in each.renamed.items()} if len(errors) == 1 else {},
        frozenset().union(*own) if all(own) else frozenset(),
    )


def named_errors(state: State) -> Iterator[tuple[Keys, str]]:
    """The error names without a dot, which a function may raise: the names of services have one."""
    for field in ("Retry", "Catch"):
        for index, item in state.items_of(field):
            names = item.get("ErrorEquals")
            for position, name in enumerate(names if isinstance(names, list) else ()):
                if isinstance(name, str) and is_known(name) and name.isidentifier():
                    yield (field, index, "ErrorEquals", position), name


def _called(
    machine: TemplateMachine, state: State, states: list[State], codes: Mapping[str, FunctionCode]
) -> list[FunctionCode]:
    """The code of the function that a Task calls, or of those in a Parallel or Map; none if one may raise any error."""
    inner = [each for each in states if each.keys[: len(state.keys)] == state.keys]
    called: dict[str, FunctionCode] = {}
    for task in (each for each in inner if each.type in ("Task", "Fail")):
        site = next(call_sites(task), None)
        if task.type == "Fail" or site is None or site.call.service in ("", "activity"):
            return []
        if site.call.pattern == ".waitForTaskToken" and task is not state:
            return []
        if site.call.service == "lambda":
            resource = machine.template.resource_at(site.call.target or "", "lambda")
            if resource is None or resource.logical_id not in codes:
                return []
            called[resource.logical_id] = codes[resource.logical_id]
    return [*called.values()]


def _problems(named: list[tuple[Keys, str]], functions: str, errors: _Errors) -> Iterator[Problem]:
    handled = {name for _, name in named}
    for keys, name in named:
        right = closest(name, sorted(errors.raised), least=0.7) if name not in errors.words else None
        right = errors.renamed.get(name, right)
        # One that begins with another word is an error of its own: KeyError beside the MyKeyError of the code.
        is_other = right is None or (name not in errors.renamed and (right.endswith(name) or name.endswith(right)))
        unhandled = sorted(errors.own) if errors.own.isdisjoint(handled) and not _is_usual(name) else []
        if not is_other and right not in handled:
            message = f"the code of {functions} never raises {name}"
            yield Problem(keys, message, f"write {right}", "NEVER_RAISED")
        elif name not in errors.words and unhandled:
            message = f"the code of {functions} never raises {name}"
            yield Problem(keys, message, f"write {' or '.join(unhandled)}", "NEVER_RAISED")


def _is_usual(name: str) -> bool:
    """True for an error that a runtime or an SDK raises."""
    return name in _OF_RUNTIMES or name.endswith("Exception")


_OF_RUNTIMES = frozenset(
    (*dir(builtins), *("Error", "RangeError", "AbortError", "ClientError", "HTTPError", "JSONDecodeError", "URLError"))
)


_RAISED = lazy_regex(r"(?:raise|throw new|class)\s+([A-Za-z_]\w*)\s*(?:\(|extends\b[^{]*Error)")
# Node.js: Lambda takes the name of the error object, which a class can set in its constructor.
_RENAMED = lazy_regex(
    r"class\s+(\w+)\s+extends\s+\w*Error\s*\{(?:(?!\bclass\b)[^.]|\.(?!name\b))*\.name\s*=\s*['\"](\w+)['\"]"
)
_NAMED = lazy_regex(r"\.name\s*=\s*['\"](\w+)['\"]")


_DEFINED = lazy_regex(r"class\s+(\w+)\s*(?:\(\s*[\w.]*(?:Error|Exception)\s*[,)]|extends\s+\w*Error\b)")
_IMPORTED = lazy_regex(
    r"^\s*(?:from\s+([\w.]+)\s+import|import\s+([\w.]+))|(?:require\(\s*|\bfrom\s+)['\"]([^'\"]+)['\"]", re.MULTILINE
)
_SDKS = ("boto3", "botocore", "@aws-sdk/", "node:", ".")
_OF_NODE = frozenset(
    "assert buffer child_process crypto events fs http https os path querystring stream url util zlib".split()
)


def _errors_in(folder: Path) -> _Errors:
    """The errors in the code of a folder; none if it has too much code or cannot be read."""
    texts = code_texts(folder)
    text = "\n".join(texts.values())
    names = _NAMED.findall(text)
    renamed = {class_: name for class_, name in _RENAMED.findall(text) if class_ != name and class_ not in names}
    modules = {path.stem for path in texts} | {path.parent.name for path in texts}
    imported = {"".join(found) for found in _IMPORTED.findall(text)}
    is_alone = all(_is_known_module(name, modules) for name in imported)
    own = frozenset(renamed.get(name, name) for name in _DEFINED.findall(text)) if is_alone else frozenset[str]()
    words = frozenset(re.findall(r"\w+", text))
    return _Errors(frozenset((*_RAISED.findall(text), *names)), words, renamed, own)


def _is_known_module(name: str, own: set[str]) -> bool:
    top = name.partition(".")[0]
    return name.startswith(_SDKS) or top in sys.stdlib_module_names or top in own or name in _OF_NODE
