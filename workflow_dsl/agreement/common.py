"""Helpers of several checks: findings at the template's lines, and the resource that a plain reference names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import (
    as_list,
    as_string,
    attribute_of,
    dict_or_empty,
    may_be_output,
    names_in_sub,
    references,
)
from workflow_dsl.application.template.resource_types import FUNCTIONS, MACHINES
from workflow_dsl.application.template.values import PSEUDO
from workflow_dsl.definition.json import Json
from workflow_dsl.definition.machine import State, to_where
from workflow_dsl.findings import CATALOG, Finding, Keys, Place, Severity, Where
from workflow_dsl.records import Record, replace


class Problem(Record):
    """A mistake in a resource: the keys to it in the template, what is wrong, the remedy, and the code."""

    keys: Keys
    message: str
    remedy: str
    code: str = "SCHEMA_VALIDATION_FAILED"


def found(application: Application, name: str, problem: Problem) -> Finding:
    """The finding of a problem, whose message begins with the name of its resource."""
    return finding_at(application, problem.code, problem.keys, f"{name}: {problem.message}", problem.remedy)


def found_in_state(machine: TemplateMachine, state: State, problem: Problem) -> Finding:
    """The finding of a problem in a state, whose keys begin at the state, at its line of the definition."""
    keys = (*state.keys, *problem.keys)
    where = replace(to_where(keys), place=_place_in_definition(machine, keys))
    message = f"{machine.logical_id}: {problem.message}"
    return Finding(problem.code, CATALOG[problem.code][0], where, message, problem.remedy)


def _place_in_definition(machine: TemplateMachine, keys: Keys) -> Place:
    """The line of a value in a definition, or of the innermost value around it; else that of the state machine."""
    if machine.compiled:
        return machine.compiled.place(keys) or machine.place("Properties")
    while machine.source and keys:
        place = machine.source.places([keys]).get(keys)
        if place and place.line is not None:
            return place
        keys = keys[:-1]
    return machine.place("Properties")


def finding_at(application: Application, code: str, keys: Keys, message: str, remedy: str) -> Finding:
    """A finding at the line of keys in the template, or at the innermost line around it that exists."""
    where = Where(keys, place=application.template.place_around(*keys))
    return Finding(code, CATALOG.get(code, _OF_RULES.get(code, _AWS_ERROR))[0], where, message, remedy)


_AWS_ERROR: tuple[Severity, str] = ("error", "")  # a code of AWS, which is in no catalog
_OF_RULES: Mapping[str, tuple[Severity, str]] = dict.fromkeys(  # which are below this layer
    ("MISSING_FIELD", "UNKNOWN_PLACEHOLDER", "UNKNOWN_VALUE"), ("warning", "")
)


def as_note(finding: Finding) -> Finding:
    """The finding as a note: it is about something that may well be meant so."""
    return replace(finding, severity="note")


def substitution_keys(machine: TemplateMachine, name: str) -> Keys:
    """The keys to a substitution in the template."""
    return (*machine.keys, "Properties", "DefinitionSubstitutions", name)


# What AWS's own transforms create is known: SAM's resources, and those of Fn::ForEach by the keys of its output.
_KNOWN_TRANSFORMS = ("AWS::Serverless-2016-10-31", "AWS::LanguageExtensions")


def macros_of(template: Template) -> list[str]:
    """The macros that may change anything in the template when it is deployed."""
    content = template.source.document
    transforms = [dict_or_empty(each).get("Name", each) for each in as_list(content.get("Transform"))]
    inner = [part["Fn::Transform"] for part in (content, content["Resources"]) if "Fn::Transform" in part]
    names = [*transforms, *(dict_or_empty(each).get("Name") for each in inner)]
    return [str(name) for name in names if name not in _KNOWN_TRANSFORMS]


def is_whole(template: Template) -> bool:
    """True if a template has its version; a fragment without one may be merged into another that has what it lacks."""
    return "AWSTemplateFormatVersion" in template.source.document


def template_uses_macros(template: Template) -> bool:
    """True if anything but AWS's own transforms changes the template when it is deployed."""
    return bool(macros_of(template))


def created_at_deployment(template: Template, name: str) -> bool:
    """True if SAM or a loop may create this resource.

    The names of SAM's roles, aliases and stages begin with a SAM resource's. It creates no role for one that has one.
    The names of a module's resources begin with the module's.
    """
    beginnings = (name[:length] for length in range(1, len(name) + 1))
    owners = [template.resources[each] for each in beginnings if each in template.resources]
    is_created = any(_is_name_of_sam(name, each) or each.type.endswith("::MODULE") for each in owners)
    return is_created or any(may_be_output(loop.logical_id, name) for loop in template.loops)


