"""The conditions of a role's statements for HTTP Tasks: the methods and the endpoints that they leave.

Developer guide, "IAM permissions to run an HTTP Task": states:HTTPMethod and states:HTTPEndpoint.
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
from workflow_dsl.permissions import granted, wildcards_match

_ACTION = "states:InvokeHTTPEndpoint"


def excluded_endpoints(application: Application) -> Iterator[Finding]:
    """HTTP Tasks with a method or an endpoint that no statement of the role allows."""
    template = application.template
    for machine in application.machines if not template_uses_macros(template) else ():
        tasks = [(state, called) for state in machine.with_known_values.walk() if (called := _called(state))]
        statements = list(_statements(machine)) if tasks else []
        for state, called in tasks:
            excluding = [_excluded(machine, statement, called) for _, statement in statements]
            if excluding and all(excluding):
                excluded = f'"{state.name}" calls {excluding[0]}, which the condition of {_ACTION} excludes'
                message, remedy = f"{machine.logical_id}: {excluded}", "add it to the condition"
                yield finding_at(application, "MISSING_PERMISSION", statements[0][0], message, remedy)


def _statements(machine: TemplateMachine) -> Iterator[tuple[Keys, Mapping[str, Json]]]:
    """The statements of a state machine's role that allow HTTP Tasks, with their keys."""
    for grant in granted(machine.template, machine.logical_id) or ():
        if not grant.is_denied and any(wildcards_match(each.lower(), _ACTION.lower()) for each in grant.actions):
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
