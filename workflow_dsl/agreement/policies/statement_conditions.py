"""The conditions of a role's statements: the methods and endpoints of HTTP Tasks, and the services that get a role.

Developer guide, "IAM permissions to run an HTTP Task": states:HTTPMethod and states:HTTPEndpoint. IAM user guide,
"Grant a user permissions to pass a role to an AWS service": iam:PassedToService.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import certain, finding_at, template_uses_macros
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.definition.integrations import integration_of
from workflow_dsl.definition.json import Json, value_at
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import Finding, Keys
from workflow_dsl.permissions import assumed_roles, granted, wildcards_match

_HTTP, _PASS = "states:InvokeHTTPEndpoint", "iam:PassRole"


def excluded_endpoints(application: Application) -> Iterator[Finding]:
    """HTTP Tasks with a method or an endpoint that no statement of the role allows."""
    template = application.template
    for machine in application.machines if not template_uses_macros(template) else ():
        tasks = [(state, called) for state in machine.with_known_values.walk() if (called := _called(state))]
        for state, called in tasks:
            yield from _excluded_by_all(application, machine, f'"{state.name}" calls', _HTTP, called)


def excluded_services(application: Application) -> Iterator[Finding]:
    """States that hand over a role to a service to which no statement of the state machine's role lets it pass one."""
    template = application.template
    for machine in application.machines if not template_uses_macros(template) else ():
        states = [*machine.with_known_values.walk()]
        first = {service: state for state in reversed(states) for service, _ in assumed_roles(machine, state)}
        for service, state in first.items():
            called = {"iam:passedtoservice": f"{service}.amazonaws.com"}
            yield from _excluded_by_all(application, machine, f'"{state.name}" passes a role to', _PASS, called)


def _excluded_by_all(
    application: Application, machine: TemplateMachine, does: str, action: str, called: Mapping[str, str]
) -> Iterator[Finding]:
    """The part of a call that the condition of each statement for an action excludes, at the first statement."""
    statements = list(_statements(machine, action))
    excluding = [_excluded(machine, statement, called) for _, statement in statements]
    if excluding and all(excluding):
        message = f"{machine.logical_id}: {does} {excluding[0]}, which the condition of {action} excludes"
        yield finding_at(application, "MISSING_PERMISSION", statements[0][0], message, "add it to the condition")


def _statements(machine: TemplateMachine, action: str) -> Iterator[tuple[Keys, Mapping[str, Json]]]:
    """The statements of a state machine's role that allow an action, with their keys."""
    for grant in granted(machine.template, machine.logical_id) or ():
        if not grant.is_denied and any(wildcards_match(each.lower(), action.lower()) for each in grant.actions):
            yield grant.keys, dict_or_empty(value_at(machine.template.source.document, grant.keys))


def _called(state: State) -> dict[str, str]:
    """The method and the endpoint of an HTTP Task by their condition keys, as far as they are known."""
    integration = integration_of(str(state.fields.get("Resource")))
    if state.type != "Task" or integration is None or integration.service != "http":
        return {}
    parameters = dict_or_empty(state.fields.get("Arguments", state.fields.get("Parameters")))
    values = {"states:httpmethod": parameters.get("Method"), "states:httpendpoint": parameters.get("ApiEndpoint")}
    return {key: value for key, value in values.items() if is_known(value) and not value.startswith("{%")}


def _excluded(machine: TemplateMachine, statement: Mapping[str, Json], called: Mapping[str, str]) -> str:
    """The part of a call that a statement's condition excludes for sure; "" if it may allow the call."""
    for operator, tests in dict_or_empty(statement.get("Condition")).items():
        for key, allowed in dict_or_empty(tests).items() if operator in ("StringEquals", "StringLike") else ():
            value = called.get(str(key).lower())
            patterns = [certain(machine.template, each) for each in as_list(allowed)]
            are_known = all(isinstance(pattern, str) for pattern in patterns)
            if value and are_known and not any(_allows(operator, str(pattern), value) for pattern in patterns):
                return value
    return ""


def _allows(operator: str, pattern: str, value: str) -> bool:
    return wildcards_match(pattern, value) if operator == "StringLike" else pattern == value
