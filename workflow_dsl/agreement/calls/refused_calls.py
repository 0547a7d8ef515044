"""Calls whose parameters do not fit the table, queue or topic of the template that they are for."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.agreement.calls import (
    arn_parameters,
    constant_names,
    container_tasks,
    messages,
    nested_machines,
    table_indexes,
    table_keys,
)
from workflow_dsl.agreement.common import Problem, found, found_in_state, template_uses_macros
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.definition.calls import CallSite, call_sites
from workflow_dsl.definition.integrations import Integration
from workflow_dsl.definition.machine import State
from workflow_dsl.findings import Finding
from workflow_dsl.validation.rules.calls.refused import mistakes


def _of_definition(machine: TemplateMachine, state: State, site: CallSite) -> Iterator[Problem]:
    """The mistakes that the definition alone shows, with the values of its placeholders."""
    holder = "Parameters" if "Parameters" in state.fields else "Arguments"
    arguments, call = state.fields.get(holder), site.call
    if state.type == "Task" and isinstance(arguments, dict):
        integration = Integration(call.is_sdk, call.service, call.action, call.pattern)
        for each in mistakes(integration, holder, arguments):
            yield Problem(each.keys, each.message, each.remedy, "REFUSED_CALL")


_CHECKS = (
    *(_of_definition, table_keys.of_call, messages.of_call),
    *(constant_names.of_call, container_tasks.of_call, nested_machines.of_call, table_indexes.of_call),
)


def refused_calls(application: Application) -> Iterator[Finding]:
    """Calls that their service refuses whenever they run, and tables that DynamoDB refuses."""
    template = application.template
    if template_uses_macros(template):
        return
    for machine in application.machines:
        for state, known in zip(machine.definition.walk(), machine.with_known_values.walk(), strict=False):
            for site in call_sites(known):
                for check in _CHECKS:
                    for problem in check(machine, known, site):
                        yield found_in_state(machine, state, problem)
                for problem in arn_parameters.of_call(machine, state, site):
                    yield found_in_state(machine, state, problem)
    for table, problem in _of_tables(template):
        yield found(application, table.logical_id, problem)


def _of_tables(template: Template) -> Iterator[tuple[Resource, Problem]]:
    for table in template.of_types(table_keys.SIMPLE_TABLE):
        yield from ((table, problem) for problem in table_keys.wrong_primary_key(template, table))
    for table in template.of_types(table_keys.TABLE):
        yield from ((table, problem) for problem in table_keys.wrong_schema(table))
