"""What several checks of a template need: findings at its lines, and what its values lead to."""

from __future__ import annotations

from pathlib import Path

from workflow_dsl.asl import Json
from workflow_dsl.codes import CODES
from workflow_dsl.deployment import Deployed, Stack
from workflow_dsl.findings import Finding, Key, Where
from workflow_dsl.template import Resource, Template
from workflow_dsl.template.values import attribute_of, listed


def finding_at(stack: Stack, code: str, keys: tuple[Key, ...], message: str, remedy: str) -> Finding:
    """A finding at what keys lead to in the template, or at the innermost thing around it that is there."""
    return Finding(code, CODES[code][0], Where(keys, place=stack.template.place_around(*keys)), message, remedy)


def substitution_keys(each: Deployed, name: str) -> tuple[Key, ...]:
    return (*each.keys, "Properties", "DefinitionSubstitutions", name)


def has_macros(template: Template) -> bool:
    """Whether something else than SAM adds to the template when it is deployed."""
    content = template.source.document
    transforms = listed(content.get("Transform"))
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
