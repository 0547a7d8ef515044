"""Tasks of ECS against their task definition in the template: the launch type, and the containers that are overridden.

API reference of ECS, "RunTask" and "ContainerOverride"; developer guide, "Amazon ECS launch types".
"""

from __future__ import annotations

from collections.abc import Iterator

from workflow_dsl.agreement.common import Problem, certain
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.definition.calls import CallSite
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import did_you_mean
from workflow_dsl.permissions.needs import task_definition


def of_call(machine: TemplateMachine, state: State, site: CallSite) -> Iterator[Problem]:
    """Mistakes in a call of runTask that ECS refuses, with keys from the state on."""
    definition = task_definition(machine, site.call) if site.call.action == "runTask" else None
    if definition is None:
        return
    holder = "Parameters" if "Parameters" in state.fields else "Arguments"
    parameters = dict_or_empty(state.fields.get(holder))
    kind = parameters.get("LaunchType")
    compatible = [
        certain(machine.template, each) for each in as_list(definition.properties.get("RequiresCompatibilities"))
    ]
    if kind == "FARGATE" and compatible and None not in compatible and "FARGATE" not in compatible:
        message = f"LaunchType is FARGATE, which {definition.logical_id} does not require"
        remedy = f"add FARGATE to RequiresCompatibilities of {definition.logical_id}"
        yield Problem((holder, "LaunchType"), message, remedy, "REFUSED_CALL")
    containers = [
        certain(machine.template, dict_or_empty(each).get("Name"))
        for each in as_list(definition.properties.get("ContainerDefinitions"))
    ]
    names = [name for name in containers if isinstance(name, str)]
    overrides = dict_or_empty(parameters.get("Overrides")).get("ContainerOverrides")
    for index, override in enumerate(overrides if isinstance(overrides, list) else ()):
        name = dict_or_empty(override).get("Name")
        is_literal = isinstance(name, str) and is_known(name) and not name.startswith("{%")
        if is_literal and len(names) == len(containers) and name not in names:
            message = f"{definition.logical_id} has no container {name}"
            remedy = did_you_mean(str(name), names) or f"write {' or '.join(names)}"
            at = (holder, "Overrides", "ContainerOverrides", index, "Name")
            yield Problem(at, message, remedy, "REFUSED_CALL")
