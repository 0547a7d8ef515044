"""The errors that catchers of a state with a task token name, against those that functions answer it with.

API reference of Step Functions, "SendTaskFailure".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_dsl.agreement.calls.raised_errors import named_errors
from workflow_dsl.agreement.common import Problem, found_in_state, template_uses_macros
from workflow_dsl.agreement.function_code.code_files import code_texts
from workflow_dsl.application.application import Application
from workflow_dsl.application.template import Template
from workflow_dsl.application.template.resource_types import FUNCTIONS
from workflow_dsl.definition.calls import call_sites
from workflow_dsl.findings import Finding
from workflow_dsl.regexes import lazy_regex


def unanswered_errors(application: Application) -> Iterator[Finding]:
    """Names of errors that no function answers a task token with, where functions answer with others."""
    template = application.template
    waiting = [
        (machine, state, named)
        for machine in application.machines
        for state in machine.with_known_values.walk()
        if any(site.call.pattern == ".waitForTaskToken" for site in call_sites(state))
        and (named := [*named_errors(state)])
    ]
    text = _code_of(template) if waiting and not template_uses_macros(template) else ""
    answers = _answers(text)
    for machine, state, named in waiting if answers else ():
        handled = {name for _, name in named}
        for keys, name in named:
            if answers.isdisjoint(handled) and not re.search(rf"\b{name}\b", text):
                message = f"no function answers with the error {name}"
                remedy = f"write {' or '.join(sorted(answers))}"
                yield found_in_state(machine, state, Problem(keys, message, remedy, "NEVER_RAISED"))


def _code_of(template: Template) -> str:
    """The code of all functions; "" if that of one is not beside the template, or is built from other code."""
    codes = template.functions()
    are_here = len(codes) == len([*template.of_types(*FUNCTIONS)]) and all(code.is_complete for code in codes)
    texts = [code_texts(folder) for folder in dict.fromkeys(code.folder for code in codes)] if are_here else []
    return "\n".join(text for each in texts for text in each.values()) if all(texts) else ""


_CALLS = lazy_regex(r"send_task_failure\s*\(|SendTaskFailureCommand\s*\(|sendTaskFailure\s*\(")
_LITERALS = lazy_regex(
    r"(?:send_task_failure\s*\(|SendTaskFailureCommand\s*\(|sendTaskFailure\s*\()[^;]{0,300}?\berror\s*[=:]\s*[\"'](\w+)[\"']"
)


def _answers(text: str) -> set[str]:
    """The errors that code answers with; none if it computes one."""
    answers: list[str] = _LITERALS.findall(text)
    return set(answers) if len(answers) == len(_CALLS.findall(text)) else set()
