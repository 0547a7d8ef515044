"""The aliases that states call, against those that the template gives the function or the state machine.

Lambda developer guide, "Using Lambda aliases in event sources"; Step Functions developer guide, "Manage deployments
with versions and aliases"; SAM guide, "AutoPublishAlias".
"""

from __future__ import annotations

import json
from collections.abc import Iterator

from workflow_dsl.agreement.common import Problem, certain, found_in_state, template_uses_macros
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Resource, Template, references
from workflow_dsl.application.template.resource_types import FUNCTIONS, MACHINES
from workflow_dsl.definition.calls import call_sites
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import State
from workflow_dsl.findings import Finding, Keys, closest
from workflow_dsl.regexes import lazy_regex


def missing_aliases(application: Application) -> Iterator[Finding]:
    """Calls of an alias that is none of those that the template gives the called function or state machine."""
    template = application.template
    for machine in application.machines if not template_uses_macros(template) else ():
        for state in machine.with_known_values.walk():
            for problem in _problems(machine, state):
                yield found_in_state(machine, state, problem)


# Not a number, which is a version, and not $LATEST.
_QUALIFIED = lazy_regex(r"arn:[^:]*:(?:lambda|states):[^:]*:[^:]*:(?:function|stateMachine):[^:]+:(?!\d+$)([\w-]+)")


def _problems(machine: TemplateMachine, state: State) -> Iterator[Problem]:
    template = machine.template
    for site in call_sites(state):
        target = site.call.target or ""
        resource = template.resource_at(target, site.call.service)
        qualifier = _QUALIFIED.fullmatch(target)
        aliases = _aliases_of(template, resource) if resource and qualifier else set()
        if resource and qualifier and aliases and qualifier[1] not in aliases and _is_written(machine, qualifier[1]):
            message = f"{resource.logical_id} has no alias {qualifier[1]}"
            remedy = f"write {closest(qualifier[1], aliases) or ' or '.join(sorted(aliases))}"
            keys: Keys = site.target or site.resource
            yield Problem(keys, message, remedy, "UNKNOWN_REFERENCE")


def _is_written(machine: TemplateMachine, alias: str) -> bool:
    """True if the definition or the template has the name of an alias, which no parameter decides then."""
    substitutions = machine.template.substitutions_of(machine.logical_id)
    return any(f":{alias}" in text for text in (machine.definition.to_text(), json.dumps(substitutions, default=str)))


_ALIASES = {"AWS::Lambda::Alias": "FunctionName", "AWS::StepFunctions::StateMachineAlias": "RoutingConfiguration"}


def _aliases_of(template: Template, resource: Resource) -> set[str]:
    """The names of a resource's aliases; none where one of them is known only to the stack, or it has none here."""
    if resource.type not in (*FUNCTIONS, *MACHINES):
        return set()
    own = resource.properties.get("AutoPublishAlias")
    names = [own] if own is not None else []
    names += [
        alias.properties.get("Name")
        for alias in template.of_types(*_ALIASES)
        if resource.logical_id in _owners(template, alias.properties.get(_ALIASES[alias.type]))
    ]
    names = [certain(template, name) for name in names]
    known = {name for name in names if isinstance(name, str)}
    return known if all(name in known for name in names) else set()


def _owners(template: Template, value: Json) -> set[str]:
    """The functions or state machines that an alias's property refers to, by their versions too."""
    names = [*references(value)]
    for name in names:
        version = template.resources.get(name)
        if version is not None and version.type.endswith("Version"):
            names += [each for each in references(dict(version.properties)) if each not in names]
    return set(names)
