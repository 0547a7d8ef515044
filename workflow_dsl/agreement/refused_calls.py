"""Calls whose parameters do not fit the table, queue or topic of the template that they are for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workflow_dsl.agreement import messages, table_keys
from workflow_dsl.agreement.common import Problem, found, template_uses_macros
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.definition.calls import call_sites
from workflow_dsl.definition.machine import to_where
from workflow_dsl.findings import CATALOG, Finding, Keys, Place


def refused_calls(application: Application) -> Iterator[Finding]:
    """Calls that their service refuses whenever they run, and tables that DynamoDB refuses."""
    template = application.template
    if template_uses_macros(template):
        return
    for machine in application.machines:
        for state, known in zip(machine.definition.walk(), machine.with_known_values.walk(), strict=False):
            for site in call_sites(known):
                for check in (table_keys.of_call, messages.of_call):
                    for problem in check(machine, known, site):
                        yield _in_definition(machine, (*state.keys, *problem.keys), problem)
    for table in template.of_types(table_keys.TABLE):
        for problem in table_keys.wrong_schema(table):
            yield found(application, table.logical_id, problem)


def _in_definition(machine: TemplateMachine, keys: Keys, problem: Problem) -> Finding:
    """The finding at the line of a definition, or at that of the state machine for one without lines."""
    message = f"{machine.logical_id}: {problem.message}"
    where = replace(to_where(keys), place=_place(machine, keys))
    return Finding(problem.code, CATALOG[problem.code][0], where, message, problem.remedy)


def _place(machine: TemplateMachine, keys: Keys) -> Place:
    if machine.compiled:
        return machine.compiled.place(keys) or machine.place("Properties")
    while machine.source and keys:
        place = machine.source.places([keys]).get(keys)
        if place and place.line is not None:
            return place
        keys = keys[:-1]
    return machine.place("Properties")
