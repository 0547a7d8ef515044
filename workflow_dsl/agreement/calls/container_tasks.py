"""Tasks of ECS against their task definition in the template: the launch type, and the containers that are overridden.

API reference of ECS, "RunTask" and "ContainerOverride"; developer guide, "Amazon ECS launch types" and "Amazon ECS task
definition parameters for Fargate", "Task size".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from workflow_dsl.agreement.common import Problem, certain
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.definition.calls import CallSite
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_known
from workflow_dsl.findings import Keys, did_you_mean
from workflow_dsl.permissions.needs import task_definition


def of_call(machine: TemplateMachine, state: State, site: CallSite) -> Iterator[Problem]:
    """Mistakes in a call of runTask that ECS refuses, with keys from the state on."""
    definition = task_definition(machine, site.call) if site.call.action == "runTask" else None
    if definition is None:
        return
    holder = "Parameters" if "Parameters" in state.fields else "Arguments"
    if isinstance(parameters := state.fields.get(holder), dict):
        yield from _wrong_launch(machine.template, definition, holder, parameters)
        yield from _wrong_containers(machine.template, definition, holder, parameters)
    yield from _wrong_for_fargate(machine.template, definition, (holder, "TaskDefinition"))


def _wrong_launch(
    template: Template, definition: Resource, holder: str, parameters: Mapping[str, Json]
) -> Iterator[Problem]:
    """A launch type that the task definition does not have, and a network mode without a network."""
    compatible = [certain(template, each) for each in as_list(definition.properties.get("RequiresCompatibilities"))]
    is_other = compatible and None not in compatible and "FARGATE" not in compatible
    if parameters.get("LaunchType") == "FARGATE" and is_other:
        message = f"LaunchType is FARGATE, which {definition.logical_id} does not require"
        remedy = f"add FARGATE to RequiresCompatibilities of {definition.logical_id}"
        yield Problem((holder, "LaunchType"), message, remedy, "REFUSED_CALL")
    network = certain(template, definition.properties.get("NetworkMode"))
    if network == "awsvpc" and {"NetworkConfiguration", "NetworkConfiguration.$"}.isdisjoint(parameters):
        message = f"{definition.logical_id} has the network mode awsvpc, which needs NetworkConfiguration"
        remedy = "add NetworkConfiguration: AwsvpcConfiguration with Subnets"
        yield Problem((holder,), message, remedy, "REFUSED_CALL")


def _wrong_containers(
    template: Template, definition: Resource, holder: str, parameters: Mapping[str, Json]
) -> Iterator[Problem]:
    """Overrides of containers that the task definition does not have."""
    definitions = as_list(definition.properties.get("ContainerDefinitions"))
    containers = [certain(template, dict_or_empty(each).get("Name")) for each in definitions]
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


# The memory in MiB that a task of Fargate can have, by its CPU units.
_MEMORY: Mapping[int, Sequence[int]] = {
    256: (512, 1_024, 2_048),
    512: range(1_024, 4_097, 1_024),
    1_024: range(2_048, 8_193, 1_024),
    2_048: range(4_096, 16_385, 1_024),
    4_096: range(8_192, 30_721, 1_024),
    8_192: range(16_384, 61_441, 4_096),
    16_384: range(32_768, 122_881, 8_192),
}


def _wrong_for_fargate(template: Template, definition: Resource, keys: Keys) -> Iterator[Problem]:
    """A network mode, or a combination of CPU and memory, that Fargate does not have: ECS refuses the definition."""
    kinds = as_list(definition.properties.get("RequiresCompatibilities"))
    network = certain(template, definition.properties.get("NetworkMode", "bridge"))
    if "FARGATE" in kinds and isinstance(network, str) and network != "awsvpc":
        message = f"{definition.logical_id} has the network mode {network}, which Fargate does not support"
        yield Problem(keys, message, f"add NetworkMode: awsvpc to {definition.logical_id}", "REFUSED_CALL")
    cpu, memory = (_number(certain(template, definition.properties.get(name))) for name in ("Cpu", "Memory"))
    sizes = _MEMORY.get(cpu or 0, ())
    if "FARGATE" in kinds and sizes and memory is not None and memory not in sizes:
        has = f"{definition.logical_id} has {memory} MiB of memory"
        message = f"{has}, which Fargate does not support with a Cpu of {cpu}"
        yield Problem(keys, message, f"write a Memory of {_listed(sizes)}", "REFUSED_CALL")


def _listed(sizes: Sequence[int]) -> str:
    if isinstance(sizes, range):
        return f"{sizes[0]} to {sizes[-1]}, in steps of {sizes.step}"
    return f"{', '.join(map(str, sizes[:-1]))} or {sizes[-1]}"


def _number(value: Json) -> int | None:
    """A size in CPU units or MiB, which may be a string; None for another form, such as "1 vCPU"."""
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdecimal()) else None
