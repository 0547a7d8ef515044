"""The roles that a service is to assume because a state hands them over."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template.intrinsics import dict_or_empty
from workflow_dsl.definition.calls import call_sites
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.permissions.needs import task_definition
from workflow_dsl.permissions.passed_roles import passed_roles, roles_of_task_definition

# The principals of services that take roles for nobody else, by their name in integrations (Service Authorization
# Reference, iam:PassedToService).
_PRINCIPALS = {name: name for name in ("codebuild", "glue", "lambda", "sagemaker", "scheduler")} | {"sfn": "states"}


def assumed_roles(machine: TemplateMachine, state: State) -> Iterator[tuple[str, str]]:
    """Yield the service (`scheduler`) and the ARN or name of each role that a state hands over to it, as far as known.

    `state` is one of the definition with its known values.
    """
    for site in call_sites(state):
        service = _PRINCIPALS.get(site.call.service) if site.resource == ("Resource",) else None
        parameters = dict_or_empty(state.fields.get("Parameters", state.fields.get("Arguments")))
        role = parameters.get("ServiceRole")
        if site.call.service in ("elasticmapreduce", "emr") and is_known(role) and not role.startswith("{%"):
            yield "elasticmapreduce", role  # the JobFlowRole is an instance profile
        if service:
            yield from ((service, role) for role in passed_roles(str(state.fields["Resource"]), parameters) if role)
        definition = task_definition(machine, site.call)
        roles = roles_of_task_definition(machine.template, definition) if definition else ()
        yield from (("ecs-tasks", role) for role in roles if role)
