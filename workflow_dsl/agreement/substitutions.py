"""The placeholders of definitions against the template's DefinitionSubstitutions."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from workflow_dsl.agreement.common import (
    as_note,
    created_at_deployment,
    direct,
    finding_at,
    substitution_keys,
    template_uses_macros,
)
from workflow_dsl.agreement.references import wrong_reference
from workflow_dsl.agreement.triggers.starters import STARTERS
from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Resource, Template, references
from workflow_dsl.application.template.attributes import attribute_references, attributes_of, has_attribute
from workflow_dsl.application.template.intrinsics import contains_macro, dict_or_empty
from workflow_dsl.application.template.resource_types import KINDS
from workflow_dsl.application.template.values import PSEUDO
from workflow_dsl.definition.json import Json, leaves
from workflow_dsl.definition.machine import to_where
from workflow_dsl.definition.placeholders import Unsubstituted, unsubstituted
from workflow_dsl.findings import Finding, Keys, did_you_mean, short_list
from workflow_dsl.permissions import role_of


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
    """Substitutions without a placeholder in the definition; notes, unless another name or string stands for one."""
    for machine in _with_static_substitutions(application):
        substitutions = application.template.substitutions_of(machine.logical_id)
        for name in substitutions if machine.has_definition else ():
            if name not in machine.placeholders:
                meant = did_you_mean(name, machine.placeholders - substitutions.keys())
                meant = meant or _written_out(machine, name, substitutions[name])
                found = _unused(application, machine, name, meant or f"remove {name}")
                yield found if meant else as_note(found)


def _unused(application: Application, machine: TemplateMachine, name: str, remedy: str) -> Finding:
    message = f"{machine.logical_id}: the definition has no placeholder ${{{name}}}"
    template = dict_or_empty(machine.properties.get("DefinitionString")).get("Fn::Sub")
    if f"${{{name}}}" in json.dumps(template):
        message = f"{machine.logical_id}: !Sub replaces ${{{name}}} before DefinitionSubstitutions does"
    return finding_at(application, "UNUSED_SUBSTITUTION", substitution_keys(machine, name), message, remedy)


def _written_out(machine: TemplateMachine, name: str, value: Json) -> str:
    """The remedy for a string that is almost the placeholder, or that names the resource of a substitution itself."""
    strings = [leaf for _, leaf in leaves(machine.definition.document()) if isinstance(leaf, str)]
    almost = next(
        (each for each in strings if each in (f"{{{name}}}", f"${name}", f"$({name})", f"{{{{{name}}}}}")), ""
    )
    if almost:
        return f'write ${{{name}}} for "{almost}"'
    resource, _ = direct(machine.template, value)
    if resource is None or resource.type not in KINDS:
        return ""
    own = re.escape(machine.template.values.name(resource))
    named = re.compile(
        rf"(?:.*[:/])?(?:{own}|(?:[\w-]+-)?{re.escape(resource.logical_id)}-[A-Za-z0-9]{{8,}})(?:[:/].*)?"
    )
    return next((f'write ${{{name}}} for "{each}"' for each in strings if ":" in each and named.fullmatch(each)), "")


def unknown_references(application: Application) -> Iterator[Finding]:
    """References to something that the template does not define: CloudFormation refuses the template."""
    template = application.template
    names = {*template.resources, *template.values.parameters}
    for logical_id, keys, value in _property_values(application) if not template_uses_macros(template) else ():
        for name in dict.fromkeys(references(value)) if not _has_loop(value) else ():
            is_pseudo = name in PSEUDO or (name.startswith("AWS::") and not did_you_mean(name, PSEUDO))
            is_given = name in names or is_pseudo or name.startswith("Serverless")
            if not is_given and not created_at_deployment(template, name):
                message = f"{logical_id}: {keys[-1]} refers to {name}, which the template does not define"
                remedy = (
                    did_you_mean(name, PSEUDO if name.startswith("AWS::") else names)
                    or "refer to one of its resources or parameters"
                )
                yield finding_at(application, "UNKNOWN_REFERENCE", keys, message, remedy)
        yield from _unknown_attributes(application, logical_id, keys, value)


def _has_loop(value: Json) -> bool:
    """True if a value contains Fn::ForEach or a macro: a name in it may be that of the loop."""
    return contains_macro([value])


def _unknown_attributes(application: Application, logical_id: str, keys: Keys, value: Json) -> Iterator[Finding]:
    """GetAtt of an attribute that the resource's type does not have (template reference, "Return values")."""
    for name, attribute in dict.fromkeys(attribute_references(value)):
        resource = application.template.resources.get(name)
        if resource and attribute in ("Alias", "Version") and _has_no_alias(resource):
            message = f"{logical_id}: {keys[-1]} refers to {name}.{attribute}, which SAM creates for AutoPublishAlias"
            yield finding_at(application, "UNKNOWN_REFERENCE", keys, message, f"add AutoPublishAlias: live to {name}")
        elif resource and attribute == "StreamArn" and _has_no_stream(application.template, resource):
            message = f"{logical_id}: {keys[-1]} refers to {name}.StreamArn, and {name} has no stream"
            remedy = f"add StreamSpecification: {{StreamViewType: NEW_AND_OLD_IMAGES}} to {name}"
            yield finding_at(application, "UNKNOWN_REFERENCE", keys, message, remedy)
        elif resource and has_attribute(resource.type, attribute) is False:
            message = f"{logical_id}: {keys[-1]} refers to {name}.{attribute}, and {resource.type} has no such"
            remedy = _remedy_of_attribute(resource, attribute)
            is_sure = resource.type in KINDS or (attribute in ("Arn", "Name") and resource.type in _WITHOUT_ARN)
            if remedy.startswith("did") or is_sure:  # another type may have got new attributes
                yield finding_at(application, "UNKNOWN_REFERENCE", keys, f"{message} attribute", remedy)


