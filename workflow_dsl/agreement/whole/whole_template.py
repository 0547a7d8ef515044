"""The names that CloudFormation itself looks up in a template, and the parts that it and SAM require of one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_dsl.agreement.common import (
    created_at_deployment,
    finding_at,
    is_whole,
    possible_values,
    template_uses_macros,
)
from workflow_dsl.application.application import Application
from workflow_dsl.application.template.attributes import similar_type
from workflow_dsl.application.template.intrinsics import as_list, dict_or_empty
from workflow_dsl.application.template.properties import members_of, objects_in, types_with_properties
from workflow_dsl.application.template.resource_types import MACHINES
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import Finding, Keys, did_you_mean

_SAM = "AWS::Serverless-2016-10-31"
_EXTENSIONS = "AWS::LanguageExtensions"
_TRANSFORMS = (_SAM, _EXTENSIONS, "AWS::ServiceCatalog")


def unknown_names(application: Application) -> Iterator[Finding]:
    """A Condition, a mapping or a DependsOn of a name that the template does not define: CloudFormation refuses it.

    CloudFormation user guide, "Conditions", "Mappings" and "DependsOn attribute".
    """
    template = application.template
    document = template.source.document
    if template_uses_macros(template):
        return
    conditions = dict_or_empty(document.get("Conditions"))
    names = None if any(name.startswith("Fn::") for name in conditions) else conditions
    for logical_id, resource in document["Resources"].items():
        if isinstance(resource, dict):
            keys: Keys = ("Resources", logical_id)
            if names is not None and isinstance(resource.get("Condition"), str):
                yield from _condition(application, (*keys, "Condition"), logical_id, resource["Condition"], names)
            yield from _dependencies(application, keys, resource)
            yield from _functions(application, (*keys, "Properties"), logical_id, resource.get("Properties"), names)
    for name, value in conditions.items() if names is not None else ():
        yield from _functions(application, ("Conditions", name), name, value, names)
    for name, output in dict_or_empty(document.get("Outputs")).items():
        yield from _functions(application, ("Outputs", name), f"output {name}", output, names)


def _dependencies(application: Application, keys: Keys, resource: Mapping[str, Json]) -> Iterator[Finding]:
    template = application.template
    for name in as_list(resource.get("DependsOn")):
        if isinstance(name, str) and name not in template.resources and not created_at_deployment(template, name):
            message = f"{keys[-1]}: it depends on {name}, which the template does not define"
            remedy = did_you_mean(name, template.resources) or "name one of its resources"
            yield finding_at(application, "UNKNOWN_REFERENCE", (*keys, "DependsOn"), message, remedy)


def _condition(
    application: Application, keys: Keys, user: str, name: str, conditions: Mapping[str, Json]
) -> Iterator[Finding]:
    if name not in conditions:
        message = f"{user}: its Condition is {name}, which the template does not define"
        remedy = did_you_mean(name, conditions) or "name one of its Conditions"
        yield finding_at(application, "UNKNOWN_REFERENCE", keys, message, remedy)


def _functions(
    application: Application, keys: Keys, user: str, value: Json, conditions: Mapping[str, Json] | None
) -> Iterator[Finding]:
    """The names in the Fn::If, Condition and Fn::FindInMap of a value; those of conditions unless they are unknown."""
    waiting: list[tuple[Keys, Json]] = [(keys, value)]
    while waiting:
        at, item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(((*at, index), each) for index, each in enumerate(item))
        elif isinstance(item, dict) and not any(name.startswith("Fn::ForEach") for name in item):
            choice = as_list(item.get("Fn::If"))
            named = choice[0] if len(choice) == 3 else item.get("Condition") if keys[0] == "Conditions" else None
            if conditions is not None and isinstance(named, str) and len(item) == 1:
                yield from _condition(application, at, user, named, conditions)
            if isinstance(item.get("Fn::FindInMap"), list):
                yield from _mapping(application, at, user, item["Fn::FindInMap"])
            waiting.extend(((*at, name), each) for name, each in item.items())


def _mapping(application: Application, keys: Keys, user: str, operands: list[Json]) -> Iterator[Finding]:
    """A mapping that there is not, or one without the keys: an error if no parameter's value has one."""
    mappings = dict_or_empty(application.template.source.document.get("Mappings"))
    name, *path = operands[:3]
    if len(operands) != 3 or not isinstance(name, str) or any(key.startswith("Fn::") for key in mappings):
        return
    if name not in mappings:
        message = f"{user}: it looks in the mapping {name}, which the template does not define"
        remedy = did_you_mean(name, mappings) or "name one of its Mappings"
        yield finding_at(application, "UNKNOWN_REFERENCE", keys, message, remedy)
        return
    mapping = dict_or_empty(mappings[name])
    first, second = (possible_values(application.template, each) for each in path)
    if not first and _lack_all(mapping, second):
        first = [*mapping][:1]  # whichever one the stack has, it lacks the second key
    pairs = [(one, two) for one in first for two in second]
    missing = [pair for pair in pairs if pair[1] not in dict_or_empty(mapping.get(pair[0]))]
    if missing and not any(each.startswith("Fn::") for each in mapping):
        one, two = missing[0]
        message = f"{user}: the mapping {name} has no {one}.{two}"
        known = dict_or_empty(mapping[one]) if one in mapping else mapping
        remedy = did_you_mean(two if one in mapping else one, known) or f"add it to {name}"
        code = "UNKNOWN_REFERENCE" if len(missing) == len(pairs) else "CONDITIONAL_REFERENCE"
        yield finding_at(application, code, keys, message, remedy)


