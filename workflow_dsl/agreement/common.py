"""Helpers of several checks: findings at the template's lines, and the resource that a plain reference names."""

from __future__ import annotations

from pathlib import Path

from workflow_dsl.application.application import Application
from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.intrinsics import as_list, attribute_of
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import CATALOG, Finding, Keys, Where


def finding_at(application: Application, code: str, keys: Keys, message: str, remedy: str) -> Finding:
    """A finding at the line of keys in the template, or at the innermost line around it that exists."""
    where = Where(keys, place=application.template.place_around(*keys))
    return Finding(code, CATALOG[code][0], where, message, remedy)


def substitution_keys(machine: TemplateMachine, name: str) -> Keys:
    """The keys to a substitution in the template."""
    return (*machine.keys, "Properties", "DefinitionSubstitutions", name)


def template_uses_macros(template: Template) -> bool:
    """True if anything but SAM changes the template when it is deployed."""
    content = template.source.document
    transforms = as_list(content.get("Transform"))
    has_macro = any(transform != "AWS::Serverless-2016-10-31" for transform in transforms)
    return has_macro or any(name.startswith("Fn::") for part in (content, content["Resources"]) for name in part)


def created_by_sam(template: Template, name: str) -> bool:
    """True if SAM may create this resource: the names of its roles, aliases and stages begin with a SAM resource's."""
    resources = template.resources.items()
    return name.startswith(tuple(own for own, each in resources if each.type.startswith("AWS::Serverless::")))


def direct(template: Template, value: Json) -> tuple[Resource | None, str]:
    """The resource and the attribute of a plain Ref ("Ref") or GetAtt; None and "" for another value."""
    if not isinstance(value, dict) or len(value) != 1:
        return None, ""
    [(function, operand)] = value.items()
    if function == "Ref" and isinstance(operand, str):
        return template.resources.get(operand), "Ref"
    attribute = attribute_of(operand) if function == "Fn::GetAtt" else None
    return (template.resources.get(attribute[0]), attribute[1]) if attribute else (None, "")


def from_template(application: Application, path: Path) -> str:
    """A path as the template would write it: relative to the template's folder where it lies below."""
    folder = application.template.path.parent
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
