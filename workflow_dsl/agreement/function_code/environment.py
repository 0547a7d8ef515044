"""The environment variables that functions start state machines by: StartExecution takes the ARN, not the name.

API reference of Step Functions, "StartExecution": stateMachineArn.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workflow_dsl.agreement.common import Problem, direct, finding_at, from_template, template_uses_macros
from workflow_dsl.application.application import Application
from workflow_dsl.application.handlers import find_handler
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import dict_or_empty, is_intrinsic
from workflow_dsl.application.template.resource_types import FUNCTIONS, MACHINES
from workflow_dsl.definition.files import read_file
from workflow_dsl.findings import Finding, Keys, did_you_mean
from workflow_dsl.regexes import lazy_regex

_VARIABLE = r"(?:os\.environ\[|process\.env\.|process\.env\[)[\"']?(\w+)"
_ASSIGNED = lazy_regex(rf"^\s*(?:const\s+|let\s+|var\s+)?(\w+)\s*=\s*{_VARIABLE}")
_PASSED = lazy_regex(rf"stateMachineArn[\"']?\s*[=:]\s*(?:{_VARIABLE}|(\w+))")
_MOST_CODE = 200_000  # bytes: more is a bundle


def wrong_variables(application: Application) -> Iterator[Finding]:
    """Variables with a state machine's name that the code passes as its ARN, and those that the template misspells."""
    template = application.template
    codes = [] if template_uses_macros(template) else template.functions()
    for code in codes:
        function = template.resources[code.logical_id]
        handler = find_handler(code) if function.type in FUNCTIONS and "Environment" in function.properties else None
        if handler and handler.file and not handler.problem:
            shown = from_template(application, handler.file)
            for line, name in _variables_passed(handler.file):
                for problem in _problems(template, function, name, f"{shown}:{line}"):
                    message = f"{code.logical_id}: {problem.message}"
                    yield finding_at(application, problem.code, problem.keys, message, problem.remedy)


def _problems(template: Template, function: Resource, name: str, place: str) -> Iterator[Problem]:
    variables = dict_or_empty(dict_or_empty(function.properties.get("Environment")).get("Variables"))
    keys: Keys = ("Resources", function.logical_id, "Properties", "Environment", "Variables")
    machine, attribute = direct(template, variables.get(name))
    if machine is not None and machine.type in MACHINES and attribute == "Name":
        message = f"{name} is the name of {machine.logical_id}, and {place} passes it as stateMachineArn"
        yield Problem((*keys, name), message, f"write !Ref {machine.logical_id}", "WRONG_RESOURCE")
    near = did_you_mean(name, variables) if name not in variables and not is_intrinsic(variables) else ""
    if near:
        message = f"{place} reads the variable {name}, which its Environment does not have"
        yield Problem(keys, message, near, "UNKNOWN_REFERENCE")


def _variables_passed(file: Path) -> Iterator[tuple[int, str]]:
    """The variables that a file passes as stateMachineArn, each with its line: as they are, or by a name for one."""
    try:
        lines = read_file(file, most=_MOST_CODE).decode("utf-8", "replace").splitlines()
    except (OSError, ValueError):
        return
    assigned = {match[1]: match[2] for line in lines if (match := _ASSIGNED.match(line))}
    for number, line in enumerate(lines, 1):
        passed = _PASSED.search(line)
        name = (passed[1] or assigned.get(passed[2])) if passed else None
        if name:
            yield number, name
