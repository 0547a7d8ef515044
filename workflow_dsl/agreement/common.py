"""What several checks of a template need: findings at its lines, and what its values lead to."""

from __future__ import annotations

from pathlib import Path

from workflow_dsl.application.machines import Stack, TemplateMachine
from workflow_dsl.application.template import Resource, Template
from workflow_dsl.application.template.values import as_list, attribute_of
from workflow_dsl.definition.json import Json
from workflow_dsl.findings import CATALOG, Finding, Keys, Where


def finding_at(stack: Stack, code: str, keys: Keys, message: str, remedy: str) -> Finding:
    """A finding at what keys lead to in the template, or at the innermost thing around it that is there."""
    return Finding(code, CATALOG[code][0], Where(keys, place=stack.template.place_around(*keys)), message, remedy)


def substitution_keys(each: TemplateMachine, name: str) -> Keys:
    return (*each.keys, "Properties", "DefinitionSubstitutions", name)


def template_uses_macros(template: Template) -> bool:
    """Whether something else than SAM adds to the template when it is deployed."""
    content = template.source.document
    transforms = as_list(content.get("Transform"))
    is_own = any(each != "AWS::Serverless-2016-10-31" for each in transforms)
    return is_own or any(name.startswith("Fn::") for part in (content, content["Resources"]) for name in part)


def direct(template: Template, value: Json) -> tuple[Resource | None, str]:
    """The resource and the attribute of a plain Ref or GetAtt."""
    if not isinstance(value, dict) or len(value) != 1:
        return None, ""
    [(function, operand)] = value.items()
    if function == "Ref" and isinstance(operand, str):
        return template.resources.get(operand), "Ref"
    named = attribute_of(operand) if function == "Fn::GetAtt" else None
    return (template.resources.get(named[0]), named[1]) if named else (None, "")


def shown(stack: Stack, path: Path) -> str:
    """A path from the template's folder on."""
    folder = stack.template.path.parent
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else str(path)
