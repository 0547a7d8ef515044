"""Versions and aliases of state machines: what they name, the weights of an alias, and its gradual deployment.

CloudFormation template reference, "AWS::StepFunctions::StateMachineVersion", "StateMachineAlias" and its
"DeploymentPreference", which SAM has too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import Problem, certain, direct, found, template_uses_macros
from workflow_dsl.application.application import Application
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.application.template.resource_types import KINDS, MACHINES
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys, did_you_mean

_SAM = "AWS::Serverless::StateMachine"
_VERSION, _ALIAS = "AWS::StepFunctions::StateMachineVersion", "AWS::StepFunctions::StateMachineAlias"


def wrong_versions(application: Application) -> Iterator[Finding]:
    """Versions of something else than a state machine, aliases of something else than a version, and wrong weights."""
    template = application.template
    if template_uses_macros(template):
        return
    for resource in template.of_types(_ALIAS, _SAM):
        preference = dict_or_empty(resource.properties.get("DeploymentPreference"))
        keys: Keys = ("Resources", resource.logical_id, "Properties", "DeploymentPreference")
        for problem in _of_preference(template, keys, preference):
            yield found(application, resource.logical_id, problem)
    for resource in template.of_types(_VERSION, _ALIAS):
        for problem in (_of_version if resource.type == _VERSION else _of_alias)(template, resource):
            yield found(application, resource.logical_id, problem)


def _of_preference(template: Template, keys: Keys, preference: Mapping[str, Json]) -> Iterator[Problem]:
    kind = certain(template, preference.get("Type"))
    if isinstance(kind, str) and kind not in _PREFERENCES:
        remedy = did_you_mean(kind, _PREFERENCES) or f"write {' or '.join(_PREFERENCES)}"
        yield Problem((*keys, "Type"), f"Type is {kind}, which is not a deployment type", remedy)
    for name in ("Interval", "Percentage") if kind in ("LINEAR", "CANARY") else ():
        most, value = _MOST[name], certain(template, preference.get(name))
        if name not in preference:
            yield Problem(keys, f"a {kind} deployment has no {name}", f"add {name}")
        elif isinstance(value, int) and not 0 < value <= most:
            yield Problem((*keys, name), f"{name} is {value}", f"write a number from 1 to {most}")


_MOST = {"Interval": 2_100, "Percentage": 99}  # minutes, percent
_PREFERENCES = ("ALL_AT_ONCE", "CANARY", "LINEAR")


def _of_version(template: Template, version: Resource) -> Iterator[Problem]:
    keys: Keys = ("Resources", version.logical_id, "Properties", "StateMachineArn")
    machine, attribute = direct(template, version.properties.get("StateMachineArn"))
    if machine is not None and machine.type in KINDS and machine.type not in MACHINES:
        message = f"StateMachineArn is {KINDS[machine.type].noun}, but it takes the ARN of a state machine"
        yield Problem(keys, message, "write !Ref STATE_MACHINE", "WRONG_RESOURCE")
    elif machine is not None and attribute == "Name":
        message = f"StateMachineArn is the name of {machine.logical_id}, but it takes its ARN"
        yield Problem(keys, message, f"write !Ref {machine.logical_id}", "WRONG_RESOURCE")


def _of_alias(template: Template, alias: Resource) -> Iterator[Problem]:
    keys: Keys = ("Resources", alias.logical_id, "Properties", "RoutingConfiguration")
    routes = [dict_or_empty(each) for each in as_list(alias.properties.get("RoutingConfiguration"))]
    yield from _weights(template, keys, routes)
    for index, route in enumerate(routes):
        version, _ = direct(template, route.get("StateMachineVersionArn"))
        if version is not None and version.type in MACHINES:
            message = f"StateMachineVersionArn is the state machine {version.logical_id}, but it takes a version"
            remedy = f"write !Ref VERSION, an {_VERSION} of {version.logical_id}"
            yield Problem((*keys, index, "StateMachineVersionArn"), message, remedy, "WRONG_RESOURCE")


def _weights(template: Template, keys: Keys, routes: list[dict[str, Json]]) -> Iterator[Problem]:
    weights = [certain(template, route.get("Weight")) for route in routes]
    numbers = [weight for weight in weights if isinstance(weight, int)]
    if routes and len(numbers) == len(routes) and sum(numbers) != 100:
        yield Problem(keys, f"its weights add up to {sum(numbers)}, not 100", "let the weights add up to 100")
