"""A state machine's whole stanza in a template's YAML, and a template with its policies written in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Template
from workflow_dsl.application.template.attributes import has_attribute
from workflow_dsl.findings import Finding, FindingsError, Keys, Where
from workflow_dsl.permissions.grants import role_of
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


def with_policies(machine: TemplateMachine) -> str:
    """Return the template's text with the least policy of a state machine, or with the whole of a new one.

    Everything else stays as it is, comments included. Raises FindingsError for a template that is no YAML in block
    style, and for a machine with a role of its own.
    """
    template = machine.template
    keys: Keys = ("Resources", machine.logical_id, "Properties") if machine.is_in_template else ("Resources",)
    if machine.is_in_template and role_of(template, machine.logical_id) != f"{machine.logical_id}Role":
        raise _refused(machine, "it has a role of its own", "add the statements to the policies of that role")
    node = template.source.node(*keys)
    if node is None or node.id != "mapping" or node.flow_style or not node.value:
        raise _refused(machine, f"{keys[-1]} is not YAML in block style", "paste what `policies` prints")
    lines = template.source.text.splitlines(keepends=True)
    ending = "\r\n" if lines[0].endswith("\r\n") else "\n"
    new = as_yaml(least_privilege(machine)) if machine.is_in_template else ["", *stanza(machine)]
    indent = " " * node.value[0][0].start_mark.column
    start, end = _replaced(node, lines)
    text = [f"{indent}{line}{ending}" if line else ending for line in new]
    before = lines[:start]
    if before and not before[-1].endswith("\n"):
        before[-1] += ending
    return "".join([*before, *text, *lines[end:]])


def _replaced(properties: Any, lines: Sequence[str]) -> tuple[int, int]:
    """The lines of the property Policies; without it the place after the last property, as an empty range."""
    for key, value in properties.value:
        if key.value == "Policies":
            return key.start_mark.line, _end(key, value, lines)
    key, value = properties.value[-1]
    end = _end(key, value, lines)
    return end, end


def _end(key: Any, value: Any, lines: Sequence[str]) -> int:
    """The line after a value, without the blank lines and comments that follow it."""
    first, last = int(key.start_mark.line), value.end_mark
    ends_in_line = bool(last.column > key.start_mark.column or (value.id == "scalar" and last.column > 0))
    end = min(int(last.line) + ends_in_line, len(lines))
    while end - 1 > first and _is_blank(lines[end - 1]):
        end -= 1
    return max(end, first + 1)


def _is_blank(line: str) -> bool:
    text = line.strip()
    return not text or text.startswith("#")


def _refused(machine: TemplateMachine, why: str, remedy: str) -> FindingsError:
    message = f"{machine.logical_id}: its policies cannot be written in: {why}"
    return FindingsError([Finding("TEMPLATE", "error", Where(place=machine.place()), message, remedy)])
