"""A template's text with the least policy of a state machine written in; everything else stays as it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from workflow_dsl.application.machines import TemplateMachine
from workflow_dsl.application.template import Template
from workflow_dsl.application.template.intrinsics import as_list
from workflow_dsl.application.template.resource_types import MACHINES
from workflow_dsl.findings import Finding, FindingsError, Keys, Where
from workflow_dsl.permissions.edits.comments import with_comments
from workflow_dsl.permissions.edits.json_edits import with_field
from workflow_dsl.permissions.grants import attached_policies, is_shared
from workflow_dsl.permissions.roles import role_of
from workflow_dsl.permissions.stanza import stanza
from workflow_dsl.permissions.statements import as_data, as_yaml, least_privilege
from workflow_dsl.records import Record

_PASTE = "paste what `policies` prints"


class _Field(Record):
    """A field to write: the keys of the object that has it, and its name. The role's own Policies have documents."""

    keys: Keys
    name: str
    is_of_role: bool = False


def with_policies(machine: TemplateMachine) -> str:
    """Return the template's text with the least policy of a state machine, or with the whole of a new one.

    The policy is written where the machine has it: its Policies in SAM, those of its role, or a policy that is attached
    to the role. Comments stay, those on a statement with the statement of the same actions. Raises FindingsError where
    that is not one place, or in YAML not in block style.
    """
    template = machine.template
    if not machine.is_in_template:
        return _in_yaml(machine, _Field(("Resources",), ""))
    field = _field(machine)
    if template.source.node() is None:
        return _in_json(machine, field)
    inner = template.source.node(*field.keys, field.name)
    if field.name == "PolicyDocument" and _is_block(inner):
        field = _Field((*field.keys, field.name), "Statement")
    return _in_yaml(machine, field)


def _field(machine: TemplateMachine) -> _Field:
    """The field that has the policy of a state machine's role."""
    template, role = machine.template, role_of(machine.template, machine.logical_id)
    if role == f"{machine.logical_id}Role" and role not in template.resources:
        return _Field((*machine.keys, "Properties"), "Policies")
    if role not in template.resources:
        raise _refused(machine, "its role is not in the template", "add the statements to the policies of that role")
    if is_shared(template, str(role)) or _machines_with(template, str(role)) > 1:
        raise _refused(machine, f"other resources use its role {role}", "give it its own role")
    properties: Keys = ("Resources", str(role), "Properties")
    own = as_list(template.resources[str(role)].properties.get("Policies"))
    attached = list(attached_policies(template, str(role)))
    places: list[_Field] = [_Field((*properties, "Policies", index), "PolicyDocument") for index in range(len(own))]
    places += [_Field(("Resources", each.logical_id, "Properties"), "PolicyDocument") for each in attached]
    if len(places) > 1 or any(len(as_list(each.properties.get("Roles"))) > 1 for each in attached):
        raise _refused(machine, f"{role} has several policies, or shares one", "add the statements to one of them")
    return places[0] if places else _Field(properties, "Policies", is_of_role=True)


def _machines_with(template: Template, role: str) -> int:
    machines = template.of_types(*MACHINES)
    return sum(role_of(template, each.logical_id) == role for each in machines)


def _in_json(machine: TemplateMachine, field: _Field) -> str:
    statements = as_data(least_privilege(machine))
    document = {"Version": "2012-10-17", "Statement": statements}
    policy = {"PolicyName": "least-privilege", "PolicyDocument": document} if field.is_of_role else document
    value = document if field.name == "PolicyDocument" else [policy] if statements else []
    try:
        return with_field(machine.template.source.text, field.keys, field.name, value)
    except (LookupError, ValueError):  # another tool wrote it, in another form
        raise _refused(machine, f"{field.keys[-1]} is not in the file", _PASTE) from None


def _in_yaml(machine: TemplateMachine, field: _Field) -> str:
    source = machine.template.source
    node = source.node(*field.keys)
    if not _is_block(node):
        raise _refused(machine, f"{field.keys[-1]} is not YAML in block style", _PASTE)
    lines = source.text.splitlines(keepends=True)
    ending = "\r\n" if lines[0].endswith("\r\n") else "\n"
    start, end = _replaced(node, field.name, lines)
    new = with_comments(_lines(machine, field), lines[start:end]) if field.name else ["", *stanza(machine)]
    indent = " " * node.value[0][0].start_mark.column
    text = [f"{indent}{line}{ending}" if line else ending for line in new]
    before = lines[:start]
    if before and not before[-1].endswith("\n"):
        before[-1] += ending
    return "".join([*before, *text, *lines[end:]])


def _is_block(node: Any) -> bool:
    return node is not None and node.id == "mapping" and not node.flow_style and bool(node.value)


def _lines(machine: TemplateMachine, field: _Field) -> list[str]:
    """The lines of the field."""
    policies = as_yaml(least_privilege(machine))
    if field.name == "Policies" and not field.is_of_role:
        return policies
    if len(policies) == 1:
        raise _refused(machine, "it needs no permission", "remove the policy")
    statements = ["Statement:", *(line[4:] for line in policies[2:])]
    if field.name == "Statement":
        return statements
    document = ["PolicyDocument:", '  Version: "2012-10-17"', *(f"  {line}" for line in statements)]
    if field.name == "PolicyDocument":
        return document
    return ["Policies:", "  - PolicyName: least-privilege", *(f"    {line}" for line in document)]


def _replaced(properties: Any, name: str, lines: Sequence[str]) -> tuple[int, int]:
    """The lines of a field; without it the place after the last one, as an empty range."""
    for key, value in properties.value:
        if key.value == name:
            return key.start_mark.line, _end(key, value, lines)
    key, value = properties.value[-1]
    end = _end(key, value, lines)
    return end, end


def _end(key: Any, value: Any, lines: Sequence[str]) -> int:
    """The line after a value, without the blank lines and comments that follow it."""
    first, last = int(key.start_mark.line), value.end_mark
    ends_in_line = bool(last.column > key.start_mark.column or (value.id == "scalar" and last.column > 0))
    end = min(int(last.line) + ends_in_line, len(lines))
    while end - 1 > first and re.fullmatch(r"\s*(#.*)?\s*", lines[end - 1]):
        end -= 1
    return max(end, first + 1)


def _refused(machine: TemplateMachine, why: str, remedy: str) -> FindingsError:
    message = f"{machine.logical_id}: its policies cannot be written in: {why}"
    return FindingsError([Finding("TEMPLATE", "error", Where(place=machine.place()), message, remedy)])