def _has_no_stream(template: Template, table: Resource) -> bool:
    """True for a table whose stream is off: GetAtt fails then (AWS::DynamoDB::Table, "Return values").

    The checks of event sources say it of one that is a source.
    """
    properties = {"StreamSpecification", "Fn::Transform", "Fn::If"}
    if table.type != "AWS::DynamoDB::Table" or not properties.isdisjoint(table.properties):
        return False
    sources = (each.properties for each in template.referrers(table.logical_id) if each.type in _WITH_SOURCES)
    return not any((table.logical_id, "StreamArn") in attribute_references(dict(each)) for each in sources)


_WITH_SOURCES = ("AWS::Lambda::EventSourceMapping", "AWS::Pipes::Pipe", "AWS::Serverless::Function")


def _remedy_of_attribute(resource: Resource, attribute: str) -> str:
    kind = KINDS.get(resource.type)
    if kind and attribute == kind.named_by and kind.ref == "name":
        return f"did you mean !Ref {resource.logical_id}, which is the name?"
    known = [each for each in attributes_of(resource.type) if "*" not in each]
    # `ClusterArn` of a Cluster that has Arn, and Arn of one that has ClusterArn.
    noun = resource.type.rpartition("::")[2]
    same = next((each for each in known if attribute == f"{noun}{each}" or each == f"{noun}{attribute}"), None)
    meant = f'did you mean "{same}"?' if same else did_you_mean(attribute, known)
    return meant or f"take one of {short_list(known)}"


def _has_no_alias(resource: Resource) -> bool:
    """True for a function or a state machine of SAM that has no alias (SAM guide, "AutoPublishAlias")."""
    return resource.type in _WITH_ALIAS and "AutoPublishAlias" not in resource.properties


# Types whose Ref is what others take, and which never had these attributes.
_WITHOUT_ARN = ("AWS::ECS::TaskDefinition", "AWS::SecretsManager::Secret")
_WITH_ALIAS = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
_POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")


def _property_values(application: Application) -> Iterator[tuple[str, Keys, Json]]:
    """The properties of state machines, then those of their roles and of what starts them, and the outputs.

    Each with the logical ID of its resource and its keys.
    """
    for machine in application.machines:
        for name, value in machine.template.substitutions_of(machine.logical_id).items():
            yield machine.logical_id, substitution_keys(machine, name), value
        for name, value in machine.properties.items():
            if name != "DefinitionSubstitutions":
                yield machine.logical_id, (*machine.keys, "Properties", name), value
    machines = {machine.logical_id for machine in application.machines}
    first = (*_roles(application), *application.template.of_types(*STARTERS))
    others = {each.logical_id: each for each in (*first, *application.template.resources.values())}
    for other in others.values():
        for name, value in other.properties.items() if other.logical_id not in machines else ():
            yield other.logical_id, ("Resources", other.logical_id, "Properties", name), value
    for name, output in dict_or_empty(application.template.source.document.get("Outputs")).items():
        if isinstance(output, dict):
            yield "Outputs", ("Outputs", name), output.get("Value")


def _roles(application: Application) -> list[Resource]:
    """The roles of state machines in the template, and the policies attached to them."""
    template = application.template
    names = dict.fromkeys(role_of(template, machine.logical_id) or "" for machine in application.machines)
    roles = [template.resources[name] for name in names if name in template.resources]
    policies = (each for role in roles for each in template.referrers(role.logical_id) if each.type in _POLICIES)
    return list({each.logical_id: each for each in (*roles, *policies)}.values())
