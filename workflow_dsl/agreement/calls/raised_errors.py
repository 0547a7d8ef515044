"""The errors that retriers and catchers name, against those that the code of the called function raises.

Lambda names an error after its class (Lambda developer guide, "Lambda function errors"): Python's and JavaScript's.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from workflow_dsl.agreement.common import Problem, found_in_state, template_uses_macros
from workflow_dsl.agreement.function_code.code_files import code_texts
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import FunctionCode
from workflow_dsl.definition.calls import call_sites
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import Finding, Keys, closest
from workflow_dsl.regexes import lazy_regex


class _Errors(NamedTuple):
    """The classes of errors that code defines or raises, every word in it, and other names that classes give theirs."""

    raised: frozenset[str]
    words: frozenset[str]
    renamed: Mapping[str, str]


def misspelt_errors(application: Application) -> Iterator[Finding]:
    """Names of errors in Retry and Catch of a task that are almost those that its function raises."""
    template = application.template
    if template_uses_macros(template):
        return
    handling = [
        (machine, state, named)
        for machine in application.machines
        for state in machine.with_known_values.walk()
        if state.type == "Task" and (named := [*_named(state)])
    ]
    codes = {code.logical_id: code for code in template.functions()} if handling else {}
    errors_in = cache(_errors_in)  # several states call one function
    for machine, state, named in handling:
        code = _code_of(machine, state, codes)
        if code and code.runtime.startswith(("python", "nodejs")) and code.is_complete:
            for problem in _problems(named, code.logical_id, errors_in(code.folder)):
                yield found_in_state(machine, state, problem)


def _named(state: State) -> Iterator[tuple[Keys, str]]:
    """The error names without a dot, which a function may raise: the names of services have one."""
    for field in ("Retry", "Catch"):
        for index, item in state.items_of(field):
            names = item.get("ErrorEquals")
            for position, name in enumerate(names if isinstance(names, list) else ()):
                if isinstance(name, str) and is_known(name) and name.isidentifier():
                    yield (field, index, "ErrorEquals", position), name


def _code_of(machine: TemplateMachine, state: State, codes: Mapping[str, FunctionCode]) -> FunctionCode | None:
    """The code of the function that a state calls; None if it is not beside the template."""
    for site in call_sites(state):
        resource = machine.template.resource_at(site.call.target or "", site.call.service)
        if site.call.service == "lambda" and resource:
            return codes.get(resource.logical_id)
    return None


def _problems(named: list[tuple[Keys, str]], function: str, errors: _Errors) -> Iterator[Problem]:
    for keys, name in named:
        right = closest(name, sorted(errors.raised), least=0.7) if name not in errors.words else None
        right = errors.renamed.get(name, right)
        # One that begins with another word is an error of its own: KeyError beside the MyKeyError of the code.
        is_other = right is None or (name not in errors.renamed and (right.endswith(name) or name.endswith(right)))
        if not is_other and right not in {other for _, other in named}:
            message = f"the code of {function} raises no {name}"
            yield Problem(keys, message, f"write {right}", "NEVER_RAISED")


_RAISED = lazy_regex(r"(?:raise|throw new|class)\s+([A-Za-z_]\w*)\s*(?:\(|extends\b[^{]*Error)")
# Node.js: Lambda takes the name of the error object, which a class can set in its constructor.
_RENAMED = lazy_regex(
    r"class\s+(\w+)\s+extends\s+\w*Error\s*\{(?:(?!\bclass\b)[^.]|\.(?!name\b))*\.name\s*=\s*['\"](\w+)['\"]"
)
_NAMED = lazy_regex(r"\.name\s*=\s*['\"](\w+)['\"]")


def _errors_in(folder: Path) -> _Errors:
    """The errors in the code of a folder; none if it has too much code or cannot be read."""
    text = "\n".join(code_texts(folder).values())
    names = _NAMED.findall(text)
    renamed = {class_: name for class_, name in _RENAMED.findall(text) if class_ != name and class_ not in names}
    return _Errors(frozenset((*_RAISED.findall(text), *names)), frozenset(re.findall(r"\w+", text)), renamed)
