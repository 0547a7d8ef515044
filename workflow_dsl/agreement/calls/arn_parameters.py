"""Parameters that get the name of a resource where they take its ARN, or the ARN where they take a name or an ID.

CloudFormation template reference, "Return values" of each type; botocore's models have the form of each parameter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from workflow_dsl.agreement.common import Problem, direct
from workflow_dsl.agreement.resources import judged_elsewhere, reference_behind
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Resource
from workflow_dsl.application.template.resource_types import KINDS
from workflow_dsl.definition.calls import CallSite
from workflow_dsl.definition.integrations import botocore_name
from workflow_dsl.definition.json import Json, leaves
from workflow_dsl.definition.machine import State
from workflow_dsl.definition.placeholders import is_placeholder, placeholders_in
from workflow_dsl.definition.service_models import service_model
from workflow_dsl.findings import Keys

_WRONG = "WRONG_RESOURCE"


def of_call(machine: TemplateMachine, state: State, site: CallSite) -> Iterator[Problem]:
    """The parameters of a call that are a plain reference of the wrong form, with keys from the state on."""
    holder = "Parameters" if "Parameters" in state.fields else "Arguments"
    for keys, text in leaves(state.fields.get(holder)) if state.type == "Task" else ():
        if not isinstance(text, str) or not is_placeholder(text) or not keys or not isinstance(keys[-1], str):
            continue
        [name] = placeholders_in(text)
        resource, attribute = direct(machine.template, _value(machine, name))
        if resource is not None and (holder, *keys) not in judged_elsewhere(state):
            yield from _of_parameter(site, (holder, *keys), name, resource, attribute)


def _value(machine: TemplateMachine, name: str) -> Json:
    substitutions = machine.template.substitutions_of(machine.logical_id) if machine.is_in_template else {}
    return substitutions.get(name) or reference_behind(machine, name)


def _of_parameter(site: CallSite, keys: Keys, name: str, resource: Resource, attribute: str) -> Iterator[Problem]:
    field = str(keys[-1])
    kind = KINDS.get(resource.type)
    if field.endswith("Arn") and kind is not None and attribute == "Ref" and kind.ref != "arn":
        message = f"{field} is the {kind.form} of {kind.noun}, but it takes an ARN"
        yield Problem(keys, message, f"write {name}: {kind.reference_to_arn(resource.logical_id)}", _WRONG)
    elif attribute.endswith("Arn") and len(keys) == 2 and _takes_no_arn(site, field):
        message = f"{field} is the ARN of {resource.logical_id}, and the API takes no ARN for it"
        yield Problem(keys, message, f"write {name}: !Ref {resource.logical_id}", _WRONG)


_AN_ARN = "arn:aws:service:us-east-1:111111111111:resource/us-east-1_Name"


def _takes_no_arn(site: CallSite, field: str) -> bool:
    """True if the form that an API has for a parameter excludes ARNs."""
    call = site.call
    model = service_model(botocore_name(call.service, call.action, is_sdk=call.is_sdk))
    parameters = model.parameters(model.actions.get(call.action, "")) if model else None
    pattern = parameters.member(field).get("pattern") if parameters else None
    if not isinstance(pattern, str) or "arn" in pattern.lower():
        return False
    try:
        return re.fullmatch(pattern, _AN_ARN) is None
    except re.error:  # of Java
        return False
