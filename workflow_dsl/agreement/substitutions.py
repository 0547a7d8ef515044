"""The placeholders of definitions against the template's DefinitionSubstitutions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from workflow_dsl.agreement.common import (
    created_at_deployment,
    direct,
    finding_at,
    substitution_keys,
    template_uses_macros,
)
from workflow_dsl.agreement.references import matches_target, wrong_reference
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Resource, Template, references
from workflow_dsl.application.template.attributes import attribute_references, attributes_of, has_attribute
from workflow_dsl.application.template.resource_types import (
    ACTIVITY,
    BUCKET,
    FUNCTIONS,
    KINDS,
    MACHINES,
    QUALIFIERS,
    QUEUE,
    ROLE,
    TABLES,
    TOPIC,
)
from workflow_dsl.definition.calls import call_sites
from workflow_dsl.definition.json import Json, value_at
from workflow_dsl.definition.machine import State, to_where
from workflow_dsl.definition.placeholders import Unsubstituted, is_placeholder, placeholders_in, unsubstituted
from workflow_dsl.findings import Finding, Keys, did_you_mean, short_list


def missing_substitutions(application: Application) -> Iterator[Finding]:
    """Placeholders that are a whole value, or part of an ARN, without a substitution; each name once.

    A placeholder inside another string is a warning at its line of the definition: rule unknown_placeholder.
    """
    for machine in _with_static_substitutions(application):
        names = {*application.template.substitutions_of(machine.logical_id), *machine.unknown}
        for name, missing in _first_uses(machine, names).items():
            target = machine.reference_targets.get(name)
            if target and wrong_reference(application.template, target):
                continue
            message = f"{machine.logical_id}: ${{{name}}} in {to_where(missing.keys).in_definition} has no substitution"
            remedy = did_you_mean(name, names - machine.placeholders) or _substitution_to_add(machine, name)
            yield finding_at(application, "MISSING_SUBSTITUTION", substitution_keys(machine, name), message, remedy)


def _first_uses(machine: TemplateMachine, names: set[str]) -> dict[str, Unsubstituted]:
    """The first use as a whole value of each placeholder that is not among `names`."""
    first: dict[str, Unsubstituted] = {}
    for use in unsubstituted(machine.definition.document(), names):
        if use.is_whole_value:
            first.setdefault(use.name, use)
    return first


def _substitution_to_add(machine: TemplateMachine, name: str) -> str:
    if name in machine.reference_targets:
        return f"add {name}: {machine.reference_targets[name].substitution} to DefinitionSubstitutions"
    if name.startswith("AWS::"):
        plain = name.removeprefix("AWS::")
        return f"write ${{{plain}}} in the definition, and {plain}: !Ref {name} in DefinitionSubstitutions"
    return f"add {name} to DefinitionSubstitutions"


def _with_static_substitutions(application: Application) -> list[TemplateMachine]:
    """The state machines whose substitutions all stand in the template."""
    template = application.template
    if template_uses_macros(template):
        return []
    return [machine for machine in application.machines if template.substitutions_are_static(machine.logical_id)]


def unused_substitutions(application: Application) -> Iterator[Finding]:
    """Substitutions without a placeholder in the definition."""
    for machine in _with_static_substitutions(application):
        substitutions = application.template.substitutions_of(machine.logical_id)
        for name in substitutions if machine.has_definition else ():
            if name not in machine.placeholders:
                message = f"{machine.logical_id}: the definition has no placeholder ${{{name}}}"
                remedy = did_you_mean(name, machine.placeholders - substitutions.keys()) or f"remove {name}"
                yield finding_at(application, "UNUSED_SUBSTITUTION", substitution_keys(machine, name), message, remedy)


def unknown_references(application: Application) -> Iterator[Finding]:
    """References in a state machine's properties to something that the template does not define."""
    template = application.template
    names = {*template.resources, *template.values.parameters}
    for machine in application.machines if not template_uses_macros(template) else ():
        for keys, value in _property_values(machine):
            for name in dict.fromkeys(references(value)):
                is_given = name in names or name.startswith(("AWS::", "Serverless"))
                if not is_given and not created_at_deployment(template, name):
                    message = f"{machine.logical_id}: {keys[-1]} refers to {name}, which the template does not define"
                    remedy = did_you_mean(name, names) or "refer to one of its resources or parameters"
                    yield finding_at(application, "UNKNOWN_REFERENCE", keys, message, remedy)
            yield from _unknown_attributes(application, machine, keys, value)


def _unknown_attributes(
    application: Application, machine: TemplateMachine, keys: Keys, value: Json
) -> Iterator[Finding]:
    """GetAtt of an attribute that the resource's type does not have (template reference, "Return values")."""
    for name, attribute in dict.fromkeys(attribute_references(value)):
        resource = application.template.resources.get(name)
        if resource and has_attribute(resource.type, attribute) is False:
            message = f"{machine.logical_id}: {keys[-1]} refers to {name}.{attribute}, and {resource.type} has no such"
            known = [each for each in attributes_of(resource.type) if "*" not in each]
            remedy = did_you_mean(attribute, known) or f"take one of {short_list(known)}"
            yield finding_at(application, "UNKNOWN_REFERENCE", keys, f"{message} attribute", remedy)


