"""Resources that wait for each other: CloudFormation refuses them as "Circular dependency between resources".

CloudFormation user guide, "Understand CloudFormation stack outputs, Ref and DependsOn"; SAM guide, "Generated
CloudFormation resources": a function and a state machine without a role get one, which has their policies.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import finding_at, template_uses_macros
from workflow_dsl.application.application import Application
from workflow_dsl.application.template import Resource, Template, references
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.application.template.resource_types import FUNCTIONS, MACHINES
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding

# What SAM makes resources of their own from, which depend on the function or state machine, and not it on them.
_APART = (
    "Events DeploymentPreference EventInvokeConfig FunctionUrlConfig AutoPublishAlias ProvisionedConcurrencyConfig"
).split()


def circular_dependencies(application: Application) -> Iterator[Finding]:
    """Yield one finding for each circle of resources, at the first of them."""
    template = application.template
    if template_uses_macros(template):
        return
    needed = {resource.logical_id: _needed_by(template, resource) for resource in template.resources.values()}
    for circle in _circles(needed):
        shown = " -> ".join((*circle, circle[0]))
        message = f"{circle[0]}: circular dependency between resources: {shown}"
        remedy = "refer to one of them by its name, or move what refers to it to a resource of its own"
        yield finding_at(application, "CIRCULAR_DEPENDENCY", ("Resources", circle[0]), message, remedy)


def _needed_by(template: Template, resource: Resource) -> list[str]:
    """The resources that must exist before a resource, whatever the conditions of the template are."""
    written = dict_or_empty(template.source.document["Resources"][resource.logical_id])
    if "Condition" in written or resource.type.endswith("::MODULE"):
        return []
    properties = dict(resource.properties)
    if resource.type.startswith("AWS::Serverless::"):
        if resource.type not in (*MACHINES, *FUNCTIONS):
            return []
        has_role = "Role" in properties
        left_out = (*_APART, "Policies") if has_role else _APART
        properties = {name: value for name, value in properties.items() if name not in left_out}
    depends = [name for name in as_list(written.get("DependsOn")) if isinstance(name, str)]
    names = dict.fromkeys((*depends, *references(_unconditional(properties))))
    return [name for name in names if name in template.resources]


def _unconditional(value: Json) -> Json:
    """A value without what Fn::If chooses: a stack may have the other choice."""
    waiting, found = [value], []
    while waiting:
        item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, dict):
            if item.keys() & {"Ref", "Fn::GetAtt", "Fn::Sub"}:
                found.append(item)
            elif "Fn::If" not in item:
                waiting.extend(item.values())
    return found


def _circles(needed: Mapping[str, list[str]]) -> Iterator[list[str]]:
    """Yield a circle for each group of resources that wait for each other."""
    done: set[str] = set()
    for start in needed:
        path: list[str] = []
        waiting = [(start, iter(needed[start]))] if start not in done else []
        path.append(start)
        while waiting:
            following = next(waiting[-1][1], None)
            if following is None:
                waiting.pop()
                done.add(path.pop())
            elif following in path:
                yield path[path.index(following) :]
                done.update(path)
            elif following not in done:
                path.append(following)
                waiting.append((following, iter(needed[following])))