# What SAM appends to the logical ID of a function or state machine (aws-sam-translator 1.110.0, model/sam_resources.py,
# model/stepfunctions/generators.py, model/preferences/deployment_preference_collection.py).
_OF_SAM = (
    *("Version", "Alias", "Url", "URLInvokeAllowPublicAccess", "EventInvokeConfig", "DeploymentGroup"),
    "CognitoPermission",
)


# The same of an API (model/api/api_generator.py, model/api/http_api_generator.py, plugins/api/implicit_api_plugin.py).
_APIS = ("AWS::Serverless::Api", "AWS::Serverless::HttpApi", "AWS::Serverless::WebSocketApi")
_OF_APIS = (
    *("ApiKey", "Authorizer", "BasePathMapping", "Deployment", "DomainName", "Integration", "Mapping", "Permission"),
    *("RecordSet", "Role", "Route", "Stage", "UsagePlan"),
)


def _is_name_of_sam(name: str, owner: Resource) -> bool:
    """True if SAM may create a resource with a name that begins with its owner's: `CheckRole`, and not `CheckFn`."""
    rest = name.removeprefix(owner.logical_id)
    if not owner.type.startswith("AWS::Serverless::"):
        return False
    if owner.type in _APIS:
        return any(part in rest for part in _OF_APIS)
    if owner.type not in (*FUNCTIONS, *MACHINES):
        return True
    if rest == "Role":
        return "Role" not in owner.properties
    alias = owner.properties.get("AutoPublishAlias")
    if isinstance(alias, str) and rest.lower() == f"alias{alias}".lower():
        return rest == f"Alias{alias}"
    return rest.startswith((*_OF_SAM, *dict_or_empty(owner.properties.get("Events"))))


def direct(template: Template, value: Json) -> tuple[Resource | None, str]:
    """The resource and the attribute of a plain Ref ("Ref") or GetAtt; None and "" for another value."""
    if not isinstance(value, dict) or len(value) != 1:
        return None, ""
    [(function, operand)] = value.items()
    if function == "Ref" and isinstance(operand, str):
        return template.resources.get(operand), "Ref"
    attribute = attribute_of(operand) if function == "Fn::GetAtt" else None
    return (template.resources.get(attribute[0]), attribute[1]) if attribute else (None, "")


def unresolved_texts(template: Template, keys: Keys, value: Json) -> Iterator[Problem]:
    """Texts with a reference that CloudFormation does not resolve: `${Name}` without Fn::Sub, and a tag in quotes."""
    waiting: list[tuple[Keys, Json]] = [(keys, value)]
    while waiting:
        at, item = waiting.pop()
        if isinstance(item, list):
            waiting.extend(((*at, index), each) for index, each in enumerate(item))
        elif isinstance(item, dict):
            waiting.extend(((*at, name), each) for name, each in item.items() if name != "Fn::Sub")
        elif isinstance(item, str) and item.startswith(("!Ref ", "!GetAtt ", "!Sub ")):
            message = f"{at[-1]} is the string {item}, not a reference"
            yield Problem(at, message, "write it without quotes", "UNKNOWN_PLACEHOLDER")
        elif isinstance(item, str) and "${" in item:
            known = [name for name in names_in_sub(item) if _is_known(template, name)]
            if known:
                message = f"{at[-1]} has ${{{known[0]}}} without Fn::Sub, which stays as it is"
                yield Problem(at, message, "write !Sub before it", "UNKNOWN_PLACEHOLDER")


def _is_known(template: Template, name: str) -> bool:
    """True for a resource, with an attribute or without one, a parameter, or a pseudo parameter."""
    return name in PSEUDO or name in template.values.parameters or name.partition(".")[0] in template.resources


def certain(template: Template, value: Json) -> Json:
    """A value that every stack of the template has; None for one that a parameter or the stack decides."""
    names = {*references(value)}
    is_open = names & template.values.parameters.keys() or any(name.startswith("AWS::") for name in names)
    return None if is_open else template.known(value)


def possible_values(template: Template, value: Json) -> list[str]:
    """The values that a string, or a reference to a parameter with AllowedValues, can have; none if unknown."""
    if isinstance(value, (str, int)):
        return [as_string(value)]
    name = value.get("Ref") if isinstance(value, dict) else None
    parameter = dict_or_empty(dict_or_empty(template.source.document.get("Parameters")).get(str(name)))
    return [as_string(each) for each in as_list(parameter.get("AllowedValues"))]


def machine_type(template: Template, machine: Resource) -> str:
    """STANDARD or EXPRESS, where it is certain; "" where a parameter decides."""
    kind = machine.properties.get("Type", machine.properties.get("StateMachineType", "STANDARD"))
    return str(certain(template, kind) or "")


def from_template(application: Application, path: Path) -> str:
    """A path as the template would write it: relative to the template's folder where it lies below."""
    folder = application.template.path.parent
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