def _property_values(machine: TemplateMachine) -> Iterator[tuple[Keys, Json]]:
    """The substitutions of a state machine, and its other properties, each with its keys."""
    for name, value in machine.template.substitutions_of(machine.logical_id).items():
        yield substitution_keys(machine, name), value
    for name, value in machine.properties.items():
        if name != "DefinitionSubstitutions":
            yield (*machine.keys, "Properties", name), value


@dataclass(frozen=True, slots=True)
class _Expected:
    """The resources that a field takes: their types, a noun for them, and the reference to write.

    `refused` are the attributes of such a resource that the field does not take, "Ref" among them.
    """

    types: tuple[str, ...]
    noun: str
    reference: str
    refused: tuple[str, ...] = ()


_EXPECTED = {
    "Resource": _Expected(
        (*FUNCTIONS, *QUALIFIERS, ACTIVITY), "the ARN of a function", "!GetAtt {}.Arn", ("Ref", "Name")
    ),
    "FunctionName": _Expected((*FUNCTIONS, *QUALIFIERS), "a Lambda function", "!GetAtt {}.Arn"),
    "TableName": _Expected(TABLES, "a table", "!Ref {}"),
    "QueueUrl": _Expected((QUEUE,), "the URL of a queue", "!Ref {}", ("Arn", "QueueName")),
    "TopicArn": _Expected((TOPIC,), "the ARN of a topic", "!Ref {}", ("TopicName",)),
    "StateMachineArn": _Expected(MACHINES, "the ARN of a state machine", "!Ref {}", ("Name",)),
    "Bucket": _Expected((BUCKET,), "the name of a bucket", "!Ref {}", ("Arn",)),
}


def wrong_resources(application: Application) -> Iterator[Finding]:
    """Substitutions that give another kind of resource than the field of their placeholder takes."""
    for machine in application.machines:
        substitutions = application.template.substitutions_of(machine.logical_id)
        judged = set()
        for state, keys in _whole_placeholders(machine) if substitutions else ():
            [name], field = placeholders_in(value_at(state.fields, keys)), str(keys[-1])
            is_new = field in _EXPECTED and name in substitutions and (name, field) not in judged
            if is_new and _is_as_referenced(machine, name):
                judged.add((name, field))
                place = f'"{state.name}" {field}'
                yield from _wrong(application, machine, name, substitutions[name], _EXPECTED[field], place)


def _is_as_referenced(machine: TemplateMachine, name: str) -> bool:
    """True if a substitution gives what the author's reference means; if not, that is the finding."""
    target = machine.reference_targets.get(name)
    return target is None or matches_target(machine, name, target)


def _whole_placeholders(machine: TemplateMachine) -> Iterator[tuple[State, Keys]]:
    """The states whose Resource, or the parameter that names the resource called, is a placeholder, with its keys."""
    for state in machine.definition.walk():
        for site in call_sites(state):
            for keys in dict.fromkeys((site.resource, site.target)):
                if keys and is_placeholder(value_at(state.fields, keys)):
                    yield state, keys


def _wrong(
    application: Application, machine: TemplateMachine, name: str, value: Json, expected: _Expected, field: str
) -> Iterator[Finding]:
    """The problem of a substitution that is a plain Ref or GetAtt of a resource of a known kind."""
    resource, attribute = direct(application.template, value)
    resource = resource or _generated_role(application.template, value)
    if resource is None or resource.type not in KINDS:
        return
    kind, is_expected = KINDS[resource.type], resource.type in expected.types
    is_arn = attribute == "Ref" and kind.ref == "arn"
    if is_expected and (is_arn or attribute not in expected.refused):
        return
    ending = kind.ref.capitalize() if attribute == "Ref" else attribute or "Arn"
    value_is = "ARN" if ending.endswith("Arn") else "URL" if ending.endswith("Url") else "name"
    message = f"{machine.logical_id}: {name} is the {value_is} of {kind.noun}, and {field} takes {expected.noun}"
    logical_id = resource.logical_id if is_expected else _fitting(application.template, expected, name)
    remedy = f"write {expected.reference.format(logical_id)}"
    yield finding_at(application, "WRONG_RESOURCE", substitution_keys(machine, name), message, remedy)


def _generated_role(template: Template, value: Json) -> Resource | None:
    """The role that SAM creates for a function or a state machine, `NameRole`, if a value is a plain Ref or GetAtt."""
    names = [*references(value)] if isinstance(value, dict) and value.keys() & {"Ref", "Fn::GetAtt"} else []
    owner = template.resources.get(names[0].removesuffix("Role")) if names and names[0].endswith("Role") else None
    is_sams = owner is not None and owner.type.startswith("AWS::Serverless::") and "Role" not in owner.properties
    return Resource(names[0], ROLE, {}) if is_sams and names[0] not in template.resources else None


def _fitting(template: Template, expected: _Expected, name: str) -> str:
    """The one resource of the expected types, or the one that the placeholder is named after; else NAME."""
    fitting = [resource.logical_id for resource in template.of_types(*expected.types)]
    likely = fitting if len(fitting) == 1 else [logical_id for logical_id in fitting if name.startswith(logical_id)]
    return likely[0] if likely else "NAME"
