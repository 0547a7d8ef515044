"""A state machine's whole stanza in a template's YAML."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Template
from workflow_dsl.application.template.attributes import has_attribute
from workflow_dsl.permissions.statements import as_yaml, least_privilege


def stanza(machine: TemplateMachine) -> list[str]:
    """Return the lines of a state machine's resource: its definition, substitutions and least policy.

    A substitution is what the workflow's reference means, else the resource that the placeholder is named after.
    """
    lines = [f"{_name(machine)}:", "  Type: AWS::Serverless::StateMachine", "  Properties:"]
    if isinstance(machine.resource.definition, Path):
        lines.append(f"    DefinitionUri: {_relative(machine.resource.definition, machine.template)}")
    substitutions = [f"      {name}: {value}" for name, value in _substitutions(machine)]
    lines += ["    DefinitionSubstitutions:", *substitutions] if substitutions else []
    return lines + [f"    {line}" for line in as_yaml(least_privilege(machine))]


def _name(machine: TemplateMachine) -> str:
    """Its logical ID: for a new one the name of its definition in capitalized words."""
    if machine.is_in_template:
        return machine.logical_id
    words = "".join(letter if letter.isalnum() else " " for letter in machine.logical_id).split()
    name = "".join(word[0].upper() + word[1:] for word in words)
    return name if name.endswith("StateMachine") else f"{name}StateMachine"


def _relative(path: Path, template: Template) -> str:
    folder = template.path.parent.absolute()
    absolute = path.absolute()
    return absolute.relative_to(folder).as_posix() if absolute.is_relative_to(folder) else str(path)


def _substitutions(machine: TemplateMachine) -> Iterator[tuple[str, str]]:
    for name in sorted(machine.placeholders):
        target = machine.reference_targets.get(name)
        yield _quoted(name), target.substitution if target else _guess(machine.template, name)


def _quoted(name: str) -> str:
    return f'"{name}"' if ":" in name else name


def _guess(template: Template, name: str) -> str:
    """The reference that a placeholder is named after: `!GetAtt Buyer.Arn` for BuyerArn, else `!Ref` of the name."""
    if name in template.resources or name in template.values.parameters or name.startswith("AWS::"):
        return f"!Ref {name}"
    owners = [each for each in template.resources if name.startswith(each)]
    owner = max(owners, key=len, default="")
    attribute = name.removeprefix(owner)
    if owner and has_attribute(template.resources[owner].type, attribute):
        return f"!GetAtt {owner}.{attribute}"
    return f"!Ref {owner or name}"
