"""The environment variables of functions against what their code reads, and starts state machines by.

Lambda developer guide, "Working with Lambda environment variables". API reference of Step Functions,
"StartExecution": it takes the ARN of a state machine, not the name.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workflow_dsl.agreement.common import Problem, direct, finding_at, from_template, template_uses_macros
from workflow_dsl.agreement.function_code.variable_reads import VariableRead, machines_passed, variables_read
from workflow_dsl.application.application import Application
from workflow_dsl.application.handlers import find_handler
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import dict_or_empty, is_intrinsic
from workflow_dsl.application.template.resource_types import FUNCTIONS, MACHINES
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys, closest


def wrong_variables(application: Application) -> Iterator[Finding]:
    """Variables with a state machine's name that the code passes as its ARN, and those that the template lacks."""
    template = application.template
    codes = [] if template_uses_macros(template) else template.functions()
    for code in codes:
        function = template.resources[code.logical_id]
        handler = find_handler(code) if function.type in FUNCTIONS else None
        if handler and handler.file and not handler.problem:
            shown = from_template(application, handler.file)
            for problem in _problems(template, function, handler.file, code.handler.rpartition(".")[2], shown):
                message = f"{code.logical_id}: {problem.message}"
                yield finding_at(application, problem.code, problem.keys, message, problem.remedy)


def _problems(template: Template, function: Resource, file: Path, handler: str, shown: str) -> Iterator[Problem]:
    environment = function.properties.get("Environment")
    variables = dict_or_empty(dict_or_empty(environment).get("Variables"))
    keys: Keys = ("Resources", function.logical_id, "Properties", "Environment", "Variables")
    for line, name in machines_passed(file):
        machine, attribute = direct(template, variables.get(name))
        if machine is not None and machine.type in MACHINES and attribute == "Name":
            message = f"{name} is the name of {machine.logical_id}, and {shown}:{line} passes it as stateMachineArn"
            yield Problem((*keys, name), message, f"write !Ref {machine.logical_id}", "WRONG_RESOURCE")
    if not _is_open(environment):
        reads = variables_read(file, handler)
        for read in {read.name: read for read in reversed(reads) if read.name not in variables}.values():
            yield from _missing(read, keys, variables, {each.name for each in reads}, shown)


def _missing(
    read: VariableRead, keys: Keys, variables: dict[str, Json], names: set[str], shown: str
) -> Iterator[Problem]:
    """A variable that the code reads and nothing sets; one that it can do without, only if it is nearly another."""
    near = closest(read.name, [name for name in variables if name not in names], least=0.6 if read.is_needed else 0.8)
    if near or read.is_needed:
        message = f"{shown}:{read.line} reads the variable {read.name}, which its Environment does not have"
        remedy = f'did you mean "{near}"?' if near else f"add {read.name} to the Variables of its Environment"
        yield Problem(keys, message, remedy, "NO_VARIABLE")


def _is_open(environment: Json) -> bool:
    """True if something else may set variables, as an intrinsic function or a wrapper, or they stand elsewhere."""
    variables = dict_or_empty(environment).get("Variables", {} if environment in (None, {}) else None)
    if variables is None:
        return True
    is_unknown = is_intrinsic(dict_or_empty(environment)) or is_intrinsic(dict_or_empty(variables))
    return is_unknown or "AWS_LAMBDA_EXEC_WRAPPER" in dict_or_empty(variables)