def _lack_all(mapping: Mapping[str, Json], names: list[str]) -> bool:
    """True if no part of a mapping has any of these keys."""
    return bool(names) and not any(name in dict_or_empty(part) for part in mapping.values() for name in names)


def malformed_parts(application: Application) -> Iterator[Finding]:
    """Resources without a type or of a type that there is not, outputs without a value, and sections that SAM refuses.

    CloudFormation user guide, "Template sections"; SAM guide, "AWS SAM template anatomy".
    """
    template = application.template
    document = template.source.document
    yield from _transforms(application, document)
    if template_uses_macros(template):
        return
    for logical_id, resource in document["Resources"].items():
        if isinstance(resource, dict) and not logical_id.startswith("Fn::"):
            yield from _type(application, logical_id, resource)
    for name, output in dict_or_empty(document.get("Outputs")).items():
        if isinstance(output, dict) and "Value" not in output and not name.startswith("Fn::"):
            message = f"output {name} has no Value"
            yield finding_at(application, "SCHEMA_VALIDATION_FAILED", ("Outputs", name), message, "add Value")
    yield from _sections(application, document)


def misspelt_machines(application: Application) -> Iterator[Finding]:
    """State machines whose resource type is misspelt, so that the template seems to have none."""
    for logical_id, resource in application.template.source.document["Resources"].items():
        type_ = dict_or_empty(resource).get("Type")
        if (
            isinstance(type_, str)
            and similar_type(type_) in MACHINES
            and not template_uses_macros(application.template)
        ):
            yield from _type(application, logical_id, resource)


def _transforms(application: Application, document: Mapping[str, Json]) -> Iterator[Finding]:
    """A misspelt transform of AWS, and a list of transforms in the wrong order.

    AWS::LanguageExtensions "must come before the AWS::Serverless transform in the list" (CloudFormation template
    reference, "AWS::LanguageExtensions transform"); without it first, some templates are refused.
    """
    names = as_list(document.get("Transform"))
    if _SAM in names and _EXTENSIONS in names[names.index(_SAM) :]:
        message = f"{_EXTENSIONS} comes after {_SAM} in the list of transforms"
        yield finding_at(application, "TRANSFORM_ORDER", ("Transform",), message, f"write {_EXTENSIONS} first")
    for transform in names:
        is_similar = isinstance(transform, str) and transform.startswith("AWS::Ser") and transform not in _TRANSFORMS
        remedy = did_you_mean(str(transform), _TRANSFORMS) if is_similar else ""
        if remedy:
            message = f"AWS has no transform {transform}"
            yield finding_at(application, "SCHEMA_VALIDATION_FAILED", ("Transform",), message, remedy)


def _sections(application: Application, document: Mapping[str, Json]) -> Iterator[Finding]:
    """Misspelt sections of Globals, and resources of SAM without its transform."""
    template = application.template
    known = objects_in("Globals")
    for section, values in dict_or_empty(document.get("Globals")).items():
        if section not in known and (remedy := did_you_mean(section, known)):
            message = f"Globals has no section {section}"
            yield finding_at(application, "SCHEMA_VALIDATION_FAILED", ("Globals", section), message, remedy)
        for name in dict_or_empty(values).keys() - members_of("Globals", section).keys():
            remedy = did_you_mean(name, members_of("Globals", section))
            if remedy and not name.startswith("Fn::"):
                message = f"Globals has no {name} for {section}"
                yield finding_at(application, "SCHEMA_VALIDATION_FAILED", ("Globals", section, name), message, remedy)
    of_sam = {type_ for type_ in types_with_properties() if type_.startswith("AWS::Serverless::")}
    has_some = any(each.type in of_sam for each in template.resources.values())
    if has_some and is_whole(template) and "Transform" not in document:
        message = "it has resources of SAM and no Transform"
        yield finding_at(application, "SCHEMA_VALIDATION_FAILED", ("Resources",), message, f"add Transform: {_SAM}")


def _type(application: Application, logical_id: str, resource: Mapping[str, Json]) -> Iterator[Finding]:
    type_, keys = resource.get("Type"), ("Resources", logical_id)
    if "Type" not in resource:
        is_inside = str(dict_or_empty(resource.get("Properties")).get("Type")).startswith("AWS::")
        remedy = "move Type out of its Properties" if is_inside else "add Type"
        message = f"{logical_id}: it has no Type"
        yield finding_at(application, "SCHEMA_VALIDATION_FAILED", keys, message, remedy)
    elif isinstance(type_, str) and (right := similar_type(type_)):
        message = f"{logical_id}: there is no resource type {type_}"
        yield finding_at(application, "SCHEMA_VALIDATION_FAILED", (*keys, "Type"), message, f'did you mean "{right}"?')
