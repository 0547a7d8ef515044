"""Settings of functions that Lambda refuses, and timeouts of states, functions and state machines that cannot be met.

Lambda developer guide, "Lambda runtimes" and "Lambda quotas"; template reference, "AWS::Lambda::Function".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_dsl.agreement.common import Problem, certain, found, found_in_state, template_uses_macros
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import is_intrinsic
from workflow_dsl.application.template.resource_types import FUNCTIONS
from workflow_dsl.definition.calls import call_sites
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import State
from workflow_dsl.findings import Finding, Keys
from workflow_dsl.records import replace
from workflow_dsl.regexes import lazy_regex

_RUNTIME = lazy_regex(
    r"python\d\.\d+|nodejs(\d+\.x)?|nodejs4\.3(-edge)?|java\d+(\.al2)?|dotnet\d+|dotnetcore\d\.\d|ruby\d\.\d|go1\.x|"
    r"provided(\.al\d+)?"
)
_LIMITS = {"Timeout": (1, 900, "seconds"), "MemorySize": (128, 32_768, "MB")}
_DEFAULT_TIMEOUT = 3  # seconds


def wrong_functions(application: Application) -> Iterator[Finding]:
    """Functions with a runtime, a timeout or a memory that Lambda does not have: the deployment fails."""
    template = application.template
    for function in template.of_types(*FUNCTIONS) if not template_uses_macros(template) else ():
        keys: Keys = ("Resources", function.logical_id, "Properties")
        for problem in _settings(template, function):
            yield found(application, function.logical_id, replace(problem, keys=(*keys, *problem.keys)))


def _settings(template: Template, function: Resource) -> Iterator[Problem]:
    runtime = certain(template, function.properties.get("Runtime"))
    if isinstance(runtime, str) and not _RUNTIME.fullmatch(runtime.lower()) and _likely(runtime):
        yield Problem(("Runtime",), f"Lambda has no runtime {runtime}", f"write {_likely(runtime)}")
    environment = function.properties.get("Environment")
    if (
        isinstance(environment, dict)
        and environment
        and "Variables" not in environment
        and not is_intrinsic(environment)
    ):
        yield Problem(("Environment",), "its Environment has no Variables", "write the variables below Variables")
    for field, (least, most, unit) in _LIMITS.items():
        value = certain(template, function.properties.get(field))
        if isinstance(value, str) and not value.strip().isdigit():
            yield Problem((field,), f"its {field} is {value}, but it takes a number", f"write the number of {unit}")
        if isinstance(value, int) and not least <= value <= most:
            message = f"its {field} is {value}, but Lambda takes {least} to {most} {unit}"
            yield Problem((field,), message, f"write {min(max(value, least), most)}")


def _likely(runtime: str) -> str:
    """The form of the runtime that a wrong one means; "" for a language that Lambda may have got."""
    parts = re.fullmatch(r"(?i)(python|nodejs|node\.?js|ruby)[-_.]?(\d)?\.?(\d*)(\.?x)?", runtime)
    if parts is None:
        return ""
    digits = f"{parts[2] or ''}{parts[3]}"
    if "node" in runtime.lower():
        return f"nodejs{digits or '22'}.x"
    return f"{parts[1].lower()}{digits[:1]}.{digits[1:]}" if len(digits) > 1 else ""


def short_timeouts(application: Application) -> Iterator[Finding]:
    """States that time out before the function that they call, or that may take longer than their state machine."""
    if template_uses_macros(application.template):
        return
    for machine in application.machines:
        whole = machine.with_known_values.document().get("TimeoutSeconds")
        for state in machine.with_known_values.walk():
            limit = state.fields.get("TimeoutSeconds")
            seconds = state.fields.get("Seconds")
            if state.type == "Wait" and isinstance(seconds, int) and isinstance(whole, int) and seconds >= whole:
                message = f"Seconds is {seconds}, but the state machine ends after {whole} seconds"
                problem = Problem(("Seconds",), message, _WITHIN, "SHORT_TIMEOUT")
                yield found_in_state(machine, state, problem)
            if state.type == "Task" and isinstance(limit, int) and limit > 0:
                for problem in (*_before_its_function(machine, state, limit), *_after_its_machine(limit, whole)):
                    yield found_in_state(machine, state, problem)


def _before_its_function(machine: TemplateMachine, state: State, limit: int) -> Iterator[Problem]:
    for site in call_sites(state):
        target = site.call.target or ""
        if (site.call.service, site.call.action, site.call.pattern) != ("lambda", "invoke", "") or not target:
            continue
        function = machine.referenced(target) or machine.template.resource_at(target, "lambda")
        if function is not None and function.type in FUNCTIONS:
            runs = certain(machine.template, function.properties.get("Timeout", _DEFAULT_TIMEOUT))
            if isinstance(runs, int) and limit < runs:
                message = f"TimeoutSeconds is {limit}, but {function.logical_id} may run for {runs} seconds"
                yield Problem(("TimeoutSeconds",), message, f"write at least {runs}", "SHORT_TIMEOUT")


def _after_its_machine(limit: int, whole: Json) -> Iterator[Problem]:
    if isinstance(whole, int) and limit > whole:
        message = f"TimeoutSeconds is {limit}, but the state machine ends after {whole} seconds"
        yield Problem(("TimeoutSeconds",), message, _WITHIN, "SHORT_TIMEOUT")


_WITHIN = "write less, or more for the state machine"
